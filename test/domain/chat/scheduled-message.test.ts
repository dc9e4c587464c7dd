import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  CancelScheduledMessageDocument,
  DeleteChannelDocument,
  FreezeChannelDocument,
  LaterEventsDocument,
  LeaveChannelDocument,
  NodeDocument,
  ScheduleMessageDocument,
  UpdateMemberDocument,
  UpdateScheduledMessageDocument,
} from '../../../schema/generated/graphql.ts'
import { claimDueMessages, sendDueMessage } from '../../../src/domain/chat/due-message.ts'
import { limits } from '../../../src/model/limits.ts'
import { sidToUuid, type ChannelId, type Sid } from '../../../src/model/sid.ts'
import type { Server } from '../../../src/server.ts'
import { messages } from '../../../src/store/tables/message.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, record, uniqueName, type Kit, type User } from '../../support/kit.ts'
import { cancel, inAnHour, makeDue, reschedule, schedule, scheduledOf } from '../../support/later.ts'
import { refusalOf } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let other: Server
let alice: User
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
  alice = await kit.user('alice')
})
afterAll(() => kit.close())

const day = 86_400_000

async function messagesIn(id: string) {
  const rows = await kit.store.db.orm
    .select()
    .from(messages)
    .where(eq(messages.channelId, id as ChannelId))
  return rows.toSorted((one, two) => one.index - two.index)
}

const bodiesIn = async (id: string) => (await messagesIn(id)).map(({ body }) => body)

/** What its author's devices were told of. */
function follow(user: User) {
  const client = user.connect()
  onTestFinished(async () => client.dispose())
  return record(client, LaterEventsDocument)
}

const stateOf = async (user: User, id: string) => (await scheduledOf(user)).find((one) => one.id === id)

test('a message is sent at its time, as its author’s, once, and its author’s devices are told', async () => {
  const { id } = await kit.channel([alice])
  const events = follow(alice)
  await events.atLeast(1)
  const scheduled = await schedule(alice, { channelId: id, body: 'later', attributes: { a: 1 } })
  expect(scheduled).toMatchObject({ state: 'WAITING', version: 1, body: 'later', messageId: null })
  expect(await bodiesIn(id)).toEqual([])
  await makeDue(kit, scheduled.id)
  await waitFor(async () => (await bodiesIn(id)).length > 0, { timeout: 5000 })
  await events.atLeast(3)
  const [message] = await messagesIn(id)
  expect(message).toMatchObject({
    body: 'later',
    attributes: '{"a":1}',
    author: alice.identity,
    clientMessageId: `scheduled-${scheduled.id}`,
  })
  expect(events.items.slice(1).map(({ viewerEvents }) => viewerEvents)).toMatchObject([
    { scheduledMessage: { id: scheduled.id, state: 'WAITING' } },
    { scheduledMessage: { id: scheduled.id, state: 'SENT', messageId: message!.id, body: '' } },
  ])
  expect(await stateOf(alice, scheduled.id)).toBeUndefined()
  expect((await alice.request(NodeDocument, { id: scheduled.id })).node).toMatchObject({ id: scheduled.id })
  const stranger = await kit.user()
  expect((await stranger.request(NodeDocument, { id: scheduled.id })).node).toBeNull()
})

test('a scheduled message replies, quotes and is silent as one that is sent', async () => {
  const { id } = await kit.channel([alice])
  const { id: parentId } = await alice.send(id, 'parent')
  const links = { parentId, showInChannel: true, quotedMessageId: parentId, silent: true }
  const scheduled = await schedule(alice, { channelId: id, body: 'reply', ...links })
  await makeDue(kit, scheduled.id)
  await waitFor(async () => (await messagesIn(id)).length > 1, { timeout: 5000 })
  expect((await messagesIn(id))[1]).toMatchObject({ body: 'reply', parentIndex: 0 })
  const { id: elsewhere } = await kit.channel([alice])
  const input = { channelId: elsewhere, body: 'x', parentId, sendAt: inAnHour() }
  expect(await refusalOf(alice, ScheduleMessageDocument, { input })).toEqual({ code: 'NOT_FOUND', chatCode: 50500 })
})

test('what another process was told of is sent within 5 seconds of its time', async () => {
  const { id } = await kit.channel([alice])
  const sendAt = new Date(Date.now() + 1000).toISOString()
  await schedule(alice.at(other), { channelId: id, body: 'soon', sendAt })
  await waitFor(async () => (await bodiesIn(id)).length > 0, { timeout: 6000 })
  const late = (await messagesIn(id))[0]!.createdAt.getTime() - new Date(sendAt).getTime()
  expect(late).toBeGreaterThanOrEqual(-1000)
  expect(late).toBeLessThan(5000)
})

