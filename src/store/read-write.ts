import type { Member } from '../model/member.ts'
import { uuidToSid, type ChannelId, type MemberId, type UserId } from '../model/sid.ts'
import { toDate, toDateOrNull, uuidArray, type Db, type Tx } from './engine/db.ts'

/**
 * What a member does to its horizon. `advance` moves it forwards, never back. `set` puts it anywhere, or with null says that nothing was read.
 * `mark` makes everything from an index on unread.
 */
export interface Read {
  readonly channelId: ChannelId
  readonly memberId: MemberId
  readonly userId: UserId
  readonly kind: 'advance' | 'set' | 'mark'
  readonly index: number | null
}

export interface WrittenRead {
  readonly member: Member
  /** The user's `seq` of this read; undefined where it changed nothing. */
  readonly seq: number | undefined
  /** Whether it read further than ever. */
  readonly hasNewReceipt: boolean
  /** When the member had read before. */
  readonly previousReadAt: Date | null
}

/**
 * Locks users by their ids and then their memberships, takes the users' next numbers and writes them to `user_channels`. Nothing of the channel
 * is locked and no number of it taken: sends do not wait, and `members` keeps its `user_seq`, so that a read is no change of the membership.
 * Looking at what was locked makes the locks precede all that follows. What others do not see does not move `updated_at` either, which they see.
 */
const writeStatement = (lock: string): string => `
WITH input AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[])
    AS given (channel_id, member_id, user_id, kind, index)
), readers AS (
  SELECT id, last_seq, read_receipts_enabled FROM users
  WHERE id IN (SELECT user_id FROM input) AND deleted_at IS NULL
  ORDER BY id
  FOR NO KEY UPDATE ${lock}
), moment AS MATERIALIZED (
  SELECT clock_timestamp()::timestamptz(3) AS now FROM (SELECT count(*) FROM readers) AS after_the_wait
), before AS (
  SELECT m.*, input.kind, input.index, readers.read_receipts_enabled
  FROM input JOIN members m ON m.channel_id = input.channel_id AND m.id = input.member_id AND m.user_id = input.user_id
  JOIN readers ON readers.id = m.user_id
  WHERE m.left_at IS NULL AND (SELECT now FROM moment) IS NOT NULL
  FOR NO KEY UPDATE OF m
), after AS (
  SELECT before.*,
    CASE kind WHEN 'advance' THEN greatest(last_read_index, index) WHEN 'set' THEN index ELSE last_read_index END AS next_read,
    CASE WHEN kind = 'mark' THEN index END AS next_from
  FROM before
), changed AS MATERIALIZED (
  SELECT after.*, row_number() OVER (PARTITION BY user_id ORDER BY channel_id) AS number,
    CASE WHEN kind = 'mark' THEN last_read_at ELSE (SELECT now FROM moment) END AS next_at,
    CASE WHEN kind = 'mark' THEN receipt_index ELSE greatest(receipt_index, next_read) END AS next_receipt,
    CASE WHEN kind = 'mark' THEN (SELECT last_index FROM channels WHERE channels.id = after.channel_id) END AS next_marked,
    CASE WHEN kind = 'mark' OR NOT read_receipts_enabled THEN updated_at ELSE (SELECT now FROM moment) END AS next_updated
  FROM after
  WHERE kind <> 'advance' OR unread_from IS NOT NULL OR next_read IS DISTINCT FROM last_read_index
), counted AS (
  UPDATE users SET last_seq = readers.last_seq + reads.count
  FROM readers JOIN (SELECT user_id, count(*) FROM changed GROUP BY user_id) AS reads ON reads.user_id = readers.id
  WHERE users.id = readers.id
), states AS (
  INSERT INTO user_channels (user_id, channel_id, user_seq, updated_at)
  SELECT user_id, channel_id, readers.last_seq + number, (SELECT now FROM moment)
  FROM changed JOIN readers ON readers.id = user_id
  ORDER BY user_id, channel_id
  ON CONFLICT (user_id, channel_id) DO UPDATE SET user_seq = EXCLUDED.user_seq, updated_at = EXCLUDED.updated_at
), written AS (
  UPDATE members
  SET last_read_index = next_read, last_read_at = next_at, receipt_index = next_receipt,
    unread_from = next_from, unread_marked_index = next_marked, updated_at = next_updated
  FROM changed
  WHERE members.channel_id = changed.channel_id AND members.id = changed.id
)
SELECT input.member_id AS given_id, readers.id IS NOT NULL AS is_reached, before.*, before.last_read_at AS previous_read_at,
  readers.last_seq + number AS reading_seq, next_read, next_at, next_receipt, next_from, next_marked, next_updated
FROM input
LEFT JOIN readers ON readers.id = input.user_id
LEFT JOIN before ON before.id = input.member_id
LEFT JOIN changed ON changed.id = input.member_id`

