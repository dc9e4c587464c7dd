import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CreateUserDocument,
  DeleteChannelDocument,
  DeleteUserDocument,
  JoinChannelDocument,
  NodesDocument,
  UpdateUserDocument,
  UserChannelsDocument,
  UserDocument,
  UsersDocument,
  ViewerDocument,
  type UserFieldsFragment,
} from '../../../schema/generated/graphql.ts'
import type { Permission } from '../../../src/model/permission.ts'
import { newSid } from '../../../src/model/sid.ts'
import { services } from '../../../src/store/tables/service.ts'
import { makeAccount, makeRole } from '../../support/authority.ts'
import { openKit, requestOver, uniqueName, type Caller, type Kit, type User } from '../../support/kit.ts'
import { RawSocket } from '../../support/raw-socket.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
const missing = { code: 'NOT_FOUND', chatCode: 50200 }

async function make(input: { identity: string; roleId?: string; friendlyName?: string; attributes?: unknown }) {
  return (await kit.backend.request(CreateUserDocument, { input })).createUser.user
}

async function read(id: string, caller: Caller = kit.backend): Promise<UserFieldsFragment | null> {
  return (await caller.request(UserDocument, { id })).user
}

/** A user that has this service role from the start. */
async function inRole(permissions: readonly Permission[]): Promise<User> {
  const user = await kit.user()
  await make({ identity: user.identity, roleId: await makeRole(kit, 'deployment', permissions) })
  return user
}

test('a user that the backend has made is the one that signs in later', async () => {
  const user = await kit.user('made')
  const made = await make({ identity: user.identity, friendlyName: 'M', attributes: { a: [1] } })
  expect(made).toMatchObject({
    identity: user.identity,
    friendlyName: 'M',
    attributes: { a: [1] },
    joinedChannelsCount: 0,
    role: { friendlyName: 'service user' },
  })
  const { viewer } = await user.request(ViewerDocument)
  expect(viewer.user!.id).toBe(made.id)
  expect([await read(made.id), await read(user.identity), await read(made.id, user)]).toEqual([made, made, made])
})

test('an identity is made a user once, whichever way and however fast it comes', async () => {
  const identity = uniqueName('twice')
  const inputs = Array.from({ length: 6 }, () => kit.backend.ask(CreateUserDocument, { input: { identity } }))
  const refusals = (await Promise.all(inputs)).flatMap(({ errors }) => errors ?? [])
  const taken = { code: 'CONFLICT', chatCode: 50201 }
  expect(refusals.map(({ extensions }) => extensions)).toEqual(Array(5).fill({ ...taken, field: 'input.identity' }))
  const known = await kit.user('known')
  await known.request(ViewerDocument)
  expect(await refusalOf(kit.backend, CreateUserDocument, { input: { identity: known.identity } })).toEqual(taken)
})

test.each([
  ['an empty identity', 50204, { identity: '' }],
  ['an identity that looks like a SID', 50206, { identity: newSid('US') }],
  ['an identity that is too long', 50207, { identity: 'x'.repeat(257) }],
  ['a reserved identity', 50203, { identity: 'system' }],
  ['a friendly name that is too long', 50003, { friendlyName: 'x'.repeat(65) }],
  ['attributes that are too long', 20001, { attributes: 'x'.repeat(4 * 1024) }],
  ['a friendly name with U+0000', undefined, { friendlyName: 'a\0' }],
])('a user with %s is refused (%s)', async (_what, chatCode, wrong) => {
  const refusal = { code: 'BAD_USER_INPUT', ...(chatCode !== undefined && { chatCode }) }
  const identity = uniqueName('wrong')
  expect(await refusalOf(kit.backend, CreateUserDocument, { input: { identity, ...wrong } })).toEqual(refusal)
  expect(await read(identity)).toBeNull()
  if ('identity' in wrong) return
  const made = await make({ identity })
  expect(await refusalOf(kit.backend, UpdateUserDocument, { input: { userId: identity, ...wrong } })).toEqual(refusal)
  expect(await read(identity)).toEqual(made)
})

