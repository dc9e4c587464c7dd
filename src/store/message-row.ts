import type { Message } from '../model/message.ts'
import { uuidToSid } from '../model/sid.ts'
import { toDate, toDateOrNull } from './engine/db.ts'

/** A row of `messages` as hand-written statements return it. */
export interface MessageRow extends Record<string, unknown> {
  readonly channel_id: string
  readonly index: number
  readonly id: string
  readonly seq: number
  readonly author: string
  readonly body: string
  readonly attributes: string
  readonly client_message_id: string | null
  readonly created_at: string
  readonly updated_at: string
  readonly last_updated_by: string | null
  readonly deleted_at: string | null
}

export function fromMessageRow(row: MessageRow): Message {
  return {
    channelId: uuidToSid('CH', row.channel_id),
    index: row.index,
    id: uuidToSid('IM', row.id),
    seq: row.seq,
    author: row.author,
    body: row.body,
    attributes: row.attributes,
    clientMessageId: row.client_message_id,
    createdAt: toDate(row.created_at),
    updatedAt: toDate(row.updated_at),
    lastUpdatedBy: row.last_updated_by,
    deletedAt: toDateOrNull(row.deleted_at),
  }
}
