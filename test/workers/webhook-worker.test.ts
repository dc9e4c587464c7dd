import { eq } from 'drizzle-orm'
import { Webhook } from 'standardwebhooks'
import twilio from 'twilio'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateChannelDocument,
  CreateUserDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  DeleteUserDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  ReplayWebhookDeliveriesDocument,
  SigningSecretDocument,
  UpdateChannelDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
  UpdateUserDocument,
} from '../../schema/generated/graphql.ts'
import { newSid, type ServiceId } from '../../src/model/sid.ts'
import { webhookDeliveries } from '../../src/store/tables/webhook-delivery.ts'
import { insertWebhookDeliveries } from '../../src/store/webhooks/webhook-delivery.ts'
import { finishQueue, settleDelivery } from '../../src/store/webhooks/webhook-queue.ts'
import { Cleanup } from '../../src/workers/cleanup.ts'
import { captureLog } from '../support/captured-log.ts'
import { engineName } from '../support/engine.ts'
import { Caller, openKit, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'
import { letJobsExpire, letTimePass, webhookDeliveriesOf } from '../support/webhook-deliveries.ts'
import { json, ok, openReceiver, type Receiver } from '../support/webhook-receiver.ts'
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

const tellOnly = { preUrl: null }

/** Waits until so many attempts at the service's deliveries have been stored. */
async function attempted(serviceId: string, attempts: number) {
  return waitFor(async () => {
    const all = await webhookDeliveriesOf(kit.store.db, serviceId)
    return all.reduce((sum, delivery) => sum + delivery.attempts, 0) >= attempts && all
  })
}

test('a post-event has everything of a message, is sent once, and is signed both ways', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const alice = await service.user('alice')
  const channel = await service.channel([alice])
  const message = await alice.send(channel.id, 'Draw the owl!', { attributes: { colour: 'red' } })
  const [received] = await receiver.atLeast(1, 'onMessageSent')
  const { accountId, authToken } = kit.server.account
  expect(received!.parameters).toEqual({
    EventType: 'onMessageSent',
    AccountSid: accountId,
    InstanceSid: service.id,
    ClientIdentity: alice.identity,
    Source: 'SDK',
    RetryCount: '0',
    ChannelSid: channel.id,
    MessageSid: message.id,
    Index: '0',
    Body: 'Draw the owl!',
    Attributes: '{"colour":"red"}',
    From: alice.identity,
    DateCreated: message.createdAt,
  })
  expect(
    twilio.validateRequest(authToken, received!.headers['x-twilio-signature']!, received!.url, received!.parameters),
  ).toBe(true)
  const keys = await kit.backend.request(SigningSecretDocument, { serviceId: service.id })
  const webhook = new Webhook(keys.service!.webhooks!.signingSecret)
  expect(() => webhook.verify(received!.body, received!.headers, { jsonParse: false })).not.toThrow()
  const [delivery] = await attempted(service.id, 1)
  expect(delivery).toMatchObject({ status: 'delivered', attempts: 1, answerStatus: 200, answer: 'received message' })
  expect(delivery!.id).toBe(received!.headers['webhook-id'])
})

test('as JSON it has the same texts, and is signed both ways', async () => {
  const service = await hookService(kit, receiver, { ...tellOnly, bodyFormat: 'JSON' })
  const { id } = await service.channel()
  const message = await kit.backend.send(id, 'Draw the owl? “ñ 漢字 🦉”', { attributes: { big: 2 } })
  const [received] = await receiver.atLeast(1, 'onMessageSent')
  const { headers, url, body } = received!
  const { authToken } = kit.server.account
  expect(twilio.validateRequestWithBody(authToken, headers['x-twilio-signature']!, url, body)).toBe(true)
  expect(twilio.validateRequestWithBody(authToken, headers['x-twilio-signature']!, url, `${body} `)).toBe(false)
  const keys = await kit.backend.request(SigningSecretDocument, { serviceId: service.id })
  expect(new Webhook(keys.service!.webhooks!.signingSecret).verify(body, headers)).toMatchObject({
    EventType: 'onMessageSent',
    RetryCount: '0',
    MessageSid: message.id,
    Index: '0',
    Body: 'Draw the owl? “ñ 漢字 🦉”',
    Attributes: '{"big":2}',
  })
})

