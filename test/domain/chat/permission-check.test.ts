import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateChannelDocument,
  CreateInviteDocument,
  CreateServiceDocument,
  CreateUserDocument,
  DeleteUserDocument,
  FreezeChannelDocument,
  JoinChannelDocument,
  PermissionCheckDocument,
  PermissionsDocument,
  ViewerDocument,
  type CheckedAction,
  type PermissionCheckQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { permissionsOf, type Permission, type RoleType } from '../../../src/model/permission.ts'
import type { RoleId } from '../../../src/model/sid.ts'
import { users } from '../../../src/store/tables/user.ts'
import { makeAccount, makeRole } from '../../support/authority.ts'
import { openKit, uniqueName, type GraphqlError, type Kit, type User } from '../../support/kit.ts'
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

/** What all rooms share: another member, a user to invite, and roles that permit nothing. */
async function openHouse() {
  const other = await kit.user('other')
  await other.request(ViewerDocument)
  const guest = uniqueName('guest')
  await kit.backend.request(CreateUserDocument, { input: { identity: guest } })
  const nothing = await makeRole(kit, 'deployment', [])
  return { other, guest, nothing, bare: await makeRole(kit, 'channel', []) }
}

type House = Awaited<ReturnType<typeof openHouse>>

/** A user with these permissions by a role of this type, in a channel with another one whose role permits nothing; and a message of each. */
async function furnish(house: House, type: RoleType, permissions: readonly Permission[], { isFrozen = false } = {}) {
  const { other, nothing, bare } = house
  const user = await kit.user()
  const { id: channelId } = await kit.channel()
  const given = await makeRole(kit, type, permissions)
  await giveRole(user, type === 'deployment' ? given : nothing)
  const add = async ({ identity }: User, roleId: string) =>
    (await kit.backend.request(AddMemberDocument, { input: { channelId, identity, roleId } })).addMember.member
  await add(user, type === 'channel' ? given : bare)
  const { id: otherMemberId } = await add(other, bare)
  const own = await kit.backend.send(channelId, 'own', { authorIdentity: user.identity })
  const others = await kit.backend.send(channelId, 'theirs', { authorIdentity: other.identity })
  if (isFrozen) await kit.backend.request(FreezeChannelDocument, { input: { channelId } })
  return { ...house, user, channelId, otherMemberId, given, ownId: own.id, othersId: others.id }
}

type Room = Awaited<ReturnType<typeof furnish>>

type Deed = readonly [action: CheckedAction, message: 'own' | 'others' | 'none', mutation: (room: Room) => string]

