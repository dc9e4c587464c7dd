import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  EventsDocument,
  HistoryDocument,
  MessageAddedDocument,
  MessageBodiesDocument,
} from '../../../schema/generated/graphql.ts'
import { openKit, record, type Kit, type User } from '../../support/kit.ts'

let kit: Kit
let alice: User
let bob: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  bob = await kit.user('bob')
})
afterAll(() => kit.close())

async function history(channelId: string) {
  const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 1000 })
  return channel!.messages.edges.map(({ node }) => ({ index: node.index, body: node.body }))
}

const upTo = (count: number): number[] => [...Array(count).keys()]

test('P6: the same send tried again returns the first message and makes no second', async () => {
  const { id } = await kit.channel([alice])
  const first = await alice.send(id, 'first', { clientMessageId: 'once', attributes: { n: 1 } })
  const again = await alice.send(id, 'something else', { clientMessageId: 'once', attributes: { n: 2 } })
  expect(again).toEqual(first)
  expect((await alice.send(id, 'next')).index).toBe(1)
  expect(await history(id)).toEqual([
    { index: 0, body: 'first' },
    { index: 1, body: 'next' },
  ])
})

test('P6: the same send 20 times at once, at two servers, makes one message and no hole', async () => {
  const { id } = await kit.channel([alice, bob])
  const elsewhere = alice.at(await kit.another())
  const client = bob.connect()
  const received = record(client, MessageBodiesDocument, { channelId: id })
  for (let round = 0; round < 5; round++) {
    const clientMessageId = `round-${round}`
    const sends = upTo(20).map((at) => (at % 2 ? alice : elsewhere).send(id, `${round}`, { clientMessageId }))
    const others = upTo(5).map((at) => bob.send(id, `${round} between ${at}`))
    const sent = await Promise.all(sends)
    await Promise.all(others)
    expect(new Set(sent.map((message) => message.id)).size).toBe(1)
  }
  const messages = await history(id)
  expect(messages.map(({ index }) => index)).toEqual(upTo(30))
  expect(messages.filter(({ body }) => /^\d$/.test(body)).map(({ body }) => body)).toEqual(upTo(5).map(String))
  expect((await received.atLeast(30)).map(({ messageAdded }) => messageAdded)).toEqual(messages)
  await client.dispose()
})

test('P6: the same means the same name, channel and author', async () => {
  const [one, other] = [await kit.channel([alice, bob]), await kit.channel([alice])]
  const clientMessageId = 'shared'
  await alice.send(one.id, 'alice here', { clientMessageId })
  await alice.send(other.id, 'alice there', { clientMessageId })
  await bob.send(one.id, 'bob', { clientMessageId })
  await kit.backend.send(one.id, 'system', { clientMessageId })
  await kit.backend.send(one.id, 'for alice', { clientMessageId, authorIdentity: alice.identity })
  await alice.send(one.id, 'another name', { clientMessageId: 'Shared' })
  expect((await history(one.id)).map(({ body }) => body)).toEqual(['alice here', 'bob', 'system', 'another name'])
  expect((await history(other.id)).map(({ body }) => body)).toEqual(['alice there'])
})

test('P6: a message that was deleted is not sent again', async () => {
  const { id } = await kit.channel([alice])
  const first = await alice.send(id, 'regretted', { clientMessageId: 'once' })
  await alice.request(DeleteMessageDocument, { input: { messageId: first.id } })
  const again = await alice.send(id, 'regretted', { clientMessageId: 'once' })
  expect([again.id, again.index, again.body]).toEqual([first.id, 0, ''])
  expect(await history(id)).toEqual([])
})

test('P2: a send that is refused takes no number', async () => {
  const { id } = await kit.channel([alice])
  const answers = await Promise.allSettled([
    alice.send(id, 'one'),
    alice.send(id, 'x'.repeat(33_000)),
    bob.send(id, 'not a member'),
    alice.send(id, 'two', { authorIdentity: 'someone' }),
    alice.send(id, 'three'),
  ])
  expect(answers.map(({ status }) => status === 'fulfilled')).toEqual([true, false, false, false, true])
  expect((await alice.send(id, 'four')).index).toBe(2)
})

test('every member sees the clientMessageId: in the answer, in both streams, when catching up, and in the history', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const names = ['first', null, '1970-01-01T00:00:00.000Z']
  const early = alice.connect()
  const live = record(early, MessageAddedDocument, { channelId })
  const sent = [await alice.send(channelId, '0', { clientMessageId: names[0]! }), await alice.send(channelId, '1')]
  sent.push(await alice.send(channelId, '2', { clientMessageId: names[2]! }))
  expect(sent.map(({ clientMessageId }) => clientMessageId)).toEqual(names)
  expect((await live.atLeast(3)).map(({ messageAdded }) => messageAdded.clientMessageId)).toEqual(names)
  const late = bob.connect()
  const events = (await record(late, EventsDocument, { channelId }).atLeast(5)).map(({ events: event }) => event)
  expect(events.flatMap((event) => ('message' in event ? event.message.clientMessageId : []))).toEqual(names)
  const { channel } = await bob.request(HistoryDocument, { channelId })
  expect(channel!.messages.edges.map(({ node }) => node.clientMessageId)).toEqual(names)
  await early.dispose()
  await late.dispose()
})
