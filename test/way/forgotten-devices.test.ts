import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageBodiesDocument } from '../../schema/generated/graphql.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import { deliveries } from '../../src/store/tables/delivery.ts'
import { confirmed, deliveredIndex } from '../support/deliveries.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

const day = 24 * 3_600_000

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

type Listening = readonly [user: User, deviceId: string]

/** Devices that are there while messages are sent, and go when these are confirmed. */
async function receive(sender: User, channelId: string, bodies: readonly string[], devices: readonly Listening[]) {
  const there = devices.map(([user, deviceId]) => {
    const client = user.connect({ deviceId })
    return { user, deviceId, client, received: record(client, MessageBodiesDocument, { channelId }) }
  })
  const { feeds } = kit.server.app
  await waitFor(
    () => [...(feeds.get(channelId as ChannelId)?.groups.values() ?? [])][0]?.subscribers.size === devices.length,
  )
  let last = -1
  for (const body of bodies) last = (await sender.send(channelId, body)).index
  for (const { user, deviceId, client, received } of there) {
    await received.atLeast(bodies.length)
    await confirmed(kit.store, channelId, user.identity, last, deviceId)
    await client.dispose()
  }
}

/** What a device receives that comes back, up to the marker that is sent then. */
async function deliveredTo(user: User, deviceId: string, channelId: string, sender: User): Promise<string[]> {
  const client = user.connect({ deviceId })
  const received = record(client, MessageBodiesDocument, { channelId })
  const marker = await sender.send(channelId, `${deviceId} is back`)
  await waitFor(() => received.items.at(-1)?.messageAdded.index === marker.index)
  await client.dispose()
  return received.items.slice(0, -1).map(({ messageAdded }) => messageAdded.body)
}

/** As if the device (the member itself, where it is empty) had been seen in the channel so many days ago. */
async function lastSeen(channelId: ChannelId, deviceId: string, days: number): Promise<void> {
  await kit.store.db.orm
    .update(deliveries)
    .set({ seenAt: new Date(Date.now() - days * day) })
    .where(and(eq(deliveries.channelId, channelId), eq(deliveries.deviceId, deviceId)))
}

/** Starts a server, which sweeps at once, and stops it. */
async function sweep(settings: Record<string, string> = {}): Promise<void> {
  await using _server = await kit.another({ LOG_LEVEL: 'silent', ...settings })
}

test('P4: a device not seen for 30 days begins where its member is, one seen yesterday where it was itself', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  await receive(
    alice,
    channelId,
    ['to all'],
    [
      [bob, 'old'],
      [bob, 'yesterday'],
      [bob, 'almost old'],
      [bob, 'tablet'],
    ],
  )
  await receive(alice, channelId, ['to the tablet'], [[bob, 'tablet']])
  await alice.send(channelId, 'to nobody')
  for (const [device, days] of [
    ['old', 30.01],
    ['yesterday', 1],
    ['almost old', 29.99],
    ['', 400],
  ] as const) {
    await lastSeen(channelId, device, days)
  }
  await sweep()
  expect(await deliveredIndex(kit.store, channelId, bob.identity, 'old')).toBeUndefined()
  expect(await deliveredIndex(kit.store, channelId, bob.identity)).toBe(1)
  expect(await deliveredTo(bob, 'old', channelId, alice)).toEqual(['to nobody'])
  expect(await deliveredTo(bob, 'yesterday', channelId, alice)).toEqual(['to the tablet', 'to nobody', 'old is back'])
  expect(await deliveredIndex(kit.store, channelId, bob.identity, 'almost old')).toBe(0)
})

test('P4: DEVICE_DAYS says after how many days', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  await receive(alice, channelId, ['hello'], [[bob, 'phone']])
  await lastSeen(channelId, 'phone', 2.5)
  await sweep({ DEVICE_DAYS: '3' })
  expect(await deliveredIndex(kit.store, channelId, bob.identity, 'phone')).toBe(0)
  await sweep({ DEVICE_DAYS: '2' })
  expect(await deliveredIndex(kit.store, channelId, bob.identity, 'phone')).toBeUndefined()
})

test('P4: a device that reads one channel every day keeps its position in another that it has not opened for long', async () => {
  const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
  const [daily, rare] = [(await kit.channel([alice, bob, carol])).id, (await kit.channel([alice, bob, carol])).id]
  await receive(alice, daily, ['today'], [[bob, 'phone']])
  await receive(
    alice,
    rare,
    ['long ago'],
    [
      [bob, 'phone'],
      [carol, 'phone'],
    ],
  )
  await lastSeen(rare, 'phone', 31)
  await receive(alice, rare, ['to the tablet'], [[bob, 'tablet']])
  await sweep()
  // Another user's device of the same name says nothing of hers.
  expect(await deliveredIndex(kit.store, rare, carol.identity, 'phone')).toBeUndefined()
  expect(await deliveredTo(bob, 'phone', rare, alice)).toEqual(['to the tablet'])
})
