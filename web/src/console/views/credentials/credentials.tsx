import { CredentialsDocument } from '../../generated/credentials.ts'
import type { CredentialFieldsFragment, CredentialsQuery } from '../../generated/types.ts'
import { DialogButton } from '../../kit/dialog-button.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { Sid } from '../../kit/sid.tsx'
import { When } from '../../kit/when.tsx'
import { credentialsTexts as texts } from '../../texts/en/credentials.ts'
import { CredentialDetail } from './credential-detail.tsx'

const columns: readonly Column<CredentialFieldsFragment>[] = [
  { head: texts.columns.name, cell: ({ friendlyName }) => friendlyName ?? texts.unnamed },
  { head: texts.columns.sid, cell: ({ id }) => <Sid id={id} />, width: '12rem' },
  { head: texts.columns.type, cell: ({ type }) => texts.types[type], width: '10rem' },
  {
    head: texts.columns.updated,
    cell: ({ updatedAt }) => <When at={updatedAt} />,
    width: '8rem',
    align: 'end',
    phone: 'end',
  },
]

/** The push credentials of the account. */
export default function Credentials() {
  return (
    <Page
      title={texts.title}
      says={texts.says}
      actions={
        <DialogButton kind="main" label={texts.create} load={() => import('./create-credential.tsx')} props={{}} />
      }
    >
      <List
        label={texts.title}
        document={CredentialsDocument}
        variables={{}}
        pick={pick}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        detail={(id, close) => <CredentialDetail key={id} id={id} onClose={close} />}
      />
    </Page>
  )
}

const pick = ({ credentials }: CredentialsQuery) => credentials
