import { EndSessionDocument, SessionsDocument } from '../../generated/sessions.ts'
import type { SessionsQuery } from '../../generated/types.ts'
import { ChangeButton } from '../../kit/change-button.tsx'
import { List, type Column } from '../../kit/list.tsx'
import { Page } from '../../kit/page.tsx'
import { State } from '../../kit/state.tsx'
import { When } from '../../kit/when.tsx'
import { sessionsTexts as texts } from '../../texts/en/sessions.ts'
import { browserName } from './browser-name.ts'

type Session = NonNullable<SessionsQuery['consoleSessions']>['nodes'][number]

const columns: readonly Column<Session>[] = [
  { head: texts.columns.who, cell: (session) => <Who session={session} /> },
  {
    head: texts.columns.browser,
    cell: ({ userAgent }) => <span title={userAgent ?? ''}>{browserName(userAgent) ?? texts.noBrowser}</span>,
  },
  { head: texts.columns.address, cell: ({ address }) => address, width: '11rem' },
  { head: texts.columns.used, cell: ({ lastUsedAt }) => <When at={lastUsedAt} />, width: '8rem' },
  { head: texts.columns.ends, cell: ({ expiresAt }) => <When at={expiresAt} />, width: '7rem', phone: 'none' },
  { head: texts.end, cell: (session) => <End session={session} />, width: '9rem', align: 'end', phone: 'end' },
]

/** How often the list is read again, in milliseconds: others sign in and out. */
const refetchMs = 15_000

/** Who is signed in to the console. */
export default function Sessions() {
  return (
    <Page title={texts.title} says={texts.says}>
      <List
        label={texts.title}
        document={SessionsDocument}
        variables={{}}
        pick={({ consoleSessions }) => consoleSessions}
        rowId={({ id }) => id}
        columns={columns}
        empty={texts.empty}
        // As many as an account can have.
        size={100}
        refetchMs={refetchMs}
      />
    </Page>
  )
}

function Who({ session: { apiKey, isCurrent } }: { readonly session: Session }) {
  const name = apiKey ? (apiKey.friendlyName ?? apiKey.id) : texts.authToken
  return isCurrent ? (
    <>
      {name} <State kind="good" words={texts.isCurrent} />
    </>
  ) : (
    name
  )
}

function End({ session: { id, isCurrent } }: { readonly session: Session }) {
  return (
    <ChangeButton
      label={texts.end}
      document={EndSessionDocument}
      variables={{ input: { consoleSessionId: id } }}
      ask={{ title: texts.endTitle, says: isCurrent ? texts.endOwnSays : texts.endSays }}
      done={texts.ended}
    />
  )
}
