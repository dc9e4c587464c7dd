import twilio from 'twilio'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  NodeDocument,
  ReplayWebhookDeliveryDocument,
  ReplayWebhookDeliveriesDocument,
  SendTestWebhookDocument,
  SigningSecretDocument,
  WebhookDeliveryDocument,
  WebhookDeliveriesDocument,
  type WebhookDeliveriesQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { isPreEvent, toConstantCase, webhookEvents } from '../../../src/model/webhook.ts'
import { openKit, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'
import { json, ok, openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { allEvents, hookService, webhookEnvironment, type HookedService } from '../../support/webhooks.ts'

let kit: Kit
let receiver: Receiver
let service: HookedService
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
})
afterAll(() => kit.close())
beforeEach(async () => {
  receiver = await openReceiver()
  service = await hookService(kit, receiver, { preUrl: null })
})
afterEach(() => receiver.close())

async function list(variables: WebhookDeliveriesQueryVariables = {}) {
  const { webhookDeliveries } = await kit.backend.request(WebhookDeliveriesDocument, {
    serviceId: service.id,
    ...variables,
  })
  return webhookDeliveries.edges.map(({ node }) => node)
}

/** Waits until so many are no longer pending, and answers all. */
async function settled(count: number) {
  return waitFor(async () => {
    const all = await list()
    return all.filter(({ status }) => status !== 'PENDING').length >= count && all
  })
}

test('deliveries are listed with their last answers, filtered and paged', async () => {
  const [one, other] = [await service.channel(), await service.channel()]
  const messages = []
  for (let at = 0; at < 3; at++) messages.push(await kit.backend.send(one.id, `${at}`))
  await kit.backend.send(other.id, 'other')
  const all = await settled(4)
  expect(all[0]).toMatchObject({
    event: 'ON_MESSAGE_SENT',
    subjectId: one.id,
    url: receiver.url,
    method: 'POST',
    bodyFormat: 'FORM',
    parameters: { MessageSid: messages[0]!.id, Body: '0' },
    status: 'DELIVERED',
    attempts: 1,
    answerStatus: 200,
    answer: 'received message',
  })
  expect(await list({ subjectId: other.id })).toEqual([all[3]])
  expect(await list({ status: 'DEAD' })).toEqual([])
  expect(await list({ event: 'ON_MESSAGE_SENT', last: 2 })).toEqual(all.slice(2))
  expect(await list({ first: 2, after: all[0]!.id })).toEqual(all.slice(1, 3))
  expect(await list({ direction: 'DESC', first: 3 })).toEqual(all.slice(1).toReversed())
  expect(await list({ direction: 'DESC', after: all[1]!.id })).toEqual(all.slice(0, 1))
  expect(await list({ direction: 'DESC', last: 1, before: all[1]!.id })).toEqual([all[2]])
  expect(await list({ before: all[2]!.id })).toEqual(all.slice(0, 2))
  const { webhookDelivery } = await kit.backend.request(WebhookDeliveryDocument, { id: all[0]!.id })
  expect(webhookDelivery).toEqual(all[0])
  const { node } = await kit.backend.request(NodeDocument, { id: all[0]!.id })
  expect(node).toMatchObject({ id: all[0]!.id })
})

test('one delivery is sent again, with its id, to the present address of the event', async () => {
  const { id } = await service.channel()
  await kit.backend.send(id, 'again')
  const [delivery] = await settled(1)
  await using elsewhere = await openReceiver()
  await service.set({ postUrl: elsewhere.url, method: 'GET', bodyFormat: 'JSON' })
  const { replayWebhookDelivery } = await kit.backend.request(ReplayWebhookDeliveryDocument, {
    input: { webhookDeliveryId: delivery!.id },
  })
  expect(replayWebhookDelivery.webhookDelivery).toMatchObject({
    id: delivery!.id,
    url: elsewhere.url,
    method: 'GET',
    bodyFormat: 'JSON',
  })
  const [received] = await elsewhere.atLeast(1)
  expect(received!.headers['webhook-id']).toBe(delivery!.id)
  expect(received!.parameters).toMatchObject({ Body: 'again', RetryCount: '0' })
  await settled(1)
})