test('what waits keeps the format that it was stored with, and a replay has the one of now', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const { id } = await service.channel()
  receiver.answer = json({}, 500)
  await kit.backend.send(id, 'first')
  await attempted(service.id, 1)
  await service.set({ bodyFormat: 'JSON' })
  await kit.backend.send(id, 'second')
  receiver.answer = ok
  await letTimePass(kit.server)
  const [, ...received] = await receiver.atLeast(3, 'onMessageSent')
  const typesOf = (all: typeof received) => all.map(({ headers }) => headers['content-type'])
  expect(typesOf(received)).toEqual(['application/x-www-form-urlencoded', 'application/json'])
  await waitFor(async () =>
    (await webhookDeliveriesOf(kit.store.db, service.id)).every(({ status }) => status === 'delivered'),
  )
  const since = new Date(0).toISOString()
  await kit.backend.request(ReplayWebhookDeliveriesDocument, { input: { serviceId: service.id, since } })
  const replayed = (await receiver.atLeast(5, 'onMessageSent')).slice(3)
  expect(typesOf(replayed)).toEqual(['application/json', 'application/json'])
  expect(replayed.map(({ headers }) => headers['webhook-id'])).toEqual(
    received.map(({ headers }) => headers['webhook-id']),
  )
})

test('everything that happens is sent, whoever causes it', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const alice = await service.user('alice')
  const { createChannel } = await alice.request(CreateChannelDocument, { input: { friendlyName: 'Owls' } })
  const { id: channelId } = createChannel.channel
  const { id: messageId } = await kit.backend.send(channelId, 'first', { authorIdentity: 'someone' })
  await kit.backend.request(UpdateMessageDocument, { input: { messageId, body: 'second' } })
  await kit.backend.request(DeleteMessageDocument, { input: { messageId } })
  const { addMember } = await kit.backend.request(AddMemberDocument, { input: { channelId, identity: 'carol' } })
  const { id: memberId } = addMember.member
  await kit.backend.request(UpdateMemberDocument, { input: { memberId, lastReadIndex: 0 } })
  const bob = await service.user('bob')
  await bob.request(JoinChannelDocument, { input: { channelId } })
  await bob.request(LeaveChannelDocument, { input: { channelId } })
  await alice.request(UpdateUserDocument, { input: { userId: alice.identity, friendlyName: 'Alice' } })
  const carolId = receiver.of('onUserAdded').find(({ parameters }) => parameters['Identity'] === 'carol')
  await kit.backend.request(UpdateChannelDocument, { input: { channelId, friendlyName: 'Birds' } })
  await receiver.atLeast(3, 'onUserAdded')
  await kit.backend.request(DeleteUserDocument, {
    input: { userId: (carolId ?? receiver.of('onUserAdded')[1])!.parameters['UserSid']! },
  })
  await kit.backend.request(DeleteChannelDocument, { input: { channelId } })
  await receiver.atLeast(1, 'onChannelDestroyed')
  const inChannel = receiver.received.map(({ parameters }) => parameters).filter((one) => one['ChannelSid'])
  const common = { ChannelSid: channelId, AccountSid: kit.server.account.accountId, InstanceSid: service.id }
  expect(inChannel).toMatchObject(
    [
      { EventType: 'onChannelAdded', FriendlyName: 'Owls', CreatedBy: alice.identity, Source: 'SDK' },
      { EventType: 'onMemberAdded', Identity: alice.identity, Reason: 'JOINED', Source: 'SDK' },
      { EventType: 'onMessageSent', Index: '0', Body: 'first', From: 'someone', Source: 'API' },
      { EventType: 'onMessageUpdated', Index: '0', Body: 'second', From: 'someone', ModifiedBy: 'system' },
      { EventType: 'onMessageRemoved', Index: '0', Body: 'second', RemovedBy: 'system', MessageSid: messageId },
      { EventType: 'onMemberAdded', Identity: 'carol', Reason: 'ADDED', MemberSid: memberId, Source: 'API' },
      { EventType: 'onMemberUpdated', Identity: 'carol', LastConsumedMessageIndex: '0' },
      { EventType: 'onMemberAdded', Identity: bob.identity, Reason: 'JOINED', ClientIdentity: bob.identity },
      { EventType: 'onMemberRemoved', Identity: bob.identity, Reason: 'LEFT', ClientIdentity: bob.identity },
      { EventType: 'onChannelUpdated', FriendlyName: 'Birds', CreatedBy: alice.identity },
      { EventType: 'onMemberRemoved', Identity: 'carol', Reason: 'REMOVED' },
      { EventType: 'onChannelDestroyed', FriendlyName: 'Birds', DateDestroyed: expect.stringMatching(/Z$/) },
    ].map((one) => ({ ...common, ...one })),
  )
  const added = receiver.of('onUserAdded').map(({ parameters }) => parameters['Identity'])
  expect(new Set(added)).toEqual(new Set([alice.identity, bob.identity, 'carol']))
  await kit.backend.request(CreateUserDocument, {
    input: { serviceId: service.id, identity: 'dora', friendlyName: 'Dora' },
  })
  const dora = (await receiver.atLeast(4, 'onUserAdded'))[3]!
  expect(dora.parameters).toMatchObject({ Identity: 'dora', FriendlyName: 'Dora', Source: 'API' })
  const [updated] = await receiver.atLeast(1, 'onUserUpdated')
  expect(updated!.parameters).toMatchObject({ Identity: alice.identity, FriendlyName: 'Alice', Source: 'SDK' })
})

