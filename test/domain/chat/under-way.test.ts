import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CancelMessageDocument,
  CancelScheduledMessageDocument,
  DeleteMessageDocument,
  MessageStreamsDocument,
  NodeDocument,
  ScheduledMessageDocument,
  ScheduledMessagesOfServiceDocument,
  type MessageStreamsQueryVariables,
  type ScheduledMessagesOfServiceQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { fillServicesOfScheduled } from '../../../src/store/scheduled-message.ts'
import { makeAccount } from '../../support/authority.ts'
import { openKit, uniqueName, type Caller, type Kit, type User } from '../../support/kit.ts'
import { cancel, makeDue, schedule, scheduledOf } from '../../support/later.ts'
import { refusalOf } from '../../support/refusal.ts'
import { begin } from '../../support/streamed.ts'
import { waitFor } from '../../support/wait.ts'
import { hookService } from '../../support/webhooks.ts'

let kit: Kit
let stranger: Caller
beforeAll(async () => {
  kit = await openKit()
  stranger = (await makeAccount(kit)).backend
})
afterAll(() => kit.close())

const openService = () => hookService(kit, { url: '' })

async function listed(variables: ScheduledMessagesOfServiceQueryVariables, caller = kit.backend) {
  const { scheduledMessages } = await caller.request(ScheduledMessagesOfServiceDocument, variables)
  return { nodes: scheduledMessages.edges.map(({ node }) => node), ...scheduledMessages.pageInfo }
}

const bodiesOf = async (variables: ScheduledMessagesOfServiceQueryVariables) =>
  (await listed(variables)).nodes.map(({ body }) => body)

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()

const noService = { code: 'NOT_FOUND', chatCode: 50050 }
const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }

/** A service of which two users have scheduled something in two channels. */
async function furnish() {
  const { id: serviceId, ...service } = await openService()
  const [alice, bob] = [await service.user('alice'), await service.user('bob')]
  const [one, other] = [await service.channel([alice, bob]), await service.channel([alice, bob])]
  const at = (user: User, channelId: string, body: string, minutes: number) =>
    schedule(user, { channelId, body, sendAt: inMinutes(minutes) })
  const scheduled = [
    await at(alice, one.id, 'third', 30),
    await at(bob, one.id, 'first', 10),
    await at(alice, other.id, 'second', 20),
    await at(bob, other.id, 'fourth', 40),
  ]
  return { serviceId, alice, bob, one, other, scheduled }
}

test('what the users of a service have scheduled is listed by its time, filtered and paged', async () => {
  const { serviceId, alice, bob, one, other } = await furnish()
  expect(await bodiesOf({ serviceId })).toEqual(['first', 'second', 'third', 'fourth'])
  expect(await bodiesOf({ serviceId, last: 1 })).toEqual(['fourth'])
  expect(await bodiesOf({ serviceId, authorIdentity: alice.identity })).toEqual(['second', 'third'])
  expect(await bodiesOf({ serviceId, channelId: other.id })).toEqual(['second', 'fourth'])
  expect(await bodiesOf({ serviceId, channelId: one.id, authorIdentity: bob.identity })).toEqual(['first'])
  for (const variables of [
    { serviceId },
    { serviceId, channelId: one.id },
    { serviceId, authorIdentity: bob.identity },
  ]) {
    const all = (await listed(variables)).nodes
    const first = await listed({ ...variables, first: 1 })
    expect(first).toMatchObject({ nodes: all.slice(0, 1), hasNextPage: true })
    const rest = await listed({ ...variables, after: first.endCursor })
    expect(rest).toMatchObject({ nodes: all.slice(1), hasNextPage: false, hasPreviousPage: true })
    expect(await listed({ ...variables, before: rest.startCursor })).toMatchObject({ nodes: all.slice(0, 1) })
  }
  const [node] = (await listed({ serviceId })).nodes
  expect(node).toMatchObject({ authorIdentity: bob.identity, state: 'WAITING', channelId: one.id })
  const { endCursor } = await listed({ serviceId, first: 1 })
  const refusal = await refusalOf(kit.backend, ScheduledMessagesOfServiceDocument, {
    serviceId,
    channelId: one.id,
    after: endCursor,
  })
  expect(refusal).toEqual({ code: 'BAD_USER_INPUT' })
})

test('each state has its list: what was cancelled, has failed or was sent', async () => {
  const { serviceId, alice, bob, scheduled } = await furnish()
  const [third, first, second] = scheduled
  await cancel(alice, third!.id)
  await makeDue(kit, first!.id)
  await makeDue(kit, second!.id, 25 * 3_600_000)
  await waitFor(async () => (await scheduledOf(bob)).length === 1 && (await scheduledOf(alice))[0]?.state === 'FAILED')
  expect(await bodiesOf({ serviceId })).toEqual(['fourth'])
  const inState = async (state: 'CANCELLED' | 'SENT' | 'FAILED' | 'SENDING') =>
    (await listed({ serviceId, state })).nodes.map(({ id, body, failureCode }) => [id, body, failureCode])
  expect(await inState('CANCELLED')).toEqual([[third!.id, '', null]])
  expect(await inState('SENT')).toEqual([[first!.id, '', null]])
  expect(await inState('FAILED')).toEqual([[second!.id, 'second', 'TOO_LATE']])
  expect(await inState('SENDING')).toEqual([])
})

