import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createLogger } from '../src/config/logger.ts'
import { MessageWriter } from '../src/domain/chat/message-writer.ts'
import { UnindexedChannels } from '../src/domain/chat/unindexed-channels.ts'
import { newSid, uuidToSid } from '../src/model/sid.ts'
import { openDb, type Db } from '../src/store/engine/db.ts'
import { MessageIndexer } from '../src/workers/message-indexer.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import type { Json } from './answer.ts'
import { liftLimits } from './limits.ts'
import { end } from './processes.ts'
import { median, percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { credentialsOf, prepareDatabase, productEnvironment, startProduct, type Environment } from './servers.ts'

/**
 * A page of 25 of what is found, in a service with few messages and in one with many. Users that are in a fifth of the channels, 200 at most, ask one
 * after the other, since one alone would wait for its share. Then what indexing costs a send: the writer alone, and with the
 * indexing behind it.
 */
const isQuick = process.argv.includes('--quick')
const sizes = isQuick
  ? ([[10, 100] as const, [100, 1000] as const] as const)
  : ([[10, 100] as const, [1000, 1000] as const] as const)
const users = 20
const searches = isQuick ? 40 : 200
const most = 100

const query = `query ($query: String!, $orderBy: SearchOrder) {
  searchMessages(query: $query, orderBy: $orderBy) {
    edges { cursor node { id body authorIdentity createdAt channelId } highlights { start end } }
    pageInfo { hasNextPage endCursor }
  }
}`

/** By what is asked, and how common it is: words are numbered by how often they come, and `needle` is in twenty messages. */
const cases = [
  ['a word of every third message', 'word0 '],
  ['a word of every twentieth', 'word5 '],
  ['a word of every three hundredth', 'word300 '],
  ['a rare word', 'needle '],
  ['a word that nobody wrote', 'nowhere '],
  ['two words', 'word3 word40 '],
  ['a phrase', '"word0 word1"'],
  ['one excluded', 'word5 -word0'],
  ['the beginning of a word', 'word99'],
] as const

/** Ten words a message, of ten thousand. */
const fillStatement = `
WITH filled AS (
  UPDATE channels SET last_index = $2::int - 1, last_seq = last_seq + $2::int, messages_count = $2::int, last_message_at = now()
  WHERE service_id = $1::uuid
  RETURNING id, last_seq - $2::int AS seq
)
INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at)
SELECT id, n, gen_random_uuid(), seq + 1 + n, 'someone',
  (SELECT string_agg(word, ' ') FROM (
    SELECT 'word' || floor(10000 * random() ^ 3) AS word FROM generate_series(1, 10 + 0 * n)
  ) AS words)
    || CASE WHEN random() < 20.0 / $3::int THEN ' needle' ELSE '' END,
  now() - ($2::int - n) * interval '1 minute' - random() * interval '1 minute', now()
FROM filled, generate_series(0, $2::int - 1) AS n`

async function measureSize(url: string, directory: string, [channels, messages]: readonly [number, number]) {
  const environment: Environment = productEnvironment(directory, { DATABASE_URL: url })
  await prepareDatabase(environment)
  const { child, port } = await startProduct(environment)
  const socket = `ws://127.0.0.1:${port}/graphql`
  const backend = await Sender.open(socket, { authorization: credentialsOf(environment) })
  await liftLimits(backend)
  const db = openDb(url, { poolSize: 2, timeouts: { statement: 0, total: 600_000 } })
  const asked = []
  for (let made = 0; made < channels; made += 50) {
    const create = { query: 'mutation { createChannel(input: {}) { channel { id } } }' }
    asked.push(...(await backend.run(Array.from({ length: Math.min(50, channels - made) }, () => create))))
  }
  const ids = asked.map((answer) => answer['createChannel'].channel.id as string)
  const [service] = await db.run<{ id: string }>('SELECT service_id AS id FROM channels LIMIT 1', [])
  const senders: Sender[] = []
  for (let at = 0; at < users; at++) {
    const identity = `user${at}`
    const token = `mutation { createAccessToken(input: { identity: "${identity}" }) { token } }`
    const [answer] = await backend.run([{ query: token }])
    senders.push(await Sender.open(socket, { token: answer!['createAccessToken'].token }))
    const own = ids.filter((_, channel) => channel % 5 === at % 5 || channels < 20).slice(0, 200)
    for (const id of own) {
      await backend.run([
        { query: `mutation { addMember(input: { channelId: "${id}", identity: "${identity}" }) { cursor } }` },
      ])
    }
  }
  process.stderr.write(`${channels} × ${messages}: filling\n`)
  await db.run(fillStatement, [service!.id, messages, channels * messages])
  const began = performance.now()
  await untilIndexed(db, channels)
  const indexing = (channels * messages) / ((performance.now() - began) / 1000)
  await db.run('VACUUM ANALYZE', [])
  const [size] = await db.run<{ size: string }>(`SELECT pg_total_relation_size('message_search')::text AS size`, [])
  const rows = new Map<string, number[]>()
  for (const [name, text] of cases) {
    for (const orderBy of ['RECENT', 'RELEVANCE']) {
      const times: number[] = []
      for (let at = 0; at < searches + users; at++) {
        const started = performance.now()
        const [answer] = await senders[at % users]!.run([{ query, variables: { query: text, orderBy } }])
        if (at >= users) times.push(performance.now() - started)
        const edges = answer!['searchMessages'].edges as Json[]
        if (text === 'word0 ' && edges.length !== 25) throw new Error(`${name}: ${edges.length} found`)
      }
      rows.set(`${name}, ${orderBy}`, times)
      process.stderr.write(`${name}, ${orderBy}: ${median(times).toFixed(1)} / ${percentile(times, 0.95).toFixed(1)}\n`)
    }
  }
  for (const sender of [backend, ...senders]) sender.close()
  await db.close()
  await end(child, 'SIGTERM')
  return { rows, indexing, bytes: Number(size!.size) / (channels * messages) }
}

async function untilIndexed(db: Db, channels: number): Promise<void> {
  while (true) {
    const [row] = await db.run<{ done: number }>(
      'SELECT count(*) AS done FROM search_positions JOIN channels ON id = channel_id WHERE search_positions.seq >= last_seq',
      [],
    )
    if (row!.done >= channels) return
    await delay(500)
  }
}

/** Sends a second by 64 senders, over a thousand channels. */
async function measureSends(url: string, isIndexed: boolean): Promise<number> {
  const db = openDb(url, { poolSize: 16 })
  const [service] = await db.run<{ id: string }>('SELECT id FROM services LIMIT 1', [])
  await db.run('TRUNCATE messages, message_search, search_positions', [])
  await db.run('DELETE FROM channels', [])
  const made = await db.run<{ id: string }>(
    `INSERT INTO channels (id, service_id, type, created_by) SELECT gen_random_uuid(), $1::uuid, 'public', 'system'
     FROM generate_series(1, 1000) RETURNING id`,
    [service!.id],
  )
  const ids = made.map(({ id }) => uuidToSid('CH', id))
  const unindexed = new UnindexedChannels()
  const indexer = isIndexed ? new MessageIndexer({ db, unindexed, logger: createLogger('warn') }) : undefined
  const writer = new MessageWriter(db, { insert: async () => {} })
  const until = performance.now() + (isQuick ? 2000 : 10_000)
  let sent = 0
  const send = async (sender: number): Promise<void> => {
    for (let at = sender; performance.now() < until; at += 64, sent++) {
      const channelId = ids[at % ids.length]!
      const body = Array.from(
        { length: 10 },
        (_, word) => `word${((at * 31 + word * word * 7) % 9973) ** 2 % 5003}`,
      ).join(' ')
      await writer.write({
        channelId,
        id: newSid('IM'),
        author: 'system',
        body,
        attributes: '{}',
        clientMessageId: null,
        memberAsOf: 2 ** 53 - 1,
      })
      unindexed.add(channelId)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: 64 }, (_, sender) => send(sender)))
  const rate = sent / ((performance.now() - began) / 1000)
  await indexer?.close()
  await db.close()
  return rate
}

