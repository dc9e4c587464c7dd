import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  EventsDocument,
  MessageBodiesDocument,
  RemoveMemberDocument,
  TypingStartedDocument,
  StartTypingDocument,
  MembersDocument,
  UpdateMessageDocument,
} from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { confirmed } from '../support/deliveries.ts'
import { openKit, record, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let other: Server
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
})
afterAll(() => kit.close())

test('P3: a message that is sent at one server arrives at the other', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const client = bob.at(other).connect()
  const received = record(client, MessageBodiesDocument, { channelId })
  await alice.send(channelId, 'one')
  await received.atLeast(1)
  await alice.send(channelId, 'two')
  expect((await received.atLeast(2)).map(({ messageAdded }) => messageAdded.body)).toEqual(['one', 'two'])
  await client.dispose()
})

test('P2 P3: while both servers send at once, readers of each receive 0, 1, 2 … without a gap', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const clients = [alice.connect(), bob.at(other).connect()]
  const recordings = clients.map((client) => record(client, MessageBodiesDocument, { channelId }))
  const senders = [alice, alice.at(other), bob, bob.at(other)]
  const rounds = 25
  await Promise.all(
    senders.map(async (sender, number) => {
      for (let round = 0; round < rounds; round++) await sender.send(channelId, `${number}: ${round}`)
    }),
  )
  const total = senders.length * rounds
  for (const recording of recordings) await recording.atLeast(total)
  await alice.send(channelId, 'marker')
  const orders = await Promise.all(
    recordings.map(async (recording) => (await recording.atLeast(total + 1)).map(({ messageAdded }) => messageAdded)),
  )
  expect(orders[0]!.map(({ index }) => index)).toEqual(Array.from({ length: total + 1 }, (_, index) => index))
  expect(orders[1]).toEqual(orders[0])
  senders.forEach((_, number) => {
    const own = orders[0]!.flatMap(({ body }) => (body.startsWith(`${number}: `) ? Number(body.slice(3)) : []))
    expect(own).toEqual(Array.from({ length: rounds }, (__, round) => round))
  })
  for (const client of clients) await client.dispose()
})

test('P3: edits, typing and removals cross from one server to the other', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const client = bob.at(other).connect()
  const typing = record(client, TypingStartedDocument, { channelId })
  const events = record(client, EventsDocument, { channelId })
  const message = await alice.send(channelId, 'sent')
  await waitFor(() => events.items.some((item) => item.events.__typename === 'MessageAdded'))
  await alice.request(UpdateMessageDocument, { input: { messageId: message.id, body: 'edited' } })
  await waitFor(() => events.items.some((item) => item.events.__typename === 'MessageUpdated'))
  await alice.request(StartTypingDocument, { input: { channelId } })
  const [begun] = await typing.atLeast(1)
  expect(begun!.typingStarted.member.identity).toBe(alice.identity)

  const { channel } = await kit.backend.request(MembersDocument, { channelId })
  const memberId = channel!.members.edges.find(({ node }) => node.identity === bob.identity)!.node.id
  await kit.backend.request(RemoveMemberDocument, { input: { memberId } })
  await alice.send(channelId, 'not for bob')
  await events.ended()
  await typing.ended()
  expect(events.errors.flat()).toMatchObject([{ extensions: { code: 'FORBIDDEN', chatCode: 50400 } }])
  const bodies = events.items.flatMap((item) =>
    item.events.__typename === 'MessageAdded' ? item.events.message.body : [],
  )
  expect(bodies).toEqual(['sent'])
  await client.dispose()
})

test('P4: what was confirmed at one server is not delivered again at the other', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const first = bob.connect({ deviceId: 'phone' })
  const before = record(first, MessageBodiesDocument, { channelId })
  await alice.send(channelId, 'm0')
  await before.atLeast(1)
  await confirmed(kit.store, channelId, bob.identity, 0, 'phone')
  await first.dispose()
  await alice.at(other).send(channelId, 'm1')
  const second = bob.at(other).connect({ deviceId: 'phone' })
  const after = record(second, MessageBodiesDocument, { channelId })
  expect(await after.atLeast(1)).toEqual([{ messageAdded: { index: 1, body: 'm1' } }])
  await second.dispose()
})
