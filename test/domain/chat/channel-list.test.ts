import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ViewerChannelsDocument,
  ViewerDocument,
  UpdateChannelPreferencesDocument,
  UpdateMemberDocument,
  type ViewerChannelsQueryVariables,
  type UpdateChannelPreferencesInput,
} from '../../../schema/generated/graphql.ts'
import { sidToUuid, type ChannelId } from '../../../src/model/sid.ts'
import { openKit, User, type Kit } from '../../support/kit.ts'
import { stockClients } from '../../support/stock-clients.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const read = async (user: User, variables: ViewerChannelsQueryVariables = {}) =>
  (await user.request(ViewerChannelsDocument, variables)).viewer.channels!

const names = async (user: User, variables: ViewerChannelsQueryVariables = {}) =>
  (await read(user, variables)).edges.map(({ node }) => node.channel.friendlyName)

/** As if it had last been active so many minutes ago, or longer. */
async function age(id: ChannelId, minutes: number): Promise<void> {
  const past = `now() - ${minutes} * interval '1 minute'`
  await kit.store.db.run(`UPDATE channels SET last_message_at = ${past} WHERE id = $1 AND last_index >= 0`, [
    sidToUuid(id),
  ])
  await kit.store.db.run(`UPDATE members SET created_at = ${past} WHERE channel_id = $1`, [sidToUuid(id)])
}

/** Channels that have been active in the order of their names, the last one most recently. */
async function channelsOf(user: User, friendlyNames: readonly string[]): Promise<ChannelId[]> {
  const made: ChannelId[] = []
  for (const [at, friendlyName] of friendlyNames.entries()) {
    const { id } = await kit.channel([user], { friendlyName, type: 'PRIVATE' })
    await age(id, friendlyNames.length - at)
    made.push(id)
  }
  return made
}

const prefer = (user: User, input: UpdateChannelPreferencesInput) =>
  user.request(UpdateChannelPreferencesDocument, { input })

