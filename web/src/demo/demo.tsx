import { useState } from 'react'
import type { DemoUser } from '../session/demo-users.ts'
import { Pane } from './pane.tsx'
import { Top } from './top.tsx'
import { stepsOf } from './way.ts'
import { Wire } from './wire.tsx'
import './demo.css'

const ready = [
  { identity: 'alice', name: 'Alice' },
  { identity: 'bob', name: 'Bob' },
] as const

/** Two people and the wire between them. Until the server named them, the room that they will have. */
export function Demo({ users }: { readonly users: readonly DemoUser[] | null }) {
  const [front, setFront] = useState<0 | 1>(0)
  const people = ready.map((person, at) => {
    const user = users?.[at]
    return user ? { identity: user.identity, name: user.friendlyName } : person
  })
  const [first = ready[0], second = ready[1]] = people
  return (
    <div className="page">
      <Top says="Two people, one channel. Pull a plug and watch nothing get lost.">
        <div className="people-switch" role="group" aria-label="Whose pane is shown">
          {[first, second].map(({ identity, name }, at) => (
            <button key={identity} type="button" aria-pressed={front === at} onClick={() => setFront(at === 0 ? 0 : 1)}>
              {name}
            </button>
          ))}
        </div>
      </Top>
      <main className="demo">
        <Pane person={first} isBehind={front !== 0} />
        <Wire
          people={[first, second]}
          connected={[false, false]}
          steps={stepsOf(null, {
            recipient: second.name,
            isAuthorConnected: false,
            isRecipientConnected: false,
            kept: 0,
            queued: 0,
          })}
          dots={[]}
          onDotEnd={() => {}}
          onCode={() => {}}
        />
        <Pane person={second} isBehind={front !== 1} />
      </main>
    </div>
  )
}
