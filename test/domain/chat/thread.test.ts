import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  FreezeChannelDocument,
  SearchMessagesDocument,
  SendMessageDocument,
  ThreadDocument,
  ThreadEventsDocument,
  ThreadedHistoryDocument,
  TruncateChannelDocument,
  UpdateChannelPreferencesDocument,
  UpdateMessageDocument,
  ViewerChannelsDocument,
  type SendMessageInput,
} from '../../../schema/generated/graphql.ts'
import { newSid } from '../../../src/model/sid.ts'
import { deleteTruncatedMessages } from '../../../src/store/message.ts'
import { openKit, openSocket, record, type Kit, type User } from '../../support/kit.ts'
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

const remove = (messageId: string) => kit.backend.request(DeleteMessageDocument, { input: { messageId } })
const thread = async (messageId: string, page: object = {}) =>
  (await alice.request(ThreadDocument, { messageId, ...page })).message
const replies = async (messageId: string, page: object = {}) =>
  (await thread(messageId, page))!.replies.edges.map(({ node }) => node.body)

async function history(channelId: string, args: object = {}) {
  const { channel } = await alice.request(ThreadedHistoryDocument, { channelId, ...args })
  return channel!
}
const shown = async (channelId: string, args: object = {}) =>
  (await history(channelId, args)).messages.edges.map(({ node }) => node.body)

test('a reply is a message of its channel, which leaves it out unless it is to be shown', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const parent = await alice.send(channelId, 'parent')
  const hidden = await bob.send(channelId, 'hidden', { parentId: parent.id })
  const open = await alice.send(channelId, 'shown', { parentId: parent.id, showInChannel: true })
  await bob.send(channelId, 'other')
  expect([parent, hidden, open].map(({ index }) => index)).toEqual([0, 1, 2])
  expect(await shown(channelId)).toEqual(['parent', 'shown', 'other'])
  expect(await shown(channelId, { includeReplies: true })).toEqual(['parent', 'hidden', 'shown', 'other'])
  const { messages, messagesCount } = await history(channelId)
  expect([messages.totalCount, messagesCount]).toEqual([4, 4])
  expect(messages.edges.map(({ node }) => [node.parentIndex, node.isShownInChannel, node.replyCount])).toEqual([
    [null, true, 2],
    [0, true, 0],
    [null, true, 0],
  ])
  expect(messages.edges[0]!.node).toMatchObject({
    lastReplyAt: open.createdAt,
    repliers: [{ identity: bob.identity }, { identity: alice.identity }],
    replies: { nodes: [{ body: 'hidden' }, { body: 'shown' }] },
  })
})

test('replies are paged both ways, without deleted ones', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id: parentId } = await alice.send(channelId, 'parent')
  const ids: string[] = []
  for (const body of ['one', 'two', 'three', 'four', 'five']) {
    ids.push((await alice.send(channelId, body, { parentId })).id)
    await alice.send(channelId, `after ${body}`)
  }
  await remove(ids[2]!)
  const first = (await thread(parentId, { first: 2 }))!.replies
  expect(first.edges.map(({ node }) => node.body)).toEqual(['one', 'two'])
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  expect(await replies(parentId, { first: 2, after: first.pageInfo.endCursor })).toEqual(['four', 'five'])
  const last = (await thread(parentId, { last: 3 }))!.replies
  expect(last.edges.map(({ node }) => node.body)).toEqual(['two', 'four', 'five'])
  expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  expect(await replies(parentId, { last: 9, before: last.pageInfo.startCursor })).toEqual(['one'])
  expect(await thread(parentId)).toMatchObject({ replyCount: 4 })
})

