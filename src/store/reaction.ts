import type { Message, MessageExtras, MessageKey } from '../model/message.ts'
import type { Reaction, ReactionCount } from '../model/reaction.ts'
import { sidToUuid, type ChannelId } from '../model/sid.ts'
import { bigintArray, uuidArray, type Db, type Tx } from './engine/db.ts'
import {
  extrasColumns,
  fromExtrasColumns,
  fromMessageRow,
  keyArrays,
  nextExtras,
  type ExtrasColumns,
  type MessageRow,
} from './message-row.ts'

/** What one statement writes at most of one channel: `reactions.place` has room for so many at one `seq`. */
export const maxReactionsWritten = 100

/** A channel as it is under its lock. */
export interface LockedChannel {
  readonly lastIndex: number
  readonly lastSeq: number
  /** Messages below are truncated. */
  readonly firstIndex: number
  readonly lastLeftSeq: number
}

const lockStatement = `
SELECT last_index, last_seq, first_index, last_left_seq FROM channels WHERE id = $1 AND deleted_at IS NULL FOR UPDATE`

/** Locks a channel for its reactions. Undefined when it is gone. What is read after it has what others have committed before. */
export async function lockChannelCounters(tx: Tx, channelId: ChannelId): Promise<LockedChannel | undefined> {
  const [row] = await tx.run<{ last_index: number; last_seq: number; first_index: number; last_left_seq: number }>(
    lockStatement,
    [sidToUuid(channelId)],
  )
  return (
    row && {
      lastIndex: row.last_index,
      lastSeq: row.last_seq,
      firstIndex: row.first_index,
      lastLeftSeq: row.last_left_seq,
    }
  )
}

/** A reaction of a user to one message of a channel. */
export interface ReactionKey extends Reaction {
  readonly index: number
}

/** The row of a key, by one look at the primary key: without the limits of these joins the planner may read all of a channel instead. */
const oneReaction = (key: string): string => `
  SELECT ctid FROM reactions
  WHERE channel_id = $1 AND index = ${key}.index AND identity = ${key}.identity AND reaction = ${key}.reaction
  LIMIT 1`

const reactedStatement = `
WITH asked AS MATERIALIZED (
  SELECT * FROM unnest($2::bigint[], $3::text[], $4::text[]) WITH ORDINALITY AS asked (index, identity, reaction, ordinal)
)
SELECT messages.*, ${extrasColumns('extras')}, (
  SELECT string_agg((asked.ordinal - 1)::text, ',')
  FROM asked CROSS JOIN LATERAL (${oneReaction('asked')}) AS present
  WHERE asked.index = messages.index
) AS present
FROM (SELECT DISTINCT index FROM asked) AS touched
CROSS JOIN LATERAL (
  SELECT * FROM messages WHERE channel_id = $1 AND index = touched.index LIMIT 1
) AS messages
LEFT JOIN LATERAL (
  ${nextExtras('messages')}
) AS extras ON extras.index = messages.index
WHERE messages.deleted_at IS NULL`

export interface ReactedMessage {
  readonly message: Message & { readonly extras: MessageExtras | null }
  /** Which of the keys that were asked for stand in the table, by their places among them. */
  readonly present: ReadonlySet<number>
}

/** The messages of a locked channel that these are reactions to, without the deleted ones. */
export async function readReacted(
  tx: Tx,
  channelId: ChannelId,
  keys: readonly ReactionKey[],
): Promise<ReactedMessage[]> {
  const rows = await tx.run<MessageRow & ExtrasColumns & { readonly present: string | null }>(reactedStatement, [
    sidToUuid(channelId),
    bigintArray(keys.map(({ index }) => index)),
    keys.map(({ identity }) => identity),
    keys.map(({ reaction }) => reaction),
  ])
  return rows.map((row) => {
    const message = fromMessageRow(row)
    return {
      message: { ...message, extras: fromExtrasColumns(message, row) },
      present: new Set(row.present?.split(',').map(Number)),
    }
  })
}

/** What a message gains and loses at one `seq`, and its counters after it. */
export interface ReactionChange {
  readonly index: number
  readonly seq: number
  readonly added: readonly Reaction[]
  readonly removed: readonly Reaction[]
  readonly counts: readonly ReactionCount[]
}

const writeStatement = `
WITH taken AS (
  DELETE FROM reactions WHERE ctid = ANY (ARRAY(
    SELECT present.ctid FROM unnest($2::bigint[], $3::text[], $4::text[]) AS old (index, identity, reaction)
    CROSS JOIN LATERAL (${oneReaction('old')}) AS present
  ))
), added AS (
  INSERT INTO reactions (channel_id, index, identity, reaction, place)
  SELECT $1, * FROM unnest($5::bigint[], $6::text[], $7::text[], $8::bigint[])
), counted AS (
  UPDATE channels SET last_seq = $12 WHERE id = $1
)
INSERT INTO message_extras (channel_id, index, seq, reactions_seq, reactions)
SELECT $1, index, seq, seq, counts FROM unnest($9::bigint[], $10::bigint[], $11::text[]) AS changed (index, seq, counts)
ON CONFLICT (channel_id, index) DO UPDATE
SET seq = EXCLUDED.seq, reactions_seq = EXCLUDED.reactions_seq, reactions = EXCLUDED.reactions`

