import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  MarkReadDocument,
  MarkUnreadDocument,
  OpenDirectChannelDocument,
  PresenceChangedDocument,
  PresenceDocument,
  QuickSwitcherDocument,
  RemoveMemberDocument,
  UpdateChannelDocument,
  UpdateServiceDocument,
  UpdateUserDocument,
  UserUpdatedDocument,
  ViewerDocument,
} from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { refreshChannelSummaries } from '../../src/store/channel-summary.ts'
import { openKit, record, uniqueName, type Caller, type Kit, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { refusalOf } from '../support/refusal.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let other: Server
let serviceId: string
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
  serviceId = kit.server.account.serviceId
  await set({ reachabilityEnabled: true })
})
afterAll(() => kit.close())

async function set(input: object): Promise<void> {
  await kit.backend.request(UpdateServiceDocument, { input: { serviceId, ...input } })
  // A setting holds elsewhere within seconds; what is asked for here is not when.
  other.app.caches.services.clear()
}

async function known(name?: string): Promise<User> {
  const user = await kit.user(name)
  await user.request(ViewerDocument)
  return user
}

const presence = async (caller: Caller, ...users: User[]) =>
  (await caller.request(PresenceDocument, { identities: users.map(({ identity }) => identity) })).presence!

/** Waits until someone is seen so. */
async function seen(caller: Caller, user: User, isOnline: boolean) {
  await waitFor(async () => (await presence(caller, user))[0]?.isOnline === isOnline)
  return (await presence(caller, user))[0]!
}

async function seenAt(caller: Caller, user: User): Promise<number> {
  for (const server of [kit.server, other]) await server.app.lastSeen.flush({ all: true })
  const [found] = await presence(caller, user)
  return found!.lastSeenAt === null ? 0 : Date.parse(found!.lastSeenAt)
}

test('who is there, and when someone was last, is seen through every server by those that share a channel', async () => {
  const [alice, bob, carol] = [await known('alice'), await known('bob'), await known('carol')]
  const channel = await kit.channel([alice, bob])
  const elsewhere = alice.at(other)
  expect(await presence(alice, bob, carol, alice)).toEqual([
    { identity: bob.identity, isOnline: false, lastSeenAt: null },
    { identity: alice.identity, isOnline: false, lastSeenAt: null },
  ])
  const before = Date.now() - 5000
  const socket = await RawSocket.open(kit.server, { token: bob.token })
  await seen(alice, bob, true)
  await seen(elsewhere, bob, true)
  // What happens by itself every ten seconds.
  await kit.server.app.presence.renew()
  expect(await seenAt(alice, bob)).toBeGreaterThan(before)
  socket.terminate()
  await seen(elsewhere, bob, false)
  expect(await seenAt(elsewhere, bob)).toBeGreaterThan(before)
  await kit.backend.request(RemoveMemberDocument, { input: { channelId: channel.id, identity: bob.identity } })
  expect(await presence(alice, bob)).toEqual([])
  expect(await presence(kit.backend, bob)).toHaveLength(1)
  await set({ userDirectory: 'ALL' })
  expect(await presence(carol, alice, bob)).toHaveLength(2)
  await set({ userDirectory: 'OFF' })
})

test('whoever does not find a user does not see whether it is there', async () => {
  const [alice, bob, carol] = [await known('alice'), await known('bob'), await known('carol')]
  const { id: channelId } = await kit.channel([alice, bob])
  const socket = await RawSocket.open(kit.server, { token: bob.token })
  await seen(alice, bob, true)
  await kit.server.app.presence.renew()
  await seenAt(alice, bob)
  const text = `{ user(id: "${bob.identity}") { identity isOnline lastSeenAt } }`
  const read = async (caller: Caller) => (await caller.request<{ user: object }, unknown>(text)).user
  const whole = { identity: bob.identity, isOnline: true, lastSeenAt: expect.any(String) }
  const hidden = { identity: bob.identity, isOnline: null, lastSeenAt: null }
  for (const caller of [alice, bob, kit.backend]) expect(await read(caller)).toEqual(whole)
  expect(await read(carol)).toEqual(hidden)
  await set({ userDirectory: 'ALL' })
  expect(await read(carol)).toEqual(whole)
  await set({ userDirectory: 'OFF' })
  // All who read an event of a channel find its members, and nobody else.
  const client = alice.connect()
  const events = record<object, Record<string, never>>(
    client,
    parse(`subscription {
      events(channelId: "${channelId}") { ... on MessageAdded { message { author { identity isOnline lastSeenAt } } } }
    }`),
  )
  // It is ready.
  await events.atLeast(1)
  const received = () => JSON.stringify(events.items)
  await bob.send(channelId, 'a member')
  await waitFor(async () => received().includes('"isOnline":true'))
  await kit.backend.request(RemoveMemberDocument, { input: { channelId, identity: bob.identity } })
  await kit.backend.send(channelId, 'no member', { authorIdentity: bob.identity })
  await waitFor(async () => received().includes(JSON.stringify(hidden)))
  expect(events.errors).toEqual([])
  await client.dispose()
  socket.terminate()
})

