import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ChannelsInOrderDocument,
  CreateChannelDocument,
  CreateServiceDocument,
  CreateUserDocument,
  FreezeChannelDocument,
  UpdateChannelDocument,
  UsersInOrderDocument,
  type ChannelOrder,
  type ChannelsInOrderQueryVariables,
  type UserOrder,
  type UsersInOrderQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { openKit, uniqueName, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

const bad = { code: 'BAD_USER_INPUT' }
/** By bytes: capital letters first, and what is not ASCII last. */
const names = ['Zoo', 'alpha', 'alpine', 'alps', 'beta', 'été', '🦉', '🦉\u{10FFFF}x']

let kit: Kit
let serviceId: string
beforeAll(async () => {
  kit = await openKit()
  const input = { friendlyName: uniqueName('ordered') }
  serviceId = (await kit.backend.request(CreateServiceDocument, { input })).createService.service.id
  for (const name of names.toReversed()) {
    await kit.backend.request(CreateUserDocument, { input: { serviceId, identity: name } })
    await kit.backend.request(CreateChannelDocument, { input: { serviceId, uniqueName: name } })
  }
  await kit.backend.request(CreateChannelDocument, { input: { serviceId } })
})
afterAll(() => kit.close())

async function channels(variables: ChannelsInOrderQueryVariables) {
  return (await kit.backend.request(ChannelsInOrderDocument, { serviceId, ...variables })).channels
}

async function users(variables: UsersInOrderQueryVariables) {
  return (await kit.backend.request(UsersInOrderDocument, { serviceId, ...variables })).users
}

/** The argument that the backend is refused for. */
async function fieldOf<Variables>(
  document: TypedDocumentNode<unknown, Variables>,
  variables: Variables,
): Promise<string | undefined> {
  return (await kit.backend.expectRefusal(document, variables, bad.code)).extensions.field
}

/** All of a list, in pages of two, in both directions; they must agree. */
async function walk<Item>(
  read: (page: { first?: number; last?: number; after?: string; before?: string }) => Promise<{
    nodes: Item[]
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
  }>,
): Promise<Item[]> {
  const forwards: Item[] = []
  for (let after: string | null | undefined = undefined; ;) {
    const { nodes, pageInfo } = await read({ first: 2, ...(after && { after }) })
    forwards.push(...nodes)
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  const backwards: Item[] = []
  for (let before: string | null | undefined = undefined; ;) {
    const { nodes, pageInfo } = await read({ last: 2, ...(before && { before }) })
    backwards.unshift(...nodes)
    if (!pageInfo.hasPreviousPage) break
    before = pageInfo.startCursor
  }
  expect(backwards).toEqual(forwards)
  return forwards
}

test('users and channels by name, in both directions, page by page', async () => {
  for (const direction of ['ASC', 'DESC'] as const) {
    const expected = direction === 'ASC' ? names : names.toReversed()
    const ofUsers = await walk((page) => users({ orderBy: { field: 'IDENTITY', direction }, ...page }))
    expect(ofUsers.map(({ identity }) => identity)).toEqual(expected)
    const ofChannels = await walk((page) => channels({ orderBy: { field: 'UNIQUE_NAME', direction }, ...page }))
    expect(ofChannels.map((channel) => channel.uniqueName)).toEqual(expected)
  }
})

test('what begins with a prefix, and nothing else', async () => {
  for (const [prefix, expected] of [
    ['al', ['alpha', 'alpine', 'alps']],
    ['alpi', ['alpine']],
    ['AL', []],
    ['🦉', ['🦉', '🦉\u{10FFFF}x']],
    ['🦉\u{10FFFF}', ['🦉\u{10FFFF}x']],
    ['\u{10FFFF}', []],
    ['\u{D7FF}', []],
    ['%', []],
    ['', names],
  ] as const) {
    const orderBy = { field: 'UNIQUE_NAME', direction: 'ASC' } as const
    const found = await walk((page) => channels({ orderBy, filter: { uniqueNamePrefix: prefix }, ...page }))
    expect([prefix, found.map((channel) => channel.uniqueName)]).toEqual([prefix, expected])
    if (prefix === '') continue
    const people = await walk((page) => users({ filter: { identityPrefix: prefix }, ...page }))
    expect([prefix, people.map(({ identity }) => identity)]).toEqual([prefix, expected])
  }
})

test('channels by the name that people see, whatever the case of A to Z', async () => {
  const other = { friendlyName: uniqueName('named') }
  const { id } = (await kit.backend.request(CreateServiceDocument, { input: other })).createService.service
  for (const [unique, friendlyName] of [
    ['z', 'Alpha'],
    ['beta', null],
    ['x', 'alphabet'],
    [null, 'ÉTÉ'],
    [null, null],
    ['a', 'BETA 2'],
  ] as const) {
    await kit.backend.request(CreateChannelDocument, { input: { serviceId: id, uniqueName: unique, friendlyName } })
  }
  const read = async (variables: ChannelsInOrderQueryVariables) => {
    const found = await walk((page) => channels({ serviceId: id, ...variables, ...page }))
    return found.map((channel) => channel.friendlyName ?? channel.uniqueName)
  }
  const all = ['Alpha', 'alphabet', 'beta', 'BETA 2', 'ÉTÉ']
  expect(await read({ orderBy: { field: 'NAME', direction: 'ASC' } })).toEqual(all)
  expect(await read({ orderBy: { field: 'NAME', direction: 'DESC' } })).toEqual(all.toReversed())
  expect(await read({ filter: { name: 'ALPH' } })).toEqual(['Alpha', 'alphabet'])
  expect(await read({ filter: { name: 'Beta' } })).toEqual(['beta', 'BETA 2'])
  expect(await read({ filter: { name: 'ÉT' } })).toEqual(['ÉTÉ'])
  expect(await read({ filter: { name: 'lpha' } })).toEqual([])
})

test('only frozen channels, in both directions', async () => {
  const frozen: string[] = []
  for (const at of [0, 1, 2, 3, 4]) {
    const { createChannel } = await kit.backend.request(CreateChannelDocument, { input: { friendlyName: `n${at}` } })
    const { id: channelId } = createChannel.channel
    if (at % 2 === 0) frozen.push(channelId)
    if (at % 2 === 0) await kit.backend.request(FreezeChannelDocument, { input: { channelId } })
  }
  const filter = { onlyFrozen: true }
  const read = async (direction: ChannelOrder['direction']) => {
    const orderBy = { field: 'CREATED_AT', direction } as const
    return (await walk((page) => channels({ serviceId: null, filter, orderBy, ...page }))).map(({ id }) => id)
  }
  expect(await read('ASC')).toEqual(frozen)
  expect(await read('DESC')).toEqual(frozen.toReversed())
})

test('by the time of making and of the last update', async () => {
  const read = (field: ChannelOrder['field'], direction: ChannelOrder['direction']) =>
    walk((page) => channels({ orderBy: { field, direction }, ...page }))
  const made = await read('CREATED_AT', 'ASC')
  expect(made.map((channel) => channel.uniqueName)).toEqual([...names.toReversed(), null])
  expect(await read('CREATED_AT', 'DESC')).toEqual(made.toReversed())
  const input = { channelId: made[3]!.id, friendlyName: 'changed' }
  await kit.backend.request(UpdateChannelDocument, { input })
  const newest = await read('UPDATED_AT', 'DESC')
  expect(newest[0]!.id).toBe(made[3]!.id)
  expect(newest).toHaveLength(made.length)
  expect(await read('UPDATED_AT', 'ASC')).toEqual(newest.toReversed())
  const people = await walk((page) => users({ orderBy: { field: 'CREATED_AT', direction: 'DESC' }, ...page }))
  expect(people.map(({ identity }) => identity)).toEqual(names)
})

test('a cursor is refused in another order, direction or filter than its own', async () => {
  const orders: UsersInOrderQueryVariables[] = [
    {},
    ...(['CREATED_AT', 'IDENTITY'] satisfies UserOrder['field'][]).flatMap((field) =>
      (['ASC', 'DESC'] as const).map((direction) => ({ orderBy: { field, direction } })),
    ),
    { filter: { identityPrefix: 'al' } },
    { filter: { identityPrefix: 'a' } },
  ]
  const cursors = await Promise.all(
    orders.map(async (order) => (await users({ ...order, first: 1 })).pageInfo.endCursor!),
  )
  for (const [at, order] of orders.entries()) {
    for (const [of, after] of cursors.entries()) {
      const { errors } = await kit.backend.ask(UsersInOrderDocument, { serviceId, ...order, after })
      // Oldest first is the order of a list that names none.
      const isOwn = at === of || (at < 2 && of < 2)
      expect([at, of, errors?.map(({ extensions }) => extensions.code)]).toEqual([
        at,
        of,
        isOwn ? undefined : [bad.code],
      ])
    }
  }
  const orderBy = { field: 'IDENTITY', direction: 'ASC' } as const
  for (const forged of ['', 'x', 'W10', Buffer.from('["identity","asc","","a","US1"]').toString('base64url')]) {
    for (const argument of ['after', 'before']) {
      const variables = { serviceId, orderBy, [argument]: forged }
      expect(await fieldOf(UsersInOrderDocument, variables)).toBe(argument)
    }
  }
})

test('a cursor whose time is none, or none that the database takes, is refused', async () => {
  const orderBy = { field: 'UPDATED_AT', direction: 'ASC' } as const
  const { pageInfo } = await channels({ orderBy, first: 1 })
  const parts = JSON.parse(Buffer.from(pageInfo.endCursor!, 'base64url').toString()) as string[]
  for (const time of ['', 'yesterday', 'now', '2026-02-30T00:00:00.000Z', '+275760-09-13T00:00:00.000Z', '0']) {
    const after = Buffer.from(JSON.stringify(parts.with(3, time))).toString('base64url')
    expect([time, await fieldOf(ChannelsInOrderDocument, { serviceId, orderBy, after })]).toEqual([time, 'after'])
  }
})

test('a prefix that nothing can begin with is named in the refusal', async () => {
  for (const prefix of ['a\0', 'a\ud83e', 'a'.repeat(257)]) {
    const ofChannels = { serviceId, filter: { uniqueNamePrefix: prefix } }
    expect(await fieldOf(ChannelsInOrderDocument, ofChannels)).toBe('filter.uniqueNamePrefix')
    expect(await fieldOf(ChannelsInOrderDocument, { serviceId, filter: { name: prefix } })).toBe('filter.name')
    const ofUsers = { serviceId, filter: { identityPrefix: prefix } }
    expect(await fieldOf(UsersInOrderDocument, ofUsers)).toBe('filter.identityPrefix')
  }
})

test('a forged cursor leads to nothing that the filter leaves out', async () => {
  const { pageInfo } = await users({ filter: { identityPrefix: 'al' }, first: 1 })
  const parts = JSON.parse(Buffer.from(pageInfo.endCursor!, 'base64url').toString()) as string[]
  const after = Buffer.from(JSON.stringify(parts.with(3, 'Zoo'))).toString('base64url')
  const variables = { serviceId, filter: { identityPrefix: 'al' }, after }
  expect(await refusalOf(kit.backend, UsersInOrderDocument, variables)).toMatchObject(bad)
})

test('what has no index is refused, and so is what is not for users', async () => {
  const alice = await kit.user('alice')
  const orderBy = { field: 'CREATED_AT', direction: 'ASC' } as const
  const prefix = { filter: { uniqueNamePrefix: 'a' } }
  expect(await refusalOf(kit.backend, ChannelsInOrderDocument, { orderBy, ...prefix })).toMatchObject(bad)
  const wrong = { orderBy, filter: { identityPrefix: 'a' } }
  expect(await refusalOf(kit.backend, UsersInOrderDocument, wrong)).toMatchObject(bad)
  const typed = '{ channels(types: [PUBLIC], orderBy: { field: UPDATED_AT, direction: ASC }) { nodes { id } } }'
  expect(await refusalOf(kit.backend, typed)).toMatchObject(bad)
  for (const filter of [{ name: 'a' }, { onlyFrozen: true }, { uniqueNamePrefix: 'a' }]) {
    expect(await refusalOf(alice, ChannelsInOrderDocument, { filter })).toMatchObject({ code: 'FORBIDDEN' })
  }
  for (const filter of [
    { name: 'a', uniqueNamePrefix: 'a' },
    { name: 'a', onlyFrozen: true },
  ]) {
    expect(await refusalOf(kit.backend, ChannelsInOrderDocument, { filter })).toMatchObject(bad)
  }
  expect(await refusalOf(kit.backend, ChannelsInOrderDocument, { orderBy, filter: { name: 'a' } })).toMatchObject(bad)
  const newest = { orderBy: { field: 'CREATED_AT', direction: 'DESC' } } as const
  expect((await alice.request(ChannelsInOrderDocument, newest)).channels.nodes).toEqual(expect.any(Array))
})
