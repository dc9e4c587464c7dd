import type { Client } from '@fonechat/client'
import { useLocation, useSearch } from 'wouter'
import { personOf } from '../chat/live/names.ts'
import { useClientState } from '../chat/live/use-client.ts'
import { Pane } from '../chat/pane.tsx'
import { parsePlaces, placeHref } from '../routes.ts'
import { Button } from '../ui/button.tsx'
import { SignIn } from './sign-in.tsx'
import './session.css'

/** One person's chat, with a token that was pasted. When it ends, another one is asked for. */
export function SignedIn({
  client,
  identity,
  onToken,
  onSignOut,
}: {
  readonly client: Client
  readonly identity: string
  readonly onToken: (token: string) => void
  readonly onSignOut: () => void
}) {
  const { connection, channels } = useClientState(client)
  const [path] = useLocation()
  const { first } = parsePlaces(path, useSearch())
  if (connection.status === 'refused') {
    return (
      <SignIn
        says={connection.reason === 'token' ? 'The token has ended, or is none.' : connection.message}
        onToken={onToken}
      />
    )
  }
  const own = [...channels.values()]
    .map(({ members }) => members.get(identity)?.user)
    .find((user) => user !== undefined)
  return (
    <main className="session-chat">
      <Pane
        client={client}
        person={own ? personOf(own) : { identity, name: identity }}
        place={first}
        hrefOf={placeHref}
        isBehind={false}
        onUse={() => {}}
        onSearch={() => {}}
        about={
          <Button className="session-out" onClick={onSignOut}>
            Sign out
          </Button>
        }
      />
    </main>
  )
}
