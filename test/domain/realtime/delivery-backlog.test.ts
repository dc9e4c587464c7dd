import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  AcknowledgeDeliveriesDocument,
  DeleteMessageDocument,
  DeliveryBacklogsDocument,
  MessageBodiesDocument,
  RemoveMemberDocument,
  MembersDocument,
  TruncateChannelDocument,
  type DeliveryBacklogsQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { sidToUuid, type ChannelId } from '../../../src/model/sid.ts'
import { makeAccount } from '../../support/authority.ts'
import { confirmed } from '../../support/deliveries.ts'
import { openKit, record, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const list = async (variables: DeliveryBacklogsQueryVariables, caller = kit.backend) =>
  (await caller.request(DeliveryBacklogsDocument, variables)).deliveryBacklogs

/** What waits, as `identity/device: count from index`. */
const waiting = async (variables: DeliveryBacklogsQueryVariables) =>
  (await list(variables)).nodes.map(
    ({ identity, deviceId, pendingCount, oldestIndex }) =>
      `${identity.split('-')[0]}/${deviceId ?? '*'}: ${pendingCount} from ${oldestIndex}`,
  )

/** The device has received everything up to the message. */
const receive = (user: User, channelId: string, throughIndex: number, deviceId: string) =>
  user.request(AcknowledgeDeliveriesDocument, { input: { channelId, throughIndex, deviceId } })

async function furnish(count: number) {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const messages = []
  for (let at = 0; at < count; at++) messages.push(await alice.send(channelId, `message ${at}`))
  return { alice, bob, channelId, messages }
}

test('who of a channel has not received what, by member and device, without its own messages', async () => {
  const { alice, bob, channelId, messages } = await furnish(3)
  expect(await waiting({ channelId })).toEqual(['bob/*: 3 from 0'])
  await receive(bob, channelId, 1, 'phone')
  await bob.send(channelId, 'an answer')
  expect(await waiting({ channelId })).toEqual(['alice/*: 1 from 3', 'bob/*: 1 from 2', 'bob/phone: 1 from 2'])
  await receive(bob, channelId, 0, 'laptop')
  await receive(bob, channelId, 3, 'phone')
  // A new device begins where the member's furthest was.
  expect(await waiting({ channelId })).toEqual(['alice/*: 1 from 3', 'bob/laptop: 1 from 2'])
  const { nodes } = await list({ channelId })
  const [, laptop] = nodes
  expect(laptop).toMatchObject({
    channelId,
    identity: bob.identity,
    deviceId: 'laptop',
    deliveredIndex: 1,
    hasMore: false,
    oldestAt: messages[2]!.createdAt,
  })
  expect(Date.parse(laptop!.lastSeenAt)).toBeGreaterThan(Date.now() - 60_000)
  const client = alice.connect()
  onTestFinished(() => client.dispose() as Promise<void>)
  record(client, MessageBodiesDocument, { channelId })
  await kit.backend.send(channelId, 'live')
  await confirmed(kit.store, channelId, alice.identity, 4)
  expect(await waiting({ channelId })).not.toContain('alice/*: 1 from 3')
})

test('neither deleted nor truncated messages wait, and nobody who has left', async () => {
  const { bob, channelId, messages } = await furnish(4)
  await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 1 } })
  await kit.backend.request(DeleteMessageDocument, { input: { messageId: messages[1]!.id } })
  expect(await waiting({ channelId })).toEqual(['bob/*: 2 from 2'])
  const { channel } = await kit.backend.request(MembersDocument, { channelId })
  const { node } = channel!.members.edges.find((edge) => edge.node.identity === bob.identity)!
  await kit.backend.request(RemoveMemberDocument, { input: { memberId: node.id } })
  expect(await waiting({ channelId })).toEqual([])
})

