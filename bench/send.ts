import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import type { Json } from './answer.ts'
import type { Cpu, Reading } from './probe.ts'
import { ask, at, end, firstOf, startNode } from './processes.ts'
import { percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { body, credentialsOf, prepareDatabase, productEnvironment, startProduct, type Environment } from './servers.ts'

/**
 * A send end to end, as a backend makes it: over GraphQL by HTTP and by WebSocket, and over REST; beside them the product's own
 * write behind plain `node:http`, which is the limit for any HTTP layer here. Processor seconds are the server's own,
 * without its database. At the end every message is counted.
 */
const isQuick = process.argv.includes('--quick')
const seconds = isQuick ? 1 : 4
const rounds = isQuick ? 1 : 3
const senderCounts = isQuick ? [1, 64] : [1, 16, 64, 256]
const profile = process.argv.find((argument) => argument.startsWith('--profile='))?.slice('--profile='.length)

const ways = ['limit', 'GraphQL over WebSocket', 'GraphQL over HTTP', 'REST'] as const
type Way = (typeof ways)[number]

interface Fixture {
  readonly port: number
  readonly authorization: string
  readonly serviceId: string
  readonly channelId: string
}

/** Sends one message and answers its index. */
type Send = () => Promise<number>

interface Client {
  readonly send: Send
  close(): void
}

const mutation = 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id index } } }'

function post(fixture: Fixture, agent: Agent, path: string, contentType: string, content: string): Promise<Json> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: fixture.authorization,
      'content-type': contentType,
      'content-length': Buffer.byteLength(content),
    }
    const sent = request(
      { port: fixture.port, host: '127.0.0.1', method: 'POST', path, headers, agent },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
        response.on('end', () => {
          if (response.statusCode! < 300) resolve(JSON.parse(text))
          else reject(new Error(`${response.statusCode} ${text}`))
        })
      },
    )
    sent.on('error', reject)
    sent.end(content)
  })
}

const openClient: Record<Way, (fixture: Fixture) => Promise<Client>> = {
  limit: async (fixture) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const content = JSON.stringify({ channelId: fixture.channelId, body })
    return {
      send: async () => (await post(fixture, agent, '/', 'application/json', content)).index as number,
      close: () => agent.destroy(),
    }
  },
  'GraphQL over HTTP': async (fixture) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const content = JSON.stringify({ query: mutation, variables: { input: { channelId: fixture.channelId, body } } })
    return {
      send: async () => {
        const { data, errors } = await post(fixture, agent, '/graphql', 'application/json', content)
        if (errors) throw new Error(JSON.stringify(errors))
        return data.sendMessage.message.index as number
      },
      close: () => agent.destroy(),
    }
  },
  REST: async (fixture) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const path = `/v1/Services/${fixture.serviceId}/Channels/${fixture.channelId}/Messages`
    const content = `Body=${encodeURIComponent(body)}`
    return {
      send: async () =>
        (await post(fixture, agent, path, 'application/x-www-form-urlencoded', content)).index as number,
      close: () => agent.destroy(),
    }
  },
  'GraphQL over WebSocket': async ({ port, authorization, channelId }) => {
    const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization })
    const operation = { query: mutation, variables: { input: { channelId, body } } }
    return {
      send: async () => (await sender.run([operation]))[0]!['sendMessage'].message.index as number,
      close: () => sender.close(),
    }
  },
}

interface Result {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Processor seconds of the server for a thousand sends, without its database. */
  readonly cpu: number
}

const total = ({ user, system }: Cpu): number => user + system
const spent = ({ process, workers }: Reading): number => total(process) - total(workers)

async function measure(child: ChildProcess, fixture: Fixture, way: Way, senders: number): Promise<Result> {
  const clients = await Promise.all(Array.from({ length: senders }, () => openClient[way](fixture)))
  const indexes = new Set<number>()
  const waits: number[] = []
  const run = async (milliseconds: number): Promise<number> => {
    const began = performance.now()
    const sendAll = async ({ send }: Client): Promise<void> => {
      while (performance.now() - began < milliseconds) {
        const before = performance.now()
        indexes.add(await send())
        waits.push(performance.now() - before)
      }
    }
    await Promise.all(clients.map(sendAll))
    return (performance.now() - began) / 1000
  }
  try {
    await run(seconds * 250)
    const warm = waits.splice(0).length
    const before = await ask(child, false)
    const took = await run(seconds * 1000)
    const after = await ask(child, false)
    if (indexes.size !== waits.length + warm) throw new Error('two messages got one number')
    const sorted = [...indexes].sort((one, other) => one - other)
    if (sorted.at(-1)! - sorted[0]! !== sorted.length - 1) throw new Error('a number is missing')
    return {
      perSecond: waits.length / took,
      p50: percentile(waits, 0.5),
      p99: percentile(waits, 0.99),
      cpu: ((spent(after) - spent(before)) / waits.length) * 1000,
    }
  } finally {
    for (const client of clients) client.close()
  }
}

