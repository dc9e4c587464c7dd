import { and, asc, desc, eq, gt, inArray, isNull, lt, sql } from 'drizzle-orm'
import type { Message } from '../model/message.ts'
import type { Page } from '../model/page.ts'
import { sidToUuid } from '../model/sid.ts'
import { placeholder, prepareOnce, toDate, type Db, type Tx } from './db.ts'
import { messages } from './tables/message.ts'

export interface NewMessage extends Pick<Message, 'channelId' | 'id' | 'author' | 'body' | 'attributes'> {
  readonly clientMessageId: string | null
  /**
   * The `seq` up to which the author is known to be a member. When someone has left the channel since, nothing is written
   * and the caller must look again. Compared under the channel's lock, so no message can follow its author's leaving.
   */
  readonly memberAsOf: number
}

/**
 * The lock on the channel's row is what makes index order equal commit order. The row is compared again after waiting
 * for that lock, which a look into `members` would not be: a statement's snapshot is older than the lock it waited for.
 */
const insertStatement = `
WITH counters AS (
  UPDATE channels
  SET last_index = last_index + 1, last_seq = last_seq + 1, messages_count = messages_count + 1
  WHERE id = $1 AND deleted_at IS NULL AND last_left_seq <= $2
  RETURNING last_index, last_seq, clock_timestamp() AS now
)
INSERT INTO messages (channel_id, index, id, seq, author, body, attributes, client_message_id, created_at, updated_at)
SELECT $1, last_index, $3, last_seq, $4, $5, $6, $7, now, now FROM counters
RETURNING index, seq, created_at`

/**
 * Numbers and writes a message in one statement. Undefined when the channel is gone or the membership must be looked at
 * again. Throws the violation of `messages_client_message_id` for one that was sent before; nothing stands then.
 */
export async function insertMessage(db: Db | Tx, message: NewMessage): Promise<Message | undefined> {
  const { channelId, id, author, body, attributes, clientMessageId, memberAsOf } = message
  const [row] = await db.run<{ index: number; seq: number; created_at: string }>(insertStatement, [
    sidToUuid(channelId),
    memberAsOf,
    sidToUuid(id),
    author,
    body,
    attributes,
    clientMessageId,
  ])
  if (!row) return undefined
  const createdAt = toDate(row.created_at)
  return {
    channelId,
    id,
    author,
    body,
    attributes,
    index: row.index,
    seq: row.seq,
    createdAt,
    updatedAt: createdAt,
    lastUpdatedBy: null,
    deletedAt: null,
  }
}

export async function readMessageByClientId(
  db: Db,
  channelId: string,
  author: string,
  clientMessageId: string,
): Promise<Message | undefined> {
  const [row] = await db.orm
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.channelId, channelId),
        eq(messages.author, author),
        eq(messages.clientMessageId, clientMessageId),
      ),
    )
  return row
}

const messageById = prepareOnce((orm) =>
  orm
    .select()
    .from(messages)
    .where(eq(messages.id, placeholder(messages.id, 'id')))
    .prepare('message_by_id'),
)

export async function readMessage(db: Db, id: string): Promise<Message | undefined> {
  const [row] = await messageById(db).execute({ id })
  return row
}

/** Changes a message of a locked channel; the caller has taken `seq` for it. */
export async function updateMessageRow(
  tx: Tx,
  message: Pick<Message, 'channelId' | 'index'>,
  change: Partial<Pick<Message, 'body' | 'attributes'>> & { seq: number; lastUpdatedBy: string; deletedAt?: 'now' },
): Promise<Message | undefined> {
  const now = sql`clock_timestamp()`
  const { deletedAt, ...fields } = change
  const [row] = await tx.orm
    .update(messages)
    .set({ ...fields, ...(deletedAt && { deletedAt: now }), updatedAt: now })
    .where(
      and(eq(messages.channelId, message.channelId), eq(messages.index, message.index), isNull(messages.deletedAt)),
    )
    .returning()
  return row
}

/** One page of a channel's history by index: a scan of the primary key at any depth. */
export async function readMessagePage(db: Db, channelId: string, page: Page<number>): Promise<Message[]> {
  return db.orm
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.channelId, channelId),
        isNull(messages.deletedAt),
        page.after === undefined ? undefined : gt(messages.index, page.after),
        page.before === undefined ? undefined : lt(messages.index, page.before),
      ),
    )
    .orderBy(page.backwards ? desc(messages.index) : asc(messages.index))
    .limit(page.size + 1)
}

/** The newest message of each channel, without the deleted ones. */
export async function readLastMessages(db: Db, channelIds: readonly string[]): Promise<Message[]> {
  return db.orm
    .selectDistinctOn([messages.channelId])
    .from(messages)
    .where(and(inArray(messages.channelId, [...channelIds]), isNull(messages.deletedAt)))
    .orderBy(asc(messages.channelId), desc(messages.index))
}