test('what waits for a user, in all of its channels', async () => {
  const { bob, channelId } = await furnish(2)
  const { id: second } = await kit.channel([bob])
  const { id: quiet } = await kit.channel([bob])
  await kit.backend.send(second, 'hello')
  await receive(bob, channelId, 0, 'phone')
  for (const userId of [bob.identity, (await list({ channelId })).nodes[0]!.userId]) {
    expect(await waiting({ userId })).toEqual(['bob/*: 1 from 1', 'bob/phone: 1 from 1', 'bob/*: 1 from 0'])
  }
  const { nodes } = await list({ userId: bob.identity })
  expect(nodes.map((node) => node.channelId)).toEqual([channelId, channelId, second])
  expect(nodes.map((node) => node.channelId)).not.toContain(quiet)
})

test('of a service those come first that were seen longest ago', async () => {
  const { bob, channelId } = await furnish(1)
  const { service } = await makeServiceOf(kit)
  await kit.store.db.run(
    `UPDATE deliveries SET seen_at = now() - interval '1 year' - n * interval '1 microsecond'
     FROM (SELECT member_id, row_number() OVER () AS n FROM deliveries WHERE channel_id = $1) AS numbered
     WHERE deliveries.channel_id = $1 AND deliveries.member_id = numbered.member_id`,
    [sidToUuid(channelId)],
  )
  const { serviceId } = kit.server.account
  // Of the sender, who has received nothing, nothing waits: the page is short.
  const { nodes } = await list({ serviceId, first: 2 })
  expect(nodes[0]).toMatchObject({ channelId, identity: bob.identity })
  expect(await waiting({ serviceId: service })).toEqual([])
})

test('pages follow each other without a gap, with the same device on two sides of none', async () => {
  const { alice, bob, channelId } = await furnish(2)
  for (const device of ['a', 'b:c', 'd']) await receive(bob, channelId, 0, device)
  const { id: other } = await kit.channel([alice, bob])
  await alice.send(other, 'hello')
  const lists = {
    channelId: { channelId },
    userId: { userId: bob.identity },
    both: { channelId, userId: bob.identity },
    service: {},
  }
  for (const scope of Object.values(lists)) {
    const all: string[] = []
    for (let after: string | null = null; ;) {
      const { nodes, pageInfo } = await list({ ...scope, first: 1, after })
      all.push(...nodes.map((node) => `${node.channelId} ${node.memberId} ${node.deviceId}`))
      expect(pageInfo.hasPreviousPage).toBe(after !== null)
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
    }
    const { nodes, pageInfo } = await list({ ...scope, first: 100 })
    expect(pageInfo.hasNextPage).toBe(false)
    expect(all).toEqual(nodes.map((node) => `${node.channelId} ${node.memberId} ${node.deviceId}`))
    expect(all.length).toBeGreaterThan(3)
  }
})

