import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  DeleteMessageDocument,
  HistoryDocument,
  LeaveChannelDocument,
  MarkAllReadDocument,
  MarkReadDocument,
  MentionCountsDocument,
  MentionsDocument,
  SendMentionDocument,
  TruncateChannelDocument,
  UnfollowThreadDocument,
  UpdateMentionsDocument,
  ViewerThreadDocument,
  type MentionsInput,
  type SendMessageInput,
} from '../../../schema/generated/graphql.ts'
import { deleteTruncatedMessages } from '../../../src/store/message.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

/** A channel of two, neither of whom has read anything. */
async function open() {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  return { alice, bob, channelId }
}

async function name(
  user: Pick<User, 'request'>,
  channelId: string,
  mentions: MentionsInput,
  more: Partial<SendMessageInput> = {},
) {
  const input = { channelId, body: 'hello', mentions, ...more }
  return (await user.request(SendMentionDocument, { input })).sendMessage
}

const listOf = async (user: User, variables: { unread?: boolean; first?: number; after?: string } = {}) => {
  const { unread, ...page } = variables
  const { viewer } = await user.request(MentionsDocument, { filter: { unread: unread ?? null }, ...page })
  return viewer!.mentions!
}
const bodiesOf = async (user: User, unread?: boolean) =>
  (await listOf(user, { unread: unread === true })).edges.map(({ node }) => node.body)

/** Of the channel, and in total. */
async function countsOf(user: User, channelId: string) {
  const { viewer, channel } = await user.request(MentionCountsDocument, { channelId, identities: [user.identity] })
  return [channel!.members.nodes[0]!.unreadMentionsCount, viewer!.unreadCounts!.mentions]
}

test('a message names members, and says who is none', async () => {
  const { alice, bob, channelId } = await open()
  const identities = [bob.identity, 'nobody', bob.identity, alice.identity]
  const { message, droppedMentions } = await name(alice, channelId, { identities })
  expect(message.mentions).toEqual({ identities: [bob.identity, alice.identity], channel: false })
  expect(droppedMentions).toEqual(['nobody'])
  expect(await countsOf(bob, channelId)).toEqual([1, 1])
  // Nobody is told of its own.
  expect(await countsOf(alice, channelId)).toEqual([0, 0])
  expect(await bodiesOf(alice)).toEqual([])
})

test('mentions come newest first over all channels, read and unread ones, until they are read', async () => {
  const { alice, bob, channelId } = await open()
  const { id: otherId } = await kit.channel([alice, bob])
  const identities = [bob.identity]
  for (const [at, channel] of [channelId, otherId, channelId, otherId].entries()) {
    await name(alice, channel, { identities }, { body: `${at}` })
  }
  await name(alice, otherId, { channel: false }, { body: 'names nobody' })
  expect(await bodiesOf(bob)).toEqual(['3', '2', '1', '0'])
  const first = await listOf(bob, { first: 3 })
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  const second = await listOf(bob, { first: 3, after: first.pageInfo.endCursor! })
  expect(second.edges.map(({ node }) => node.body)).toEqual(['0'])
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  await bob.request(MarkReadDocument, { input: { channelId, throughIndex: 0 } })
  expect(await bodiesOf(bob, true)).toEqual(['3', '2', '1'])
  expect(await countsOf(bob, channelId)).toEqual([1, 3])
  expect(await bodiesOf(bob)).toEqual(['3', '2', '1', '0'])
})

test('a mention of the channel names each member once, from its joining on', async () => {
  const { alice, bob, channelId } = await open()
  await name(kit.backend, channelId, { channel: true }, { body: 'before' })
  const late = await kit.user('late')
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: late.identity } })
  await name(kit.backend, channelId, { channel: true, identities: [late.identity] }, { body: 'after' })
  expect(await bodiesOf(late)).toEqual(['after'])
  expect(await countsOf(late, channelId)).toEqual([1, 1])
  expect(await bodiesOf(bob)).toEqual(['after', 'before'])
  expect(await countsOf(alice, channelId)).toEqual([2, 2])
  await late.request(LeaveChannelDocument, { input: { channelId } })
  expect(await bodiesOf(late)).toEqual([])
})

test('naming the channel takes a permission, on a send as on an edit', async () => {
  const { alice, channelId } = await open()
  const plain = await kit.user('plain')
  const roleId = await makeRole(kit, 'channel', ['sendMessage', 'editOwnMessage'])
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: plain.identity, roleId } })
  const { message } = await name(plain, channelId, { identities: [alice.identity] })
  const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
  const mentions = { channel: true }
  expect(await refusalOf(plain, SendMentionDocument, { input: { channelId, body: 'all', mentions } })).toEqual(
    forbidden,
  )
  expect(await refusalOf(plain, UpdateMentionsDocument, { input: { messageId: message.id, mentions } })).toEqual(
    forbidden,
  )
  expect(await countsOf(alice, channelId)).toEqual([1, 1])
})

