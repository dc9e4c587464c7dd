import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { MessageAddedDocument, ScheduleMessageDocument } from '../../../schema/generated/graphql.ts'
import { sidToUuid } from '../../../src/model/sid.ts'
import { openDb } from '../../../src/store/engine/db.ts'
import { readWaitingWork, waitingWorkStatement } from '../../../src/store/waiting-work.ts'
import { engineName } from '../../support/engine.ts'
import { subscribeOverEvents } from '../../support/event-stream.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { openKit, record, type Kit } from '../../support/kit.ts'
import { MetricsReader, readMetrics, samplesOf } from '../../support/metrics.ts'
import { RawSocket } from '../../support/raw-socket.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let metrics: MetricsReader
beforeAll(async () => {
  kit = await openKit()
  metrics = new MetricsReader(kit.server, kit.backend.authorization)
})
afterAll(() => kit.close())

const operations = (kind: string, transport: string, outcome: string): string =>
  `fonechat_operations_total{kind="${kind}",transport="${transport}",outcome="${outcome}"}`

test('operations count by kind, way and the code that their callers get', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  await metrics.begin()
  await alice.ask('{ viewer { user { identity } } }')
  await alice.ask('{ nothing }')
  await alice.send(channelId, 'one')
  const elsewhere = `CH${'0'.repeat(32)}`
  const send = 'mutation ($id: ID!) { sendMessage(input: {channelId: $id, body: "two"}) { message { id } } }'
  await alice.ask(send, { id: elsewhere })
  const { authorization } = kit.backend
  await fetch(`${kit.server.url}/v1/Services`, { headers: { authorization } })
  await fetch(`${kit.server.url}/graphql?query=${encodeURIComponent('{ service { id } }')}`, {
    headers: { authorization },
  })
  const client = alice.connect()
  const over = record(client, MessageAddedDocument, { channelId })
  const refused = record(client, MessageAddedDocument, { channelId: elsewhere })
  const events = await subscribeOverEvents(alice, MessageAddedDocument, { channelId })
  await waitFor(() => refused.errors.length > 0)
  await metrics.sinceIs(operations('subscription', 'websocket', 'OK'), 1)
  const after = await metrics.read()
  expect(await metrics.since(operations('query', 'http', 'OK'))).toBe(2)
  expect(await metrics.since(operations('query', 'rest', 'OK'))).toBe(1)
  expect(await metrics.since(operations('invalid', 'http', 'BAD_USER_INPUT'))).toBe(1)
  expect(await metrics.since(operations('mutation', 'http', 'OK'))).toBe(1)
  expect(await metrics.since(operations('mutation', 'http', 'NOT_FOUND'))).toBe(1)
  expect(await metrics.since(operations('subscription', 'websocket', 'NOT_FOUND'))).toBe(1)
  expect(await metrics.since(operations('subscription', 'sse', 'OK'))).toBe(1)
  expect(after['fonechat_operation_seconds_sum{kind="mutation"}']).toBeGreaterThan(0)
  over.stop()
  refused.stop()
  events.stop()
  await client.dispose()
})

test('what readers get counts by its way, with the time since it was stored', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const [first, second] = [alice.connect(), bob.connect()]
  onTestFinished(() => Promise.all([first.dispose(), second.dispose()]).then(() => {}))
  const over = record(first, MessageAddedDocument, { channelId })
  const events = await subscribeOverEvents(bob, MessageAddedDocument, { channelId })
  onTestFinished(() => events.stop())
  const count = 'fonechat_delivery_seconds_count'
  const send = async (): Promise<void> => {
    const sent = over.items.length + 1
    await alice.send(channelId, `message ${sent}`)
    await Promise.all([over.atLeast(sent), events.atLeast(sent)])
  }
  await metrics.begin()
  // Until both have caught up: what they are sent before comes from the store.
  await waitFor(async () => {
    await metrics.begin()
    await send()
    return (await metrics.since(count)) === 2
  })
  await metrics.begin()
  for (let at = 0; at < 3; at++) await send()
  await metrics.sinceIs(count, 6)
  expect(await metrics.since('fonechat_deliveries_total{transport="websocket"}')).toBe(3)
  expect(await metrics.since('fonechat_deliveries_total{transport="sse"}')).toBe(3)
  expect(await metrics.since('fonechat_messages_sent_total')).toBe(3)
  expect(await metrics.since('fonechat_delivery_seconds_sum')).toBeLessThan(30)
  expect(await metrics.since('fonechat_replayed_events_total')).toBe(0)
  const late = record(second, MessageAddedDocument, { channelId })
  await late.atLeast(over.items.length)
  await metrics.sinceIs('fonechat_replayed_events_total', over.items.length)
})

