import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { liftLimits } from './limits.ts'
import { end } from './processes.ts'
import { median, percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { body, credentialsOf, prepareDatabase, productEnvironment, startProduct, type Environment } from './servers.ts'

/**
 * Sends of others, at full speed and now and then: alone, and beside one user that asks for as much as it can. All are in one channel. At full speed
 * sends a backend over sixteen connections, since users have rates; now and then one user does. `--unlimited` lifts what a user may do.
 */
const isQuick = process.argv.includes('--quick')
const isUnlimited = process.argv.includes('--unlimited')
const engines = ['--embedded', '--postgres'].filter((name) => process.argv.includes(name))
const seconds = isQuick ? 2 : 6
const rounds = isQuick ? 1 : 3
const senderCount = 16

interface Fixture {
  readonly port: number
  readonly authorization: string
  readonly channelId: string
  /** Tokens of the one that sends now and then, and of the abuser. */
  readonly user: string
  readonly abuser: string
}

/** Begins the load, and answers a function that ends it. */
type Abuse = (fixture: Fixture) => Promise<() => void>

const aliases = (count: number, field: string): string =>
  Array.from({ length: count }, (_, at) => `a${at}: ${field}`).join(' ')

let documents = 0

const abuses: Record<string, Abuse> = {
  nobody: async () => () => {},
  'the largest queries': (fixture) =>
    keepAsking(fixture, 20, () => ({
      query: `query ($id: ID!) { channel(id: $id) { messages(first: 100) { edges { node { ${aliases(60, 'index')} author { identity } } } } } }`,
      variables: { id: fixture.channelId },
    })),
  'documents that are new': (fixture) =>
    keepAsking(fixture, 20, () => ({ query: `query New${++documents} { ${aliases(99, 'viewer { kind }')} }` })),
  'sends of its own': (fixture) =>
    keepAsking(fixture, 100, () => ({
      query: 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }',
      variables: { input: { channelId: fixture.channelId, body } },
    })),
  'selections of its own': async ({ port, channelId, abuser }) => {
    const sockets = await Promise.all(Array.from({ length: 4 }, (_, at) => openSilently(port, abuser, `device-${at}`)))
    for (const [at, socket] of sockets.entries()) {
      for (let number = 0; number < 50; number++) {
        const query = `subscription Own${at * 50 + number} { messageAdded(channelId: "${channelId}") { index body ${aliases(60, 'index')} } }`
        socket.send(JSON.stringify({ id: String(number), type: 'subscribe', payload: { query } }))
      }
    }
    await delay(500)
    return () => sockets.forEach((socket) => socket.terminate())
  },
}

