/**
 * Carries hints between the parts and processes of one server. A hint brings the row along so that most subscribers need no
 * read; it is told after the commit and may be dropped, repeated or reordered. Who needs to know everything asks the store.
 *
 * - `publish` never throws and never delays its caller; what cannot be sent is gone.
 * - `subscribe` resolves when what is published from then on reaches the listener; where that cannot be now, within two seconds,
 *   and a gap is told when it does.
 * - Listeners run synchronously, several topics in the order of arrival; a topic's payload is shared and must not be changed.
 * - `onGap` listeners are called when hints may have been lost: after every reconnect.
 */
export interface Bus {
  publish(topic: string, payload: unknown): void
  subscribe(topic: string, listener: (payload: unknown) => void): Promise<Unsubscribe>
  onGap(listener: () => void): Unsubscribe
}

export type Unsubscribe = () => void

export const topics = {
  channel: (channelId: string) => `channel:${channelId}`,
  user: (userId: string) => `user:${userId}`,
  /** Changes of roles and services: every process listens. */
  authority: 'authority',
} as const
