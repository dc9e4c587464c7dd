import { DeleteKeyDocument, KeyDocument } from '../../generated/keys.ts'
import type { KeyFieldsFragment } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { Detail } from '../../kit/detail.tsx'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { Sid } from '../../kit/sid.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { keysTexts as texts } from '../../texts/en/keys.ts'

/** One API key. */
export function KeyDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(KeyDocument, { id })
  const key = data.data?.apiKey
  const name = key?.friendlyName ?? texts.unnamed
  return (
    <Detail
      title={name}
      above={<Sid id={id} />}
      onClose={onClose}
      actions={key && <KeyActions apiKey={key} name={name} onClose={onClose} />}
    >
      <Loaded from={data} height="8rem">
        {({ apiKey }) => (apiKey ? <KeyFacts apiKey={apiKey} /> : <Nothing>{texts.gone}</Nothing>)}
      </Loaded>
    </Detail>
  )
}

function KeyFacts({ apiKey: { rate, lastUsedAt, createdAt } }: { readonly apiKey: KeyFieldsFragment }) {
  return (
    <Facts>
      <Fact name={texts.columns.used}>
        <When at={lastUsedAt} none={texts.neverUsed} />
      </Fact>
      <Fact name={texts.columns.rate}>{rate ? texts.rate(rate.limit, rate.seconds) : texts.noRate}</Fact>
      <Fact name={texts.columns.created}>
        <When at={createdAt} />
      </Fact>
    </Facts>
  )
}

function KeyActions({
  apiKey,
  name,
  onClose,
}: {
  readonly apiKey: KeyFieldsFragment
  readonly name: string
  readonly onClose: () => void
}) {
  return (
    <>
      <DialogButton label={texts.edit} load={() => import('./edit-key.tsx')} props={{ apiKey }} />
      <ChangeButton
        label={texts.delete}
        document={DeleteKeyDocument}
        variables={{ input: { apiKeyId: apiKey.id } }}
        ask={{ title: texts.deleteTitle(name), says: texts.deleteSays }}
        done={texts.deleted}
        onDone={onClose}
      />
    </>
  )
}
