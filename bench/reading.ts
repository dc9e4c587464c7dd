import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureAccount } from '../src/domain/access/account.ts'
import { createSecretBox } from '../src/domain/access/secret.ts'
import { uuidToSid, type ChannelId, type MemberId, type UserId } from '../src/model/sid.ts'
import { moveDeliveries } from '../src/store/delivery.ts'
import { openDb, type Db } from '../src/store/engine/db.ts'
import { openEmbedded } from '../src/store/engine/embedded.ts'
import { migrateDb } from '../src/store/migration.ts'
import { readUnreadCounts, readUnreadTotals } from '../src/store/read-state.ts'
import { writeReads } from '../src/store/read-write.ts'
import { readMemberReceipts, readReceipts } from '../src/store/receipt.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { liftLimits } from './limits.ts'
import { end } from './processes.ts'
import { median, percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { credentialsOf, prepareDatabase, productEnvironment, startProduct } from './servers.ts'

/**
 * What a user has not read, where it is in few small channels and in many large ones: half of them are read to the end, one message in a hundred
 * is its own, one in fifty is deleted. Every count is compared with one that looks at all messages.
 */
const isQuick = process.argv.includes('--quick')
const sizes = [
  { channels: 10, messages: 100 },
  isQuick ? { channels: 100, messages: 100 } : { channels: 1000, messages: 1000 },
]
const rounds = isQuick ? 20 : 200

const listQuery = `query ($first: Int, $orderBy: ViewerChannelOrder) { viewer { channels(first: $first, orderBy: $orderBy) { edges { cursor node {
  id unreadCount preferences { pinnedOrder }
  channel { id friendlyName membersCount lastMessage { id index body createdAt } members(first: 3) { nodes { id identity } } }
} } } } }`

interface Reader {
  readonly userId: UserId
  readonly memberIds: readonly MemberId[]
}

async function fill(db: Db, channels: number, messages: number): Promise<Reader> {
  const name = `${channels} × ${messages}`
  await db.run(
    `WITH made AS (
       INSERT INTO channels (id, service_id, friendly_name, type, created_by, last_index, last_seq, messages_count, members_count,
         last_message_at)
       SELECT gen_random_uuid(), (SELECT id FROM services LIMIT 1), $1, 'public', 'system', $3::int - 1, $3::int, $3::int, 1,
         now() - random() * interval '30 days'
       FROM generate_series(1, $2::int)
       RETURNING id
     ), reader AS (
       INSERT INTO users (id, service_id, identity, role_id)
       SELECT gen_random_uuid(), id, $1, default_service_role_id FROM services LIMIT 1
       RETURNING id
     )
     INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq, last_read_index)
     SELECT made.id, gen_random_uuid(), reader.id, $1, default_channel_role_id, 1, 1, 1,
       CASE WHEN row_number() OVER () % 2 = 0 THEN $3::int - 1 ELSE $3::int / 4 END
     FROM made, reader, services`,
    [name, channels, messages],
  )
  // In parts, since the embedded engine ends a statement that takes 20 seconds.
  for (let from = 0; from < channels; from += 50) {
    await db.run(
      `INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at, deleted_at)
       SELECT part.id, n, gen_random_uuid(), n + 1, CASE WHEN n % 100 = 10 THEN $1 ELSE 'someone ' || n % 7 END, 'message ' || n, now(), now(),
         CASE WHEN n % 50 = 49 THEN now() END
       FROM (SELECT id FROM channels WHERE friendly_name = $1 ORDER BY id LIMIT 50 OFFSET $3::int) AS part,
         generate_series(0, $2::int - 1) AS n`,
      [name, messages, from],
    )
  }
  await db.run('VACUUM ANALYZE', [])
  const rows = await db.run<{ id: string; user_id: string }>('SELECT id, user_id FROM members WHERE identity = $1', [
    name,
  ])
  return { userId: uuidToSid('US', rows[0]!.user_id), memberIds: rows.map(({ id }) => uuidToSid('MB', id)) }
}

async function check(db: Db, { userId, memberIds }: Reader): Promise<void> {
  const [{ naive }] = (await db.run<{ naive: number }>(
    `SELECT count(*) AS naive FROM members m JOIN messages ON messages.channel_id = m.channel_id
     WHERE m.user_id = $1::uuid AND author <> m.identity AND deleted_at IS NULL AND index > greatest(m.joined_index, m.last_read_index,
       (SELECT max(index) FROM messages own WHERE own.channel_id = m.channel_id AND own.author = m.identity))`,
    [userId.slice(2)],
  )) as [{ naive: number }]
  const counts = await readUnreadCounts(db, memberIds)
  const sum = counts.reduce((all, { unread }) => all + unread, 0)
  const { messages } = await readUnreadTotals(db, userId)
  if (naive === 0 || sum !== naive || messages !== naive) {
    throw new Error(`${naive} are unread, counted were ${sum} and ${messages}`)
  }
}

/** Milliseconds of one call after the other. */
async function measure(call: () => Promise<unknown>): Promise<string> {
  await call()
  const times = []
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    await call()
    times.push(performance.now() - began)
  }
  return `${median(times).toFixed(1)} (${percentile(times, 0.95).toFixed(1)})`
}

