import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  HistoryDocument,
  MessagesAroundDocument,
  type MessagesAround,
} from '../../../schema/generated/graphql.ts'
import { sidToUuid } from '../../../src/model/sid.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'

let kit: Kit
let alice: User
let channelId: string
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  const { id } = await kit.channel([alice])
  channelId = id
  const sent = []
  for (let at = 0; at < 10; at++) sent.push(await alice.send(id, `${at}`))
  await alice.request(DeleteMessageDocument, { input: { messageId: sent[5]!.id } })
  await kit.store.db.run(
    `UPDATE messages SET created_at = '2026-01-01T00:00:00Z'::timestamptz + index * interval '1 hour' WHERE channel_id = $1::uuid`,
    [sidToUuid(id)],
  )
})
afterAll(() => kit.close())

async function around(place: MessagesAround, first: number) {
  const { channel } = await alice.request(MessagesAroundDocument, { channelId, around: place, first })
  const { edges, pageInfo } = channel!.messages
  return { ...pageInfo, indexes: edges.map(({ node }) => node.index) }
}

test.each([
  [{ index: 4 }, 4, [2, 3, 4, 6], true, true],
  [{ index: 4 }, 1, [4], true, true],
  [{ index: 5 }, 3, [4, 6, 7], true, true],
  [{ index: 0 }, 4, [0, 1, 2, 3], false, true],
  [{ index: 1 }, 6, [0, 1, 2, 3, 4, 6], false, true],
  [{ index: 9 }, 4, [6, 7, 8, 9], true, false],
  [{ index: 1_000_000 }, 3, [7, 8, 9], true, false],
  [{ index: 4 }, 100, [0, 1, 2, 3, 4, 6, 7, 8, 9], false, false],
  [{ moment: '2026-01-01T04:00:00Z' }, 2, [3, 4], true, true],
  [{ moment: '2026-01-01T03:00:00.001Z' }, 2, [3, 4], true, true],
  [{ moment: '2000-01-01T00:00:00Z' }, 2, [0, 1], false, true],
  [{ moment: '2030-01-01T00:00:00Z' }, 2, [8, 9], true, false],
])('around %j, first: %d', async (place, first, indexes, hasPreviousPage, hasNextPage) => {
  expect(await around(place as MessagesAround, first)).toMatchObject({ indexes, hasPreviousPage, hasNextPage })
})

test('around a cursor, and on from there in both directions', async () => {
  const { channel } = await alice.request(HistoryDocument, { channelId, first: 5 })
  const { cursor } = channel!.messages.edges[4]!
  const page = await around({ cursor }, 4)
  expect(page.indexes).toEqual([2, 3, 4, 6])
  const older = await alice.request(HistoryDocument, { channelId, last: 10, before: page.startCursor ?? null })
  expect(older.channel!.messages.edges.map(({ node }) => node.index)).toEqual([0, 1])
  const newer = await alice.request(HistoryDocument, { channelId, first: 10, after: page.endCursor ?? null })
  expect(newer.channel!.messages.edges.map(({ node }) => node.index)).toEqual([7, 8, 9])
})

test.each([
  ['around: { index: -1 }', 'around.index'],
  ['around: { cursor: "x" }', 'around.cursor'],
  ['around: { index: 1 }, last: 2', 'around'],
  ['around: { index: 1 }, after: "CURSOR"', 'around'],
])('%s is refused', async (args, field) => {
  const { channel } = await alice.request(HistoryDocument, { channelId, first: 1 })
  const given = args.replace('CURSOR', channel!.messages.edges[0]!.cursor)
  const document = `{ channel(id: "${channelId}") { messages(${given}) { nodes { index } } } }`
  expect(await alice.expectRefusal(document, undefined, 'BAD_USER_INPUT')).toMatchObject({ extensions: { field } })
})

test('neither of them, or two, is refused', async () => {
  for (const place of ['{}', '{ index: 1, moment: "2026-01-01T00:00:00Z" }']) {
    const { errors } = await alice.ask(
      `{ channel(id: "${channelId}") { messages(around: ${place}) { nodes { index } } } }`,
    )
    expect(errors).toHaveLength(1)
  }
})