/** Writes the changes of a locked channel, each of another message, with the numbers that they have taken. */
export async function writeReactions(
  tx: Tx,
  channelId: ChannelId,
  changes: readonly [ReactionChange, ...ReactionChange[]],
): Promise<void> {
  const removed = changes.flatMap((change) => change.removed.map((key) => ({ ...key, index: change.index })))
  const added = changes.flatMap(({ added: keys, index, seq }) =>
    keys.map((key, at) => ({ ...key, index, place: seq * 256 + at })),
  )
  await tx.run(writeStatement, [
    sidToUuid(channelId),
    bigintArray(removed.map(({ index }) => index)),
    removed.map(({ identity }) => identity),
    removed.map(({ reaction }) => reaction),
    bigintArray(added.map(({ index }) => index)),
    added.map(({ identity }) => identity),
    added.map(({ reaction }) => reaction),
    bigintArray(added.map(({ place }) => place)),
    bigintArray(changes.map(({ index }) => index)),
    bigintArray(changes.map(({ seq }) => seq)),
    changes.map(({ counts }) => JSON.stringify(counts)),
    changes.at(-1)!.seq,
  ])
}

/** A reaction and where it stands among those of its kind. */
export interface PlacedReaction extends Reaction {
  readonly place: number
}

/** A page of who has one reaction to a message: above `after`, or below `before` from the end. */
export interface ReactionPage extends MessageKey {
  readonly reaction: string
  readonly after: number | undefined
  readonly before: number | undefined
  readonly backwards: boolean
  readonly limit: number
}

const pagesStatement = (backwards: boolean): string => `
SELECT asked.ordinal, found.identity, found.place
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::int[]) WITH ORDINALITY
  AS asked (channel_id, index, reaction, after, before, size, ordinal)
CROSS JOIN LATERAL (
  SELECT identity, place FROM reactions
  WHERE channel_id = asked.channel_id AND index = asked.index AND reaction = asked.reaction
    AND place > asked.after AND place < asked.before
  ORDER BY place ${backwards ? 'DESC' : 'ASC'} LIMIT asked.size
) AS found`

const forwards = pagesStatement(false)
const backwards = pagesStatement(true)

/** Pages of who has reacted, in the order in which they did; all pages of one direction in one statement. */
export async function readReactionPages(db: Db, pages: readonly ReactionPage[]): Promise<PlacedReaction[][]> {
  const found = pages.map((): PlacedReaction[] => [])
  for (const [statement, isBackwards] of [
    [forwards, false],
    [backwards, true],
  ] as const) {
    const places = pages.flatMap((page, at) => (page.backwards === isBackwards ? [at] : []))
    if (places.length === 0) continue
    const asked = places.map((at) => pages[at]!)
    const rows = await db.run<{ ordinal: number; identity: string; place: number }>(statement, [
      uuidArray(asked.map(({ channelId }) => channelId)),
      bigintArray(asked.map(({ index }) => index)),
      asked.map(({ reaction }) => reaction),
      bigintArray(asked.map(({ after = -1 }) => after)),
      bigintArray(asked.map(({ before = Number.MAX_SAFE_INTEGER }) => before)),
      bigintArray(asked.map(({ limit }) => limit)),
    ])
    for (const { ordinal, identity, place } of rows) {
      const at = places[ordinal - 1]!
      found[at]!.push({ identity, place, reaction: pages[at]!.reaction })
    }
  }
  // The join does not promise the order that it keeps.
  pages.forEach(({ backwards: isBackwards }, at) =>
    found[at]!.sort((one, other) => (isBackwards ? other.place - one.place : one.place - other.place)),
  )
  return found
}

const ofIdentityStatement = `
SELECT asked.ordinal, reactions.reaction
FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS asked (channel_id, index, ordinal)
JOIN reactions ON reactions.channel_id = asked.channel_id AND reactions.index = asked.index AND reactions.identity = $3`

/** Which reactions somebody has added to each of these messages. */
export async function readReactionsOf(
  db: Db,
  identity: string,
  messages: readonly MessageKey[],
): Promise<ReadonlySet<string>[]> {
  const rows = await db.run<{ ordinal: number; reaction: string }>(ofIdentityStatement, [
    ...keyArrays(messages),
    identity,
  ])
  const found = messages.map(() => new Set<string>())
  for (const { ordinal, reaction } of rows) found[ordinal - 1]!.add(reaction)
  return found
}

const purgeStatement = `
WITH page AS (
  SELECT index, identity, reaction FROM reactions WHERE channel_id = $1 AND index < $2 ORDER BY index LIMIT $3
), purged AS (
  DELETE FROM reactions USING page
  WHERE channel_id = $1 AND reactions.index = page.index AND reactions.identity = page.identity AND reactions.reaction = page.reaction
  RETURNING 1
)
SELECT count(*) AS count FROM purged`

/** Deletes reactions to the truncated messages of a channel, at most `limit`, and answers how many. A truncated message gets no new ones. */
export async function deleteReactionsBelow(db: Db, channel: string, index: number, limit: number): Promise<number> {
  const [row] = await db.run<{ count: number }>(purgeStatement, [channel, index, limit])
  return row!.count
}
