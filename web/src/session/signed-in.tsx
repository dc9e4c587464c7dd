import type { State, User } from '@fonechat/client'
import { useConnection, useSelection } from '@fonechat/client/react'
import { lazy, Suspense, useCallback, useState } from 'react'
import { useLocation } from 'wouter'
import { personOf } from '../chat/live/names.ts'
import { Pane } from '../chat/pane.tsx'
import { useSwitcherKey } from '../lib/hotkeys.ts'
import { placeHref } from '../routes.ts'
import { Button } from '../ui/button.tsx'
import { usePlaces } from '../use-places.ts'
import { SignIn } from './sign-in.tsx'
import './session.css'

const Switcher = lazy(() => import('../chat/search/switcher.tsx'))

/** One person's chat, with a token that was pasted. When it ends, another one is asked for. */
export function SignedIn({
  identity,
  onToken,
  onSignOut,
}: {
  readonly identity: string
  readonly onToken: (token: string) => void
  readonly onSignOut: () => void
}) {
  const connection = useConnection()
  const own = useSelection(useCallback(({ channels }: State) => userIn(channels, identity), [identity]))
  const [, navigate] = useLocation()
  const [isSearching, setSearching] = useState(false)
  useSwitcherKey(() => setSearching(true))
  const { first } = usePlaces()
  if (connection.status === 'refused') {
    return (
      <SignIn
        says={connection.reason === 'token' ? 'The token has ended, or is none.' : connection.message}
        onToken={onToken}
      />
    )
  }
  if (connection.status === 'closed') return <SignIn says="You signed out in another tab." onToken={onToken} />
  const person = own ? personOf(own) : { identity, name: identity }
  return (
    <main className="session-chat">
      <Pane
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
          <Switcher self={person} onOpen={(place) => navigate(placeHref(place))} onClose={() => setSearching(false)} />
        </Suspense>
      )}
    </main>
  )
}

/** The user as some channel knows it. */
function userIn(channels: State['channels'], identity: string): User | undefined {
  for (const { members } of channels.values()) {
    const user = members.get(identity)?.user
    if (user) return user
  }
  return undefined
}
