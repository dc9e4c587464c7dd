import { useCallback, useEffect, useState } from 'react'
import { Boundary } from './boundary.tsx'
import { Demo } from './demo/demo.tsx'
import { Top } from './demo/top.tsx'
import { askDemoUsers, type DemoAnswer } from './session/demo-users.ts'
import { ServerAway, SignIn } from './session/sign-in.tsx'
import { Announcer } from './ui/announcer.tsx'

/** How often a server that is away is asked again. */
const againMs = 3000

/** The page: two ready users side by side, or whoever signs in with a token. */
export function Root() {
  const [answer, setAnswer] = useState<DemoAnswer | null>(null)
  const ask = useCallback(() => {
    askDemoUsers().then(setAnswer, () => setAnswer({ kind: 'away' }))
  }, [])
  useEffect(ask, [ask])
  useEffect(() => {
    if (answer?.kind !== 'away') return
    const timer = setInterval(ask, againMs)
    return () => clearInterval(timer)
  }, [answer, ask])
  return (
    <Boundary>
      <Announcer>
        {answer === null || answer.kind === 'users' ? (
          <Demo users={answer?.users ?? null} />
        ) : (
          <div className="page">
            <Top says="A chat server of one's own." />
            {answer.kind === 'none' ? <SignIn onToken={() => {}} /> : <ServerAway onRetry={ask} />}
          </div>
        )}
      </Announcer>
    </Boundary>
  )
}
