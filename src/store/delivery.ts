import { and, eq } from 'drizzle-orm'
import type { Position } from '../model/cursor.ts'
import { limits } from '../model/limits.ts'
import type { Member } from '../model/member.ts'
import type { Message } from '../model/message.ts'
import { sidToUuid, uuidToSid, type ChannelId, type MemberId, type UserId } from '../model/sid.ts'
import { batchRows } from './engine/batch.ts'
import { bigintArray, uuidArray, type Db, type Tx } from './engine/db.ts'
import { fromMessageRow, type MessageRow } from './message-row.ts'
import { deliveries } from './tables/delivery.ts'

/** The row of the member itself: the position of its furthest device, at which new devices begin. */
export const memberRow = ''

export async function insertDelivery(tx: Tx, member: Member, position: Position): Promise<void> {
  await tx.orm.insert(deliveries).values({
    channelId: member.channelId,
    memberId: member.id,
    deviceId: memberRow,
    deliveredIndex: position.index,
    deliveredSeq: position.seq,
  })
}

/** A membership and the delivery position of one of its devices. */
export interface DeliveryStart {
  readonly channelId: ChannelId
  readonly memberId: MemberId
  readonly position: Position
}

/**
 * Makes missing rows of devices, at the position of the member's furthest device, and marks all as seen. Locks in the order in which positions are
 * moved. An existing row is locked by the insertion, which sets its `xmax`: `xmax = 0` means that the row is new.
 */
const startStatement = (members: string): string => `
WITH started AS (
  INSERT INTO deliveries AS d (channel_id, member_id, device_id, delivered_index, delivered_seq, seen_at)
  SELECT base.channel_id, base.member_id, m.device_id, base.delivered_index, base.delivered_seq, now()
  FROM (${members}) AS m
  JOIN deliveries base ON base.channel_id = m.channel_id AND base.member_id = m.id AND base.device_id = ''
  ORDER BY base.channel_id, base.member_id, m.device_id
  ON CONFLICT (channel_id, member_id, device_id) DO UPDATE SET seen_at = now()
  RETURNING d.channel_id, d.member_id, d.device_id, d.delivered_index, d.delivered_seq, d.xmax = 0 AS is_new
)`

const startAllStatement = `${startStatement(`
  SELECT channel_id, id, $2 AS device_id FROM members WHERE user_id = $1 AND left_at IS NULL`)}
SELECT * FROM started ORDER BY channel_id`

/** Each device once: the insertion may not meet a row twice. The range of one channel is there for what `isPresentIn` says. */
const startSomeStatement = `${startStatement(`
  SELECT DISTINCT members.channel_id, members.id, asked.device_id
  FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS asked (user_id, channel_id, device_id)
  JOIN members ON members.channel_id BETWEEN asked.channel_id AND asked.channel_id AND members.user_id = asked.user_id
    AND members.left_at IS NULL`)}
SELECT started.*, members.user_id
FROM started JOIN members ON members.channel_id = started.channel_id AND members.id = started.member_id`

/**
 * Deletes the devices of a member beyond the limit, those first that were seen longest ago. A device that is seen meanwhile is kept. Locks in
 * the order in which positions are moved. Without materialising, the list would be sorted again for each device.
 */
const evictStatement = `
WITH own AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS own (channel_id, member_id, own_device_id)
), old AS MATERIALIZED (
  SELECT * FROM own CROSS JOIN LATERAL (
    SELECT device_id, seen_at FROM deliveries
    WHERE channel_id = own.channel_id AND member_id = own.member_id AND device_id NOT IN ('', own.own_device_id)
    ORDER BY seen_at DESC, device_id DESC
    OFFSET $4::bigint - 1
  ) AS beyond
), locked AS (
  SELECT d.channel_id, d.member_id, d.device_id
  FROM deliveries d JOIN old USING (channel_id, member_id, device_id)
  WHERE d.seen_at = old.seen_at
  ORDER BY d.channel_id, d.member_id, d.device_id
  FOR UPDATE OF d
)
DELETE FROM deliveries d USING locked
WHERE d.channel_id = locked.channel_id AND d.member_id = locked.member_id AND d.device_id = locked.device_id`

type StartedRow = {
  channel_id: string
  member_id: string
  device_id: string
  delivered_index: number
  delivered_seq: number
  is_new: boolean
}

/** The delivery positions of a user's device (or, with `memberRow`, of its member) in all of its channels. */
export async function startDeliveries(db: Db, userId: UserId, deviceId: string): Promise<DeliveryStart[]> {
  const rows = await db.run<StartedRow>(startAllStatement, [sidToUuid(userId), deviceId])
  await evictDevices(db, rows)
  return rows.map(toStart)
}

/** A device of a user in one channel; `memberRow` is the member itself. */
export interface DeviceKey {
  readonly userId: UserId
  readonly channelId: ChannelId
  readonly deviceId: string
}