test('a page looks at two thousand positions, counts a thousand messages, and says where it goes on', async () => {
  const { bob, channelId } = await furnish(1)
  const { db } = kit.store
  await receive(bob, channelId, 0, 'z')
  await db.run(
    `INSERT INTO deliveries (channel_id, member_id, device_id, delivered_index, delivered_seq)
     SELECT d.channel_id, d.member_id, 'a ' || n, c.last_index, 0 FROM deliveries d JOIN channels c ON c.id = d.channel_id, generate_series(1, 2500) AS n
     WHERE d.device_id = '' AND d.channel_id = $1 AND d.member_id = (SELECT id FROM members WHERE channel_id = $1 AND identity = $2)`,
    [sidToUuid(channelId), bob.identity],
  )
  await addMessages(channelId, bob.identity, 1200)
  await db.run(`UPDATE deliveries SET delivered_index = 1200 WHERE channel_id = $1 AND device_id LIKE 'a %'`, [
    sidToUuid(channelId),
  ])
  await db.run(`UPDATE deliveries SET delivered_index = 0 WHERE channel_id = $1 AND device_id NOT LIKE 'a %'`, [
    sidToUuid(channelId),
  ])
  const pages = []
  for (let after: string | null = null; ;) {
    const { nodes, pageInfo } = await list({ channelId, after })
    pages.push(nodes)
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  // The last page has Bob's device, which waits for none of the next thousand: they are its own.
  expect(pages).toHaveLength(2)
  const [ofAlice, ofBob] = [pages[0]!.filter(({ identity }) => identity !== bob.identity), pages[1]!]
  expect(ofAlice).toMatchObject([{ pendingCount: 1000, hasMore: true, oldestIndex: 1 }])
  expect(ofBob).toMatchObject([{ deviceId: 'z', pendingCount: 0, hasMore: true, oldestIndex: null, oldestAt: null }])
})

/** Messages of one author, as if they had been sent. */
async function addMessages(channelId: ChannelId, author: string, count: number): Promise<void> {
  await kit.store.db.run(
    `WITH counted AS (
       UPDATE channels SET last_index = last_index + $2, last_seq = last_seq + $2, messages_count = messages_count + $2 WHERE id = $1
       RETURNING id, last_index - $2 AS before, last_seq - $2 AS seq
     )
     INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at)
     SELECT id, before + n, gen_random_uuid(), seq + n, $3, 'x', now(), now() FROM counted, generate_series(1, $2::int) AS n`,
    [sidToUuid(channelId), count, author],
  )
}

test('bad arguments are refused, users are, and what belongs to another account is not found', async () => {
  const { alice, channelId } = await furnish(1)
  const bad = { code: 'BAD_USER_INPUT' }
  const refusal = (variables: DeliveryBacklogsQueryVariables, caller = kit.backend) =>
    refusalOf(caller, DeliveryBacklogsDocument, variables)
  for (const first of [0, 101]) expect(await refusal({ first })).toEqual(bad)
  const { nodes, pageInfo } = await list({ channelId })
  expect(pageInfo.endCursor).toBe(pageInfo.startCursor)
  const [seenAt, ...rest] = pageInfo.endCursor!.split(':')
  expect(nodes).toHaveLength(1)
  for (const after of ['', 'x', `${seenAt}:x`, ['!', ...rest].join(':'), `${pageInfo.endCursor}\0`]) {
    expect(await refusal({ channelId, after })).toEqual(bad)
  }
  expect(await refusal({}, alice)).toEqual({ code: 'FORBIDDEN', chatCode: 50107 })
  const { backend: stranger } = await makeAccount(kit)
  expect(await refusal({ channelId }, stranger)).toEqual({ code: 'NOT_FOUND', chatCode: 50300 })
  expect(await refusal({ userId: nodes[0]!.userId }, stranger)).toEqual({
    code: 'NOT_FOUND',
    chatCode: 50200,
  })
})

test('where the walk of a service has come to among devices of another account, its cursor does not say', async () => {
  const { alice, bob, channelId } = await furnish(1)
  await receive(bob, channelId, 0, 'seen-by-nobody')
  const { db } = kit.store
  await db.run(
    `INSERT INTO deliveries (channel_id, member_id, device_id, delivered_index, delivered_seq)
     SELECT channel_id, member_id, 'secret device ' || n, 0, 0 FROM deliveries, generate_series(1, 2000) AS n WHERE channel_id = $1 AND device_id = 'seen-by-nobody'`,
    [sidToUuid(channelId)],
  )
  const { backend: stranger } = await makeAccount(kit)
  const cursors: string[] = []
  for (let after: string | null = null; ;) {
    const { nodes, pageInfo }: Awaited<ReturnType<typeof list>> = await list({ after }, stranger)
    expect(nodes).toEqual([])
    if (!pageInfo.hasNextPage) break
    cursors.push((after = pageInfo.endCursor!))
  }
  expect(cursors.length).toBeGreaterThan(0)
  for (const part of [':', channelId, 'device']) expect(cursors.filter((cursor) => cursor.includes(part))).toEqual([])
  const damaged = cursors[0]!.replace(/^./, (sign) => (sign === 'A' ? 'B' : 'A'))
  expect(await refusalOf(stranger, DeliveryBacklogsDocument, { after: damaged })).toEqual({ code: 'BAD_USER_INPUT' })
  expect(await refusalOf(alice, DeliveryBacklogsDocument, { after: cursors[0]! })).toMatchObject({ code: 'FORBIDDEN' })
})

async function makeServiceOf({ backend }: Kit): Promise<{ service: string }> {
  const { createService } = await backend.request<{ createService: { service: { id: string } } }, object>(
    'mutation { createService(input: { friendlyName: "another" }) { service { id } } }',
  )
  return { service: createService.service.id }
}
