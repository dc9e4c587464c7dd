import { sidToUuid, uuidToSid, type ChannelId, type Sid } from '../../src/model/sid.ts'
import type { Db } from '../../src/store/engine/db.ts'

/** Puts so many messages into a channel that has none, as if they had been sent: a million in seconds. */
export async function fillChannel(db: Db, channelId: string, count: number): Promise<void> {
  await withoutIndexes(db, 'messages', () =>
    db.run(
      `WITH counted AS (
         UPDATE channels SET last_index = $2::int - 1, last_seq = last_seq + $2::int, messages_count = $2::int, last_message_at = now()
         WHERE id = $1::uuid
         RETURNING id, last_seq - $2::int AS seq
       )
       INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at)
       SELECT id, n, (lpad(to_hex(n), 12, '0') || right(replace(id::text, '-', ''), 20))::uuid, seq + 1 + n, 'someone', 'message ' || n, now(), now()
       FROM counted, generate_series(0, $2::int - 1) AS n`,
      [sidToUuid(channelId as Sid), count],
    ),
  )
}

/**
 * Makes so many channels of which all of these users are members, as if one message had come to each a minute after the one before; the last
 * an hour ago. Answers their ids, the earliest first.
 */
export async function fillChannels(db: Db, identities: readonly string[], count: number): Promise<ChannelId[]> {
  const rows = await db.run<{ id: string }>(
    `WITH made AS (
       INSERT INTO channels (
         id, service_id, friendly_name, type, created_by, last_index, last_seq, messages_count, members_count, last_message_at
       )
       SELECT gen_random_uuid(), min(service_id::text)::uuid, 'channel ' || n, 'private', 'system', 0, 1 + count(*), 1, count(*),
         now() - interval '1 hour' - ($2::int - n) * interval '1 minute'
       FROM users, generate_series(1, $2::int) AS n WHERE identity = ANY ($1::text[])
       GROUP BY n
       RETURNING id, last_message_at
     ), joined AS (
       INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq, created_at)
       SELECT made.id, gen_random_uuid(), users.id, identity, default_channel_role_id, 1, 1, 1, last_message_at - interval '1 year'
       FROM made, users JOIN services ON services.id = service_id WHERE identity = ANY ($1::text[])
       RETURNING channel_id, id
     ), delivered AS (
       INSERT INTO deliveries (channel_id, member_id, device_id, delivered_index, delivered_seq)
       SELECT channel_id, id, '', -1, 1 FROM joined
     ), sent AS (
       INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at)
       SELECT id, 0, gen_random_uuid(), 2, 'system', 'hello', last_message_at, last_message_at FROM made
     )
     SELECT id FROM made ORDER BY last_message_at`,
    [identities, count],
  )
  return rows.map(({ id }) => uuidToSid('CH', id))
}

/** Dropped and made again afterwards, which takes much less time than updating them. */
async function withoutIndexes(db: Db, table: string, work: () => Promise<unknown>): Promise<void> {
  const indexes = await db.run<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
     FROM pg_index WHERE indrelid = $1::regclass AND NOT indisprimary`,
    [table],
  )
  for (const { name } of indexes) await db.run(`DROP INDEX ${name}`, [])
  await work()
  for (const { definition } of indexes) await db.run(definition, [])
}
