import { sidToUuid, type Sid } from '../../src/model/sid.ts'
import type { Db } from '../../src/store/engine/db.ts'

/** Puts so many messages into a channel that has none, as if they had been sent: a million in seconds. */
export async function fillChannel(db: Db, channelId: string, count: number): Promise<void> {
  await withoutIndexes(db, 'messages', () =>
    db.run(
      `WITH counted AS (
         UPDATE channels SET last_index = $2::int - 1, last_seq = last_seq + $2::int, messages_count = $2::int
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
