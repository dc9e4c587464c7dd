import type { ChannelId, ServiceId } from './sid.ts'
export type ChannelType = 'public' | 'private'

export interface Channel {
  readonly id: ChannelId
  readonly serviceId: ServiceId
  readonly uniqueName: string | null
  readonly friendlyName: string | null
  readonly type: ChannelType
  /** JSON text. */
  readonly attributes: string
  readonly createdBy: string
  readonly membersCount: number
  readonly messagesCount: number
  /** Index of the newest message; -1 while there is none. */
  readonly lastIndex: number
  readonly lastSeq: number
  /** The `seq` of the last change of the channel's own fields. */
  readonly seq: number
  /** The `seq` of the last change after which somebody may no longer send: a member that left, or a freezing. */
  readonly lastLeftSeq: number
  /** Time of the newest message; null while there is none. */
  readonly lastMessageAt: Date | null
  /** Index of the newest reply that the channel does not show; null before the first. While it is the newest message, `shownIndex` says what comes before. */
  readonly hiddenReplyIndex: number | null
  readonly shownIndex: number | null
  /** Messages below are truncated. */
  readonly firstIndex: number
  /** The `seq` and the time of the last truncation; 0 and null while there was none. */
  readonly truncatedSeq: number
  readonly truncatedAt: Date | null
  /** The rows of messages below are gone. */
  readonly purgedIndex: number
  /** Only members with `sendToFrozenChannel` send. */
  readonly isFrozen: boolean
  /** The sorted ids of the members of a direct channel; null for all others. */
  readonly directKey: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly deletedAt: Date | null
}

/** Index of the newest message that the channel shows, deleted or not; -1 while there is none. */
export function newestShownIndex({
  lastIndex,
  hiddenReplyIndex,
  shownIndex,
}: Pick<Channel, 'lastIndex' | 'hiddenReplyIndex' | 'shownIndex'>): number {
  return hiddenReplyIndex === lastIndex ? (shownIndex ?? -1) : lastIndex
}

/** A name, or the beginning of one, as channels are listed by it: the case of A to Z makes no difference. */
export const foldShownName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
