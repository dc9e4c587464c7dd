import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ensureAccount } from '../src/domain/access/account.ts'
import { createSecretBox } from '../src/domain/access/secret.ts'
import { MessageWriter } from '../src/domain/chat/message-writer.ts'
import { newSid } from '../src/model/sid.ts'
import { openDb, type Db } from '../src/store/engine/db.ts'
import { openEmbedded } from '../src/store/engine/embedded.ts'
import { migrateDb } from '../src/store/migration.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { startRedisServer } from '../test/support/redis-server.ts'
import { graphqlTransportWs, Load } from './load.ts'
import { end } from './processes.ts'
import { percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { body, credentialsOf, prepareDatabase, productEnvironment, startProduct, type Environment } from './servers.ts'

/**
 * From the call of a send to its last receiver: a hundred channels with twenty members each, all connected, at a quarter and at half
 * of the highest rate; on one process embedded, and on Postgres on one process, on two workers, and on two processes with Redis. Beside it the same
 * rate on the store alone. Every message is counted at every receiver.
 */
const isQuick = process.argv.includes('--quick')
const seconds = isQuick ? 2 : 8
const channelCount = isQuick ? 20 : 100
const memberCount = 20

const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }'
const live = 'subscription ($channelId: ID!) { messageAdded(channelId: $channelId) { index body } }'

interface Way {
  readonly senders: readonly Sender[]
  readonly channels: readonly string[]
  readonly load: Load
}

interface Waits {
  readonly answered: number[]
  /** To the last receiver. */
  readonly received: number[]
}

async function openWay(ports: readonly number[], authorization: string): Promise<Way> {
  // Several each, since a connection has a limit of operations at once.
  const senders = await Promise.all(
    Array.from({ length: 16 }, (_, number) =>
      Sender.open(`ws://127.0.0.1:${ports[number % ports.length]}/graphql`, { authorization }),
    ),
  )
  const [first] = senders
  const created = await first!.run(
    Array.from({ length: channelCount }, () => ({
      query: 'mutation { createChannel(input: {}) { channel { id } } }',
    })).slice(0, 50),
  )
  while (created.length < channelCount) {
    created.push(...(await first!.run([{ query: 'mutation { createChannel(input: {}) { channel { id } } }' }])))
  }
  const channels = created.map((answer) => answer['createChannel'].channel.id as string)
  const load = new Load(body)
  for (const [tag, channelId] of channels.entries()) {
    const answers = await first!.run(
      Array.from({ length: memberCount }, (_, number) => `member-${tag}-${number}`).map((identity) => ({
        query:
          'mutation ($member: AddMemberInput!, $token: CreateAccessTokenInput!) ' +
          '{ addMember(input: $member) { member { id } } createAccessToken(input: $token) { token } }',
        variables: { member: { channelId, identity }, token: { identity } },
      })),
    )
    const protocols = answers.map((answer, number) => {
      const connectionParams = {
        token: answer['createAccessToken'].token as string,
        deviceId: `phone-${tag}-${number}`,
      }
      return { ...graphqlTransportWs({ query: live, variables: { channelId } }, connectionParams), tag }
    })
    for (const [at, port] of ports.entries()) {
      await load.connect(
        port,
        protocols.filter((_, number) => number % ports.length === at),
      )
    }
  }
  return { senders, channels, load }
}

/** Sends at a rate, or, without one, with so many under way as make it the highest. Waits until all is received. */
async function run({ senders, channels, load }: Way, perSecond?: number): Promise<Waits & { perSecond: number }> {
  const sentAt = new Map<string, number>()
  const arrivals = new Map<string, { count: number; last: number }>()
  load.onIndex = (tag, index, now) => {
    const key = `${tag} ${index}`
    const arrival = arrivals.get(key) ?? { count: 0, last: 0 }
    arrivals.set(key, { count: arrival.count + 1, last: now })
  }
  const answered: number[] = []
  let sent = 0
  const sendOne = async (): Promise<void> => {
    const tag = sent % channels.length
    const sender = senders[sent++ % senders.length]!
    const began = performance.now()
    const [answer] = await sender.run([{ query: send, variables: { input: { channelId: channels[tag], body } } }])
    answered.push(performance.now() - began)
    sentAt.set(`${tag} ${answer!['sendMessage'].message.index}`, began)
  }
  const took = await pace(seconds, perSecond, sendOne)
  const deadline = performance.now() + 20_000
  while (arrivals.size < sent || [...arrivals.values()].some(({ count }) => count < memberCount)) {
    if (load.fault) throw load.fault
    if (performance.now() > deadline) {
      const late = [...arrivals].filter(([, { count }]) => count < memberCount)
      throw new Error(
        `of ${sent} messages ${arrivals.size} have arrived, ${late.length} not everywhere: ${late
          .slice(0, 5)
          .map(([key, { count }]) => `${key} to ${count}`)
          .join('; ')}`,
      )
    }
    await delay(20)
  }
  if (sentAt.size !== sent || [...arrivals.values()].some(({ count }) => count !== memberCount)) {
    throw new Error('a message was missing or doubled')
  }
  if (load.fault) throw load.fault
  const received = [...sentAt].map(([key, began]) => arrivals.get(key)!.last - began)
  return { answered, received, perSecond: sent / took }
}