test('an event that a service does not want is not stored', async () => {
  const service = await hookService(kit, receiver, { ...tellOnly, apiEnabled: false, filters: ['ON_MESSAGE_SENT'] })
  const alice = await service.user('alice')
  const { id } = await service.channel([alice])
  await kit.backend.send(id, 'by the backend')
  await alice.send(id, 'by a user')
  await alice.request(UpdateUserDocument, { input: { userId: alice.identity, friendlyName: 'Alice' } })
  expect(await webhookDeliveriesOf(kit.store.db, service.id)).toHaveLength(1)
})

test('a repetition and a send that fails are sent once and not at all', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const { id } = await service.channel()
  for (let at = 0; at < 3; at++) await kit.backend.send(id, 'once', { clientMessageId: 'one' })
  await Promise.all(Array.from({ length: 5 }, () => kit.backend.send(id, 'twice', { clientMessageId: 'two' })))
  expect(await webhookDeliveriesOf(kit.store.db, service.id)).toHaveLength(2)
})

test('each channel is sent in the order of its messages', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const channels = await Promise.all(Array.from({ length: 4 }, () => service.channel()))
  await Promise.all(
    Array.from({ length: 100 }, (_, at) => kit.backend.send(channels[at % channels.length]!.id, `${at}`)),
  )
  const received = await receiver.atLeast(100, 'onMessageSent')
  for (const { id } of channels) {
    const own = received.filter(({ parameters }) => parameters['ChannelSid'] === id)
    expect(own.map(({ parameters }) => Number(parameters['Index']))).toEqual(Array.from({ length: 25 }, (_, at) => at))
  }
})

