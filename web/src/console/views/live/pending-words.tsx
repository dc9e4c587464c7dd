import type { BacklogRowFragment } from '../../generated/types.ts'
import { liveTexts } from '../../texts/en/live.ts'

const texts = liveTexts.pending

/** How many messages wait, with a plus where more were not counted. */
export function PendingCount({ of: { pendingCount, hasMore } }: { readonly of: BacklogRowFragment }) {
  return pendingCount === 0 ? texts.ownOnly : texts.count(pendingCount, hasMore)
}
