import { and, asc, desc, eq, getTableColumns, inArray, isNotNull, isNull, sql, type SQL } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { Channel, ChannelType } from '../model/channel.ts'
import type { Invite } from '../model/invite.ts'
import type { OrderKey } from '../model/list-order.ts'
import type { Member } from '../model/member.ts'
import type { Page } from '../model/page.ts'
import type { Permission } from '../model/permission.ts'
import { nobody, sidToUuid, uuidToSid, type ChannelId, type ServiceId, type UserId } from '../model/sid.ts'
import { placeholder, prepareOnce, toDate, uuidArray, type Db, type Tx } from './engine/db.ts'
import { beginsWith, isInOrder, isInPage, listOrder } from './engine/page.ts'
import { isPresentIn } from './member.ts'
import { channels, shownName } from './tables/channel.ts'
import { byBytes, sidOfNow } from './tables/columns.ts'
import { invites } from './tables/invite.ts'
import { members } from './tables/member.ts'
import { roles, services } from './tables/service.ts'

export type NewChannel = Pick<
  Channel,
  'id' | 'serviceId' | 'uniqueName' | 'friendlyName' | 'type' | 'attributes' | 'createdBy'
> & { readonly directKey?: string | null }

/** Inserts it with a new SID, by the database's time. */
export async function insertChannel(tx: Tx | Db, channel: NewChannel): Promise<Channel> {
  const [row] = await tx.orm
    .insert(channels)
    .values({ ...channel, id: sidOfNow(channel.id) })
    .returning()
  return row!
}

/** A channel with one user's membership and the permissions of its channel role, or with its invite. */
export interface ChannelAccess {
  readonly channel: Channel
  readonly member: Member | null
  readonly permissions: Permission[] | null
  readonly invite: Invite | null
  /** Whether the service has webhooks or keyword rules. */
  readonly hasHooks: boolean
}

/** Read with the access, so that a send in a service without webhooks and rules does not read the service. */
const hasHooks = sql<boolean>`(${services.keywordRules} <> '[]' OR (${services.webhooksEnabled} AND (
  ${services.preWebhookUrl} IS NOT NULL OR ${services.postWebhookUrl} IS NOT NULL OR ${services.webhookTargets} <> '{}'
)))`

const isInviteOf = (userId: SQL) =>
  and(eq(invites.channelId, channels.id), eq(invites.userId, userId), isNull(invites.removedAt))

const accessBy = (key: 'id' | 'uniqueName') =>
  prepareOnce((orm) =>
    orm
      .select({ channel: channels, member: members, permissions: roles.permissions, invite: invites, hasHooks })
      .from(channels)
      .innerJoin(services, eq(services.id, channels.serviceId))
      .leftJoin(
        members,
        and(
          eq(members.channelId, channels.id),
          eq(members.userId, placeholder(members.userId, 'userId')),
          isNull(members.leftAt),
        ),
      )
      .leftJoin(roles, eq(roles.id, members.roleId))
      .leftJoin(invites, isInviteOf(placeholder(invites.userId, 'userId')))
      .where(
        and(
          eq(channels[key], placeholder(channels[key], 'key')),
          key === 'uniqueName' ? eq(channels.serviceId, placeholder(channels.serviceId, 'serviceId')) : undefined,
          isNull(channels.deletedAt),
        ),
      )
      .prepare(`channel_access_by_${key}`),
  )

const accessById = accessBy('id')
const accessByUniqueName = accessBy('uniqueName')

export async function readChannelAccess(db: Db, id: ChannelId, userId = nobody): Promise<ChannelAccess | undefined> {
  const [row] = await accessById(db).execute({ key: id, userId })
  return row
}

export async function readChannelAccessByName(
  db: Db,
  serviceId: ServiceId,
  uniqueName: string,
  userId = nobody,
): Promise<ChannelAccess | undefined> {
  const [row] = await accessByUniqueName(db).execute({ key: uniqueName, serviceId, userId })
  return row
}

export interface AccessKey {
  readonly id: ChannelId
  readonly userId: UserId | undefined
}

