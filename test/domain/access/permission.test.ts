import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AcknowledgeDeliveriesDocument,
  AddReactionDocument,
  AddMemberDocument,
  CreateAccessTokenDocument,
  CreateApiKeyDocument,
  CreateChannelDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  FinishMessageDocument,
  FreezeChannelDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MembersDocument,
  PendingDeliveriesDocument,
  PinMessageDocument,
  RemoveMemberDocument,
  SendMessageDocument,
  StartTypingDocument,
  TruncateChannelDocument,
  UpdateChannelDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
  ViewerDocument,
} from '../../../schema/generated/graphql.ts'
import { channelPermissions, sharedPermissions, type Permission } from '../../../src/model/permission.ts'
import type { RoleId } from '../../../src/model/sid.ts'
import { users } from '../../../src/store/tables/user.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
const channelVocabulary: readonly Permission[] = [...channelPermissions, ...sharedPermissions]

/** A channel with `user` in it, in a role with exactly these permissions, and a message of each of the two members. */
async function furnish(permissions: readonly Permission[], isStreaming = false) {
  const [user, other] = [await kit.user(), await kit.user('other')]
  const channel = await kit.channel([other])
  const roleId = await makeRole(kit, 'channel', permissions)
  const { addMember } = await kit.backend.request(AddMemberDocument, {
    input: { channelId: channel.id, identity: user.identity, roleId },
  })
  const own = await kit.backend.send(channel.id, 'own', { authorIdentity: user.identity, isStreaming })
  const others = await other.send(channel.id, 'theirs')
  const { channel: read } = await kit.backend.request(MembersDocument, { channelId: channel.id })
  const otherMemberId = read!.members.edges.find(({ node }) => node.identity === other.identity)!.node.id
  return {
    user,
    channelId: channel.id,
    memberId: addMember.member.id,
    otherMemberId,
    ownMessageId: own.id,
    othersMessageId: others.id,
  }
}

type Room = Awaited<ReturnType<typeof furnish>>

/** What a member can do, and the permission that each takes. */
const deeds: readonly (readonly [Permission, (room: Room) => readonly [never, object]])[] = [
  ['sendMessage', ({ channelId }) => [SendMessageDocument as never, { channelId, body: 'hello' }]],
  [
    'editAnyMessage',
    ({ othersMessageId: messageId }) => [
      UpdateMessageDocument as never,
      { messageId, mentions: { identities: ['other'] } },
    ],
  ],
  ['addMember', ({ channelId }) => [AddMemberDocument as never, { channelId, identity: 'guest' }]],
  ['editChannelName', ({ channelId }) => [UpdateChannelDocument as never, { channelId, friendlyName: 'new' }]],
  ['editChannelName', ({ channelId }) => [UpdateChannelDocument as never, { channelId, uniqueName: null }]],
  ['editChannelAttributes', ({ channelId }) => [UpdateChannelDocument as never, { channelId, attributes: {} }]],
  ['editOwnMessage', ({ ownMessageId: messageId }) => [UpdateMessageDocument as never, { messageId, body: 'new' }]],
  ['editAnyMessage', ({ othersMessageId: messageId }) => [UpdateMessageDocument as never, { messageId, body: 'new' }]],
  [
    'editOwnMessageAttributes',
    ({ ownMessageId: messageId }) => [UpdateMessageDocument as never, { messageId, attributes: 1 }],
  ],
  [
    'editAnyMessageAttributes',
    ({ othersMessageId: messageId }) => [UpdateMessageDocument as never, { messageId, attributes: 1 }],
  ],
  ['deleteOwnMessage', ({ ownMessageId: messageId }) => [DeleteMessageDocument as never, { messageId }]],
  ['deleteAnyMessage', ({ othersMessageId: messageId }) => [DeleteMessageDocument as never, { messageId }]],
  ['removeMember', ({ otherMemberId: memberId }) => [RemoveMemberDocument as never, { memberId }]],
  ['leaveChannel', ({ channelId }) => [LeaveChannelDocument as never, { channelId }]],
  ['pinMessage', ({ othersMessageId: messageId }) => [PinMessageDocument as never, { messageId }]],
  ['streamMessage', ({ ownMessageId: messageId }) => [FinishMessageDocument as never, { messageId }]],
  ['react', ({ othersMessageId: messageId }) => [AddReactionDocument as never, { messageId, reaction: '👍' }]],
  ['freezeChannel', ({ channelId }) => [FreezeChannelDocument as never, { channelId }]],
  ['truncateChannel', ({ channelId }) => [TruncateChannelDocument as never, { channelId }]],
  ['destroyChannel', ({ channelId }) => [DeleteChannelDocument as never, { channelId }]],
]

/** Who may do it to any message may do it to its own. */
const implied: Partial<Record<Permission, Permission>> = {
  editOwnMessage: 'editAnyMessage',
  editOwnMessageAttributes: 'editAnyMessageAttributes',
  deleteOwnMessage: 'deleteAnyMessage',
}