test('of several processes one sends, however many look at once', async () => {
  const user = await kit.user()
  const { id } = await kit.channel([user])
  const all = []
  for (let at = 0; at < 10; at++) all.push(await schedule(user, { channelId: id, body: `${at}` }))
  for (const scheduled of all) await makeDue(kit, scheduled.id)
  other.app.expectDue(new Date())
  await waitFor(async () => (await scheduledOf(user)).length === 0)
  expect((await bodiesIn(id)).toSorted()).toEqual(all.map((_one, at) => `${at}`))
  const [{ claims } = { claims: 0 }] = await kit.store.db.run<{ claims: number }>(
    'SELECT max(claims) AS claims FROM scheduled_messages WHERE channel_id = $1',
    [sidToUuid(id)],
  )
  expect(claims).toBe(1)
})

describe('of a process that has died', () => {
  /** A claim whose process does nothing with it, and whose lease has ended. */
  async function abandon(id: string) {
    const { db } = kit.store
    const at = [sidToUuid(id as Sid)]
    await db.run(`UPDATE scheduled_messages SET send_at = now(), due_at = '-infinity' WHERE id = $1::uuid`, at)
    const due = (await claimDueMessages(kit.server.app, 100)).find((one) => one.id === id)!
    return { due, endLease: () => db.run('UPDATE scheduled_messages SET due_at = now() WHERE id = $1::uuid', at) }
  }

  test.each(['before', 'after'])('%s the send, another sends once', async (when) => {
    const { id } = await kit.channel([alice])
    const scheduled = await schedule(alice, { channelId: id, body: 'once' })
    const { due, endLease } = await abandon(scheduled.id)
    const input = { scheduledMessageId: scheduled.id, body: 'changed' }
    expect(await refusalOf(alice, UpdateScheduledMessageDocument, { input })).toEqual({ code: 'CONFLICT' })
    const gone = { input: { scheduledMessageId: scheduled.id } }
    expect(await refusalOf(alice, CancelScheduledMessageDocument, gone)).toEqual({ code: 'CONFLICT' })
    expect(await stateOf(alice, scheduled.id)).toMatchObject({ state: 'SENDING' })
    if (when === 'after') {
      await alice.send(id, 'once', { clientMessageId: `scheduled-${scheduled.id}` })
      // Not even when its author may not send any more.
      await alice.request(LeaveChannelDocument, { input: { channelId: id } })
    }
    await endLease()
    kit.server.app.expectDue(new Date())
    await waitFor(async () => !(await stateOf(alice, scheduled.id)))
    expect(await bodiesIn(id)).toEqual(['once'])
    // The process was only stopped: what it knows is over.
    await sendDueMessage(kit.server.app, due)
    expect(await bodiesIn(id)).toEqual(['once'])
    expect(await stateOf(alice, scheduled.id)).toBeUndefined()
  })
})

describe('what its author may not do at its time is not done, and its author is told', () => {
  const roleWithout = () => makeRole(kit, 'channel', [])
  const ways: [string, (id: string, user: User) => Promise<unknown>, object][] = [
    [
      'who has lost the permission',
      async (id, { identity }) =>
        kit.backend.request(UpdateMemberDocument, { input: { channelId: id, identity, roleId: await roleWithout() } }),
      { failureCode: 'FORBIDDEN', failureReason: 'the permission sendMessage is missing' },
    ],
    [
      'of a frozen channel',
      (id) => kit.backend.request(FreezeChannelDocument, { input: { channelId: id } }),
      { failureCode: 'FORBIDDEN', failureReason: 'the channel is frozen' },
    ],
    [
      'who has left',
      (id, user) => user.request(LeaveChannelDocument, { input: { channelId: id } }),
      { failureCode: 'FORBIDDEN' },
    ],
    [
      'of a deleted channel',
      (id) => kit.backend.request(DeleteChannelDocument, { input: { channelId: id } }),
      { failureCode: 'NOT_FOUND' },
    ],
  ]
  test.each(ways)('%s', async (_how, change, failure) => {
    const user = await kit.user()
    const { id } = await kit.channel([user])
    const scheduled = await schedule(user, { channelId: id, body: 'later' })
    const events = follow(user)
    await events.atLeast(1)
    await change(id, user)
    await makeDue(kit, scheduled.id)
    await waitFor(async () => (await stateOf(user, scheduled.id))?.state === 'FAILED')
    expect(await stateOf(user, scheduled.id)).toMatchObject({ ...failure, body: 'later' })
    await waitFor(() =>
      events.items.some(
        ({ viewerEvents }) =>
          (viewerEvents as { scheduledMessage?: { state: string } }).scheduledMessage?.state === 'FAILED',
      ),
    )
    // It can be taken off the list.
    expect(await cancel(user, scheduled.id)).toMatchObject({ state: 'CANCELLED', body: '' })
    expect(await scheduledOf(user)).toEqual([])
  })
})