/** The same of many devices in one channel each, in the order of the keys. Undefined where the user is no member. */
export async function startDevices(db: Db, keys: readonly DeviceKey[]): Promise<(DeliveryStart | undefined)[]> {
  const rows = await db.run<StartedRow & { user_id: string }>(startSomeStatement, [
    uuidArray(keys.map(({ userId }) => userId)),
    uuidArray(keys.map(({ channelId }) => channelId)),
    keys.map(({ deviceId }) => deviceId),
  ])
  await evictDevices(db, rows)
  const nameOf = (userId: UserId, { channelId, deviceId }: Pick<DeviceKey, 'channelId' | 'deviceId'>): string =>
    `${userId} ${channelId} ${deviceId}`
  const starts = new Map(
    rows.map((row) => {
      const start = toStart(row)
      return [nameOf(uuidToSid('US', row.user_id), { ...start, deviceId: row.device_id }), start]
    }),
  )
  return keys.map((key) => starts.get(nameOf(key.userId, key)))
}

function toStart(row: StartedRow): DeliveryStart {
  return {
    channelId: uuidToSid('CH', row.channel_id),
    memberId: uuidToSid('MB', row.member_id),
    position: { index: row.delivered_index, seq: row.delivered_seq },
  }
}

async function evictDevices(db: Db, rows: readonly StartedRow[]): Promise<void> {
  const added = rows.filter((row) => row.is_new)
  if (added.length === 0) return
  const starts = added.map(toStart)
  await db.run(evictStatement, [
    uuidArray(starts.map(({ channelId }) => channelId)),
    uuidArray(starts.map(({ memberId }) => memberId)),
    added.map((row) => row.device_id),
    limits.memberDevices,
  ])
}

export interface DeliveryMove extends Position {
  readonly channelId: ChannelId
  readonly memberId: MemberId
  readonly deviceId: string
}

/**
 * Moves delivery positions forwards, never back: the device's, and the member's, which is that of its furthest device. Answers the members whose
 * own position has moved in channels that report receipts: from others a message with its many confirmations would go to every process.
 */
const moveStatement = `
WITH moves AS (
  SELECT channel_id, member_id, device_id, max(delivered_index) AS delivered_index, max(delivered_seq) AS delivered_seq
  FROM (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
      AS device (channel_id, member_id, device_id, delivered_index, delivered_seq)
    UNION ALL
    SELECT channel_id, member_id, '', delivered_index, delivered_seq
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
      AS member (channel_id, member_id, device_id, delivered_index, delivered_seq)
  ) AS both_rows
  GROUP BY channel_id, member_id, device_id
), locked AS (
  SELECT d.channel_id, d.member_id, d.device_id, moves.delivered_index, moves.delivered_seq,
    moves.device_id = '' AND moves.delivered_index > d.delivered_index AS is_receipt
  FROM deliveries d JOIN moves USING (channel_id, member_id, device_id)
  ORDER BY d.channel_id, d.member_id, d.device_id
  FOR UPDATE OF d
), moved AS (
  UPDATE deliveries d
  SET delivered_index = greatest(d.delivered_index, locked.delivered_index),
      delivered_seq = greatest(d.delivered_seq, locked.delivered_seq),
      seen_at = now()
  FROM locked
  WHERE d.channel_id = locked.channel_id AND d.member_id = locked.member_id AND d.device_id = locked.device_id
  RETURNING d.channel_id, d.member_id, locked.is_receipt
)
SELECT moved.channel_id, moved.member_id
FROM moved
JOIN channels c ON c.id = moved.channel_id
JOIN services s ON s.id = c.service_id
WHERE moved.is_receipt AND s.read_status_enabled AND c.members_count <= s.read_receipts_max_members`

export async function moveDeliveries(
  db: Db,
  moves: readonly DeliveryMove[],
): Promise<Pick<DeliveryMove, 'channelId' | 'memberId'>[]> {
  const rows = await db.run<{ channel_id: string; member_id: string }>(moveStatement, [
    uuidArray(moves.map((move) => move.channelId)),
    uuidArray(moves.map((move) => move.memberId)),
    moves.map((move) => move.deviceId),
    bigintArray(moves.map((move) => move.index)),
    bigintArray(moves.map((move) => move.seq)),
  ])
  return rows.map((row) => ({ channelId: uuidToSid('CH', row.channel_id), memberId: uuidToSid('MB', row.member_id) }))
}

const takeBackStatement = `
UPDATE deliveries d
SET delivered_index = least(d.delivered_index, c.last_index, $2::bigint),
    delivered_seq = least(d.delivered_seq, c.last_seq, $3::bigint)
FROM channels c
WHERE c.id = $1 AND d.channel_id = c.id
  AND (d.delivered_index > least(c.last_index, $2::bigint) OR d.delivered_seq > least(c.last_seq, $3::bigint))`

