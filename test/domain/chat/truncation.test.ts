import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  ChannelDocument,
  CreateKeywordRuleDocument,
  DeleteMessageDocument,
  FlaggedMessagesDocument,
  HistoryDocument,
  NodeDocument,
  PendingDeliveriesDocument,
  TruncateChannelDocument,
  UpdateChannelDocument,
  UpdateMessageDocument,
} from '../../../schema/generated/graphql.ts'
import type { ChannelId } from '../../../src/model/sid.ts'
import { sidToUuid } from '../../../src/model/sid.ts'
import { readPositionBefore } from '../../../src/store/history.ts'
import { deleteTruncatedMessages } from '../../../src/store/message.ts'
import { fillChannel } from '../../support/filling.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'
import { Reader, type ReaderOptions } from '../../support/reader.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'
import { openRest } from '../../support/rest.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

async function truncate(channelId: string, beforeIndex?: number) {
  const { truncateChannel } = await kit.backend.request(TruncateChannelDocument, {
    input: { channelId, ...(beforeIndex !== undefined && { beforeIndex }) },
  })
  return truncateChannel
}

const purge = () => deleteTruncatedMessages(kit.store.maintenance)

async function rowsOf(channelId: ChannelId): Promise<number[]> {
  const rows = await kit.store.db.run<{ index: number }>(
    'SELECT index FROM messages WHERE channel_id = $1 ORDER BY index',
    [sidToUuid(channelId)],
  )
  return rows.map(({ index }) => index)
}

/** A channel of one member with six messages, of which 1 and 4 are deleted. */
async function openScene() {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  const sent = []
  for (let index = 0; index < 6; index++) sent.push(await kit.backend.send(channelId, `number ${index}`))
  for (const index of [1, 4]) {
    await kit.backend.request(DeleteMessageDocument, { input: { messageId: sent[index]!.id } })
  }
  return { user, channelId, ids: sent.map(({ id }) => id) }
}

async function open(
  user: User,
  channelId: string,
  options: ReaderOptions & { after?: string; mode?: 'messages' } = {},
) {
  const { mode = 'everything', after, ...more } = options
  const reader = await Reader.open(kit.server.app, user, { channelId, mode, after }, more)
  onTestFinished(() => reader.close())
  return reader
}

interface MessageAnswer {
  readonly message: { readonly index: number } | null
}

test('no read finds truncated messages, before their rows are gone and after', async () => {
  const { user, channelId, ids } = await openScene()
  const rest = await openRest(kit)
  expect((await truncate(channelId, 3)).channel).toMatchObject({ firstIndex: 3, messagesCount: 2 })
  const look = async () => {
    const { channel } = await user.request(ChannelDocument, { id: channelId })
    const { channel: history } = await user.request(HistoryDocument, { channelId, last: 2 })
    const { pendingDeliveries } = await user.request(PendingDeliveriesDocument, {})
    const { body } = await rest.get(rest.in(`/Channels/${channelId}/Messages`))
    const { member } = await user.request<{ member: { unreadCount: number } }, object>(
      'query ($channelId: ID!, $identity: String!) { member(channelId: $channelId, identity: $identity) { unreadCount } }',
      { channelId, identity: user.identity },
    )
    const { messages } = history!
    return {
      channel: { firstIndex: channel!.firstIndex, count: channel!.messagesCount, last: channel!.lastMessage?.index },
      history: messages.edges.map(({ node }) => node.index),
      total: messages.totalCount,
      hasMore: messages.pageInfo.hasPreviousPage,
      pending: pendingDeliveries!.edges.map(({ node }) => node.message.index),
      rest: (body['messages'] as readonly { index: number }[]).map(({ index }) => index),
      unread: member.unreadCount,
      found: await Promise.all(
        ids.map(async (id) => [
          (await user.request<MessageAnswer, object>('query ($id: ID!) { message(id: $id) { index } }', { id })).message
            ?.index,
          (await user.request(NodeDocument, { id })).node?.id,
        ]),
      ),
    }
  }
  const kept = (index: number) => [index, ids[index]]
  const none = [undefined, undefined]
  const expected = {
    channel: { firstIndex: 3, count: 2, last: 5 },
    history: [3, 5],
    total: 2,
    hasMore: false,
    pending: [3, 5],
    rest: [3, 5],
    unread: 2,
    found: [none, none, none, kept(3), none, kept(5)],
  }
  expect(await look()).toEqual(expected)
  const gone = { code: 'NOT_FOUND', chatCode: 50500 }
  for (const messageId of [ids[0], ids[2]]) {
    expect(
      await refusalOf(kit.backend, UpdateMessageDocument, { input: { messageId: messageId!, body: 'new' } }),
    ).toEqual(gone)
    expect(await refusalOf(kit.backend, DeleteMessageDocument, { input: { messageId: messageId! } })).toEqual(gone)
  }
  await purge()
  expect(await rowsOf(channelId)).toEqual([3, 4, 5])
  expect(await look()).toEqual(expected)
  expect((await kit.backend.send(channelId, 'next')).index).toBe(6)
  await truncate(channelId)
  await purge()
  expect((await user.request(ChannelDocument, { id: channelId })).channel).toMatchObject({
    firstIndex: 7,
    messagesCount: 0,
    lastMessage: null,
  })
  expect((await kit.backend.send(channelId, 'next')).index).toBe(7)
})

