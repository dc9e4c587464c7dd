import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddReactionDocument,
  DeleteMessageDocument,
  DeleteUserDocument,
  EventsDocument,
  FreezeChannelDocument,
  LeaveChannelDocument,
  ReactionUsersDocument,
  RemoveReactionDocument,
  TruncateChannelDocument,
  type EventsSubscription,
} from '../../../schema/generated/graphql.ts'
import { limits } from '../../../src/model/limits.ts'
import { newSid } from '../../../src/model/sid.ts'
import { deleteTruncatedMessages } from '../../../src/store/message.ts'
import { openKit, record, type Kit, type Recording, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { areLive } from '../../support/subscribers.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let alice: User
let bob: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  bob = await kit.user('bob')
})
afterAll(() => kit.close())

type By = Pick<User, 'request'>

const add = async (messageId: string, reaction: string, by: By = alice) =>
  (await by.request(AddReactionDocument, { input: { messageId, reaction } })).addReaction
const remove = async (messageId: string, reaction: string, by: By = alice) =>
  (await by.request(RemoveReactionDocument, { input: { messageId, reaction } })).removeReaction

const shown = ({
  reactions,
}: {
  readonly reactions: readonly { reaction: string; count: number; viewerHasReacted?: boolean }[]
}) => reactions.map(({ reaction, count, viewerHasReacted }) => `${reaction} ${count}${viewerHasReacted ? ' own' : ''}`)

type Shown = Parameters<typeof shown>[0]
const readDocument = parse(
  'query ($id: ID!) { message(id: $id) { reactions { reaction count viewerHasReacted } } }',
) as TypedDocumentNode<{ readonly message: Shown }, { readonly id: string }>

async function read(id: string, by: User = alice): Promise<string[]> {
  return shown((await by.request(readDocument, { id })).message)
}

async function usersOf(
  messageId: string,
  reaction: string,
  page: { first?: number; after?: string; last?: number; before?: string } = {},
) {
  const { message } = await bob.request(ReactionUsersDocument, { messageId, ...page })
  const { edges, pageInfo } = message!.reactions.find((group) => group.reaction === reaction)!.users
  return { identities: edges.map(({ node }) => node.identity), edges, pageInfo }
}

const rowsOf = (channelId: string) =>
  kit.store.db.run('SELECT index, identity, reaction FROM reactions WHERE channel_id = $1 ORDER BY place', [
    channelId.slice(2),
  ])

test('one user has a reaction once, in whatever spelling, and kinds stand in the order of their first use', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const { id } = await alice.send(channelId, 'hello')
  const first = await add(id, '❤')
  expect(shown(first.message)).toEqual(['❤️ 1 own'])
  const again = await add(id, '❤️')
  expect(again).toEqual(first)
  await add(id, '👍', bob)
  await add(id, '❤️', bob)
  expect(await read(id)).toEqual(['❤️ 2 own', '👍 1'])
  expect(await read(id, bob)).toEqual(['❤️ 2 own', '👍 1 own'])
  const removed = await remove(id, '❤︎')
  expect(shown(removed.message)).toEqual(['❤️ 1', '👍 1'])
  expect((await remove(id, '❤')).cursor).toBe(removed.cursor)
  await remove(id, '❤', bob)
  await add(id, '❤')
  expect(await read(id)).toEqual(['👍 1', '❤️ 1 own'])
  expect(shown((await add(id, 'party', kit.backend)).message)).toEqual(['👍 1', '❤️ 1', 'party 1 own'])
})

test('who has reacted is paged both ways, in the order in which they did', async () => {
  const users = await Promise.all(['u1', 'u2', 'u3', 'u4', 'u5'].map((identity) => kit.user(identity)))
  const { id: channelId } = await kit.channel([bob, ...users])
  const { id } = await bob.send(channelId, 'hello')
  for (const user of users) await add(id, '👍', user)
  const names = users.map(({ identity }) => identity)
  const first = await usersOf(id, '👍', { first: 2 })
  expect(first.identities).toEqual(names.slice(0, 2))
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  const second = await usersOf(id, '👍', { first: 2, after: first.pageInfo.endCursor! })
  expect(second.identities).toEqual(names.slice(2, 4))
  expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  expect((await usersOf(id, '👍', { last: 2, before: second.pageInfo.startCursor! })).identities).toEqual(
    names.slice(0, 2),
  )
  expect((await usersOf(id, '👍', { last: 2 })).identities).toEqual(names.slice(3))
  await remove(id, '👍', users[0]!)
  await add(id, '👍', users[0]!)
  expect((await usersOf(id, '👍')).identities).toEqual([...names.slice(1), names[0]])
  for (const page of [{ after: '!' }, { before: 'zzzzzzzzzzz' }, { first: 101 }, { first: 1, last: 1 }]) {
    expect(await refusalOf(bob, ReactionUsersDocument, { messageId: id, ...page })).toEqual({ code: 'BAD_USER_INPUT' })
  }
})

