import { and, eq, isNull, lte, or, sql } from 'drizzle-orm'
import type { Receipt } from '../model/receipt.ts'
import { sidToUuid, type ChannelId, type MemberId } from '../model/sid.ts'
import { memberRow } from './delivery.ts'
import { uuidArray, type Db } from './engine/db.ts'
import { channels } from './tables/channel.ts'
import { deliveries } from './tables/delivery.ts'
import { members } from './tables/member.ts'
import { services } from './tables/service.ts'
import { users } from './tables/user.ts'

/** One member of a channel, or all of them. */
export interface ReceiptKey {
  readonly channelId: ChannelId
  readonly memberId: MemberId | undefined
}

/** The receipts of present members, in the order of joining. Channels that report none, because of their size or their service, are left out. */
export async function readReceipts(
  db: Db,
  keys: readonly ReceiptKey[],
): Promise<ReadonlyMap<ChannelId, readonly Receipt[]>> {
  const channelIds = uuidArray(keys.map(({ channelId }) => channelId))
  const memberIds = `{${keys.map(({ memberId }) => (memberId === undefined ? 'NULL' : sidToUuid(memberId))).join()}}`
  const rows = await db.orm
    .select({
      channelId: channels.id,
      member: members,
      readReceiptsEnabled: users.readReceiptsEnabled,
      deliveredIndex: deliveries.deliveredIndex,
    })
    .from(sql`unnest(${channelIds}::uuid[], ${memberIds}::uuid[]) AS asked (channel_id, member_id)`)
    .innerJoin(channels, and(sql`${channels.id} = asked.channel_id`, isNull(channels.deletedAt)))
    .innerJoin(
      services,
      and(
        eq(services.id, channels.serviceId),
        services.readStatusEnabled,
        lte(channels.membersCount, services.readReceiptsMaxMembers),
      ),
    )
    .leftJoin(
      members,
      and(
        eq(members.channelId, channels.id),
        isNull(members.leftAt),
        or(sql`asked.member_id IS NULL`, sql`${members.id} = asked.member_id`),
      ),
    )
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
  const byChannel = new Map<ChannelId, Receipt[]>()
  for (const { channelId, member, readReceiptsEnabled, deliveredIndex } of rows) {
    const receipts = byChannel.get(channelId) ?? []
    byChannel.set(channelId, receipts)
    if (!member) continue
    receipts.push({
      member,
      readIndex: readReceiptsEnabled ? indexOrNull(member.receiptIndex) : null,
      deliveredIndex: indexOrNull(deliveredIndex ?? -1),
      hidesReads: !readReceiptsEnabled,
    })
  }
  return byChannel
}

function indexOrNull(index: number): number | null {
  return index < 0 ? null : index
}
