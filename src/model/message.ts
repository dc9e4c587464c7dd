import type { ChannelId, MessageId } from './sid.ts'
/** The author of messages that the backend sends in no one's name. */
export const systemAuthor = 'system'

export interface Message {
  readonly channelId: ChannelId
  readonly index: number
  readonly id: MessageId
  /** The channel's `seq` of this message's last change. */
  readonly seq: number
  readonly author: string
  readonly body: string
  /** JSON text. */
  readonly attributes: string
  /** Chosen by the client that sent it. */
  readonly clientMessageId: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly lastUpdatedBy: string | null
  readonly deletedAt: Date | null
}
