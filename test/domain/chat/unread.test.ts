import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  UnreadCountsDocument,
  UpdateMemberDocument,
  UpdateServiceDocument,
} from '../../../schema/generated/graphql.ts'
import { sidToUuid, type Sid } from '../../../src/model/sid.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const facts = 'member(channelId: $channelId, identity: $identity) { id lastReadIndex unreadCount firstUnread { body } }'

interface Facts {
  readonly member: {
    readonly id: string
    readonly lastReadIndex: number | null
    readonly unreadCount: number | null
    readonly firstUnread: { readonly body: string } | null
  }
}

async function read(by: User | Kit['backend'], channelId: string, identity: string) {
  const query = `query ($channelId: ID!, $identity: String!) { ${facts} }`
  const { member } = await by.request<Facts, object>(query, { channelId, identity })
  return { unread: member.unreadCount, first: member.firstUnread?.body ?? null }
}

async function totals(user: User) {
  return (await user.request(UnreadCountsDocument, {})).viewer!.unreadCounts
}

test('messages of others count that are not deleted, come after the joining and were not read', async () => {
  const [alice, bob] = await Promise.all([kit.user(), kit.user()])
  const { id: channelId } = await kit.channel([bob])
  await bob.send(channelId, 'before alice')
  await alice.request(JoinChannelDocument, { input: { channelId } })
  expect(await read(alice, channelId, alice.identity)).toEqual({ unread: 0, first: null })
  const sent = []
  for (const body of ['one', 'two', 'three']) sent.push(await bob.send(channelId, body))
  expect(await read(alice, channelId, alice.identity)).toEqual({ unread: 3, first: 'one' })
  await kit.backend.request(DeleteMessageDocument, { input: { messageId: sent[0]!.id } })
  expect(await read(alice, channelId, alice.identity)).toEqual({ unread: 2, first: 'two' })
  await alice.request(UpdateMemberDocument, { input: { channelId, identity: alice.identity, lastReadIndex: 2 } })
  expect(await read(alice, channelId, alice.identity)).toEqual({ unread: 1, first: 'three' })
  await alice.send(channelId, 'I have seen it')
  expect(await read(alice, channelId, alice.identity)).toEqual({ unread: 0, first: null })
  await bob.send(channelId, 'four')
  expect(await read(alice, channelId, alice.identity)).toEqual({ unread: 1, first: 'four' })
  expect(await read(bob, channelId, bob.identity)).toEqual({ unread: 0, first: null })
})

test('who joins again begins anew', async () => {
  const [alice, bob] = await Promise.all([kit.user(), kit.user()])
  const { id: channelId } = await kit.channel([alice, bob])
  await bob.send(channelId, 'missed')
  await alice.request(LeaveChannelDocument, { input: { channelId } })
  await alice.request(JoinChannelDocument, { input: { channelId } })
  expect(await read(alice, channelId, alice.identity)).toEqual({ unread: 0, first: null })
})

test('what others have not read is null for a user, and the backend sees it', async () => {
  const [alice, bob] = await Promise.all([kit.user(), kit.user()])
  const { id: channelId } = await kit.channel([alice, bob])
  await bob.send(channelId, 'hello')
  expect(await read(bob, channelId, alice.identity)).toEqual({ unread: null, first: null })
  expect(await read(kit.backend, channelId, alice.identity)).toEqual({ unread: 1, first: 'hello' })
})

test('totals leave out channels that are muted, archived or hidden', async () => {
  const [alice, bob] = await Promise.all([kit.user(), kit.user()])
  const ids: string[] = []
  for (let at = 0; at < 6; at++) ids.push((await kit.channel([alice, bob])).id)
  for (const id of ids) for (const body of ['one', 'two']) await bob.send(id, body)
  expect(await totals(alice)).toEqual({ messages: 12, channels: 6, directChannels: 0 })
  const { db } = kit.store
  const [{ user_id: userId } = { user_id: '' }] = await db.run<{ user_id: string }>(
    'SELECT user_id FROM members WHERE identity = $1 LIMIT 1',
    [alice.identity],
  )
  const set = (at: number, column: string, value: string) =>
    db.run(
      `INSERT INTO user_channels (user_id, channel_id, user_seq, ${column}) VALUES ($1::uuid, $2::uuid, 1, ${value})`,
      [userId, sidToUuid(ids[at]! as Sid)],
    )
  await set(0, 'mute_ends_at', `now() + interval '1 day'`)
  await set(1, 'mute_ends_at', `now() - interval '1 day'`)
  await set(2, 'archived_at', 'now()')
  await set(3, 'hidden_index', '1')
  await db.run(`UPDATE channels SET direct_key = 'key' WHERE id = $1::uuid`, [sidToUuid(ids[4]! as Sid)])
  expect(await totals(alice)).toEqual({ messages: 6, channels: 3, directChannels: 1 })
  await bob.send(ids[3]!, 'shown again')
  expect(await totals(alice)).toEqual({ messages: 9, channels: 4, directChannels: 1 })
})

test('a service that keeps no read horizons has no counts, and the backend has no totals', async () => {
  const [alice, bob] = await Promise.all([kit.user(), kit.user()])
  const { id: channelId } = await kit.channel([alice, bob])
  await bob.send(channelId, 'hello')
  const set = (readStatusEnabled: boolean) =>
    kit.backend.request(UpdateServiceDocument, {
      input: { serviceId: kit.server.account.serviceId, readStatusEnabled },
    })
  await set(false)
  expect(await totals(alice)).toBeNull()
  expect(await read(alice, channelId, alice.identity)).toEqual({ unread: null, first: null })
  await set(true)
  expect(await totals(alice)).toEqual({ messages: 1, channels: 1, directChannels: 0 })
  expect((await kit.backend.request(UnreadCountsDocument, {})).viewer!.unreadCounts).toBeNull()
})
