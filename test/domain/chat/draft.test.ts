import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteChannelDocument,
  DeleteDraftDocument,
  DeleteMessageDocument,
  DeleteUserDocument,
  DraftsDocument,
  JoinChannelDocument,
  LaterEventsDocument,
  LeaveChannelDocument,
  SaveDraftDocument,
  TruncateChannelDocument,
} from '../../../schema/generated/graphql.ts'
import { limits } from '../../../src/model/limits.ts'
import { deleteTruncatedMessages } from '../../../src/store/message.ts'
import { drafts } from '../../../src/store/tables/draft.ts'
import { openKit, record, uniqueName, type Kit, type User } from '../../support/kit.ts'
import { draftsOf, saveDraft } from '../../support/later.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let alice: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
})
afterAll(() => kit.close())

const draftIn = (channelId: string, body = 'hel') => ({ channelId, body, clientMessageId: uniqueName('draft') })
const bodies = async (user: User) => (await draftsOf(user)).map(({ body }) => body)

test('a channel has one draft of each user, and each of its threads another; the one that was saved last comes first', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user, alice])
  const { id: parentId } = await alice.send(channelId, 'parent')
  const first = await saveDraft(user, draftIn(channelId))
  expect(first).toMatchObject({ channelId, parentId: null, version: 1, attributes: {} })
  await saveDraft(user, { ...draftIn(channelId, 'in the thread'), parentId, attributes: { mood: '🦉' } })
  const again = await saveDraft(user, draftIn(channelId, 'hello'))
  expect(again.version).toBe(2)
  await saveDraft(alice, draftIn(channelId, 'hers'))
  expect(await draftsOf(user)).toMatchObject([
    { body: 'hello', parentId: null },
    { body: 'in the thread', parentId, attributes: { mood: '🦉' } },
  ])
})

test('once its message exists a draft is gone, whatever becomes of the message', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user, alice])
  const draft = draftIn(channelId)
  await saveDraft(user, draft)
  // Another's message with the same id is not it.
  await alice.send(channelId, 'hers', { clientMessageId: draft.clientMessageId })
  expect(await bodies(user)).toEqual(['hel'])
  const { id: messageId } = await user.send(channelId, 'hello', { clientMessageId: draft.clientMessageId })
  expect(await bodies(user)).toEqual([])
  // What another device saves too late.
  await saveDraft(user, { ...draft, body: 'hell' })
  expect(await bodies(user)).toEqual([])
  await kit.backend.request(DeleteMessageDocument, { input: { messageId } })
  expect(await bodies(user)).toEqual([])
  await kit.backend.request(TruncateChannelDocument, { input: { channelId } })
  await deleteTruncatedMessages(kit.store.db)
  expect(await bodies(user)).toEqual([])
  const next = await saveDraft(user, draftIn(channelId, 'next'))
  expect(await bodies(user)).toEqual(['next'])
  expect(next.version).toBe(1)
})

test('of two devices that draft, the one that names a version that is over is refused and learns of the present one', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  const draft = draftIn(channelId)
  const { version } = await saveDraft(user, { ...draft, expectedVersion: 0 })
  await saveDraft(user, { ...draft, body: 'one', expectedVersion: version })
  const late = { ...draft, body: 'two', expectedVersion: version }
  expect(await refusalOf(user, SaveDraftDocument, { input: late })).toEqual({ code: 'CONFLICT', currentVersion: 2 })
  await user.send(channelId, 'one', { clientMessageId: draft.clientMessageId })
  const afterSending = { ...late, expectedVersion: 2 }
  expect(await refusalOf(user, SaveDraftDocument, { input: afterSending })).toEqual({
    code: 'CONFLICT',
    currentVersion: 0,
  })
  // The next draft has no number that one before had.
  expect((await saveDraft(user, { ...draftIn(channelId), expectedVersion: 0 })).version).toBe(3)
})

