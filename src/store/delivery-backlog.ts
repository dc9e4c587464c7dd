import { sidToUuid, uuidToSid, type ChannelId, type MemberId, type ServiceId, type UserId } from '../model/sid.ts'
import { toDate, toDateOrNull, type Db } from './engine/db.ts'

/** Positions that one page looks at. */
const lookedPositions = 2000

/** Messages above a position that are counted. */
const countedMessages = 1000

/** A place in the lists of positions; each is in the order of some of it. */
export interface BacklogKey {
  /** When the device was last seen, in microseconds since the epoch. */
  readonly seenAt: number
  readonly channelId: ChannelId
  readonly memberId: MemberId
  readonly deviceId: string
}

/** What a device of a member has not received of a channel; with an empty `deviceId`, what none of its devices has. */
export interface DeliveryBacklog extends Omit<BacklogKey, 'seenAt'> {
  readonly key: BacklogKey
  readonly userId: UserId
  readonly identity: string
  /** -1 while nothing was delivered. */
  readonly deliveredIndex: number
  readonly seenAt: Date
  /** Of the messages that were counted. */
  readonly pendingCount: number
  /** Whether messages follow those that were counted. */
  readonly hasMore: boolean
  /** Null where all that were counted are the member's own or deleted. */
  readonly oldestIndex: number | null
  readonly oldestAt: Date | null
}

/** Positions of one channel, of one user, of a user in a channel, or of a service, there those first that were seen longest ago. */
export type BacklogScope =
  | { readonly by: 'channel'; readonly id: ChannelId }
  | { readonly by: 'user'; readonly id: UserId }
  | { readonly by: 'member'; readonly id: UserId; readonly channelId: ChannelId }
  | { readonly by: 'service'; readonly id: ServiceId }

/** A page: those that are behind, and where the next page begins; undefined at the end. */
export interface BacklogPage {
  readonly items: readonly DeliveryBacklog[]
  readonly next: BacklogKey | undefined
}

/** Before all places. */
const begin: BacklogKey = {
  seenAt: 0,
  channelId: uuidToSid('CH', '0'.repeat(32)),
  memberId: uuidToSid('MB', '0'.repeat(32)),
  deviceId: '',
}

interface Walk {
  /** Positions after a place. `$1` is the scope, `$2` the size of the page; the place begins with `$3`. */
  readonly looked: string
  readonly condition: string
  readonly order: readonly string[]
  readonly place: (key: BacklogKey) => readonly (string | number | null)[]
}

const position = 'd.channel_id, d.member_id, d.device_id, d.delivered_index, d.seen_at'

const walks: { readonly [By in BacklogScope['by']]: Walk } = {
  channel: {
    looked: `SELECT ${position} FROM deliveries d
      WHERE d.channel_id = $1::uuid AND (d.member_id, d.device_id) > ($3::uuid, $4::text)`,
    condition: '',
    order: ['member_id', 'device_id'],
    place: ({ memberId, deviceId }) => [sidToUuid(memberId), deviceId],
  },
  user: {
    looked: `SELECT ${position} FROM members own CROSS JOIN LATERAL (
        SELECT * FROM deliveries WHERE channel_id = own.channel_id AND member_id = own.id
          AND (own.channel_id > $3::uuid OR device_id > $4::text)
        OFFSET 0
      ) AS d
      WHERE own.user_id = $1::uuid AND own.left_at IS NULL AND own.channel_id >= $3::uuid`,
    condition: '',
    order: ['channel_id', 'device_id'],
    place: ({ channelId, deviceId }) => [sidToUuid(channelId), deviceId],
  },
  member: {
    looked: `SELECT ${position} FROM members own CROSS JOIN LATERAL (
        SELECT * FROM deliveries WHERE channel_id = own.channel_id AND member_id = own.id
          AND ($4::text IS NULL OR device_id > $4::text)
        OFFSET 0
      ) AS d
      WHERE own.user_id = $1::uuid AND own.channel_id = $3::uuid AND own.left_at IS NULL`,
    condition: '',
    order: ['device_id'],
    // Before the member's own row, which has no device, there is no place.
    place: ({ channelId, memberId, deviceId }) => [sidToUuid(channelId), memberId === begin.memberId ? null : deviceId],
  },
  service: {
    // An interval of microseconds is exact; a number of seconds would be rounded.
    looked: `SELECT ${position} FROM deliveries d
      WHERE (d.seen_at, d.channel_id, d.member_id, d.device_id)
        > (timestamptz 'epoch' + $3::bigint * interval '1 microsecond', $4::uuid, $5::uuid, $6::text)`,
    condition: 'AND service_id = $1::uuid',
    order: ['seen_at', 'channel_id', 'member_id', 'device_id'],
    place: ({ seenAt, channelId, memberId, deviceId }) => [seenAt, sidToUuid(channelId), sidToUuid(memberId), deviceId],
  },
}

const micros = '(extract(epoch FROM seen_at) * 1000000)::bigint'

