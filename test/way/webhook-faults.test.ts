import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openKit, type Kit } from '../support/kit.ts'
import { refusalOf } from '../support/refusal.ts'
import { waitFor } from '../support/wait.ts'
import { webhookDeliveriesOf } from '../support/webhook-deliveries.ts'
import { ok, openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

let kit: Kit
let receiver: Receiver
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
})
afterAll(() => kit.close())
beforeEach(async () => {
  receiver = await openReceiver()
})
afterEach(() => receiver.close())

const send = 'mutation($c: ID!) { sendMessage(input: {channelId: $c, body: "sent"}) { message { id } } }'

test('P7: a delivery that is never answered is sent again after its time, with the same id, and then what follows', async () => {
  const service = await hookService(kit, receiver, { preUrl: null })
  const { id } = await service.channel()
  receiver.answer = () => {}
  await kit.backend.send(id, 'first')
  await receiver.atLeast(1)
  await kit.backend.send(id, 'second')
  // An attempt takes 10 seconds.
  await waitFor(async () => (await webhookDeliveriesOf(kit.store.db, service.id))[0]!.attempts > 0, { timeout: 20_000 })
  expect((await webhookDeliveriesOf(kit.store.db, service.id))[0]).toMatchObject({
    status: 'pending',
    answerStatus: null,
    answer: expect.stringContaining('in time'),
  })
  receiver.answer = ok
  const received = await receiver.atLeast(3)
  expect(received.map(({ parameters }) => `${parameters['Body']} ${parameters['RetryCount']}`)).toEqual([
    'first 0',
    'first 1',
    'second 0',
  ])
  expect(received[1]!.headers['webhook-id']).toBe(received[0]!.headers['webhook-id'])
}, 40_000)

test('P7: what waits for an address that was changed still goes there, and what comes later to the new one', async () => {
  const service = await hookService(kit, receiver, { preUrl: null })
  const { id } = await service.channel()
  await receiver.close()
  await kit.backend.send(id, 'before')
  await waitFor(async () => (await webhookDeliveriesOf(kit.store.db, service.id))[0]!.attempts > 0)
  await using other = await openReceiver()
  await service.set({ postUrl: other.url })
  await kit.backend.send(id, 'after')
  await other.atLeast(1)
  receiver = await openReceiver(receiver.port)
  await receiver.atLeast(1)
  expect(receiver.received.map(({ parameters }) => parameters['Body'])).toEqual(['before'])
  expect(other.received.map(({ parameters }) => parameters['Body'])).toEqual(['after'])
})

test('an open circuit refuses at once where the service requires an answer, and lets pass at once where not', async () => {
  const service = await hookService(kit, receiver, { postUrl: null, preTimeoutMilliseconds: 500, preRequired: true })
  const { id } = await service.channel()
  receiver.answer = () => {}
  for (let at = 0; at < 5; at++) {
    expect(await refusalOf(kit.backend, send, { c: id })).toEqual({ code: 'FORBIDDEN', chatCode: 50056 })
  }
  expect(await refusalOf(kit.backend, send, { c: id })).toEqual({ code: 'FORBIDDEN', chatCode: 50056 })
  await service.set({ preRequired: false })
  await kit.backend.send(id, 'sent')
  expect(receiver.received).toHaveLength(5)
})
