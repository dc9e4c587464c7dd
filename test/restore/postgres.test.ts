import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { subscribeOverEvents } from '../support/event-stream.ts'
import { Caller } from '../support/kit.ts'
import { spawnServer, type Greeting, type ServerBinary } from '../support/server-binary.ts'
import { waitFor } from '../support/wait.ts'
import { json, ok, openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { ArchivedPostgres } from './archived-postgres.ts'

const own = new AsyncDisposableStack()
const settings = {
  SECRET_KEY: 'ab'.repeat(32),
  AUTH_TOKEN: 'the-token-of-the-backend',
  WEBHOOK_NETWORKS: '127.0.0.0/8',
}

interface Sent {
  readonly cursor: string
  readonly message: { readonly id: string; readonly index: number }
}

let postgres: ArchivedPostgres
let receiver: Receiver
let server: ServerBinary
let token: string
let signingSecret: string
const sent = new Map<string, Sent>()
/** The rows of each table at the moment of the backup, and that moment. */
let rows: string
let moment: string

const kept = 40
const lost = 10

const backendOf = (greeting: Greeting) =>
  new Caller(greeting, `Basic ${btoa(`${greeting.accountId}:${settings.AUTH_TOKEN}`)}`)
const aliceOf = (greeting: Greeting) => new Caller(greeting, `Bearer ${token}`)

async function ask<Data>(caller: Caller, query: string): Promise<Data> {
  const { data, errors } = await caller.ask(query as unknown as TypedDocumentNode<Data, object>)
  if (errors) throw new Error(JSON.stringify(errors))
  return data!
}

async function send(caller: Caller, key: string, channel = 'general'): Promise<Sent> {
  const input = `{channelId: "${channel}", body: "${key}", clientMessageId: "${key}"}`
  return (
    await ask<{ sendMessage: Sent }>(
      caller,
      `mutation { sendMessage(input: ${input}) { cursor message { id index } } }`,
    )
  ).sendMessage
}

/** What the receiver got of a message, oldest first. */
const receivedOf = (body: string) => receiver.received.filter(({ parameters }) => parameters['Body'] === body)

/** Counts every table but those that workers fill later from the others. */
const counting = `SELECT string_agg(t.name || ' ' || t.count, E'\\n' ORDER BY t.name) FROM (
  SELECT table_schema || '.' || table_name AS name,
    (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I.%I', table_schema, table_name), false, true, '')))[1]::text AS count
  FROM information_schema.tables WHERE table_type = 'BASE TABLE'
    AND (table_schema = 'public' AND table_name !~ 'search|summar|_names' OR table_schema = 'pgboss' AND table_name = 'job')) t`

beforeAll(async () => {
  postgres = own.use(await ArchivedPostgres.start())
  receiver = own.use(await openReceiver())
  await postgres.run('createdb', `--maintenance-db=${postgres.url()}`, 'fonechat')
  server = own.use(await spawnServer({ ...settings, DATABASE_URL: postgres.url('fonechat') }))
  const greeting = await server.ready()
  const backend = backendOf(greeting)
  const service = `serviceId: "${greeting.serviceId}"`
  for (const name of ['general', 'waiting']) {
    await ask(
      backend,
      `mutation { createChannel(input: {uniqueName: "${name}"}) { channel { id } } addMember(input: {channelId: "${name}", identity: "alice"}) { member { id } } }`,
    )
  }
  const made = await ask<{ createAccessToken: { token: string } }>(
    backend,
    'mutation { createAccessToken(input: {identity: "alice"}) { token } }',
  )
  token = made.createAccessToken.token
  await ask(
    backend,
    `mutation { updateService(input: {${service}, webhooks: {postUrl: "${receiver.url}", filters: [ON_MESSAGE_SENT]}}) { service { id } } }`,
  )
  signingSecret = await readSigningSecret(greeting)
  const alice = aliceOf(greeting)
  const later = new Date(Date.now() + 3_600_000).toISOString()
  await ask(
    alice,
    `mutation { scheduleMessage(input: {channelId: "general", body: "later", sendAt: "${later}"}) { scheduledMessage { id } } }`,
  )
  for (let at = 0; at < kept / 2; at++) sent.set(`kept-${at}`, await send(alice, `kept-${at}`))
  await postgres.run(
    'pg_basebackup',
    `--pgdata=${postgres.path('base')}`,
    '--checkpoint=fast',
    `--dbname=${postgres.url()}`,
  )
  for (let at = kept / 2; at < kept; at++) sent.set(`kept-${at}`, await send(alice, `kept-${at}`))
  await receiver.atLeast(kept)
  await waitFor(async () => (await postgres.sql('fonechat', 'SELECT count(*) FROM pgboss.job')) === '0')
  // Until the restored server starts, the receiver takes none of this one, and the other is not due.
  receiver.answer = (call, response) =>
    call.parameters['Body'] === 'waits' ? json({}, 503)(call, response) : ok(call, response)
  await send(alice, 'waits', 'waiting')
  await waitFor(() => receivedOf('waits').length > 0)
  const soon = new Date(Date.now() + 15_000).toISOString()
  await ask(
    alice,
    `mutation { scheduleMessage(input: {channelId: "waiting", body: "due", sendAt: "${soon}"}) { scheduledMessage { id } } }`,
  )
  rows = await postgres.sql('fonechat', counting)
  moment = await postgres.sql('fonechat', 'SELECT clock_timestamp()')
  await postgres.run(
    'pg_dump',
    '--format=custom',
    `--file=${postgres.path('dumps')}/fonechat.dump`,
    postgres.url('fonechat'),
  )
  for (let at = 0; at < lost; at++) sent.set(`lost-${at}`, await send(alice, `lost-${at}`))
  server.kill('SIGKILL')
  await server.exited()
}, 180_000)
afterAll(() => own.disposeAsync())

async function readSigningSecret(greeting: Greeting): Promise<string> {
  const query = `{ service(id: "${greeting.serviceId}") { webhooks { signingSecret } } }`
  return (await ask<{ service: { webhooks: { signingSecret: string } } }>(backendOf(greeting), query)).service.webhooks
    .signingSecret
}

async function check(database: string): Promise<void> {
  receiver.answer = ok
  const known = new Map(['waits', 'lost-0', 'due'].map((body) => [body, receivedOf(body).length]))
  /** The first that the restored server has sent of a message. */
  const newOf = (body: string) => waitFor(() => receivedOf(body)[known.get(body)!], { timeout: 60_000 })
  await using restored = await spawnServer({ ...settings, DATABASE_URL: postgres.url(database) })
  const greeting = await restored.ready()
  const alice = aliceOf(greeting)
  const { channel } = await ask<{ channel: { messages: { nodes: { index: number; body: string }[] } } }>(
    alice,
    '{ channel(id: "general") { messages(first: 100) { nodes { index body } } } }',
  )
  expect(channel.messages.nodes).toEqual(Array.from({ length: kept }, (_, index) => ({ index, body: `kept-${index}` })))
  for (const key of ['kept-0', `kept-${kept - 1}`])
    expect((await send(alice, key)).message).toEqual(sent.get(key)!.message)
  // What was lost is sent for the first time, and its number is given again.
  expect((await send(alice, 'lost-0')).message).toMatchObject({ index: kept })
  expect(await readSigningSecret(greeting)).toBe(signingSecret)
  const { headers, body } = await newOf('lost-0')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const key = Buffer.from(signingSecret.replace('whsec_', ''), 'base64')
  expect(headers['webhook-signature']).toContain(createHmac('sha256', key).update(signed).digest('base64'))
  // What waited at the moment of the backup arrives, as the same event, and what is due is sent, once.
  expect((await newOf('waits')).headers['webhook-id']).toBe(receivedOf('waits')[0]!.headers['webhook-id'])
  await newOf('due')
  const { waiting } = await ask<{ waiting: { messages: { nodes: { body: string }[] } } }>(
    alice,
    '{ waiting: channel(id: "waiting") { messages(first: 10) { nodes { body } } } }',
  )
  expect(waiting.messages.nodes.map((each) => each.body)).toEqual(['waits', 'due'])
  expect(['waits', 'due'].map((each) => receivedOf(each).length - known.get(each)!)).toEqual([1, 1])
  const after = sent.get(`lost-${lost - 1}`)!.cursor
  const query = `subscription { events(channelId: "general", after: "${after}") { __typename ... on Gap { from to } ... on MessageAdded { message { index } } } }`
  type Event = { events: { __typename: string; from?: number; to?: number; message?: { index: number } } }
  const reader = await subscribeOverEvents(alice, parse(query) as TypedDocumentNode<Event, object>, {})
  await waitFor(() => reader.items.some(({ events }) => events.message?.index === kept))
  reader.stop()
  const [gap, ...messages] = reader.items.map(({ events }) => events).filter((each) => each.__typename !== 'Ready')
  expect(gap).toMatchObject({ __typename: 'Gap', to: kept + lost - 1 })
  expect(gap!.from).toBeLessThanOrEqual(kept)
  const added = messages.flatMap(({ message }) => (message ? [message.index] : []))
  expect(added).toEqual(Array.from({ length: kept + 1 - gap!.from! }, (_, at) => gap!.from! + at))
}

const program = fileURLToPath(new URL('../../src/fonechat.ts', import.meta.url))

test('P1 P2 P6 P7 P8: a dump, restored into an empty database', { timeout: 180_000 }, async () => {
  await postgres.run('createdb', `--maintenance-db=${postgres.url()}`, 'fonechat_restored')
  const url = postgres.url('fonechat_restored')
  await postgres.run(
    'pg_restore',
    '--no-owner',
    '--exit-on-error',
    `--dbname=${url}`,
    `${postgres.path('dumps')}/fonechat.dump`,
  )
  expect(await postgres.sql('fonechat_restored', counting)).toBe(rows)
  const env = { PATH: process.env['PATH'], ...settings, DATABASE_URL: url }
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'restored'], { env })
  expect(stdout).toContain('begins a new history')
  await check('fonechat_restored')
})

test(
  'P1 P2 P6 P7 P8: a base backup and the archive, to a point in time, of which Postgres tells',
  { timeout: 180_000 },
  async () => {
    const segment = await postgres.sql('fonechat', 'SELECT pg_walfile_name(pg_switch_wal())')
    await waitFor(
      async () => (await postgres.sql('fonechat', 'SELECT last_archived_wal FROM pg_stat_archiver')) >= segment,
    )
    await postgres.recoverTo(moment)
    await waitFor(async () => (await postgres.sql('fonechat', 'SELECT pg_is_in_recovery()')) === 'f')
    expect(await postgres.sql('fonechat', counting)).toBe(rows)
    await check('fonechat')
  },
)
