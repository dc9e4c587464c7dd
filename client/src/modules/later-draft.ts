import type { DraftFieldsFragment } from '../graphql/generated/types.ts'
import type { Mentions, State } from '../store/state.ts'

/** Where a draft is: in a channel, or in the thread of one of its messages. */
export interface DraftPlace {
  /** SID of the channel. */
  readonly channelId: string
  /** SID of the message that the thread is of. */
  readonly parentId?: string | null | undefined
}

/** What a draft has of its message. */
export interface DraftContent {
  readonly body: string
  /** Whom the text names. */
  readonly mentions: Mentions
  /** SID of the message that is quoted; null where none is. */
  readonly quotedMessageId: string | null
  /** Of a draft in a thread: whether the channel will show the reply among its messages. */
  readonly showInChannel: boolean
}

/** What the user is writing. */
export interface Draft extends DraftContent {
  readonly channelId: string
  /** Null in the channel itself. */
  readonly parentId: string | null
  /** What it is sent with. */
  readonly clientMessageId: string
  /** What another device has saved meanwhile, in place of what this one began from: nothing is saved until one of the two is chosen. Null otherwise. */
  readonly theirs: string | null
}

/** A draft as the server has it. */
export type SavedDraft = DraftFieldsFragment

/** What the text of a draft is sent with: options of `sendMessage`. */
export interface TakenDraft {
  readonly clientMessageId: string
  readonly mentions?: { identities: string[]; channel: boolean }
  readonly quotedMessageId?: string
  readonly showInChannel?: boolean
}

/** What was written on this device and is not saved: the same in all tabs, and kept. */
export interface WrittenDraft extends Draft {
  /** The version that it goes on from; 0 where there was none. */
  readonly base: number
  /** The version of `theirs`. */
  readonly theirVersion: number
}

export interface Written {
  /** Of two the higher one stays. */
  readonly at: number
  /** Null once it is saved, or sent. */
  readonly value: WrittenDraft | null
}

/** The SID of the thread's message, or of the channel: what a draft is known by. */
export const draftKey = ({ channelId, parentId }: DraftPlace): string => parentId ?? channelId

export const nothing: DraftContent = { body: '', mentions: {}, quotedMessageId: null, showInChannel: false }

/** Whether nothing was written or chosen. Without a text nobody is named. */
export const isNothing = ({ body, quotedMessageId, showInChannel }: DraftContent): boolean =>
  body === '' && quotedMessageId === null && !showInChannel

export function contentOf(draft: SavedDraft): DraftContent {
  const { body, mentionedIdentities: identities, mentionsChannel: channel, quotedMessageId, showInChannel } = draft
  return { body, mentions: { identities, channel }, quotedMessageId, showInChannel }
}

export function toDraft(saved: SavedDraft): Draft {
  const { channelId, parentId, clientMessageId } = saved
  return { channelId, parentId, ...contentOf(saved), clientMessageId, theirs: null }
}

export function isSameContent(one: DraftContent, other: DraftContent): boolean {
  const identities = new Set(one.mentions.identities)
  const others = new Set(other.mentions.identities)
  return (
    one.body === other.body &&
    one.quotedMessageId === other.quotedMessageId &&
    one.showInChannel === other.showInChannel &&
    (one.mentions.channel ?? false) === (other.mentions.channel ?? false) &&
    identities.size === others.size &&
    [...identities].every((identity) => others.has(identity))
  )
}

/** What was written here, where it goes on from a text of another device: what that has beside its text stays, unless something else was chosen here. */
export function goOn<Mine extends DraftContent>(
  mine: Mine,
  { mentions, quotedMessageId, showInChannel }: DraftContent,
): Mine {
  const identities = new Set([...(mine.mentions.identities ?? []), ...(mentions.identities ?? [])])
  return {
    ...mine,
    mentions: { identities: [...identities], channel: mine.mentions.channel || mentions.channel || false },
    quotedMessageId: mine.quotedMessageId ?? quotedMessageId,
    showInChannel: mine.showInChannel || showInChannel,
  }
}

/** What a draft has beside its text, as messages are sent with it. */
export function optionsOf({
  mentions,
  quotedMessageId,
  showInChannel,
}: DraftContent): Omit<TakenDraft, 'clientMessageId'> {
  const { identities = [], channel = false } = mentions
  return {
    ...((channel || identities.length > 0) && { mentions: { identities: [...identities], channel } }),
    ...(quotedMessageId !== null && { quotedMessageId }),
    ...(showInChannel && { showInChannel }),
  }
}

/** The text of the message that a draft was for, where it is known. */
export function sentOf(
  { channels }: State,
  { channelId, clientMessageId }: Pick<Draft, 'channelId' | 'clientMessageId'>,
): string | undefined {
  const { messages = [] } = channels.get(channelId) ?? {}
  return messages.findLast((message) => message.clientMessageId === clientMessageId)?.body
}
