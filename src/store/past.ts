import type { ChannelId, MessageId } from '../model/sid.ts'
import { sidToUuid } from '../model/sid.ts'
import { uuidArray, type Tx } from './engine/db.ts'

/** When a message was sent and last changed. */
export interface PastMessage {
  readonly id: MessageId
  readonly createdAt: Date
  readonly updatedAt: Date
  /** What it was before it was changed; undefined where that is not kept. */
  readonly was?: string | undefined
}

const moveMessagesStatement = `
UPDATE messages
SET created_at = past.created_at::timestamptz, updated_at = past.updated_at::timestamptz,
  last_updated_by = CASE WHEN past.updated_at <> past.created_at THEN author END,
  version = CASE WHEN past.updated_at <> past.created_at THEN 2 END,
  edited_at = CASE WHEN past.updated_at <> past.created_at THEN past.updated_at::timestamptz END
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS past (id, created_at, updated_at)
WHERE messages.id = past.id`

const insertEditsStatement = `
INSERT INTO message_edits (channel_id, index, version, body, attributes, written_by, written_at)
SELECT channel_id, index, 1, past.was, attributes, author, created_at
FROM unnest($1::uuid[], $2::text[]) AS past (id, was) JOIN messages ON messages.id = past.id`

const moveChannelStatement = `
UPDATE channels SET created_at = $2::text::timestamptz, last_message_at = $3::text::timestamptz WHERE id = $1::uuid`

const moveMembersStatement = `
UPDATE members SET created_at = $2::text::timestamptz WHERE channel_id = $1::uuid`

/**
 * Lets a channel, its members and its messages be as old as they are said to be. Only for what nobody has read yet, within the transaction
 * that writes the messages: everything else relies on times that never change.
 */
export async function moveIntoPast(tx: Tx, channelId: ChannelId, madeAt: Date, messages: readonly PastMessage[]) {
  const id = sidToUuid(channelId)
  await tx.run(moveMessagesStatement, [
    uuidArray(messages.map((message) => message.id)),
    messages.map(({ createdAt }) => createdAt.toISOString()),
    messages.map(({ updatedAt }) => updatedAt.toISOString()),
  ])
  const edited = messages.filter(({ was }) => was !== undefined)
  await tx.run(insertEditsStatement, [uuidArray(edited.map((message) => message.id)), edited.map(({ was }) => was!)])
  await tx.run(moveMembersStatement, [id, madeAt.toISOString()])
  await tx.run(moveChannelStatement, [id, madeAt.toISOString(), messages.at(-1)?.createdAt.toISOString() ?? null])
}
