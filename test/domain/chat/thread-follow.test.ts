import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  DeleteUserDocument,
  FollowThreadDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MarkAllReadDocument,
  MarkReadDocument,
  MarkThreadReadDocument,
  TruncateChannelDocument,
  UnfollowThreadDocument,
  UpdateServiceDocument,
  ViewerThreadDocument,
  ViewerThreadsDocument,
  type ViewerThreadsQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { newSid, sidToUuid, type ChannelId } from '../../../src/model/sid.ts'
import { deleteTruncatedMessages } from '../../../src/store/message.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

interface Scene {
  readonly alice: User
  readonly bob: User
  readonly channelId: string
  /** By alice. */
  readonly parentId: string
}

async function openScene(): Promise<Scene> {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const { id: parentId } = await alice.send(channelId, 'parent')
  return { alice, bob, channelId, parentId }
}

const threads = async (user: User, args: ViewerThreadsQueryVariables = {}) =>
  (await user.request(ViewerThreadsDocument, args)).viewer.threads!
const unread = async (user: User, args: ViewerThreadsQueryVariables = {}) =>
  (await threads(user, args)).edges.map(({ node }) => [node.parent?.body, node.unreadCount])
const thread = async (user: User, parentId: string) =>
  (await user.request(ViewerThreadDocument, { parentId })).viewer.thread
const markRead = (user: User, parentId: string, throughIndex: number) =>
  user.request(MarkThreadReadDocument, { input: { parentId, throughIndex } })

test('the author of a message follows from the first reply on, and who replies does', async () => {
  const { alice, bob, channelId, parentId } = await openScene()
  const carol = await kit.user('carol')
  await carol.request(JoinChannelDocument, { input: { channelId } })
  expect(await unread(alice)).toEqual([])
  await bob.send(channelId, 'one', { parentId })
  await bob.send(channelId, 'two', { parentId })
  expect(await unread(alice)).toEqual([['parent', 2]])
  expect(await unread(bob)).toEqual([['parent', 0]])
  expect(await unread(carol)).toEqual([])
  const { index } = await alice.send(channelId, 'three', { parentId })
  expect(await thread(alice, parentId)).toMatchObject({ isFollowed: true, lastReadIndex: index, unreadCount: 0 })
  expect(await unread(bob)).toEqual([['parent', 1]])
  expect(await thread(carol, parentId)).toMatchObject({ isFollowed: false, lastReadIndex: null })
})

test('reading the channel reads no thread, and marking all as read does', async () => {
  const { alice, bob, channelId, parentId } = await openScene()
  const { index } = await bob.send(channelId, 'one', { parentId })
  await alice.request(MarkReadDocument, { input: { channelId, throughIndex: index } })
  expect(await unread(alice)).toEqual([['parent', 1]])
  await alice.request(MarkAllReadDocument)
  expect(await unread(alice)).toEqual([['parent', 0]])
  const last = await bob.send(channelId, 'two', { parentId })
  expect(await unread(alice, { filter: { unread: true } })).toEqual([['parent', 1]])
  await markRead(alice, parentId, last.index)
  expect(await unread(alice, { filter: { unread: true } })).toEqual([])
  await markRead(alice, parentId, index)
  expect(await thread(alice, parentId)).toMatchObject({ lastReadIndex: last.index, unreadCount: 0 })
})

test('silent and deleted replies count for none', async () => {
  const { alice, bob, channelId, parentId } = await openScene()
  const { id: messageId } = await bob.send(channelId, 'one', { parentId })
  await bob.send(channelId, 'two', { parentId, silent: true })
  await bob.send(channelId, 'three', { parentId, showInChannel: true })
  expect(await unread(alice)).toEqual([['parent', 2]])
  await kit.backend.request(DeleteMessageDocument, { input: { messageId } })
  expect(await unread(alice)).toEqual([['parent', 1]])
})

test('a thread is followed and no more by hand, and an own reply follows it again', async () => {
  const { alice, bob, channelId, parentId } = await openScene()
  const input = { parentId }
  await bob.send(channelId, 'one', input)
  await alice.request(UnfollowThreadDocument, { input })
  await bob.send(channelId, 'two', input)
  expect(await unread(alice)).toEqual([])
  const { followThread } = await alice.request(FollowThreadDocument, { input })
  expect(followThread.thread).toMatchObject({ isFollowed: true, unreadCount: 0 })
  await bob.send(channelId, 'three', input)
  expect(await unread(alice)).toEqual([['parent', 1]])
  await alice.request(UnfollowThreadDocument, { input })
  await alice.send(channelId, 'four', input)
  expect(await thread(alice, parentId)).toMatchObject({ isFollowed: true, unreadCount: 0 })
})

