import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  DeleteChannelDocument,
  DeleteMessageDocument,
  JoinChannelDocument,
  LaterEventsDocument,
  LeaveChannelDocument,
  SaveMessageDocument,
  SavedMessagesDocument,
  TruncateChannelDocument,
  UnsaveMessageDocument,
  UpdateMessageDocument,
} from '../../../schema/generated/graphql.ts'
import { limits } from '../../../src/model/limits.ts'
import { sidToUuid, type Sid } from '../../../src/model/sid.ts'
import { openKit, record, type Kit, type User } from '../../support/kit.ts'
import { inAnHour, saveMessage, savedOf } from '../../support/later.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let bob: User
beforeAll(async () => {
  kit = await openKit()
  bob = await kit.user('bob')
})
afterAll(() => kit.close())

const unsave = (user: User, messageId: string) => user.request(UnsaveMessageDocument, { input: { messageId } })

/** A user in a channel with messages of another. */
async function openScene(count: number) {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user, bob])
  const messageIds: string[] = []
  for (let at = 0; at < count; at++) messageIds.push((await bob.send(channelId, `${at}`)).id)
  return { user, channelId, messageIds }
}

const bodies = async (user: User) => (await savedOf(user)).map(({ message }) => message?.body ?? null)

test('what was saved last comes first, both ways, and each shows its message as it is now', async () => {
  const { user, messageIds } = await openScene(4)
  for (const messageId of messageIds) await saveMessage(user, messageId)
  // Saving again moves nothing.
  await saveMessage(user, messageIds[0]!)
  await bob.request(UpdateMessageDocument, { input: { messageId: messageIds[1]!, body: 'edited' } })
  await kit.backend.request(DeleteMessageDocument, { input: { messageId: messageIds[2]! } })
  expect(await bodies(user)).toEqual(['3', null, 'edited', '0'])
  await unsave(user, messageIds[3]!)
  await unsave(user, messageIds[3]!)
  const page = async (args: object) => (await user.request(SavedMessagesDocument, args)).viewer.savedMessages!
  const first = await page({ first: 2 })
  expect(first.edges.map(({ node }) => node.message?.body)).toEqual([undefined, 'edited'])
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  const rest = await page({ first: 2, after: first.pageInfo.endCursor })
  expect(rest.edges.map(({ node }) => node.message?.body)).toEqual(['0'])
  const last = await page({ last: 1, before: rest.pageInfo.startCursor })
  expect(last.edges.map(({ node }) => node.message?.body)).toEqual(['edited'])
  const { errors } = await user.ask(SavedMessagesDocument, { after: '!' })
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'after' } }])
})

test('a reminder comes at its time, once, to all devices, and marks what was saved', async () => {
  const { user, messageIds } = await openScene(1)
  const [messageId] = messageIds as [string]
  const client = user.connect()
  onTestFinished(async () => client.dispose())
  const events = record(client, LaterEventsDocument)
  await events.atLeast(1)
  const remindAt = inAnHour()
  expect(await saveMessage(user, messageId, remindAt)).toMatchObject({ remindAt, remindedAt: null })
  const past = new Date(Date.now() - 1000)
  await kit.store.db.run('UPDATE saved_messages SET remind_at = $2::timestamptz WHERE message_id = $1::uuid', [
    sidToUuid(messageId as Sid),
    past.toISOString(),
  ])
  kit.server.app.expectDue(past)
  await events.atLeast(3)
  expect(events.items.map(({ viewerEvents }) => viewerEvents.__typename)).toEqual([
    'Ready',
    'ViewerMessageSaved',
    'ViewerReminderDue',
  ])
  expect((await savedOf(user))[0]!.remindedAt).not.toBeNull()
  const away = record(client, LaterEventsDocument, {
    after: (events.items[0]!.viewerEvents as { cursor: string }).cursor,
  })
  await away.atLeast(2)
  expect(away.items[1]!.viewerEvents).toMatchObject({ __typename: 'ViewerReminderDue', savedMessage: { messageId } })
  // It can be set again, and taken away.
  expect(await saveMessage(user, messageId, inAnHour())).toMatchObject({ remindedAt: null })
  expect(await saveMessage(user, messageId, null)).toMatchObject({ remindAt: null, remindedAt: null })
  const yesterday = { messageId, remindAt: past.toISOString() }
  expect(await refusalOf(user, SaveMessageDocument, { input: yesterday })).toEqual({ code: 'BAD_USER_INPUT' })
})

test('what was saved ends with the membership, and shows nothing of what is gone', async () => {
  const { user, channelId, messageIds } = await openScene(2)
  for (const messageId of messageIds) await saveMessage(user, messageId)
  await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: 1 } })
  expect(await bodies(user)).toEqual(['1', null])
  await user.request(LeaveChannelDocument, { input: { channelId } })
  await user.request(JoinChannelDocument, { input: { channelId } })
  expect(await savedOf(user)).toEqual([])
  await saveMessage(user, messageIds[1]!)
  await kit.backend.request(DeleteChannelDocument, { input: { channelId } })
  expect(await bodies(user)).toEqual([null])
  await unsave(user, messageIds[1]!)
  expect(await savedOf(user)).toEqual([])
})

test('only members save, users alone, and a number at most', async () => {
  const { user, messageIds } = await openScene(2)
  const stranger = await kit.user()
  const input = { messageId: messageIds[0]! }
  expect(await refusalOf(stranger, SaveMessageDocument, { input })).toEqual({ code: 'NOT_FOUND', chatCode: 50500 })
  expect(await refusalOf(kit.backend, SaveMessageDocument, { input })).toEqual({ code: 'FORBIDDEN', chatCode: 50107 })
  await saveMessage(user, messageIds[0]!)
  await kit.store.db.run(
    `INSERT INTO saved_messages SELECT user_id, gen_random_uuid(), channel_id, index, user_seq, saved_seq, now(), now(), NULL, NULL, NULL
     FROM saved_messages, generate_series(1, $2::int) WHERE message_id = $1::uuid`,
    [sidToUuid(messageIds[0] as Sid), limits.savedMessages - 1],
  )
  const second = { messageId: messageIds[1]! }
  expect(await refusalOf(user, SaveMessageDocument, { input: second })).toEqual({ code: 'CONFLICT' })
  await unsave(user, messageIds[0]!)
  expect(await saveMessage(user, messageIds[1]!)).toMatchObject(second)
})
