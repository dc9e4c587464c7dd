import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import {
  AddMemberDocument,
  EventsDocument,
  LeaveChannelDocument,
  MessageBodiesDocument,
  StartTypingDocument,
  TypingEndedDocument,
  TypingStartedDocument,
  type EventsSubscription,
} from '../../schema/generated/graphql.ts'
import { authenticateUser } from '../../src/domain/chat/sign-in.ts'
import { startTyping } from '../../src/domain/chat/typing.ts'
import type { Server } from '../../src/server.ts'
import { services } from '../../src/store/tables/service.ts'
import { makeRole } from '../support/authority.ts'
import { isOfBackground } from '../support/engine.ts'
import { openKit, openSocket, record, type Kit, type Recording, type User } from '../support/kit.ts'
import { refusalOf } from '../support/refusal.ts'
import { ScriptedBus } from '../support/scripted-bus.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let other: Server
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
  await lastFor(2)
})
afterAll(() => kit.close())

async function lastFor(seconds: number): Promise<void> {
  await kit.store.db.orm.update(services).set({ typingIndicatorTimeout: seconds })
  for (const { app } of [kit.server, other]) app.caches.services.clear()
}

async function type(user: User, channelId: string): Promise<number> {
  const { startTyping } = await user.request(StartTypingDocument, { input: { channelId } })
  return Date.parse(startTyping.expiresAt)
}

/** Who began and ended typing, seen by a user at a server; listening has begun when this resolves. */
async function watch(user: User, server: Pick<Server, 'url'>, channelId: string) {
  const client = user.at(server).connect()
  const started = record(client, TypingStartedDocument, { channelId })
  const ended = record(client, TypingEndedDocument, { channelId })
  const received = record(client, MessageBodiesDocument, { channelId })
  await kit.backend.send(channelId, 'listening')
  await received.atLeast(1)
  return {
    started: () => started.items.map(({ typingStarted }) => typingStarted.member.identity),
    expiresAt: () => started.items.map(({ typingStarted }) => Date.parse(typingStarted.expiresAt)),
    ended: () => ended.items.map(({ typingEnded }) => typingEnded.member.identity),
    close: async () => client.dispose(),
  }
}

test('typing reaches the others on every server, never the typist, and ends by itself', async () => {
  const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
  const { id } = await kit.channel([alice, bob, carol])
  const [atAlice, atBob, atCarol] = [
    await watch(alice, kit.server, id),
    await watch(bob, kit.server, id),
    await watch(carol, other, id),
  ]
  const expiresAt = await type(alice, id)
  await waitFor(() => atBob.started().length === 1 && atCarol.started().length === 1)
  await waitFor(() => atBob.ended().length === 1 && atCarol.ended().length === 1, { timeout: 5000 })
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt - 50)
  await type(bob, id)
  await waitFor(() => atAlice.started().length === 1)
  await waitFor(() => atCarol.started().length === 2)
  expect(atAlice.started()).toEqual([bob.identity])
  expect(atAlice.ended()).toEqual([])
  expect(atBob.started()).toEqual([alice.identity])
  expect(atCarol.started()).toEqual([alice.identity, bob.identity])
  for (const { close } of [atAlice, atBob, atCarol]) await close()
})

test('typing again within its time only prolongs it', async () => {
  const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
  const { id } = await kit.channel([alice, bob, carol])
  const atBob = await watch(bob, kit.server, id)
  const first = await type(alice, id)
  let last = first
  while (last < first + 2000) last = await type(alice, id)
  await type(carol, id)
  await waitFor(() => atBob.started().includes(carol.identity))
  expect(atBob.started()).toEqual([alice.identity, carol.identity])
  expect(atBob.ended()).toEqual([])
  await waitFor(() => atBob.ended().includes(alice.identity), { timeout: 5000 })
  expect(Date.now()).toBeGreaterThanOrEqual(last - 50)
  await type(alice, id)
  await waitFor(() => atBob.started().length === 3)
  expect(atBob.started().at(-1)).toBe(alice.identity)
  await atBob.close()
})

