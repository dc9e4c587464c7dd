import { QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { Router } from 'wouter'
import { Announcer } from '../../ui/announcer.tsx'
import { Dialogs } from '../kit/dialogs.tsx'
import { Notices } from '../kit/notices.tsx'
import { ViewBoundary } from './boundary.tsx'
import { Frame } from './frame.tsx'
import { createQueryClient } from './query-client.ts'
import { useSession } from './session.ts'
import { Away, SignIn, SignInAgain } from './sign-in.tsx'

/** What the server shows at `/console`. */
export function Console() {
  const [client] = useState(createQueryClient)
  return (
    <ViewBoundary>
      <QueryClientProvider client={client}>
        <Announcer>
          <Notices>
            <Router base="/console">
              <Gate />
            </Router>
          </Notices>
        </Announcer>
      </QueryClientProvider>
    </ViewBoundary>
  )
}

/** Asks who has not signed in; the address stays. */
function Gate() {
  const { session, error, ask } = useSession()
  if (session) {
    return (
      <>
        <Dialogs key={session.consoleSession?.credential}>
          <Frame session={session} />
        </Dialogs>
        {session.hasEnded && <SignInAgain />}
      </>
    )
  }
  if (session === null) return <SignIn />
  return error ? <Away error={error} onRetry={ask} /> : null
}
