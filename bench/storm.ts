import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openDb, type Db } from '../src/store/engine/db.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { startRedisServer } from '../test/support/redis-server.ts'
import { monotonicNow } from './probe.ts'
import { ask, at, end, startNode } from './processes.ts'
import { percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { credentialsOf, prepareDatabase, productEnvironment, startProduct, type Environment } from './servers.ts'
import { Flow } from './storm-flow.ts'
import type { PlannedReader, ReaderKind, StormNews, StormOrder, StormPlan } from './storm-plan.ts'

/**
 * All sockets of a process that ends come back on another one, while senders go on there. Two processes on Postgres with fsync and Redis; each
 * reader has a device and `events` of one of a hundred channels; four of five are on the process that ends. Every message is counted at every
 * reader.
 */
const numberOf = (name: string, otherwise: number): number => {
  const place = process.argv.indexOf(name)
  return place < 0 ? otherwise : Number(process.argv[place + 1])
}
const isQuick = process.argv.includes('--quick')
const sockets = numberOf('--sockets', isQuick ? 1000 : 10_000)
const channelCount = Math.min(100, sockets / 10)
const perSecond = 50

/** How long it is measured before, and how long all may take to come back, in seconds. */
const quietSeconds = isQuick ? 5 : 10
const maxSeconds = 120

interface Scenario {
  readonly name: string
  readonly kind: ReaderKind
  readonly signal: 'SIGTERM' | 'SIGKILL'
  readonly drain: Environment
}

const all: readonly Scenario[] = (['fonechat', 'graphql-ws'] as const).flatMap((kind) => [
  { name: 'stopped, 2 + 3 s', kind, signal: 'SIGTERM', drain: {} },
  { name: 'stopped, 5 + 30 s', kind, signal: 'SIGTERM', drain: { DRAIN_DELAY: '5', DRAIN_SECONDS: '30' } },
  { name: 'killed', kind, signal: 'SIGKILL', drain: {} },
])
const scenarios = all.filter(({ signal, drain }) =>
  process.argv.includes('--kill') ? signal === 'SIGKILL' : !isQuick || drain['DRAIN_DELAY'] === undefined,
)

type Report = Extract<StormNews, { readonly news: 'report' }>['report']

const say = (text: string): void => void process.stderr.write(`${text}\n`)

function assertDescriptors(): void {
  const allowed = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()
  if (allowed !== 'unlimited' && Number(allowed) < sockets + 1000) {
    throw new Error(
      `${sockets} sockets need ${sockets + 1000} open files in a process; \`ulimit -n\` allows ${allowed}`,
    )
  }
}

interface Crowd {
  readonly channels: readonly string[]
  readonly readers: readonly PlannedReader[]
}

async function prepare(environment: Environment): Promise<Crowd> {
  await prepareDatabase(environment)
  const { child, port } = await startProduct(environment)
  const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization: credentialsOf(environment) })
  try {
    const channels: string[] = []
    while (channels.length < channelCount) {
      const [answer] = await sender.run([{ query: 'mutation { createChannel(input: {}) { channel { id } } }' }])
      channels.push(answer!['createChannel'].channel.id as string)
    }
    const readers: PlannedReader[] = []
    const query =
      'mutation ($member: AddMemberInput!, $token: CreateAccessTokenInput!) ' +
      '{ addMember(input: $member) { member { id } } createAccessToken(input: $token) { token } }'
    while (readers.length < sockets) {
      const numbers = Array.from({ length: Math.min(50, sockets - readers.length) }, (_, more) => readers.length + more)
      const answers = await sender.run(
        numbers.map((number) => {
          const identity = `reader-${number}`
          const member = { channelId: channels[number % channelCount], identity }
          return { query, variables: { member, token: { identity, ttlSeconds: 7200 } } }
        }),
      )
      for (const [place, answer] of answers.entries()) {
        const number = numbers[place]!
        readers.push({
          token: answer['createAccessToken'].token as string,
          deviceId: `phone-${number}`,
          channel: number % channelCount,
          home: number % 5 === 4 ? 1 : 0,
        })
      }
    }
    return { channels, readers }
  } finally {
    sender.close()
    await end(child, 'SIGTERM')
  }
}

