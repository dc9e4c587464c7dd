import { and, eq, isNull, not, sql, type SQL } from 'drizzle-orm'
import type { Channel } from '../model/channel.ts'
import type { OrderKey } from '../model/list-order.ts'
import { foldName } from '../model/name-token.ts'
import type { Page } from '../model/page.ts'
import { sidToUuid, uuidToSid, type ChannelId, type ServiceId, type UserId } from '../model/sid.ts'
import { toDate, uuidArray, type Db, type Tx } from './engine/db.ts'
import { beginsWith, isInOrder, listOrder } from './engine/page.ts'
import { shownAtOf } from './shown.ts'
import { channels, channelSummaries } from './tables/channel.ts'
import { byBytes } from './tables/columns.ts'
import { members } from './tables/member.ts'

/** A public channel, and what it is listed by: as it was when its summary was refreshed. */
export interface PublicChannel {
  readonly id: ChannelId
  readonly channel: Channel
  readonly name: string
  readonly membersCount: number
  readonly activeAt: Date
}

export type PublicChannelField = 'members' | 'activity' | 'name'

const orders = {
  name: [byBytes(channelSummaries.name), 'text'],
  members: [sql`${channelSummaries.membersCount}`, 'integer'],
  activity: [sql`${channelSummaries.activeAt}`, 'timestamptz'],
} as const satisfies Record<PublicChannelField, readonly [SQL, string]>

/** One page of a service's public channels, in ascending order. Deleted ones are found out by their own rows. */
export async function readPublicChannels(
  db: Db,
  serviceId: ServiceId,
  { field, prefix }: { readonly field: PublicChannelField; readonly prefix: string | undefined },
  page: Page<OrderKey>,
): Promise<PublicChannel[]> {
  const [value, type] = orders[field]
  const { channelId: id, name, membersCount, activeAt } = channelSummaries
  return db.orm
    .select({ id, channel: channels, name, membersCount, activeAt })
    .from(channelSummaries)
    .innerJoin(channels, and(eq(channels.id, id), eq(channels.type, 'public'), isNull(channels.deletedAt)))
    .where(
      and(eq(channelSummaries.serviceId, serviceId), beginsWith(value, prefix, page), isInOrder(value, type, id, page)),
    )
    .orderBy(...listOrder(value, id, page))
    .limit(page.size + 1)
}

/** Names that are looked at: the user may be in the channels that have the first ones. */
const maxNamed = 500

/** Public channels of a service whose name begins so and that a user is not in, by name. */
export async function readJoinableChannels(
  db: Db,
  serviceId: ServiceId,
  userId: UserId,
  prefix: string,
  limit: number,
): Promise<ChannelId[]> {
  const name = byBytes(channelSummaries.name)
  const page = { size: maxNamed, backwards: false, after: undefined, before: undefined }
  const named = db.orm
    .select({ channelId: channelSummaries.channelId, name: sql<string>`${name}`.as('sorted_name') })
    .from(channelSummaries)
    .where(and(eq(channelSummaries.serviceId, serviceId), beginsWith(name, prefix, page)))
    .orderBy(...listOrder(name, channelSummaries.channelId, page))
    .limit(maxNamed)
    .as('named')
  // Row by row: joined, the planner would take all channels and memberships for a limit that it does not know.
  const isThere = sql`(SELECT count(*) FROM ${channels} AS c WHERE c.id = ${named.channelId} AND c.deleted_at IS NULL) = 1`
  const isMember = sql`(SELECT count(*) FROM ${members} AS m
    WHERE m.channel_id = ${named.channelId} AND m.user_id = ${sidToUuid(userId)}::uuid AND m.left_at IS NULL) > 0`
  const rows = await db.orm
    .select({ id: named.channelId })
    .from(named)
    .where(and(isThere, not(isMember)))
    .orderBy(named.name, named.channelId)
    .limit(limit)
  return rows.map(({ id }) => id)
}

/** Channels per statement of the refreshing, and statements for each run: more channels than that take several runs. */
const batchRows = 500
const maxBatches = 400