test('everything since a time is sent again, in its order', async () => {
  const [one, other] = [await service.channel(), await service.channel()]
  await kit.backend.send(one.id, 'before')
  await settled(1)
  const since = new Date()
  for (let at = 0; at < 10; at++) await kit.backend.send(at % 2 === 0 ? one.id : other.id, `${at}`)
  await settled(11)
  receiver.received.length = 0
  const replay = (status: 'DELIVERED' | 'DEAD' | null) =>
    kit.backend.request(ReplayWebhookDeliveriesDocument, {
      input: { serviceId: service.id, since: since.toISOString(), status },
    })
  expect(await replay('DEAD')).toEqual({ replayWebhookDeliveries: { count: 0 } })
  expect(await replay('DELIVERED')).toEqual({ replayWebhookDeliveries: { count: 10 } })
  const received = await receiver.atLeast(10)
  for (const { id } of [one, other]) {
    const own = received.filter(({ parameters }) => parameters['ChannelSid'] === id)
    const bodies = own.map(({ parameters }) => Number(parameters['Body']))
    expect(bodies).toEqual(bodies.toSorted((a, b) => a - b))
    expect(bodies).toHaveLength(5)
  }
  await settled(11)
  expect((await replay(null)).replayWebhookDeliveries.count).toBe(10)
})

test('what is waiting stays where it is when it is replayed', async () => {
  receiver.answer = json({}, 500)
  const { id } = await service.channel()
  await kit.backend.send(id, 'waits')
  const [delivery] = await waitFor(async () => {
    const all = await list()
    return all[0]?.attempts === 1 && all
  })
  const { replayWebhookDelivery } = await kit.backend.request(ReplayWebhookDeliveryDocument, {
    input: { webhookDeliveryId: delivery!.id },
  })
  expect(replayWebhookDelivery.webhookDelivery).toMatchObject({ status: 'PENDING', attempts: 1, answerStatus: 500 })
})

test('a sample of each event can be sent, signed, with the parameters that the event has', async () => {
  await service.set({ preUrl: receiver.url, filters: allEvents })
  receiver.answer = json({ seen: true })
  for (const event of webhookEvents) {
    const { sendTestWebhook } = await kit.backend.request(SendTestWebhookDocument, {
      input: { serviceId: service.id, event: toConstantCase(event) as 'ON_MESSAGE_SEND' },
    })
    expect(sendTestWebhook).toMatchObject({
      url: receiver.url,
      method: 'POST',
      answerStatus: 200,
      answer: '{"seen":true}',
    })
    const { parameters, headers, url } = receiver.received.at(-1)!
    expect(parameters).toMatchObject({ EventType: event, InstanceSid: service.id })
    const { authToken } = kit.server.account
    expect(twilio.validateRequest(authToken, headers['x-twilio-signature']!, url, parameters)).toBe(true)
    expect('DateUpdated' in parameters).toBe(/Updated$|onUserUpdate$/.test(event))
    expect('MessageSid' in parameters).toBe(event.startsWith('onMessage') && event !== 'onMessageSend')
    expect('Index' in parameters).toBe(event.startsWith('onMessage') && !isPreEvent(event))
  }
  expect(await list()).toEqual([])
  receiver.answer = ok
  await receiver.close()
  const { sendTestWebhook } = await kit.backend.request(SendTestWebhookDocument, {
    input: { serviceId: service.id, event: 'ON_MESSAGE_SENT' },
  })
  expect(sendTestWebhook).toMatchObject({ answerStatus: null, answer: expect.stringContaining('ECONNREFUSED') })
  await service.set({ postUrl: null })
  const input = { serviceId: service.id, event: 'ON_MESSAGE_SENT' } as const
  expect(await refusalOf(kit.backend, SendTestWebhookDocument, { input })).toEqual({ code: 'BAD_USER_INPUT' })
})

test('all of it is the backend’s, and of its own service', async () => {
  const { id } = await service.channel()
  await kit.backend.send(id, 'mine')
  const [delivery] = await settled(1)
  const alice = await service.user('alice')
  const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
  const since = new Date(0).toISOString()
  const event = 'ON_MESSAGE_SENT' as const
  expect(await refusalOf(alice, WebhookDeliveriesDocument, {})).toEqual(forbidden)
  expect(await refusalOf(alice, ReplayWebhookDeliveryDocument, { input: { webhookDeliveryId: delivery!.id } })).toEqual(
    forbidden,
  )
  expect(await refusalOf(alice, ReplayWebhookDeliveriesDocument, { input: { since } })).toEqual(forbidden)
  expect(await refusalOf(alice, SendTestWebhookDocument, { input: { event } })).toEqual(forbidden)
  expect(await alice.request(WebhookDeliveryDocument, { id: delivery!.id })).toEqual({ webhookDelivery: null })
  expect(await alice.request(SigningSecretDocument, { serviceId: service.id })).toEqual({ service: { webhooks: null } })
  const missing = { webhookDeliveryId: `WN${'0'.repeat(32)}` }
  expect(await refusalOf(kit.backend, ReplayWebhookDeliveryDocument, { input: missing })).toEqual({ code: 'NOT_FOUND' })
})
