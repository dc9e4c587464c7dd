import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import {
  HistoryDocument,
  JobDocument,
  SendMessageDocument,
  StartJobDocument,
  type JobFieldsFragment,
} from '../../schema/generated/graphql.ts'
import { freePort } from '../support/free-port.ts'
import { Caller } from '../support/kit.ts'
import { startPostgresServer } from '../support/postgres-server.ts'
import { childrenOf, connectionsTo } from '../support/process-sockets.ts'
import { makeScratch } from '../support/scratch.ts'
import { seed } from '../support/seed.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { spawnServer, type Greeting } from '../support/server-binary.ts'
import { waitFor } from '../support/wait.ts'
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

vi.setConfig({ testTimeout: 300_000 })

/** A claim ends after 30 seconds, and somebody looks for jobs every 3. The rest is for a busy machine. */
const takeoverMilliseconds = 40_000

const own = new AsyncDisposableStack()
afterAll(() => own.disposeAsync())

let receiver: Receiver
const random = seededRandom(seed)
const common = { ...webhookEnvironment, SECRET_KEY: 'cd'.repeat(32), AUTH_TOKEN: 'the-token-of-the-jobs' }
const messages = 600

beforeAll(async () => {
  receiver = own.use(await openReceiver())
})

/** Starts a job that deletes messages, about each of which the receiver is asked. */
async function begin(greeting: Greeting) {
  receiver.received.length = 0
  const authorization = `Basic ${btoa(`${greeting.accountId}:${common.AUTH_TOKEN}`)}`
  const backend = new Caller(greeting, authorization, { connection: 'close' })
  const service = await hookService({ backend, server: greeting }, receiver, {
    apiEnabled: true,
    postUrl: null,
    filters: ['ON_MESSAGE_REMOVE'],
  })
  const { id: channelId } = await service.channel()
  for (let sent = 0; sent < messages; sent += 100)
    await Promise.all(Array.from({ length: 100 }, () => backend.send(channelId, 'spam')))
  const task = { deleteMessages: { channelId, filter: { authorIdentity: 'system' } } }
  const { startJob } = await backend.request(StartJobDocument, { input: { serviceId: service.id, task } })
  // Not a thing of the job: it came later.
  const input = { channelId, body: 'kept', authorIdentity: 'system' }
  await backend.request(SendMessageDocument, { input })
  const read = async (): Promise<JobFieldsFragment> =>
    (await backend.request(JobDocument, { id: startJob.job.id })).job!
  const left = async (): Promise<string[]> => {
    const { channel } = await backend.request(HistoryDocument, { channelId, first: 1000 })
    return channel!.messages.edges.map(({ node }) => node.body)
  }
  return { read, left, backend, channelId }
}

/** Waits until so many more things were asked about, as somebody who kills at any moment does. */
async function some(): Promise<void> {
  const before = receiver.received.length
  const count = 20 + Math.floor(random() * 100)
  await waitFor(() => receiver.received.length >= before + count, { timeout: 60_000 })
}

function expectDone(job: JobFieldsFragment, kills: number): void {
  expect(job).toMatchObject({ state: 'DONE', total: messages, done: messages, failed: 0, errors: [] })
  const asked = receiver.received.map(({ parameters }) => parameters['MessageSid'])
  expect(new Set(asked).size).toBe(messages)
  // Each death repeats what was under way, and nothing else.
  expect(asked.length - messages).toBeLessThanOrEqual(kills)
}

test('a job whose worker is killed again and again is done by others, each time within the claim’s time', async () => {
  const postgres = await startPostgresServer()
  onTestFinished(() => postgres[Symbol.asyncDispose]())
  const scratch = await makeScratch()
  onTestFinished(() => scratch[Symbol.asyncDispose]())
  const settings = { ...common, DATABASE_URL: postgres.url(), PROCESSES: '2', TMPDIR: scratch.path }
  const server = await spawnServer(settings)
  onTestFinished(() => server[Symbol.asyncDispose]())
  const job = await begin(await server.ready())
  const kills = 3
  for (let kill = 0; kill < kills; kill++) {
    await some()
    const before = receiver.received.length
    const workers = childrenOf(server.pid).filter((pid) => connectionsTo(pid, receiver.port) > 0)
    expect(workers).toHaveLength(1)
    process.kill(workers[0]!, 'SIGKILL')
    // Nobody else works on it as long as it is claimed, so the next question is the other worker's.
    await waitFor(() => receiver.received.length > before + 1, { timeout: takeoverMilliseconds })
  }
  await waitFor(async () => (await job.read()).state === 'DONE', { timeout: 60_000 })
  expectDone(await job.read(), kills)
  expect(await job.left()).toEqual(['kept'])
})

test('a job goes on after the death of the only process, on the embedded engine', async () => {
  const data = await makeScratch()
  onTestFinished(() => data[Symbol.asyncDispose]())
  const settings = { ...common, DATA_DIR: data.path, PORT: String(await freePort()) }
  const first = await spawnServer(settings)
  onTestFinished(() => first[Symbol.asyncDispose]())
  const job = await begin(await first.ready())
  await some()
  first.kill('SIGKILL')
  await first.exited()
  const before = receiver.received.length
  const second = await spawnServer(settings)
  onTestFinished(() => second[Symbol.asyncDispose]())
  await second.ready()
  await waitFor(() => receiver.received.length > before + 1, { timeout: takeoverMilliseconds })
  await waitFor(async () => (await job.read()).state === 'DONE', { timeout: 60_000 })
  expectDone(await job.read(), 1)
  expect(await job.left()).toEqual(['kept'])
})