test('the backend finds what anybody has scheduled, and cancels it: its author learns so', async () => {
  const { alice, bob, scheduled } = await furnish()
  const [{ id, version }] = scheduled as [(typeof scheduled)[number]]
  const { scheduledMessage } = await kit.backend.request(ScheduledMessageDocument, { id })
  expect(scheduledMessage).toMatchObject({ id, body: 'third', authorIdentity: alice.identity })
  expect((await kit.backend.request(NodeDocument, { id })).node).toMatchObject({ id })
  const input = { scheduledMessageId: id }
  for (const caller of [stranger, bob]) {
    expect(await caller.request(ScheduledMessageDocument, { id })).toEqual({ scheduledMessage: null })
    expect(await refusalOf(caller, CancelScheduledMessageDocument, { input })).toEqual({ code: 'NOT_FOUND' })
  }
  const stale = { ...input, expectedVersion: version + 1 }
  expect(await refusalOf(kit.backend, CancelScheduledMessageDocument, { input: stale })).toEqual({
    code: 'CONFLICT',
    currentVersion: version,
  })
  const { cancelScheduledMessage } = await kit.backend.request(CancelScheduledMessageDocument, { input })
  expect(cancelScheduledMessage.scheduledMessage).toMatchObject({ id, state: 'CANCELLED', body: '' })
  expect((await scheduledOf(alice)).map(({ body }) => body)).toEqual(['second'])
})

test('what a process of the version before has scheduled is listed once the cleanup has been there', async () => {
  const { serviceId } = await furnish()
  const { db } = kit.store
  await db.run('UPDATE scheduled_messages SET service_id = NULL', [])
  expect(await bodiesOf({ serviceId })).toEqual([])
  expect(await fillServicesOfScheduled(db)).toBeGreaterThanOrEqual(4)
  expect(await fillServicesOfScheduled(db)).toBe(0)
  expect(await bodiesOf({ serviceId })).toHaveLength(4)
})

test('the lists are the backend’s, of its own services, and say which filter names nothing', async () => {
  const { serviceId, alice, one } = await furnish()
  const elsewhere = (await kit.channel()).id
  const refusals: readonly (readonly [Caller, ScheduledMessagesOfServiceQueryVariables, object])[] = [
    [alice, {}, forbidden],
    [stranger, { serviceId }, noService],
    [kit.backend, { serviceId, channelId: elsewhere }, { code: 'NOT_FOUND', chatCode: 50300 }],
    [kit.backend, { serviceId, authorIdentity: uniqueName('nobody') }, { code: 'NOT_FOUND', chatCode: 50200 }],
    [kit.backend, { serviceId, first: 1001 }, { code: 'BAD_USER_INPUT' }],
    [kit.backend, { serviceId, after: 'x' }, { code: 'BAD_USER_INPUT' }],
  ]
  for (const [caller, variables, refusal] of refusals) {
    expect(await refusalOf(caller, ScheduledMessagesOfServiceDocument, variables)).toEqual(refusal)
  }
  expect(await refusalOf(alice, MessageStreamsDocument, {})).toEqual(forbidden)
  expect(await refusalOf(stranger, MessageStreamsDocument, { serviceId })).toEqual(noService)
  const badPage = { serviceId, after: one.id }
  expect(await refusalOf(kit.backend, MessageStreamsDocument, badPage)).toEqual({ code: 'BAD_USER_INPUT' })
})

async function streamsOf(variables: MessageStreamsQueryVariables) {
  const { messageStreams } = await kit.backend.request(MessageStreamsDocument, variables)
  return messageStreams.edges.map(({ node }) => node)
}

test('texts that are being written are listed with what is stored of them, until they end', async () => {
  const { id: serviceId, ...service } = await openService()
  const alice = await service.user('alice')
  const [one, other] = [await service.channel([alice]), await service.channel([alice])]
  const first = await begin(kit.backend, one.id, 'he')
  const second = await begin(kit.backend, other.id, 'é')
  await begin(kit.backend, (await kit.channel()).id, 'elsewhere')
  await first.append('llo')
  await waitFor(async () => (await streamsOf({ serviceId }))[0]?.bytes === 5)
  const all = await streamsOf({ serviceId })
  const processId = kit.server.app.process.id
  expect(all).toMatchObject([
    { bytes: 5, processId, message: { id: first.messageId, channelId: one.id, body: 'hello' } },
    { bytes: 2, processId, message: { id: second.messageId, channelId: other.id, body: 'é' } },
  ])
  expect(Date.parse(all[0]!.appendedAt)).toBeGreaterThan(Date.parse(all[0]!.message.createdAt) - 1000)
  expect(await streamsOf({ serviceId, channelId: other.id })).toEqual(all.slice(1))
  expect(await streamsOf({ serviceId, first: 1 })).toEqual(all.slice(0, 1))
  expect(await streamsOf({ serviceId, after: first.messageId })).toEqual(all.slice(1))
  expect(await streamsOf({ serviceId, last: 1, before: second.messageId })).toEqual(all.slice(0, 1))
  // What the list says is what ends it.
  await kit.backend.request(CancelMessageDocument, { input: { messageId: all[0]!.message.id } })
  expect(await streamsOf({ serviceId })).toEqual(all.slice(1))
  await kit.backend.request(DeleteMessageDocument, { input: { messageId: second.messageId } })
  expect(await streamsOf({ serviceId })).toEqual([])
})