async function measureEngine(title: string, db: Db): Promise<void> {
  await migrateDb(db)
  await ensureAccount(db, createSecretBox('ab'.repeat(32)), {})
  const columns: string[][] = []
  for (const { channels, messages } of sizes) {
    process.stderr.write(`${title}: ${channels} channels of ${messages} messages\n`)
    const reader = await fill(db, channels, messages)
    await check(db, reader)
    const [row] = await db.run<{ channel_id: string }>('SELECT channel_id FROM members WHERE id = $1::uuid', [
      reader.memberIds[0]!.slice(2),
    ])
    const channelId = uuidToSid('CH', row!.channel_id)
    const read = { channelId, memberId: reader.memberIds[0]!, userId: reader.userId }
    let index = 0
    columns.push([
      await measure(() => readUnreadTotals(db, reader.userId)),
      await measure(() => readUnreadCounts(db, reader.memberIds.slice(0, 50))),
      await measure(() => readUnreadCounts(db, reader.memberIds)),
      await measure(() => writeReads(db, [{ ...read, kind: 'set', index: index++ % messages }], false)),
    ])
  }
  const names = ['totals of all channels', 'counts of 50 channels', 'counts of all channels', 'marking one as read']
  const header = ['ms: p50 (p95)', ...sizes.map(({ channels, messages }) => `${channels} × ${messages}`)]
  const rows = names.map((name, at) => [name, ...columns.map((column) => column[at]!)])
  process.stdout.write(`### ${title}\n\n${table([header, ...rows])}\n`)
}

/** The page of a chat window's left side, asked by twenty users in turn, since one alone would wait for its share. */
async function measureList(url: string, directory: string): Promise<void> {
  const environment = productEnvironment(directory, { DATABASE_URL: url })
  await prepareDatabase(environment)
  const db = openDb(url, { poolSize: 1, timeouts: { statement: 0, total: 600_000 } })
  const { child, port } = await startProduct(environment)
  const socket = `ws://127.0.0.1:${port}/graphql`
  const backend = await Sender.open(socket, { authorization: credentialsOf(environment) })
  await liftLimits(backend)
  const orders = ['ACTIVITY', 'NAME', 'CREATED_AT']
  const columns: string[][] = []
  for (const { channels, messages } of sizes) {
    process.stderr.write(`The list: ${channels} channels of ${messages} messages\n`)
    const { userId } = await fill(db, channels, messages)
    const readers: Sender[] = []
    for (let at = 0; at < 20; at++) {
      const identity = `reader ${at} of ${channels}`
      const token = `mutation { createAccessToken(input: { identity: "${identity}" }) { token } }`
      const [answer] = await backend.run([{ query: token }])
      const reader = await Sender.open(socket, { token: answer!['createAccessToken'].token })
      // It becomes a user by connecting, and a member of all that the first reader is in.
      await db.run(
        `INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq, last_read_index)
         SELECT channel_id, gen_random_uuid(), users.id, users.identity, members.role_id, 1, 1, 1, last_read_index
         FROM members, users WHERE members.user_id = $1::uuid AND users.identity = $2`,
        [userId.slice(2), identity],
      )
      readers.push(reader)
    }
    await db.run('VACUUM ANALYZE', [])
    const column: string[] = []
    for (const field of orders) {
      let turn = 0
      column.push(
        await measure(async () => {
          const variables = { first: 50, orderBy: { field, direction: field === 'ACTIVITY' ? 'DESC' : 'ASC' } }
          const [answer] = await readers[turn++ % readers.length]!.run([{ query: listQuery, variables }])
          const { edges } = answer!['viewer'].channels
          if (edges.length !== Math.min(50, channels)) throw new Error(`${edges.length} channels are in the list`)
        }),
      )
    }
    columns.push(column)
    for (const reader of readers) reader.close()
  }
  backend.close()
  await db.close()
  await end(child, 'SIGTERM')
  const header = ['50 of the list, ms: p50 (p95)', ...sizes.map((size) => `${size.channels} × ${size.messages}`)]
  process.stdout.write(`${table([header, ...orders.map((name, at) => [name, ...columns.map((one) => one[at]!)])])}\n`)
}

