import { formatSince } from '../../../lib/format.ts'
import type { ConnectionRowFragment } from '../../generated/types.ts'
import { liveTexts } from '../../texts/en/live.ts'

const texts = liveTexts.connections

/** Longer than a client takes to confirm on any network that works, in milliseconds. */
const slowMs = 3000

/** A client that reads more slowly than it is written to, or not at all. */
export const isSlow = ({ unansweredMs, bufferedBytes, queuedEvents }: ConnectionRowFragment): boolean =>
  (unansweredMs ?? 0) >= slowMs || (bufferedBytes ?? 0) > 0 || (queuedEvents ?? 0) > 0

/** What waits for a client, and for how long it has confirmed nothing. */
export function Waits({ of: connection }: { readonly of: ConnectionRowFragment }) {
  const { bufferedBytes, queuedEvents, unansweredMs } = connection
  if (!isSlow(connection)) return <span className="none">{texts.nothingWaits}</span>
  const words = [
    bufferedBytes ? texts.bytes(bufferedBytes) : undefined,
    queuedEvents ? texts.events(queuedEvents) : undefined,
    unansweredMs != null && unansweredMs >= slowMs ? texts.unanswered(formatSince(unansweredMs)) : undefined,
  ]
  return <span className="waits">{words.filter((word) => word !== undefined).join(', ')}</span>
}
