import type { StreamRequest } from '../../domain/realtime/stream.ts'
import type { UserEventType } from '../../domain/realtime/user-stream.ts'
import type { ChannelEventType } from '../../model/event.ts'

/** The part of a channel's stream that a subscription field delivers. Stands in the field's extensions as `stream`. */
export interface StreamField {
  readonly mode: StreamRequest['mode']
  /** The events it delivers; undefined delivers all, beginning with Ready. */
  readonly eventTypes: ReadonlySet<ChannelEventType> | undefined
}

/** The changes of a user that a subscription field delivers. Stands in the field's extensions as `userStream`. */
export interface UserStreamField {
  readonly eventType: UserEventType
}

/** A subscription field of the caller's own events has `viewerStream` among its extensions. */
export const viewerStream = { viewerStream: true } as const

/** Pothos wants one; `openSubscription` opens the streams and never calls it. */
export function subscribe(): never {
  throw new Error('subscriptions are opened by openSubscription')
}