test('an invisible user is offline to others, and its time stands still, but not to itself and the backend', async () => {
  const [alice, bob] = [await known('alice'), await known('bob')]
  await kit.channel([alice, bob])
  await alice.request(UpdateUserDocument, { input: { userId: alice.identity, isInvisible: true } })
  const socket = await RawSocket.open(kit.server, { token: alice.token })
  await seen(alice, alice, true)
  await seen(kit.backend, alice, true)
  expect((await presence(bob, alice))[0]).toMatchObject({ isOnline: false })
  await kit.server.app.presence.renew()
  expect(await seenAt(bob, alice)).toBe(0)
  const text = `{ user(id: "${alice.identity}") { isOnline } }`
  const asked = async (caller: Caller) => (await caller.request<{ user: object }, unknown>(text)).user
  expect([await asked(bob), await asked(kit.backend)]).toEqual([{ isOnline: false }, { isOnline: true }])
  await alice.request(UpdateUserDocument, { input: { userId: alice.identity, isInvisible: false } })
  await seen(bob, alice, true)
  await kit.server.app.presence.renew()
  expect(await seenAt(bob, alice)).toBeGreaterThan(0)
  socket.terminate()
})

test('a user is written at most once a minute, and at the end of its server in any case', async () => {
  const alice = await known('alice')
  const at = async () =>
    (
      await kit.store.db.run<{ at: string | null }>('SELECT last_seen_at AS at FROM users WHERE identity = $1', [
        alice.identity,
      ])
    )[0]!.at
  const server = await kit.another({ REDIS_URL: '' })
  const socket = await RawSocket.open(server, { token: alice.token })
  await waitFor(async () => (await server.app.presence.isOnline((await idOf(alice)) as never)) === true)
  await server.app.presence.renew()
  await server.app.lastSeen.flush()
  const first = await at()
  expect(first).not.toBeNull()
  await server.app.presence.renew()
  await server.app.lastSeen.flush()
  expect(await at()).toBe(first)
  socket.terminate()
  await server.close({ immediate: true })
  expect(Date.parse((await at())!)).toBeGreaterThan(Date.parse(first!))
})

const idOf = async (user: User): Promise<string> => (await user.request(ViewerDocument)).viewer.user!.id

test('while a service does not report it, presence is null', async () => {
  const alice = await known('alice')
  await set({ reachabilityEnabled: false })
  expect(await presence(alice, alice)).toEqual([{ identity: alice.identity, isOnline: null, lastSeenAt: null }])
  await set({ reachabilityEnabled: true })
  const many = Array.from({ length: 501 }, (_, at) => `${at}`)
  const refusal = { code: 'BAD_USER_INPUT' }
  expect(await refusalOf(alice, PresenceDocument, { identities: many })).toEqual(refusal)
  expect((await alice.request(PresenceDocument, { identities: many.slice(1) })).presence).toEqual([])
})

test('what changes in the presence of users is delivered after what is now, rolled up, and as its reader may see it', async () => {
  const [alice, stranger] = [await known('alice'), await known('stranger')]
  const others = await Promise.all(['bob', 'carol', 'dave', 'erin'].map(known))
  await kit.channel([alice, ...others])
  const began = performance.now()
  const client = alice.connect()
  const identities = [...others, stranger].map(({ identity }) => identity)
  const received = record(client, PresenceChangedDocument, { identities })
  await received.atLeast(1)
  const seenNow = () =>
    new Map(received.items.flatMap((item) => item.presenceChanged.map((one) => [one.identity, one.isOnline])))
  const all = (isOnline: boolean) => others.map(({ identity }) => [identity, isOnline])
  expect([...seenNow()]).toEqual(all(false))
  const isNow = (isOnline: boolean) => async () => {
    const now = seenNow()
    return others.every(({ identity }) => now.get(identity) === isOnline)
  }
  const sockets = await Promise.all(
    [stranger, ...others].map(({ token }, at) => RawSocket.open(at % 2 === 0 ? kit.server : other, { token })),
  )
  await waitFor(isNow(true))
  const [bob] = others as [User]
  await bob.request(UpdateUserDocument, { input: { userId: bob.identity, isInvisible: true } })
  await waitFor(async () => seenNow().get(bob.identity) === false)
  for (const socket of sockets) socket.terminate()
  await waitFor(isNow(false))
  expect(seenNow().has(stranger.identity)).toBe(false)
  expect(received.items.length).toBeLessThanOrEqual(1 + (performance.now() - began) / 1000)
  expect(received.errors).toEqual([])
  await client.dispose()
})

