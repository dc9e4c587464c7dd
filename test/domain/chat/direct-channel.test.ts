import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateInviteDocument,
  DeleteUserDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  OpenDirectChannelDocument,
  RemoveMemberDocument,
  UpdateChannelDocument,
  UpdateChannelPreferencesDocument,
  ViewerChannelsDocument,
} from '../../../schema/generated/graphql.ts'
import { openKit, uniqueName, User, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const open = async (user: User, ...identities: string[]) =>
  (await user.request(OpenDirectChannelDocument, { input: { identities } })).openDirectChannel.channel

const listed = async (user: User) =>
  (await user.request(ViewerChannelsDocument, { filter: { isDirect: true } })).viewer.channels!.edges.map(
    ({ node }) => node.channel.id,
  )

test('the same people have one direct channel, whoever opens it, in any order, more than once', async () => {
  const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
  const first = await open(alice, bob.identity)
  expect(first).toMatchObject({ type: 'PRIVATE', isDirect: true, membersCount: 2, uniqueName: null })
  expect((await open(bob, alice.identity, bob.identity, alice.identity)).id).toBe(first.id)
  const three = await open(alice, bob.identity, carol.identity)
  expect(three.id).not.toBe(first.id)
  expect((await open(carol, bob.identity, alice.identity)).id).toBe(three.id)
  await bob.send(first.id, 'hello')
  await alice.send(first.id, 'hi')
})

test('two who open it at once, on two processes, get the same', async () => {
  const other = await kit.another()
  for (let round = 0; round < 5; round++) {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const bobThere = new User(other, bob.identity, bob.token)
    const opened = await Promise.all([
      open(alice, bob.identity),
      open(bobThere, alice.identity),
      open(alice, bob.identity),
      open(bobThere, alice.identity),
    ])
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1)
    expect((await open(alice, bob.identity)).membersCount).toBe(2)
  }
})

test('an identity that is new to the service becomes a user', async () => {
  const alice = await kit.user('alice')
  const identity = uniqueName('newcomer')
  const { id } = await open(alice, identity)
  const newcomer = await kit.user(identity, { exactly: true })
  expect((await open(newcomer, alice.identity)).id).toBe(id)
})

test('nobody joins, leaves or is invited, and it takes no unique name', async () => {
  const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
  const { id: channelId } = await open(alice, bob.identity)
  const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
  const { identity } = carol
  expect(await refusalOf(kit.backend, AddMemberDocument, { input: { channelId, identity } })).toEqual(forbidden)
  expect(await refusalOf(kit.backend, CreateInviteDocument, { input: { channelId, identity } })).toEqual(forbidden)
  expect(await refusalOf(alice, LeaveChannelDocument, { input: { channelId } })).toEqual(forbidden)
  const removal = { channelId, identity: bob.identity }
  expect(await refusalOf(kit.backend, RemoveMemberDocument, { input: removal })).toEqual(forbidden)
  expect(await refusalOf(kit.backend, UpdateChannelDocument, { input: { channelId, uniqueName: 'us' } })).toEqual(
    forbidden,
  )
  expect(await refusalOf(carol, JoinChannelDocument, { input: { channelId } })).toMatchObject({ code: 'NOT_FOUND' })
  await kit.backend.request(UpdateChannelDocument, { input: { channelId, friendlyName: 'us' } })
})

test('who has not opened it sees it with its first message; who hides it, when it is opened again', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await open(alice, bob.identity)
  expect([await listed(alice), await listed(bob)]).toEqual([[channelId], []])
  await alice.send(channelId, 'hello')
  expect(await listed(bob)).toEqual([channelId])
  await bob.request(UpdateChannelPreferencesDocument, { input: { channelId, isHidden: true } })
  expect(await listed(bob)).toEqual([])
  await open(bob, alice.identity)
  expect(await listed(bob)).toEqual([channelId])
})