test('a reaction of a user that has left or was deleted stays, in counts and lists', async () => {
  const [leaver, deleted] = [await kit.user('leaver'), await kit.user('deleted')]
  const { id: channelId } = await kit.channel([bob, leaver, deleted])
  const { id } = await bob.send(channelId, 'hello')
  await add(id, '👍', leaver)
  await add(id, '👍', deleted)
  await leaver.request(LeaveChannelDocument, { input: { channelId } })
  await kit.backend.request(DeleteUserDocument, { input: { userId: deleted.identity } })
  expect(await read(id, bob)).toEqual(['👍 2'])
  const { edges } = await usersOf(id, '👍')
  expect(edges.map(({ node }) => [node.identity, node.user !== null])).toEqual([
    [leaver.identity, true],
    [deleted.identity, false],
  ])
  const input = { messageId: id, reaction: '👍' }
  expect(await refusalOf(leaver, RemoveReactionDocument, { input })).toEqual({ code: 'NOT_FOUND', chatCode: 50500 })
})

type Event = EventsSubscription['events']

/** What was delivered up to the marker. */
async function until({ items }: Recording<EventsSubscription>, marker: string): Promise<Event[]> {
  const isMarker = (event: Event): boolean => event.__typename === 'MessageAdded' && event.message.body === marker
  await waitFor(() => items.some(({ events }) => isMarker(events)))
  return items.map(({ events }) => events).filter((event) => event.__typename !== 'Ready' && !isMarker(event))
}

test('P3: a reaction is told once, live and after an interruption, and nothing is told where nothing changes', async () => {
  const carol = await kit.user('carol')
  const { id: channelId } = await kit.channel([alice, bob, carol])
  const { id, cursor: away } = await alice.send(channelId, 'hello')
  const client = bob.connect()
  const live = record(client, EventsDocument, { channelId, after: away })
  await areLive(kit.server, channelId, 1)
  await add(id, '👍')
  await add(id, '👍')
  await remove(id, '🎉')
  await add(id, '👍', bob)
  await remove(id, '👍')
  await alice.send(channelId, 'marker')
  const events = await until(live, 'marker')
  const told = (identity: string, isAdded: boolean, count: number) => ({
    __typename: 'ReactionsUpdated',
    added: isAdded ? [{ reaction: '👍', identity }] : [],
    removed: isAdded ? [] : [{ reaction: '👍', identity }],
    message: { id, reactions: [{ reaction: '👍', count }] },
  })
  expect(events).toMatchObject([
    told(alice.identity, true, 1),
    told(bob.identity, true, 2),
    told(alice.identity, false, 1),
  ])
  const lateClient = carol.connect()
  const late = record(lateClient, EventsDocument, { channelId, after: away })
  await late.atLeast(3)
  expect(late.items.slice(2).map(({ events: event }) => event)).toMatchObject([
    {
      __typename: 'MessageUpdated',
      changes: ['REACTIONS'],
      message: { id, reactions: [{ reaction: '👍', count: 1 }] },
    },
  ])
  await lateClient.dispose()
  await client.dispose()
})

test('what comes together is written together: the last state counts, and each message takes one number', async () => {
  const users = await Promise.all(Array.from({ length: 20 }, () => kit.user()))
  const { id: channelId } = await kit.channel([alice, ...users])
  const [one, two] = [await alice.send(channelId, 'one'), await alice.send(channelId, 'two')]
  const client = alice.connect()
  const live = record(client, EventsDocument, { channelId, after: two.cursor })
  await areLive(kit.server, channelId, 1)
  // The first goes alone, all others in the next batch.
  await Promise.all([
    add(one.id, '👍'),
    ...users.flatMap((user) => [add(one.id, '👍', user), add(two.id, '🎉', user)]),
    remove(one.id, '👍', users[0]!).then(() => add(one.id, '👀', users[0]!)),
  ])
  await alice.send(channelId, 'marker')
  const events = await until(live, 'marker')
  expect(events.length).toBeLessThan(12)
  const added = events.flatMap((event) => (event.__typename === 'ReactionsUpdated' ? event.added : []))
  const removed = events.flatMap((event) => (event.__typename === 'ReactionsUpdated' ? event.removed : []))
  const rows = await rowsOf(channelId)
  expect(rows).toHaveLength(added.length - removed.length)
  const count = rows.filter(({ reaction }) => reaction === '👍').length
  expect(await read(one.id)).toEqual([`👍 ${count} own`, '👀 1'])
  expect(await read(two.id)).toEqual(['🎉 20'])
  await client.dispose()
})