test('what no hint has reported is delivered when everything is read again, every 30 seconds', async () => {
  const [alice, bob] = [await known('alice'), await known('bob')]
  await kit.channel([alice, bob])
  const timers = vi.spyOn(globalThis, 'setInterval')
  const client = alice.connect()
  const received = record(client, PresenceChangedDocument, { identities: [bob.identity] })
  await received.atLeast(1)
  const polls = timers.mock.calls.filter(([, milliseconds]) => milliseconds === 30_000)
  timers.mockRestore()
  const lastSeenAt = '2026-01-01T00:00:00.000Z'
  await kit.store.db.run('UPDATE users SET last_seen_at = $2::timestamptz WHERE identity = $1', [
    bob.identity,
    lastSeenAt,
  ])
  for (const [poll] of polls) poll()
  await received.atLeast(2)
  const states = received.items.map(({ presenceChanged }) => presenceChanged)
  const state = { identity: bob.identity, isOnline: false }
  expect(states).toEqual([[{ ...state, lastSeenAt: null }], [{ ...state, lastSeenAt }]])
  await client.dispose()
})

test('the presence of too many is not watched', async () => {
  const alice = await known('alice')
  const client = alice.connect()
  const received = record(client, PresenceChangedDocument, {
    identities: Array.from({ length: 501 }, (_, at) => `${at}`),
  })
  await received.ended()
  expect(received.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'identities' } }])
  await client.dispose()
})

async function destinations(user: User, query: string, first?: number): Promise<string[]> {
  const { quickSwitcher } = await user.request(QuickSwitcherDocument, { query, first })
  return quickSwitcher!.map((found) =>
    found.__typename === 'User' ? found.identity : (found.uniqueName ?? found.friendlyName!),
  )
}

test('the quick switcher has one’s own channels, people and what one may join, the latest first', async () => {
  const mark = uniqueName('q').replaceAll('-', '')
  const [alice, bob] = [await known(`${mark}alice`), await known(`${mark}bob`)]
  const open = uniqueName('open')
  const first = await kit.channel([alice, bob], { type: 'PRIVATE', friendlyName: `Team ${mark}first` })
  await kit.channel([alice], { type: 'PRIVATE', friendlyName: `Team ${mark}second` })
  await kit.channel([bob], { type: 'PRIVATE', friendlyName: `Team ${mark}hidden` })
  await kit.channel([bob], { type: 'PUBLIC', uniqueName: open, friendlyName: `${mark.toUpperCase()} Open` })
  await refreshChannelSummaries(kit.store.maintenance)
  const names = [`Team ${mark}second`, `Team ${mark}first`]
  expect(await destinations(alice, '')).toEqual(names)
  expect(await destinations(alice, mark)).toEqual([...names, bob.identity, open])
  await alice.send(first.id, 'hello')
  expect(await destinations(alice, mark.toUpperCase())).toEqual([...names.toReversed(), bob.identity, open])
  expect(await destinations(alice, `${mark}sec tea`)).toEqual([names[0]])
  expect(await destinations(alice, mark, 1)).toEqual([names[1]])
  expect([await destinations(alice, `${mark}x`), await destinations(alice, '\u0301')]).toEqual([[], []])
  await kit.backend.request(UpdateChannelDocument, { input: { channelId: first.id, friendlyName: 'Other' } })
  expect(await destinations(alice, `${mark}first`)).toEqual([])
})

test('a direct channel is in the quick switcher of who opened it at once, and of the other with its first message', async () => {
  const mark = uniqueName('q').replaceAll('-', '')
  const [alice, bob] = [await known(), await known(`${mark}bob`)]
  const { openDirectChannel } = await alice.request(OpenDirectChannelDocument, {
    input: { identities: [bob.identity] },
  })
  const { id } = openDirectChannel!.channel
  const found = async (user: User) =>
    (await user.request(QuickSwitcherDocument, { query: '' })).quickSwitcher!.map((one) => one.id)
  expect([await found(alice), await found(bob)]).toEqual([[id], []])
  await alice.send(id, 'hello')
  expect(await found(bob)).toEqual([id])
})