test('a message that is more than a day late is not sent; it can be scheduled again', async () => {
  const { id } = await kit.channel([alice])
  const scheduled = await schedule(alice, { channelId: id, body: 'news' })
  await makeDue(kit, scheduled.id, day + 60_000)
  await waitFor(async () => (await stateOf(alice, scheduled.id))?.state === 'FAILED')
  expect(await stateOf(alice, scheduled.id)).toMatchObject({ failureCode: 'TOO_LATE' })
  expect(await bodiesIn(id)).toEqual([])
  const text = { input: { scheduledMessageId: scheduled.id, body: 'old news' } }
  expect(await refusalOf(alice, UpdateScheduledMessageDocument, text)).toEqual({ code: 'BAD_USER_INPUT' })
  const again = await reschedule(alice, { scheduledMessageId: scheduled.id, body: 'old news', sendAt: inAnHour() })
  expect(again).toMatchObject({ state: 'WAITING', failureCode: null, version: 2 })
  await makeDue(kit, scheduled.id, day - 60_000)
  await waitFor(async () => (await bodiesIn(id)).length > 0)
  expect(await bodiesIn(id)).toEqual(['old news'])
})

test('of two devices the one that names a version that is over is refused', async () => {
  const { id } = await kit.channel([alice])
  const { id: scheduledMessageId } = await schedule(alice, { channelId: id, body: 'one' })
  await reschedule(alice, { scheduledMessageId, body: 'two', expectedVersion: 1 })
  const late = { input: { scheduledMessageId, body: 'three', expectedVersion: 1 } }
  expect(await refusalOf(alice, UpdateScheduledMessageDocument, late)).toEqual({ code: 'CONFLICT', currentVersion: 2 })
  expect(
    await refusalOf(alice, CancelScheduledMessageDocument, { input: { scheduledMessageId, expectedVersion: 1 } }),
  ).toEqual({
    code: 'CONFLICT',
    currentVersion: 2,
  })
  const cancelled = await cancel(alice, scheduledMessageId)
  expect(await cancel(alice, scheduledMessageId)).toEqual(cancelled)
  expect(await refusalOf(alice, UpdateScheduledMessageDocument, { input: { scheduledMessageId, body: 'x' } })).toEqual({
    code: 'CONFLICT',
  })
})

test('the same clientMessageId schedules once, and a user has a number of them at most', async () => {
  const user = await kit.user()
  const { id } = await kit.channel([user])
  const clientMessageId = uniqueName('scheduled')
  const first = await schedule(user, { channelId: id, body: 'one', clientMessageId })
  expect(await schedule(user, { channelId: id, body: 'two', clientMessageId })).toEqual(first)
  // Also by who got no answer, and asks again when its time has passed.
  const sendAt = new Date(Date.now() - 1000).toISOString()
  expect(await schedule(user, { channelId: id, body: 'one', clientMessageId, sendAt })).toEqual(first)
  await kit.store.db.run(
    `INSERT INTO scheduled_messages (user_id, id, channel_id, user_seq, content, send_at, due_at, created_at, updated_at)
     SELECT user_id, gen_random_uuid(), channel_id, user_seq, content, send_at, due_at, now(), now()
     FROM scheduled_messages, generate_series(1, $2::int) WHERE id = $1::uuid`,
    [sidToUuid(first.id as Sid), limits.scheduledMessages - 1],
  )
  const input = { channelId: id, body: 'three', sendAt: inAnHour() }
  expect(await refusalOf(user, ScheduleMessageDocument, { input })).toEqual({ code: 'CONFLICT' })
  await cancel(user, first.id)
  await schedule(user, input)
  expect(await scheduledOf(user)).toHaveLength(limits.scheduledMessages)
})

test.each([
  ['passed', () => Date.now() - 1000],
  ['more than a year ahead', () => Date.now() + (limits.scheduleDays + 1) * day],
])('a time that is %s is refused', async (_what, at) => {
  const { id } = await kit.channel([alice])
  const input = { channelId: id, body: 'x', sendAt: new Date(at()).toISOString() }
  expect(await refusalOf(alice, ScheduleMessageDocument, { input })).toEqual({ code: 'BAD_USER_INPUT' })
})
