import { and, eq, getTableColumns, gte, isNull, sql } from 'drizzle-orm'
import type { Page } from '../model/page.ts'
import type { SavedMessage } from '../model/saved-message.ts'
import { uuidToSid, type ChannelId, type MessageId, type UserId } from '../model/sid.ts'
import { deleteBefore } from './engine/batch.ts'
import type { Orm } from './engine/connection.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, newestFirst, pageOrder } from './engine/page.ts'
import { channels } from './tables/channel.ts'
import { messages } from './tables/message.ts'
import { savedMessages } from './tables/saved-message.ts'

/** Saved messages with the messages themselves, unless those were deleted. */
export function selectSaved(orm: Orm) {
  return orm
    .select({ saved: getTableColumns(savedMessages), message: getTableColumns(messages) })
    .from(savedMessages)
    .leftJoin(channels, and(eq(channels.id, savedMessages.channelId), isNull(channels.deletedAt)))
    .leftJoin(
      messages,
      and(
        eq(messages.channelId, channels.id),
        eq(messages.index, savedMessages.index),
        gte(messages.index, channels.firstIndex),
        isNull(messages.deletedAt),
      ),
    )
}

type SavedRow = Omit<SavedMessage, 'message'>

export const toSaved = ({
  saved,
  message,
}: {
  readonly saved: SavedRow
  readonly message: SavedMessage['message']
}) => ({
  ...saved,
  message,
})

const isSaved = (userId: UserId, messageId: MessageId) =>
  and(eq(savedMessages.userId, userId), eq(savedMessages.messageId, messageId))

/** Undefined when the user has never saved it. */
export async function readSaved(tx: Tx, userId: UserId, messageId: MessageId): Promise<SavedMessage | undefined> {
  const [row] = await selectSaved(tx.orm).where(isSaved(userId, messageId))
  return row && toSaved(row)
}

/** The number of messages that a user has saved. */
export async function countSaved(tx: Tx, userId: UserId): Promise<number> {
  return tx.orm.$count(savedMessages, and(eq(savedMessages.userId, userId), isNull(savedMessages.removedAt)))
}

/** Saves a message, or saves it again. The caller has locked the user and taken `userSeq`. */
export async function writeSaved(
  tx: Tx,
  saved: Pick<SavedMessage, 'userId' | 'messageId' | 'channelId' | 'index' | 'userSeq' | 'remindAt'>,
): Promise<SavedRow> {
  const { userSeq, remindAt } = saved
  const change = {
    userSeq,
    savedSeq: userSeq,
    savedAt: sql`clock_timestamp()`,
    updatedAt: sql`clock_timestamp()`,
    remindAt,
    remindedAt: null,
    removedAt: null,
  }
  const [row] = await tx.orm
    .insert(savedMessages)
    .values({ ...saved, ...change })
    .onConflictDoUpdate({ target: [savedMessages.userId, savedMessages.messageId], set: change })
    .returning()
  return row!
}

/** Changes what is saved. The caller has locked the user and taken `userSeq`. */
export async function updateSaved(
  tx: Tx,
  { userId, messageId }: Pick<SavedMessage, 'userId' | 'messageId'>,
  change: { userSeq: number; remindAt?: Date | null; isReminded?: boolean; isRemoved?: boolean },
): Promise<SavedRow> {
  const { isReminded, isRemoved, ...fields } = change
  const now = sql`clock_timestamp()`
  const [row] = await tx.orm
    .update(savedMessages)
    .set({
      ...fields,
      updatedAt: now,
      ...(isReminded !== undefined && { remindedAt: isReminded ? now : null }),
      ...(isRemoved && { removedAt: now }),
    })
    .where(isSaved(userId, messageId))
    .returning()
  return row!
}

/** One page of what a user has saved, what was saved last first. */
export async function readSavedPage(db: Db, userId: UserId, page: Page<number>): Promise<SavedMessage[]> {
  const { savedSeq } = savedMessages
  const turned = newestFirst(page)
  const rows = await selectSaved(db.orm)
    .where(and(eq(savedMessages.userId, userId), isNull(savedMessages.removedAt), isInPage(savedSeq, turned)))
    .orderBy(pageOrder(savedSeq, turned))
    .limit(page.size + 1)
  return rows.map(toSaved)
}

const dueStatement = `
SELECT user_id, message_id FROM saved_messages
WHERE remind_at <= $1::timestamptz AND reminded_at IS NULL AND removed_at IS NULL ORDER BY remind_at LIMIT $2`

/** Reminders that are to come now, without a lock: whoever has locked the user looks again. */
export async function readDueReminders(
  db: Db,
  now: Date,
  limit: number,
): Promise<Pick<SavedMessage, 'userId' | 'messageId'>[]> {
  const rows = await db.run<{ user_id: string; message_id: string }>(dueStatement, [now.toISOString(), limit])
  return rows.map((row) => ({ userId: uuidToSid('US', row.user_id), messageId: uuidToSid('IM', row.message_id) }))
}

/** By places in the table, as for a claim of scheduled messages. What is saved again meanwhile is left alone. */
const unsavedStatement = `
DELETE FROM saved_messages WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM saved_messages
  WHERE removed_at < $1::timestamptz ORDER BY removed_at LIMIT $2 FOR UPDATE SKIP LOCKED
))
RETURNING 1`

/** Deletes what is left of messages that were taken out before a time. Answers how many. */
export function deleteUnsaved(db: Db, before: Date): Promise<number> {
  return deleteBefore(db, unsavedStatement, before)
}

/** Those of one channel. Its member leaves, and knows that they are gone with it. */
export async function deleteSaved(tx: Tx, userId: UserId, channelId: ChannelId): Promise<void> {
  await tx.orm
    .delete(savedMessages)
    .where(and(eq(savedMessages.userId, userId), eq(savedMessages.channelId, channelId)))
}

/** Those of a deleted user, whose row stays. */
export async function deleteSavedOf(tx: Tx, userId: UserId): Promise<void> {
  await tx.orm.delete(savedMessages).where(eq(savedMessages.userId, userId))
}
