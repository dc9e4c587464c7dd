import { sql } from 'drizzle-orm'
import type { Position } from '../model/cursor.ts'
import { sidToUuid, type ChannelId, type UserId } from '../model/sid.ts'
import { toDate, type Db, type Tx } from './engine/db.ts'
import { histories } from './tables/history.ts'

/** The database's histories, oldest first, by their beginnings in milliseconds since the epoch. */
export interface Histories {
  readonly beginnings: readonly number[]
  /** The database's time. */
  readonly now: number
}

const addStatement = `
INSERT INTO database_history (began_at, timeline)
SELECT greatest(coalesce($1::timestamptz, clock_timestamp()), max(began_at) + interval '1 millisecond'), database_timeline()
FROM database_history
HAVING $2 OR (array_agg(timeline ORDER BY began_at DESC))[1] IS DISTINCT FROM database_timeline()`

const readStatement = `
SELECT began_at, clock_timestamp() AS now FROM database_history ORDER BY began_at`

/**
 * Reads the histories. Before, adds the present one when Postgres is on another timeline than the last history, or when a new one `isWanted`.
 * It began after `seenAt`, when the previous one was last seen, or begins now. When several processes find it at once, one adds it.
 */
export async function readHistories(
  db: Db,
  { seenAt, isWanted = false }: { readonly seenAt?: Date; readonly isWanted?: boolean } = {},
): Promise<Histories> {
  return db.transaction(async (tx) => {
    await tx.orm.execute(sql`LOCK TABLE ${histories} IN SHARE ROW EXCLUSIVE MODE`)
    await tx.run(addStatement, [seenAt?.toISOString() ?? null, isWanted])
    const rows = await tx.run<{ began_at: string; now: string }>(readStatement, [])
    return {
      beginnings: rows.map((row) => toDate(row.began_at).getTime()),
      now: toDate(rows.at(-1)!.now).getTime(),
    }
  })
}

/**
 * Says that the present history goes on in this database, where all of its rows have been moved to from one with another timeline. When
 * `isBackup`, rows were lost before, and a new history begins.
 */
export async function adoptHistory(tx: Tx, isBackup: boolean): Promise<void> {
  await tx.run(
    `UPDATE database_history SET timeline = database_timeline() WHERE began_at = (SELECT max(began_at) FROM database_history)`,
    [],
  )
  if (isBackup) await tx.run(addStatement, [null, true])
}

/** The position of a channel now, and the part of a given position that it certainly had before a moment. */
export interface PositionBefore {
  readonly now: Position
  readonly isDeleted: boolean
  /** Not beyond the given position. */
  readonly before: Position
}

/** When a message took its `seq`: the end of a text that streams is no update of it. */
const changedAt = 'greatest(updated_at, stream_ended_at)'

/**
 * `seq` order is commit order, and whatever takes a `seq` takes the time under the same lock: where one row is from before the moment,
 * all below it are. A position counts in full when what stands at it, or the first thing after it, is from before; what lies between
 * two rows was superseded. What is truncated is delivered to nobody again, so all of it counts as held; its rows may be gone. Each search reads what was changed since the moment, and one row more.
 */