test('P3: a draft is on the user’s other device at once, and after an interruption as it stands; a send writes nothing', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  const { id: otherId } = await kit.channel([user])
  const client = user.connect()
  const live = record(client, LaterEventsDocument)
  await live.atLeast(1)
  const ready = live.items[0]!.viewerEvents as { cursor: string }
  const draft = draftIn(channelId)
  await saveDraft(user, draft)
  await live.atLeast(2)
  expect(live.items[1]!.viewerEvents).toMatchObject({
    __typename: 'ViewerDraftSaved',
    draft: { body: 'hel', channelId },
  })
  await saveDraft(user, draftIn(otherId, 'other'))
  await user.send(channelId, 'hello', { clientMessageId: draft.clientMessageId })
  await user.request(DeleteDraftDocument, { input: { channelId: otherId } })
  await live.atLeast(4)
  const names = live.items.map(({ viewerEvents }) => viewerEvents.__typename)
  expect(names).toEqual(['Ready', 'ViewerDraftSaved', 'ViewerDraftSaved', 'ViewerDraftRemoved'])
  // What another device saves after its message is no draft, for those that listen either.
  await saveDraft(user, draft)
  await live.atLeast(5)
  expect(live.items[4]!.viewerEvents).toMatchObject({ __typename: 'ViewerDraftRemoved', channelId, parentId: null })
  const away = record(client, LaterEventsDocument, { after: ready.cursor })
  await away.atLeast(3)
  expect(away.items.slice(1).map(({ viewerEvents }) => viewerEvents)).toMatchObject([
    { __typename: 'ViewerDraftRemoved', channelId: otherId },
    { __typename: 'ViewerDraftRemoved', channelId, parentId: null },
  ])
  await client.dispose()
})

test('a draft ends with the membership, the channel and the user', async () => {
  const user = await kit.user()
  const { id: left } = await kit.channel([user])
  const { id: deleted } = await kit.channel([user])
  for (const channelId of [left, deleted]) await saveDraft(user, draftIn(channelId, channelId))
  await user.request(LeaveChannelDocument, { input: { channelId: left } })
  await user.request(JoinChannelDocument, { input: { channelId: left } })
  expect(await bodies(user)).toEqual([deleted])
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: deleted } })
  expect(await bodies(user)).toEqual([])
  const { userId } = (await kit.store.db.orm.select().from(drafts)).find(({ content }) => content.body === deleted)!
  await kit.backend.request(DeleteUserDocument, { input: { userId } })
  expect((await kit.store.db.orm.select().from(drafts)).filter((row) => row.userId === userId)).toEqual([])
})

test('a draft is its user’s alone, and of a member', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([alice])
  const input = draftIn(channelId)
  expect(await refusalOf(user, SaveDraftDocument, { input })).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
  expect(await refusalOf(kit.backend, SaveDraftDocument, { input })).toEqual({ code: 'FORBIDDEN', chatCode: 50107 })
  expect((await kit.backend.request(DraftsDocument, {})).viewer.drafts).toBeNull()
  const elsewhere = await kit.channel([alice])
  const { id: parentId } = await alice.send(elsewhere.id, 'elsewhere')
  expect(await refusalOf(alice, SaveDraftDocument, { input: { ...input, parentId } })).toEqual({
    code: 'NOT_FOUND',
    chatCode: 50500,
  })
})

test('a user has a number of drafts at most, without those that were sent', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  const first = draftIn(channelId)
  await saveDraft(user, first)
  await kit.store.db.run(
    `INSERT INTO drafts SELECT user_id, channel_id, gen_random_uuid(), 1, user_seq, content, 'x', now(), NULL
     FROM drafts, generate_series(1, $2::int) WHERE client_message_id = $1`,
    [first.clientMessageId, limits.drafts - 1],
  )
  const { id: parentId } = await user.send(channelId, 'parent')
  const input = { ...draftIn(channelId), parentId }
  expect(await refusalOf(user, SaveDraftDocument, { input })).toEqual({ code: 'CONFLICT' })
  await user.send(channelId, 'hello', { clientMessageId: first.clientMessageId })
  expect((await saveDraft(user, input)).version).toBe(1)
})