async function findFixture(port: number, authorization: string): Promise<Fixture> {
  const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization })
  const [created, found] = await sender.run([
    { query: 'mutation { createChannel(input: {}) { channel { id } } }' },
    { query: '{ service { id } }' },
  ])
  sender.close()
  const channelId = created!['createChannel'].channel.id as string
  return { port, authorization, channelId, serviceId: found!['service'].id as string }
}

async function measureEngine(title: string, environment: Environment): Promise<void> {
  await prepareDatabase(environment)
  const results = new Map<string, Result[]>()
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  let fixture: Fixture | undefined
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      if (!fixture) {
        const { child, port } = await startProduct(environment)
        fixture = await findFixture(port, credentialsOf(environment))
        await end(child, 'SIGTERM')
      }
      const { child, port } = way === 'limit' ? await startLimit(environment) : await startProduct(environment, flags)
      for (const senders of senderCounts) {
        const result = await measure(child, { ...fixture, port }, way, senders)
        const key = `${way} ${senders}`
        results.set(key, [...(results.get(key) ?? []), result])
        process.stderr.write(`${title}, ${key}: ${JSON.stringify(result)}\n`)
      }
      await end(child, 'SIGTERM')
    }
  }
  const of = (way: Way, senders: number, pick: (result: Result) => number): number =>
    percentile(results.get(`${way} ${senders}`)!.map(pick), 0.5)
  const rows = senderCounts.flatMap((senders) =>
    ways.map((way) => {
      const cpu = of(way, senders, (result) => result.cpu)
      return [
        String(senders),
        way,
        of(way, senders, ({ perSecond }) => perSecond).toFixed(0),
        `${of(way, senders, ({ p50 }) => p50).toFixed(1)} / ${of(way, senders, ({ p99 }) => p99).toFixed(1)}`,
        cpu.toFixed(2),
        `${(cpu / of('limit', senders, (result) => result.cpu)).toFixed(2)} ×`,
      ]
    }),
  )
  const header = ['senders', 'way', 'messages/s', 'p50 / p99, ms', 'processor s per thousand', 'of the limit']
  process.stdout.write(`### ${title}\n\n${table([header, ...rows])}\n`)
  const busy = 64
  const ratio = (one: Way, other: Way): number => of(one, busy, ({ cpu }) => cpu) / of(other, busy, ({ cpu }) => cpu)
  const goals: [string, number, number][] = [
    ['WebSocket ÷ limit', ratio('GraphQL over WebSocket', 'limit'), 1.5],
    ['HTTP ÷ limit', ratio('GraphQL over HTTP', 'limit'), 2],
    ['REST ÷ GraphQL over HTTP', ratio('REST', 'GraphQL over HTTP'), 1.3],
  ]
  const cells = goals.map(([goal, value, most]) => [
    goal,
    `at most ${most}`,
    value.toFixed(2),
    value <= most ? 'yes' : 'no',
  ])
  process.stdout.write(`${table([[`${busy} senders, processor seconds`, 'goal', 'measured', 'met'], ...cells])}\n`)
}

async function startLimit(environment: Environment) {
  const child = startNode([at('peers/store-http.ts')], environment)
  const port = await firstOf(child, (seen) => (typeof seen === 'object' ? (seen as { port: number }).port : undefined))
  return { child, port }
}

const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
try {
  {
    await using server = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
    await measureEngine('Postgres, fsync on', productEnvironment(directory, { DATABASE_URL: server.url() }))
  }
  await measureEngine('Embedded', productEnvironment(join(directory, 'embedded'), {}))
} finally {
  await rm(directory, { recursive: true, force: true })
}
