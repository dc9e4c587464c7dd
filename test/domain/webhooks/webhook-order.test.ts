import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DryRunReplayDocument,
  ReplayWebhookDeliveriesDocument,
  SendMessageDocument,
  WebhookDeliveriesDocument,
  WebhookDeliveryOrderDocument,
  WebhookEndpointsDocument,
  type ReplayWebhookDeliveriesInput,
} from '../../../schema/generated/graphql.ts'
import { topics } from '../../../src/live/bus.ts'
import { sidToUuid, type ServiceId } from '../../../src/model/sid.ts'
import { requeueWebhookDeliveries } from '../../../src/store/webhooks/webhook-replay.ts'
import { makeAccount } from '../../support/authority.ts'
import { Caller, openKit, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'
import { letTimePass } from '../../support/webhook-deliveries.ts'
import { ok, openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../../support/webhooks.ts'

let kit: Kit
let stranger: Caller
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  stranger = (await makeAccount(kit)).backend
})
afterAll(() => kit.close())

async function deliveriesOf(serviceId: string) {
  const { webhookDeliveries } = await kit.backend.request(WebhookDeliveriesDocument, { serviceId })
  return webhookDeliveries.edges.map(({ node }) => node)
}

const orderOf = async (id: string) => (await kit.backend.request(WebhookDeliveryOrderDocument, { id })).webhookDelivery!

const endpointsOf = async (serviceId: string) =>
  (await kit.backend.request(WebhookEndpointsDocument, { serviceId })).webhookEndpoints

const fail: Receiver['answer'] = (_call, response) => void response.writeHead(503).end('later')

test('a delivery that does not arrive says what it holds back, each of those what holds it back, and when it is tried again', async () => {
  await using receiver = await openReceiver()
  receiver.answer = fail
  const service = await hookService(kit, receiver, { preUrl: null })
  const [one, other] = [await service.channel(), await service.channel()]
  const bodies = ['first', 'second', 'third']
  for (const body of bodies) await kit.backend.send(one.id, body)
  await kit.backend.send(other.id, 'elsewhere')
  // Of each channel one is attempted, and given back.
  await waitFor(async () => {
    const all = await deliveriesOf(service.id)
    const [first, , , elsewhere] = await Promise.all(all.map(({ id }) => orderOf(id)))
    return first?.nextAttemptAt != null && elsewhere?.nextAttemptAt != null && all[0]?.attempts === 1
  })
  const all = await deliveriesOf(service.id)
  const [first, second, third, elsewhere] = await Promise.all(all.map(({ id }) => orderOf(id)))
  const heldBackBy = { id: all[0]!.id, attempts: 1 }
  expect(first).toMatchObject({ status: 'PENDING', ahead: 0, behind: 2, heldBackBy: null })
  expect(second).toMatchObject({ status: 'PENDING', ahead: 1, behind: 1, heldBackBy })
  expect(third).toMatchObject({ status: 'PENDING', ahead: 2, behind: 0, heldBackBy })
  expect(elsewhere).toMatchObject({ status: 'PENDING', ahead: 0, behind: 0, heldBackBy: null })
  expect(Date.parse(first!.nextAttemptAt!)).toBeGreaterThan(Date.parse(all[0]!.createdAt))
  expect(third!.nextAttemptAt).toBe(first!.nextAttemptAt)
  expect(await endpointsOf(service.id)).toEqual([
    {
      url: receiver.url,
      events: expect.arrayContaining(['ON_MESSAGE_SENT']) as unknown,
      waiting: 4,
      queues: 2,
      failingQueues: 2,
      waitingSince: expect.any(String) as unknown,
      circuits: [],
      silentProcessIds: [],
    },
  ])
  // Another address of the service has none of that; those that wait stay with their own.
  await service.set({ postUrl: `${receiver.url}/new` })
  expect(await endpointsOf(service.id)).toMatchObject([
    { url: receiver.url, events: [], waiting: 4 },
    { url: `${receiver.url}/new`, waiting: 0, queues: 0, waitingSince: null },
  ])
  receiver.answer = ok
  await letTimePass(kit.server)
  await waitFor(async () => (await deliveriesOf(service.id)).every(({ status }) => status === 'DELIVERED'))
  const settled = { status: 'DELIVERED', ahead: null, behind: null, heldBackBy: null, nextAttemptAt: null }
  expect(await orderOf(all[1]!.id)).toEqual(settled)
  expect((await endpointsOf(service.id)).map(({ url, waiting }) => [url, waiting])).toEqual([
    [`${receiver.url}/new`, 0],
  ])
  const arrived = receiver.of('onMessageSent').filter(({ parameters }) => parameters['ChannelSid'] === one.id)
  expect(arrived.map(({ parameters }) => parameters['Body'])).toEqual(['first', ...bodies])
})