const accessesByIds = prepareOnce((orm) =>
  orm
    .select({
      place: sql<number>`asked.place::int`,
      channel: channels,
      member: members,
      permissions: roles.permissions,
      invite: invites,
      hasHooks,
    })
    .from(
      sql`unnest(${sql.placeholder('ids')}::uuid[], ${sql.placeholder('userIds')}::uuid[])
        WITH ORDINALITY AS asked (channel_id, user_id, place)`,
    )
    .innerJoin(channels, and(sql`${channels.id} = asked.channel_id`, isNull(channels.deletedAt)))
    .innerJoin(services, eq(services.id, channels.serviceId))
    .leftJoin(members, isPresentIn(sql`asked.channel_id`, sql`asked.user_id`))
    .leftJoin(roles, eq(roles.id, members.roleId))
    .leftJoin(invites, isInviteOf(sql`asked.user_id`))
    .prepare('channel_accesses_by_ids'),
)

/** The same for many at once, in the order of the keys. */
export async function readChannelAccesses(db: Db, keys: readonly AccessKey[]): Promise<(ChannelAccess | undefined)[]> {
  const rows = await accessesByIds(db).execute({
    ids: uuidArray(keys.map(({ id }) => id)),
    userIds: uuidArray(keys.map(({ userId = nobody }) => userId)),
  })
  const byPlace = new Map(rows.map(({ place, ...access }) => [place, access]))
  return keys.map((_, at) => byPlace.get(at + 1))
}

/** The direct channel of exactly these users. */
export async function readDirectChannel(db: Db, serviceId: ServiceId, directKey: string): Promise<Channel | undefined> {
  const [row] = await db.orm
    .select()
    .from(channels)
    .where(and(eq(channels.serviceId, serviceId), eq(channels.directKey, directKey), isNull(channels.deletedAt)))
  return row
}

/** Locks the channel's row. Its holder makes the next change in the channel. */
export async function lockChannel(tx: Tx, id: ChannelId): Promise<Channel | undefined> {
  const [row] = await tx.orm
    .select()
    .from(channels)
    .where(and(eq(channels.id, id), isNull(channels.deletedAt)))
    .for('update')
  return row
}

export async function readChannels(db: Db, ids: readonly ChannelId[]): Promise<Channel[]> {
  return db.orm
    .select()
    .from(channels)
    .where(inArray(channels.id, [...ids]))
}

/** Changes fields of a locked channel under its next `seq`. */
export async function updateChannelRow(
  tx: Tx,
  channel: Channel,
  change: Partial<
    Pick<Channel, 'uniqueName' | 'friendlyName' | 'attributes' | 'isFrozen' | 'lastLeftSeq' | 'deletedAt'>
  >,
): Promise<Channel> {
  const seq = channel.lastSeq + 1
  const [row] = await tx.orm
    .update(channels)
    .set({ ...change, seq, lastSeq: seq, updatedAt: sql`clock_timestamp()` })
    .where(eq(channels.id, channel.id))
    .returning()
  return row!
}

/**
 * Truncates a locked channel below an index that is above its first, under its next `seq`. Messages are numbered without gaps, so those that go are a
 * difference, less the deleted ones.
 */
const truncateStatement = `
UPDATE channels c
SET first_index = $2, last_seq = last_seq + 1, truncated_seq = last_seq + 1, truncated_at = clock_timestamp(),
  messages_count = messages_count - ($2::bigint - first_index - (
    SELECT count(*) FROM messages
    WHERE channel_id = c.id AND index >= c.first_index AND index < $2::bigint AND deleted_at IS NOT NULL
  ))
WHERE id = $1
RETURNING messages_count, truncated_at`

export async function truncateChannelRow(tx: Tx, channel: Channel, firstIndex: number): Promise<Channel> {
  const [row] = await tx.run<{ messages_count: number; truncated_at: string }>(truncateStatement, [
    sidToUuid(channel.id),
    firstIndex,
  ])
  const seq = channel.lastSeq + 1
  return {
    ...channel,
    firstIndex,
    lastSeq: seq,
    truncatedSeq: seq,
    truncatedAt: toDate(row!.truncated_at),
    messagesCount: row!.messages_count,
  }
}

/** Sets the counters of a locked channel for a change of another row. */
export async function moveChannelCounters(
  tx: Tx,
  channelId: ChannelId,
  counters: Partial<Pick<Channel, 'lastSeq' | 'lastLeftSeq'>> & { membersCount?: SQL; messagesCount?: SQL },
): Promise<void> {
  await tx.orm.update(channels).set(counters).where(eq(channels.id, channelId))
}

export interface ChannelList {
  readonly serviceId: ServiceId
  readonly userId: UserId | undefined
  readonly types: readonly ChannelType[] | undefined
  /** Of the backend's list. */
  readonly onlyFrozen?: boolean
}

