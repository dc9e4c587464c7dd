import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  MessageBodiesDocument,
  StartTypingDocument,
  TypingEndedDocument,
  TypingStartedDocument,
} from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { services } from '../../src/store/tables/service.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let other: Server
beforeAll(async () => {
  kit = await openKit()
  await kit.store.db.orm.update(services).set({ typingIndicatorTimeout: 2 })
  other = await kit.another()
})
afterAll(() => kit.close())

async function type(user: User, channelId: string): Promise<number> {
  const { startTyping } = await user.request(StartTypingDocument, { input: { channelId } })
  return Date.parse(startTyping.expiresAt)
}

/** Who was told to begin and to end typing, seen by a user at a server; listening has begun when this resolves. */
async function watch(user: User, server: Pick<Server, 'url'>, channelId: string) {
  const client = user.at(server).connect()
  const started = record(client, TypingStartedDocument, { channelId })
  const ended = record(client, TypingEndedDocument, { channelId })
  const received = record(client, MessageBodiesDocument, { channelId })
  await kit.backend.send(channelId, 'listening')
  await received.atLeast(1)
  return {
    started: () => started.items.map(({ typingStarted }) => typingStarted.member.identity),
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
