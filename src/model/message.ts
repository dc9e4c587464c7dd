import type { ReactionCount } from './reaction.ts'
import type { ChannelId, MessageId } from './sid.ts'

/** The author of messages that the backend sends in no one's name. */
export const systemAuthor = 'system'

export interface Message {
  readonly channelId: ChannelId
  readonly index: number
  readonly id: MessageId
  /** The channel's `seq` of this message's last change. */
  readonly seq: number
  /** The channel's `seq` at which it was sent, once it has changed since; null before. */
  readonly addedSeq: number | null
  readonly author: string
  readonly body: string
  /** JSON text. */
  readonly attributes: string
  /** Chosen by the client that sent it. */
  readonly clientMessageId: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly lastUpdatedBy: string | null
  /** Null until the first edit, which makes it 2. */
  readonly version: number | null
  /** Null until the first edit. */
  readonly editedAt: Date | null
  readonly deletedAt: Date | null
  /** Index of the message that it replies to. It is left out, or null, of a message that is no reply; so with what follows. */
  readonly parentIndex?: number | null | undefined
  /** It is delivered, and counts for no unread. */
  readonly isSilent?: boolean | null | undefined
  readonly quotedId?: MessageId | null | undefined
  /** Identities of the members whom it names. */
  readonly mentions?: readonly string[] | null | undefined
  /** It names all of its channel. */
  readonly mentionsChannel?: boolean | null | undefined
  /** Of a message whose text is written while it is read: left out, or null, of others. */
  readonly streamState?: StreamState | null | undefined
  /** The channel's `seq` at which its text was ended; null before. */
  readonly streamEndedSeq?: number | null | undefined
  /** Set of a reply that the channel does not show: see the table. */
  readonly hiddenRun?: number | null | undefined
  /** Of a reply: the message that it replies to as it was with this change, null when it is gone; undefined where it was not read. */
  readonly parent?: Message | null | undefined
  /** The same for the message that it quotes. */
  readonly quoted?: Message | null | undefined
  /** What others have added to it; null when that is nothing, undefined where it was not read. */
  readonly extras?: MessageExtras | null | undefined
}

/** What has become of the text of a message that is written while it is read. */
export type StreamState = 'streaming' | EndedState

/** How a stream of text has ended. */
export type EndedState = 'completed' | 'interrupted' | 'cancelled'

/** Where a message stands. */
export type MessageKey = Pick<Message, 'channelId' | 'index'>

/** What others have added to a message. */
export interface MessageExtras {
  /** The message's own `seq` when they were read apart from it; undefined where they were read together. */
  readonly messageSeq?: number | undefined
  readonly channelId: ChannelId
  readonly index: number
  /** The channel's `seq` of its last change. */
  readonly seq: number
  /** The channel's `seq` of the last pinning or unpinning; 0 before the first. */
  readonly pinSeq: number
  readonly pinnedAt: Date | null
  readonly pinnedBy: string | null
  /** The channel's `seq` at which its reactions last changed; 0 before the first. */
  readonly reactionsSeq: number
  /** In the order of their first use. */
  readonly reactions: readonly ReactionCount[]
  /** The channel's `seq` of the last reply that was added or deleted; 0 before the first. */
  readonly threadSeq: number
  /** Replies that are not deleted. */
  readonly replyCount: number
  /** Index and time of the newest of them. */
  readonly lastReplyIndex: number | null
  readonly lastReplyAt: Date | null
  /** Identities of their authors, who replied first is first; a bounded number. */
  readonly repliers: readonly string[]
}

/** What a change of a message was about. */
export type MessageChange = 'EDIT' | 'REACTIONS' | 'THREAD' | 'PIN'

/**
 * The number of the change that made a message and what others have added to it what they are. Where the message has changed between the readings of the
 * two, it is that of the message alone: with the number of the later reading, the change in between would be taken for known.
 */
export function revisionOf({ seq }: Message, extras: MessageExtras | null | undefined): number {
  if (!extras) return seq
  const isOlder = extras.messageSeq !== undefined && extras.messageSeq > seq
  return isOlder ? seq : Math.max(seq, extras.seq)
}

/** What others have added to a message after a `seq` of its channel. */
export function extrasChangesSince({ pinSeq, reactionsSeq, threadSeq }: MessageExtras, seq: number): MessageChange[] {
  const changes: MessageChange[] = []
  if (threadSeq > seq) changes.push('THREAD')
  if (reactionsSeq > seq) changes.push('REACTIONS')
  if (pinSeq > seq) changes.push('PIN')
  return changes
}

/** What a message was before an edit. */
export interface MessageEdit extends Pick<Message, 'body' | 'attributes'> {
  readonly version: number
  /** Who wrote this version: an identity, or `system` for the backend. */
  readonly writtenBy: string
  readonly writtenAt: Date
}
