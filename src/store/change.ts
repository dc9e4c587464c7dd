import { and, asc, eq, gt, gte, lte, or, sql } from 'drizzle-orm'
import type { Channel } from '../model/channel.ts'
import type { Truncation } from '../model/event.ts'
import type { Member } from '../model/member.ts'
import type { Message } from '../model/message.ts'
import { sidToUuid, type ChannelId, type MemberId } from '../model/sid.ts'
import { placeholder, prepareOnce, type Db } from './engine/db.ts'
import { fromMessageRow, type MessageRow } from './message-row.ts'
import { channels } from './tables/channel.ts'
import { members } from './tables/member.ts'
import { messages } from './tables/message.ts'

/** The counters of a channel and its messages above an index, from one snapshot. */
export interface AddedPage {
  readonly lastIndex: number
  readonly lastSeq: number
  /** Messages below are truncated. */
  readonly firstIndex: number
  /** In index order, tombstones included, up to the limit. */
  readonly messages: readonly Message[]
  /** The `seq` at which the member left, if it has; 0 when there is no such member, because its joining was lost. */
  readonly memberLeftSeq: number | undefined
}

/** The limit is inside the join: sorting afterwards would read the rest of the channel for every page. */
const addedStatement = `
SELECT c.last_index AS channel_index, c.last_seq AS channel_seq, c.first_index, added.*,
  CASE WHEN own.id IS NULL AND $2::uuid IS NOT NULL THEN 0 WHEN own.left_at IS NOT NULL THEN own.seq END AS left_seq
FROM channels c
LEFT JOIN members own ON own.channel_id = c.id AND own.id = $2::uuid
LEFT JOIN LATERAL (
  SELECT * FROM messages WHERE channel_id = c.id AND index > greatest($3::bigint, c.first_index - 1) ORDER BY index LIMIT $4
) AS added ON true
WHERE c.id = $1`

interface AddedRow extends MessageRow {
  readonly channel_index: number
  readonly channel_seq: number
  readonly first_index: number
  readonly left_seq: number | null
}

/** Undefined when there is no such channel. A deleted one is answered, too: its tombstone is one of the changes. */
export async function readAddedAfter(
  db: Db,
  channelId: ChannelId,
  index: number,
  limit: number,
  memberId?: MemberId,
): Promise<AddedPage | undefined> {
  const member = memberId === undefined ? null : sidToUuid(memberId)
  const rows = await db.run<AddedRow>(addedStatement, [sidToUuid(channelId), member, index, limit])
  const [first] = rows
  if (!first) return undefined
  return {
    lastIndex: first.channel_index,
    lastSeq: first.channel_seq,
    firstIndex: first.first_index,
    // Without messages there is one empty row. The join does not promise the order that it keeps.
    messages: rows
      .filter((row) => row.id !== null)
      .map(fromMessageRow)
      .sort((one, other) => one.index - other.index),
    memberLeftSeq: first.left_seq ?? undefined,
  }
}

/** All rows whose last change is in a range of `seq`, in that order. Numbers without a row were superseded. */
export interface ChangePage {
  /** By what an event is about. */
  readonly changed: {
    readonly message: readonly Message[]
    readonly member: readonly Member[]
    readonly channel: readonly Channel[]
    readonly truncation: readonly Truncation[]
  }
  /** The `seq` that the page is complete up to. */
  readonly throughSeq: number
}

const inRange = (
  column: typeof messages.seq | typeof members.seq | typeof channels.seq | typeof channels.truncatedSeq,
) => and(gt(column, placeholder(column, 'after')), lte(column, placeholder(column, 'through')))

const changedMessages = prepareOnce((orm) =>
  orm
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.channelId, placeholder(messages.channelId, 'channelId')),
        inRange(messages.seq),
        gte(messages.index, placeholder(messages.index, 'firstIndex')),
        lte(messages.index, placeholder(messages.index, 'index')),
      ),
    )
    .orderBy(asc(messages.seq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_messages'),
)

const changedMembers = prepareOnce((orm) =>
  orm
    .select()
    .from(members)
    .where(and(eq(members.channelId, placeholder(members.channelId, 'channelId')), inRange(members.seq)))
    .orderBy(asc(members.seq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_members'),
)

const changedChannel = prepareOnce((orm) =>
  orm
    .select()
    .from(channels)
    .where(
      and(
        eq(channels.id, placeholder(channels.id, 'channelId')),
        or(inRange(channels.seq), inRange(channels.truncatedSeq)),
      ),
    )
    .prepare('changed_channel'),
)

/**
 * Changes after one `seq` and up to another, of messages from `firstIndex` to `index` and of everything else. The three reads are not one
 * snapshot and need not be: a row that changes in between moves out of the range, and is found in a later one.
 */
export async function readChanges(
  db: Db,
  range: { channelId: ChannelId; after: number; through: number; firstIndex: number; index: number; limit: number },
): Promise<ChangePage> {
  const [messageRows, memberRows, channelRows] = await Promise.all([
    changedMessages(db).execute(range),
    changedMembers(db).execute(range),
    changedChannel(db).execute(range),
  ])
  // A full list may have more above its last row, so the page is complete only up to there.
  const ends = [messageRows, memberRows].flatMap((rows) => (rows.length === range.limit ? rows.at(-1)!.seq : []))
  const throughSeq = Math.min(range.through, ...ends)
  return {
    changed: {
      message: messageRows.filter((row) => row.seq <= throughSeq),
      member: memberRows.filter((row) => row.seq <= throughSeq),
      channel: channelRows.filter((row) => row.seq > range.after && row.seq <= throughSeq),
      truncation: channelRows
        .map((channel) => ({ seq: channel.truncatedSeq, channel }))
        .filter(({ seq }) => seq > range.after && seq <= throughSeq),
    },
    throughSeq,
  }
}
