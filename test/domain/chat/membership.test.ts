import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateChannelDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MembersDocument,
  RemoveMemberDocument,
  SendMessageDocument,
} from '../../../schema/generated/graphql.ts'
import { newSid } from '../../../src/model/sid.ts'
import { services } from '../../../src/store/tables/service.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, uniqueName, type Caller, type Kit, type User } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let alice: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
})
afterAll(() => kit.close())

async function identitiesOf(channelId: string): Promise<string[] | undefined> {
  const { members, channel } = await readingOf(kit, channelId)
  expect(members).toHaveLength(channel!.membersCount)
  return members?.map(({ node }) => node.identity)
}

async function addRefused(
  channelId: string,
  identity: string,
  more: { roleId?: string } = {},
  caller: Caller = kit.backend,
) {
  const before = await readingOf(kit, channelId)
  const refusal = await refusalOf(caller, AddMemberDocument, { input: { channelId, identity, ...more } })
  expect(await readingOf(kit, channelId)).toEqual(before)
  return refusal
}

test('a member is added with the default role or the one named', async () => {
  const { id: channelId } = await kit.channel()
  const roleId = await makeRole(kit, 'channel', ['sendMessage'])
  const add = async (input: { identity: string; roleId?: string }) =>
    (await kit.backend.request(AddMemberDocument, { input: { channelId, ...input } })).addMember.member
  expect(await add({ identity: 'one' })).toMatchObject({
    identity: 'one',
    lastReadIndex: null,
    unreadCount: 0,
    role: { friendlyName: 'channel user' },
    channel: { id: channelId },
  })
  expect((await add({ identity: 'two', roleId })).role.friendlyName).toBe('made for a test')
  expect(await identitiesOf(channelId)).toEqual(['one', 'two'])
})

test('a user that may add members gives them the default role, and no other', async () => {
  const { id: channelId } = await kit.channel([alice])
  const roleId = await makeRole(kit, 'channel', ['addMember'])
  const { addMember } = await kit.backend.request(AddMemberDocument, {
    input: { channelId, identity: 'adder', roleId },
  })
  const adder = await kit.user(addMember.member.identity, { exactly: true })
  expect(await addRefused(channelId, 'friend', { roleId }, adder)).toMatchObject({ code: 'FORBIDDEN', chatCode: 50205 })
  const added = await adder.request(AddMemberDocument, { input: { channelId, identity: 'friend' } })
  expect(added.addMember.member.role.friendlyName).toBe('channel user')
})

test('an identity has from 1 to 256 characters, and none that could be mistaken', async () => {
  const { id: channelId } = await kit.channel()
  const good = [
    'x'.repeat(256),
    'system2',
    'System',
    'US',
    newSid('CH'),
    "! * ' ( ) ; : @ & = + $ , / ? % # [ ]",
    '🦉 ',
    ' ',
  ]
  for (const identity of good) await kit.backend.request(AddMemberDocument, { input: { channelId, identity } })
  expect(await identitiesOf(channelId)).toEqual(good)
  const wrong: [string, number?][] = [
    ['', 50204],
    ['x'.repeat(257), 50207],
    [newSid('US'), 50206],
    [`us${'aB'.repeat(16)}`, 50206],
    // In URLs they stand for folders.
    ['.'],
    ['..'],
    ['system', 50203],
    ['a\u0000b', 50204],
    ['\ud83e', 50204],
  ]
  for (const [identity, chatCode] of wrong) {
    const refusal = { code: 'BAD_USER_INPUT', ...(chatCode !== undefined && { chatCode }) }
    expect([identity, await addRefused(channelId, identity)]).toEqual([identity, refusal])
  }
})

test('nobody is a member twice, whichever way and however fast it comes', async () => {
  const { id: channelId } = await kit.channel([alice])
  const twice = { code: 'CONFLICT', chatCode: 50404 }
  expect(await addRefused(channelId, alice.identity)).toEqual(twice)
  expect(await refusalOf(alice, JoinChannelDocument, { input: { channelId } })).toEqual(twice)
  const bob = await kit.user('bob')
  const other = bob.at(await kit.another())
  const joins = Array.from({ length: 10 }, (_, at) =>
    (at % 2 ? bob : other).ask(JoinChannelDocument, { input: { channelId } }),
  )
  const refusals = (await Promise.all(joins)).flatMap(({ errors }) => errors ?? [])
  expect(refusals.map(({ extensions }) => extensions)).toEqual(Array(9).fill(twice))
  expect(await identitiesOf(channelId)).toEqual([alice.identity, bob.identity])
})

test('a role that is unknown, malformed or for something else is refused', async () => {
  const { id: channelId } = await kit.channel()
  const deploymentRole = await makeRole(kit, 'deployment', ['joinChannel'])
  for (const roleId of [newSid('RL'), 'RL', '', channelId, deploymentRole]) {
    expect(await addRefused(channelId, 'carol', { roleId })).toEqual({ code: 'NOT_FOUND', chatCode: 50101 })
  }
})

test('who looks at a channel from outside and joins it elsewhere can send at once', async () => {
  const other = await kit.another()
  for (const type of ['PUBLIC', 'PRIVATE'] as const) {
    const bob = await kit.user('bob')
    const { id: channelId } = await kit.channel([], { type })
    const input = { channelId, body: 'hello' }
    await refusalOf(bob, SendMessageDocument, { input })
    await refusalOf(bob.at(other), SendMessageDocument, { input })
    await kit.backend.request(AddMemberDocument, { input: { channelId, identity: bob.identity } })
    expect((await bob.send(channelId, 'in')).index).toBe(0)
    expect((await bob.at(other).send(channelId, 'in there too')).index).toBe(1)
  }
})