/**
 * Looks at so many positions and takes those that are behind, as many as a page has. Only above these are messages read, so a page costs as much in a channel of
 * any size. `OFFSET 0` keeps the planner from reading a whole table instead of one row for each position.
 */
function statementOf({ looked, condition, order }: Walk): string {
  const forwards = order.join(', ')
  const backwards = order.map((column) => `${column} DESC`).join(', ')
  return `
WITH looked AS MATERIALIZED (
  ${looked}
  ORDER BY ${forwards}
  LIMIT ${lookedPositions}
), behind AS MATERIALIZED (
  SELECT looked.*, m.user_id, m.identity, c.first_index, c.last_index
  FROM looked CROSS JOIN LATERAL (
    SELECT first_index, last_index FROM channels
    WHERE id = looked.channel_id AND deleted_at IS NULL AND last_index > looked.delivered_index ${condition}
    OFFSET 0
  ) AS c CROSS JOIN LATERAL (
    SELECT user_id, identity FROM members WHERE channel_id = looked.channel_id AND id = looked.member_id AND left_at IS NULL
    OFFSET 0
  ) AS m
  ORDER BY ${order.map((column) => `looked.${column}`).join(', ')}
  LIMIT $2::bigint + 1
), last AS (
  SELECT *, ${micros} AS seen_micros FROM looked ORDER BY ${backwards} LIMIT 1
)
SELECT (SELECT count(*) FROM looked) AS looked_count, last.seen_micros AS last_micros, last.channel_id AS last_channel,
  last.member_id AS last_member, last.device_id AS last_device, found.*
FROM last LEFT JOIN (
  SELECT behind.*, ${micros} AS seen_micros, pending.*
  FROM behind CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE is_pending) AS pending_count, min(index) FILTER (WHERE is_pending) AS oldest_index,
      min(created_at) FILTER (WHERE is_pending) AS oldest_at, max(index) AS counted_index
    FROM (
      SELECT index, created_at, author <> behind.identity AND deleted_at IS NULL AS is_pending FROM messages
      WHERE channel_id = behind.channel_id AND index > greatest(behind.delivered_index, behind.first_index - 1)
      ORDER BY index
      LIMIT ${countedMessages}
    ) AS above
  ) AS pending
) AS found ON true
ORDER BY ${order.map((column) => `found.${column}`).join(', ')}`
}

const statements: { readonly [By in BacklogScope['by']]: string } = {
  channel: statementOf(walks.channel),
  user: statementOf(walks.user),
  member: statementOf(walks.member),
  service: statementOf(walks.service),
}

type BacklogRow = {
  looked_count: number
  last_micros: number
  last_channel: string
  last_member: string
  last_device: string
  /** Null in the only row, where none is behind. */
  channel_id: string | null
  member_id: string
  device_id: string
  user_id: string
  identity: string
  delivered_index: number
  last_index: number
  seen_at: string
  seen_micros: number
  pending_count: number
  oldest_index: number | null
  oldest_at: string | null
  counted_index: number | null
}

/** Positions behind their channels, after a place. A page may have fewer than `size`, and none, though there is a next one. */
export async function readDeliveryBacklogs(
  db: Db,
  scope: BacklogScope,
  after: BacklogKey = begin,
  size: number,
): Promise<BacklogPage> {
  const rows = await db.run<BacklogRow>(statements[scope.by], [
    sidToUuid(scope.id),
    size,
    ...walks[scope.by].place(scope.by === 'member' ? { ...after, channelId: scope.channelId } : after),
  ])
  const [first] = rows
  if (!first) return { items: [], next: undefined }
  const behind = rows.filter(({ channel_id }) => channel_id !== null).map(toBacklog)
  const page = behind.slice(0, size)
  // One that has nothing to wait for but its own messages is not behind.
  const items = page.filter(({ pendingCount, hasMore }) => pendingCount > 0 || hasMore)
  if (behind.length > size) return { items, next: page.at(-1)!.key }
  return { items, next: first.looked_count < lookedPositions ? undefined : lastKeyOf(first) }
}

function toBacklog(row: BacklogRow): DeliveryBacklog {
  const key: BacklogKey = {
    seenAt: row.seen_micros,
    channelId: uuidToSid('CH', row.channel_id!),
    memberId: uuidToSid('MB', row.member_id),
    deviceId: row.device_id,
  }
  return {
    ...key,
    key,
    userId: uuidToSid('US', row.user_id),
    identity: row.identity,
    deliveredIndex: row.delivered_index,
    seenAt: toDate(row.seen_at),
    pendingCount: row.pending_count,
    hasMore: row.counted_index !== null && row.counted_index < row.last_index,
    oldestIndex: row.oldest_index,
    oldestAt: toDateOrNull(row.oldest_at),
  }
}

const lastKeyOf = (row: BacklogRow): BacklogKey => ({
  seenAt: row.last_micros,
  channelId: uuidToSid('CH', row.last_channel),
  memberId: uuidToSid('MB', row.last_member),
  deviceId: row.last_device,
})
