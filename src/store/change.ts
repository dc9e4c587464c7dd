import { and, asc, eq, gt, gte, isNull, lte, or, sql } from 'drizzle-orm'
import type { Channel } from '../model/channel.ts'
import type { Truncation } from '../model/event.ts'
import type { Member } from '../model/member.ts'
import type { Message, MessageExtras } from '../model/message.ts'
import { sidToUuid, type ChannelId, type MemberId } from '../model/sid.ts'
import { placeholder, prepareOnce, type Db } from './engine/db.ts'
import {
  extrasColumns,
  nextExtras,
  fromExtrasColumns,
  fromMessageRow,
  type ExtrasColumns,
  type MessageRow,
} from './message-row.ts'
import { channels } from './tables/channel.ts'
import { members } from './tables/member.ts'
import { messageExtras } from './tables/message-extras.ts'
import { messages } from './tables/message.ts'
import { withParents } from './thread.ts'

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

/** The limits are inside the joins: sorting afterwards would read the rest of the channel for every page, and so would a merge of both tables. */
const addedStatement = `
SELECT c.last_index AS channel_index, c.last_seq AS channel_seq, c.first_index, added.*,
  CASE WHEN own.id IS NULL AND $2::uuid IS NOT NULL THEN 0 WHEN own.left_at IS NOT NULL THEN own.seq END AS left_seq
FROM channels c
LEFT JOIN members own ON own.channel_id = c.id AND own.id = $2::uuid
LEFT JOIN LATERAL (
  SELECT messages.*, ${extrasColumns('extras')}
  FROM messages LEFT JOIN LATERAL (
    ${nextExtras('messages')}
  ) AS extras ON extras.index = messages.index
  WHERE messages.channel_id = c.id AND messages.index > greatest($3::bigint, c.first_index - 1)
  ORDER BY messages.index LIMIT $4
) AS added ON true
WHERE c.id = $1`

interface AddedRow extends MessageRow, ExtrasColumns {
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
  // Without messages there is one empty row. The join does not promise the order that it keeps.
  const added = rows
    .filter((row) => row.id !== null)
    .map((row) => {
      const message = fromMessageRow(row)
      return { ...message, extras: fromExtrasColumns(message, row) }
    })
    .sort((one, other) => one.index - other.index)
  return {
    lastIndex: first.channel_index,
    lastSeq: first.channel_seq,
    firstIndex: first.first_index,
    messages: await withParents(db, added),
    memberLeftSeq: first.left_seq ?? undefined,
  }
}

/** A message whose extras have changed, with the `seq` of that. */
export interface ExtrasChange {
  readonly seq: number
  readonly message: Message & { readonly extras: MessageExtras }
}

/** All rows whose last change is in a range of `seq`, in that order. Numbers without a row were superseded. */
export interface ChangePage {
  /** By what an event is about. */
  readonly changed: {
    readonly message: readonly Message[]
    readonly extras: readonly ExtrasChange[]
    readonly member: readonly Member[]
    readonly channel: readonly Channel[]
    readonly truncation: readonly Truncation[]
  }
  /** The `seq` that the page is complete up to. */
  readonly throughSeq: number
}

const inRange = (
  column:
    | typeof messages.seq
    | typeof messageExtras.seq
    | typeof members.seq
    | typeof channels.seq
    | typeof channels.truncatedSeq,
) => and(gt(column, placeholder(column, 'after')), lte(column, placeholder(column, 'through')))

const extrasOfMessage = and(eq(messageExtras.channelId, messages.channelId), eq(messageExtras.index, messages.index))

const changedMessages = prepareOnce((orm) =>
  orm
    .select({ message: messages, extras: messageExtras })
    .from(messages)
    .leftJoin(messageExtras, extrasOfMessage)
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

const changedExtras = prepareOnce((orm) =>
  orm
    .select({ message: messages, extras: messageExtras })
    .from(messageExtras)
    // Of a deleted message its replies go on.
    .innerJoin(
      messages,
      and(
        extrasOfMessage,
        or(isNull(messages.deletedAt), gt(messageExtras.threadSeq, placeholder(messageExtras.seq, 'after'))),
      ),
    )
    .where(
      and(
        eq(messageExtras.channelId, placeholder(messageExtras.channelId, 'channelId')),
        inRange(messageExtras.seq),
        gte(messageExtras.index, placeholder(messageExtras.index, 'firstIndex')),
        lte(messageExtras.index, placeholder(messageExtras.index, 'index')),
      ),
    )
    .orderBy(asc(messageExtras.seq))
    .limit(sql.placeholder('limit'))
    .prepare('changed_extras'),
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
 * Changes after one `seq` and up to another, of messages from `firstIndex` to `index` and of everything else. The reads are not one
 * snapshot and need not be: a row that changes in between moves out of the range, and is found in a later one.
 */
export async function readChanges(
  db: Db,
  range: { channelId: ChannelId; after: number; through: number; firstIndex: number; index: number; limit: number },
): Promise<ChangePage> {
  const [messageRows, extrasRows, memberRows, channelRows] = await Promise.all([
    changedMessages(db)
      .execute(range)
      .then((rows) =>
        withParents(
          db,
          rows.map(({ message, extras }) => ({ ...message, extras })),
        ),
      ),
    changedExtras(db)
      .execute(range)
      .then((rows) => rows.map(({ message, extras }) => ({ seq: extras.seq, message: { ...message, extras } }))),
    changedMembers(db).execute(range),
    changedChannel(db).execute(range),
  ])
  // A full list may have more above its last row, so the page is complete only up to there.
  const ends = [messageRows, extrasRows, memberRows].flatMap((rows) =>
    rows.length === range.limit ? rows.at(-1)!.seq : [],
  )
  const throughSeq = Math.min(range.through, ...ends)
  return {
    changed: {
      message: messageRows.filter((row) => row.seq <= throughSeq),
      extras: extrasRows.filter((row) => row.seq <= throughSeq),
      member: memberRows.filter((row) => row.seq <= throughSeq),
      channel: channelRows.filter((row) => row.seq > range.after && row.seq <= throughSeq),
      truncation: channelRows
        .map((channel) => ({ seq: channel.truncatedSeq, channel }))
        .filter(({ seq }) => seq > range.after && seq <= throughSeq),
    },
    throughSeq,
  }
}
