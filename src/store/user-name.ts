import { sql, type SQL } from 'drizzle-orm'
import { nameTokens } from '../model/name-token.ts'
import type { Page } from '../model/page.ts'
import { sidToUuid, uuidToSid, type ServiceId, type UserId } from '../model/sid.ts'
import type { User } from '../model/user.ts'
import { uuidArray, type Db, type Tx } from './engine/db.ts'
import { endOf } from './engine/page.ts'
import { users } from './tables/user.ts'

/** What is there already stays: a name mostly changes in one word. */
const writeStatement = `
WITH gone AS (DELETE FROM user_names WHERE user_id = $1::uuid AND token <> ALL ($3::text[]))
INSERT INTO user_names (user_id, service_id, token)
SELECT $1::uuid, $2::uuid, token FROM unnest($3::text[]) AS token
ON CONFLICT DO NOTHING`

/** Writes what a user is found by; nothing for one that is deleted. Called wherever its names change, in the same transaction. */
export async function writeUserNames(
  tx: Tx,
  {
    id,
    serviceId,
    identity,
    friendlyName,
    deletedAt,
  }: Pick<User, 'id' | 'serviceId' | 'identity' | 'friendlyName' | 'deletedAt'>,
): Promise<void> {
  const tokens = deletedAt ? [] : nameTokens(identity, friendlyName)
  await tx.run(writeStatement, [sidToUuid(id), sidToUuid(serviceId), tokens])
}

/** The users that were there before this table: their token is empty, and no other is. */
const unwrittenStatement = `
SELECT unwritten.user_id AS id
FROM services AS s CROSS JOIN LATERAL (
  SELECT user_id FROM user_names WHERE service_id = s.id AND token COLLATE "C" = '' LIMIT $1
) AS unwritten
LIMIT $1`

const lockStatement = `
SELECT id, service_id, identity, friendly_name FROM users
WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL
ORDER BY id FOR NO KEY UPDATE`

/** Writes the names of at most so many users that were there before this table. Returns how many there were. */
export async function writeOldUserNames(db: Db, limit: number): Promise<number> {
  const unwritten = await db.run<{ id: string }>(unwrittenStatement, [limit])
  if (unwritten.length === 0) return 0
  return db.transaction(async (tx) => {
    const ids = uuidArray(unwritten.map(({ id }) => uuidToSid('US', id)))
    const rows = await tx.run<{ id: string; service_id: string; identity: string; friendly_name: string | null }>(
      lockStatement,
      [ids],
    )
    for (const row of rows) {
      const id = uuidToSid('US', row.id)
      const serviceId = uuidToSid('IS', row.service_id)
      await writeUserNames(tx, {
        id,
        serviceId,
        identity: row.identity,
        friendlyName: row.friendly_name,
        deletedAt: null,
      })
    }
    return rows.length
  })
}

/** A user and the first of its tokens that begins with what is looked for. */
export interface FoundName {
  readonly id: UserId
  readonly token: string
}

export interface NameSearch {
  readonly serviceId: ServiceId
  /** What tokens must begin with; the first also orders what is found. */
  readonly prefixes: readonly string[]
  /** Only users that this one shares a channel with, and itself. */
  readonly visibleTo: UserId | undefined
  readonly except: UserId | undefined
}

/** How many names are looked at for one page: those that begin with the first word may hardly ever have the others. */
const maxNames = 10_000

/**
 * Other words are compared with all tokens of a user, of which there are few. Written so that it is looked up for each user that is found,
 * and never turned into a join with all of them, and with comparisons of which Postgres expects many to hold: for a page it would compile the
 * statement each time, if it thought that it must look at all of the names.
 */
const hasAllOthers = `
(
  SELECT count(*) FROM unnest($3::text[]) AS prefix
  WHERE (SELECT count(*) FROM user_names AS own WHERE own.user_id = found.user_id AND starts_with(own.token, prefix)) = 0
) < 1`

