import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import type { Summary } from './peers/receiver.ts'
import type { Cpu, Reading } from './probe.ts'
import { ask, at, end, firstOf, startNode } from './processes.ts'
import { median, percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { body, credentialsOf, prepareDatabase, productEnvironment, startProduct, type Environment } from './servers.ts'

/**
 * What webhooks cost a send: without any, with a pre-event that is answered at once, with post-events until the last has arrived, and with
 * both. Each sender has a channel of its own; the receiver is a process of its own, beside the load. At the end every message,
 * every pre-event and every post-event is counted.
 */
const isQuick = process.argv.includes('--quick')
const seconds = isQuick ? 1 : 4
const rounds = isQuick ? 1 : 3
const senderCount = 64

/** The bench ends when no post-event arrives for so many milliseconds though some are missing. */
const patience = 60_000

const ways = {
  none: { pre: false, post: false },
  'pre-event': { pre: true, post: false },
  'post-events': { pre: false, post: true },
  both: { pre: true, post: true },
} as const
type Way = keyof typeof ways

interface Result {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Processor seconds of the server for a thousand sends, without its database, until the last post-event has arrived. */
  readonly cpu: number
  /** Post-events a second, from the first send to the last arrival. */
  readonly postEventsPerSecond: number
}

interface Client {
  readonly sender: Sender
  readonly channelId: string
  readonly indexes: number[]
}

const total = ({ user, system }: Cpu): number => user + system
const spent = ({ process, workers }: Reading): number => total(process) - total(workers)

async function startReceiver() {
  const child = startNode([at('peers/receiver.ts')], {}, 1)
  const port = await firstOf(child, (seen) => (typeof seen === 'object' ? (seen as { port: number }).port : undefined))
  const read = async (): Promise<Summary> => {
    child.send('read')
    const [summary] = await once(child, 'message', { signal: AbortSignal.timeout(30_000) })
    return summary as Summary
  }
  return { child, read, url: `http://127.0.0.1:${port}/` }
}

type Receiver = Awaited<ReturnType<typeof startReceiver>>

async function openClients(port: number, authorization: string, way: Way, url: string): Promise<Client[]> {
  const { pre, post } = ways[way]
  const senders = await Promise.all(
    Array.from({ length: senderCount }, () => Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization })),
  )
  const [first] = senders
  const [found] = await first!.run([{ query: '{ service { id } }' }])
  const serviceId = found!['service'].id as string
  const webhooks = {
    preUrl: pre ? url : null,
    postUrl: post ? url : null,
    filters: [...(pre ? ['ON_MESSAGE_SEND'] : []), ...(post ? ['ON_MESSAGE_SENT'] : [])],
  }
  await first!.run([
    {
      query: 'mutation ($input: UpdateServiceInput!) { updateService(input: $input) { service { id } } }',
      variables: { input: { serviceId, webhooks } },
    },
  ])
  const channels = await first!.run(
    senders.map(() => ({ query: 'mutation { createChannel(input: {}) { channel { id } } }' })),
  )
  return senders.map((sender, number) => ({
    sender,
    channelId: channels[number]!['createChannel'].channel.id as string,
    indexes: [],
  }))
}

/** Everything of these channels has arrived, in order. */
async function arrivalOf(clients: readonly Client[], { read }: Receiver): Promise<void> {
  let before = -1
  let progressedAt = performance.now()
  for (;;) {
    const { postEvents, faults } = await read()
    if (faults.length > 0) throw new Error(`out of order: ${faults.join('; ')}`)
    const counts = clients.map(({ channelId }) => postEvents[channelId] ?? 0)
    if (clients.every(({ indexes }, number) => counts[number]! >= indexes.length)) return
    const arrived = counts.reduce((sum, count) => sum + count, 0)
    if (arrived > before) progressedAt = performance.now()
    if (performance.now() - progressedAt > patience) throw new Error(`post-events are missing: only ${arrived} came`)
    before = arrived
    await delay(20)
  }
}

