import { formatClock, formatSpan } from '../lib/format.ts'

/** The way of one message, by one clock: that of this page, in milliseconds since 1970 with fractions. Null: not yet. */
export interface Way {
  readonly key: string
  /** Whose message it is. */
  readonly author: string
  readonly sentAt: number
  readonly acceptedAt: number | null
  readonly index: number | null
  /** When the other one's client had it. */
  readonly deliveredAt: number | null
  /** When the server knew that the other one's client keeps it. */
  readonly confirmedAt: number | null
  readonly readAt: number | null
}

/** A station of the way, in words. */
export interface Step {
  readonly name: 'sent' | 'accepted' | 'queued' | 'delivered' | 'confirmed' | 'read'
  readonly text: string
  readonly isDone: boolean
  /** Whether the message waits here because of a pulled plug. */
  readonly isWaiting: boolean
}

/** What the way depends on besides the message. */
export interface Ends {
  /** The name of the one who is to get it. */
  readonly recipient: string
  readonly isAuthorConnected: boolean
  readonly isRecipientConnected: boolean
  /** Messages that the author's outbox keeps. */
  readonly kept: number
  /** Messages that the server keeps for the recipient. */
  readonly queued: number
}

/** The stations of a way. Without a message they say what would be measured. */
export function stepsOf(way: Way | null, ends: Ends): readonly Step[] {
  const { recipient } = ends
  const since = (at: number): string => formatSpan(Math.max(0, at - (way?.sentAt ?? at)))
  const isStuckAtAuthor = way !== null && way.acceptedAt === null && !ends.isAuthorConnected
  const isQueued = way !== null && way.acceptedAt !== null && way.deliveredAt === null && !ends.isRecipientConnected
  return [
    {
      name: 'sent',
      text: way ? formatClock(new Date(way.sentAt)) : 'write something',
      isDone: way !== null,
      isWaiting: false,
    },
    {
      name: 'accepted',
      text: way?.acceptedAt
        ? `${since(way.acceptedAt)} · index ${way.index ?? 0}`
        : isStuckAtAuthor
          ? `${ends.kept} kept until back`
          : 'by the server',
      isDone: way !== null && way.acceptedAt !== null,
      isWaiting: isStuckAtAuthor,
    },
    {
      name: 'queued',
      text: isQueued
        ? `${recipient} · ${ends.queued} waiting`
        : way?.deliveredAt
          ? 'nothing waits'
          : `for ${recipient}`,
      isDone: way !== null && way.deliveredAt !== null,
      isWaiting: isQueued,
    },
    {
      name: 'delivered',
      text: way?.deliveredAt ? `${recipient} ${since(way.deliveredAt)}` : `to ${recipient}`,
      isDone: way !== null && way.deliveredAt !== null,
      isWaiting: false,
    },
    {
      name: 'confirmed',
      text: way?.confirmedAt ? since(way.confirmedAt) : isQueued ? `when ${recipient} answers` : `by ${recipient}`,
      isDone: way !== null && way.confirmedAt !== null,
      isWaiting: false,
    },
    {
      name: 'read',
      text: way?.readAt ? `${recipient} ${since(way.readAt)}` : `by ${recipient}`,
      isDone: way !== null && way.readAt !== null,
      isWaiting: false,
    },
  ]
}