/** What each action is, as a user does it; those that end something come last. */
const deeds: readonly Deed[] = [
  ['CREATE_CHANNEL', 'none', () => 'createChannel(input: {}) { cursor }'],
  [
    'EDIT_OWN_USER',
    'none',
    ({ user }) => `updateUser(input: { userId: "${user.identity}", friendlyName: "me" }) { user { id } }`,
  ],
  [
    'EDIT_OTHER_USER',
    'none',
    ({ other }) => `updateUser(input: { userId: "${other.identity}", friendlyName: "it" }) { user { id } }`,
  ],
  [
    'SEND_MESSAGE',
    'none',
    ({ channelId }) => `sendMessage(input: { channelId: "${channelId}", body: "hello" }) { cursor }`,
  ],
  [
    'MENTION_CHANNEL',
    'none',
    ({ channelId }) =>
      `sendMessage(input: { channelId: "${channelId}", body: "all", mentions: { channel: true } }) { cursor }`,
  ],
  [
    'STREAM_MESSAGE',
    'none',
    ({ channelId }) => `sendMessage(input: { channelId: "${channelId}", body: "slow", isStreaming: true }) { cursor }`,
  ],
  ['EDIT_MESSAGE', 'own', ({ ownId }) => `updateMessage(input: { messageId: "${ownId}", body: "new" }) { cursor }`],
  [
    'EDIT_MESSAGE',
    'others',
    ({ othersId }) => `updateMessage(input: { messageId: "${othersId}", body: "new" }) { cursor }`,
  ],
  [
    'EDIT_MESSAGE_ATTRIBUTES',
    'own',
    ({ ownId }) => `updateMessage(input: { messageId: "${ownId}", attributes: {} }) { cursor }`,
  ],
  [
    'EDIT_MESSAGE_ATTRIBUTES',
    'others',
    ({ othersId }) => `updateMessage(input: { messageId: "${othersId}", attributes: {} }) { cursor }`,
  ],
  ['PIN_MESSAGE', 'others', ({ othersId }) => `pinMessage(input: { messageId: "${othersId}" }) { cursor }`],
  ['REACT', 'others', ({ othersId }) => `addReaction(input: { messageId: "${othersId}", reaction: "👍" }) { cursor }`],
  [
    'ADD_MEMBER',
    'none',
    ({ channelId, user }) =>
      `addMember(input: { channelId: "${channelId}", identity: "of ${user.identity}" }) { cursor }`,
  ],
  [
    'INVITE_MEMBER',
    'none',
    ({ channelId, guest }) =>
      `createInvite(input: { channelId: "${channelId}", identity: "${guest}" }) { invite { id } }`,
  ],
  [
    'EDIT_MEMBER_ROLE',
    'none',
    ({ otherMemberId, bare }) => `updateMember(input: { memberId: "${otherMemberId}", roleId: "${bare}" }) { cursor }`,
  ],
  [
    'EDIT_CHANNEL_NAME',
    'none',
    ({ channelId }) => `updateChannel(input: { channelId: "${channelId}", friendlyName: "new" }) { cursor }`,
  ],
  [
    'EDIT_CHANNEL_ATTRIBUTES',
    'none',
    ({ channelId }) => `updateChannel(input: { channelId: "${channelId}", attributes: {} }) { cursor }`,
  ],
  ['DELETE_MESSAGE', 'own', ({ ownId }) => `deleteMessage(input: { messageId: "${ownId}" }) { cursor }`],
  ['DELETE_MESSAGE', 'others', ({ othersId }) => `deleteMessage(input: { messageId: "${othersId}" }) { cursor }`],
  ['TRUNCATE_CHANNEL', 'none', ({ channelId }) => `truncateChannel(input: { channelId: "${channelId}" }) { cursor }`],
  ['FREEZE_CHANNEL', 'none', ({ channelId }) => `freezeChannel(input: { channelId: "${channelId}" }) { cursor }`],
  ['REMOVE_MEMBER', 'none', ({ otherMemberId }) => `removeMember(input: { memberId: "${otherMemberId}" }) { cursor }`],
  ['LEAVE_CHANNEL', 'none', ({ channelId }) => `leaveChannel(input: { channelId: "${channelId}" }) { cursor }`],
  ['DELETE_CHANNEL', 'none', ({ channelId }) => `deleteChannel(input: { channelId: "${channelId}" }) { cursor }`],
]

const leave = deeds.find(([action]) => action === 'LEAVE_CHANNEL')!
const stays = deeds.filter((deed) => deed !== leave)

const nameOf = ([action, message]: Deed): string => (message === 'none' ? action : `${action} ${message}`)
const allNames = deeds.map(nameOf)

const checkedFields = `{
  isAllowed permissions { roles { id } } refusal { reason code chatCode message }
}`

interface Checked {
  readonly isAllowed: boolean
  readonly permissions: readonly { readonly roles: readonly { readonly id: string }[] }[]
  readonly refusal: {
    readonly reason: string
    readonly code: string
    readonly chatCode: number | null
    readonly message: string
  } | null
}