test('a failed delivery is retried, holds back what follows, and keeps its id', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const [{ id }, other] = [await service.channel(), await service.channel()]
  const answers = [
    (_received: unknown, response: { destroy(): void }) => response.destroy(),
    json({}, 500),
    json({}, 302),
    json({}, 429),
  ]
  receiver.answer = answers[0]!
  await kit.backend.send(id, 'first')
  await kit.backend.send(id, 'second')
  for (let round = 1; round <= answers.length; round++) {
    await attempted(service.id, round)
    receiver.answer = answers[round] ?? ok
    await letTimePass(kit.server)
  }
  await kit.backend.send(other.id, 'elsewhere')
  const received = await receiver.atLeast(answers.length + 3, 'onMessageSent')
  const ofChannel = received.filter(({ parameters }) => parameters['ChannelSid'] === id)
  expect(ofChannel.map(({ parameters }) => `${parameters['Body']} ${parameters['RetryCount']}`)).toEqual([
    'first 0',
    'first 1',
    'first 2',
    'first 3',
    'first 4',
    'second 0',
  ])
  const ids = ofChannel.map(({ headers }) => headers['webhook-id'])
  expect(new Set(ids.slice(0, 5)).size).toBe(1)
  expect(ids[5]).not.toBe(ids[0])
  await waitFor(async () =>
    (await webhookDeliveriesOf(kit.store.db, service.id)).every(({ status }) => status === 'delivered'),
  )
})

test('the wait grows, is never the same for two, and begins anew with the next delivery', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const channels = await Promise.all([service.channel(), service.channel()])
  receiver.answer = json({}, 500)
  for (const { id } of channels) for (const body of ['first', 'second']) await kit.backend.send(id, body)
  /** Until each is tried again, in seconds, once all have failed so often. */
  const waitsAfter = (rounds: number) =>
    waitFor(async () => {
      // Before the jobs, each of which is put off when its attempt has been stored.
      const attempts = await webhookDeliveriesOf(kit.store.db, service.id)
      const isDone = attempts.reduce((sum, delivery) => sum + delivery.attempts, 0) === 2 * rounds
      const rows = await kit.store.db.run<{ wait: number }>(
        `SELECT extract(epoch FROM start_after - now())::float8 AS wait FROM pgboss.job
         WHERE singleton_key IN (SELECT id::text FROM webhook_lanes WHERE subject_id = ANY ($1)) AND state = 'retry'`,
        [channels.map(({ id }) => id)],
      )
      return isDone && rows.length === 2 && rows.map(({ wait }) => wait)
    })
  const same: boolean[] = []
  for (let round = 1; round <= 14; round++) {
    const waits = await waitsAfter(round)
    const longest = Math.min(2 ** round, 3600)
    for (const wait of waits) {
      expect(wait).toBeGreaterThan(longest / 2 - 1)
      expect(wait).toBeLessThanOrEqual(longest)
    }
    same.push(waits[0] === waits[1])
    await letTimePass(kit.server)
  }
  // Until they are as long as they get.
  expect(same.slice(0, 11)).not.toContain(true)
  await waitsAfter(15)
  receiver.answer = ({ parameters }, response) => {
    response.statusCode = parameters['Body'] === 'first' ? 200 : 500
    response.end()
  }
  await letTimePass(kit.server)
  for (const wait of await waitsAfter(17)) expect(wait).toBeLessThanOrEqual(2)
})

test('after its time a delivery is given up, and the next goes on', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const { id } = await service.channel()
  receiver.answer = ({ parameters }, response) => {
    response.statusCode = parameters['Body'] === 'bad' ? 500 : 200
    response.end('no')
  }
  await kit.backend.send(id, 'bad')
  await kit.backend.send(id, 'good')
  await attempted(service.id, 1)
  const { orm } = kit.store.db
  await orm
    .update(webhookDeliveries)
    .set({ queuedAt: new Date(Date.now() - 25 * 3_600_000) })
    .where(eq(webhookDeliveries.serviceId, service.id as ServiceId))
  await letTimePass(kit.server)
  await attempted(service.id, 3)
  expect(await webhookDeliveriesOf(kit.store.db, service.id)).toMatchObject([
    { status: 'dead', attempts: 2, answerStatus: 500, answer: 'no' },
    { status: 'delivered', attempts: 1, answerStatus: 200 },
  ])
})

