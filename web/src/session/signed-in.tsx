import { lazy, Suspense, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { personOf } from '../chat/live/names.ts'
import type { PageClient } from '../chat/live/page-client.ts'
import { useClientState } from '../chat/live/use-client.ts'
import { Pane } from '../chat/pane.tsx'
import { useSwitcherKey } from '../lib/hotkeys.ts'
import { parsePlaces, placeHref } from '../routes.ts'
import { Button } from '../ui/button.tsx'
import { SignIn } from './sign-in.tsx'
import './session.css'

const Switcher = lazy(() => import('../chat/search/switcher.tsx'))

/** One person's chat, with a token that was pasted. When it ends, another one is asked for. */
export function SignedIn({
  client,
  identity,
  onToken,
  onSignOut,
}: {
  readonly client: PageClient
  readonly identity: string
  readonly onToken: (token: string) => void
  readonly onSignOut: () => void
}) {
  const { connection, channels } = useClientState(client)
  const [path, navigate] = useLocation()
  const [isSearching, setSearching] = useState(false)
  useSwitcherKey(() => setSearching(true))
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
  const person = own ? personOf(own) : { identity, name: identity }
  return (
    <main className="session-chat">
      <Pane
        client={client}
        person={person}
        place={first}
        hrefOf={placeHref}
        isHalf={false}
        isBehind={false}
        onUse={() => {}}
        onSearch={() => setSearching(true)}
        onOpen={(place) => navigate(placeHref(place))}
        about={
          <Button className="session-out" onClick={onSignOut}>
            Sign out
          </Button>
        }
      />
      {isSearching && (
        <Suspense fallback={null}>
          <Switcher
            client={client}
            self={person}
            onOpen={(place) => navigate(placeHref(place))}
            onClose={() => setSearching(false)}
          />
        </Suspense>
      )}
    </main>
  )
}
