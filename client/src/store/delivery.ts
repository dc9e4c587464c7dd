import type { ChannelState } from './state.ts'

/** How far a message of the user has come. */
export interface Delivery {
  readonly index: number
  /** `read`: somebody has read it. `waiting`: somebody who is waited for has not received it. `delivered`: nobody is waited for. */
  readonly status: 'waiting' | 'delivered' | 'read'
  /** Who has read it, who is waited for, or who has received it. */
  readonly identities: readonly string[]
}

export type IsAwaited = (identity: string) => boolean

/** How far others have read and received; what they have read they have received. Only of those of whom anything is reported, or who are awaited by name. */
function reaches({ members, left, receipts, membership }: ChannelState, isAwaited: IsAwaited | undefined) {
  const identities = new Set([...members.keys(), ...receipts.keys()])
  identities.delete(membership.identity)
  return [...identities]
    .filter((identity) => members.has(identity) || !left.has(identity))
    .map((identity) => {
      const receipt = receipts.get(identity)
      const read = Math.max(receipt?.readIndex ?? -1, members.get(identity)?.lastReadIndex ?? -1)
      return { identity, read, received: Math.max(receipt?.deliveredIndex ?? -1, read) }
    })
    .filter(({ identity, received }) => received >= 0 || isAwaited?.(identity))
}

/** How far a message of the user has come; null where nobody has received it and nobody is waited for. */
function deliveryOf(others: ReturnType<typeof reaches>, index: number, isAwaited?: IsAwaited): Delivery | null {
  const readers = others.filter(({ read }) => read >= index)
  const missing = others.filter(({ identity, received }) => received < index && (isAwaited?.(identity) ?? true))
  const receivers = others.filter(({ received }) => received >= index)
  const [status, whom] =
    readers.length > 0
      ? (['read', readers] as const)
      : missing.length > 0
        ? (['waiting', missing] as const)
        : (['delivered', receivers] as const)
  return whom.length === 0 ? null : { index, status, identities: whom.map(({ identity }) => identity) }
}

/**
 * The newest message of the user in each state, newest first: what a list says below them. Empty where nothing is reported, as in large
 * channels. `isAwaited` says who is waited for: by default everybody of whom anything is reported.
 */
export function selectDeliveries(known: ChannelState, isAwaited?: IsAwaited): readonly Delivery[] {
  const deliveries: Delivery[] = []
  const others = reaches(known, isAwaited)
  if (others.length === 0) return deliveries
  for (const { index, authorIdentity, deletedAt } of known.messages.toReversed()) {
    if (authorIdentity !== known.membership.identity || deletedAt) continue
    const delivery = deliveryOf(others, index, isAwaited)
    if (!delivery) continue
    if (!deliveries.some(({ status }) => status === delivery.status)) deliveries.push(delivery)
    // What is older was read as well.
    if (delivery.status === 'read') break
  }
  return deliveries
}
