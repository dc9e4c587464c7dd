import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  EventsDocument,
  FreezeChannelDocument,
  PinMessageDocument,
  PinnedMessagesDocument,
  TruncateChannelDocument,
  UnpinMessageDocument,
  UpdateMessageDocument,
} from '../../../schema/generated/graphql.ts'
import { limits } from '../../../src/model/limits.ts'
import { newSid } from '../../../src/model/sid.ts'
import { readExtras } from '../../../src/store/message-extras.ts'
import { deleteTruncatedMessages } from '../../../src/store/message.ts'
import { openKit, record, type Kit, type User } from '../../support/kit.ts'
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

const pin = async (messageId: string, by: Pick<User, 'request'> = kit.backend) =>
  (await by.request(PinMessageDocument, { input: { messageId } })).pinMessage
const unpin = async (messageId: string) =>
  (await kit.backend.request(UnpinMessageDocument, { input: { messageId } })).unpinMessage

async function pinned(
  channelId: string,
  page: { first?: number; after?: string; last?: number; before?: string } = {},
) {
  const { channel } = await alice.request(PinnedMessagesDocument, { channelId, ...page })
  return channel!.pinnedMessages
}
const bodies = async (channelId: string) => (await pinned(channelId)).edges.map(({ node }) => node.body)

test('a pinned message says when and by whom, and the newest pin comes first', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const sent = []
  for (const body of ['one', 'two', 'three']) sent.push(await alice.send(channelId, body))
  await pin(sent[2]!.id)
  const { message } = await pin(sent[0]!.id)
  expect(message).toMatchObject({ pinnedAt: expect.any(String) as string, pinnedBy: 'system' })
  expect(await bodies(channelId)).toEqual(['one', 'three'])
  expect((await unpin(sent[0]!.id)).message).toMatchObject({ pinnedAt: null, pinnedBy: null })
  expect(await bodies(channelId)).toEqual(['three'])
})

test('pinned messages are paged both ways', async () => {
  const { id: channelId } = await kit.channel([alice])
  for (const body of ['one', 'two', 'three', 'four', 'five']) await pin((await alice.send(channelId, body)).id)
  const first = await pinned(channelId, { first: 2 })
  expect(first.edges.map(({ node }) => node.body)).toEqual(['five', 'four'])
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  const second = await pinned(channelId, { first: 2, after: first.pageInfo.endCursor! })
  expect(second.edges.map(({ node }) => node.body)).toEqual(['three', 'two'])
  expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  const last = await pinned(channelId, { last: 2, before: second.pageInfo.startCursor! })
  expect(last.edges.map(({ node }) => node.body)).toEqual(['five', 'four'])
  const end = await pinned(channelId, { last: 2 })
  expect(end.edges.map(({ node }) => node.body)).toEqual(['two', 'one'])
  const malformed = { channelId, after: '!' }
  expect(await refusalOf(alice, PinnedMessagesDocument, malformed)).toEqual({ code: 'BAD_USER_INPUT' })
})

test('P3: pinning is told once, live and after an interruption, and changes nothing where nothing changes', async () => {
  const carol = await kit.user('carol')
  const { id: channelId } = await kit.channel([alice, bob, carol])
  const [sent, other] = [await alice.send(channelId, 'hello'), await alice.send(channelId, 'other')]
  const away = other.cursor
  const client = bob.connect()
  const live = record(client, EventsDocument, { channelId, after: away })
  await areLive(kit.server, channelId, 1)
  const { cursor } = await pin(sent.id)
  expect((await pin(sent.id)).cursor).toBe(cursor)
  expect((await unpin(other.id)).cursor).toBe(cursor)
  await live.atLeast(2)
  const told = { __typename: 'MessageUpdated', changes: ['PIN'], message: { id: sent.id }, cursor }
  expect(live.items[1]).toMatchObject({ events: told })
  // Not again to who has confirmed it.
  const lateClient = carol.connect()
  const late = record(lateClient, EventsDocument, { channelId, after: away })
  await late.atLeast(2)
  expect(late.items[1]).toMatchObject({ events: told })
  await lateClient.dispose()
  await client.dispose()
})

test('P3: a message that was edited and pinned meanwhile is told of once for each', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const { id: messageId, cursor } = await alice.send(channelId, 'hello')
  await kit.backend.request(UpdateMessageDocument, { input: { messageId, body: 'hello, owl' } })
  await pin(messageId)
  await unpin(messageId)
  const client = bob.connect()
  const { items } = record(client, EventsDocument, { channelId, after: cursor })
  await waitFor(() => items.length === 3)
  expect(items.slice(1)).toMatchObject([{ events: { changes: ['EDIT'] } }, { events: { changes: ['PIN'] } }])
  await client.dispose()
})

test('a deleted message and a truncated one are no pins, and their rows go', async () => {
  const { id: channelId } = await kit.channel([alice])
  const ids = []
  for (const body of ['one', 'two', 'three']) ids.push((await alice.send(channelId, body)).id)
  for (const id of ids) await pin(id)
  await alice.request(DeleteMessageDocument, { input: { messageId: ids[1]! } })
  expect(await bodies(channelId)).toEqual(['three', 'one'])
  await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 2 } })
  expect(await bodies(channelId)).toEqual(['three'])
  await deleteTruncatedMessages(kit.store.maintenance)
  const rows = await kit.store.db.run('SELECT index FROM message_extras WHERE channel_id = $1', [channelId.slice(2)])
  expect(rows).toEqual([{ index: 2 }])
  for (const messageId of [ids[0]!, ids[1]!, newSid('IM'), 'nonsense']) {
    for (const document of [PinMessageDocument, UnpinMessageDocument]) {
      expect(await refusalOf(kit.backend, document as never, { input: { messageId } })).toEqual({
        code: 'NOT_FOUND',
        chatCode: 50500,
      })
    }
  }
})

test('a channel has at most 100 pins, those of deleted messages not counted', async () => {
  const { id: channelId } = await kit.channel([alice])
  const ids: string[] = []
  for (let number = 0; number <= limits.pinnedMessages; number++)
    ids.push((await alice.send(channelId, `${number}`)).id)
  for (const id of ids.slice(1)) await pin(id)
  expect(await refusalOf(kit.backend, PinMessageDocument, { input: { messageId: ids[0]! } })).toEqual({
    code: 'CONFLICT',
  })
  await alice.request(DeleteMessageDocument, { input: { messageId: ids[1]! } })
  await pin(ids[0]!)
  expect((await pinned(channelId, { first: 1 })).edges[0]!.node.body).toBe('0')
})

test('in a frozen channel a member without the permission to send there pins nothing', async () => {
  const creator = await kit.user('creator')
  const { id: channelId } = await kit.channel([alice, creator])
  const { id: messageId } = await alice.send(channelId, 'hello')
  await kit.backend.request(FreezeChannelDocument, { input: { channelId } })
  expect(await refusalOf(alice, PinMessageDocument, { input: { messageId } })).toMatchObject({ code: 'FORBIDDEN' })
  await pin(messageId)
})

test('what was added to a message is read with the number that the message has then', async () => {
  const { id: channelId } = await kit.channel([alice])
  const { id: messageId, index } = await alice.send(channelId, 'hello')
  await pin(messageId)
  const key = { channelId, index }
  const [before] = await readExtras(kit.store.db, [key])
  await kit.backend.request(UpdateMessageDocument, { input: { messageId, body: 'edited' } })
  const [after] = await readExtras(kit.store.db, [key])
  expect([before!.messageSeq! < before!.seq, after!.messageSeq! > after!.seq]).toEqual([true, true])
})
