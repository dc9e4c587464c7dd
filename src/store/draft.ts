import { and, eq, getTableColumns, isNull, sql, type SQL } from 'drizzle-orm'
import type { Draft, DraftKey, DraftState } from '../model/draft.ts'
import type { Page } from '../model/page.ts'
import type { ChannelId, UserId } from '../model/sid.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, newestFirst, pageOrder } from './engine/page.ts'
import { channels } from './tables/channel.ts'
import { drafts } from './tables/draft.ts'
import { messages, senderOf } from './tables/message.ts'
import { users } from './tables/user.ts'

/** Whether the message that a draft was for exists. Deleted and truncated ones do, until their rows are purged: then the draft goes with them. */
const isSent: SQL<boolean> = sql<boolean>`EXISTS (
  SELECT FROM ${messages} JOIN ${users} ON ${users.id} = ${drafts.userId}
  WHERE ${messages.channelId} = ${drafts.channelId} AND ${senderOf(messages)} = ${users.identity}
    AND ${messages.clientMessageId} = ${drafts.clientMessageId}
)`

const isChannelGone: SQL<boolean> = sql<boolean>`NOT EXISTS (
  SELECT FROM ${channels} WHERE ${channels.id} = ${drafts.channelId} AND ${channels.deletedAt} IS NULL
)`

/** Whether there is no such draft any more. */
export const isDraftGone: SQL<boolean> = sql<boolean>`(${drafts.removedAt} IS NOT NULL OR ${isSent} OR ${isChannelGone})`

const isDraft = ({ userId, channelId, parentId }: DraftKey): SQL | undefined =>
  and(eq(drafts.userId, userId), eq(drafts.channelId, channelId), eq(drafts.parentId, parentId))

/** The draft under a key, and whether it is gone. The caller has locked the user. */
export async function readDraft(tx: Tx, key: DraftKey): Promise<DraftState | undefined> {
  const [row] = await tx.orm.select({ draft: drafts, isGone: isDraftGone }).from(drafts).where(isDraft(key))
  return row && { ...row.draft, isGone: row.isGone }
}

/** The number of a user's drafts. */
export async function countDrafts(tx: Tx, userId: UserId): Promise<number> {
  return tx.orm.$count(drafts, and(eq(drafts.userId, userId), sql`NOT ${isDraftGone}`))
}

/** Saves a draft in the place of whatever its key had; it is gone where its message exists. The caller has locked the user and taken `userSeq`. */
export async function writeDraft(tx: Tx, draft: Omit<Draft, 'updatedAt' | 'removedAt'>): Promise<DraftState> {
  const { version, userSeq, content, clientMessageId } = draft
  const change = {
    version,
    userSeq,
    content,
    clientMessageId,
    updatedAt: sql<Date>`clock_timestamp()`,
    removedAt: null,
  }
  const [row] = await tx.orm
    .insert(drafts)
    .values({ ...draft, ...change })
    .onConflictDoUpdate({ target: [drafts.userId, drafts.channelId, drafts.parentId], set: change })
    .returning({ ...getTableColumns(drafts), isGone: isDraftGone })
  return row!
}

/** Removes a draft and its text. The caller has locked the user and taken `userSeq`. */
export async function removeDraft(tx: Tx, key: DraftKey, userSeq: number): Promise<Draft> {
  const now = sql`clock_timestamp()`
  const [row] = await tx.orm
    .update(drafts)
    .set({ userSeq, content: { body: '', attributes: '{}' }, updatedAt: now, removedAt: now })
    .where(isDraft(key))
    .returning()
  return row!
}

/** One page of a user's drafts, the one that was saved last first. */
export async function readDraftPage(db: Db, userId: UserId, page: Page<number>): Promise<Draft[]> {
  const turned = newestFirst(page)
  return db.orm
    .select()
    .from(drafts)
    .where(
      and(
        eq(drafts.userId, userId),
        isNull(drafts.removedAt),
        sql`NOT ${isDraftGone}`,
        isInPage(drafts.userSeq, turned),
      ),
    )
    .orderBy(pageOrder(drafts.userSeq, turned))
    .limit(page.size + 1)
}

/** Those of one channel. Its member leaves, and knows that they are gone with it. */
export async function deleteDrafts(tx: Tx, userId: UserId, channelId: ChannelId): Promise<void> {
  await tx.orm.delete(drafts).where(and(eq(drafts.userId, userId), eq(drafts.channelId, channelId)))
}

/** Those of a deleted user, whose row stays. */
export async function deleteDraftsOf(tx: Tx, userId: UserId): Promise<void> {
  await tx.orm.delete(drafts).where(eq(drafts.userId, userId))
}
