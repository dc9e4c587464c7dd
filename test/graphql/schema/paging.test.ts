import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  PendingDeliveriesDocument,
  RemoveMemberDocument,
} from '../../../schema/generated/graphql.ts'
import { openKit, type Caller, type Kit, type User } from '../../support/kit.ts'

let kit: Kit
let alice: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
})
afterAll(() => kit.close())

interface PageArgs {
  readonly first?: number
  readonly after?: string
  readonly last?: number
  readonly before?: string
}

interface Connection {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

type Read = (args: PageArgs) => Promise<Connection>

const page = `(first: $first, after: $after, last: $last, before: $before) {
  edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}`

function reader(caller: Caller, field: 'messages' | 'members' | 'channels', channelId?: string): Read {
  const selection = channelId === undefined ? `channels ${page}` : `channel(id: "${channelId}") { ${field} ${page} }`
  const query = `query ($first: Int, $after: String, $last: Int, $before: String) { ${selection} }`
  return async (args) => {
    const data = await caller.request(query as unknown as TypedDocumentNode<Record<string, never>, PageArgs>, args)
    const connection = (data['channel']?.[field] ?? data['channels']) as unknown as Connection
    expect(connection.pageInfo.startCursor).toBe(connection.edges[0]?.cursor ?? null)
    expect(connection.pageInfo.endCursor).toBe(connection.edges.at(-1)?.cursor ?? null)
    return connection
  }
}

const idsOf = ({ edges }: Connection): string[] => edges.map(({ node }) => node.id)

/** Five things by what reads them, in the order in which they must come. */
async function furnish(): Promise<(readonly [Read, readonly string[]])[]> {
  const fresh = await openKit()
  stack.use(fresh)
  const users = await Promise.all(Array.from({ length: 4 }, () => fresh.user()))
  const reading = await fresh.user('reader')
  const channels = []
  for (let at = 0; at < 5; at++) channels.push(await fresh.channel([reading]))
  const { id } = channels[0]!
  const members = []
  for (const { identity } of users) {
    const { addMember } = await fresh.backend.request<{ addMember: { member: { id: string } } }, object>(
      `mutation { addMember(input: { channelId: "${id}", identity: "${identity}" }) { member { id } } }`,
    )
    members.push(addMember.member.id)
  }
  const messages = []
  for (let at = 0; at < 5; at++) messages.push((await reading.send(id, `${at}`)).id)
  const [first] = idsOf(await reader(reading, 'members', id)({ first: 1 }))
  return [
    [reader(reading, 'messages', id), messages],
    [reader(reading, 'members', id), [first!, ...members]],
    [reader(reading, 'channels'), channels.map((channel) => channel.id)],
  ]
}

const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

test('pages go forwards and backwards, and say whether there is more', async () => {
  for (const [read, ids] of await furnish()) {
    const all = await read({})
    expect(idsOf(all)).toEqual(ids)
    expect(all.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })

    const begin = await read({ first: 2 })
    expect(idsOf(begin)).toEqual(ids.slice(0, 2))
    expect(begin.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    const middle = await read({ first: 2, after: begin.pageInfo.endCursor! })
    expect(idsOf(middle)).toEqual(ids.slice(2, 4))
    expect(middle.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
    const end = await read({ first: 2, after: middle.pageInfo.endCursor! })
    expect(idsOf(end)).toEqual(ids.slice(4))
    expect(end.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })

    const newest = await read({ last: 2 })
    expect(idsOf(newest)).toEqual(ids.slice(3))
    expect(newest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    const older = await read({ last: 3, before: newest.pageInfo.startCursor! })
    expect(idsOf(older)).toEqual(ids.slice(0, 3))
    expect(older.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  }
})

test('a page of exactly what there is has no next one, and beyond the end there is nothing', async () => {
  for (const [read, ids] of await furnish()) {
    const exact = await read({ first: 5 })
    expect(exact.pageInfo).toMatchObject({ hasNextPage: false })
    expect((await read({ last: 5 })).pageInfo).toMatchObject({ hasPreviousPage: false })
    const [first, last] = [exact.pageInfo.startCursor!, exact.pageInfo.endCursor!]
    expect(idsOf(await read({ after: last }))).toEqual([])
    expect(idsOf(await read({ before: first }))).toEqual([])
    expect(idsOf(await read({ after: first, before: last, first: 10 }))).toEqual(ids.slice(1, 4))
    expect(idsOf(await read({ after: first, before: last, last: 2 }))).toEqual(ids.slice(2, 4))
    expect(idsOf(await read({ after: last, before: first }))).toEqual([])
  }
})

test('whether there is more on the side of a cursor is looked up, not taken for granted', async () => {
  for (const [read, ids] of await furnish()) {
    const all = await read({})
    const [first, second, , fourth, last] = all.edges.map(({ cursor }) => cursor)
    const flags = async (args: PageArgs) => {
      const { edges, pageInfo } = await read(args)
      return [edges.length, pageInfo.hasPreviousPage, pageInfo.hasNextPage]
    }
    expect(ids).toHaveLength(5)
    expect(await flags({ first: 2, after: first! })).toEqual([2, true, true])
    expect(await flags({ last: 2, before: last! })).toEqual([2, true, true])
    expect(await flags({ first: 2, after: last! })).toEqual([0, true, false])
    expect(await flags({ last: 2, before: first! })).toEqual([0, false, true])
    expect(await flags({ first: 9, after: second!, before: fourth! })).toEqual([1, true, false])
    expect(await flags({ last: 9, after: second!, before: fourth! })).toEqual([1, false, true])
  }
  const alone = await kit.channel([alice])
  for (let at = 0; at < 3; at++) await alice.send(alone.id, `${at}`)
  // What the cursor was of may be there no more, and all before it too.
  const read = reader(alice, 'messages', alone.id)
  const { edges } = await read({})
  for (const { node } of edges.slice(0, 2))
    await alice.request(DeleteMessageDocument, { input: { messageId: node.id } })
  expect((await read({ first: 2, after: edges[1]!.cursor })).pageInfo.hasPreviousPage).toBe(false)
  expect((await read({ last: 2, before: edges[2]!.cursor })).pageInfo.hasNextPage).toBe(true)
  await alice.request(DeleteMessageDocument, { input: { messageId: edges[2]!.node.id } })
  expect((await read({ last: 2, before: edges[2]!.cursor })).pageInfo).toMatchObject({
    hasPreviousPage: false,
    hasNextPage: false,
  })
})

test('the queue says whether anything is before its page', async () => {
  const bob = await kit.user('bob')
  const { id } = await kit.channel([bob])
  for (let at = 0; at < 3; at++) await kit.backend.send(id, `${at}`)
  const read = async (after: string | null) =>
    (
      await bob.request<{ pendingDeliveries: Connection }, object>(
        'query ($after: String) { pendingDeliveries(first: 1, after: $after) { edges { cursor } pageInfo { hasPreviousPage } } }',
        { after },
      )
    ).pendingDeliveries
  const one = await read(null)
  expect(one.pageInfo.hasPreviousPage).toBe(false)
  expect((await read(one.edges[0]!.cursor)).pageInfo.hasPreviousPage).toBe(true)
  await bob.request(`mutation { acknowledgeDeliveries(input: { channelId: "${id}", throughIndex: 0 }) { __typename } }`)
  expect((await read(one.edges[0]!.cursor)).pageInfo.hasPreviousPage).toBe(false)
})

test('pages of messages are stable while messages are sent and deleted', async () => {
  const { id } = await kit.channel([alice])
  const sent = []
  for (let at = 0; at < 9; at++) sent.push((await alice.send(id, `${at}`)).id)
  const read = reader(alice, 'messages', id)
  const one = await read({ first: 3 })
  await alice.request(DeleteMessageDocument, { input: { messageId: sent[2]! } })
  await alice.request(DeleteMessageDocument, { input: { messageId: sent[4]! } })
  sent.push((await alice.send(id, 'late')).id)
  const two = await read({ first: 3, after: one.pageInfo.endCursor! })
  expect(idsOf(two)).toEqual([sent[3], sent[5], sent[6]])
  const three = await read({ first: 3, after: two.pageInfo.endCursor! })
  expect(idsOf(three)).toEqual(sent.slice(7))
  expect(three.pageInfo.hasNextPage).toBe(false)
  expect(idsOf(await read({ last: 10 }))).toEqual(sent.filter((_, at) => at !== 2 && at !== 4))
})

test('pages of members are stable while members come and go', async () => {
  const users = await Promise.all(Array.from({ length: 5 }, () => kit.user()))
  const { id } = await kit.channel(users)
  const read = reader(kit.backend, 'members', id)
  const all = idsOf(await read({}))
  const one = await read({ first: 2 })
  for (const memberId of [all[1]!, all[2]!]) await kit.backend.request(RemoveMemberDocument, { input: { memberId } })
  expect(idsOf(await read({ first: 2, after: one.pageInfo.endCursor! }))).toEqual(all.slice(3))
})

test('a page has 25 items unless its size is named, and at most 100 for users, 1,000 for the backend', async () => {
  const { id } = await kit.channel([alice])
  for (let at = 0; at < 30; at++) await alice.send(id, `${at}`)
  for (const caller of [alice, kit.backend]) {
    expect((await reader(caller, 'messages', id)({})).edges).toHaveLength(25)
    expect((await reader(caller, 'messages', id)({ last: 100 })).edges).toHaveLength(30)
  }
  expect((await reader(kit.backend, 'messages', id)({ first: 1000 })).edges).toHaveLength(30)
})

test('the queue goes on where its last page ended', async () => {
  const bob = await kit.user('bob')
  const channels = [await kit.channel([bob]), await kit.channel([bob])]
  for (const { id } of channels) for (let at = 0; at < 3; at++) await kit.backend.send(id, `${at}`)
  const read = async (after: string | null | undefined) =>
    (await bob.request(PendingDeliveriesDocument, { first: 2, after: after ?? null })).pendingDeliveries
  const pages = []
  for (let next = await read(undefined); ; next = await read(next.pageInfo.endCursor)) {
    pages.push(next.edges.map(({ node }) => [node.channel.id, node.message.index]))
    if (!next.pageInfo.hasNextPage) break
  }
  expect(pages.map((queued) => queued.length)).toEqual([2, 2, 2])
  expect(pages.flat()).toEqual(channels.flatMap(({ id }) => [0, 1, 2].map((index) => [id, index])))
})
