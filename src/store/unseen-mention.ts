import { batchRows } from './engine/batch.ts'
import { toDate, type Db } from './engine/db.ts'

/** How far a cleanup has come among the ended memberships, which it goes through by the time of their end. */
export interface EndedPlace {
  readonly leftAt: string
  readonly channelId: string
  readonly memberId: string
}

const noId = '00000000-0000-0000-0000-000000000000'

/** Before all ended memberships. */
export const firstEnded: EndedPlace = { leftAt: '-infinity', channelId: noId, memberId: noId }

/** Longer than an operation may take: what has ended earlier may be committed later, and what was locked is looked at again. */
const overlapMilliseconds = 3_600_000

/** Where the next cleanup begins. */
export const beforeEnded = ({ leftAt }: EndedPlace): EndedPlace =>
  leftAt === firstEnded.leftAt
    ? firstEnded
    : { ...firstEnded, leftAt: new Date(toDate(leftAt).getTime() - overlapMilliseconds).toISOString() }

/**
 * One statement, so one snapshot: who has joined again in it keeps what names it since, and what names it later is not in it. An edit takes rows of
 * several users, so waiting for one of its rows could become a deadlock.
 */
const deleteStatement = `
WITH page AS (
  SELECT left_at, channel_id, id, user_id FROM members
  WHERE left_at IS NOT NULL AND (left_at, channel_id, id) > ($1::timestamptz, $2::uuid, $3::uuid)
  ORDER BY left_at, channel_id, id LIMIT $4
), ended AS (
  SELECT DISTINCT user_id, channel_id FROM page
), deleted AS (
  DELETE FROM mentions WHERE ctid = ANY (ARRAY(
    SELECT unseen.ctid
    FROM ended
    LEFT JOIN LATERAL (
      SELECT joined_index FROM members
      WHERE user_id = ended.user_id AND channel_id = ended.channel_id AND left_at IS NULL LIMIT 1
    ) AS present ON true
    CROSS JOIN LATERAL (
      SELECT ctid FROM mentions
      WHERE user_id = ended.user_id AND channel_id = ended.channel_id
        AND index <= coalesce(present.joined_index, 9223372036854775807)
      ORDER BY index LIMIT $4 FOR UPDATE SKIP LOCKED
    ) AS unseen
    LIMIT $4
  ))
  RETURNING 1
)
SELECT (SELECT count(*) FROM deleted) AS deleted, count(*) OVER () AS looked_at, left_at, channel_id, id
FROM page ORDER BY left_at DESC, channel_id DESC, id DESC LIMIT 1`

type PageRow = {
  readonly deleted: number
  readonly looked_at: number
  readonly left_at: string
  readonly channel_id: string
  readonly id: string
}

/** What one statement has done. */
export interface UnseenPage {
  readonly deleted: number
  readonly place: EndedPlace
  readonly hasMore: boolean
}

/**
 * Deletes some of the mentions that nobody will see: those of users that are no members any more, and what names a member that has joined again from
 * before it did. Of a page of ended memberships; where that has more than one statement deletes, the place stays.
 */
export async function deleteUnseenMentions(db: Db, place: EndedPlace): Promise<UnseenPage> {
  const { leftAt, channelId, memberId } = place
  const [last] = await db.run<PageRow>(deleteStatement, [leftAt, channelId, memberId, batchRows])
  if (!last) return { deleted: 0, place, hasMore: false }
  if (last.deleted === batchRows) return { deleted: batchRows, place, hasMore: true }
  return {
    deleted: last.deleted,
    place: { leftAt: last.left_at, channelId: last.channel_id, memberId: last.id },
    hasMore: last.looked_at === batchRows,
  }
}