/** The users that one shares a channel with, and itself. */
const peersOf = (userId: string): string => `
SELECT peer.user_id
FROM members AS mine
JOIN channels ON channels.id = mine.channel_id AND channels.deleted_at IS NULL
JOIN members AS peer ON peer.channel_id = mine.channel_id AND peer.left_at IS NULL
WHERE mine.user_id = ${userId} AND mine.left_at IS NULL
UNION SELECT ${userId}`

/**
 * Walks along the index of tokens. A user with several that match counts by the first of them. There is one bound on each side, of the same
 * shape as the index: with a second one Postgres may begin at the wrong one of the two, and pass all names before the first that is wanted.
 */
const searchAllStatement = (order: 'ASC' | 'DESC'): string => `
SELECT found.user_id, found.token
FROM (
  SELECT user_id, token COLLATE "C" AS token FROM user_names
  WHERE service_id = $1::uuid
    AND (token COLLATE "C", user_id) > ($4, $5::uuid) AND (token COLLATE "C", user_id) < ($6, $7::uuid)
  ORDER BY token COLLATE "C" ${order}, user_id ${order}
  LIMIT ${maxNames}
) AS found
WHERE found.user_id IS DISTINCT FROM $8::uuid
  AND found.token <= (
    SELECT min(own.token COLLATE "C") FROM user_names AS own
    WHERE own.user_id = found.user_id AND starts_with(own.token, $2)
  )
  AND ${hasAllOthers}
ORDER BY found.token ${order}, found.user_id ${order}
LIMIT $9`

/** Goes through those that the caller shares a channel with, of which there are as many as its channels have members. */
const searchPeersStatement = (order: 'ASC' | 'DESC'): string => `
SELECT found.user_id, found.token
FROM (
  SELECT own.user_id, min(own.token COLLATE "C") AS token
  FROM (${peersOf('$10::uuid')}) AS peers
  JOIN user_names AS own ON own.user_id = peers.user_id AND own.service_id = $1::uuid AND starts_with(own.token, $2)
  GROUP BY own.user_id
) AS found
WHERE (found.token, found.user_id) > ($4, $5::uuid) AND (found.token, found.user_id) < ($6, $7::uuid)
  AND found.user_id IS DISTINCT FROM $8::uuid
  AND ${hasAllOthers}
ORDER BY found.token ${order}, found.user_id ${order}
LIMIT $9`

const statements = {
  all: { forwards: searchAllStatement('ASC'), backwards: searchAllStatement('DESC') },
  peers: { forwards: searchPeersStatement('ASC'), backwards: searchPeersStatement('DESC') },
}

/** Before the ids of all users. */
const lowest = '00000000-0000-0000-0000-000000000000'

/** One page of the users with names that begin so, by the token that does and then by id. The tokens of its cursors begin so, too. */
export async function searchUserNames(db: Db, search: NameSearch, page: Page<FoundName>): Promise<FoundName[]> {
  const { serviceId, prefixes, visibleTo, except } = search
  const { size, backwards, after, before } = page
  const [prefix = '', ...others] = prefixes
  // No token begins with the greatest character.
  const end = endOf(prefix) ?? '\u{10ffff}'
  const direction = backwards ? 'backwards' : 'forwards'
  const parameters = [
    sidToUuid(serviceId),
    prefix,
    others,
    after?.token ?? prefix,
    after ? sidToUuid(after.id) : lowest,
    before?.token ?? end,
    before ? sidToUuid(before.id) : lowest,
    except === undefined ? null : sidToUuid(except),
    size + 1,
  ]
  const rows = await db.run<{ user_id: string; token: string }>(
    statements[visibleTo === undefined ? 'all' : 'peers'][direction],
    visibleTo === undefined ? parameters : [...parameters, sidToUuid(visibleTo)],
  )
  return rows.map(({ user_id, token }) => ({ id: uuidToSid('US', user_id), token }))
}

/** Which of these users are seen by one that sees only those that it shares a channel with, and itself. */
export function isPeerOf(userId: SQL): SQL {
  const parts = peersOf('?')
    .split('?')
    .map((part) => sql.raw(part))
  return sql`${users.id} IN (${sql.join(parts, sql`${userId}::uuid`)})`
}
