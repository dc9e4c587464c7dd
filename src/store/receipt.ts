import { and, eq, isNull, lte, sql, type SQL } from 'drizzle-orm'
import type { Member } from '../model/member.ts'
import type { Receipt } from '../model/receipt.ts'
import { uuidToSid, type ChannelId, type MemberId, type UserId } from '../model/sid.ts'
import { memberRow } from './delivery.ts'
import type { Orm } from './engine/connection.ts'
import { prepareOnce, uuidArray, type Db } from './engine/db.ts'
import { channels } from './tables/channel.ts'
import { deliveries } from './tables/delivery.ts'
import { members } from './tables/member.ts'
import { services } from './tables/service.ts'
import { users } from './tables/user.ts'

type Receipts = ReadonlyMap<ChannelId, readonly Receipt[]>

/**
 * The receipts of all members of channels, in the order of joining. Channels that report none, because of their size or their service, are
 * left out.
 */
export async function readReceipts(db: Db, channelIds: readonly ChannelId[]): Promise<Receipts> {
  return byChannel(await allReceipts(db).execute({ channelIds: uuidArray(channelIds) }))
}

export interface MemberKey {
  readonly channelId: ChannelId
  readonly memberId: MemberId
}

/** The same of some members. Those that have left are left out. */
export async function readMemberReceipts(db: Db, keys: readonly MemberKey[]): Promise<Receipts> {
  const channelIds = uuidArray(keys.map(({ channelId }) => channelId))
  const memberIds = uuidArray(keys.map(({ memberId }) => memberId))
  return byChannel(await memberReceipts(db).execute({ channelIds, memberIds }))
}

const selectReceipts = (orm: Orm, asked: SQL, isAsked?: SQL) =>
  orm
    .select({
      channelId: channels.id,
      member: members,
      readReceiptsEnabled: users.readReceiptsEnabled,
      deliveredIndex: deliveries.deliveredIndex,
    })
    .from(asked)
    .innerJoin(channels, and(sql`${channels.id} = asked.channel_id`, isNull(channels.deletedAt)))
    .innerJoin(
      services,
      and(
        eq(services.id, channels.serviceId),
        services.readStatusEnabled,
        lte(channels.membersCount, services.readReceiptsMaxMembers),
      ),
    )
    .leftJoin(members, and(eq(members.channelId, channels.id), isAsked, isNull(members.leftAt)))
    .leftJoin(users, eq(users.id, members.userId))
    .leftJoin(
      deliveries,
      and(
        eq(deliveries.channelId, members.channelId),
        eq(deliveries.memberId, members.id),
        eq(deliveries.deviceId, memberRow),
      ),
    )
    .orderBy(members.id)

const [channelIds, memberIds] = [sql.placeholder('channelIds'), sql.placeholder('memberIds')]

const allReceipts = prepareOnce((orm) =>
  selectReceipts(orm, sql`unnest(${channelIds}::uuid[]) AS asked (channel_id)`).prepare('all_receipts'),
)

const memberReceipts = prepareOnce((orm) =>
  selectReceipts(
    orm,
    sql`unnest(${channelIds}::uuid[], ${memberIds}::uuid[]) AS asked (channel_id, member_id)`,
    sql`${members.id} = asked.member_id`,
  ).prepare('member_receipts'),
)

interface ReceiptRow {
  readonly channelId: ChannelId
  /** Null with what follows when there is none that is asked for. */
  readonly member: Member | null
  readonly readReceiptsEnabled: boolean | null
  readonly deliveredIndex: number | null
}

function byChannel(rows: readonly ReceiptRow[]): Receipts {
  const all = new Map<ChannelId, Receipt[]>()
  for (const { channelId, member, readReceiptsEnabled, deliveredIndex } of rows) {
    const receipts = all.get(channelId) ?? []
    all.set(channelId, receipts)
    if (!member) continue
    receipts.push({
      member,
      readIndex: readReceiptsEnabled ? indexOrNull(member.receiptIndex) : null,
      deliveredIndex: indexOrNull(deliveredIndex ?? -1),
      hidesReads: !readReceiptsEnabled,
    })
  }
  return all
}

const hidingStatement = 'SELECT id FROM users WHERE id = ANY ($1::uuid[]) AND NOT read_receipts_enabled'

/** Those of the users that report their reading to nobody. */
export async function readUsersHidingReads(db: Db, userIds: readonly UserId[]): Promise<ReadonlySet<UserId>> {
  const rows = await db.run<{ id: string }>(hidingStatement, [uuidArray(userIds)])
  return new Set(rows.map(({ id }) => uuidToSid('US', id)))
}

function indexOrNull(index: number): number | null {
  return index < 0 ? null : index
}
