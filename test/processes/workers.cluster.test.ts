import { readdirSync } from 'node:fs'
import { Agent, get } from 'node:http'
import type { Client } from 'graphql-ws'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import {
  AddMemberDocument,
  CloseConnectionDocument,
  ConnectionsDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  JobDocument,
  MessageBodiesDocument,
  ProcessesDocument,
  PresenceDocument,
  ScheduleMessageDocument,
  StartJobDocument,
  StartTypingDocument,
  StreamedTextsDocument,
  TypingStartedDocument,
} from '../../schema/generated/graphql.ts'
import { readOwnSchema } from '../../src/store/migration.ts'
import { Caller, record, uniqueName, User, type Recording } from '../support/kit.ts'
import { readMetrics as readPage, samplesOf } from '../support/metrics.ts'
import { childrenOf, connectionsOf, connectionsTo, isRunning } from '../support/process-sockets.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'
import { spawnServer, type Greeting, type ServerBinary } from '../support/server-binary.ts'
import { begin, seenOf } from '../support/streamed.ts'
import { createTestDatabase, dropTestDatabase } from '../support/template-database.ts'
import { waitFor } from '../support/wait.ts'
import { ok, openReceiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

// Every start is one of several processes.
vi.setConfig({ testTimeout: 120_000 })

const own = new AsyncDisposableStack()
afterAll(() => own.disposeAsync())

let scratch: Scratch
let settings: Record<string, string>
let server: ServerBinary
let greeting: Greeting
let backend: Caller
const port = (): number => Number(new URL(greeting.url).port)
const linkFolders = (): string[] => readdirSync(scratch.path).filter((name) => name.startsWith('fonechat-link-'))

beforeAll(async () => {
  const { postgresUrl } = inject('cluster')!
  const DATABASE_URL = await createTestDatabase(postgresUrl)
  own.defer(() => dropTestDatabase(postgresUrl, DATABASE_URL))
  scratch = own.use(await makeScratch())
  const AUTH_TOKEN = 'the-token-of-the-workers'
  // No Redis.
  settings = {
    DATABASE_URL,
    SECRET_KEY: 'cd'.repeat(32),
    PROCESSES: '2',
    TMPDIR: scratch.path,
    AUTH_TOKEN,
    ...webhookEnvironment,
  }
  server = own.use(await spawnServer({ ...settings, LOG_LEVEL: 'info' }))
  greeting = await server.ready()
  // Each request comes over a connection of its own, and so to the other worker.
  backend = new Caller(greeting, `Basic ${btoa(`${greeting.accountId}:${AUTH_TOKEN}`)}`, { connection: 'close' })
})

async function createUser(): Promise<User> {
  const identity = uniqueName('user')
  const { createAccessToken } = await backend.request(CreateAccessTokenDocument, { input: { identity } })
  return new User(greeting, identity, createAccessToken.token)
}

async function createChannel(members: readonly User[]): Promise<string> {
  const { createChannel: made } = await backend.request(CreateChannelDocument, { input: {} })
  const channelId = made.channel.id
  for (const { identity } of members) await backend.request(AddMemberDocument, { input: { channelId, identity } })
  return channelId
}

function connect(user: User): Client {
  const client = user.connect()
  onTestFinished(() => client.dispose() as Promise<void>)
  return client
}

/** Four readers of a channel, two with each worker. */
async function openReaders() {
  const counts = () => childrenOf(server.pid).map((pid) => connectionsOf(pid, port()))
  await waitFor(() => counts().every((count) => count === 0))
  const user = await createUser()
  const channelId = await createChannel([user])
  await waitFor(() => counts().every((count) => count === 0))
  const clients: Client[] = []
  const messages: Recording<unknown>[] = []
  for (let reader = 0; reader < 4; reader++) {
    const client = connect(user)
    clients.push(client)
    messages.push(record(client, MessageBodiesDocument, { channelId }))
    await waitFor(() => counts().reduce((sum, count) => sum + count, 0) === reader + 1)
  }
  await waitFor(() => counts().every((count) => count === 2))
  return { channelId, clients, messages }
}

test('says once that it is ready, when both workers listen on one port', async () => {
  expect(server.output().match(/fonechat is ready/g)).toHaveLength(1)
  expect(childrenOf(server.pid)).toHaveLength(2)
  expect(linkFolders()).toHaveLength(1)
  const statuses = await Promise.all(
    Array.from({ length: 8 }, () => fetch(`${greeting.url}/readyz`, { headers: { connection: 'close' } })),
  )
  expect(statuses.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
})

test('both workers are listed as processes by either, and the primary is not', async () => {
  const read = async () => (await backend.request(ProcessesDocument, {})).processes
  const answers = [await read(), await read()]
  for (const processes of answers) {
    expect(processes).toHaveLength(2)
    expect(new Set(processes.map(({ worker }) => worker))).toEqual(new Set([1, 2]))
    expect(new Set(processes.map(({ pid }) => pid))).toEqual(new Set(childrenOf(server.pid)))
    expect(processes.map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING'])
    expect(processes.filter(({ isAnswering }) => isAnswering)).toHaveLength(1)
  }
})

test('P3: messages, typing and texts that stream reach the readers of the other worker live, not by the sweep', async () => {
  const { channelId, clients, messages } = await openReaders()
  const typing = clients.map((client) => record(client, TypingStartedDocument, { channelId }))
  const texts = clients.map((client) => record(client, StreamedTextsDocument, { channelId }))
  await waitFor(() => texts.every(({ items }) => items.length > 0))
  const waits: number[] = []
  for (let sent = 1; sent <= 20; sent++) {
    await backend.send(channelId, `message ${sent}`)
    const answeredAt = performance.now()
    await waitFor(() => messages.every(({ items }) => items.length >= sent), { interval: 2 })
    waits.push(performance.now() - answeredAt)
  }
  const median = waits.toSorted((one, other) => one - other)[10]!
  // The sweep alone would take a second on average.
  expect(median).toBeLessThan(300)
  const typist = await createUser()
  await backend.request(AddMemberDocument, { input: { channelId, identity: typist.identity } })
  await typist.request(StartTypingDocument, { input: { channelId } })
  await waitFor(() => typing.every(({ items }) => items.length > 0))
  const writer = await begin(backend, channelId, 'To be')
  // Every other append comes to the worker that does not own the text.
  for (const piece of [' or', ' not', ' to', ' be']) await writer.append(piece)
  await writer.finish()
  const whole = { text: 'To be or not to be', state: 'COMPLETED' }
  await waitFor(() => texts.every(({ items }) => seenOf(items).get(writer.messageId)?.state === whole.state))
  for (const { items } of texts) expect(seenOf(items).get(writer.messageId)).toMatchObject(whole)
  process.stdout.write(`to the last reader of two workers, after the answer: ${median.toFixed(1)} ms\n`)
})

test('P4: a device has one live socket, whichever workers its sockets come to', async () => {
  const user = await createUser()
  const sockets: RawSocket[] = []
  for (let count = 0; count < 4; count++) {
    sockets.push(await RawSocket.open(greeting, { token: user.token, deviceId: 'phone' }))
    await waitFor(() => sockets.slice(0, -1).every(({ closed }) => closed?.code === 4409))
  }
  expect(sockets.at(-1)!.closed).toBeUndefined()
  sockets.at(-1)!.terminate()
})

test('both workers know who is connected to one of them, and /metrics of either has the figures of both', async () => {
  const input = { serviceId: greeting.serviceId, reachabilityEnabled: true }
  await backend.request('mutation ($input: UpdateServiceInput!) { updateService(input: $input) { service { id } } }', {
    input,
  })
  const user = await createUser()
  const isOnline = async () => {
    const { presence } = await backend.request(PresenceDocument, { identities: [user.identity] })
    return presence[0]?.isOnline
  }
  const everywhere = async (expected: boolean) =>
    waitFor(async () => (await Promise.all([isOnline(), isOnline(), isOnline()])).every((seen) => seen === expected))
  const sockets = [
    await RawSocket.open(greeting, { token: user.token }),
    await RawSocket.open(greeting, { token: user.token }),
  ]
  await everywhere(true)
  for (const _ of [1, 2]) {
    const figures = await readMetrics()
    expect(figures).toMatchObject({
      'fonechat_connections{transport="websocket"}': 2,
      fonechat_processes: 2,
      fonechat_processes_ready: 2,
      fonechat_processes_silent: 0,
      // Of the whole database and the same in each: read by the one that was asked, and not added.
      fonechat_webhook_deliveries_waiting: 0,
      fonechat_database_pool_size: 10,
      fonechat_schema_version: await readOwnSchema(),
    })
    expect(figures['process_start_time_seconds']).toBeGreaterThan(1e9)
    expect(figures['process_start_time_seconds']).toBeLessThan(2e10)
    expect(figures['nodejs_eventloop_lag_p99_seconds']).toBeGreaterThan(0)
  }
  // Either worker lists those of both, and closes them.
  for (const socket of sockets) {
    const { connections } = await backend.request(ConnectionsDocument, { identity: user.identity })
    expect(connections.silentProcesses).toEqual([])
    const open = sockets.filter(({ closed }) => closed === undefined)
    expect(new Set(connections.nodes.map(({ processId }) => processId)).size).toBe(open.length)
    const input = { connectionId: connections.nodes[0]!.id }
    const { closeConnection } = await backend.request(CloseConnectionDocument, { input })
    expect(closeConnection.wasFound).toBe(true)
    await waitFor(() => sockets.filter(({ closed }) => closed === undefined).length === open.length - 1)
    expect(socket.closed?.code ?? 4413).toBe(4413)
  }
  await everywhere(false)
})

async function readMetrics(): Promise<Readonly<Record<string, number>>> {
  return samplesOf(await readPage(greeting.url, backend.authorization))
}

test('P6: a worker that stands still is left out of /metrics and counted, and another sends what is scheduled; one that dies is replaced', async () => {
  const agents = Array.from({ length: 4 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  onTestFinished(() => agents.forEach((agent) => agent.destroy()))
  const ask = (agent: Agent) =>
    new Promise<Readonly<Record<string, number>>>((resolve, reject) => {
      const headers = { authorization: backend.authorization }
      get(`${greeting.url}/metrics`, { agent, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () => resolve(samplesOf(text)))
      }).on('error', reject)
    })
  for (const agent of agents) await ask(agent)
  const user = await createUser()
  const channelId = await createChannel([user])
  const sendAt = new Date(Date.now() + 3_600_000)
  await user.request(ScheduleMessageDocument, { input: { channelId, body: 'later', sendAt: sendAt.toISOString() } })
  const database = postgres(settings['DATABASE_URL']!, { max: 1 })
  onTestFinished(() => database.end())
  const [first] = childrenOf(server.pid)
  process.kill(first!, 'SIGSTOP')
  try {
    // Connections that this one holds are not answered.
    const figures = await Promise.any(agents.map(ask))
    expect(figures).toMatchObject({ fonechat_processes: 1, fonechat_processes_silent: 1 })
    // Every other connection comes to the worker that goes on.
    const listed = await Promise.any(Array.from({ length: 4 }, () => backend.request(ConnectionsDocument, {})))
    expect(listed.connections.silentProcesses).toHaveLength(1)
    // The one that leads polls for what is due, and this was the first to.
    await database`UPDATE scheduled_messages SET due_at = now()`
    await waitFor(async () => (await database`SELECT 1 FROM messages WHERE body = 'later'`).length === 1)
  } finally {
    process.kill(first!, 'SIGKILL')
  }
  await waitFor(async () => (await readMetrics())['fonechat_processes'] === 2, { timeout: 30_000 })
  expect(childrenOf(server.pid)).toHaveLength(2)
  expect(childrenOf(server.pid)).not.toContain(first)
  expect(server.output()).toContain('"msg":"a worker has ended"')
})

test('a job goes on at the other worker when its own is killed, and does each thing once', async () => {
  const receiver = await openReceiver()
  onTestFinished(() => receiver.close())
  const database = postgres(settings['DATABASE_URL']!, { max: 1 })
  onTestFinished(() => database.end())
  const hooks = { apiEnabled: true, postUrl: null, filters: ['ON_MESSAGE_REMOVE' as const] }
  const service = await hookService({ backend, server: greeting }, receiver, hooks)
  const { id: channelId } = await service.channel()
  await Promise.all(Array.from({ length: 25 }, () => backend.send(channelId, 'spam')))
  const changes = async (): Promise<number> => {
    const [row] = await database`SELECT last_seq FROM channels WHERE id = ${channelId.slice(2)}`
    return Number(row!['last_seq'])
  }
  const before = await changes()
  receiver.answer = (received, response) => {
    if (receiver.received.length !== 12) ok(received, response)
  }
  const task = { deleteMessages: { channelId, filter: { authorIdentity: 'system' } } }
  const { id } = (await backend.request(StartJobDocument, { input: { serviceId: service.id, task } })).startJob.job
  await receiver.atLeast(12)
  const worker = childrenOf(server.pid).filter((pid) => connectionsTo(pid, receiver.port) > 0)
  expect(worker).toHaveLength(1)
  process.kill(worker[0]!, 'SIGKILL')
  const { job: left } = await backend.request(JobDocument, { id })
  expect(left).toMatchObject({ state: 'RUNNING', total: 25 })
  // As if the claim of the dead process had ended.
  await database`UPDATE jobs SET due_at = now()`
  const read = async () => (await backend.request(JobDocument, { id })).job!
  await waitFor(async () => (await read()).state === 'DONE', { timeout: 30_000 })
  expect(await read()).toMatchObject({ done: 25, failed: 0, errors: [] })
  expect((await changes()) - before).toBe(25)
  // Only about the one that was under way it was asked twice.
  const asked = receiver.received.map(({ parameters }) => parameters['MessageSid'])
  expect([asked.length, new Set(asked).size, asked.lastIndexOf(asked[11])]).toEqual([26, 25, 12])
})

test('SIGTERM stops all in order, a second signal hurries all: sockets are closed with 1012, and nothing is left', async () => {
  // One that was killed comes back a moment later.
  await waitFor(async () => (await readMetrics())['fonechat_processes'] === 2, { timeout: 30_000 })
  const sockets = [
    await RawSocket.open(greeting, { authorization: backend.authorization }),
    await RawSocket.open(greeting, { authorization: backend.authorization }),
  ]
  const workers = childrenOf(server.pid)
  const said = (what: string): number => server.output().split(`"msg":"${what}"`).length - 1
  server.kill('SIGTERM')
  await waitFor(() => said('stopping') === 3)
  // As Ctrl-C does, to all of them.
  process.kill(-server.pid, 'SIGINT')
  expect(await server.exited()).toBe(0)
  expect(sockets.map(({ closed }) => closed?.code)).toEqual([1012, 1012])
  expect(workers.filter(isRunning)).toEqual([])
  expect([said('stopping sooner'), said('stopped')]).toEqual([3, 3])
  expect(linkFolders()).toEqual([])
  await expect(fetch(`${greeting.url}/healthz`)).rejects.toThrow('fetch failed')
})