/** Nothing is missing or doubled: neither in the answers and the store, nor among the pre-events and the post-events. */
async function account(clients: readonly Client[], way: Way, summary: Summary): Promise<void> {
  const [{ sender }] = clients as [Client]
  const found = await sender.run(
    clients.map(({ channelId }) => ({
      query: 'query ($id: ID!) { channel(id: $id) { messagesCount lastMessage { index } } }',
      variables: { id: channelId },
    })),
  )
  for (const [number, { channelId, indexes }] of clients.entries()) {
    const { messagesCount, lastMessage } = found[number]!['channel']
    const isWhole = indexes.every((index, at) => index === at)
    if (!isWhole || messagesCount !== indexes.length || lastMessage.index !== indexes.length - 1) {
      throw new Error(`of ${indexes.length} messages of ${channelId} the store has ${messagesCount}`)
    }
    const postEvents = summary.postEvents[channelId] ?? 0
    if (postEvents !== (ways[way].post ? indexes.length : 0))
      throw new Error(`${postEvents} post-events for ${indexes.length} messages`)
  }
  const sent = clients.reduce((sum, { indexes }) => sum + indexes.length, 0)
  if (summary.preEvents !== (ways[way].pre ? sent : 0))
    throw new Error(`${summary.preEvents} pre-events for ${sent} messages`)
}

async function measure(child: ChildProcess, port: number, authorization: string, way: Way): Promise<Result> {
  const receiver = await startReceiver()
  const clients = await openClients(port, authorization, way, receiver.url)
  const waits: number[] = []
  const query = 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }'
  const run = async (milliseconds: number): Promise<{ sending: number; arriving: number }> => {
    const began = performance.now()
    const sendAll = async ({ sender, channelId, indexes }: Client): Promise<void> => {
      const operation = { query, variables: { input: { channelId, body } } }
      while (performance.now() - began < milliseconds) {
        const before = performance.now()
        const [answer] = await sender.run([operation])
        indexes.push(answer!['sendMessage'].message.index as number)
        waits.push(performance.now() - before)
      }
    }
    await Promise.all(clients.map(sendAll))
    const sending = (performance.now() - began) / 1000
    if (ways[way].post) await arrivalOf(clients, receiver)
    return { sending, arriving: (performance.now() - began) / 1000 }
  }
  try {
    await run(seconds * 250)
    waits.length = 0
    const before = await ask(child, false)
    const { sending, arriving } = await run(seconds * 1000)
    const after = await ask(child, false)
    await account(clients, way, await receiver.read())
    return {
      perSecond: waits.length / sending,
      p50: percentile(waits, 0.5),
      p99: percentile(waits, 0.99),
      cpu: ((spent(after) - spent(before)) / waits.length) * 1000,
      postEventsPerSecond: ways[way].post ? waits.length / arriving : 0,
    }
  } finally {
    for (const { sender } of clients) sender.close()
    await end(receiver.child, 'SIGTERM')
  }
}

async function measureEngine(title: string, environment: Environment): Promise<void> {
  await prepareDatabase(environment)
  const names = Object.keys(ways) as Way[]
  const results = Object.fromEntries(names.map((way) => [way, [] as Result[]])) as Record<Way, Result[]>
  for (let round = 0; round < rounds; round++) {
    for (const way of names) {
      const { child, port } = await startProduct(environment)
      try {
        const result = await measure(child, port, credentialsOf(environment), way)
        results[way].push(result)
        process.stderr.write(`${title}, ${way}: ${JSON.stringify(result)}\n`)
      } finally {
        await end(child, 'SIGTERM')
      }
    }
  }
  const of = (way: Way, pick: (result: Result) => number): number => median(results[way].map(pick))
  const rows = names.map((way) => {
    const [perSecond, cpu] = [of(way, (result) => result.perSecond), of(way, (result) => result.cpu)]
    return [
      way,
      perSecond.toFixed(0),
      `${(perSecond / of('none', (result) => result.perSecond)).toFixed(2)} ×`,
      `${of(way, ({ p50 }) => p50).toFixed(1)} / ${of(way, ({ p99 }) => p99).toFixed(1)}`,
      cpu.toFixed(2),
      ways[way].post ? of(way, ({ postEventsPerSecond }) => postEventsPerSecond).toFixed(0) : '–',
    ]
  })
  const header = ['webhooks', 'messages/s', 'of none', 'p50 / p99, ms', 'processor s per thousand', 'post-events/s']
  process.stdout.write(`### ${title}, ${senderCount} senders\n\n${table([header, ...rows])}\n`)
}

const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
const webhooks = { WEBHOOK_NETWORKS: '127.0.0.0/8' }
try {
  {
    await using server = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
    await measureEngine(
      'Postgres, fsync on',
      productEnvironment(directory, { DATABASE_URL: server.url(), ...webhooks }),
    )
  }
  await measureEngine('Embedded', productEnvironment(join(directory, 'embedded'), webhooks))
} finally {
  await rm(directory, { recursive: true, force: true })
}
