import { useCallback, useEffect, useRef, useState } from 'react'
import { follow, type Seen } from './follow.ts'
import type { Seat } from './seat.ts'
import { useClientState } from './use-client-state.ts'
import { stepsOf, type Step } from './way.ts'
import type { Dot } from './wire.tsx'

/** Dots that run at the same time: more cannot be told apart. */
const maxDots = 12

/** This page's clock, in milliseconds since 1970 with fractions. */
const pageNow = (): number => performance.timeOrigin + performance.now()

/** Follows the last message between two clients, by this page's clock. */
export function useWay(
  seats: readonly [Seat, Seat],
  connected: readonly [boolean, boolean],
): {
  readonly steps: readonly Step[]
  readonly dots: readonly Dot[]
  /** Who wrote last, and what; null before anybody did. */
  readonly author: string
  readonly text: string | null
  readonly onSend: (at: 0 | 1) => void
  readonly onDotEnd: (id: number) => void
} {
  const [first, second] = seats
  const [seen, setSeen] = useState<Seen>({ way: null, marks: [0, 0] })
  const [dots, setDots] = useState<readonly Dot[]>([])
  const sentAt = useRef<[number | null, number | null]>([null, null])
  const lastDot = useRef(0)
  const current = useRef(seen)

  const look = useCallback(() => {
    const states = [first.client.getSnapshot(), second.client.getSnapshot()] as const
    const next = follow(current.current, states, pageNow(), sentAt.current)
    if (next.seen === current.current) return
    if (next.seen.way?.key !== current.current.way?.key) sentAt.current = [null, null]
    current.current = next.seen
    setSeen(next.seen)
    const made = next.hops.map((hop) => ({ ...hop, id: (lastDot.current += 1) }))
    if (made.length > 0) setDots((present) => [...present, ...made].slice(-maxDots))
  }, [first, second])

  useEffect(() => {
    const stops = [first, second].map(({ client }) => client.subscribe(look))
    look()
    return () => {
      for (const stop of stops) stop()
    }
  }, [first, second, look])

  const states = [useClientState(first.client), useClientState(second.client)] as const
  const author = seen.way?.author === second.person.identity ? 1 : 0
  const [from, to] = author === 0 ? [states[0], states[1]] : [states[1], states[0]]
  const recipient = author === 0 ? second.person : first.person
  const channel = seen.way && from.channels.get(seen.way.channelId)
  const arrived = (seen.way && to.channels.get(seen.way.channelId)?.messages.at(-1)?.index) ?? -1
  return {
    steps: stepsOf(seen.way, {
      recipient: recipient.name,
      isAuthorConnected: connected[author],
      isRecipientConnected: connected[1 - author] ?? false,
      kept: channel?.pending.length ?? 0,
      queued: channel?.messages.filter(({ index }) => index > arrived).length ?? 0,
    }),
    dots,
    author: seats[author].person.identity,
    text: channel?.messages.findLast(({ clientMessageId }) => clientMessageId === seen.way?.key)?.body ?? null,
    onSend: (at) => {
      sentAt.current[at] = pageNow()
    },
    onDotEnd: useCallback((id: number) => setDots((present) => present.filter((dot) => dot.id !== id)), []),
  }
}
