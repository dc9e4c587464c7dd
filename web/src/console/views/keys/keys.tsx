import { KeysDocument } from '../../generated/keys.ts'
import type { KeyFieldsFragment } from '../../generated/types.ts'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { Sid } from '../../kit/sid.tsx'
import { When } from '../../kit/when.tsx'
import { keysTexts as texts } from '../../texts/en/keys.ts'
import { KeyDetail } from './key-detail.tsx'

const columns: readonly Column<KeyFieldsFragment>[] = [
  { head: texts.columns.name, cell: ({ friendlyName }) => friendlyName ?? texts.unnamed },
  { head: texts.columns.sid, cell: ({ id }) => <Sid id={id} />, width: '12rem' },
  { head: texts.columns.rate, cell: ({ rate }) => rateWords(rate), width: '9rem', phone: 'none' },
  { head: texts.columns.created, cell: ({ createdAt }) => <When at={createdAt} />, width: '8rem', phone: 'none' },
  {
    head: texts.columns.used,
    cell: ({ lastUsedAt }) => <When at={lastUsedAt} none={texts.neverUsed} />,
    width: '8rem',
    phone: 'end',
    align: 'end',
  },
]

export const rateWords = (rate: KeyFieldsFragment['rate']): string =>
  rate ? texts.rate(rate.limit, rate.seconds) : texts.noRate

/** The API keys of the account. */
export default function Keys() {
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={<DialogButton kind="main" label={texts.create} load={() => import('./create-key.tsx')} props={{}} />}
    >
      <List
        label={texts.title}
        document={KeysDocument}
        variables={{}}
        pick={({ apiKeys }) => apiKeys}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        detail={(id, close) => <KeyDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}