test('a role that is unknown, malformed or for something else is refused', async () => {
  const identity = uniqueName('roleless')
  const { id: userId } = await make({ identity: uniqueName('user') })
  const { service } = await makeAccount(kit)
  const wrong = [newSid('RL'), 'RL', '', await makeRole(kit, 'channel', ['sendMessage']), service.defaultServiceRoleId]
  const noRole = { code: 'NOT_FOUND', chatCode: 50102 }
  for (const roleId of wrong) {
    expect(await refusalOf(kit.backend, CreateUserDocument, { input: { identity, roleId } })).toEqual(noRole)
    expect(await refusalOf(kit.backend, UpdateUserDocument, { input: { userId, roleId } })).toEqual(noRole)
  }
  expect(await read(identity)).toBeNull()
})

test('what is left out stays, null takes away, and nothing is no change', async () => {
  const made = await make({ identity: uniqueName('user'), friendlyName: 'F', attributes: [1] })
  const change = async (input: object) =>
    (await kit.backend.request(UpdateUserDocument, { input: { userId: made.id, ...input } })).updateUser.user
  expect(await change({ attributes: 'a' })).toEqual({ ...made, attributes: 'a' })
  expect(await change({ friendlyName: null })).toEqual({ ...made, attributes: 'a', friendlyName: null })
  expect(await change({ attributes: null })).toEqual({ ...made, attributes: {}, friendlyName: null })
  const nothing = { code: 'BAD_USER_INPUT' }
  expect(await refusalOf(kit.backend, UpdateUserDocument, { input: { userId: made.id } })).toEqual(nothing)
  expect(await refusalOf(kit.backend, UpdateUserDocument, { input: { userId: made.id, roleId: null } })).toEqual(
    nothing,
  )
  for (const userId of [newSid('US'), 'US', '', 'a\0b', uniqueName('nobody')]) {
    const input = { userId, friendlyName: 'x' }
    expect(await refusalOf(kit.backend, UpdateUserDocument, { input })).toEqual(missing)
    expect(await read(userId)).toBeNull()
  }
})

test('editOwnUserInfo is for oneself, editAnyUserInfo for all, and nobody gives itself a role', async () => {
  const other = await make({ identity: uniqueName('other') })
  const edit = (user: User, userId: string) =>
    user.ask(UpdateUserDocument, { input: { userId, friendlyName: 'new', attributes: {} } })
  const [none, own, any] = [
    await inRole(['createChannel']),
    await inRole(['editOwnUserInfo']),
    await inRole(['editAnyUserInfo']),
  ]
  const codes = async (user: User) =>
    (await Promise.all([edit(user, user.identity), edit(user, other.id)])).map(
      ({ errors }) => errors?.[0]?.extensions.chatCode,
    )
  expect([await codes(none), await codes(own), await codes(any)]).toEqual([
    [50107, 50107],
    [undefined, 50107],
    [undefined, undefined],
  ])
  expect([await read(none.identity), await read(own.identity), await read(other.id)]).toMatchObject([
    { friendlyName: null },
    { friendlyName: 'new' },
    { friendlyName: 'new' },
  ])
  const roleId = await makeRole(kit, 'deployment', ['createChannel'])
  const input = { userId: any.identity, roleId }
  expect(await refusalOf(any, UpdateUserDocument, { input })).toEqual({ code: 'FORBIDDEN', chatCode: 50205 })
})

test('what only the backend may do is refused to users', async () => {
  const user = await inRole(['editAnyUserInfo', 'editOwnUserInfo'])
  const { id } = (await read(user.identity))!
  const identity = uniqueName('new')
  expect(await refusalOf(user, CreateUserDocument, { input: { identity } })).toEqual(forbidden)
  expect(await refusalOf(user, DeleteUserDocument, { input: { userId: id } })).toEqual(forbidden)
  const other = await make({ identity: uniqueName('other') })
  expect(await refusalOf(user, UserChannelsDocument, { id: other.id })).toEqual(forbidden)
  expect(await read(identity)).toBeNull()
  expect(await read(id)).not.toBeNull()
})

test('users are listed by service, oldest first, page by page', async () => {
  await using own = await openKit()
  const identities = ['c', 'a', 'b']
  for (const identity of identities) await own.backend.request(CreateUserDocument, { input: { identity } })
  const page = async (variables: object) => {
    const { users } = await own.backend.request(UsersDocument, variables)
    return {
      identities: users.edges.map(({ node }) => node.identity),
      cursors: users.edges.map(({ cursor }) => cursor),
    }
  }
  const first = await page({ first: 2 })
  expect(first.identities).toEqual(['c', 'a'])
  expect((await page({ first: 2, after: first.cursors.at(-1) })).identities).toEqual(['b'])
  expect((await page({ last: 2 })).identities).toEqual(['a', 'b'])
  const malformed = { code: 'BAD_USER_INPUT' }
  expect(await refusalOf(own.backend, UsersDocument, { after: 'x' })).toEqual(malformed)
  const { service } = await makeAccount(own)
  const noService = { code: 'NOT_FOUND', chatCode: 50050 }
  expect(await refusalOf(own.backend, UsersDocument, { serviceId: service.id })).toEqual(noService)
})

