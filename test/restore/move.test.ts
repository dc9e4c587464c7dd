import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import postgresClient from 'postgres'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { subscribeOverEvents } from '../support/event-stream.ts'
import { freePort } from '../support/free-port.ts'
import { Caller } from '../support/kit.ts'
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.ts'
import { beginProgram } from '../support/program.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer } from '../support/server-binary.ts'
import { waitFor } from '../support/wait.ts'
import { openReceiver } from '../support/webhook-receiver.ts'
import { ClientProcess } from '../upgrade/client-process.ts'
import { StockReader } from '../upgrade/stock-reader.ts'
import { presentVersion } from '../upgrade/version.ts'

// Every test starts processes.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

const stack = new AsyncDisposableStack()
let postgres: PostgresServer
beforeAll(async () => {
  postgres = stack.use(await startPostgresServer())
})
afterAll(() => stack.disposeAsync())

/** Long for what takes seconds where nothing else runs. */
const patience = { timeout: 60_000 }

/** By default it gives up where nothing listens, and after half a minute. */
const retries = { shouldRetry: () => true, retryAttempts: Infinity, retryWait: () => delay(200) }

interface EventItem {
  readonly events: {
    readonly __typename: string
    readonly from?: number
    readonly message?: { readonly index: number }
  }
}

const eventsAfter = (channelId: string, after: string) =>
  parse(`subscription { events(channelId: "${channelId}", after: "${after}") {
    __typename ... on Gap { from } ... on MessageAdded { message { index } } } }`) as TypedDocumentNode<
    EventItem,
    object
  >

