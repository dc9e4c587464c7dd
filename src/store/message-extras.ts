import { and, eq, gte, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Message, MessageExtras, MessageKey } from '../model/message.ts'
import type { Page } from '../model/page.ts'
import { sidToUuid, type ChannelId } from '../model/sid.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, newestFirst, pageOrder } from './engine/page.ts'
import { extrasColumns, fromExtrasColumns, keyArrays, nextExtras, type ExtrasColumns } from './message-row.ts'
import { firstIndexOf } from './message.ts'
import { messageExtras } from './tables/message-extras.ts'
import { messages } from './tables/message.ts'

const extrasStatement = `
SELECT asked.ordinal, ${extrasColumns('extras')},
  (SELECT seq FROM messages WHERE channel_id = asked.channel_id AND index >= asked.index ORDER BY index LIMIT 1) AS message_seq
FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS asked (channel_id, index, ordinal)
JOIN LATERAL (
  ${nextExtras('asked')}
) AS extras ON extras.index = asked.index`

/** What others have added to each of these messages; null where that is nothing. */
export async function readExtras(db: Db | Tx, keys: readonly MessageKey[]): Promise<(MessageExtras | null)[]> {
  const rows = await db.run<ExtrasColumns & { readonly ordinal: number; readonly message_seq: number }>(
    extrasStatement,
    keyArrays(keys),
  )
  const byOrdinal = new Map(rows.map((row) => [row.ordinal, row]))
  return keys.map((key, at) => {
    const row = byOrdinal.get(at + 1)
    return row ? { ...fromExtrasColumns(key, row)!, messageSeq: row.message_seq } : null
  })
}

const pinnedCountStatement =
  'SELECT count(*)::int AS count FROM message_extras WHERE channel_id = $1 AND pinned_at IS NOT NULL'

/** How many messages of a channel are pinned. */
export async function countPinned(tx: Tx, channelId: ChannelId): Promise<number> {
  const [row] = await tx.run<{ count: number }>(pinnedCountStatement, [sidToUuid(channelId)])
  return row!.count
}

/** Pins a message of a locked channel, or unpins it where `by` is null; the caller has taken `seq` for it. */
export async function writePin(
  tx: Tx,
  { channelId, index }: MessageKey,
  { seq, by }: { readonly seq: number; readonly by: string | null },
): Promise<MessageExtras> {
  const pin = { seq, pinSeq: seq, pinnedAt: by === null ? null : sql`clock_timestamp()`, pinnedBy: by }
  const [row] = await tx.orm
    .insert(messageExtras)
    .values({ channelId, index, ...pin })
    .onConflictDoUpdate({ target: [messageExtras.channelId, messageExtras.index], set: pin })
    .returning()
  return row!
}

const clearStatement = `
WITH taken AS (DELETE FROM reactions WHERE channel_id = $1 AND index = $2)
UPDATE message_extras SET pinned_at = NULL, pinned_by = NULL, reactions = '[]' WHERE channel_id = $1 AND index = $2`

/** Takes off what a deleted message has no more. Its deletion tells of it, so this takes no `seq`. */
export async function clearExtras(tx: Tx, { channelId, index }: MessageKey): Promise<void> {
  await tx.run(clearStatement, [sidToUuid(channelId), index])
}

/** One page of a channel's pinned messages, by the `seq` of the pinning, newest first. */
export async function readPinnedPage(db: Db, channelId: ChannelId, page: Page<number>): Promise<Message[]> {
  const { pinSeq } = messageExtras
  const turned = newestFirst(page)
  const rows = await db.orm
    .select({ message: messages, extras: messageExtras })
    .from(messageExtras)
    .innerJoin(
      messages,
      and(
        eq(messages.channelId, messageExtras.channelId),
        eq(messages.index, messageExtras.index),
        isNull(messages.deletedAt),
      ),
    )
    .where(
      and(
        eq(messageExtras.channelId, channelId),
        gte(messageExtras.index, firstIndexOf(db, channelId)),
        isNotNull(messageExtras.pinnedAt),
        isInPage(pinSeq, turned),
      ),
    )
    .orderBy(pageOrder(pinSeq, turned))
    .limit(page.size + 1)
  return rows.map(({ message, extras }) => ({ ...message, extras }))
}
