import { browserEnv, ChatError, createClient, type TokenReason } from '@fonechat/client'
import { edits } from '@fonechat/client/edits'
import { later } from '@fonechat/client/later'
import { mentions } from '@fonechat/client/mentions'
import { people } from '@fonechat/client/people'
import { pins } from '@fonechat/client/pins'
import { ChatProvider } from '@fonechat/client/react'
import { search } from '@fonechat/client/search'
import { threads } from '@fonechat/client/threads'
import { useCallback, useEffect, useState } from 'react'
import { Boundary } from './boundary.tsx'
import type { PageClient } from './chat/live/page-client.ts'
import { Demo, DemoRoom } from './demo/demo.tsx'
import { Frames } from './demo/frames.ts'
import type { Seat } from './demo/seat.ts'
import { askDemoUsers, freshDemoToken, type DemoUser } from './session/demo-users.ts'
import { ServerAway, SignIn } from './session/sign-in.tsx'
import { SignedIn } from './session/signed-in.tsx'
import { identityIn } from './session/token.ts'
import { Announcer } from './ui/announcer.tsx'
import { Top } from './ui/top.tsx'

/** How often a server that is away is asked again. */
const againMs = 3000

const pageModules = () => [people(), search(), pins(), edits(), later(), mentions(), threads()] as const

type Shown =
  | { readonly kind: 'asking' | 'away' }
  | { readonly kind: 'none'; readonly says?: string }
  | { readonly kind: 'one'; readonly identity: string; readonly client: PageClient }
  | { readonly kind: 'users'; readonly seats: readonly [Seat, Seat] }

/** The page: two demo users side by side, or whoever signs in with a token. */
export function Root() {
  const [shown, setShown] = useState<Shown>({ kind: 'asking' })
  const ask = useCallback(() => {
    void askDemoUsers().then((answer) => {
      const [first, second] = answer.kind === 'users' ? answer.users : []
      if (first && second) setShown({ kind: 'users', seats: seatsOf(first, second) })
      else setShown({ kind: answer.kind === 'away' ? 'away' : 'none' })
    })
  }, [])
  useEffect(ask, [ask])
  useEffect(() => {
    if (shown.kind !== 'away') return
    const timer = setInterval(ask, againMs)
    return () => clearInterval(timer)
  }, [shown, ask])
  const signIn = (token: string): void => {
    const identity = identityIn(token)
    if (shown.kind === 'one') void shown.client.close()
    if (identity === null) setShown({ kind: 'none', says: 'This is no access token.' })
    else
      setShown({
        kind: 'one',
        identity,
        client: createClient({ identity, modules: pageModules(), token: ({ reason }) => pasted(token, reason) }),
      })
  }
  return (
    <Boundary>
      <Announcer>
        {shown.kind === 'users' ? (
          <Demo seats={shown.seats} frames={frames} />
        ) : (
          <div className="page">
            <Top says={shown.kind === 'asking' ? '' : 'A chat server of one’s own.'} />
            {shown.kind === 'asking' && <DemoRoom />}
            {shown.kind === 'none' && <SignIn says={shown.says} onToken={signIn} />}
            {shown.kind === 'one' && (
              <ChatProvider client={shown.client}>
                <SignedIn
                  identity={shown.identity}
                  onToken={signIn}
                  onSignOut={() => {
                    void shown.client.signOut()
                    setShown({ kind: 'none' })
                  }}
                />
              </ChatProvider>
            )}
            {shown.kind === 'away' && <ServerAway onRetry={ask} />}
          </div>
        )}
      </Announcer>
    </Boundary>
  )
}

/** A pasted token is all there is: where another is wanted it has ended. */
function pasted(token: string, reason: TokenReason): string {
  if (reason === 'connect') return token
  throw new ChatError('UNAUTHENTICATED', 'the token has ended')
}

/** The seats of this page, once: clients stand outside of React, which mounts twice in development. */
let seats: readonly [Seat, Seat] | undefined
const frames = new Frames()

function seatsOf(first: DemoUser, second: DemoUser): readonly [Seat, Seat] {
  seats ??= [seatOf(first), seatOf(second)]
  return seats
}

function seatOf({ identity, friendlyName, token }: DemoUser): Seat {
  // The token that came with the answer is good for the first connection.
  let ready: string | undefined = token
  const client = createClient({
    otherUsers: 'keep',
    identity,
    env: frames.tap(browserEnv(), identity),
    modules: pageModules(),
    token: () => {
      const first = ready
      ready = undefined
      return first ?? freshDemoToken(identity)
    },
  })
  return { person: { identity, name: friendlyName }, client, token: () => freshDemoToken(identity) }
}