/** Asks for each action, then does them all, and answers what was allowed. None of what one may do by itself changes what follows. */
async function walk(room: Room, some: readonly Deed[] = stays): Promise<string[]> {
  const { user, channelId, ownId, othersId } = room
  const asked = some.map(([action, message], at) => {
    const about =
      message === 'none' ? `channelId: "${channelId}"` : `messageId: "${message === 'own' ? ownId : othersId}"`
    return `d${at}: permissionCheck(identity: "${user.identity}", action: ${action}, ${about}) ${checkedFields}`
  })
  const checks = await kit.backend.request<Record<string, Checked>, never>(`{ ${asked.join('\n')} }`)
  const done = some.map(([, , mutation], at) => `d${at}: ${mutation(room)}`)
  const { errors = [] } = await user.ask(`mutation { ${done.join('\n')} }`)
  const told = new Map((errors as (GraphqlError & { path: string[] })[]).map((error) => [error.path[0]!, error]))
  return some.flatMap((deed, at) => {
    const name = nameOf(deed)
    const { isAllowed, permissions, refusal } = checks[`d${at}`]!
    const error = told.get(`d${at}`)
    const { reason, ...answer } = refusal ?? {}
    const { code, chatCode = null } = error?.extensions ?? {}
    expect([name, answer]).toEqual([name, error ? { message: error.message, code, chatCode } : {}])
    expect([name, isAllowed]).toEqual([name, error === undefined])
    const last = permissions.at(-1)!
    const expected = reason === undefined ? [{ id: room.given }] : []
    expect([name, reason, last.roles]).toEqual([name, reason, expected])
    return isAllowed ? [name] : []
  })
}

describe.each(['channel', 'deployment'] as const)('a %s role', (type) => {
  const decisive = new Set<string>()
  let house: House
  beforeAll(async () => {
    house = await openHouse()
  })

  test.each(permissionsOf[type])(
    'with %s alone: each action is allowed exactly when it can be done, and refused in the same words',
    async (permission) => {
      // Who may leave does it last; who may delete the channel can no longer.
      const some = permission === 'leaveChannel' ? [...stays, leave] : [leave, ...stays]
      for (const name of await walk(await furnish(house, type, [permission]), some)) decisive.add(name)
      expect(decisive.size).toBeLessThan(deeds.length)
    },
  )

  test('allows all actions by one permission each but those that take two, or one of the other type', () => {
    const others = ['MENTION_CHANNEL', 'STREAM_MESSAGE']
    if (type === 'channel') others.push('CREATE_CHANNEL', 'EDIT_OWN_USER', 'EDIT_OTHER_USER')
    else others.push('SEND_MESSAGE', 'LEAVE_CHANNEL')
    expect(allNames.filter((name) => !decisive.has(name)).toSorted()).toEqual(others.toSorted())
  })

  test('with all permissions, with none, and in a frozen channel', async () => {
    const all = permissionsOf[type]
    expect(await walk(await furnish(house, type, []))).toEqual([])
    expect((await walk(await furnish(house, type, all), stays)).length).toBeGreaterThan(18)
    const without = all.filter((permission) => permission !== 'sendToFrozenChannel')
    const frozen = await walk(await furnish(house, type, without, { isFrozen: true }), stays)
    const open = await walk(await furnish(house, type, all, { isFrozen: true }), stays)
    const sends = type === 'channel' ? ['SEND_MESSAGE', 'MENTION_CHANNEL', 'STREAM_MESSAGE'] : []
    const edits = ['EDIT_MESSAGE', 'EDIT_MESSAGE_ATTRIBUTES'].flatMap((name) => [`${name} own`, `${name} others`])
    expect(open.filter((name) => !frozen.includes(name))).toEqual([
      ...sends,
      ...edits,
      'PIN_MESSAGE others',
      'REACT others',
    ])
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
  expect(await ask('READ_CHANNEL', { channelId })).toBeNull()
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
  const { createService } = await kit.backend.request(CreateServiceDocument, { input: { friendlyName: 'other' } })
  const { id: serviceId } = createService.service
  const other = { serviceId, uniqueName: uniqueName('den') }
  await kit.backend.request(CreateChannelDocument, { input: other })
  const named = { ...variables, channelId: other.uniqueName }
  expect((await check({ ...named, serviceId })).refusal).toMatchObject({ reason: 'NO_USER' })
  for (const wrong of [
    named,
    { ...variables, serviceId },
    { ...variables, serviceId, action: 'REACT', messageId } as const,
  ]) {
    expect(await refusalOf(kit.backend, PermissionCheckDocument, wrong)).toMatchObject({ code: 'NOT_FOUND' })
  }
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
