import type { ChannelState } from './state.ts'

/** How far a message of the user has come. */
export interface Delivery {
  readonly index: number
  /** `read`: somebody has read it. `waiting`: somebody has not received it. `delivered`: all have received it. */
  readonly status: 'waiting' | 'delivered' | 'read'
  /** Who has read it, who is waited for, or who has received it. */
  readonly identities: readonly string[]
}

/** How far others have read and received; what they have read they have received. Only of those of whom anything is known. */
function reaches({ members, left, receipts, membership }: ChannelState) {
  const identities = new Set([...members.keys(), ...receipts.keys()])
  identities.delete(membership.identity)
  return [...identities]
    .filter((identity) => members.has(identity) || !left.has(identity))
    .map((identity) => {
      const receipt = receipts.get(identity)
      const read = Math.max(receipt?.readIndex ?? -1, members.get(identity)?.lastReadIndex ?? -1)
      return { identity, read, received: Math.max(receipt?.deliveredIndex ?? -1, read) }
    })
    .filter(({ received }) => received >= 0)
}

/** How far a message of the user has come; null where nothing is reported, as in large channels. */
function deliveryOf(known: ChannelState, index: number): Delivery | null {
  const others = reaches(known)
  if (others.length === 0) return null
  const readers = others.filter(({ read }) => read >= index)
  const missing = others.filter(({ received }) => received < index)
  const [status, whom] =
    readers.length > 0
      ? (['read', readers] as const)
      : missing.length > 0
        ? (['waiting', missing] as const)
        : (['delivered', others] as const)
  return { index, status, identities: whom.map(({ identity }) => identity) }
}

/** The newest message of the user in each state, newest first: what a list says below them. */
export function selectDeliveries(known: ChannelState): readonly Delivery[] {
  const deliveries: Delivery[] = []
  for (const { index, authorIdentity } of known.messages.toReversed()) {
    if (authorIdentity !== known.membership.identity) continue
    const delivery = deliveryOf(known, index)
    if (!delivery) break
    if (!deliveries.some(({ status }) => status === delivery.status)) deliveries.push(delivery)
    // What is older was read as well.
    if (delivery.status === 'read') break
  }
  return deliveries
}