async function run(words: readonly string[], settings: Record<string, string>): Promise<void> {
  const { code, stderr } = await beginProgram(words, settings).ended
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`)
}

test('P1 P2 P3 P4 P6 P8: clients go on at the same address: nothing is lost, nothing comes twice, and what waits arrives', async () => {
  const folder = stack.use(await makeScratch()).path
  const [DATA_DIR, PORT] = [join(folder, 'data'), String(await freePort())]
  const receiver = stack.use(await openReceiver())
  await receiver.close()
  const common = { PORT, WEBHOOK_NETWORKS: '127.0.0.0/8', WEBHOOK_RETRY_HOURS: '1' }
  await using before = await spawnServer({ ...common, DATA_DIR })
  const greeting = await before.ready()
  const { url } = greeting
  const backend = new Caller(greeting, `Basic ${btoa(`${greeting.accountId}:${greeting.authToken}`)}`)
  const { createChannel } = await backend.request<{ createChannel: { channel: { id: string } } }, object>(
    'mutation { createChannel(input: {}) { channel { id } } }',
  )
  const channelId = createChannel.channel.id
  const tokenOf = async (identity: string): Promise<string> => {
    await backend.request(
      `mutation { addMember(input: {channelId: "${channelId}", identity: "${identity}"}) { member { id } } }`,
    )
    const made = await backend.request<{ createAccessToken: { token: string } }, object>(
      `mutation { createAccessToken(input: {identity: "${identity}"}) { token } }`,
    )
    return made.createAccessToken.token
  }
  const [alice, bob, carol] = [await tokenOf('alice'), await tokenOf('bob'), await tokenOf('carol')]
  const own = new Caller(greeting, `Bearer ${alice}`)
  await using reader = new StockReader({ url, identity: 'bob', token: bob, channelId, retries })
  await using client = new ClientProcess(presentVersion, { url, identity: 'alice', token: alice, channelId })
  await waitFor(async () => (await client.report()).sent.length > 3 && reader.indexes.length > 3, patience)
  // A backup lacks what comes after it.
  const backup = join(folder, 'backup')
  await run(['backup', backup], { DATA_DIR })
  const backedUp = reader.indexes.length
  await waitFor(() => reader.indexes.length > backedUp + 3, patience)
  const service = `serviceId: "${greeting.serviceId}"`
  await backend.request(
    `mutation { updateService(input: {${service}, webhooks: {postUrl: "${receiver.url}", filters: [ON_MESSAGE_SENT]}}) { service { id } } }`,
  )
  // Due while no server runs, or soon after.
  const sendAt = new Date(Date.now() + 5000).toISOString()
  await own.request(
    `mutation { scheduleMessage(input: {channelId: "${channelId}", body: "scheduled", sendAt: "${sendAt}"}) { scheduledMessage { id } } }`,
  )
  await own.request(
    `mutation { saveDraft(input: {channelId: "${channelId}", body: "half a thought", clientMessageId: "draft"}) { draft { body } } }`,
  )
  const { sendMessage } = await own.request<{ sendMessage: { cursor: string; message: { index: number } } }, object>(
    `mutation { sendMessage(input: {channelId: "${channelId}", body: "the last", clientMessageId: "last"}) { cursor message { index } } }`,
  )
  before.kill('SIGTERM')
  expect(await before.exited()).toBe(0)
  expect(receiver.received).toEqual([])
  const settings = { DATABASE_URL: postgres.url(), SECRET_KEY: 'cd'.repeat(32) }
  await run(['move'], { DATA_DIR, ...settings })
  const late = stack.use(await openReceiver(receiver.port))
  await using after = await spawnServer({ ...common, ...settings })
  const there = await after.ready()
  expect({ ...there, authToken: '', aliceToken: '' }).toEqual({ ...greeting, authToken: '', aliceToken: '' })
  await waitFor(() => reader.indexes.at(-1)! > sendMessage.message.index + 3, patience)
  await client.rest()
  const { sent, shown, refused } = await client.report()
  expect(refused).toEqual([])
  // The account's token, the user's token, the cursor and the repetition of the embedded server are good here.
  const { channel } = await backend.request<{ channel: { messagesCount: number } }, object>(
    `{ channel(id: "${channelId}") { messagesCount } }`,
  )
  const count = channel.messagesCount
  await waitFor(() => reader.indexes.length >= count, patience)
  expect(reader.indexes).toEqual(Array.from({ length: count }, (_, index) => index))
  expect(reader.findFaults(count)).toEqual([])
  expect(new Set(sent.map(({ index }) => index)).size).toBe(sent.length)
  expect(shown.map(({ index }) => index)).toEqual(shown.map((_, at) => shown[0]!.index + at))
  const again = await own.request<{ sendMessage: { message: { index: number } } }, object>(
    `mutation { sendMessage(input: {channelId: "${channelId}", body: "the last", clientMessageId: "last"}) { message { index } } }`,
  )
  expect(again.sendMessage.message).toEqual(sendMessage.message)
  const { viewer } = await own.request<{ viewer: { drafts: { edges: { node: { body: string } }[] } } }, object>(
    '{ viewer { drafts(first: 5) { edges { node { body } } } } }',
  )
  expect(viewer.drafts.edges).toEqual([{ node: { body: 'half a thought' } }])
  // By one who has confirmed nothing.
  const events = await subscribeOverEvents(
    new Caller(greeting, `Bearer ${carol}`),
    eventsAfter(channelId, sendMessage.cursor),
    {},
  )
  const rest = Array.from(
    { length: count - 1 - sendMessage.message.index },
    (_, at) => sendMessage.message.index + 1 + at,
  )
  const added = () => events.items.flatMap(({ events: { message } }) => (message ? [message.index] : []))
  await waitFor(() => added().length >= rest.length, patience)
  events.stop()
  expect(added()).toEqual(rest)
  expect(events.items.map(({ events: { __typename } }) => __typename)).not.toContain('Gap')
  // What waited for its receiver arrives, in order.
  const delivered = (): number[] => late.received.map(({ parameters }) => Number(parameters['Index']))
  await waitFor(() => delivered().includes(count - 1), { timeout: 120_000 })
  expect(delivered()[0]).toBeLessThanOrEqual(sendMessage.message.index)
  expect(delivered()).toEqual(Array.from(delivered(), (_, at) => delivered()[0]! + at))
  expect(late.received.filter(({ parameters }) => parameters['Body'] === 'scheduled').length).toBe(1)

  // The backup is moved, too: of what it lacks its readers learn.
  await reader[Symbol.asyncDispose]()
  after.kill('SIGKILL')
  await after.exited()
  const other = `${postgres.url()}_backup`
  const sql = postgresClient(postgres.url(), { max: 1 })
  await sql`CREATE DATABASE postgres_backup`
  await sql.end()
  await run(['move'], { ...settings, DATA_DIR: backup, DATABASE_URL: other })
  await using restored = await spawnServer({ ...common, ...settings, DATABASE_URL: other })
  await restored.ready()
  const behind = await subscribeOverEvents(own, eventsAfter(channelId, sendMessage.cursor), {})
  await waitFor(() => behind.items.length >= 2, patience)
  behind.stop()
  const types = behind.items.map(({ events: { __typename } }) => __typename)
  expect(types).toContain('Gap')
})