/** All pages of two. */
async function walk(
  user: User,
  variables: ViewerChannelsQueryVariables,
  isBackwards = false,
): Promise<(string | null)[]> {
  const found: (string | null)[] = []
  let cursor: string | null = null
  for (let pages = 0; pages < 50; pages++) {
    const place: ViewerChannelsQueryVariables = isBackwards ? { last: 2, before: cursor } : { first: 2, after: cursor }
    const { edges, pageInfo } = await read(user, { ...variables, ...place })
    const page = edges.map(({ node }) => node.channel.friendlyName)
    found[isBackwards ? 'unshift' : 'push'](...page)
    if (!(isBackwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return found
    cursor = (isBackwards ? pageInfo.startCursor : pageInfo.endCursor)!
  }
  throw new Error(`no end: ${found.join()}`)
}

describe('orders', () => {
  const list = ['b', 'C', 'a', 'É', 'd']
  let alice: User
  beforeAll(async () => {
    alice = await kit.user('alice')
    await channelsOf(alice, list)
  })

  test('by activity, the newest first, is the default', async () => {
    expect(await names(alice)).toEqual(list.toReversed())
    const { totalCount, pageInfo } = await read(alice, { first: 2 })
    expect([totalCount, pageInfo.hasNextPage, pageInfo.hasPreviousPage]).toEqual([5, true, false])
  })

  test.each([
    ['ACTIVITY', list],
    ['CREATED_AT', list],
    ['NAME', ['a', 'b', 'C', 'd', 'É']],
  ] as const)('%s, in both directions, walked from both ends', async (field, ascending) => {
    for (const direction of ['ASC', 'DESC'] as const) {
      const expected = direction === 'ASC' ? ascending : ascending.toReversed()
      const orderBy = { field, direction }
      expect(await names(alice, { orderBy })).toEqual(expected)
      expect(await walk(alice, { orderBy })).toEqual(expected)
      expect(await walk(alice, { orderBy }, true)).toEqual(expected)
    }
  })

  test('a cursor is taken in its own order and filter alone, and a forged one is refused', async () => {
    const { pageInfo } = await read(alice, { first: 2 })
    const after = pageInfo.endCursor!
    const fieldOf = async (variables: ViewerChannelsQueryVariables) => {
      const { errors } = await alice.ask(ViewerChannelsDocument, variables)
      return [errors?.[0]?.extensions.code, errors?.[0]?.extensions.field]
    }
    const refused = ['BAD_USER_INPUT', 'after']
    expect(await fieldOf({ after, orderBy: { field: 'NAME', direction: 'DESC' } })).toEqual(refused)
    expect(await fieldOf({ after, orderBy: { field: 'ACTIVITY', direction: 'ASC' } })).toEqual(refused)
    expect(await fieldOf({ after, filter: { isPinned: false } })).toEqual(refused)
    // The defaults are the same filter when they are written out.
    expect(await fieldOf({ after, filter: {} })).toEqual([undefined, undefined])
    expect(await fieldOf({ after, filter: { isArchived: false, name: '' } })).toEqual([undefined, undefined])
    const parts = JSON.parse(Buffer.from(after, 'base64url').toString()) as string[]
    const forge = (value: string, id = parts[4]) =>
      Buffer.from(JSON.stringify([...parts.slice(0, 3), value, id])).toString('base64url')
    for (const value of [
      '',
      '1',
      '1.1',
      '1.2.1',
      '-1.1.1',
      '1.1.1e9',
      '1.1.1.1',
      'x.1.1',
      `1.1.${'9'.repeat(16)}`,
      '1.1.\0',
    ]) {
      expect([value, await fieldOf({ after: forge(value) })]).toEqual([value, refused])
    }
    expect(await fieldOf({ after: forge(parts[3]!, 'x') })).toEqual(refused)
    expect(await fieldOf({ after: 'x' })).toEqual(refused)
    expect(await fieldOf({ after: '\0' })).toEqual(refused)
    expect(await fieldOf({ before: 'x' })).toEqual(['BAD_USER_INPUT', 'before'])
    expect(await fieldOf({ first: 0 })).toEqual(['BAD_USER_INPUT', 'first'])
    expect(await fieldOf({ last: 0 })).toEqual(['BAD_USER_INPUT', 'last'])
    expect(await fieldOf({ last: 100 })).toEqual([undefined, undefined])
    for (const name of ['\0', '\ud83e', 'x'.repeat(65)]) {
      expect(await fieldOf({ filter: { name } })).toEqual(['BAD_USER_INPUT', 'filter.name'])
    }
  })
})

describe('filters', () => {
  let bob: User
  let ids: Record<string, ChannelId>
  const all = ['plain', 'pinned', 'muted', 'archived', 'hidden', 'both']
  beforeAll(async () => {
    bob = await kit.user('bob')
    const made = await channelsOf(bob, all)
    ids = Object.fromEntries(all.map((name, at) => [name, made[at]!]))
    await prefer(bob, { channelId: ids['pinned']!, pinnedOrder: 7 })
    await prefer(bob, { channelId: ids['muted']!, muteEndsAt: '9999-01-01T00:00:00.000Z' })
    await prefer(bob, { channelId: ids['plain']!, muteEndsAt: '2001-01-01T00:00:00.000Z' })
    await prefer(bob, { channelId: ids['archived']!, isArchived: true })
    await prefer(bob, { channelId: ids['hidden']!, isHidden: true })
    await prefer(bob, { channelId: ids['both']!, isHidden: true, isArchived: true })
  })

  test.each([
    [{}, ['muted', 'pinned', 'plain']],
    [{ isPinned: true }, ['pinned']],
    [{ isPinned: false }, ['muted', 'plain']],
    [{ isMuted: true }, ['muted']],
    [{ isMuted: false }, ['pinned', 'plain']],
    [{ isArchived: true }, ['archived']],
    [{ isArchived: true, isHidden: null }, ['both', 'archived']],
    [{ isHidden: true }, ['hidden']],
    [{ isHidden: null }, ['hidden', 'muted', 'pinned', 'plain']],
    [{ isArchived: null, isHidden: null }, all.toReversed()],
    [{ type: 'PUBLIC' as const }, []],
    [{ type: 'PRIVATE' as const, isPinned: null }, ['muted', 'pinned', 'plain']],
    [{ isDirect: true }, []],
    [{ isDirect: false }, ['muted', 'pinned', 'plain']],
    [{ name: 'P' }, ['pinned', 'plain']],
    [{ name: 'lain' }, []],
  ])('%j', async (filter, expected) => {
    expect(await names(bob, { filter })).toEqual(expected)
    expect((await read(bob, { filter, first: 1 })).totalCount).toBe(expected.length)
  })

  test('a hidden channel comes back with its next message, an archived one does not', async () => {
    await kit.backend.send(ids['hidden']!, 'news')
    await kit.backend.send(ids['archived']!, 'news')
    expect(await names(bob, { first: 1 })).toEqual(['hidden'])
    expect(await names(bob, { filter: { isArchived: true } })).toEqual(['archived'])
  })

  test('unread channels, and those that are read', async () => {
    const carol = await kit.user('carol')
    const [one, two] = await channelsOf(carol, ['one', 'two'])
    await kit.backend.send(one!, 'hello')
    await kit.backend.send(two!, 'hello')
    expect(await names(carol, { filter: { isUnread: true } })).toEqual(['two', 'one'])
    await kit.backend.request(UpdateMemberDocument, {
      input: { channelId: two, identity: carol.identity, lastReadIndex: 0 },
    })
    expect(await names(carol, { filter: { isUnread: true } })).toEqual(['one'])
    expect(await names(carol, { filter: { isUnread: false } })).toEqual(['two'])
  })

  test('a name is found by the beginning of its words, in any script and case', async () => {
    const dora = await kit.user('dora')
    await channelsOf(dora, ['Team Ärger', 'ÄRGER', 'ｗｉｄｅ', '日本 東京', 'Über-Team', '🦉 owls', 'Bärger'])
    const found = (name: string) =>
      names(dora, { filter: { name }, orderBy: { field: 'CREATED_AT', direction: 'ASC' } })
    expect(await found('är')).toEqual(['Team Ärger', 'ÄRGER'])
    expect(await found('TEAM')).toEqual(['Team Ärger', 'Über-Team'])
    expect(await found('wide')).toEqual(['ｗｉｄｅ'])
    expect(await found('東')).toEqual(['日本 東京'])
    expect(await found('owl')).toEqual(['🦉 owls'])
    expect(await found('🦉')).toEqual(['🦉 owls'])
  })

  test('a channel without a friendly name is found by its unique name', async () => {
    const emil = await kit.user('emil')
    const { id } = await kit.channel([emil], { uniqueName: 'general-emil' })
    const { edges } = await read(emil, { filter: { name: 'emil' } })
    expect(edges.map(({ node }) => node.channel.id)).toEqual([id])
  })
})

test('each channel has its newest message, its count, its preferences and its first members', async () => {
  const users = await Promise.all(['alice', 'bob', 'carol', 'dora'].map((name) => kit.user(name)))
  const [alice, bob, carol, dora] = users as [User, User, User, User]
  const [empty, lively] = await channelsOf(alice, ['empty', 'lively'])
  const full = await kit.channel([bob, alice, carol, dora], { friendlyName: 'full' })
  await bob.send(full.id, 'one')
  await bob.send(full.id, 'two')
  await kit.backend.send(lively!, 'three')
  await prefer(alice, { channelId: full.id, pinnedOrder: 2, attributes: { a: 1 } })
  const { edges, totalCount } = await read(alice, {})
  expect(totalCount).toBe(3)
  const shown = edges.map(({ node }) => [
    node.channel.friendlyName,
    node.channel.lastMessage?.body,
    node.unreadCount,
    node.preferences!.pinnedOrder,
    node.channel.members.nodes.map(({ identity }) => identity),
  ])
  expect(shown).toEqual([
    ['lively', 'three', 1, null, [alice.identity]],
    ['full', 'two', 2, 2, [bob.identity, alice.identity, carol.identity]],
    ['empty', undefined, 0, null, [alice.identity]],
  ])
  expect(edges.at(-1)!.node.channel.id).toBe(empty)
})

test('the list is null for the backend, and a channel that was left is not in it', async () => {
  const { viewer } = await kit.backend.request(ViewerChannelsDocument, {})
  expect(viewer.channels).toBeNull()
  const alice = await kit.user('alice')
  expect(await read(alice)).toMatchObject({ totalCount: 0, edges: [], pageInfo: { hasNextPage: false } })
  const [id] = await channelsOf(alice, ['left'])
  await kit.backend.request(
    'mutation M($input: RemoveMemberInput!) { removeMember(input: $input) { __typename } }' as never,
    { input: { channelId: id, identity: alice.identity } } as never,
  )
  expect(await names(alice)).toEqual([])
})

test('a channel that becomes active during a walk comes at its end, and the walk ends', async () => {
  const alice = await kit.user('alice')
  const ids = await channelsOf(alice, ['a', 'b', 'c', 'd', 'e', 'f'])
  const first = await read(alice, { first: 2 })
  expect(first.edges.map(({ node }) => node.channel.friendlyName)).toEqual(['f', 'e'])
  await kit.backend.send(ids[1]!, 'b moves')
  await kit.backend.send(ids[5]!, 'f moves')
  const second = await read(alice, { first: 2, after: first.pageInfo.endCursor })
  expect(second.edges.map(({ node }) => node.channel.friendlyName)).toEqual(['d', 'c'])
  await kit.backend.send(ids[1]!, 'b moves again')
  const third = await read(alice, { first: 5, after: second.pageInfo.endCursor })
  expect(third.edges.map(({ node }) => node.channel.friendlyName)).toEqual(['a', 'f', 'b'])
  expect(third.pageInfo.hasNextPage).toBe(false)
  // What moves while the repetitions are walked is still ahead.
  const partly = await read(alice, { first: 2, after: second.pageInfo.endCursor })
  expect(partly.edges.map(({ node }) => node.channel.friendlyName)).toEqual(['a', 'f'])
  await kit.backend.send(ids[3]!, 'd moves')
  const rest = await read(alice, { first: 5, after: partly.pageInfo.endCursor })
  expect(rest.edges.map(({ node }) => node.channel.friendlyName)).toEqual(['b', 'd'])
})

test('a stock Apollo cache keeps what several documents read of the viewer, and names callers apart', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  await channelsOf(alice, ['a'])
  const open = ({ authorization }: User) =>
    new ApolloClient({
      link: new HttpLink({ uri: `${kit.server.url}/graphql`, headers: { authorization } }),
      cache: new InMemoryCache(),
    })
  const client = open(alice)
  await client.query({ query: ViewerDocument })
  await client.query({ query: ViewerChannelsDocument, variables: { first: 2 } })
  await client.query({ query: ViewerChannelsDocument, variables: { filter: { isPinned: true } } })
  const kept = client.readQuery({ query: ViewerDocument })?.viewer
  expect(kept?.identity).toBe(alice.identity)
  expect(
    client.readQuery({ query: ViewerChannelsDocument, variables: { first: 2 } })?.viewer?.channels?.totalCount,
  ).toBe(1)
  const again = await open(new User(kit.server, alice.identity, alice.token)).query({ query: ViewerDocument })
  expect(again.data?.viewer?.id).toBe(kept?.id)
  const ids = await Promise.all(
    [bob, kit.backend].map(async (caller) => (await caller.request(ViewerDocument)).viewer.id),
  )
  expect(new Set([kept?.id, kept?.user?.id, ...ids]).size).toBe(4)
  client.stop()
})

test.each(stockClients)('%s walks the list', async (name, open) => {
  const alice = await kit.user('alice')
  await channelsOf(alice, ['a', 'b', 'c'])
  const client = open(alice, 'tab')
  const found: (string | null)[] = []
  const page = async (after: string | null) =>
    (await client.request(ViewerChannelsDocument, { first: 2, after })).viewer.channels!
  for (let after: string | null = null; ;) {
    const { edges, pageInfo } = await page(after)
    found.push(...edges.map(({ node }) => node.channel.friendlyName))
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  expect([name, found]).toEqual([name, ['c', 'b', 'a']])
  await client.close()
})