test('the users of another account do not exist', async () => {
  const { backend: stranger, service } = await makeAccount(kit)
  const identity = uniqueName('shared')
  const ours = await make({ identity })
  expect([await read(ours.id, stranger), await read(identity, stranger)]).toEqual([null, null])
  expect((await stranger.request(NodesDocument, { ids: [ours.id] })).nodes).toEqual([null])
  for (const userId of [ours.id, identity]) {
    expect(await refusalOf(stranger, UpdateUserDocument, { input: { userId, friendlyName: 'x' } })).toEqual(missing)
    expect(await refusalOf(stranger, DeleteUserDocument, { input: { userId } })).toEqual(missing)
  }
  const theirs = (await stranger.request(CreateUserDocument, { input: { identity } })).createUser.user
  expect(theirs.id).not.toBe(ours.id)
  expect((await stranger.request(UsersDocument, {})).users.edges.map(({ node }) => node.id)).toEqual([theirs.id])
  const input = { identity: uniqueName('x'), serviceId: service.id }
  expect(await refusalOf(kit.backend, CreateUserDocument, { input })).toEqual({ code: 'NOT_FOUND', chatCode: 50050 })
  expect(await read(ours.id)).toEqual(ours)
})

test('a channel that was deleted is no longer one of a user’s, and does not count against its limit', async () => {
  const user = await kit.user('busy')
  await setService({ userChannelsLimit: 2 })
  const channels = [await kit.channel([user]), await kit.channel([user])]
  const { id: next } = await kit.channel()
  const input = { channelId: next }
  expect(await refusalOf(user, JoinChannelDocument, { input })).toEqual({ code: 'FORBIDDEN', chatCode: 50208 })
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: channels[0]!.id } })
  expect((await read(user.identity))!.joinedChannelsCount).toBe(1)
  await user.request(JoinChannelDocument, { input })
  const { user: found } = await user.request(UserChannelsDocument, { id: user.identity })
  expect(found!.channels.edges.map(({ node }) => node.channel.id)).toEqual([channels[1]!.id, next])
  await setService({ userChannelsLimit: 250 })
})

test('isOnline is reported while the service has reachability on', async () => {
  const [present, absent] = [await kit.user('present'), await make({ identity: uniqueName('absent') })]
  await make({ identity: present.identity })
  const socket = await RawSocket.open(await kit.another(), { token: present.token })
  const reach = async () =>
    (await Promise.all([read(present.identity), read(absent.id)])).map((user) => [user!.isOnline, user!.isNotifiable])
  expect(await reach()).toEqual([
    [null, null],
    [null, null],
  ])
  await setService({ reachabilityEnabled: true })
  const online = [
    [true, false],
    [false, false],
  ]
  await expect.poll(reach).toEqual(online)
  await setService({ reachabilityEnabled: false })
  socket.terminate()
})

async function setService(change: { reachabilityEnabled?: boolean; userChannelsLimit?: number }): Promise<void> {
  const { serviceId } = kit.server.account
  await kit.store.db.orm.update(services).set(change).where(eq(services.id, serviceId))
  kit.server.app.caches.services.clear()
}

test('a role that the backend changes holds on an open socket from the next operation on', async () => {
  const user = await inRole(['editOwnUserInfo'])
  // The same connection for all that follows.
  const client = user.at(await kit.another()).connect({ lazyCloseTimeout: 60_000 })
  const rename = (friendlyName: string) =>
    requestOver(client, UpdateUserDocument, { input: { userId: user.identity, friendlyName } })
  await rename('first')
  const roleId = await makeRole(kit, 'deployment', ['createChannel'])
  await kit.backend.request(UpdateUserDocument, { input: { userId: user.identity, roleId } })
  await expect.poll(() => rename('second').catch(String), { timeout: 2000 }).toContain('50107')
  await client.dispose()
})