describe.each(deeds)('a deed takes its permission: %s', (permission, deed) => {
  test('with it alone it is done', async () => {
    const room = await furnish([permission], permission === 'streamMessage')
    const before = await readingOf(kit, room.channelId)
    const [document, input] = deed(room)
    const { errors } = await room.user.ask(document, { input })
    expect(errors).toBeUndefined()
    expect(await readingOf(kit, room.channelId)).not.toEqual(before)
  })

  test('with all others it is refused, and nothing changes', async () => {
    const without = channelVocabulary.filter((other) => other !== permission && other !== implied[permission])
    const room = await furnish(without, permission === 'streamMessage')
    const before = await readingOf(kit, room.channelId)
    const [document, input] = deed(room)
    expect(await refusalOf(room.user, document, { input })).toEqual(forbidden)
    expect(await readingOf(kit, room.channelId)).toEqual(before)
  })
})

test('a service role’s permissions hold in every channel the user is a member of', async () => {
  const roleId = await makeRole(kit, 'deployment', ['editAnyMessage', 'destroyChannel'])
  const room = await furnish([])
  await kit.store.db.orm
    .update(users)
    .set({ roleId: roleId as RoleId })
    .where(eq(users.identity, room.user.identity))
  kit.server.app.caches.users.clear()
  const { othersMessageId: messageId, channelId } = room
  const { updateMessage } = await room.user.request(UpdateMessageDocument, { input: { messageId, body: 'moderated' } })
  expect(updateMessage.message).toMatchObject({ body: 'moderated', lastUpdatedBy: room.user.identity })
  const elsewhere = await kit.channel()
  const notMember = { code: 'FORBIDDEN', chatCode: 50400 }
  expect(await refusalOf(room.user, DeleteChannelDocument, { input: { channelId: elsewhere.id } })).toEqual(notMember)
  await room.user.request(DeleteChannelDocument, { input: { channelId } })
  expect((await readingOf(kit, channelId)).channel).toBeNull()
})

test('a service role decides who makes channels and who joins public ones', async () => {
  const roleId = await makeRole(kit, 'deployment', [])
  const user = await kit.user('newcomer')
  await user.request(ViewerDocument)
  await kit.store.db.orm
    .update(users)
    .set({ roleId: roleId as RoleId })
    .where(eq(users.identity, user.identity))
  kit.server.app.caches.users.clear()
  const { id: channelId } = await kit.channel()
  expect(await refusalOf(user, CreateChannelDocument, { input: {} })).toEqual(forbidden)
  expect(await refusalOf(user, JoinChannelDocument, { input: { channelId } })).toEqual(forbidden)
  expect((await readingOf(kit, channelId)).members).toEqual([])
})

test('what only the backend may do is refused to users', async () => {
  const alice = await kit.user('alice')
  const { createChannel } = await alice.request(CreateChannelDocument, { input: {} })
  const { id: channelId } = createChannel.channel
  const before = await readingOf(kit, channelId)
  expect(await refusalOf(alice, CreateAccessTokenDocument, { input: { identity: 'bob' } })).toEqual(forbidden)
  expect(await refusalOf(alice, CreateApiKeyDocument, { input: {} })).toEqual(forbidden)
  const input = { channelId, body: 'in your name', authorIdentity: 'bob' }
  expect(await refusalOf(alice, SendMessageDocument, { input })).toEqual(forbidden)
  expect(await refusalOf(alice, SendMessageDocument, { input: { ...input, authorIdentity: 'system' } })).toEqual(
    forbidden,
  )
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('what only a user can do is refused to the backend', async () => {
  const { id: channelId } = await kit.channel()
  const documents = [JoinChannelDocument, LeaveChannelDocument, StartTypingDocument]
  for (const document of documents) {
    expect(await refusalOf(kit.backend, document as never, { input: { channelId } })).toEqual(forbidden)
  }
  expect(await refusalOf(kit.backend, PendingDeliveriesDocument)).toEqual(forbidden)
  const input = { channelId, throughIndex: 0 }
  expect(await refusalOf(kit.backend, AcknowledgeDeliveriesDocument, { input })).toEqual(forbidden)
})

test('a read horizon is its member’s own, or the backend’s', async () => {
  const { user, memberId, otherMemberId } = await furnish(channelVocabulary)
  const set = (caller: Pick<User, 'request'>, input: { memberId: string; lastReadIndex: number }) =>
    caller.request(UpdateMemberDocument, { input })
  expect((await set(user, { memberId, lastReadIndex: 0 })).updateMember.member.lastReadIndex).toBe(0)
  expect((await set(kit.backend, { memberId, lastReadIndex: 1 })).updateMember.member.lastReadIndex).toBe(1)
  const input = { memberId: otherMemberId, lastReadIndex: 1 }
  expect(await refusalOf(user, UpdateMemberDocument, { input })).toEqual(forbidden)
})