/** Keeps so many requests under way and discards the answers. */
async function keepAsking({ port, abuser }: Fixture, count: number, ask: () => object): Promise<() => void> {
  const agent = new Agent({ keepAlive: true, maxSockets: count })
  let isOver = false
  const post = (): void => {
    if (isOver) return
    const content = JSON.stringify(ask())
    const headers = {
      authorization: `Bearer ${abuser}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(content),
    }
    const sent = request({ port, host: '127.0.0.1', method: 'POST', path: '/graphql', headers, agent }, (response) =>
      response
        .resume()
        .on('end', post)
        .on('error', () => {}),
    )
    sent.on('error', () => {})
    sent.end(content)
  }
  for (let at = 0; at < count; at++) post()
  return () => {
    isOver = true
    agent.destroy()
  }
}

/** A socket whose frames are discarded. */
async function openSilently(port: number, token: string, deviceId: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { token, deviceId } })))
    socket.once('message', () => resolve())
  })
  socket.on('error', () => {})
  return socket
}

interface Result {
  /** Sends of all others, each begun when the one before was answered. */
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** One send of the user every 50 milliseconds, while no other of them sends. */
  readonly rareP50: number
  readonly rareP99: number
}

async function measure(fixture: Fixture, abuse: Abuse): Promise<Result> {
  const open = (parameters: Record<string, string>) => Sender.open(`ws://127.0.0.1:${fixture.port}/graphql`, parameters)
  const user = await open({ token: fixture.user })
  const { authorization } = fixture
  const senders = await Promise.all(Array.from({ length: senderCount }, () => open({ authorization })))
  const operation = {
    query: 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }',
    variables: { input: { channelId: fixture.channelId, body } },
  }
  const send = async (sender: Sender, waits: number[]): Promise<void> => {
    const began = performance.now()
    await sender.run([operation])
    waits.push(performance.now() - began)
  }
  const stop = await abuse(fixture)
  try {
    const rare: number[] = []
    for (const until = performance.now() + seconds * 1000; performance.now() < until; await delay(50)) {
      await send(user, rare)
    }
    const waits: number[] = []
    const began = performance.now()
    const sendAll = async (sender: Sender): Promise<void> => {
      while (performance.now() - began < seconds * 1000) await send(sender, waits)
    }
    await Promise.all(senders.map(sendAll))
    return {
      perSecond: waits.length / ((performance.now() - began) / 1000),
      p50: percentile(waits, 0.5),
      p99: percentile(waits, 0.99),
      rareP50: percentile(rare, 0.5),
      rareP99: percentile(rare, 0.99),
    }
  } finally {
    stop()
    for (const sender of [user, ...senders]) sender.close()
  }
}

async function openFixture(port: number, environment: Environment): Promise<Fixture> {
  const authorization = credentialsOf(environment)
  const backend = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization })
  try {
    if (isUnlimited) await liftLimits(backend)
    const [made] = await backend.run([{ query: 'mutation { createChannel(input: {}) { channel { id } } }' }])
    const channelId = made!['createChannel'].channel.id as string
    const identities = ['user', 'abuser']
    const answers = await backend.run(
      identities.map((identity) => ({
        query:
          'mutation ($member: AddMemberInput!, $token: CreateAccessTokenInput!) ' +
          '{ addMember(input: $member) { member { id } } createAccessToken(input: $token) { token } }',
        variables: { member: { channelId, identity }, token: { identity } },
      })),
    )
    const [user, abuser] = answers.map((answer) => answer['createAccessToken'].token as string)
    const send = { query: 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }' }
    await backend.run(Array.from({ length: 100 }, () => ({ ...send, variables: { input: { channelId, body } } })))
    return { port, authorization, channelId, user: user!, abuser: abuser! }
  } finally {
    backend.close()
  }
}

async function measureEngine(title: string, environment: Environment): Promise<void> {
  await prepareDatabase(environment)
  const names = Object.keys(abuses)
  const results = new Map(names.map((name) => [name, [] as Result[]]))
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const { child, port } = await startProduct(environment)
      try {
        const result = await measure(await openFixture(port, environment), abuses[name]!)
        results.get(name)!.push(result)
        process.stderr.write(`${title}, ${name}: ${JSON.stringify(result)}\n`)
      } finally {
        await end(child, 'SIGTERM')
      }
    }
  }
  const of = (name: string, pick: (result: Result) => number): number => median(results.get(name)!.map(pick))
  const alone = of('nobody', ({ perSecond }) => perSecond)
  const rows = names.map((name) => [
    name,
    of(name, ({ perSecond }) => perSecond).toFixed(0),
    `${(of(name, ({ perSecond }) => perSecond) / alone).toFixed(2)} ×`,
    `${of(name, ({ p50 }) => p50).toFixed(1)} / ${of(name, ({ p99 }) => p99).toFixed(1)}`,
    `${of(name, ({ rareP50 }) => rareP50).toFixed(1)} / ${of(name, ({ rareP99 }) => rareP99).toFixed(1)}`,
  ])
  const header = ['one user asks for', 'sends/s of the others', 'of alone', 'p50 / p99, ms', 'now and then, ms']
  process.stdout.write(`\n${title}\n\n${table([header, ...rows])}\n`)
}

const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
try {
  if (engines.length === 0 || engines.includes('--embedded')) {
    await measureEngine('Embedded', productEnvironment(join(directory, 'embedded'), {}))
  }
  if (engines.length === 0 || engines.includes('--postgres')) {
    await using postgres = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
    await measureEngine('Postgres', productEnvironment(directory, { DATABASE_URL: postgres.url() }))
  }
} finally {
  await rm(directory, { recursive: true, force: true })
}