test('a dry run says how many deliveries a replay sends again, and where to', async () => {
  await using receiver = await openReceiver()
  const service = await hookService(kit, receiver, { preUrl: null })
  const { id } = await service.channel()
  const since = new Date(Date.now() - 1000).toISOString()
  for (const body of ['first', 'second', 'third']) await kit.backend.send(id, body)
  await waitFor(async () => (await deliveriesOf(service.id)).every(({ status }) => status === 'DELIVERED'))
  const dryRun = async (input: Partial<ReplayWebhookDeliveriesInput> = {}) =>
    (await kit.backend.request(DryRunReplayDocument, { input: { serviceId: service.id, since, ...input } }))
      .dryRunReplay
  const nothing = { count: 0, isComplete: true, targets: [] }
  expect(await dryRun()).toEqual({ count: 3, isComplete: true, targets: [{ url: receiver.url, count: 3 }] })
  expect(await dryRun({ status: 'DEAD' })).toEqual(nothing)
  expect(await dryRun({ since: new Date(Date.now() + 3_600_000).toISOString() })).toEqual(nothing)
  await service.set({ postUrl: `${receiver.url}/new` })
  expect(await dryRun({ status: 'DELIVERED' })).toMatchObject({ targets: [{ url: `${receiver.url}/new`, count: 3 }] })
  expect(receiver.received).toHaveLength(3)
  const input = { serviceId: service.id, since }
  const { replayWebhookDeliveries } = await kit.backend.request(ReplayWebhookDeliveriesDocument, { input })
  expect(replayWebhookDeliveries.count).toBe(3)
  await receiver.atLeast(6)
  expect(receiver.received.slice(3).map(({ url }) => new URL(url).pathname)).toEqual(
    Array.from({ length: 3 }, () => '/ip-msg-webhook/new'),
  )
})

test('however many deliveries are replayed, part by part, each is sent once and in the order of the events', async () => {
  await using receiver = await openReceiver()
  const service = await hookService(kit, receiver, { preUrl: null })
  const channels = [await service.channel(), await service.channel()]
  const bodies = Array.from({ length: 10 }, (_, at) => String(at))
  for (const body of bodies) for (const { id } of channels) await kit.backend.send(id, body)
  await waitFor(async () => (await deliveriesOf(service.id)).every(({ status }) => status === 'DELIVERED'))
  receiver.received.length = 0
  const { db, webhookJobs } = kit.server.app
  // SIDs have the clocks of processes in them, and so another order. Several events happen in one millisecond.
  await db.run(
    `UPDATE webhook_notices SET id = gen_random_uuid(), created_at = date_trunc('minute', now()) - interval '1 hour' + number / 2 * interval '1 millisecond'
     WHERE service_id = $1`,
    [sidToUuid(service.id as ServiceId)],
  )
  const replayed = { serviceId: service.id as ServiceId, since: new Date(Date.now() - 2 * 3_600_000), targets: [] }
  expect(await requeueWebhookDeliveries(db, webhookJobs, replayed, 3)).toBe(20)
  kit.server.app.wakeWebhookWorker()
  await receiver.atLeast(20)
  await waitFor(async () => (await deliveriesOf(service.id)).every(({ status }) => status === 'DELIVERED'))
  for (const { id } of channels) {
    const own = receiver.received.filter(({ parameters }) => parameters['ChannelSid'] === id)
    expect(own.map(({ parameters }) => parameters['Body'])).toEqual(bodies)
  }
})

test('the circuit breaker of an address that does not answer pre-events is shown while it is open, by every process', async () => {
  const other = await kit.another()
  await using receiver = await openReceiver()
  receiver.answer = () => {}
  const service = await hookService(kit, receiver, { postUrl: null, preTimeoutMilliseconds: 500 })
  const alice = await service.user('alice')
  const { id: channelId } = await service.channel([alice])
  const sends = Array.from({ length: 5 }, (_, at) =>
    alice.request(SendMessageDocument, { input: { channelId, body: `${at}` } }),
  )
  await waitFor(async () => (await endpointsOf(service.id))[0]?.circuits[0]?.running === 5)
  await Promise.all(sends)
  const [endpoint] = await endpointsOf(service.id)
  expect(endpoint).toMatchObject({
    url: receiver.url,
    circuits: [{ state: 'OPEN', timeouts: 5, running: 0, waiting: 0 }],
  })
  expect(endpoint!.circuits[0]!.processId).toBe(kit.server.app.process.id)
  const elsewhere = new Caller(other, kit.backend.authorization)
  const { webhookEndpoints } = await elsewhere.request(WebhookEndpointsDocument, { serviceId: service.id })
  expect(webhookEndpoints).toMatchObject([{ circuits: [{ state: 'OPEN', processId: kit.server.app.process.id }] }])
  const hung = { type: 'here', id: 'a-process-that-hangs', host: 'far away', isNew: false }
  kit.server.app.bus.publish(topics.processes, hung)
  await waitFor(() => kit.server.app.processCalls.knows(hung.id))
  expect(await endpointsOf(service.id)).toMatchObject([{ circuits: [{}], silentProcessIds: [hung.id] }])
  kit.server.app.bus.publish(topics.processes, { type: 'gone', id: hung.id })
  const left = Date.parse(endpoint!.circuits[0]!.openUntil!) - Date.now()
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThanOrEqual(30_000)
})

test('both are the backend’s, of its own services', async () => {
  await using receiver = await openReceiver()
  const service = await hookService(kit, receiver)
  const alice = await service.user('alice')
  const input = { serviceId: service.id, since: new Date().toISOString() }
  const noService = { code: 'NOT_FOUND', chatCode: 50050 }
  const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
  for (const [caller, refusal] of [
    [stranger, noService],
    [alice, forbidden],
  ] as const) {
    expect(await refusalOf(caller, WebhookEndpointsDocument, { serviceId: service.id })).toEqual(refusal)
    expect(await refusalOf(caller, DryRunReplayDocument, { input })).toEqual(refusal)
  }
})