test('an endpoint that hangs keeps no other waiting', async () => {
  await using good = await openReceiver()
  const hanging = await hookService(kit, receiver, tellOnly)
  const service = await hookService(kit, good, tellOnly)
  receiver.answer = () => {}
  const stuck = await Promise.all(Array.from({ length: 20 }, () => hanging.channel()))
  for (const { id } of stuck) await kit.backend.send(id, 'hangs')
  await receiver.atLeast(8, 'onMessageSent')
  const { id } = await service.channel()
  await kit.backend.send(id, 'goes')
  await good.atLeast(1, 'onMessageSent')
  expect(receiver.of('onMessageSent')).toHaveLength(8)
})

test('a receiver that is down gets everything in order when it is back', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const { id } = await service.channel()
  await receiver.close()
  for (let at = 0; at < 5; at++) await kit.backend.send(id, `${at}`)
  await attempted(service.id, 1)
  const [first, second] = await webhookDeliveriesOf(kit.store.db, service.id)
  expect(first).toMatchObject({ answerStatus: null, answer: expect.stringContaining('ECONNREFUSED') })
  expect(second).toMatchObject({ attempts: 0 })
  receiver = await openReceiver(receiver.port)
  await letTimePass(kit.server)
  const received = await receiver.atLeast(5, 'onMessageSent')
  expect(received.map(({ parameters }) => parameters['Body'])).toEqual(['0', '1', '2', '3', '4'])
})

test('the log names a receiver that stays away once, by the reason, from the third attempt on, however many channels wait for it', async () => {
  const log = captureLog(kit.server.app.logger)
  const service = await hookService(kit, receiver, tellOnly)
  receiver.answer = (_call, response) => void response.writeHead(503).end()
  const channels = await Promise.all([service.channel(), service.channel()])
  for (const { id } of channels) await kit.backend.send(id, 'hello')
  const about = `"reason":"answered 503","origin":"http://127.0.0.1:${receiver.port}"`
  const warnings = () => log.lines.filter((line) => line.includes('"level":40') && line.includes(about))
  await attempted(service.id, 2)
  await letTimePass(kit.server)
  await attempted(service.id, 4)
  expect(warnings()).toEqual([])
  await letTimePass(kit.server)
  await attempted(service.id, 6)
  expect(warnings()).toEqual([
    expect.stringContaining(`"reason":"answered 503","origin":"http://127.0.0.1:${receiver.port}"`),
  ])
})

/** A channel whose one delivery was sent, and on whose queue another process works. */
async function workedChannel() {
  const service = await hookService(kit, receiver, { ...tellOnly, filters: ['ON_MESSAGE_SENT'] })
  const { id } = await service.channel()
  const { db } = kit.store
  await kit.backend.send(id, 'first')
  await receiver.atLeast(1, 'onMessageSent')
  const [queue] = await db.run<{ id: string; url: string }>('SELECT id, url FROM webhook_lanes WHERE subject_id = $1', [
    id,
  ])
  const { id: queueId, url } = queue!
  await waitFor(async () => (await db.run('SELECT FROM pgboss.job WHERE singleton_key = $1', [queueId])).length === 0)
  const [job] = await db.transaction(async (tx) => {
    await kit.server.app.webhookJobs.insert(tx, [{ queueId, url }])
    const hold = `UPDATE pgboss.job SET state = 'active', started_on = now() WHERE singleton_key = $1 RETURNING id`
    return tx.run<{ id: string }>(hold, [queueId])
  })
  return { service, id, job: { id: job!.id, retryCount: 0, queueId, url } }
}

test('a queue that another process works on is left to it, and taken over when it is gone', async () => {
  const { service, id } = await workedChannel()
  await kit.backend.send(id, 'second')
  await kit.backend.request(ReplayWebhookDeliveriesDocument, {
    input: { serviceId: service.id, since: new Date(0).toISOString() },
  })
  const plain = await service.channel()
  await kit.backend.send(plain.id, 'elsewhere')
  await receiver.atLeast(2, 'onMessageSent')
  expect(receiver.of('onMessageSent').map(({ parameters }) => parameters['Body'])).toEqual(['first', 'elsewhere'])
  await letJobsExpire(kit.store.db)
  // The server looks for such jobs by itself; then a retry waits for up to two seconds.
  await waitFor(() => receiver.received.length === 4, { timeout: 15_000 })
  expect(receiver.received.map(({ parameters }) => parameters['Body'])).toEqual([
    'first',
    'elsewhere',
    'second',
    'first',
  ])
})