/** A channel of so many members, each with one device beside its own position. */
async function fillMembers(db: Db, count: number): Promise<{ channelId: ChannelId; memberIds: readonly MemberId[] }> {
  const [made] = await db.run<{ id: string }>(
    `INSERT INTO channels (id, service_id, type, created_by, last_index, last_seq, messages_count, members_count)
     SELECT gen_random_uuid(), id, 'public', 'system', 9999, 9999, 9999, $1::int FROM services LIMIT 1
     RETURNING id`,
    [count],
  )
  const channelId = uuidToSid('CH', made!.id)
  const rows = await db.run<{ id: string }>(
    `WITH reader AS (
       INSERT INTO users (id, service_id, identity, role_id)
       SELECT gen_random_uuid(), id, $1::text || ' of ' || n, default_service_role_id
       FROM (SELECT * FROM services LIMIT 1) AS service, generate_series(1, $1::int) AS n
       RETURNING id, identity, role_id
     ), joined AS (
       INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq)
       SELECT $2::uuid, gen_random_uuid(), id, identity, role_id, 1, 1, 1 FROM reader
       RETURNING id
     ), delivered AS (
       INSERT INTO deliveries (channel_id, member_id, device_id, delivered_index, delivered_seq)
       SELECT $2::uuid, id, device, -1, 0 FROM joined, unnest(ARRAY['', 'phone']) AS device
     )
     SELECT id FROM joined`,
    [count, made!.id],
  )
  await db.run('ANALYZE', [])
  return { channelId, memberIds: rows.map(({ id }) => uuidToSid('MB', id)) }
}

/** Receipts are read once a second; no send has anything to do with them. */
async function measureReceipts(title: string, db: Db): Promise<void> {
  const counts = [100, 1000]
  const columns: string[][] = []
  for (const count of counts) {
    process.stderr.write(`${title}: receipts of ${count} members\n`)
    const { channelId, memberIds } = await fillMembers(db, count)
    const keys = memberIds.map((memberId) => ({ channelId, memberId }))
    let index = 0
    const move = (): Promise<unknown> => {
      index++
      return moveDeliveries(
        db,
        keys.map((key) => ({ ...key, deviceId: 'phone', index, seq: 0 })),
      )
    }
    columns.push([
      await measure(move),
      await measure(() => readMemberReceipts(db, keys)),
      await measure(() => readReceipts(db, [channelId])),
    ])
  }
  const names = ['all confirm a message', 'what has moved', 'all receipts']
  const header = ['ms: p50 (p95)', ...counts.map((count) => `${count} members`)]
  const rows = names.map((name, at) => [name, ...columns.map((column) => column[at]!)])
  process.stdout.write(`${table([header, ...rows])}\n`)
}

{
  await using server = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
  const db = openDb(server.url(), { poolSize: 1, timeouts: { statement: 0, total: 600_000 } })
  await measureEngine('Postgres', db)
  await measureReceipts('Postgres', db)
  await db.close()
}
{
  const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
  try {
    {
      await using server = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
      await measureList(server.url(), join(directory, 'product'))
    }
    const { db, close } = await openEmbedded(join(directory, 'embedded'))
    await measureEngine('Embedded', db)
    await measureReceipts('Embedded', db)
    await close()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
