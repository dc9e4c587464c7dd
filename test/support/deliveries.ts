import { and, eq, isNull } from 'drizzle-orm'
import type { ChannelId } from '../../src/model/sid.ts'
import { deliveries } from '../../src/store/tables/delivery.ts'
import { members } from '../../src/store/tables/member.ts'
import type { TestStore } from './engine.ts'
import { waitFor } from './wait.ts'

/** How far delivery to a device of this member has come; without a device, the member's own row. */
export async function deliveredIndex(
  { db }: TestStore,
  channelId: string,
  identity: string,
  deviceId = '',
): Promise<number | undefined> {
  const [row] = await db.orm
    .select({ index: deliveries.deliveredIndex })
    .from(deliveries)
    .innerJoin(members, and(eq(members.channelId, deliveries.channelId), eq(members.id, deliveries.memberId)))
    .where(
      and(
        eq(deliveries.channelId, channelId as ChannelId),
        eq(deliveries.deviceId, deviceId),
        eq(members.identity, identity),
        isNull(members.leftAt),
      ),
    )
  return row?.index
}

/** Waits until delivery to the device is confirmed up to this message. */
export async function confirmed(
  store: TestStore,
  channelId: string,
  identity: string,
  index: number,
  deviceId = '',
): Promise<void> {
  await waitFor(async () => (await deliveredIndex(store, channelId, identity, deviceId)) === index, { timeout: 5000 })
}