test('an attempt is not stored by a process that was overtaken', async () => {
  const { service, job } = await workedChannel()
  const late = { number: 1, attempts: 0, status: 'pending', answerStatus: 500, answer: 'late' } as const
  expect(await settleDelivery(kit.store.db, job.queueId, late)).toBe(false)
  expect(await webhookDeliveriesOf(kit.store.db, service.id)).toMatchObject([{ status: 'delivered', attempts: 1 }])
})

test('a job is not ended while a delivery of its queue is being written', async () => {
  const { service, id, job } = await workedChannel()
  const { webhookJobs, wakeWebhookWorker } = kit.server.app
  const { db, statements } = kit.store
  const [first] = await webhookDeliveriesOf(db, service.id)
  let finishing: Promise<boolean> | undefined
  await db.transaction(async (tx) => {
    await insertWebhookDeliveries(tx, webhookJobs, [{ ...first!, id: newSid('WN'), subjectId: id, url: job.url }])
    statements.length = 0
    finishing = finishQueue(db, webhookJobs, job)
    // The embedded engine has one connection, and does nothing else before the commit.
    if (engineName === 'cluster') await waitFor(() => statements.some((one) => one.includes('FOR UPDATE')))
  })
  expect(await finishing).toBe(false)
  await webhookJobs.renew(db, job)
  wakeWebhookWorker()
  await receiver.atLeast(2, 'onMessageSent')
})

test('deliveries are deleted after their days, with the queues that are left empty', async () => {
  const service = await hookService(kit, receiver, tellOnly)
  const { id } = await service.channel()
  await kit.backend.send(id, 'old')
  await attempted(service.id, 1)
  receiver.answer = json({}, 500)
  const other = await service.channel()
  await kit.backend.send(other.id, 'waiting')
  await attempted(service.id, 2)
  const old = new Date(Date.now() - 8 * 24 * 3_600_000)
  const { orm, run } = kit.store.db
  await orm
    .update(webhookDeliveries)
    .set({ createdAt: old })
    .where(eq(webhookDeliveries.serviceId, service.id as ServiceId))
  await run('UPDATE webhook_lanes SET used_at = $2 WHERE subject_id = ANY ($1)', [[id, other.id], old.toISOString()])
  await new Cleanup(kit.store.db, { devices: 30, webhookDeliveries: 7, audit: 365 }, kit.server.app.logger).close()
  expect(await webhookDeliveriesOf(kit.store.db, service.id)).toMatchObject([{ status: 'pending' }])
  expect(await run('SELECT subject_id FROM webhook_lanes WHERE subject_id = ANY ($1)', [[id, other.id]])).toEqual([
    { subject_id: other.id },
  ])
  receiver.answer = ok
  await kit.backend.send(id, 'new')
  await receiver.atLeast(3, 'onMessageSent')
})

test('two processes send each message once and in order', async () => {
  const other = await kit.another()
  const service = await hookService(kit, receiver, tellOnly)
  const channels = await Promise.all(Array.from({ length: 3 }, () => service.channel()))
  const callers = [kit.backend, new Caller(other, kit.backend.authorization)]
  await Promise.all(Array.from({ length: 120 }, (_, at) => callers[at % 2]!.send(channels[at % 3]!.id, `${at}`)))
  const received = await receiver.atLeast(120, 'onMessageSent')
  await waitFor(async () =>
    (await webhookDeliveriesOf(kit.store.db, service.id)).every(({ status }) => status === 'delivered'),
  )
  expect(received).toHaveLength(120)
  for (const { id } of channels) {
    const own = received.filter(({ parameters }) => parameters['ChannelSid'] === id)
    expect(own.map(({ parameters }) => Number(parameters['Index']))).toEqual(Array.from({ length: 40 }, (_, at) => at))
  }
})