test('an edit says anew whom a message names, and one that says nothing leaves it', async () => {
  const { alice, bob, channelId } = await open()
  const carol = await kit.user('carol')
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: carol.identity } })
  const { message } = await name(alice, channelId, { identities: [bob.identity] })
  const edit = (input: { body?: string; mentions?: MentionsInput }) =>
    alice.request(UpdateMentionsDocument, { input: { messageId: message.id, ...input } })
  await edit({ body: 'edited' })
  expect(await bodiesOf(bob)).toEqual(['edited'])
  const { updateMessage } = await edit({ mentions: { identities: [carol.identity, 'nobody'] } })
  expect(updateMessage.droppedMentions).toEqual(['nobody'])
  expect([await bodiesOf(bob), await bodiesOf(carol)]).toEqual([[], ['edited']])
  await edit({ mentions: {} })
  expect(await bodiesOf(carol)).toEqual([])
})

test('what is deleted, truncated or silent counts for nothing', async () => {
  const { alice, bob, channelId } = await open()
  const identities = [bob.identity]
  const sent = []
  for (const body of ['truncated', 'deleted', 'kept'])
    sent.push(await name(alice, channelId, { identities, channel: false }, { body }))
  for (const body of ['truncated too', 'deleted too']) {
    const { message } = await name(kit.backend, channelId, { channel: true }, { body })
    if (body === 'deleted too') await kit.backend.request(DeleteMessageDocument, { input: { messageId: message.id } })
  }
  await name(alice, channelId, { identities }, { body: 'silent', silent: true })
  await alice.request(DeleteMessageDocument, { input: { messageId: sent[1]!.message.id } })
  expect(await bodiesOf(bob)).toEqual(['silent', 'truncated too', 'kept', 'truncated'])
  expect(await bodiesOf(bob, true)).toEqual(['truncated too', 'kept', 'truncated'])
  expect(await countsOf(bob, channelId)).toEqual([3, 3])
  await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 4 } })
  await deleteTruncatedMessages(kit.store.maintenance)
  expect([await bodiesOf(bob), await countsOf(bob, channelId)]).toEqual([['silent'], [0, 0]])
  const rows = await kit.store.db.run('SELECT index FROM mentions WHERE channel_id = $1', [channelId.slice(2)])
  expect(rows).toEqual([{ index: 5 }])
})

test('a reply names like any other message, and who is named follows it from there, unless it has said otherwise', async () => {
  const { alice, bob, channelId } = await open()
  const { id: parentId } = await alice.send(channelId, 'question')
  await name(alice, channelId, { identities: [bob.identity] }, { parentId, body: 'reply' })
  expect([await bodiesOf(bob), await countsOf(bob, channelId)]).toEqual([['reply'], [1, 1]])
  const threadOf = async (user: User) => (await user.request(ViewerThreadDocument, { parentId })).viewer!.thread
  const carol = await kit.user('carol')
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: carol.identity } })
  await alice.send(channelId, 'before', { parentId })
  expect(await threadOf(bob)).toMatchObject({ isFollowed: true, unreadCount: 2 })
  await bob.request(UnfollowThreadDocument, { input: { parentId } })
  await name(alice, channelId, { identities: [bob.identity, carol.identity] }, { parentId, body: 'both' })
  expect(await threadOf(bob)).toMatchObject({ isFollowed: false })
  expect(await threadOf(carol)).toMatchObject({ isFollowed: true, unreadCount: 1 })
})

test('who reads everything reads what names it in threads, where no message is unread', async () => {
  const { alice, bob, channelId } = await open()
  const { id: parentId } = await bob.send(channelId, 'parent')
  await name(alice, channelId, { identities: [bob.identity] }, { parentId })
  expect(await countsOf(bob, channelId)).toEqual([1, 1])
  expect((await bob.request(MarkAllReadDocument)).markAllRead.channelIds).toEqual([channelId])
  expect(await countsOf(bob, channelId)).toEqual([0, 0])
  expect((await bob.request(MarkAllReadDocument)).markAllRead.channelIds).toEqual([])
})

test('P6: a repetition names nobody again', async () => {
  const { alice, bob, channelId } = await open()
  const once = () => name(alice, channelId, { identities: [bob.identity] }, { clientMessageId: 'same' })
  const [first, second] = await Promise.all([once(), once()])
  expect(second.message.id).toBe(first.message.id)
  expect((await once()).message.mentions.identities).toEqual([bob.identity])
  expect(await countsOf(bob, channelId)).toEqual([1, 1])
})

test.each([
  [{ identities: Array.from({ length: 51 }, (_, at) => `user ${at}`) }, 'input.mentions.identities'],
  [{ identities: ['half of a pair \ud800'] }, 'input.mentions.identities'],
])('%j is refused, and nothing is sent', async (mentions, field) => {
  const { alice, channelId } = await open()
  const { id: messageId } = await alice.send(channelId, 'before')
  const bad = { code: 'BAD_USER_INPUT', field }
  const refusal = async (answer: Promise<{ errors?: readonly { extensions: { code: string; field?: string } }[] }>) => {
    const { code, field: at } = (await answer).errors![0]!.extensions
    return { code, field: at }
  }
  expect(await refusal(alice.ask(SendMentionDocument, { input: { channelId, body: 'all', mentions } }))).toEqual(bad)
  expect(await refusal(alice.ask(UpdateMentionsDocument, { input: { messageId, mentions } }))).toEqual(bad)
  const { channel } = await alice.request(HistoryDocument, { channelId })
  expect(channel!.messages.edges.map(({ node }) => node.body)).toEqual(['before'])
})