test('it stays for the other when a user is deleted, and who gets the identity has another', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await open(alice, bob.identity)
  await bob.send(id, 'kept')
  await kit.backend.request(DeleteUserDocument, { input: { userId: bob.identity } })
  expect(await listed(alice)).toEqual([id])
  expect((await open(alice, bob.identity)).id).not.toBe(id)
})

test('an empty one does not count in the limit of channels', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  await kit.store.db.run('UPDATE services SET user_channels_limit = 1', [])
  kit.server.app.caches.services.clear()
  try {
    const { id } = await open(alice, bob.identity)
    const { id: channelId } = await kit.channel([alice])
    const refused = { code: 'FORBIDDEN', chatCode: 50208 }
    expect(await refusalOf(alice, OpenDirectChannelDocument, { input: { identities: [uniqueName('x')] } })).toEqual(
      refused,
    )
    expect((await open(alice, bob.identity)).id).toBe(id)
    expect(channelId).not.toBe(id)
  } finally {
    await kit.store.db.run('UPDATE services SET user_channels_limit = 1000', [])
    kit.server.app.caches.services.clear()
  }
})

test('empty ones have a limit of their own, and a first message moves one to the other channels', async () => {
  const alice = await kit.user('alice')
  await kit.store.db.run('UPDATE services SET user_channels_limit = 2', [])
  kit.server.app.caches.services.clear()
  try {
    const refused = { code: 'FORBIDDEN', chatCode: 50208 }
    const openNext = () => open(alice, uniqueName('x'))
    const refusalOfNext = () =>
      refusalOf(alice, OpenDirectChannelDocument, { input: { identities: [uniqueName('x')] } })
    const [one, two] = [await openNext(), await openNext()]
    expect(await refusalOfNext()).toEqual(refused)
    await alice.send(one.id, 'first')
    const three = await openNext()
    expect(await refusalOfNext()).toEqual(refused)
    // No send is refused, also where it is the first in more channels than the limit.
    for (const { id } of [two, three]) await alice.send(id, 'first')
    expect(await refusalOfNext()).toEqual(refused)
    const { id: channelId } = await kit.channel()
    expect(await refusalOf(alice, JoinChannelDocument, { input: { channelId } })).toEqual(refused)
  } finally {
    await kit.store.db.run('UPDATE services SET user_channels_limit = 1000', [])
    kit.server.app.caches.services.clear()
  }
})

test('who is in many empty ones that others have opened is still found by everyone', async () => {
  const [alice, bob, victim] = [await kit.user('alice'), await kit.user('bob'), await kit.user('victim')]
  await kit.store.db.run('UPDATE services SET user_channels_limit = 2', [])
  kit.server.app.caches.services.clear()
  try {
    for (const other of [uniqueName('x'), uniqueName('x')]) await open(alice, victim.identity, other)
    expect((await open(bob, victim.identity)).isDirect).toBe(true)
    expect((await open(victim, uniqueName('x'))).isDirect).toBe(true)
  } finally {
    await kit.store.db.run('UPDATE services SET user_channels_limit = 1000', [])
    kit.server.app.caches.services.clear()
  }
})

test('what is wrong is refused', async () => {
  const alice = await kit.user('alice')
  const fieldOf = async (identities: string[]) => {
    const { errors } = await alice.ask(OpenDirectChannelDocument, { input: { identities } })
    return [errors?.[0]?.extensions.code, errors?.[0]?.extensions.field]
  }
  const many = Array.from({ length: 10 }, (_, at) => `one-${at}`)
  for (const identities of [
    [],
    [alice.identity],
    many,
    ['\0'],
    ['\ud83e'],
    [''],
    ['x'.repeat(257)],
    [`US${'0'.repeat(32)}`],
  ]) {
    expect([identities, ...(await fieldOf(identities))]).toEqual([identities, 'BAD_USER_INPUT', 'input.identities'])
  }
  expect(await refusalOf(kit.backend, OpenDirectChannelDocument, { input: { identities: ['x'] } })).toMatchObject({
    code: 'FORBIDDEN',
  })
})
