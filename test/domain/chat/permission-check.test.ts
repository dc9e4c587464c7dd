import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AddMemberDocument,
  AddReactionDocument,
  CreateChannelDocument,
  CreateInviteDocument,
  CreateUserDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  DeleteUserDocument,
  FreezeChannelDocument,
  HistoryDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  PermissionCheckDocument,
  PermissionsDocument,
  PinMessageDocument,
  RemoveMemberDocument,
  SendMessageDocument,
  TruncateChannelDocument,
  UpdateChannelDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
  UpdateUserDocument,
  ViewerDocument,
  type CheckedAction,
  type PermissionCheckQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { permissionsOf, type Permission, type RoleType } from '../../../src/model/permission.ts'
import type { RoleId } from '../../../src/model/sid.ts'
import { users } from '../../../src/store/tables/user.ts'
import { makeAccount, makeRole } from '../../support/authority.ts'
import { openKit, uniqueName, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

async function check(variables: PermissionCheckQueryVariables) {
  return (await kit.backend.request(PermissionCheckDocument, variables)).permissionCheck
}

async function giveRole(user: User, roleId: string): Promise<void> {
  await user.request(ViewerDocument)
  await kit.store.db.orm
    .update(users)
    .set({ roleId: roleId as RoleId })
    .where(eq(users.identity, user.identity))
  kit.server.app.caches.users.clear()
}

/** A user with these permissions by a role of this type, in a channel with another one whose role permits nothing; and a message of each. */
async function furnish(type: RoleType, permissions: readonly Permission[], { isFrozen = false } = {}) {
  const [user, other] = [await kit.user(), await kit.user('other')]
  const { id: channelId } = await kit.channel()
  const bare = await makeRole(kit, 'channel', [])
  const given = await makeRole(kit, type, permissions)
  await giveRole(user, type === 'deployment' ? given : await makeRole(kit, 'deployment', []))
  const add = async ({ identity }: User, roleId: string) =>
    (await kit.backend.request(AddMemberDocument, { input: { channelId, identity, roleId } })).addMember.member
  await add(user, type === 'channel' ? given : bare)
  const { id: otherMemberId } = await add(other, bare)
  const [own, others] = [
    await kit.backend.send(channelId, 'own', { authorIdentity: user.identity }),
    await kit.backend.send(channelId, 'theirs', { authorIdentity: other.identity }),
  ]
  const guest = uniqueName('guest')
  await kit.backend.request(CreateUserDocument, { input: { identity: guest } })
  if (isFrozen) await kit.backend.request(FreezeChannelDocument, { input: { channelId } })
  return { user, other, guest, channelId, otherMemberId, bare, given, ownId: own.id, othersId: others.id }
}

type Room = Awaited<ReturnType<typeof furnish>>

const input = <Input>(document: unknown, fields: Input) => [document as never, { input: fields }] as const

/** What each action is, as a user does it; those that end the membership or the channel come last. */
const deeds: readonly (readonly [
  CheckedAction,
  'own' | 'others' | 'none',
  (room: Room) => readonly [never, object],
])[] = [
  ['READ_CHANNEL', 'none', ({ channelId }) => [HistoryDocument as never, { channelId }]],
  ['CREATE_CHANNEL', 'none', () => input(CreateChannelDocument, {})],
  ['EDIT_OWN_USER', 'none', ({ user }) => input(UpdateUserDocument, { userId: user.identity, friendlyName: 'me' })],
  ['EDIT_OTHER_USER', 'none', ({ other }) => input(UpdateUserDocument, { userId: other.identity, friendlyName: 'it' })],
  ['SEND_MESSAGE', 'none', ({ channelId }) => input(SendMessageDocument, { channelId, body: 'hello' })],
  [
    'MENTION_CHANNEL',
    'none',
    ({ channelId }) => input(SendMessageDocument, { channelId, body: 'all', mentions: { channel: true } }),
  ],
  [
    'STREAM_MESSAGE',
    'none',
    ({ channelId }) => input(SendMessageDocument, { channelId, body: 'slow', isStreaming: true }),
  ],
  ['EDIT_MESSAGE', 'own', ({ ownId }) => input(UpdateMessageDocument, { messageId: ownId, body: 'new' })],
  ['EDIT_MESSAGE', 'others', ({ othersId }) => input(UpdateMessageDocument, { messageId: othersId, body: 'new' })],
  ['EDIT_MESSAGE_ATTRIBUTES', 'own', ({ ownId }) => input(UpdateMessageDocument, { messageId: ownId, attributes: {} })],
  [
    'EDIT_MESSAGE_ATTRIBUTES',
    'others',
    ({ othersId }) => input(UpdateMessageDocument, { messageId: othersId, attributes: {} }),
  ],
  ['PIN_MESSAGE', 'others', ({ othersId }) => input(PinMessageDocument, { messageId: othersId })],
  ['REACT', 'others', ({ othersId }) => input(AddReactionDocument, { messageId: othersId, reaction: '👍' })],
  ['ADD_MEMBER', 'none', ({ channelId }) => input(AddMemberDocument, { channelId, identity: uniqueName('added') })],
  ['INVITE_MEMBER', 'none', ({ channelId, guest }) => input(CreateInviteDocument, { channelId, identity: guest })],
  [
    'EDIT_MEMBER_ROLE',
    'none',
    ({ otherMemberId, bare }) => input(UpdateMemberDocument, { memberId: otherMemberId, roleId: bare }),
  ],
  ['EDIT_CHANNEL_NAME', 'none', ({ channelId }) => input(UpdateChannelDocument, { channelId, friendlyName: 'new' })],
  ['EDIT_CHANNEL_ATTRIBUTES', 'none', ({ channelId }) => input(UpdateChannelDocument, { channelId, attributes: {} })],
  ['DELETE_MESSAGE', 'own', ({ ownId }) => input(DeleteMessageDocument, { messageId: ownId })],
  ['DELETE_MESSAGE', 'others', ({ othersId }) => input(DeleteMessageDocument, { messageId: othersId })],
  ['TRUNCATE_CHANNEL', 'none', ({ channelId }) => input(TruncateChannelDocument, { channelId })],
  ['FREEZE_CHANNEL', 'none', ({ channelId }) => input(FreezeChannelDocument, { channelId })],
  ['REMOVE_MEMBER', 'none', ({ otherMemberId }) => input(RemoveMemberDocument, { memberId: otherMemberId })],
  ['LEAVE_CHANNEL', 'none', ({ channelId }) => input(LeaveChannelDocument, { channelId })],
  ['DELETE_CHANNEL', 'none', ({ channelId }) => input(DeleteChannelDocument, { channelId })],
]

/** Asks for each action, then does it, and answers what was allowed. */
async function walk(room: Room): Promise<string[]> {
  const allowed: string[] = []
  for (const [action, message, deed] of deeds) {
    const messageId = message === 'none' ? undefined : message === 'own' ? room.ownId : room.othersId
    const name = `${action} ${message}`
    const channelId = messageId === undefined ? room.channelId : undefined
    const found = await check({ identity: room.user.identity, action, channelId, messageId })
    const [document, variables] = deed(room)
    const { errors, data } = await room.user.ask(document, variables)
    const isDone = errors === undefined && Object.values(data ?? {}).every((value) => value !== null)
    expect([name, found.isAllowed]).toEqual([name, isDone])
    const { reason, ...told } = found.refusal ?? {}
    const { message: text, extensions } = errors?.[0] ?? {}
    const { code, chatCode = null } = extensions ?? {}
    expect([name, told]).toEqual([name, isDone ? {} : { message: text, code, chatCode }])
    expect([name, reason === undefined]).toEqual([name, isDone])
    const last = found.permissions.at(-1)
    const givenBy = isDone && last ? last.roles.map(({ id }) => id) : [room.given]
    expect([name, givenBy]).toEqual([name, [room.given]])
    expect([name, reason === 'PERMISSION_MISSING' ? last?.roles : []]).toEqual([name, []])
    if (isDone) allowed.push(name)
  }
  return allowed
}

describe.each(['channel', 'deployment'] as const)('a %s role', (type) => {
  test('with any one permission: each action is allowed exactly when it can be done, and refused in the same words', async () => {
    const decisive = new Set<string>()
    for (const permission of permissionsOf[type]) {
      for (const name of await walk(await furnish(type, [permission]))) decisive.add(name)
    }
    // Those that take two permissions, or none.
    const others = ['MENTION_CHANNEL none', 'STREAM_MESSAGE none']
    if (type === 'channel') others.push('CREATE_CHANNEL none', 'EDIT_OWN_USER none', 'EDIT_OTHER_USER none')
    else others.push('SEND_MESSAGE none', 'LEAVE_CHANNEL none')
    expect(deeds.map(([action, message]) => `${action} ${message}`).filter((name) => !decisive.has(name))).toEqual(
      deeds.map(([action, message]) => `${action} ${message}`).filter((name) => others.includes(name)),
    )
  })

  test('with all permissions, with none, and in a frozen channel', async () => {
    const all = permissionsOf[type]
    expect(await walk(await furnish(type, []))).toEqual(['READ_CHANNEL none'])
    expect((await walk(await furnish(type, all))).length).toBeGreaterThan(18)
    const without = all.filter((permission) => permission !== 'sendToFrozenChannel')
    const frozen = await walk(await furnish(type, without, { isFrozen: true }))
    const open = await walk(await furnish(type, all, { isFrozen: true }))
    expect(open.filter((name) => !frozen.includes(name)).toSorted()).toEqual(
      [
        ...(type === 'channel' ? ['MENTION_CHANNEL none', 'SEND_MESSAGE none', 'STREAM_MESSAGE none'] : []),
        'EDIT_MESSAGE others',
        'EDIT_MESSAGE own',
        'EDIT_MESSAGE_ATTRIBUTES others',
        'EDIT_MESSAGE_ATTRIBUTES own',
        'PIN_MESSAGE others',
        'REACT others',
      ].toSorted(),
    )
  })
})

test('who joins needs the permission or an invite, and a private channel is there for neither', async () => {
  for (const [permissions, type, isInvited] of [
    [[], 'PUBLIC', false],
    [['joinChannel'], 'PUBLIC', false],
    [[], 'PUBLIC', true],
    [['joinChannel'], 'PRIVATE', false],
    [[], 'PRIVATE', true],
  ] as const) {
    const user = await kit.user()
    await giveRole(user, await makeRole(kit, 'deployment', permissions))
    const { id: channelId } = await kit.channel([], { type })
    if (isInvited) await kit.backend.request(CreateInviteDocument, { input: { channelId, identity: user.identity } })
    // Again, when it may have joined.
    for (const attempt of [1, 2]) {
      const { isAllowed, refusal } = await check({ identity: user.identity, action: 'JOIN_CHANNEL', channelId })
      const { errors } = await user.ask(JoinChannelDocument, { input: { channelId } })
      expect([type, isInvited, isAllowed]).toEqual([type, isInvited, errors === undefined])
      expect([attempt, refusal?.message]).toEqual([attempt, errors?.[0]?.message])
    }
  }
})

test('why not: nobody, a deleted user, no member, a frozen channel', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([], { type: 'PRIVATE' })
  const { id: messageId } = await kit.backend.send(channelId, 'theirs')
  const ask = async (action: CheckedAction, fields: object) =>
    (await check({ identity: user.identity, action, ...fields })).refusal
  expect(await ask('SEND_MESSAGE', { channelId })).toMatchObject({ reason: 'NO_USER', code: 'NOT_FOUND' })
  await user.request(ViewerDocument)
  expect(await ask('SEND_MESSAGE', { channelId })).toMatchObject({
    reason: 'NOT_MEMBER',
    code: 'NOT_FOUND',
    chatCode: 50300,
  })
  expect(await ask('REACT', { messageId })).toMatchObject({ reason: 'NOT_MEMBER', code: 'NOT_FOUND', chatCode: 50500 })
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: user.identity } })
  expect(await ask('SEND_MESSAGE', { channelId })).toBeNull()
  await kit.backend.request(FreezeChannelDocument, { input: { channelId } })
  expect(await ask('SEND_MESSAGE', { channelId })).toMatchObject({ reason: 'CHANNEL_FROZEN', code: 'FORBIDDEN' })
  await kit.backend.request(DeleteUserDocument, { input: { userId: user.identity } })
  expect(await ask('SEND_MESSAGE', { channelId })).toMatchObject({ reason: 'NO_USER' })
})