test('a user joins a public channel, leaves it, and joins again as a new member', async () => {
  const bob = await kit.user('bob')
  const { id: channelId } = await kit.channel([alice])
  const join = async () => (await bob.request(JoinChannelDocument, { input: { channelId } })).joinChannel.member
  const first = await join()
  expect((await bob.send(channelId, 'hello')).authorIdentity).toBe(bob.identity)
  const { leaveChannel } = await bob.request(LeaveChannelDocument, { input: { channelId } })
  expect(leaveChannel.member.id).toBe(first.id)
  expect(await identitiesOf(channelId)).toEqual([alice.identity])
  const notMember = { code: 'FORBIDDEN', chatCode: 50400 }
  expect(await refusalOf(bob, LeaveChannelDocument, { input: { channelId } })).toEqual(notMember)
  expect(await refusalOf(bob, SendMessageDocument, { input: { channelId, body: 'still?' } })).toEqual(notMember)
  expect((await join()).id).not.toBe(first.id)
  expect(await identitiesOf(channelId)).toEqual([alice.identity, bob.identity])
})

test('a member is removed once, and what it said stays', async () => {
  const bob = await kit.user('bob')
  const { id: channelId } = await kit.channel([alice, bob])
  await bob.send(channelId, 'I was here')
  const { members } = await readingOf(kit, channelId)
  const memberId = members![1]!.node.id
  await kit.backend.request(RemoveMemberDocument, { input: { memberId } })
  const noMember = { code: 'NOT_FOUND', chatCode: 50402 }
  for (const id of [memberId, newSid('MB'), 'MB', channelId, '']) {
    expect(await refusalOf(kit.backend, RemoveMemberDocument, { input: { memberId: id } })).toEqual(noMember)
  }
  expect(await identitiesOf(channelId)).toEqual([alice.identity])
  expect((await readingOf(kit, channelId)).messages).toMatchObject([{ node: { authorIdentity: bob.identity } }])
})

test('a channel is full at its limit, and a user is in no more channels than its limit', async () => {
  await using small = await openKit()
  const { serviceId } = small.server.account
  const limits = { channelMembersLimit: 2, userChannelsLimit: 3 }
  await small.store.db.orm.update(services).set(limits).where(eq(services.id, serviceId))
  small.server.app.caches.services.clear()
  const add = (channelId: string, identity: string) => ({ input: { channelId, identity } })
  const { id: full } = await small.channel()
  const joiners = Array.from({ length: 6 }, (_, at) => small.backend.ask(AddMemberDocument, add(full, `racer-${at}`)))
  const refusals = (await Promise.all(joiners)).flatMap(({ errors }) => errors ?? [])
  expect(refusals.map(({ extensions }) => extensions)).toEqual(Array(4).fill({ code: 'FORBIDDEN', chatCode: 50403 }))
  const busy = await small.user('busy')
  const channels = await Promise.all(Array.from({ length: 6 }, () => small.channel()))
  const joins = channels.map(({ id: channelId }) => busy.ask(JoinChannelDocument, { input: { channelId } }))
  const tooMany = (await Promise.all(joins)).flatMap(({ errors }) => errors ?? [])
  expect(tooMany.map(({ extensions }) => extensions)).toEqual(Array(3).fill({ code: 'FORBIDDEN', chatCode: 50208 }))
  const counts = await Promise.all(
    [{ id: full }, ...channels].map(async ({ id: channelId }) => {
      const { channel } = await small.backend.request(MembersDocument, { channelId })
      return channel!.members.edges.length
    }),
  )
  expect(counts.reduce((sum, count) => sum + count)).toBe(2 + 3)
})

test('channels that other users put a user into do not count against what it may join', async () => {
  await using small = await openKit()
  const { serviceId } = small.server.account
  await small.store.db.orm.update(services).set({ userChannelsLimit: 2 }).where(eq(services.id, serviceId))
  small.server.app.caches.services.clear()
  const [mallory, stranger] = [await small.user('mallory'), await small.user('stranger')]
  const { identity } = stranger
  const trap = async () => {
    const input = { type: 'PRIVATE' as const }
    const { createChannel } = await mallory.request(CreateChannelDocument, { input })
    const channelId = createChannel.channel.id
    const answer = await mallory.ask(AddMemberDocument, { input: { channelId, identity } })
    await mallory.request(LeaveChannelDocument, { input: { channelId } })
    return answer.errors?.map(({ extensions }) => extensions)
  }
  const full = [{ code: 'FORBIDDEN', chatCode: 50208 }]
  expect([await trap(), await trap(), await trap()]).toEqual([undefined, undefined, full])
  await stranger.request(CreateChannelDocument, { input: {} })
  const { id: channelId } = await small.channel()
  await stranger.request(JoinChannelDocument, { input: { channelId } })
  const { id: oneMore } = await small.channel()
  await stranger.expectRefusal(JoinChannelDocument, { input: { channelId: oneMore } }, 'FORBIDDEN', 50208)
})

test('joining and leaving at the same moment leave the count right', async () => {
  const users = await Promise.all(Array.from({ length: 8 }, () => kit.user(uniqueName('restless'))))
  const { id: channelId } = await kit.channel(users.slice(0, 4))
  const input = { channelId }
  await Promise.all([
    ...users.slice(0, 4).map((user) => user.request(LeaveChannelDocument, { input })),
    ...users.slice(4).map((user) => user.request(JoinChannelDocument, { input })),
  ])
  expect((await identitiesOf(channelId))?.sort()).toEqual(
    users
      .slice(4)
      .map(({ identity }) => identity)
      .sort(),
  )
})
