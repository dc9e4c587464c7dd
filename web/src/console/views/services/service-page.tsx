import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { DeleteServiceDocument, ServiceSettingsDocument, UpdateServiceDocument } from '../../generated/services.ts'
import type { ServiceSettingsQuery } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { later } from '../../kit/later.tsx'
import { Page, Section } from '../../kit/page.tsx'
import { Sid } from '../../kit/sid.tsx'
import { To } from '../../kit/to.tsx'
import { useUrl } from '../../kit/url.ts'
import { useChange } from '../../kit/use-change.ts'
import { useData } from '../../kit/use-data.ts'
import { Age, Loaded, Nothing, Problem } from '../../kit/waiting.tsx'
import { servicesTexts as texts } from '../../texts/en/services.ts'
import { SettingControl } from './setting-control.tsx'
import {
  descriptionOf,
  isSame,
  settings,
  storedValue,
  toInput,
  valueWords,
  type GroupName,
  type Path,
  type Service,
  type Value,
} from './settings.ts'
import { WebhookFacts } from './webhook-facts.tsx'
import './service-page.css'

const Confirm = later(() => import('../../../ui/confirm.tsx'))

/** One service: all its settings, each with what it does and its default. */
export default function ServicePage({ id }: { readonly id: string }) {
  const data = useData(ServiceSettingsDocument, { id })
  const service = data.data?.service
  return (
    <Page
      title={service?.friendlyName ?? texts.title}
      says={
        <>
          <To path="/services">{texts.back}</To> · <Sid id={id} /> · {texts.effect} <Age of={data} />
        </>
      }
      actions={service && <Actions service={service} />}
    >
      <Loaded from={data} height="40rem">
        {(types) =>
          types.service ? (
            <Settings types={types} service={types.service} />
          ) : (
            <Nothing>
              <p>{texts.gone}</p>
            </Nothing>
          )
        }
      </Loaded>
    </Page>
  )
}

function Actions({ service: { id, friendlyName, isDefault } }: { readonly service: Service }) {
  const url = useUrl()
  return (
    <>
      {!isDefault && (
        <ChangeButton
          label={texts.delete}
          document={DeleteServiceDocument}
          variables={{ input: { serviceId: id } }}
          ask={{ title: texts.deleteTitle(friendlyName), says: texts.deleteSays, phrase: friendlyName }}
          done={texts.deleted}
          onDone={() => url.go('/services')}
        />
      )}
      {url.get('service') !== id && !isDefault && <Button onClick={() => url.set({ service: id })}>{texts.use}</Button>}
    </>
  )
}

function Settings({ types, service }: { readonly types: ServiceSettingsQuery; readonly service: Service }) {
  const [edits, setEdits] = useState<ReadonlyMap<Path, Value>>(new Map())
  const [isAsking, setIsAsking] = useState(false)
  const change = useChange(UpdateServiceDocument, { done: texts.saved, onRead: () => setEdits(new Map()) })
  const edit = (path: Path, value: Value): void => {
    const next = new Map(edits)
    // What is as it was is no edit.
    if (isSame(value, storedValue(service, path))) next.delete(path)
    else next.set(path, value)
    setEdits(next)
  }
  const groups = Object.keys(settings) as GroupName[]
  const all = groups.flatMap((group) => settings[group])
  const isPlaced = all.some(({ path }) => change.problemOf(path) !== undefined)
  return (
    <>
      {groups.map((group) => (
        <Section key={group} title={texts.groups[group]}>
          {settings[group].map((setting) => (
            <SettingControl
              key={setting.path}
              setting={setting}
              service={service}
              events={types.events?.enumValues?.map(({ name }) => name) ?? []}
              description={descriptionOf(types, setting.path)}
              value={edits.has(setting.path) ? edits.get(setting.path)! : storedValue(service, setting.path)}
              isEdited={edits.has(setting.path)}
              problem={change.problemOf(setting.path)}
              onChange={(value) => edit(setting.path, value)}
            />
          ))}
          {group === 'webhooks' && <WebhookFacts service={service} />}
        </Section>
      ))}
      {edits.size > 0 && (
        <div className="save-bar" role="region" aria-label={texts.save}>
          <p>{texts.edits(edits.size)}</p>
          {!isPlaced && <Problem error={change.error} />}
          <Button
            onClick={() => {
              setEdits(new Map())
              change.reset()
            }}
          >
            {texts.discard}
          </Button>
          <Button kind="main" aria-haspopup="dialog" onClick={() => setIsAsking(true)}>
            {texts.review}
          </Button>
        </div>
      )}
      {isAsking && (
        <Confirm
          title={texts.saveTitle}
          says={<Differences edits={edits} service={service} />}
          action={texts.save}
          keep={texts.discardNot}
          // What is wrong is said beside the field that it is about.
          onConfirm={() => change.run({ input: { serviceId: service.id, ...toInput(edits) } }).catch(() => {})}
          onClose={() => setIsAsking(false)}
        />
      )}
    </>
  )
}

/** What will change: from what to what. */
function Differences({ edits, service }: { readonly edits: ReadonlyMap<Path, Value>; readonly service: Service }) {
  const changed = Object.values(settings)
    .flat()
    .filter(({ path }) => edits.has(path))
  return (
    <span className="differences">
      {changed.map((setting) => (
        <span key={setting.path} className="difference">
          <b>{texts.names[setting.path]}</b>
          <s>{valueWords(setting, storedValue(service, setting.path), service)}</s>
          <span>{valueWords(setting, edits.get(setting.path) ?? null, service)}</span>
        </span>
      ))}
    </span>
  )
}