test('only the backend asks, about what is its own, and says about what', async () => {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  const { id: messageId } = await user.send(channelId, 'ours')
  const variables = { identity: user.identity, action: 'SEND_MESSAGE', channelId } as const
  expect(await refusalOf(user, PermissionCheckDocument, variables)).toEqual({ code: 'FORBIDDEN', chatCode: 50107 })
  const { backend: stranger } = await makeAccount(kit)
  expect(await refusalOf(stranger, PermissionCheckDocument, variables)).toMatchObject({
    code: 'NOT_FOUND',
    chatCode: 50300,
  })
  const about = (fields: object) =>
    kit.backend.expectRefusal(
      PermissionCheckDocument,
      { ...variables, channelId: undefined, ...fields },
      'BAD_USER_INPUT',
    )
  expect((await about({})).extensions.field).toBe('channelId')
  expect((await about({ action: 'REACT', channelId })).extensions.field).toBe('messageId')
  const elsewhere = {
    identity: user.identity,
    action: 'REACT',
    messageId,
    channelId: (await kit.channel()).id,
  } as const
  expect(await refusalOf(kit.backend, PermissionCheckDocument, elsewhere)).toMatchObject({
    code: 'NOT_FOUND',
    chatCode: 50500,
  })
})

test('each permission is described, with the roles that can have it', async () => {
  const { permissions } = await kit.backend.request(PermissionsDocument)
  for (const type of ['channel', 'deployment'] as const) {
    const listed = permissions.filter(({ roleTypes }) =>
      roleTypes.includes(type === 'channel' ? 'CHANNEL' : 'DEPLOYMENT'),
    )
    expect(listed.map(({ name }) => name).toSorted()).toEqual(permissionsOf[type].toSorted())
  }
  expect(permissions.filter(({ description }) => !/^[A-Z].+\.$/.test(description))).toEqual([])
  expect(permissions.find(({ name }) => name === 'deleteOwnMessage')?.widerName).toBe('deleteAnyMessage')
})
