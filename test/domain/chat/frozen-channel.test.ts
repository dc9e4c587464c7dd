import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  ChannelDocument,
  DeleteMessageDocument,
  EventsDocument,
  FreezeChannelDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  HistoryDocument,
  SendMessageDocument,
  StartTypingDocument,
  UnfreezeChannelDocument,
  UpdateMessageDocument,
} from '../../../schema/generated/graphql.ts'
import { parseCursor } from '../../../src/model/cursor.ts'
import { sidToUuid, type ChannelId } from '../../../src/model/sid.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, record, type Caller, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const frozen = { code: 'FORBIDDEN', chatCode: 50107 }

async function freeze(channelId: string, by: Caller = kit.backend) {
  return (await by.request(FreezeChannelDocument, { input: { channelId } })).freezeChannel
}

async function unfreeze(channelId: string, by: Caller = kit.backend) {
  return (await by.request(UnfreezeChannelDocument, { input: { channelId } })).unfreezeChannel
}

/** A member that may send to a frozen channel. */
async function addModerator(channelId: string): Promise<User> {
  const moderator = await kit.user('moderator')
  const roleId = await makeRole(kit, 'channel', [
    'sendMessage',
    'editOwnMessage',
    'editOwnMessageAttributes',
    'sendToFrozenChannel',
  ])
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: moderator.identity, roleId } })
  return moderator
}

test('a frozen channel refuses what says something new, and nothing else; after its end all is as before', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  const { id: messageId } = await user.send(channelId, 'before')
  const { id: otherId } = await user.send(channelId, 'to be deleted')
  const talk: readonly (readonly [never, object])[] = [
    [SendMessageDocument as never, { channelId, body: 'hello' }],
    [UpdateMessageDocument as never, { messageId, body: 'new' }],
    [UpdateMessageDocument as never, { messageId, attributes: { a: 1 } }],
    [StartTypingDocument as never, { channelId }],
  ]
  const { channel } = await freeze(channelId)
  expect(channel.isFrozen).toBe(true)
  for (const [document, input] of talk) expect(await refusalOf(user, document, { input })).toEqual(frozen)
  const { channel: read } = await user.request(HistoryDocument, { channelId })
  expect(read!.messages.edges.map(({ node }) => node.body)).toEqual(['before', 'to be deleted'])

  await user.request(DeleteMessageDocument, { input: { messageId: otherId } })
  const guest = await kit.user('guest')
  await guest.request(JoinChannelDocument, { input: { channelId } })
  expect(await refusalOf(guest, SendMessageDocument, { input: { channelId, body: 'hello' } })).toEqual(frozen)
  await guest.request(LeaveChannelDocument, { input: { channelId } })

  const moderator = await addModerator(channelId)
  for (const privileged of [kit.backend, moderator]) {
    const { id } = await privileged.send(channelId, 'an announcement')
    await privileged.request(UpdateMessageDocument, { input: { messageId: id, body: 'corrected' } })
  }
  await moderator.request(StartTypingDocument, { input: { channelId } })

  expect((await unfreeze(channelId)).channel.isFrozen).toBe(false)
  for (const [document, input] of talk) await user.request(document, { input })
})

test('freezing twice is one change, and each change is one event', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  const client = user.connect()
  const events = record(client, EventsDocument, { channelId })
  // Ready, and its own joining.
  await events.atLeast(2)
  const first = await freeze(channelId)
  expect((await freeze(channelId)).cursor).toBe(first.cursor)
  await unfreeze(channelId)
  await unfreeze(channelId)
  await kit.backend.send(channelId, 'after')
  await events.atLeast(5)
  const seen = events.items
    .slice(-3)
    .map(({ events: event }) => (event.__typename === 'ChannelUpdated' ? event.channel.isFrozen : event.__typename))
  expect(seen).toEqual([true, false, 'MessageAdded'])
  await client.dispose()
  expect((await user.request(ChannelDocument, { id: channelId })).channel!.isFrozen).toBe(false)
})

test('P6: a send from before the freezing, tried again, is answered with its message', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  const { id } = await user.send(channelId, 'once', { clientMessageId: 'once' })
  await freeze(channelId)
  expect((await user.send(channelId, 'once', { clientMessageId: 'once' })).id).toBe(id)
})

test('a process that has not heard of it takes no send after the freezing, nor refuses one after its end', async () => {
  const deaf = await kit.another({ DEVICE_DAYS: '90' })
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  await user.at(deaf).send(channelId, 'remembered')
  await freeze(channelId)
  const send = { input: { channelId, body: 'hello' } }
  expect(await refusalOf(user.at(deaf), SendMessageDocument, send)).toEqual(frozen)
  await unfreeze(channelId)
  await user.at(deaf).send(channelId, 'hello')
})

test('P2: of many senders on two processes none but those who may has a number after a freezing', async () => {
  const other = await kit.another()
  const users = await Promise.all([kit.user(), kit.user(), kit.user()])
  const { id: channelId } = await kit.channel(users)
  const moderator = await addModerator(channelId)
  let isOver = false
  const sendOn = async (sender: Caller): Promise<void> => {
    for (let sent = 0; !isOver && sent < 2000; sent++) {
      await sender.ask(SendMessageDocument, { input: { channelId, body: `${sent}` } })
    }
  }
  const senders = Promise.all(
    [...users, moderator].flatMap((user) => [user, user.at(other), user].map((sender) => sendOn(sender))),
  )
  const spans: [from: number, to: number][] = []
  const seqOf = (cursor: string): number => parseCursor(channelId as ChannelId, cursor, 'cursor').seq
  for (let round = 0; round < 5; round++) {
    await users[0]!.ask(SendMessageDocument, { input: { channelId, body: 'between' } })
    const from = seqOf((await freeze(channelId)).cursor)
    await moderator.send(channelId, 'now')
    spans.push([from, seqOf((await unfreeze(channelId)).cursor)])
  }
  isOver = true
  await senders
  const rows = await kit.store.db.orm.execute<{ seq: number; author: string }>(
    `SELECT seq::int, author FROM messages WHERE channel_id = '${sidToUuid(channelId as ChannelId)}'`,
  )
  for (const [from, to] of spans) {
    const within = rows.filter(({ seq }) => seq > from && seq < to)
    expect(within.length).toBeGreaterThan(0)
    expect(new Set(within.map(({ author }) => author))).toEqual(new Set([moderator.identity]))
  }
})
