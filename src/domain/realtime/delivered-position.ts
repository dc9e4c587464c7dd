import type { DeliveryMove } from '../../store/delivery.ts'
import type { DeliveryWriter } from './delivery-writer.ts'
import type { Subscriber } from './group.ts'
import type { Progress } from './progress.ts'

/** The position that a client's streams have reached in one channel, and how often their reader had gone back by then. */
export interface ReachedPosition extends DeliveryMove {
  readonly progress: Progress
  readonly returns: number
}

type DeliveringSubscriber = Pick<Subscriber<never>, 'progress' | 'delivery'>

interface DeliveringStream {
  subscribers(): Iterable<DeliveringSubscriber>
}

/**
 * The positions that the streams of one client have reached, one for each membership. Where several streams deliver the same channel it is
 * the lowest: what one of them has not received is not delivered.
 */
export function reachedPositions(streams: readonly DeliveringStream[]): readonly ReachedPosition[] {
  const reached: ReachedPosition[] = []
  for (const stream of streams) {
    for (const subscriber of stream.subscribers()) reached.push(positionOf(subscriber))
  }
  return streams.length > 1 ? lowestOfEach(reached) : reached
}

/** Moves the delivery positions that the client has confirmed. `confirmed` is what it had confirmed before. */
export function confirmPositions(
  deliveries: Pick<DeliveryWriter, 'move'>,
  reached: readonly ReachedPosition[],
  confirmed: readonly ReachedPosition[],
): void {
  for (const [at, position] of reached.entries()) {
    // After its reader went back, what it received before must be delivered again.
    if (position.progress.returns !== position.returns) continue
    // Removing a channel shifts later entries, so each is written once more.
    if (!isSame(position, confirmed[at])) deliveries.move(position)
  }
}

/** A stream of messages says nothing about other changes, so it leaves `seq` where it is: 0 moves nothing. */
function positionOf({ progress, delivery }: DeliveringSubscriber): ReachedPosition {
  const { channelId, memberId, deviceId, everything } = delivery!
  return {
    channelId,
    memberId,
    deviceId,
    index: progress.index,
    seq: everything ? progress.seq : 0,
    progress,
    returns: progress.returns,
  }
}

function isSame({ memberId, index, seq }: DeliveryMove, other: DeliveryMove | undefined): boolean {
  return other?.memberId === memberId && index === other.index && seq === other.seq
}

function lowestOfEach(positions: readonly ReachedPosition[]): readonly ReachedPosition[] {
  const byMember = new Map<string, ReachedPosition>()
  for (const position of positions) {
    const other = byMember.get(position.memberId)
    byMember.set(position.memberId, other ? lowest(other, position) : position)
  }
  return [...byMember.values()]
}

function lowest(one: ReachedPosition, other: ReachedPosition): ReachedPosition {
  const seqs = [one.seq, other.seq].filter((seq) => seq > 0)
  return { ...one, index: Math.min(one.index, other.index), seq: seqs.length > 0 ? Math.min(...seqs) : 0 }
}
