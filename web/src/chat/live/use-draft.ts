import type { Draft, DraftContent, DraftPlace, TakenDraft } from '@fonechat/client/later'
import { useCallback, useEffect, useSyncExternalStore } from 'react'
import { usePageClient } from './page-client.ts'

export interface WrittenHere extends DraftContent {
  /** What another device has saved meanwhile; null as a rule. */
  readonly theirs: string | null
  /** What is left out stays. */
  readonly write: (change: Partial<DraftContent>) => void
  /** It is sent now. Returns what to send it with. */
  readonly take: () => TakenDraft
  readonly keepMine: () => void
  readonly takeTheirs: () => void
}

const none = { body: '', mentions: {}, quotedMessageId: null, showInChannel: false, theirs: null }

/** What the user is writing in a channel or a thread, on all of its devices. It is saved at once when the user goes elsewhere. */
export function useDraft({ channelId, parentId = null }: DraftPlace): WrittenHere {
  const { drafts } = usePageClient().later
  const place = { channelId, parentId }
  const draft = useSyncExternalStore<Draft | undefined>(drafts.subscribe, () => drafts.find(place))
  useEffect(() => () => drafts.flush(), [drafts, channelId, parentId])
  const write = useCallback(
    (change: Partial<DraftContent>) => drafts.write({ channelId, parentId }, change),
    [drafts, channelId, parentId],
  )
  return {
    ...(draft ?? none),
    write,
    take: () => drafts.take(place),
    keepMine: () => drafts.keepMine(place),
    takeTheirs: () => drafts.takeTheirs(place),
  }
}