/** Transactions that the database has committed: a statement outside of one counts as one. */
async function readCommits(db: Db): Promise<number> {
  // Backends report what they did a second later at the latest.
  await delay(1500)
  const [row] = await db.run<{ commits: string }>(
    'SELECT sum(xact_commit)::text AS commits FROM pg_stat_database WHERE datname = current_database()',
    [],
  )
  return Number(row!.commits)
}

async function run(
  scenario: Scenario,
  { channels, readers }: Crowd,
  environment: Environment,
  db: Db,
  directory: string,
) {
  say(`${scenario.kind}, ${scenario.name} …`)
  await using stack = new AsyncDisposableStack()
  const start = async (core: number) => {
    const server = await startProduct({ ...environment, ...scenario.drain }, [], core)
    stack.defer(() => end(server.child, 'SIGKILL'))
    return server
  }
  // The one that goes on has a core of its own, beside Postgres and Redis, which are on both.
  const [dying, staying] = [await start(1), await start(0)]
  const file = join(directory, 'plan.json')
  const plan: StormPlan = { kind: scenario.kind, ports: [dying.port, staying.port], channels, readers }
  await writeFile(file, JSON.stringify(plan))
  const clients = startNode([at('storm-clients.ts')], { STORM_PLAN: file }, 1)
  stack.defer(() => end(clients, 'SIGTERM'))
  const ended = once(clients, 'exit')
  const order = (what: StormOrder): void => void clients.send(what)
  const next = <News extends StormNews['news']>(kind: News) =>
    new Promise<Extract<StormNews, { readonly news: News }>>((resolve, reject) => {
      const onMessage = (news: StormNews): void => {
        if (!('news' in news) || news.news !== kind) return
        clients.off('message', onMessage)
        resolve(news as never)
      }
      clients.on('message', onMessage)
      void ended.then(() => reject(new Error('the clients have ended')))
    })
  const reportNow = async (): Promise<Report> => {
    const reported = next('report')
    order({ order: 'report' })
    return (await reported).report
  }
  await next('connected')
  const address = `ws://127.0.0.1:${staying.port}/graphql`
  const authorization = credentialsOf(environment)
  const senders = await Promise.all(Array.from({ length: 8 }, () => Sender.open(address, { authorization })))
  stack.defer(() => senders.forEach((sender) => sender.close()))
  const flow = new Flow(senders, channels, perSecond, (channel, index) => order({ order: 'sent', channel, index }))
  const quietCommits = await readCommits(db)
  const quietAt = monotonicNow()
  flow.start()
  await delay(quietSeconds * 1000)
  const commits = await readCommits(db)
  const perMillisecond = (commits - quietCommits) / (monotonicNow() - quietAt)

  const [server, generator] = [await ask(staying.child, false), await ask(clients, false)]
  const signalledAt = monotonicNow()
  const exited = new Promise<void>((resolve) => dying.child.once('exit', () => resolve()))
  dying.child.kill(scenario.signal)
  let isRedirected = false
  const balance = async (): Promise<void> => {
    // As a balancer that asks every second.
    while (!isRedirected) {
      const isReady = await fetch(`http://127.0.0.1:${dying.port}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
        ({ status }) => status === 200,
        () => false,
      )
      if (isReady) await delay(1000)
      else isRedirected = true
    }
    order({ order: 'redirect' })
  }
  const balancing = balance()
  const expected = readers.filter(({ home }) => home === 0).length
  let found = await reportNow()
  while (found.caughtUpAt.length < expected && monotonicNow() - signalledAt < maxSeconds * 1000) {
    await delay(100)
    found = await reportNow()
  }
  const overAt = monotonicNow()
  await Promise.all([balancing, exited])
  const used = { server: await ask(staying.child, false), generator: await ask(clients, false) }
  const stormCommits = (await readCommits(db)) - commits - perMillisecond * (monotonicNow() - signalledAt)
  await flow.stop()
  const isHeld = ({ heldBy }: Report): boolean => heldBy.every((index, channel) => index >= flow.highest[channel]!)
  let last = await reportNow()
  for (let tries = 0; !isHeld(last) && tries < 100; tries++) {
    await delay(100)
    last = await reportNow()
  }
  const tooFew = last.heldBy.filter((index, channel) => index < flow.highest[channel]!).length

  const since = scenario.signal === 'SIGKILL' ? signalledAt : found.firstCutAt
  const backAfter = (share: number): string => {
    const times = found.caughtUpAt.toSorted((one, other) => one - other)
    const place = Math.ceil(expected * share) - 1
    return times[place] === undefined ? 'never' : ((times[place] - since) / 1000).toFixed(1)
  }
  const waitsOf = (from: number, to: number): string => {
    const waits = flow.waits.filter(({ at: time }) => time >= from && time < to).map(({ took }) => took)
    return waits.length === 0 ? '–' : `${percentile(waits, 0.99).toFixed(0)} / ${Math.max(...waits).toFixed(0)}`
  }
  const processorShare = (kind: 'server' | 'generator'): string => {
    const before = kind === 'server' ? server : generator
    const seconds = used[kind].process.user + used[kind].process.system - before.process.user - before.process.system
    return `${((seconds * 100_000) / (overAt - signalledAt)).toFixed(0)} %`
  }
  const refusals = Object.values(last.refused).reduce((sum, count) => sum + count, 0)
  for (const failure of new Set(flow.failures)) say(`a send failed: ${failure}`)
  if (refusals > 0) say(`refused: ${JSON.stringify(last.refused)}`)
  return [
    `${scenario.kind === 'fonechat' ? '@fonechat/client' : 'graphql-ws'}, ${scenario.name}`,
    String(expected),
    `${backAfter(0.5)} / ${backAfter(0.99)} / ${backAfter(1)}`,
    (percentile(found.away, 0.5) / 1000).toFixed(2),
    waitsOf(0, signalledAt),
    waitsOf(since, overAt),
    `${refusals} / ${flow.failures.length}`,
    `${last.lost} / ${tooFew} / ${last.doubled}`,
    (stormCommits / expected).toFixed(1),
    `${processorShare('server')}, ${(used.server.residentBytes / 2 ** 20).toFixed(0)} MB`,
    processorShare('generator'),
  ]
}

assertDescriptors()
try {
  // The load takes a core for itself: what is measured here must not wait for it.
  setPriority(constants.priority.PRIORITY_HIGH)
} catch {
  say('without the right to a higher priority: latencies of sends include waiting for the readers')
}
const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
try {
  await using postgres = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
  await using redis = await startRedisServer()
  const environment = productEnvironment(directory, { DATABASE_URL: postgres.url(), REDIS_URL: redis.url })
  say(`${sockets} members of ${channelCount} channels …`)
  const crowd = await prepare(environment)
  const db = openDb(postgres.url(), { poolSize: 1 })
  const rows: string[][] = []
  for (const scenario of scenarios) rows.push(await run(scenario, crowd, environment, db, directory))
  await db.close()
  const header = [
    'readers, and how the process ends',
    'come back',
    '50 % / 99 % / all caught up, s',
    'a reader is away, p50 s',
    'a send before, p99 / highest ms',
    'meanwhile',
    'connections / sends refused',
    'lost / late / doubled',
    'statements of each',
    'the server',
    'the readers',
  ]
  process.stdout.write(
    `### ${sockets} sockets in ${channelCount} channels, ${perSecond} sends a second\n\n${table([header, ...rows])}\n`,
  )
} finally {
  await rm(directory, { recursive: true, force: true })
}