test('the counts of a parent follow the deletion of its replies', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const { id: parentId } = await alice.send(channelId, 'parent')
  const sent = []
  for (const by of [bob, alice, bob]) sent.push(await by.send(channelId, 'reply', { parentId }))
  await remove(sent[2]!.id)
  expect(await thread(parentId)).toMatchObject({
    replyCount: 2,
    lastReplyAt: sent[1]!.createdAt,
    repliers: [{ identity: bob.identity }, { identity: alice.identity }],
  })
  await remove(sent[0]!.id)
  expect(await thread(parentId)).toMatchObject({ replyCount: 1, repliers: [{ identity: alice.identity }] })
  await remove(sent[1]!.id)
  expect(await thread(parentId)).toMatchObject({ replyCount: 0, lastReplyAt: null, repliers: [] })
})

test('a deleted message stays in the channel while it has replies, and takes more of them; REST never shows it', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id: parentId } = await alice.send(channelId, 'parent')
  const reply = await alice.send(channelId, 'reply', { parentId })
  await remove(parentId)
  expect((await history(channelId)).messages.edges.map(({ node }) => node)).toMatchObject([
    { body: '', deletedAt: expect.any(String) as string, replyCount: 1 },
  ])
  expect(await shown(channelId, { includeReplies: true })).toEqual(['reply'])
  const another = await alice.send(channelId, 'another', { parentId })
  expect(await replies(parentId)).toEqual(['reply', 'another'])
  const { serviceId } = kit.server.account
  const path = `${kit.server.url}/v1/Services/${serviceId}/Channels/${channelId}/Messages`
  const headers = { authorization: kit.backend.authorization }
  expect((await fetch(`${path}/${parentId}`, { headers })).status).toBe(404)
  const listed = (await (await fetch(path, { headers })).json()) as { messages: { body: string }[] }
  expect(listed.messages.map(({ body }) => body)).toEqual(['reply', 'another'])
  for (const { id } of [reply, another]) await remove(id)
  expect(await shown(channelId)).toEqual([])
  expect(await thread(parentId)).toBeNull()
})

test('what cannot be replied to or quoted is refused, and an answered send is repeated all the same', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id: otherId } = await kit.channel([alice])
  const parent = await alice.send(channelId, 'parent')
  const reply = await alice.send(channelId, 'reply', { parentId: parent.id, clientMessageId: 'once' })
  const deleted = await alice.send(channelId, 'deleted')
  await remove(deleted.id)
  const elsewhere = await alice.send(otherId, 'elsewhere')
  const refusal = (input: Partial<SendMessageInput>) =>
    refusalOf(alice, SendMessageDocument, { input: { channelId, body: 'x', ...input } })
  for (const id of [deleted.id, elsewhere.id, newSid('IM'), 'nonsense']) {
    for (const field of ['parentId', 'quotedMessageId'])
      expect([field, await refusal({ [field]: id })]).toEqual([field, { code: 'NOT_FOUND', chatCode: 50500 }])
  }
  expect(await refusal({ parentId: reply.id })).toEqual({ code: 'BAD_USER_INPUT' })
  expect(await refusal({ showInChannel: true })).toEqual({ code: 'BAD_USER_INPUT' })
  await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 1 } })
  expect(await refusal({ parentId: parent.id })).toMatchObject({ code: 'NOT_FOUND' })
  const again = await alice.send(channelId, 'reply', { parentId: parent.id, clientMessageId: 'once' })
  expect(again.id).toBe(reply.id)
})

test('a parent that is deleted while its reply is being written refuses it', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id: parentId } = await alice.send(channelId, 'parent')
  const { messages } = kit.server.app
  const write = messages.write.bind(messages)
  messages.write = async (message) => {
    messages.write = write
    await remove(parentId)
    return write(message)
  }
  expect(await refusalOf(alice, SendMessageDocument, { input: { channelId, body: 'late', parentId } })).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await shown(channelId, { includeReplies: true })).toEqual([])
})

test('in a frozen channel nobody replies who must not send there', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id: parentId } = await alice.send(channelId, 'parent')
  await kit.backend.request(FreezeChannelDocument, { input: { channelId } })
  expect(await refusalOf(alice, SendMessageDocument, { input: { channelId, body: 'x', parentId } })).toMatchObject({
    code: 'FORBIDDEN',
  })
  await kit.backend.send(channelId, 'reply', { parentId })
  expect(await replies(parentId)).toEqual(['reply'])
})

