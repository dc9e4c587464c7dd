/**
 * Carries hints between the processes of one server. A hint contains the row, so that most subscribers need not read it. It is published
 * after the commit and may be dropped, repeated or reordered: the store alone is complete.
 *
 * - `publish` never throws and never delays its caller; what cannot be sent is dropped.
 * - `subscribe` resolves when hints published from then on reach the listener. While the bus is away it resolves within two seconds, and a
 *   gap follows when it works again.
 * - Listeners run synchronously, several topics in the order of arrival; a topic's payload is shared and must not be changed.
 * - `onGap` listeners are called when hints may have been lost: after every reconnect.
 */
export interface Bus {
  readonly counts: BusCounts
  publish(topic: string, payload: unknown): void
  subscribe(topic: string, listener: (payload: unknown) => void): Promise<Unsubscribe>
  onGap(listener: () => void): Unsubscribe
}

/** What a bus has done, for operators. */
export class BusCounts {
  published = 0
  /** Hints that came over Redis, or from other workers: not those that stay within a process. */
  received = 0
  /** Hints that were not published, since the bus is away or too far behind. */
  dropped = 0
  gaps = 0
}

export type Unsubscribe = () => void

export const topics = {
  channel: (channelId: string) => `channel:${channelId}`,
  user: (userId: string) => `user:${userId}`,
  /** Users of a service that have come or gone. */
  presence: (serviceId: string) => `presence:${serviceId}`,
  /** Calls to one process. */
  process: (id: string) => `process:${id}`,
  /** Calls to all processes, and who is there. */
  processes: 'processes',
  /** Changes of roles and services: every process listens. */
  authority: 'authority',
  /** A process that stops has left webhook jobs to the others. */
  webhooks: 'webhooks',
} as const
