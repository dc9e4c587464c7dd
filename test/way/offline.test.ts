import type { Client } from 'graphql-ws'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  HistoryDocument,
  MessageBodiesDocument,
  RemoveMemberDocument,
} from '../../schema/generated/graphql.ts'
import { confirmed, deliveredIndex } from '../support/deliveries.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'

let kit: Kit
let clients: AsyncDisposableStack
beforeAll(async () => {
  kit = await openKit()
  clients = new AsyncDisposableStack()
})
afterAll(async () => {
  await clients.disposeAsync()
  await kit.close()
})

function connect(user: User, deviceId?: string): Client {
  const client = user.connect(deviceId === undefined ? {} : { deviceId })
  clients.defer(async () => client.dispose())
  return client
}

async function join({ identity }: User, channelId: string): Promise<string> {
  const { addMember } = await kit.backend.request(AddMemberDocument, { input: { channelId, identity } })
  return addMember.member.id
}

/** Sends so many messages, `m0` being the channel's first. */
async function send(user: User, channelId: string, from: number, to: number): Promise<void> {
  for (let index = from; index <= to; index++) await user.send(channelId, `m${index}`)
}

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `m${from + at}`)
}

/** What a new connection gets when it names the channel and no more, up to the given index. */
async function received(client: Client, channelId: string, through: number, after?: string): Promise<string[]> {
  const recording = record(client, MessageBodiesDocument, { channelId, after: after ?? null })
  await recording.atLeast(1)
  await recording.atLeast(through - recording.items[0]!.messageAdded.index + 1)
  return recording.items.map(({ messageAdded }) => messageAdded.body)
}

test('P4: a member that has never connected finds everything since it joined, and nothing from before', async () => {
  const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
  const { id } = await kit.channel([alice, bob])
  await send(alice, id, 0, 2)
  await join(carol, id)
  await send(alice, id, 3, 5)
  expect(await received(connect(bob, 'phone'), id, 5)).toEqual(range(0, 5))
  expect(await received(connect(carol, 'phone'), id, 5)).toEqual(range(3, 5))
})

test('P4: a new device begins where the furthest device of its member is', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await send(alice, id, 0, 2)
  await received(connect(bob, 'phone'), id, 2)
  await confirmed(kit.store, id, bob.identity, 2, 'phone')
  const tablet = record(connect(bob, 'tablet'), MessageBodiesDocument, { channelId: id })
  await send(alice, id, 3, 3)
  expect(await tablet.atLeast(1)).toEqual([{ messageAdded: { index: 3, body: 'm3' } }])
})

test('P4: two devices of one member each get everything, whatever the other has had', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const [phone, tablet] = [connect(bob, 'phone'), connect(bob, 'tablet')]
  const onTablet = record(tablet, MessageBodiesDocument, { channelId: id })
  await send(alice, id, 0, 0)
  await onTablet.atLeast(1)
  await confirmed(kit.store, id, bob.identity, 0, 'tablet')
  await tablet.dispose()
  const onPhone = record(phone, MessageBodiesDocument, { channelId: id })
  await send(alice, id, 1, 3)
  await onPhone.atLeast(3)
  await confirmed(kit.store, id, bob.identity, 3, 'phone')
  expect(await deliveredIndex(kit.store, id, bob.identity, 'tablet')).toBe(0)
  expect(await received(connect(bob, 'tablet'), id, 3)).toEqual(range(1, 3))
})

test('P4: clients that name no device share the position of their member', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await send(alice, id, 0, 1)
  const first = connect(bob)
  expect(await received(first, id, 1)).toEqual(range(0, 1))
  await confirmed(kit.store, id, bob.identity, 1)
  await first.dispose()
  await send(alice, id, 2, 2)
  expect(await received(connect(bob), id, 2)).toEqual(['m2'])
})

test('P4: what a client has answered a ping for is confirmed within about a second and not repeated', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const socket = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  socket.subscribe('1', MessageBodiesDocument, { channelId: id })
  const began = performance.now()
  await send(alice, id, 0, 4)
  await confirmed(kit.store, id, bob.identity, 4, 'phone')
  expect(performance.now() - began).toBeLessThan(2500)
  socket.terminate()
  await send(alice, id, 5, 5)
  expect(await received(connect(bob, 'phone'), id, 5)).toEqual(['m5'])
})

test('P4: a client that answers no ping gets everything again', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const socket = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' }, { answersPings: false })
  const first = socket.subscribe('1', MessageBodiesDocument, { channelId: id })
  await send(alice, id, 0, 2)
  await expect.poll(first, { timeout: 5000 }).toHaveLength(3)
  await expect.poll(() => socket.messages.filter(({ type }) => type === 'ping'), { timeout: 5000 }).toHaveLength(1)
  socket.terminate()
  await expect.poll(() => socket.closed).toBeDefined()
  expect(await received(connect(bob, 'phone'), id, 2)).toEqual(range(0, 2))
})

test('P4: the later of the cursor a client brings and the position of its device is where it goes on', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await send(alice, id, 0, 4)
  const { channel } = await bob.request(HistoryDocument, { channelId: id, first: 100 })
  const cursors = channel!.messages.edges.map(({ cursor }) => cursor)
  const phone = connect(bob, 'phone')
  expect(await received(phone, id, 4, cursors[2])).toEqual(['m3', 'm4'])
  await confirmed(kit.store, id, bob.identity, 4, 'phone')
  await phone.dispose()
  await send(alice, id, 5, 5)
  expect(await received(connect(bob, 'phone'), id, 5, cursors[0])).toEqual(['m5'])
})

test('P4: a member that leaves and joins again begins at its new joining', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice])
  const memberId = await join(bob, id)
  await send(alice, id, 0, 1)
  await kit.backend.request(RemoveMemberDocument, { input: { memberId } })
  await send(alice, id, 2, 2)
  await join(bob, id)
  await send(alice, id, 3, 3)
  expect(await received(connect(bob, 'phone'), id, 3)).toEqual(['m3'])
})