const batchStatement = `
SELECT c.id, c.service_id, c.type = 'public' AND c.deleted_at IS NULL AS is_listed,
  coalesce(c.friendly_name, c.unique_name, '') AS name, c.members_count, coalesce(${shownAtOf('c')}, c.created_at) AS active_at,
  s.name AS known_name, s.members_count AS known_members_count, s.active_at AS known_active_at
FROM channels c LEFT JOIN channel_summaries s ON s.channel_id = c.id
WHERE c.id > $1::uuid
ORDER BY c.id LIMIT $2`

/** Held for a batch, which so reads what the others have written, and writes nothing older over it. */
const lockStatement = 'SELECT pg_advisory_xact_lock(1919247988)'

/**
 * The foreign key locks the channels, which must not wait for one that is locked while sends wait for the others: a channel that is locked now
 * gets its summary next time. The last statement of the transaction.
 */
const insertStatement = `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[])
    AS given (channel_id, service_id, name, members_count, active_at)
), free AS (
  SELECT id FROM channels WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE SKIP LOCKED
)
INSERT INTO channel_summaries (channel_id, service_id, name, members_count, active_at)
SELECT given.* FROM given JOIN free ON free.id = given.channel_id
ON CONFLICT DO NOTHING`

const updateStatement = `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[])
    AS given (channel_id, name, members_count, active_at)
)
UPDATE channel_summaries s SET name = given.name, members_count = given.members_count, active_at = given.active_at
FROM given
WHERE s.channel_id = given.channel_id`

const deleteStatement = 'DELETE FROM channel_summaries WHERE channel_id = ANY ($1::uuid[])'

interface SummaryRow extends Record<string, unknown> {
  readonly id: string
  readonly service_id: string
  readonly is_listed: boolean
  readonly name: string
  readonly members_count: number
  readonly active_at: string
  readonly known_name: string | null
  readonly known_members_count: number | null
  readonly known_active_at: string | null
}

/**
 * Brings the summaries of public channels up to date, and writes only what has changed. It begins after a channel, and answers where the next
 * run goes on; undefined when it has come to the end.
 */
export async function refreshChannelSummaries(db: Db, after?: ChannelId): Promise<ChannelId | undefined> {
  let last = after === undefined ? '0'.repeat(32) : sidToUuid(after)
  for (let batch = 0; batch < maxBatches; batch++) {
    const rows = await db.transaction(async (tx) => {
      await tx.run(lockStatement, [])
      const found = await tx.run<SummaryRow>(batchStatement, [last, batchRows])
      await writeSummaries(
        tx,
        found.map((row) => ({ ...row, name: foldName(row.name) })),
      )
      return found
    })
    if (rows.length < batchRows) return undefined
    last = rows.at(-1)!.id
  }
  return uuidToSid('CH', last)
}

async function writeSummaries(tx: Tx, rows: readonly SummaryRow[]): Promise<void> {
  const isKnown = (row: SummaryRow): boolean => row.known_name !== null
  const hasChanged = (row: SummaryRow): boolean =>
    row.name !== row.known_name ||
    row.members_count !== row.known_members_count ||
    row.active_at !== row.known_active_at
  const ids = (some: readonly SummaryRow[]) => uuidArray(some.map(({ id }) => uuidToSid('CH', id)))
  const values = (some: readonly SummaryRow[]) => [
    some.map(({ name }) => name),
    some.map((row) => row.members_count),
    some.map((row) => toDate(row.active_at).toISOString()),
  ]
  const added = rows.filter((row) => row.is_listed && !isKnown(row))
  const changed = rows.filter((row) => row.is_listed && isKnown(row) && hasChanged(row))
  const gone = rows.filter((row) => !row.is_listed && isKnown(row))
  if (changed.length > 0) await tx.run(updateStatement, [ids(changed), ...values(changed)])
  if (gone.length > 0) await tx.run(deleteStatement, [ids(gone)])
  if (added.length > 0) {
    const services = uuidArray(added.map((row) => uuidToSid('IS', row.service_id)))
    await tx.run(insertStatement, [ids(added), services, ...values(added)])
  }
}