const positionStatement = `
SELECT c.last_index, c.last_seq, c.deleted_at IS NOT NULL AS is_deleted,
  greatest((
    SELECT index FROM messages WHERE channel_id = c.id AND index <= $2::bigint AND created_at < $4::timestamptz
    ORDER BY index DESC LIMIT 1
  ), least($2::bigint, c.first_index - 1)) AS before_index,
  CASE
    WHEN c.seq >= $3::bigint AND c.updated_at < $4::timestamptz THEN $3::bigint
    WHEN c.truncated_seq >= $3::bigint AND c.truncated_at < $4::timestamptz THEN $3::bigint
    WHEN (SELECT ${changedAt} FROM messages WHERE channel_id = c.id AND seq >= $3::bigint ORDER BY seq LIMIT 1) < $4::timestamptz
      THEN $3::bigint
    WHEN (SELECT updated_at FROM members WHERE channel_id = c.id AND seq >= $3::bigint ORDER BY seq LIMIT 1) < $4::timestamptz
      THEN $3::bigint
    ELSE greatest(
      CASE WHEN c.seq <= $3::bigint AND c.updated_at < $4::timestamptz THEN c.seq END,
      CASE WHEN c.truncated_seq <= $3::bigint AND c.truncated_at < $4::timestamptz THEN c.truncated_seq END,
      (
        SELECT seq FROM messages WHERE channel_id = c.id AND seq <= $3::bigint AND ${changedAt} < $4::timestamptz
        ORDER BY seq DESC LIMIT 1
      ),
      (
        SELECT seq FROM members WHERE channel_id = c.id AND seq <= $3::bigint AND updated_at < $4::timestamptz
        ORDER BY seq DESC LIMIT 1
      ),
      0
    )
  END AS before_seq
FROM channels c
WHERE c.id = $1`

/** Undefined when there is no such channel. */
export async function readPositionBefore(
  db: Db,
  channelId: ChannelId,
  position: Position,
  before: Date,
): Promise<PositionBefore | undefined> {
  const [row] = await db.run<{
    last_index: number
    last_seq: number
    is_deleted: boolean
    before_index: number
    before_seq: number
  }>(positionStatement, [sidToUuid(channelId), position.index, position.seq, before.toISOString()])
  return (
    row && {
      now: { index: row.last_index, seq: row.last_seq },
      isDeleted: row.is_deleted,
      before: { index: row.before_index, seq: row.before_seq },
    }
  )
}

/**
 * For users the order of `seq` is the commit order, too, and what takes a `seq` takes the time under the lock of the user's row. So everything up
 * to a `seq` is from before the moment when anything at it or above it is.
 */
const userStatement = `
SELECT u.last_seq, u.deleted_at IS NOT NULL AS is_deleted,
  u.last_seq >= $2::bigint AND coalesce(least(
    CASE WHEN u.seq >= $2::bigint THEN u.updated_at END,
    (SELECT updated_at FROM members WHERE user_id = u.id AND user_seq >= $2::bigint ORDER BY user_seq LIMIT 1),
    (SELECT updated_at FROM invites WHERE user_id = u.id AND user_seq >= $2::bigint ORDER BY user_seq LIMIT 1),
    (SELECT updated_at FROM user_channels WHERE user_id = u.id AND user_seq >= $2::bigint ORDER BY user_seq LIMIT 1),
    (SELECT updated_at FROM drafts WHERE user_id = u.id AND user_seq >= $2::bigint ORDER BY user_seq LIMIT 1),
    (SELECT updated_at FROM scheduled_messages WHERE user_id = u.id AND user_seq >= $2::bigint ORDER BY user_seq LIMIT 1),
    (SELECT updated_at FROM saved_messages WHERE user_id = u.id AND user_seq >= $2::bigint ORDER BY user_seq LIMIT 1)
  ) < $3::timestamptz, false) AS is_shared
FROM users u
WHERE u.id = $1`

/** The counter of a user now, and whether it had certainly reached a `seq` before a moment. */
export interface UserSharing {
  readonly lastSeq: number
  readonly isDeleted: boolean
  readonly isShared: boolean
}

/** Undefined when there is no such user. */
export async function readUserSharing(
  db: Db,
  userId: UserId,
  seq: number,
  before: Date,
): Promise<UserSharing | undefined> {
  const [row] = await db.run<{ last_seq: number; is_deleted: boolean; is_shared: boolean }>(userStatement, [
    sidToUuid(userId),
    seq,
    before.toISOString(),
  ])
  return row && { lastSeq: row.last_seq, isDeleted: row.is_deleted, isShared: row.is_shared }
}