test('typing ends with the message', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const atBob = await watch(bob, kit.server, id)
  const expiresAt = await type(alice, id)
  await waitFor(() => atBob.started().length === 1)
  await alice.send(id, 'done')
  await waitFor(() => atBob.ended().length === 1)
  expect(Date.now()).toBeLessThan(expiresAt)
  expect(atBob.ended()).toEqual([alice.identity])
  await atBob.close()
})

/** What a subscription to everything received of typing, after what it began with. */
function typingIn({ items }: Recording<EventsSubscription>): string[] {
  return items.flatMap(({ events }, at) => {
    if (at === 0) return [events.__typename]
    if (!('typing' in events)) return []
    const thread = 'parentId' in events.typing ? ` ${events.typing.parentId}` : ''
    return [`${events.__typename} ${events.typing.member.identity}${thread}`]
  })
}

test.each(['alone', 'beside others'])(
  'a subscription that opens while someone types receives that at the start, once (%s)',
  async (how) => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const { id: channelId } = await kit.channel([alice, bob])
    const before = how === 'alone' ? [] : [await watch(bob, kit.server, channelId), await watch(bob, other, channelId)]
    await lastFor(15)
    onTestFinished(() => lastFor(2))
    await type(alice, channelId)
    for (const { started } of before) await waitFor(() => started().length === 1)
    const clients = [kit.server, other].flatMap((server) => [
      bob.at(server).connect(),
      openSocket(server, { authorization: kit.backend.authorization }),
    ])
    const views = clients.map((client) => record(client, TypingStartedDocument, { channelId }))
    const streams = clients.map((client) => record(client, EventsDocument, { channelId }))
    const own = alice.connect()
    const ownStream = record(own, EventsDocument, { channelId })
    const ownView = record(own, TypingStartedDocument, { channelId })
    const [began, ended] = [`TypingStarted ${alice.identity}`, `TypingEnded ${alice.identity}`]
    for (const stream of streams) await waitFor(() => typingIn(stream).includes(began))
    for (const view of views) await view.atLeast(1)
    await ownStream.atLeast(1)
    await alice.send(channelId, 'typed')
    for (const stream of streams) await waitFor(() => typingIn(stream).includes(ended))
    for (const stream of streams) expect(typingIn(stream)).toEqual(['Ready', began, ended])
    for (const { items } of views) {
      expect(items.map((item) => item.typingStarted.member.identity)).toEqual([alice.identity])
    }
    await waitFor(() => ownStream.items.some(({ events }) => events.__typename === 'MessageAdded'))
    expect(typingIn(ownStream)).toEqual(['Ready'])
    expect(ownView.items).toEqual([])
    for (const client of [...clients, own]) await client.dispose()
    for (const { close } of before) await close()
  },
)

test('a subscription that opens after the message, or after its author has left, receives nothing of its typing', async () => {
  const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
  const { id: channelId } = await kit.channel([alice, bob, carol])
  for (const user of [alice, bob]) await type(user, channelId)
  await alice.send(channelId, 'typed')
  await bob.request(LeaveChannelDocument, { input: { channelId } })
  const client = carol.connect()
  const stream = record(client, EventsDocument, { channelId })
  await type(carol, channelId)
  await kit.backend.send(channelId, 'marker')
  await waitFor(() => stream.items.some(({ events }) => events.__typename === 'MessageAdded'))
  await waitFor(() => kit.server.app.feeds.get(channelId)?.typists.events.length === 0, { timeout: 5000 })
  expect(typingIn(stream)).toEqual(['Ready'])
  await client.dispose()
  await waitFor(() => kit.server.app.feeds.get(channelId) === undefined)
})

