import type { CSSProperties } from 'react'
import type { Person } from '../chat/model.ts'
import { personColor } from '../lib/people.ts'
import type { Step } from './way.ts'
import './wire.css'

/** A message on the wire: which half it runs along, and which way. */
export interface Dot {
  readonly id: number
  readonly author: string
  readonly half: 'first' | 'second'
  readonly direction: 'in' | 'out'
}

export interface WireProps {
  readonly people: readonly [Person, Person]
  readonly connected: readonly [boolean, boolean]
  readonly steps: readonly Step[]
  readonly dots: readonly Dot[]
  readonly onDotEnd: (id: number) => void
  /** Whether the drawer with the code is open. */
  readonly hasCode: boolean
  readonly onCode: () => void
}

/** The server between two people, and the way of the last message by one clock: this page's. */
export function Wire({ people, connected, steps, dots, onDotEnd, hasCode, onCode }: WireProps) {
  const last = Math.max(
    0,
    steps.findLastIndex(({ isDone, isWaiting }) => isDone || isWaiting),
  )
  return (
    <aside className="wire" aria-label="The way of the last message">
      <div className="wire-line">
        <span className="wire-half" data-connected={connected[0]}>
          <span className="unseen">{`${people[0].name} is ${connected[0] ? 'connected' : 'disconnected'}.`}</span>
        </span>
        <span className="wire-server">server</span>
        <span className="wire-half" data-connected={connected[1]}>
          <span className="unseen">{`${people[1].name} is ${connected[1] ? 'connected' : 'disconnected'}.`}</span>
        </span>
        {dots.map(({ id, author, half, direction }) => (
          <span
            key={id}
            className="wire-dot"
            data-half={half}
            data-direction={direction}
            style={{ '--dot': personColor(author) } as CSSProperties}
            onAnimationEnd={() => onDotEnd(id)}
          />
        ))}
      </div>
      <ol className="way">
        {steps.map(({ name, text, isDone, isWaiting }, at) => (
          <li
            key={name}
            data-done={isDone || undefined}
            data-waiting={isWaiting || undefined}
            data-last={at === last || undefined}
          >
            <b>{name}</b>
            <span>{text}</span>
          </li>
        ))}
      </ol>
      <button type="button" className="wire-code" aria-expanded={hasCode} onClick={onCode}>
        code
      </button>
    </aside>
  )
}