const waitingStatement = writeStatement('')
const skippingStatement = writeStatement('SKIP LOCKED')

type ReadRow = {
  readonly given_id: string
  readonly is_reached: boolean
  /** Null when the member has left. */
  readonly id: string | null
  readonly channel_id: string
  readonly user_id: string
  readonly identity: string
  readonly role_id: string
  readonly last_read_index: number | null
  readonly joined_index: number
  readonly receipt_index: number
  readonly unread_from: number | null
  readonly unread_marked_index: number | null
  readonly seq: number
  readonly joined_seq: number
  readonly user_seq: number
  readonly created_at: string
  readonly updated_at: string
  readonly previous_read_at: string | null
  /** With all that follows null when nothing changed. */
  readonly reading_seq: number | null
  readonly next_read: number | null
  readonly next_at: string | null
  readonly next_receipt: number
  readonly next_from: number | null
  readonly next_marked: number | null
  readonly next_updated: string
}

/** `locked` says that somebody else holds the user's row, `gone` that the member has left. */
export type ReadResult = WrittenRead | 'locked' | 'gone'

/**
 * Writes reads of different members in one statement, and answers in their order. `waits` says whether it waits for users that somebody else
 * keeps locked, instead of leaving them out.
 */
export async function writeReads(db: Db | Tx, reads: readonly Read[], waits: boolean): Promise<ReadResult[]> {
  const rows = await db.run<ReadRow>(waits ? waitingStatement : skippingStatement, [
    uuidArray(reads.map(({ channelId }) => channelId)),
    uuidArray(reads.map(({ memberId }) => memberId)),
    uuidArray(reads.map(({ userId }) => userId)),
    reads.map(({ kind }) => kind),
    `{${reads.map(({ index }) => index ?? 'NULL').join()}}`,
  ])
  const byMember = new Map(rows.map((row) => [uuidToSid('MB', row.given_id), row]))
  return reads.map(({ memberId }) => toResult(byMember.get(memberId)!, waits))
}

function toResult(row: ReadRow, waits: boolean): ReadResult {
  if (row.id === null) return row.is_reached || waits ? 'gone' : 'locked'
  const isChanged = row.reading_seq !== null
  return {
    seq: row.reading_seq ?? undefined,
    hasNewReceipt: isChanged && row.next_receipt > row.receipt_index,
    previousReadAt: toDateOrNull(row.previous_read_at),
    member: {
      channelId: uuidToSid('CH', row.channel_id),
      id: uuidToSid('MB', row.id),
      userId: uuidToSid('US', row.user_id),
      identity: row.identity,
      roleId: uuidToSid('RL', row.role_id),
      lastReadIndex: isChanged ? row.next_read : row.last_read_index,
      lastReadAt: toDateOrNull(isChanged ? row.next_at : row.previous_read_at),
      joinedIndex: row.joined_index,
      receiptIndex: isChanged ? row.next_receipt : row.receipt_index,
      unreadFrom: isChanged ? row.next_from : row.unread_from,
      unreadMarkedIndex: isChanged ? row.next_marked : row.unread_marked_index,
      seq: row.seq,
      joinedSeq: row.joined_seq,
      userSeq: row.user_seq,
      createdAt: toDate(row.created_at),
      updatedAt: toDate(isChanged ? row.next_updated : row.updated_at),
      leftAt: null,
    },
  }
}