test('the thread with the newest reply comes first, and those without one for 90 days are left out', async () => {
  const { alice, bob, channelId } = await openScene()
  for (const body of ['one', 'two', 'three', 'four']) {
    const { id: parentId } = await alice.send(channelId, body)
    await bob.send(channelId, 'reply', { parentId })
  }
  expect((await unread(alice)).map(([body]) => body)).toEqual(['four', 'three', 'two', 'one'])
  const first = await threads(alice, { first: 3 })
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  expect(first.totalCount).toBe(4)
  expect(await unread(alice, { first: 3, after: first.pageInfo.endCursor })).toEqual([['one', 1]])
  expect((await unread(alice, { last: 2, before: first.pageInfo.endCursor })).map(([body]) => body)).toEqual([
    'four',
    'three',
  ])
  await kit.store.db.run(
    `UPDATE message_extras SET last_reply_at = now() - interval '91 days' WHERE channel_id = $1 AND reply_count > 0
       AND index = (SELECT index FROM messages WHERE channel_id = $1 AND body = 'two')`,
    [sidToUuid(channelId as ChannelId)],
  )
  expect((await unread(alice)).map(([body]) => body)).toEqual(['four', 'three', 'one'])
})

test('threads end with the membership, with a truncation and with the user', async () => {
  const { alice, bob, channelId, parentId } = await openScene()
  await bob.send(channelId, 'one', { parentId })
  await alice.request(LeaveChannelDocument, { input: { channelId } })
  expect(await unread(alice)).toEqual([])
  await alice.request(JoinChannelDocument, { input: { channelId } })
  expect(await unread(alice)).toEqual([])
  expect(await unread(bob)).toHaveLength(1)
  await kit.backend.request(TruncateChannelDocument, { input: { channelId } })
  expect(await unread(bob)).toEqual([])
  await deleteTruncatedMessages(kit.store.maintenance)
  const rows = () =>
    kit.store.db.run('SELECT FROM thread_followers WHERE channel_id = $1', [sidToUuid(channelId as ChannelId)])
  expect(await rows()).toEqual([])
  const { id } = await bob.send(channelId, 'parent')
  await bob.send(channelId, 'reply', { parentId: id })
  expect(await rows()).toHaveLength(1)
  await kit.backend.request(DeleteUserDocument, { input: { userId: bob.identity } })
  expect(await rows()).toEqual([])
})

test('what is no thread of the caller is refused', async () => {
  const { alice, bob, channelId, parentId } = await openScene()
  const stranger = await kit.user('stranger')
  const reply = await bob.send(channelId, 'one', { parentId })
  const documents = [FollowThreadDocument, UnfollowThreadDocument, MarkThreadReadDocument] as const
  const input = (document: unknown, id: string, throughIndex = 0) =>
    ({ input: { parentId: id, ...(document === MarkThreadReadDocument && { throughIndex }) } }) as never
  for (const document of documents) {
    const refusal = (user: Pick<User, 'request'>, id: string) =>
      refusalOf(user as User, document as never, input(document, id))
    expect(await refusal(stranger, parentId)).toEqual({ code: 'NOT_FOUND', chatCode: 50500 })
    expect(await refusal(alice, newSid('IM'))).toEqual({ code: 'NOT_FOUND', chatCode: 50500 })
    expect(await refusal(alice, reply.id)).toEqual({ code: 'BAD_USER_INPUT' })
    expect(await refusal(kit.backend as never, parentId)).toMatchObject({ code: 'FORBIDDEN' })
  }
  for (const index of [-1, 2]) {
    const variables = input(MarkThreadReadDocument, parentId, index)
    expect(await refusalOf(alice, MarkThreadReadDocument, variables)).toMatchObject({ chatCode: 50406 })
  }
  expect(await thread(stranger, parentId)).toBeNull()
  await kit.backend.request(UpdateServiceDocument, {
    input: { serviceId: kit.server.account.serviceId, readStatusEnabled: false },
  })
  expect(await refusalOf(alice, MarkThreadReadDocument, input(MarkThreadReadDocument, parentId))).toMatchObject({
    code: 'CONFLICT',
  })
  expect(await unread(alice)).toEqual([['parent', null]])
  await kit.backend.request(UpdateServiceDocument, {
    input: { serviceId: kit.server.account.serviceId, readStatusEnabled: true },
  })
})
