import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MarkAllReadDocument,
  MarkChannelsReadDocument,
  MarkReadDocument,
  MarkUnreadDocument,
  MemberDocument,
  UnreadCountsDocument,
  UpdateMemberDocument,
  UpdateServiceDocument,
} from '../../../schema/generated/graphql.ts'
import { topics } from '../../../src/live/bus.ts'
import type { ChannelHint } from '../../../src/model/event.ts'
import { newSid, sidToUuid, type Sid } from '../../../src/model/sid.ts'
import { openKit, uniqueName, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let alice: User
let bob: User
beforeAll(async () => {
  kit = await openKit()
  ;[alice, bob] = await Promise.all([kit.user('alice'), kit.user('bob')])
})
afterAll(() => kit.close())

/** A channel of both with so many messages of bob. */
async function furnish(messages: number) {
  const { id: channelId, uniqueName: name } = await kit.channel([alice, bob], { uniqueName: uniqueName('read') })
  const sent = []
  for (let at = 0; at < messages; at++) sent.push(await bob.send(channelId, `${at}`))
  return { channelId, name: name!, sent }
}

async function read(channelId: string, user = alice) {
  const { member } = await user.request(MemberDocument, { channelId, identity: user.identity })
  return { lastReadIndex: member!.lastReadIndex, unreadCount: member!.unreadCount }
}

async function rowOf(channelId: string, user = alice) {
  const [row] = await kit.store.db.run<Record<string, unknown>>(
    `SELECT m.receipt_index, m.unread_from, m.seq, m.user_seq, u.last_seq, s.user_seq AS state_seq, c.last_seq AS channel_seq
     FROM members m JOIN users u ON u.id = m.user_id JOIN channels c ON c.id = m.channel_id
     LEFT JOIN user_channels s ON s.user_id = m.user_id AND s.channel_id = m.channel_id
     WHERE m.channel_id = $1::uuid AND m.identity = $2 AND m.left_at IS NULL`,
    [sidToUuid(channelId as Sid), user.identity],
  )
  return row!
}

const markRead = async (channelId: string, throughIndex: number, user = alice) =>
  (await user.request(MarkReadDocument, { input: { channelId, throughIndex } })).markRead.member

test('a read horizon moves forwards only, and takes a number of the user and none of the channel', async () => {
  const { channelId, name } = await furnish(4)
  const before = await rowOf(channelId)
  expect(await markRead(channelId, 1)).toMatchObject({ lastReadIndex: 1, unreadCount: 2 })
  expect(await rowOf(channelId)).toEqual({
    ...before,
    receipt_index: 1,
    last_seq: Number(before['last_seq']) + 1,
    state_seq: Number(before['last_seq']) + 1,
  })
  expect(await markRead(name, 2)).toMatchObject({ lastReadIndex: 2, unreadCount: 1 })
  const after = await rowOf(channelId)
  expect(await markRead(channelId, 0)).toMatchObject({ lastReadIndex: 2, unreadCount: 1 })
  expect(await markRead(channelId, 2)).toMatchObject({ lastReadIndex: 2, unreadCount: 1 })
  expect(await rowOf(channelId)).toEqual(after)
  await bob.send(channelId, 'more')
  expect(await markRead(channelId, 4)).toMatchObject({ lastReadIndex: 4, unreadCount: 0 })
})

test('what is marked as unread stays so until the next read or the next own message', async () => {
  const { channelId, sent } = await furnish(4)
  const mark = async (at: number) =>
    (await alice.request(MarkUnreadDocument, { input: { messageId: sent[at]!.id } })).markUnread.member
  await markRead(channelId, 3)
  expect(await mark(1)).toMatchObject({ lastReadIndex: 3, unreadCount: 3 })
  expect(await rowOf(channelId)).toMatchObject({ receipt_index: 3, unread_from: 1 })
  expect(await markRead(channelId, 0)).toMatchObject({ lastReadIndex: 3, unreadCount: 0 })
  expect(await rowOf(channelId)).toMatchObject({ receipt_index: 3, unread_from: null })
  expect(await mark(2)).toMatchObject({ unreadCount: 2 })
  await bob.send(channelId, 'later')
  expect(await read(channelId)).toEqual({ lastReadIndex: 3, unreadCount: 3 })
  await alice.send(channelId, 'seen')
  expect(await read(channelId)).toEqual({ lastReadIndex: 3, unreadCount: 0 })
  // Own messages before the mark do not end it, and do not count.
  expect(await mark(3)).toMatchObject({ unreadCount: 2 })
  // What comes after the mark may be read on its own.
  const { id: messageId } = await bob.send(channelId, 'new')
  const marked = await alice.request(MarkUnreadDocument, { input: { messageId } })
  expect(marked.markUnread.member.unreadCount).toBe(1)
})

test('a horizon that is lowered moves no receipt, and ends what was marked', async () => {
  const { channelId, sent } = await furnish(4)
  await markRead(channelId, 3)
  await alice.request(MarkUnreadDocument, { input: { messageId: sent[0]!.id } })
  for (const [lastReadIndex, unreadCount] of [
    [1, 2],
    [null, 4],
    [0, 3],
  ] as const) {
    const input = { channelId, identity: alice.identity, lastReadIndex }
    const { updateMember } = await kit.backend.request(UpdateMemberDocument, { input })
    expect(updateMember.member).toMatchObject({ lastReadIndex, unreadCount })
    expect(await rowOf(channelId)).toMatchObject({ receipt_index: 3, unread_from: null })
  }
})

test('several channels are read together, each with its own outcome', async () => {
  const [one, two, three] = [await furnish(2), await furnish(3), await furnish(1)]
  const unknown = newSid('CH')
  const reads = [
    { channelId: one.channelId, throughIndex: 0 },
    { channelId: unknown, throughIndex: 0 },
    { channelId: two.name, throughIndex: 2 },
    { channelId: three.channelId, throughIndex: 1 },
    { channelId: three.channelId, throughIndex: -1 },
    { channelId: one.channelId, throughIndex: 1 },
  ]
  const { markChannelsRead } = await alice.request(MarkChannelsReadDocument, { input: { reads } })
  expect(markChannelsRead.results.map(({ channelId, error }) => [channelId, error?.code, error?.chatCode])).toEqual([
    [one.channelId, undefined, undefined],
    [unknown, 'NOT_FOUND', 50300],
    [two.name, undefined, undefined],
    [three.channelId, 'BAD_USER_INPUT', 50406],
    [three.channelId, 'BAD_USER_INPUT', 50406],
    [one.channelId, undefined, undefined],
  ])
  expect(markChannelsRead.results.map(({ member }) => member?.channel.id)).toEqual([
    one.channelId,
    undefined,
    two.channelId,
    undefined,
    undefined,
    one.channelId,
  ])
  expect(await read(one.channelId)).toEqual({ lastReadIndex: 1, unreadCount: 0 })
  expect(await read(two.channelId)).toEqual({ lastReadIndex: 2, unreadCount: 0 })
  expect(await read(three.channelId)).toEqual({ lastReadIndex: null, unreadCount: 1 })
  const many = Array.from({ length: 101 }, () => ({ channelId: one.channelId, throughIndex: 0 }))
  expect(await refusalOf(alice, MarkChannelsReadDocument, { input: { reads: many } })).toMatchObject({
    code: 'BAD_USER_INPUT',
  })
})

test('everything is read at once, and only where something was unread', async () => {
  const [carol, dave] = await Promise.all([kit.user('carol'), kit.user('dave')])
  const channels = []
  for (let at = 0; at < 5; at++) channels.push((await kit.channel([carol, dave])).id)
  for (const id of channels.slice(0, 4)) await dave.send(id, 'hello')
  const { id: messageId } = await dave.send(channels[0]!, 'to be unread again')
  await markRead(channels[0]!, 1, carol)
  await carol.request(MarkUnreadDocument, { input: { messageId } })
  await markRead(channels[2]!, 0, carol)
  expect((await carol.request(UnreadCountsDocument)).viewer!.unreadCounts).toMatchObject({ messages: 3, channels: 3 })
  const moved: string[] = []
  for (const id of channels) {
    await kit.server.app.bus.subscribe(topics.channel(id), (hint) => {
      if ((hint as ChannelHint).type === 'receiptsMoved') moved.push(id)
    })
  }
  const { markAllRead } = await carol.request(MarkAllReadDocument)
  expect(new Set(markAllRead.channelIds)).toEqual(new Set([channels[0], channels[1], channels[3]]))
  expect((await carol.request(UnreadCountsDocument)).viewer!.unreadCounts).toMatchObject({ messages: 0, channels: 0 })
  expect((await carol.request(MarkAllReadDocument)).markAllRead.channelIds).toEqual([])
  // In the first channel nothing was read further than before.
  await waitFor(() => moved.length === 2)
  expect(new Set(moved)).toEqual(new Set([channels[1], channels[3]]))
})

test('what is no message, not one’s channel or not a user’s is refused, and changes nothing', async () => {
  const { channelId, sent } = await furnish(2)
  const { id: hidden } = await kit.channel([bob], { type: 'PRIVATE' })
  const { id: open } = await kit.channel([bob])
  const { id: secret } = await bob.send(hidden, 'secret')
  const before = await rowOf(channelId)
  for (const throughIndex of [-1, 2, 2 ** 31 - 1]) {
    expect(await refusalOf(alice, MarkReadDocument, { input: { channelId, throughIndex } })).toEqual({
      code: 'BAD_USER_INPUT',
      chatCode: 50406,
    })
  }
  const refusals = [
    [hidden, { code: 'NOT_FOUND', chatCode: 50300 }],
    [open, { code: 'FORBIDDEN', chatCode: 50400 }],
    ['\0', { code: 'BAD_USER_INPUT', chatCode: 50301 }],
  ] as const
  for (const [id, refusal] of refusals) {
    expect(await refusalOf(alice, MarkReadDocument, { input: { channelId: id, throughIndex: 0 } })).toEqual(refusal)
  }
  await kit.backend.request(DeleteMessageDocument, { input: { messageId: sent[1]!.id } })
  for (const messageId of [secret, sent[1]!.id, newSid('IM'), 'IM', '\0']) {
    expect(await refusalOf(alice, MarkUnreadDocument, { input: { messageId } })).toEqual({
      code: 'NOT_FOUND',
      chatCode: 50500,
    })
  }
  for (const [document, variables] of [
    [MarkReadDocument, { input: { channelId, throughIndex: 0 } }],
    [MarkUnreadDocument, { input: { messageId: sent[0]!.id } }],
    [MarkChannelsReadDocument, { input: { reads: [] } }],
    [MarkAllReadDocument, {}],
  ] as const) {
    expect(await refusalOf(kit.backend, document as typeof MarkReadDocument, variables as never)).toMatchObject({
      code: 'FORBIDDEN',
    })
  }
  expect({ ...(await rowOf(channelId)), channel_seq: before['channel_seq'] }).toEqual(before)
})

test('who has left and joined again reads as the new member at once', async () => {
  const { channelId } = await furnish(2)
  await markRead(channelId, 0)
  await alice.request(LeaveChannelDocument, { input: { channelId } })
  expect(await refusalOf(alice, MarkReadDocument, { input: { channelId, throughIndex: 1 } })).toEqual({
    code: 'FORBIDDEN',
    chatCode: 50400,
  })
  await alice.request(JoinChannelDocument, { input: { channelId } })
  expect(await read(channelId)).toEqual({ lastReadIndex: null, unreadCount: 0 })
  await bob.send(channelId, 'welcome back')
  expect(await read(channelId)).toEqual({ lastReadIndex: null, unreadCount: 1 })
  expect(await markRead(channelId, 2)).toMatchObject({ lastReadIndex: 2, unreadCount: 0 })
})

test('where the service keeps no read horizons, nothing is marked', async () => {
  const { channelId, sent } = await furnish(1)
  const set = (readStatusEnabled: boolean) =>
    kit.backend.request(UpdateServiceDocument, {
      input: { serviceId: kit.server.account.serviceId, readStatusEnabled },
    })
  await set(false)
  for (const [document, variables] of [
    [MarkReadDocument, { input: { channelId, throughIndex: 0 } }],
    [MarkUnreadDocument, { input: { messageId: sent[0]!.id } }],
    [MarkChannelsReadDocument, { input: { reads: [{ channelId, throughIndex: 0 }] } }],
    [MarkAllReadDocument, {}],
  ] as const) {
    expect(await refusalOf(alice, document as typeof MarkReadDocument, variables as never)).toEqual({
      code: 'CONFLICT',
    })
  }
  await set(true)
  expect(await read(channelId)).toEqual({ lastReadIndex: null, unreadCount: 1 })
})

test('a hundred reads of one member at once end at the furthest', async () => {
  const { channelId } = await furnish(10)
  const members = await Promise.all(Array.from({ length: 100 }, (_, at) => markRead(channelId, at % 10)))
  for (const [at, { lastReadIndex }] of members.entries()) expect(lastReadIndex).toBeGreaterThanOrEqual(at % 10)
  expect(await read(channelId)).toEqual({ lastReadIndex: 9, unreadCount: 0 })
})

test('while messages arrive, a count and the last message beside it are of the same moment', async () => {
  const { channelId } = await furnish(0)
  const both = `query ($id: ID!, $identity: String!) {
    member(channelId: $id, identity: $identity) { unreadCount channel { lastMessage { index } } }
  }`
  interface Both {
    readonly member: {
      readonly unreadCount: number
      readonly channel: { readonly lastMessage: { readonly index: number } | null }
    }
  }
  let isSending = true
  const sending = (async () => {
    for (let at = 0; at < 60; at++) await bob.send(channelId, `${at}`)
    isSending = false
  })()
  const differences = new Set<number>()
  while (isSending) {
    const readings = Array.from({ length: 4 }, () =>
      alice.ask<Both, object>(both, { id: channelId, identity: alice.identity }),
    )
    for (const { data } of await Promise.all(readings)) {
      const { unreadCount, channel } = data!.member
      differences.add((channel.lastMessage?.index ?? -1) + 1 - unreadCount)
    }
  }
  await sending
  expect([...differences]).toEqual([0])
})
