import { useRef, useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { DeleteServiceDocument, ServiceSettingsDocument, UpdateServiceDocument } from '../../generated/services.ts'
import type { ServiceSettingsQuery, WebhookEvent } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { Page, Section } from '../../kit/page.tsx'
import { Sid } from '../../kit/sid.tsx'
import { To } from '../../kit/to.tsx'
import { useUrl } from '../../kit/url.ts'
import { useChange } from '../../kit/use-change.ts'
import { useData } from '../../kit/use-data.ts'
import { Age, Loaded, Nothing, Problem } from '../../kit/waiting.tsx'
import { servicesTexts as texts } from '../../texts/en/services.ts'
import { Differences } from './differences.tsx'
import { SettingControl } from './setting-control.tsx'
import {
  edited,
  editedValue,
  isEdited,
  settings,
  toInput,
  withoutStored,
  type Edits,
  type GroupName,
  type Path,
  type Service,
  type Value,
} from './settings.ts'
import { WebhookFacts } from './webhook-facts.tsx'
import { WebhookTargets } from './webhook-targets.tsx'
import '../../kit/save-bar.css'
import './service-page.css'

/** How often what is stored is read again while something is not saved, in milliseconds. */
const rereadMs = 5000

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
  const [written, setWritten] = useState<Edits>(new Map())
  const saved = useRef<Edits>(new Map())
  const change = useChange(UpdateServiceDocument, {
    done: texts.saved,
    // What was written while it was saved is kept.
    onRead: () => setWritten((now) => new Map([...now].filter(([path, value]) => saved.current.get(path) !== value))),
  })
  const edits = withoutStored(written, service)
  // What another person saves meanwhile is shown before it is written over.
  useData(ServiceSettingsDocument, { id: service.id }, { refetchMs: rereadMs, enabled: edits.size > 0 })
  const edit = (path: Path, value: Value): void => setWritten((before) => edited(before, service, path, value))
  const save = (): Promise<unknown> => {
    saved.current = edits
    // What is wrong is said beside the field that it is about.
    return change.run({ input: { serviceId: service.id, ...toInput(edits, service) } }).catch(() => {})
  }
  const groups = Object.keys(settings) as GroupName[]
  const all = groups.flatMap((group) => settings[group])
  const targetProblem = change.problemOf('webhooks.targets')
  const isPlaced = targetProblem !== undefined || all.some(({ path }) => change.problemOf(path) !== undefined)
  return (
    <>
      {groups.map((group) => (
        <Section key={group} title={texts.groups[group]}>
          {settings[group].map((setting) => (
            <SettingControl
              key={setting.path}
              setting={setting}
              service={service}
              events={eventsOf(types)}
              value={editedValue(edits, service, setting.path)}
              isEdited={isEdited(edits, setting.path)}
              problem={change.problemOf(setting.path)}
              onChange={(value) => edit(setting.path, value)}
            />
          ))}
          {group === 'webhooks' && (
            <>
              <WebhookTargets
                service={service}
                edits={edits}
                events={eventsOf(types)}
                problem={targetProblem}
                onChange={edit}
              />
              <WebhookFacts id={service.id} />
            </>
          )}
        </Section>
      ))}
      {edits.size > 0 && (
        <div className="save-bar" role="region" aria-label={texts.save}>
          <p>{texts.edits(edits.size)}</p>
          {!isPlaced && <Problem error={change.error} />}
          <Button
            onClick={() => {
              setWritten(new Map())
              change.reset()
            }}
          >
            {texts.discard}
          </Button>
          <DialogButton
            kind="main"
            label={texts.review}
            isEager
            load={() => import('../../../ui/confirm.tsx')}
            props={{
              title: texts.saveTitle,
              says: <Differences edits={edits} service={service} />,
              action: texts.save,
              keep: texts.discardNot,
              onConfirm: save,
            }}
          />
        </div>
      )}
    </>
  )
}

const eventsOf = ({ events }: ServiceSettingsQuery): readonly WebhookEvent[] =>
  events?.enumValues?.map(({ name }) => name as WebhookEvent) ?? []