test('a page passes runs of hidden replies, from every place and in both directions', async () => {
  const { id: channelId } = await kit.channel([alice])
  const indexes: number[] = []
  for (let number = 0; number < 6; number++) {
    const parent = await alice.send(channelId, `${number}`)
    indexes.push(parent.index)
    await Promise.all(Array.from({ length: 7 }, () => alice.send(channelId, 'reply', { parentId: parent.id })))
  }
  expect(await shown(channelId, { first: 3 })).toEqual(['0', '1', '2'])
  expect(await shown(channelId, { last: 4 })).toEqual(['2', '3', '4', '5'])
  const read: string[] = []
  let after: string | null = null
  for (;;) {
    const { messages } = await history(channelId, { first: 2, after })
    read.push(...messages.edges.map(({ node }) => node.body))
    expect(messages.pageInfo.hasNextPage).toBe(read.length < 6)
    if (!messages.pageInfo.hasNextPage) break
    after = messages.pageInfo.endCursor!
  }
  expect(read).toEqual(['0', '1', '2', '3', '4', '5'])
  const around = await history(channelId, { first: 4, around: { index: indexes[3]! + 3 } })
  expect(around.messages.edges.map(({ node }) => node.body)).toEqual(['2', '3', '4', '5'])
  expect(around.messages.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
})

test('a hidden reply is no activity of its channel, and does not bring back a hidden one; a silent message does', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const { id: otherId } = await kit.channel([alice, bob])
  const parent = await bob.send(channelId, 'parent')
  await bob.send(otherId, 'other')
  const listed = async () => {
    const { viewer } = await alice.request(ViewerChannelsDocument, { first: 2 })
    return viewer.channels!.edges.map(({ node }) => node.channel.id as string)
  }
  const order: string[] = [otherId, channelId]
  await bob.send(channelId, 'reply', { parentId: parent.id })
  expect((await listed()).filter((id) => order.includes(id))).toEqual(order)
  expect((await history(channelId)).lastMessage).toEqual({ id: parent.id, body: 'parent' })
  await alice.request(UpdateChannelPreferencesDocument, { input: { channelId, isHidden: true } })
  await bob.send(channelId, 'reply', { parentId: parent.id })
  expect(await listed()).not.toContain(channelId)
  await bob.send(channelId, 'silent', { silent: true })
  expect((await listed()).filter((id) => order.includes(id))).toEqual(order.toReversed())
  expect((await history(channelId)).lastMessage).toMatchObject({ body: 'silent' })
})

test('a quote shows what was quoted as it is now', async () => {
  const { id: channelId } = await kit.channel([alice])
  const first = await alice.send(channelId, 'first')
  const second = await alice.send(channelId, 'second', { quotedMessageId: first.id })
  const quote = async () => {
    const { messages } = await history(channelId)
    return messages.edges.find(({ node }) => node.id === second.id)!.node.quote
  }
  expect(await quote()).toEqual({ messageId: first.id, message: { id: first.id, body: 'first', deletedAt: null } })
  await alice.request(UpdateMessageDocument, { input: { messageId: first.id, body: 'edited' } })
  expect(await quote()).toMatchObject({ message: { body: 'edited' } })
  await remove(first.id)
  expect(await quote()).toMatchObject({ message: { body: '', deletedAt: expect.any(String) as string } })
  await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 1 } })
  expect(await quote()).toEqual({ messageId: first.id, message: null })
  await deleteTruncatedMessages(kit.store.maintenance)
  expect(await quote()).toEqual({ messageId: first.id, message: null })
})