test('what feeds missed counts by its reason', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const client = alice.connect()
  onTestFinished(() => client.dispose())
  const over = record(client, MessageAddedDocument, { channelId })
  await alice.send(channelId, 'heard')
  await over.atLeast(1)
  await metrics.begin()
  const refills = (reason: string): string => `fonechat_feed_refills_total{feed="channel",reason="${reason}"}`
  kit.server.app.feeds.onGap()
  await metrics.sinceIs(refills('gap'), 1)
  // It is over when the next message has come, and cannot find the one after it.
  await alice.send(channelId, 'heard again')
  await over.atLeast(2)
  const publish = vi.spyOn(kit.server.app.bus, 'publish').mockReturnValue()
  await alice.send(channelId, 'unheard')
  publish.mockRestore()
  await over.atLeast(3)
  expect(await metrics.since(refills('sweep'))).toBe(1)
})

test('WebSockets count by the code that they close with', async () => {
  await metrics.begin()
  const { authorization } = kit.backend
  const malformed = await RawSocket.open(kit.server, { authorization })
  malformed.send({ type: 'nothing' } as never)
  await waitFor(() => malformed.closed)
  await metrics.sinceIs('fonechat_websockets_closed_total{code="4400"}', 1)
  const strange = new WebSocket(`${kit.server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await waitFor(() => strange.readyState === WebSocket.OPEN)
  strange.close(4999)
  await metrics.sinceIs('fonechat_websockets_closed_total{code="other"}', 1)
  expect(await metrics.since('fonechat_connections_opened_total{transport="websocket"}')).toBe(2)
})

test('statements count by how they ended', async () => {
  await metrics.begin()
  await kit.store.db.run('SELECT 1', [])
  await expect(kit.store.db.run('SELECT 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' })
  await metrics.sinceIs('fonechat_database_statements_total{outcome="constraint"}', 1)
  expect(await metrics.since('fonechat_database_statements_total{outcome="ok"}')).toBeGreaterThan(0)
  expect(await metrics.since('fonechat_database_statement_seconds_count')).toBeGreaterThan(0)
  expect(await metrics.since('fonechat_database_wait_seconds_count')).toBeGreaterThan(0)
})

test('what waits in the database has its number and its age', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  await alice.request(ScheduleMessageDocument, { input: { channelId, body: 'later', sendAt } })
  const rollBack = new Error('rolled back')
  const done = kit.store.db.transaction(async (tx) => {
    const { serviceId } = kit.server.account
    await tx.run(`UPDATE scheduled_messages SET due_at = now() - interval '90 seconds'`, [])
    const queue = '00000000-0000-7000-8000-000000000001'
    await tx.run(
      `INSERT INTO webhook_lanes (id, subject_id, url, last_number, done_number) VALUES ($1::uuid, 'x', 'http://x', 3, 1)`,
      [queue],
    )
    await tx.run(
      `INSERT INTO webhook_notices (id, lane_id, number, service_id, event, method, parameters, queued_at)
       SELECT gen_random_uuid(), $1::uuid, number, $2::uuid, 'onMessageSent', 'POST', '{}', now() - number * interval '10 seconds'
       FROM generate_series(1, 3) AS number`,
      [queue, sidToUuid(serviceId)],
    )
    const work = await readWaitingWork(tx)
    expect(work).toMatchObject({
      webhookDeliveries: 2,
      scheduledOverdue: 1,
      remindersOverdue: 0,
      remindersOverdueSeconds: 0,
    })
    expect(work.scheduledOverdueSeconds).toBeCloseTo(90, -1)
    // The first one is settled, and the third is behind the second.
    expect(work.oldestWebhookDeliverySeconds).toBeCloseTo(20, -1)
    throw rollBack
  })
  await expect(done).rejects.toThrow(rollBack)
  const { fonechat_scheduled_overdue: overdue, fonechat_scheduled_overdue_seconds: seconds } = await metrics.read()
  expect([overdue, seconds]).toEqual([0, 0])
})

test('reading metrics often costs a statement a second at most', async () => {
  const begun = performance.now()
  let reads = 0
  const sent = await kit.store.statementsOf(() =>
    waitFor(async () => {
      await metrics.read()
      reads++
      return performance.now() - begun > 1500
    }),
  )
  const waiting = sent.filter(({ statement }) => statement === waitingWorkStatement)
  expect(waiting.length).toBeGreaterThan(0)
  expect(waiting.length).toBeLessThanOrEqual(2 + (performance.now() - begun) / 1000)
  expect(waiting.length).toBeLessThan(reads)
})

test('a process that stops says so while it drains', async () => {
  const other = await kit.another({ DRAIN_DELAY: '60' })
  const read = async () => samplesOf(await readMetrics(other.url, kit.backend.authorization))
  expect(await read()).toMatchObject({ fonechat_processes_ready: 1, fonechat_processes_stopping: 0 })
  void other.close()
  expect(await read()).toMatchObject({ fonechat_processes_ready: 0, fonechat_processes_stopping: 1 })
  await other.close({ immediate: true })
})

describe.runIf(engineName === 'cluster')('while the database', () => {
  test('hangs, metrics answer whoever could read them before, without what is asked of it', async () => {
    const address = new URL(kit.store.databaseUrl!)
    await using proxy = await FaultProxy.open({ host: address.hostname, port: Number(address.port) })
    const url = Object.assign(address, { host: `127.0.0.1:${proxy.port}` }).href
    const db = openDb(url, { poolSize: 3, timeouts: { connect: 3000, pool: 3000, statement: 3000 } })
    const server = await kit.another({}, db)
    const { authorization } = kit.backend
    expect(samplesOf(await readMetrics(server.url, authorization))['fonechat_scheduled_overdue']).toBe(0)
    proxy.welcome('swallow')
    for (const link of proxy.links) link.swallow()
    await waitFor(
      async () => {
        const begun = performance.now()
        const figures = samplesOf(await readMetrics(server.url, authorization))
        return figures['fonechat_database_answer_age_seconds']! > 5 && performance.now() - begun < 1500 && figures
      },
      { timeout: 20_000 },
    )
    const figures = samplesOf(await readMetrics(server.url, authorization))
    expect(figures).not.toHaveProperty('fonechat_scheduled_overdue')
    expect(figures['fonechat_database_statements_total{outcome="deadline"}']).toBeGreaterThan(0)
    const answer = await fetch(`${server.url}/metrics`, {
      headers: { authorization: `Basic ${btoa(`AC${'1'.repeat(32)}:x`)}` },
    })
    expect(answer.status).toBe(503)
    await proxy.heal({ isLost: true })
    await waitFor(async () => 'fonechat_scheduled_overdue' in samplesOf(await readMetrics(server.url, authorization)))
    await server.close({ immediate: true })
  })

  test('is busy, callers are counted that wait for a connection, and that get none', async () => {
    await using stack = new AsyncDisposableStack()
    const db = openDb(kit.store.databaseUrl!, { poolSize: 1, timeouts: { pool: 200 } })
    stack.defer(() => db.close())
    const sleeping = db.run('SELECT pg_sleep(0.6)', [])
    await waitFor(() => db.figures.busy === 1)
    const late = db.run('SELECT 1', [])
    late.catch(() => {})
    expect(db.figures).toMatchObject({ size: 1, idle: 0, busy: 1, waiting: 1 })
    await expect(late).rejects.toMatchObject({ code: 'POOL_TIMEOUT' })
    const patient = sleeping.then(() => db.run('SELECT 1', []))
    await patient
    expect(db.figures).toMatchObject({ idle: 1, busy: 0, waiting: 0 })
    const { outcomes, waitSeconds, seconds } = db.figures.statements
    expect(outcomes.of({ outcome: 'pool_timeout' }).value).toBe(1)
    expect(waitSeconds.count).toBe(2)
    expect(seconds.sum).toBeGreaterThan(0.6)
  })
})