/** As the index has it. */
const isFrozen = sql`${channels.isFrozen}`

/**
 * One page of a service's channels by id, oldest first. For a user: public channels, and those that it is in or invited to. Each of these is a
 * scan of an index, and they are merged: one scan with a condition would pass all private channels of others.
 */
export async function readChannelPage(db: Db, list: ChannelList, page: Page<ChannelId>): Promise<Channel[]> {
  const { serviceId, userId, types, onlyFrozen = false } = list
  const has = (type: ChannelType): boolean => types?.includes(type) ?? true
  const within = (id: typeof channels.id | typeof members.channelId | typeof invites.channelId) =>
    and(eq(channels.serviceId, serviceId), isNull(channels.deletedAt), isInPage(id, page))
  const direction = page.backwards ? desc : asc
  const ofService = (type?: ChannelType) =>
    db.orm
      .select()
      .from(channels)
      .where(and(within(channels.id), type && eq(channels.type, type), onlyFrozen ? isFrozen : undefined))
      .orderBy(direction(channels.id))
      .limit(page.size + 1)
  const privateOf = (user: UserId) =>
    db.orm
      .select(getTableColumns(channels))
      .from(members)
      .innerJoin(channels, eq(channels.id, members.channelId))
      .where(
        and(within(members.channelId), eq(channels.type, 'private'), eq(members.userId, user), isNull(members.leftAt)),
      )
      .orderBy(direction(members.channelId))
      .limit(page.size + 1)
  const invitesOf = (user: UserId) =>
    db.orm
      .select(getTableColumns(channels))
      .from(invites)
      .innerJoin(channels, eq(channels.id, invites.channelId))
      .where(
        and(
          within(invites.channelId),
          eq(channels.type, 'private'),
          eq(invites.userId, user),
          isNull(invites.removedAt),
        ),
      )
      .orderBy(direction(invites.channelId))
      .limit(page.size + 1)
  if (types?.length === 0) return []
  const isAll = has('public') && has('private')
  if (userId === undefined) return ofService(isAll ? undefined : types?.[0])
  if (!isAll && has('public')) return ofService('public')
  const own = [privateOf(userId), invitesOf(userId)] as const
  return (isAll ? unionAll(ofService('public'), ...own) : unionAll(...own))
    .orderBy(direction(channels.id))
    .limit(page.size + 1)
}

const channelOrders = {
  uniqueName: [byBytes(channels.uniqueName), 'text', isNotNull(channels.uniqueName)],
  name: [shownName(channels), 'text', sql`coalesce(${channels.friendlyName}, ${channels.uniqueName}) IS NOT NULL`],
  updatedAt: [sql`${channels.updatedAt}`, 'timestamptz', undefined],
} as const

export interface OrderedChannel {
  readonly channel: Channel
  /** What it is ordered by. */
  readonly value: string
}

/** One page of a service's channels by unique name or by the name that people see, without those that have none, or by the time of their last update. */
export async function readChannelsInOrder(
  db: Db,
  serviceId: ServiceId,
  { field, prefix }: { readonly field: keyof typeof channelOrders; readonly prefix: string | undefined },
  page: Page<OrderKey>,
): Promise<OrderedChannel[]> {
  const [value, type, isThere] = channelOrders[field]
  const rows = await db.orm
    .select({
      channel: channels,
      name: sql<string | null>`${shownName(channels)}`,
    })
    .from(channels)
    .where(
      and(
        eq(channels.serviceId, serviceId),
        isNull(channels.deletedAt),
        isThere,
        beginsWith(value, prefix, page),
        isInOrder(value, type, channels.id, page),
      ),
    )
    .orderBy(...listOrder(value, channels.id, page))
    .limit(page.size + 1)
  return rows.map(({ channel, name }) => ({
    channel,
    value: { uniqueName: channel.uniqueName!, name: name!, updatedAt: channel.updatedAt.toISOString() }[field],
  }))
}

const unlockedStatement = 'SELECT id FROM channels WHERE id = ANY ($1::uuid[]) FOR UPDATE SKIP LOCKED'

/** The channels among these whose rows are not locked at this moment. */
export async function readUnlockedChannels(db: Db, channelIds: readonly ChannelId[]): Promise<ChannelId[]> {
  const rows = await db.run<{ id: string }>(unlockedStatement, [uuidArray(channelIds)])
  return rows.map(({ id }) => uuidToSid('CH', id))
}