test('a truncation takes the parent from its replies, which stay', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id: parentId } = await alice.send(channelId, 'parent')
  const other = await alice.send(channelId, 'other')
  await alice.send(channelId, 'reply', { parentId })
  await alice.send(channelId, 'other reply', { parentId: other.id })
  await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 1 } })
  await deleteTruncatedMessages(kit.store.maintenance)
  expect(await thread(parentId)).toBeNull()
  const { messages } = await history(channelId, { includeReplies: true })
  expect(messages.edges.map(({ node }) => [node.body, node.parentIndex])).toEqual([
    ['other', null],
    ['reply', 0],
    ['other reply', 1],
  ])
  expect(await shown(channelId)).toEqual(['other'])
  // Numbers begin anew where all hidden replies are gone.
  await kit.backend.request(TruncateChannelDocument, { input: { channelId } })
  await deleteTruncatedMessages(kit.store.maintenance)
  const { id: parent } = await alice.send(channelId, 'new')
  for (const body of ['one', 'two']) await alice.send(channelId, body, { parentId: parent })
  await alice.send(channelId, 'last')
  expect(await shown(channelId, { first: 1 })).toEqual(['new'])
  expect(await shown(channelId)).toEqual(['new', 'last'])
})

test('replies are found by the search', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id: parentId } = await alice.send(channelId, 'parent')
  const { id } = await alice.send(channelId, 'hippopotamus', { parentId })
  await waitFor(async () => {
    const { searchMessages } = await alice.request(SearchMessagesDocument, { query: 'hippopotamus' })
    return searchMessages.edges.length === 1
  })
  const { searchMessages: found } = await alice.request(SearchMessagesDocument, { query: 'hippopotamus' })
  expect(found.edges[0]!.node.id).toBe(id)
})

test('P3: a reply tells live of its parent, and after an interruption the parent is told of by itself', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { sendMessage } = await alice.request(SendMessageDocument, { input: { channelId, body: 'parent' } })
  const { id: parentId } = sendMessage.message
  const socket = alice.connect()
  const live = record(socket, ThreadEventsDocument, { channelId, after: sendMessage.cursor })
  await areLive(kit.server, channelId, 1)
  const reply = await alice.send(channelId, 'reply', { parentId, quotedMessageId: parentId })
  await alice.send(channelId, 'second', { parentId })
  await remove(reply.id)
  const events = (await live.atLeast(4)).map(({ events: event }) => event)
  expect(events.slice(1)).toMatchObject([
    {
      __typename: 'MessageAdded',
      message: {
        body: 'reply',
        isShownInChannel: false,
        parent: { id: parentId, replyCount: 1 },
        quote: { messageId: parentId, message: { body: 'parent' } },
      },
    },
    { __typename: 'MessageAdded', message: { body: 'second', parent: { id: parentId, replyCount: 2 } } },
    { __typename: 'MessageRemoved', message: { parent: { id: parentId, replyCount: 1 } } },
  ])
  const [after] = events.flatMap((event) =>
    'cursor' in event && event.__typename === 'MessageAdded' ? event.cursor : [],
  )
  // The backend has no delivery position: what alice has confirmed does not come to her again.
  const backend = openSocket(kit.server, { authorization: kit.backend.authorization })
  const late = record(backend, ThreadEventsDocument, { channelId, after: after! })
  expect((await late.atLeast(4)).map(({ events: event }) => event)).toMatchObject([
    { __typename: 'Ready' },
    { __typename: 'MessageAdded', message: { body: 'second', parent: { replyCount: 1 } } },
    { __typename: 'MessageUpdated', changes: ['THREAD'], message: { id: parentId, replyCount: 1 } },
    { __typename: 'MessageRemoved', message: { id: reply.id, parent: { replyCount: 1 } } },
  ])
  // Both have the number of the deletion: a reader that has only got the first must get the second.
  const [updated] = late.items.flatMap(({ events: event }) => (event.__typename === 'MessageUpdated' ? event : []))
  const rest = record(backend, ThreadEventsDocument, { channelId, after: updated!.cursor })
  await waitFor(() => rest.items.some(({ events: event }) => event.__typename === 'MessageRemoved'))
  await backend.dispose()
  await socket.dispose()
})
