import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AcknowledgeDeliveriesDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MessageBodiesDocument,
  PendingDeliveriesDocument,
} from '../../schema/generated/graphql.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import { confirmed, deliveredIndex } from '../support/deliveries.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

/** All that is queued, read in pages of the given size. */
async function queued(user: User, first: number): Promise<string[]> {
  const read: string[] = []
  let after: string | null | undefined
  do {
    const { pendingDeliveries } = await user.request(PendingDeliveriesDocument, { first, after: after ?? null })
    const { edges, pageInfo } = pendingDeliveries
    expect(edges.length).toBeLessThanOrEqual(first)
    read.push(...edges.map(({ node }) => `${node.channel.id} ${node.message.index} ${node.message.body}`))
    after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined
  } while (after != null)
  return read
}

async function acknowledge(user: User, channelId: string, throughIndex: number, deviceId?: string): Promise<number> {
  const input = { channelId, throughIndex, deviceId: deviceId ?? null }
  const { acknowledgeDeliveries } = await user.request(AcknowledgeDeliveriesDocument, { input })
  return acknowledgeDeliveries.deliveredIndex
}

test('P4: the queue holds what was sent to all channels of a member, page by page, without its own', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const channels = [await kit.channel([alice, bob]), await kit.channel([bob]), await kit.channel([alice, bob])]
  const [first, empty, last] = channels.map(({ id }) => id) as [ChannelId, ChannelId, ChannelId]
  await alice.send(last, 'a')
  await alice.send(first, 'b')
  await bob.send(first, 'my own')
  await alice.send(first, 'c')
  await bob.send(empty, 'my own')
  await alice.send(last, 'd')
  const removed = await alice.send(last, 'taken back')
  await alice.request(DeleteMessageDocument, { input: { messageId: removed.id } })
  const all = [`${first} 0 b`, `${first} 2 c`, `${last} 0 a`, `${last} 1 d`]
  for (const size of [1, 2, 3, 100]) expect(await queued(bob, size)).toEqual(all)
  await bob.request(LeaveChannelDocument, { input: { channelId: first } })
  expect(await queued(bob, 25)).toEqual([`${last} 0 a`, `${last} 1 d`])
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: last } })
  expect(await queued(bob, 25)).toEqual([])
  const recording = record(bob.connect(), MessageBodiesDocument, {})
  await alice.request(JoinChannelDocument, { input: { channelId: empty } })
  await alice.send(empty, 'the others go on')
  expect(await recording.atLeast(2)).toEqual([
    { messageAdded: { index: 0, body: 'my own' } },
    { messageAdded: { index: 1, body: 'the others go on' } },
  ])
})

test('P4: what was acknowledged by hand is queued no more and not delivered again, and never goes back', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  for (const body of ['a', 'b', 'c']) await alice.send(id, body)
  expect(await acknowledge(bob, id, 1, 'phone')).toBe(1)
  expect(await acknowledge(bob, id, 0, 'phone')).toBe(1)
  expect(await queued(bob, 25)).toEqual([`${id} 2 c`])
  const client = bob.connect({ deviceId: 'phone' })
  const received = record(client, MessageBodiesDocument, { channelId: id })
  expect(await received.atLeast(1)).toEqual([{ messageAdded: { index: 2, body: 'c' } }])
  await client.dispose()
})

test('P4: an acknowledgement counts for the device that it names, and for its member', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const tablet = bob.connect({ deviceId: 'tablet' })
  const onTablet = record(tablet, MessageBodiesDocument, { channelId: id })
  await alice.send(id, 'a')
  await onTablet.atLeast(1)
  await confirmed(kit.store, id, bob.identity, 0, 'tablet')
  await tablet.dispose()
  for (const body of ['b', 'c']) await alice.send(id, body)
  expect(await acknowledge(bob, id, 2, 'phone')).toBe(2)
  expect(await queued(bob, 25)).toEqual([])
  expect(await deliveredIndex(kit.store, id, bob.identity, 'tablet')).toBe(0)
  const again = bob.connect({ deviceId: 'tablet' })
  const received = record(again, MessageBodiesDocument, { channelId: id })
  expect((await received.atLeast(2)).map(({ messageAdded }) => messageAdded.body)).toEqual(['b', 'c'])
  await again.dispose()
})

test('what the channel does not have cannot be acknowledged', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await alice.send(id, 'a')
  for (const throughIndex of [-1, 1]) {
    const input = { channelId: id, throughIndex }
    await bob.expectRefusal(AcknowledgeDeliveriesDocument, { input }, 'BAD_USER_INPUT', 50406)
  }
  expect(await queued(bob, 25)).toEqual([`${id} 0 a`])
})

test('P4: a confirmed position that could not be written is written when that is possible again', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  record(bob.connect({ deviceId: 'phone' }), MessageBodiesDocument, { channelId: id })
  await alice.send(id, 'before')
  await confirmed(kit.store, id, bob.identity, 0, 'phone')
  await kit.store.db.orm.execute(sql`ALTER TABLE deliveries RENAME TO deliveries_away`)
  kit.store.statements.length = 0
  await alice.send(id, 'meanwhile')
  await waitFor(() => kit.store.statements.some((one) => one.includes('UPDATE deliveries')), { timeout: 5000 })
  await kit.store.db.orm.execute(sql`ALTER TABLE deliveries_away RENAME TO deliveries`)
  await confirmed(kit.store, id, bob.identity, 1, 'phone')
  expect(await deliveredIndex(kit.store, id, bob.identity)).toBe(1)
})
