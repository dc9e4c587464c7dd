import type { MessageContent } from './message-content.ts'
import type { ChannelId, MessageId, ScheduledMessageId, UserId } from './sid.ts'

/** `sending` from the moment a process has claimed it. */
export type ScheduledState = 'waiting' | 'sending' | 'sent' | 'failed' | 'cancelled'

export interface ScheduledMessage {
  readonly userId: UserId
  readonly id: ScheduledMessageId
  readonly channelId: ChannelId
  /** Chosen by the client that scheduled it, so that it may do so twice. */
  readonly clientMessageId: string | null
  /** 1 at first, and one more with each change by the user. */
  readonly version: number
  /** The user's `seq` of its last change. */
  readonly userSeq: number
  readonly content: MessageContent
  readonly sendAt: Date
  readonly state: ScheduledState
  /** How often it was claimed. Whoever claimed it last may say what became of it. */
  readonly claims: number
  /** Of a failed one: the code of the refusal, or `TOO_LATE`. */
  readonly failureCode: string | null
  readonly failureReason: string | null
  /** Of a sent one. */
  readonly messageId: MessageId | null
  readonly createdAt: Date
  readonly updatedAt: Date
}
