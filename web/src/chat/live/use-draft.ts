import type { Draft, DraftPlace } from '@fonechat/client/later'
import { useEffect, useSyncExternalStore } from 'react'
import { usePageClient } from './page-client.ts'

export interface WrittenHere {
  readonly text: string
  /** What another device has saved meanwhile; null as a rule. */
  readonly theirs: string | null
  readonly write: (text: string) => void
  /** It is sent now. Returns the `clientMessageId` to send it with. */
  readonly take: () => string
  readonly keepMine: () => void
  readonly takeTheirs: () => void
}

/** What the user is writing in a channel or a thread, on all of its devices. It is saved at once when the user goes elsewhere. */
export function useDraft({ channelId, parentId = null }: DraftPlace): WrittenHere {
  const { drafts } = usePageClient().later
  const place = { channelId, parentId }
  const draft = useSyncExternalStore<Draft | undefined>(drafts.subscribe, () => drafts.find(place))
  useEffect(() => () => drafts.flush(), [drafts, channelId, parentId])
  return {
    text: draft?.body ?? '',
    theirs: draft?.theirs ?? null,
    write: (text) => drafts.write(place, text),
    take: () => drafts.take(place),
    keepMine: () => drafts.keepMine(place),
    takeTheirs: () => drafts.takeTheirs(place),
  }
}