/** Moves delivery positions back that are beyond a position, or beyond what the channel still holds. */
export async function takeBackDeliveries(db: Db, channelId: ChannelId, beyond?: Position): Promise<void> {
  await db.run(takeBackStatement, [sidToUuid(channelId), beyond?.index ?? null, beyond?.seq ?? null])
}

export async function readDeliveredIndex(
  db: Db,
  channelId: ChannelId,
  memberId: MemberId,
  deviceId: string,
): Promise<number | undefined> {
  const [row] = await db.orm
    .select({ index: deliveries.deliveredIndex })
    .from(deliveries)
    .where(
      and(eq(deliveries.channelId, channelId), eq(deliveries.memberId, memberId), eq(deliveries.deviceId, deviceId)),
    )
  return row?.index
}

export interface PendingKey {
  readonly channelId: ChannelId
  readonly index: number
}

/** Scans the user's channels in order, and in each the primary key of its messages: only the page is read. */
const pendingStatement = `
SELECT pending.*
FROM members m
JOIN channels c ON c.id = m.channel_id AND c.deleted_at IS NULL
CROSS JOIN LATERAL (
  SELECT * FROM messages
  WHERE channel_id = m.channel_id AND index > greatest(
      (SELECT delivered_index FROM deliveries WHERE channel_id = m.channel_id AND member_id = m.id AND device_id = ''),
      CASE WHEN m.channel_id = $2::uuid THEN $3::bigint ELSE -1 END,
      c.first_index - 1
    )
    AND author <> m.identity AND deleted_at IS NULL
  ORDER BY index
  LIMIT $4
) AS pending
WHERE m.user_id = $1 AND m.left_at IS NULL AND m.channel_id >= $2::uuid
ORDER BY m.channel_id, pending.index
LIMIT $4`

/** The messages queued for a user, its own left out, ordered by channel and index. */
export async function readPendingMessages(
  db: Db,
  userId: UserId,
  after: PendingKey | undefined,
  limit: number,
): Promise<Message[]> {
  const rows = await db.run<MessageRow>(pendingStatement, [
    sidToUuid(userId),
    after ? sidToUuid(after.channelId) : '0'.repeat(32),
    after?.index ?? -1,
    limit,
  ])
  return rows.map(fromMessageRow)
}

/** Deletes, among a page of rows by the index of `seen_at`, those whose device was not seen elsewhere either. */
const forgetStatement = `
WITH page AS (
  SELECT channel_id, member_id, device_id, seen_at
  FROM deliveries
  WHERE seen_at < $1::timestamptz
    AND (seen_at, channel_id, member_id, device_id) > ($2::timestamptz, $3::uuid, $4::uuid, $5::text)
  ORDER BY seen_at, channel_id, member_id, device_id
  LIMIT $6
), forgotten AS (
  DELETE FROM deliveries d
  USING page JOIN members own ON own.channel_id = page.channel_id AND own.id = page.member_id
  WHERE d.channel_id = page.channel_id AND d.member_id = page.member_id AND d.device_id = page.device_id
    AND d.device_id <> '' AND d.seen_at < $1::timestamptz
    AND NOT EXISTS (
      SELECT FROM members elsewhere
      JOIN deliveries seen ON seen.channel_id = elsewhere.channel_id AND seen.member_id = elsewhere.id
      WHERE elsewhere.user_id = own.user_id AND elsewhere.left_at IS NULL
        AND seen.device_id = page.device_id AND seen.seen_at >= $1::timestamptz
    )
  RETURNING 1
)
SELECT (SELECT count(*) FROM forgotten) AS forgotten, count(*) OVER () AS looked_at, page.*
FROM page ORDER BY seen_at DESC, channel_id DESC, member_id DESC, device_id DESC LIMIT 1`

type ForgetRow = {
  readonly forgotten: number
  readonly looked_at: number
  readonly seen_at: string
  readonly channel_id: string
  readonly member_id: string
  readonly device_id: string
}

const noId = '00000000-0000-0000-0000-000000000000'

/**
 * Deletes, a page at a time, devices that were seen in none of their user's channels since. The members' own rows stay. The position in a
 * channel that a device seldom opens is kept while the device is seen in another one.
 */
export async function deleteUnseenDevices(db: Db, before: Date): Promise<number> {
  let count = 0
  let after: readonly string[] = ['-infinity', noId, noId, '']
  for (;;) {
    const [last] = await db.run<ForgetRow>(forgetStatement, [before.toISOString(), ...after, batchRows])
    if (!last) return count
    count += last.forgotten
    if (last.looked_at < batchRows) return count
    after = [last.seen_at, last.channel_id, last.member_id, last.device_id]
  }
}