const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
try {
  const results: Awaited<ReturnType<typeof measureSize>>[] = []
  for (const size of sizes) {
    await using server = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
    results.push(await measureSize(server.url(), join(directory, String(size[0])), size))
    if (size !== sizes[1]) continue
    const rates: Record<'alone' | 'indexed', number[]> = { alone: [], indexed: [] }
    for (let round = 0; round < (isQuick ? 1 : 3); round++) {
      rates.alone.push(await measureSends(server.url(), false))
      rates.indexed.push(await measureSends(server.url(), true))
    }
    const [alone, indexed] = [median(rates.alone), median(rates.indexed)]
    process.stdout.write(
      `Sends a second: ${Math.round(alone)} alone, ${Math.round(indexed)} with indexing behind them, ${(indexed / alone).toFixed(2)}\n\n`,
    )
  }
  const header = ['search', ...sizes.map((size) => `${size.join(' × ')}: p50 / p95, ms`), `p95 at most ${most}`]
  const lines = [...results[0]!.rows.keys()].map((name) => [
    name,
    ...results.map(
      ({ rows }) => `${median(rows.get(name)!).toFixed(1)} / ${percentile(rows.get(name)!, 0.95).toFixed(1)}`,
    ),
    results.every(({ rows }) => percentile(rows.get(name)!, 0.95) <= most) ? 'yes' : 'no',
  ])
  process.stdout.write(`${table([header, ...lines])}\n`)
  for (const [at, { indexing, bytes }] of results.entries()) {
    process.stdout.write(
      `${sizes[at]!.join(' × ')}: ${Math.round(indexing)} messages indexed a second, ${Math.round(bytes)} bytes each\n`,
    )
  }
} finally {
  await rm(directory, { recursive: true, force: true })
}