/** Calls at even times whatever the answers do; without a rate, always with 64 under way. Answers the seconds it took. */
async function pace(length: number, perSecond: number | undefined, call: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  const isOver = (): boolean => performance.now() - began >= length * 1000
  if (perSecond === undefined) {
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        while (!isOver()) await call()
      }),
    )
  } else {
    const calls: Promise<unknown>[] = []
    while (!isOver()) {
      const due = ((performance.now() - began) / 1000) * perSecond
      while (calls.length < due) calls.push(call())
      await delay(1)
    }
    await Promise.all(calls)
  }
  return (performance.now() - began) / 1000
}

/** The same rate on the store alone. */
async function runStore(db: Db, perSecond: number): Promise<number[]> {
  const [service] = await db.run<{ id: string }>('SELECT id FROM services LIMIT 1', [])
  const channels = Array.from({ length: channelCount }, () => newSid('CH'))
  for (const id of channels) {
    const uuid = id.slice(2)
    await db.run(`INSERT INTO channels (id, service_id, type, created_by) VALUES ($1, $2, 'public', 'system')`, [
      uuid,
      service!.id,
    ])
  }
  const writer = new MessageWriter(db, { insert: async () => {} })
  const waits: number[] = []
  let sent = 0
  await pace(seconds, perSecond, async () => {
    const channelId = channels[sent++ % channels.length]!
    const message = { channelId, id: newSid('IM'), author: 'system', body, attributes: '{}', clientMessageId: null }
    const began = performance.now()
    await writer.write({ ...message, memberAsOf: 2 ** 53 - 1 })
    waits.push(performance.now() - began)
  })
  return waits
}

async function measure(
  title: string,
  environments: readonly Environment[],
  openOwnDb: () => Promise<Db>,
): Promise<void> {
  await prepareDatabase(environments[0]!)
  const children: ChildProcess[] = []
  const ports: number[] = []
  const results: { share: string; run: Awaited<ReturnType<typeof run>> }[] = []
  try {
    for (const environment of environments) {
      const { child, port } = await startProduct(environment)
      children.push(child)
      ports.push(port)
    }
    const way = await openWay(ports, credentialsOf(environments[0]!))
    await run(way, 100)
    const highest = await run(way)
    results.push({ share: 'highest', run: highest })
    for (const [share, part] of [
      ['a quarter', 1 / 4],
      ['half', 1 / 2],
    ] as const) {
      results.push({ share, run: await run(way, highest.perSecond * part) })
    }
    for (const sender of way.senders) sender.close()
    way.load.close()
  } finally {
    for (const child of children) await end(child, 'SIGTERM')
  }
  const db = await openOwnDb()
  const rows: string[][] = []
  const both = (waits: readonly number[]): string =>
    `${percentile(waits, 0.5).toFixed(1)} / ${percentile(waits, 0.99).toFixed(1)}`
  for (const { share, run: measured } of results) {
    const store = share === 'highest' ? undefined : await runStore(db, measured.perSecond)
    const ratio = store && percentile(measured.received, 0.99) / percentile(store, 0.99)
    rows.push([
      share,
      measured.perSecond.toFixed(0),
      both(measured.answered),
      both(measured.received),
      store ? both(store) : '–',
      ratio === undefined ? '–' : `${ratio.toFixed(1)} × (${ratio < 3 ? 'met' : 'not met'})`,
    ])
  }
  await db.close()
  const header = [
    'rate',
    'messages/s',
    'answered, p50 / p99 ms',
    'last receiver',
    'store alone',
    'p99: receiver ÷ store, goal < 3',
  ]
  process.stdout.write(`### ${title}\n\n${table([header, ...rows])}\n`)
}

const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
try {
  await measure('One process, embedded', [productEnvironment(join(directory, 'one'), {})], async () => {
    const { db } = await openEmbedded(join(directory, 'store'))
    await migrateDb(db)
    await ensureAccount(db, createSecretBox('ab'.repeat(32)), {})
    return db
  })
  await using postgres = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
  await using redis = await startRedisServer()
  const alone = productEnvironment(directory, { DATABASE_URL: postgres.url() })
  const shared = { ...alone, REDIS_URL: redis.url }
  const open = async (): Promise<Db> => openDb(postgres.url(), { poolSize: 10 })
  await measure('One process, Postgres with fsync on', [alone], open)
  await measure('Two workers, Postgres with fsync on', [{ ...alone, PROCESSES: '2' }], open)
  await measure('Two processes, Postgres with fsync on, Redis', [shared, shared], open)
} finally {
  await rm(directory, { recursive: true, force: true })
}
