import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ChannelDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  EventsDocument,
  HistoryDocument,
  NodeDocument,
  UpdateMessageDocument,
  type UpdateMessageInput,
} from '../../../schema/generated/graphql.ts'
import { newSid, type ChannelId } from '../../../src/model/sid.ts'
import { openKit, record, type Kit, type User } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let alice: User
let bob: User
let channelId: ChannelId
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  bob = await kit.user('bob')
  channelId = (await kit.channel([alice, bob])).id
})
afterAll(() => kit.close())

async function update(input: UpdateMessageInput) {
  return (await alice.request(UpdateMessageDocument, { input })).updateMessage.message
}

const noMessage = { code: 'NOT_FOUND', chatCode: 50500 }

test('an edit changes what it names and says who made it', async () => {
  const sent = await alice.send(channelId, 'first', { attributes: { kept: true } })
  const edited = await update({ messageId: sent.id, body: 'second' })
  const unlike = { cursor: expect.any(String) as string, body: 'second' }
  const times = { version: 2, editedAt: expect.any(String) as string }
  expect(edited).toEqual({ ...sent, ...unlike, ...times, wasEdited: true, lastUpdatedBy: alice.identity })
  expect(await update({ messageId: sent.id, attributes: { kept: false } })).toMatchObject({
    body: 'second',
    attributes: { kept: false },
  })
  const { channel } = await bob.request(HistoryDocument, { channelId, last: 1 })
  expect(channel!.messages.edges[0]!.node).toEqual({ ...sent, ...unlike, attributes: { kept: false } })
})

test('an edit that names nothing is refused, and marks nothing as edited', async () => {
  const { id: messageId } = await alice.send(channelId, 'mine')
  const read = () => kit.backend.request(`{ node(id: "${messageId}") { ... on Message { body wasEdited updatedAt } } }`)
  const before = await read()
  for (const user of [alice, bob]) {
    for (const input of [{ messageId }, { messageId, body: null }]) {
      expect(await refusalOf(user, UpdateMessageDocument, { input })).toEqual({ code: 'BAD_USER_INPUT' })
    }
  }
  expect(await read()).toEqual(before)
})

test('P2: a deleted message is gone with its text, and keeps its number', async () => {
  const { id } = await kit.channel([alice, bob])
  const [first, second] = [await alice.send(id, 'kept'), await alice.send(id, 'secret', { attributes: { secret: 1 } })]
  const { deleteMessage } = await alice.request(DeleteMessageDocument, { input: { messageId: second.id } })
  expect(deleteMessage.message).toMatchObject({ id: second.id, index: 1, body: '', attributes: {} })
  expect((await alice.send(id, 'next')).index).toBe(2)
  const { messages } = await readingOf(kit, id)
  expect(messages?.map(({ node }) => [node.index, node.body])).toEqual([
    [0, 'kept'],
    [2, 'next'],
  ])
  expect((await kit.backend.request(ChannelDocument, { id })).channel).toMatchObject({ messagesCount: 2 })
  expect(await alice.request(NodeDocument, { id: second.id })).toEqual({ node: null })
  expect(await alice.request(NodeDocument, { id: first.id })).toMatchObject({ node: { id: first.id } })
  const rows = await kit.store.db.run('SELECT * FROM messages WHERE body LIKE $1 OR attributes LIKE $1', ['%secret%'])
  expect(rows).toEqual([])
})

test('the newest message of a channel is the newest that was not deleted', async () => {
  const { id } = await kit.channel([alice])
  const sent = [await alice.send(id, 'one'), await alice.send(id, 'two')]
  const newest = async () => (await alice.request(ChannelDocument, { id })).channel!.lastMessage
  expect(await newest()).toEqual({ index: 1 })
  await alice.request(DeleteMessageDocument, { input: { messageId: sent[1]!.id } })
  expect(await newest()).toEqual({ index: 0 })
  await alice.request(DeleteMessageDocument, { input: { messageId: sent[0]!.id } })
  expect(await newest()).toBeNull()
})

test('a message is deleted once, even by many at once, and cannot be edited after', async () => {
  const { id: messageId } = await alice.send(channelId, 'short-lived')
  const deletions = await Promise.all(
    Array.from({ length: 5 }, () => alice.ask(DeleteMessageDocument, { input: { messageId } })),
  )
  const refusals = deletions.flatMap(({ errors }) => errors ?? [])
  expect(refusals.map(({ extensions }) => extensions)).toEqual(Array(4).fill(noMessage))
  expect(await refusalOf(alice, UpdateMessageDocument, { input: { messageId, body: 'back' } })).toEqual(noMessage)
  const { channel, messages } = await readingOf(kit, channelId)
  expect(messages).toHaveLength(channel!.messagesCount)
})

test('a message of a channel that is gone is gone with it', async () => {
  const gone = await kit.channel([alice])
  const { id: messageId } = await alice.send(gone.id, 'orphan')
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: gone.id } })
  const edit = await refusalOf(alice, UpdateMessageDocument, { input: { messageId, body: 'x' } })
  const deletion = await refusalOf(kit.backend, DeleteMessageDocument, { input: { messageId } })
  expect([edit.code, deletion.code]).toEqual(['NOT_FOUND', 'NOT_FOUND'])
})

test('a message that is unknown or malformed is refused', async () => {
  for (const messageId of [newSid('IM'), 'IM', '', channelId, `IM${'0'.repeat(31)}`]) {
    for (const caller of [alice, kit.backend]) {
      expect(await refusalOf(caller, UpdateMessageDocument, { input: { messageId, body: 'x' } })).toEqual(noMessage)
      expect(await refusalOf(caller, DeleteMessageDocument, { input: { messageId } })).toEqual(noMessage)
    }
  }
})

test('edits and deletions reach the other members, in order', async () => {
  const { id } = await kit.channel([alice, bob])
  const client = bob.connect()
  const events = record(client, EventsDocument, { channelId: id })
  await events.atLeast(1)
  // What happens while the stream catches up is delivered in its latest state, so each is waited for.
  const { id: messageId } = await alice.send(id, 'first')
  await events.atLeast(3)
  await update({ messageId, body: 'second' })
  await events.atLeast(4)
  await alice.request(DeleteMessageDocument, { input: { messageId } })
  const received = (await events.atLeast(5))
    .slice(-3)
    .map(({ events: event }) => ('message' in event ? [event.__typename, event.message.body] : event.__typename))
  expect(received).toEqual([
    ['MessageAdded', 'first'],
    ['MessageUpdated', 'second'],
    ['MessageRemoved', ''],
  ])
  await client.dispose()
})
