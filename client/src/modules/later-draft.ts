import type { DraftFieldsFragment } from '../graphql/generated/types.ts'
import type { State } from '../store/state.ts'

/** Where a draft is: in a channel, or in the thread of one of its messages. */
export interface DraftPlace {
  /** SID of the channel. */
  readonly channelId: string
  /** SID of the message that the thread is of. */
  readonly parentId?: string | null | undefined
}

/** What the user is writing. */
export interface Draft {
  readonly channelId: string
  /** Null in the channel itself. */
  readonly parentId: string | null
  readonly body: string
  /** What it is sent with. */
  readonly clientMessageId: string
  /** What another device has saved meanwhile, in place of what this one began from: nothing is saved until one of the two is chosen. Null otherwise. */
  readonly theirs: string | null
}

/** A draft as the server has it. */
export type SavedDraft = DraftFieldsFragment

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

/** The text of the message that a draft was for, where it is known. */
export function sentOf(
  { channels }: State,
  { channelId, clientMessageId }: Pick<Draft, 'channelId' | 'clientMessageId'>,
): string | undefined {
  const { messages = [] } = channels.get(channelId) ?? {}
  return messages.findLast((message) => message.clientMessageId === clientMessageId)?.body
}