test('typing a reply is told apart from typing in the channel, and each ends with its own message', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  await lastFor(60)
  onTestFinished(() => lastFor(2))
  const { id: parentId } = await bob.send(channelId, 'what do you think?')
  const reply = (parent: string) => alice.ask(StartTypingDocument, { input: { channelId, parentId: parent } })
  const live = record(bob.at(other).connect(), EventsDocument, { channelId })
  await live.atLeast(1)
  const view = await watch(bob, kit.server, channelId)
  await reply(parentId)
  await type(alice, channelId)
  const [inThread, inChannel] = [`${alice.identity} ${parentId}`, alice.identity]
  await waitFor(() => typingIn(live).length === 3)
  const late = record(bob.connect(), EventsDocument, { channelId })
  await waitFor(() => typingIn(late).length === 3)
  expect(typingIn(late).toSorted()).toEqual(['Ready', `ThreadTypingStarted ${inThread}`, `TypingStarted ${inChannel}`])
  await alice.send(channelId, 'to all')
  await waitFor(() => typingIn(live).length === 4)
  await type(alice, channelId)
  await waitFor(() => typingIn(live).length === 5)
  const { id: replyId } = await alice.send(channelId, 'to you', { parentId })
  await waitFor(() => typingIn(live).length === 6)
  await reply(parentId)
  await alice.request(LeaveChannelDocument, { input: { channelId } })
  await waitFor(() => typingIn(live).length === 9 && view.ended().length === 2)
  expect(typingIn(live).slice(1, 7)).toEqual([
    `ThreadTypingStarted ${inThread}`,
    `TypingStarted ${inChannel}`,
    `TypingEnded ${inChannel}`,
    `TypingStarted ${inChannel}`,
    `ThreadTypingEnded ${inThread}`,
    `ThreadTypingStarted ${inThread}`,
  ])
  expect(typingIn(live).slice(7).toSorted()).toEqual([`ThreadTypingEnded ${inThread}`, `TypingEnded ${inChannel}`])
  expect([view.started(), view.ended()]).toEqual([
    [inChannel, inChannel],
    [inChannel, inChannel],
  ])
  await view.close()
  const ofBob = (parent: string) => refusalOf(bob, StartTypingDocument, { input: { channelId, parentId: parent } })
  const elsewhere = await bob.send((await kit.channel([bob])).id, 'elsewhere')
  await expect(ofBob(replyId)).resolves.toMatchObject({ code: 'BAD_USER_INPUT' })
  for (const parent of [elsewhere.id, channelId, '']) {
    await expect(ofBob(parent)).resolves.toEqual({ code: 'NOT_FOUND', chatCode: 50500 })
  }
})

test('typing a reply looks its parent up once for many calls, and needs the permission to send', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const { id: parentId } = await alice.send(channelId, 'first')
  const actor = await authenticateUser(kit.server.app, alice.token)
  const typeThere = (input: object) => startTyping(kit.server.app, actor, { channelId, ...input })
  for (const input of [{}, { parentId }]) await typeThere(input)
  const [inChannel, inThread] = [
    await kit.store.statementsOf(() => typeThere({})),
    await kit.store.statementsOf(() => typeThere({ parentId })),
  ]
  const foreground = (sent: readonly { readonly statement: string }[]) =>
    sent.filter(({ statement }) => !isOfBackground(statement)).length
  expect(foreground(inThread!)).toBe(foreground(inChannel!))
  const roleId = await makeRole(kit, 'channel', ['editOwnMessage'])
  const reader = await kit.user('reader')
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: reader.identity, roleId } })
  await expect(refusalOf(reader, StartTypingDocument, { input: { channelId } })).resolves.toMatchObject({
    code: 'FORBIDDEN',
  })
})

test.each([60_000, -60_000])('typing lasts as long where the clock differs by %d ms', async (difference) => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const bus = new ScriptedBus(other.app.bus)
  const atBob = await watch(bob, other, id)
  const actor = await authenticateUser(kit.server.app, alice.token)
  bus.hold()
  const began = performance.now()
  const now = Date.now.bind(Date)
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + difference)
  await startTyping(kit.server.app, actor, { channelId: id }).finally(() => clock.mockRestore())
  await bus.holds(1)
  bus.release()
  await waitFor(() => atBob.started().length === 1)
  await waitFor(() => atBob.ended().length === 1, { timeout: 5000 })
  expect(performance.now() - began).toBeGreaterThan(1500)
  // By the clock of the process that reports it.
  const [expiresAt] = atBob.expiresAt()
  expect(Math.abs(expiresAt! - (other === kit.server ? difference : 0) - Date.now())).toBeLessThan(10_000)
  await atBob.close()
})