test('flagged messages that are truncated are no longer listed, and forgotten with their rows', async () => {
  const { id: channelId } = await kit.channel()
  await kit.backend.request(CreateKeywordRuleDocument, {
    input: { name: 'flags', words: ['flagworthy'], action: 'FLAG' },
  })
  const sent = await kit.backend.send(channelId, 'flagworthy')
  const listed = async () => {
    const { flaggedMessages } = await kit.backend.request(FlaggedMessagesDocument, {})
    return flaggedMessages!.edges.map(({ node }) => node.message.id)
  }
  expect(await listed()).toEqual([sent.id])
  await truncate(channelId)
  expect(await listed()).toEqual([])
  await purge()
  expect(await kit.store.db.run('SELECT FROM message_flags', [])).toEqual([])
})

test('an index that is none is refused, and one that is reached already changes nothing', async () => {
  const { channelId } = await openScene()
  await truncate(channelId, 3)
  const before = await readingOf(kit, channelId)
  for (const beforeIndex of [-1, 7, 2_147_483_647]) {
    expect(await refusalOf(kit.backend, TruncateChannelDocument, { input: { channelId, beforeIndex } })).toEqual({
      code: 'BAD_USER_INPUT',
    })
  }
  const { cursor } = await truncate(channelId, 3)
  expect((await truncate(channelId, 0)).cursor).toBe(cursor)
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test.each([false, true])(
  'P3 P4: who comes back gets what is left, in its latest state, and no gap; rows gone: %s',
  async (isPurged) => {
    const { user, channelId, ids } = await openScene()
    const { cursor } = await kit.backend.send(channelId, 'number 6')
    const edit = (index: number) =>
      kit.backend.request(UpdateMessageDocument, { input: { messageId: ids[index]!, body: `edited ${index}` } })
    await edit(2)
    await edit(5)
    await kit.backend.request(UpdateChannelDocument, { input: { channelId, friendlyName: 'renamed' } })
    await truncate(channelId, 1)
    for (const index of [7, 8, 9]) await kit.backend.send(channelId, `number ${index}`)
    await truncate(channelId, 5)
    await kit.backend.request(DeleteMessageDocument, {
      input: { messageId: (await kit.backend.send(channelId, 'x')).id },
    })
    if (isPurged) await purge()
    // From the beginning, from before the truncations, and from before the rest.
    const [whole, later] = [await open(user, channelId), await open(user, channelId, { after: cursor })]
    const messages = await open(user, channelId, { mode: 'messages' })
    // Sent before they have caught up, the end would come before the other changes.
    for (const reader of [whole, later, messages]) await reader.isLive(channelId)
    const end = await kit.backend.send(channelId, 'end')
    for (const reader of [whole, later, messages]) await reader.receives(`${end.index} end`)
    const news = ['7 number 7', '8 number 8', '9 number 9', '10 removed']
    const changes = ['5 = edited 5', 'channel renamed', 'from 5']
    // What was added comes first; who has seen nothing gets the latest state at once.
    expect(whole.texts.filter((text) => !text.startsWith('+'))).toEqual([
      '5 edited 5',
      '6 number 6',
      ...news,
      'channel renamed',
      'from 5',
      '11 end',
    ])
    expect(later.texts).toEqual([...news, ...changes, '11 end'])
    expect(messages.texts).toEqual(['5 edited 5', '6 number 6', '7 number 7', '8 number 8', '9 number 9', '11 end'])
  },
)

test('P3: who is behind by many pages passes what was truncated, and misses nothing after it', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  await fillChannel(kit.store.maintenance, channelId, 1500)
  let isTruncated = false
  // It has read its first page when the channel is truncated, and what it waits for is in the middle of what goes.
  const drained = () => {
    if (isTruncated) return undefined
    isTruncated = true
    return truncate(channelId, 1234).then(() => {})
  }
  const reader = await open(user, channelId, { drained })
  const end = await kit.backend.send(channelId, 'end')
  await reader.receives(`${end.index} end`)
  // Catching up, messages come before other changes.
  await reader.receives('from 1234')
  const indexes = reader.lines.flatMap(({ event }) => (event.type === 'messageAdded' ? event.message.index : []))
  expect(indexes.filter((index) => index >= 1234)).toEqual(Array.from({ length: 267 }, (_, at) => 1234 + at))
  expect(indexes).toEqual([...new Set(indexes)].toSorted((one, other) => one - other))
  expect(reader.texts.filter((text) => /gap|from/.test(text))).toEqual(['from 1234'])
})

test('P8: truncated messages are not taken for lost, though nothing is left of them', async () => {
  const { user, channelId } = await openScene()
  const { cursor } = await truncate(channelId)
  await purge()
  const soon = new Date(Date.now() + 60_000)
  const position = { index: 5, seq: Number.parseInt(cursor.split('.')[2]!, 36) }
  for (const seen of [position, { ...position, seq: position.seq - 1 }, { index: 2, seq: 4 }]) {
    expect((await readPositionBefore(kit.store.db, channelId, seen, soon))!.before).toEqual(seen)
  }
  const reader = await open(user, channelId, { after: cursor })
  await kit.backend.send(channelId, 'end')
  await reader.receives('6 end')
  expect(reader.texts).toEqual(['6 end'])
})

test('rows go in batches, channel by channel, and no others', async () => {
  const [one, two, three] = [await kit.channel(), await kit.channel(), await kit.channel()]
  for (const { id } of [one, two, three]) await fillChannel(kit.store.maintenance, id, 2500)
  await truncate(one.id, 2200)
  await truncate(two.id, 10)
  const sent = await kit.store.statementsOf(() => deleteTruncatedMessages(kit.store.db))
  expect(await rowsOf(one.id)).toEqual(Array.from({ length: 300 }, (_, at) => 2200 + at))
  expect((await rowsOf(two.id)).length).toBe(2490)
  expect((await rowsOf(three.id)).length).toBe(2500)
  expect(sent.filter(({ statement }) => statement.includes('DELETE FROM messages')).length).toBe(4)
  expect(await purge()).toBe(0)
})

test('P6: a send that was truncated is still the first of its kind while its row is there', async () => {
  const { id: channelId } = await kit.channel()
  const { id } = await kit.backend.send(channelId, 'once', { clientMessageId: 'once' })
  await truncate(channelId)
  expect((await kit.backend.send(channelId, 'once', { clientMessageId: 'once' })).id).toBe(id)
})