test('the quick switcher finds direct channels by the people in them, and by all of the words', async () => {
  const mark = uniqueName('d').replaceAll('-', '')
  const [alice, bob, carol] = [await known('alice'), await known('bob'), await known('carol')]
  await bob.request(UpdateUserDocument, { input: { userId: bob.identity, friendlyName: `Zoë ${mark}quux` } })
  const open = async (...users: User[]) => {
    const identities = users.map(({ identity }) => identity)
    return (await alice.request(OpenDirectChannelDocument, { input: { identities } })).openDirectChannel!.channel.id
  }
  const [two, three] = [await open(bob), await open(bob, carol)]
  await alice.send(two, 'the latest')
  const found = async (query: string) =>
    (await alice.request(QuickSwitcherDocument, { query })).quickSwitcher!.map(({ id }) => id)
  const bobsId = await idOf(bob)
  expect(await found(`${mark}QU`)).toEqual([two, three, bobsId])
  expect(await found(`zoe ${mark}`)).toEqual([two, three, bobsId])
  // Of one's own name nothing is found, and words may be those of several people.
  expect(await found(`${mark} ${alice.identity}`)).toEqual([])
  expect(await found(`${mark} ${carol.identity}`)).toEqual([three])
})

test('names that one process has written are found by another', async () => {
  const [alice, bob] = [await known('alice'), await known('bob')]
  await kit.channel([alice, bob])
  const mark = uniqueName('n').replaceAll('-', '')
  const found = async (search: string) => {
    const text = `{ users(filter: { search: "${search}" }) { nodes { identity } } }`
    const read = await alice.at(other).request<{ users: { nodes: { identity: string }[] } }, unknown>(text)
    return read.users.nodes.map(({ identity }) => identity)
  }
  for (const name of [`${mark}first`, `${mark}second`]) {
    await bob.request(UpdateUserDocument, { input: { userId: bob.identity, friendlyName: name } })
    expect(await found(name)).toEqual([bob.identity])
  }
  expect(await found(`${mark}first`)).toEqual([])
})

test('what the quick switcher cannot take is refused', async () => {
  const alice = await known('alice')
  const refusal = { code: 'BAD_USER_INPUT' }
  for (const variables of [
    { query: 'x'.repeat(101) },
    { query: 'a\0' },
    { query: 'a', first: 0 },
    { query: 'a', first: 51 },
  ]) {
    expect(await refusalOf(alice, QuickSwitcherDocument, variables)).toEqual(refusal)
  }
  expect(await refusalOf(kit.backend, QuickSwitcherDocument, { query: 'a' })).toMatchObject({ code: 'FORBIDDEN' })
})

const times = parse(`query ($channelId: ID!, $identity: String!) {
  member(channelId: $channelId, identity: $identity) { updatedAt user { updatedAt } }
}`) as TypedDocumentNode<object, { readonly channelId: string; readonly identity: string }>

test("others see neither that a user's own settings have changed, nor when it reads what it hides or marks as unread", async () => {
  const [alice, bob] = [await known('alice'), await known('bob')]
  const channel = await kit.channel([alice, bob])
  const messages = [await bob.send(channel.id, 'one'), await bob.send(channel.id, 'two')]
  const elsewhere = bob.at(other)
  const client = elsewhere.connect()
  const updated = record(client, UserUpdatedDocument, { userId: alice.identity })
  await waitFor(() => other.app.userFeeds.size > 0)
  const update = (input: object) => alice.request(UpdateUserDocument, { input: { userId: alice.identity, ...input } })
  const seenTimes = () => bob.request(times, { channelId: channel.id, identity: alice.identity })

  const before = await seenTimes()
  await update({ isInvisible: true })
  await update({ readReceiptsEnabled: false })
  await alice.request(MarkReadDocument, { input: { channelId: channel.id, throughIndex: 1 } })
  await alice.request(MarkUnreadDocument, { input: { messageId: messages[0]!.id } })
  expect(await seenTimes()).toEqual(before)
  await update({ friendlyName: 'Alice' })
  await updated.atLeast(1)
  await update({ readReceiptsEnabled: true, friendlyName: 'Alice Liddell' })
  await updated.atLeast(2)
  expect(updated.items.map(({ userUpdated }) => userUpdated.friendlyName)).toEqual(['Alice', 'Alice Liddell'])

  const shown = await seenTimes()
  await alice.request(MarkUnreadDocument, { input: { messageId: messages[0]!.id } })
  expect(await seenTimes()).toEqual(shown)
  await alice.request(MarkReadDocument, { input: { channelId: channel.id, throughIndex: 1 } })
  expect(await seenTimes()).not.toEqual(shown)
  await client.dispose()
})
