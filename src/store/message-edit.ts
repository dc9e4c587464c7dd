import { and, eq, lte } from 'drizzle-orm'
import type { MessageEdit, MessageKey } from '../model/message.ts'
import type { Page } from '../model/page.ts'
import { sidToUuid } from '../model/sid.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, newestFirst, pageOrder } from './engine/page.ts'
import { messageEdits } from './tables/message-edit.ts'

const ofMessage = ({ channelId, index }: MessageKey) =>
  and(eq(messageEdits.channelId, channelId), eq(messageEdits.index, index))

const keepStatement = `
INSERT INTO message_edits (channel_id, index, version, body, attributes, written_by, written_at)
SELECT channel_id, index, coalesce(version, 1), body, attributes, coalesce(last_updated_by, author), coalesce(edited_at, created_at)
FROM messages WHERE channel_id = $1 AND index = $2 AND deleted_at IS NULL
RETURNING version`

/** Keeps what a message of a locked channel is, before it is edited, and of what it was before the newest `max` in all. */
export async function keepEdit(tx: Tx, key: MessageKey, max: number): Promise<void> {
  const [kept] = await tx.run<{ version: number }>(keepStatement, [sidToUuid(key.channelId), key.index])
  if (!kept || kept.version <= max) return
  await tx.orm.delete(messageEdits).where(and(ofMessage(key), lte(messageEdits.version, kept.version - max)))
}

/** Forgets what a message was. */
export async function deleteEdits(tx: Tx, key: MessageKey): Promise<void> {
  await tx.orm.delete(messageEdits).where(ofMessage(key))
}

/** One page of what a message was, by version, newest first. */
export async function readEditPage(db: Db, key: MessageKey, page: Page<number>): Promise<MessageEdit[]> {
  const { version } = messageEdits
  const turned = newestFirst(page)
  return db.orm
    .select()
    .from(messageEdits)
    .where(and(ofMessage(key), isInPage(version, turned)))
    .orderBy(pageOrder(version, turned))
    .limit(page.size + 1)
}
