import { afterAll, beforeAll, expect, test } from 'vitest'
import { SearchMessagesDocument } from '../../../schema/generated/graphql.ts'
import { sidToUuid, uuidToSid, type ChannelId } from '../../../src/model/sid.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'

/** Messages of each channel: those of a long one are close together, those of a short one far apart. */
const lengths = [3000, 800, 300, 20, 1]

let kit: Kit
let alice: User
const channels: ChannelId[] = []
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  const { serviceId } = kit.server.account
  for (const [at, length] of lengths.entries()) {
    const { id } = await kit.channel([alice])
    channels.push(id)
    // Every seventh matches, and many have the same time.
    await kit.store.db.run(
      `WITH made AS (
         INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at)
         SELECT $1::uuid, n, gen_random_uuid(), 1000 + n, 'someone', CASE WHEN (n + $5::int) % 7 = 0 THEN 'seventh' ELSE 'other' END, moment, moment
         FROM (
           SELECT n, '2026-01-01T00:00:00Z'::timestamptz + n * 3000 / $2::int * interval '1 second' AS moment
           FROM generate_series(0, $2::int - 1) AS n
         ) AS numbers
         RETURNING channel_id, created_at, index, body
       )
       INSERT INTO message_search (channel_id, created_at, index, service_id, tokens)
       SELECT channel_id, created_at, index, $3::uuid, ('''' || $4 || body || ''':1')::tsvector FROM made`,
      [sidToUuid(id), length, sidToUuid(serviceId), serviceId.slice(-4), at],
    )
    await kit.store.db.run(
      `UPDATE channels SET last_index = $2::int - 1, last_seq = 1000 + $2::int, last_message_at = '2026-01-01T01:00:00Z' WHERE id = $1::uuid`,
      [sidToUuid(id), length],
    )
    await kit.store.db.run(
      `INSERT INTO search_positions (channel_id, seq, language) VALUES ($1::uuid, 1000 + $2::int, 'en')
       ON CONFLICT (channel_id) DO UPDATE SET seq = excluded.seq`,
      [sidToUuid(id), length],
    )
  }
}, 120_000)
afterAll(() => kit.close())

test.each([1, 13, 100])(
  'pages of %d are in the order of time over channels of all lengths, none missing or twice',
  async (first) => {
    const rows = await kit.store.db.run<{ channel_id: string; index: number }>(
      `SELECT channel_id, index FROM messages WHERE body = 'seventh' AND channel_id = ANY ($1::uuid[])
     ORDER BY created_at DESC, channel_id DESC, index DESC LIMIT $2::bigint`,
      [`{${channels.map(sidToUuid).join()}}`, first === 1 ? 30 : 10_000],
    )
    const expected = rows.map(({ channel_id, index }) => `${uuidToSid('CH', channel_id)} ${index}`)
    const found: string[] = []
    let after: string | null | undefined
    do {
      const { searchMessages } = await alice.request(SearchMessagesDocument, {
        query: 'seventh ',
        orderBy: 'RECENT',
        first,
        after: after ?? null,
      })
      found.push(...searchMessages.edges.map(({ node }) => `${node.channelId} ${node.index}`))
      after = searchMessages.pageInfo.hasNextPage ? searchMessages.pageInfo.endCursor : null
    } while (after != null && found.length < expected.length)
    expect(found).toEqual(expected)
  },
)