test('a message has at most 50 kinds of reactions; what is taken away makes room', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const { id } = await alice.send(channelId, 'hello')
  for (let kind = 0; kind < limits.messageReactions; kind++) await add(id, `kind${kind}`)
  expect(await refusalOf(bob, AddReactionDocument, { input: { messageId: id, reaction: 'more' } })).toEqual({
    code: 'CONFLICT',
  })
  await add(id, 'kind0', bob)
  await remove(id, 'kind1')
  await add(id, 'more', bob)
  expect(await read(id)).toHaveLength(limits.messageReactions)
})

test('a deleted message loses its reactions, and a truncated one its rows', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const ids = []
  for (const body of ['one', 'two', 'three']) ids.push((await alice.send(channelId, body)).id)
  for (const id of ids) for (const by of [alice, bob]) await add(id, '👍', by)
  await alice.request(DeleteMessageDocument, { input: { messageId: ids[1]! } })
  expect((await rowsOf(channelId)).map(({ index }) => index)).toEqual([0, 0, 2, 2])
  await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 2 } })
  await deleteTruncatedMessages(kit.store.maintenance)
  expect((await rowsOf(channelId)).map(({ index }) => index)).toEqual([2, 2])
  for (const messageId of [ids[0]!, ids[1]!, newSid('IM'), 'nonsense']) {
    for (const document of [AddReactionDocument, RemoveReactionDocument]) {
      expect(await refusalOf(alice, document as never, { input: { messageId, reaction: '👍' } })).toEqual({
        code: 'NOT_FOUND',
        chatCode: 50500,
      })
    }
  }
})

test.each(['', ' ', 'two words', '\ufe0f', 'a\u202eb', 'x'.repeat(65), 'é'.repeat(33)])(
  '%j is refused',
  async (reaction) => {
    const { id: channelId } = await kit.channel([alice])
    const { id: messageId } = await alice.send(channelId, 'hello')
    for (const document of [AddReactionDocument, RemoveReactionDocument]) {
      const refusal = await refusalOf(alice, document as never, { input: { messageId, reaction } })
      expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT' })
    }
    await add(messageId, 'x'.repeat(64))
  },
)

test('in a frozen channel a member without the permission to send there reacts to nothing, and a stranger never', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const { id: messageId } = await alice.send(channelId, 'hello')
  await add(messageId, '👍', bob)
  await kit.backend.request(FreezeChannelDocument, { input: { channelId } })
  const input = { messageId, reaction: '👍' }
  for (const document of [AddReactionDocument, RemoveReactionDocument]) {
    expect(await refusalOf(bob, document as never, { input })).toMatchObject({ code: 'FORBIDDEN' })
  }
  await add(messageId, '👍', kit.backend)
  expect(await read(messageId)).toEqual(['👍 2'])
  const stranger = await kit.user('stranger')
  expect(await refusalOf(stranger, AddReactionDocument, { input })).toEqual({ code: 'NOT_FOUND', chatCode: 50500 })
})

test('a subscription that selects viewerHasReacted answers it for each reader', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const { id } = await alice.send(channelId, 'hello')
  const document = parse(
    'subscription ($id: ID!) { events(channelId: $id) { ... on ReactionsUpdated { message { reactions { viewerHasReacted } } } } }',
  )
  type Item = { events: { message?: { reactions: { viewerHasReacted: boolean }[] } } }
  const clients = [alice.connect(), bob.connect()]
  const readers = clients.map((client) => record<Item, { id: string }>(client, document as never, { id: channelId }))
  await areLive(kit.server, channelId, 2)
  await add(id, '👍')
  for (const reader of readers) await reader.atLeast(2)
  expect(readers.map(({ items }) => items[1]!.events.message!.reactions[0]!.viewerHasReacted)).toEqual([true, false])
  for (const client of clients) await client.dispose()
})
