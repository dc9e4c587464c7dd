import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  MessageEditsDocument,
  ServiceDocument,
  TruncateChannelDocument,
  UpdateMessageDocument,
  UpdateServiceDocument,
  type EditHistory,
} from '../../../schema/generated/graphql.ts'
import { deleteTruncatedMessages } from '../../../src/store/message.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'

let kit: Kit
let alice: User
let bob: User
let serviceId: string
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  bob = await kit.user('bob')
  serviceId = (await kit.backend.request(ServiceDocument, {})).service!.id
})
afterAll(() => kit.close())

const keep = (editHistory: EditHistory) =>
  kit.backend.request(UpdateServiceDocument, { input: { serviceId, editHistory } })
const edit = (messageId: string, body: string, by: Pick<User, 'request'> = alice, expectedVersion?: number) =>
  by.request(UpdateMessageDocument, { input: { messageId, body, expectedVersion } })
const editsOf = async (id: string, reader: Pick<User, 'request'> = alice) =>
  (await reader.request(MessageEditsDocument, { id })).message?.edits?.edges.map(({ node }) => node)

/** A message of alice's, edited twice, the second time by the backend. */
async function editedTwice() {
  const { id: channelId } = await kit.channel([alice, bob])
  const { id } = await alice.send(channelId, 'one', { attributes: { number: 1 } })
  await edit(id, 'two')
  await edit(id, 'three', kit.backend)
  return { id, channelId }
}

test('each edit makes a version, and one of a version that is no more is refused with that which is', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id } = await alice.send(channelId, 'one')
  const input = { messageId: id, body: 'two', expectedVersion: 1 }
  const first = await alice.ask(UpdateMessageDocument, { input })
  expect(first.data!.updateMessage!.message).toMatchObject({ version: 2, editedAt: expect.any(String) as string })
  const late = await alice.ask(UpdateMessageDocument, { input: { ...input, body: 'mine' } })
  expect(late.errors![0]!.extensions).toEqual({ code: 'CONFLICT', currentVersion: 2 })
  const { message } = await alice.request(MessageEditsDocument, { id })
  expect(message).toMatchObject({ version: 2 })
  const both = await Promise.all(
    ['a', 'b'].map((body) => alice.ask(UpdateMessageDocument, { input: { ...input, body, expectedVersion: 2 } })),
  )
  const found = both.map(({ errors }) => errors?.[0]?.extensions.currentVersion ?? 'edited')
  expect(new Set(found)).toEqual(new Set([3, 'edited']))
})

test.each([
  ['NONE', []],
  ['LAST', ['two']],
  ['ALL', ['two', 'one']],
] as const)('a service that keeps %s shows what was before', async (editHistory, expected) => {
  await keep(editHistory)
  const { id } = await editedTwice()
  expect((await editsOf(id))!.map(({ body }) => body)).toEqual(expected)
})

test('former versions say who wrote them and when, and a narrower setting hides them', async () => {
  await keep('ALL')
  const { id } = await editedTwice()
  await edit(id, 'four')
  const written = (await editsOf(id))!
  expect(written.map(({ version, writtenBy }) => [version, writtenBy])).toEqual([
    [3, 'system'],
    [2, alice.identity],
    [1, alice.identity],
  ])
  expect(written.map(({ attributes }) => attributes)).toEqual([{ number: 1 }, { number: 1 }, { number: 1 }])
  const times = written.map(({ writtenAt }) => Date.parse(writtenAt as string))
  expect(times).toEqual(times.toSorted((one, other) => other - one))
  await keep('LAST')
  expect((await editsOf(id))!.map(({ body }) => body)).toEqual(['three'])
})

test('they are for the author, for who may edit any message, and for the backend', async () => {
  await keep('ALL')
  const { id } = await editedTwice()
  expect(await editsOf(id, bob)).toBeUndefined()
  expect(await editsOf(id, kit.backend)).toHaveLength(2)
})

test('of many versions the newest 100 stay, in pages both ways', async () => {
  await keep('ALL')
  const { id: channelId } = await kit.channel([alice])
  const { id } = await alice.send(channelId, '1')
  for (let version = 2; version <= 103; version++) await edit(id, `${version}`)
  const page = async (args: { first?: number; after?: string; last?: number; before?: string }) =>
    (await alice.request(MessageEditsDocument, { id, ...args })).message!.edits!
  const [newest, oldest] = [await page({ first: 1 }), await page({ last: 1 })]
  expect([newest.edges[0]!.node.body, oldest.edges[0]!.node.body]).toEqual(['102', '3'])
  expect(newest.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  expect((await page({ first: 1, after: newest.pageInfo.endCursor! })).edges[0]!.node.body).toBe('101')
  expect((await page({ last: 1, before: oldest.pageInfo.startCursor! })).edges[0]!.node.body).toBe('4')
})

test('they go with their message, deleted or truncated', async () => {
  await keep('ALL')
  const [deleted, truncated] = [await editedTwice(), await editedTwice()]
  await alice.request(DeleteMessageDocument, { input: { messageId: deleted.id } })
  await kit.backend.request(TruncateChannelDocument, { input: { channelId: truncated.channelId } })
  await deleteTruncatedMessages(kit.store.maintenance)
  const rows = await kit.store.db.run('SELECT FROM message_edits WHERE channel_id = ANY ($1::uuid[])', [
    `{${[deleted, truncated].map(({ channelId }) => channelId.slice(2)).join()}}`,
  ])
  expect(rows).toEqual([])
})
