import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  ChannelDocument,
  ChannelsDocument,
  CreateChannelDocument,
  CreateInviteDocument,
  CreateServiceDocument,
  CreateUserDocument,
  DeclineInviteDocument,
  DeleteChannelDocument,
  DeleteInviteDocument,
  HistoryDocument,
  InviteDocument,
  InvitesDocument,
  JoinChannelDocument,
  NodesDocument,
  SendMessageDocument,
  ServiceInvitesDocument,
  UserChannelsDocument,
  ViewerDocument,
  type CreateChannelInput,
} from '../../../schema/generated/graphql.ts'
import { channelPermissions, sharedPermissions, type Permission } from '../../../src/model/permission.ts'
import { newSid, sidToUuid, type RoleId, type ServiceId } from '../../../src/model/sid.ts'
import { makeAccount, makeRole } from '../../support/authority.ts'
import { openKit, uniqueName, type Caller, type Kit, type User } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const missing = { code: 'NOT_FOUND', chatCode: 50601 }
const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }

/** A user that the service knows. */
async function known(name: string): Promise<User> {
  const user = await kit.user(name)
  await user.request(ViewerDocument)
  return user
}

async function invite(channelId: string, { identity }: User, roleId?: string, caller: Caller = kit.backend) {
  const input = { channelId, identity, ...(roleId !== undefined && { roleId }) }
  return (await caller.request(CreateInviteDocument, { input })).createInvite.invite
}

async function invitedTo(channelId: string): Promise<string[]> {
  const { channel } = await kit.backend.request(InvitesDocument, { channelId, first: 100 })
  return channel!.invites.edges.map(({ node }) => node.identity)
}

async function channelsOf(user: User) {
  const { user: read } = await user.request(UserChannelsDocument, { id: user.identity })
  return read!.channels.edges.map(({ node }) => [node.channel.id, node.status, node.unreadCount])
}

/** A channel with a member in a role with exactly these permissions. */
async function furnish(permissions: readonly Permission[], input: CreateChannelInput = {}) {
  const [host, guest] = [await kit.user('host'), await known('guest')]
  const channel = await kit.channel([], { type: 'PRIVATE', uniqueName: uniqueName('den'), ...input })
  const roleId = await makeRole(kit, 'channel', permissions)
  await kit.backend.request(AddMemberDocument, { input: { channelId: channel.id, identity: host.identity, roleId } })
  return { host, guest, channelId: channel.id, name: channel.uniqueName! }
}

test('an invited user sees a private channel, but not what is in it, and joins it in the role of the invite', async () => {
  const { guest, channelId, name } = await furnish([])
  expect((await guest.request(ChannelDocument, { id: channelId })).channel).toBeNull()
  const roleId = await makeRole(kit, 'channel', ['inviteMember'])
  await kit.backend.send(channelId, 'not yours')
  const made = await invite(channelId, guest, roleId)
  expect(made).toMatchObject({ identity: guest.identity, createdBy: 'system', role: { id: roleId } })
  for (const id of [channelId, name]) {
    const { channel } = await guest.request(ChannelDocument, { id })
    expect(channel).toMatchObject({ id: channelId, lastMessage: null })
  }
  const { channels } = await guest.request(ChannelsDocument, { first: 100 })
  expect(channels.edges.map(({ node }) => node.id)).toContain(channelId)
  const notMember = { code: 'FORBIDDEN', chatCode: 50400 }
  expect(await refusalOf(guest, SendMessageDocument, { input: { channelId, body: 'hello' } })).toEqual(notMember)
  expect(await refusalOf(guest, HistoryDocument, { channelId })).toEqual(notMember)
  expect(await channelsOf(guest)).toEqual([[channelId, 'INVITED', null]])
  const { joinChannel } = await guest.request(JoinChannelDocument, { input: { channelId: name } })
  expect(joinChannel.member.role.friendlyName).toBe('made for a test')
  expect(await channelsOf(guest)).toEqual([[channelId, 'JOINED', 0]])
  expect(await invitedTo(channelId)).toEqual([])
  expect((await kit.backend.request(InviteDocument, { id: made.id })).invite).toBeNull()
  expect((await readingOf(kit, channelId)).members).toHaveLength(2)
})

test('what a user is invited to is the same thing to a cache once it has joined, and no two are', async () => {
  const [one, other] = [await furnish([]), await furnish([])]
  const guests = [one.guest, other.guest]
  for (const { channelId } of [one, other]) for (const guest of guests) await invite(channelId, guest)
  const idsOf = async (user: User): Promise<Record<string, string>> => {
    const { user: read } = await user.request(UserChannelsDocument, { id: user.identity })
    return Object.fromEntries(read!.channels.edges.map(({ node }) => [node.channel.id, node.id]))
  }
  const before = await Promise.all(guests.map(idsOf))
  expect(new Set(before.flatMap((ids) => Object.values(ids))).size).toBe(4)
  await one.guest.request(JoinChannelDocument, { input: { channelId: one.channelId } })
  expect(await Promise.all(guests.map(idsOf))).toEqual(before)
})

test('an invite opens a public channel to who may not join channels, and nothing else does', async () => {
  const { guest, channelId } = await furnish([], { type: 'PUBLIC' })
  const roleId = await makeRole(kit, 'deployment', [])
  await kit.backend.request(
    `mutation { updateUser(input: { userId: "${guest.identity}", roleId: "${roleId}" }) { user { id } } }`,
  )
  expect(await refusalOf(guest, JoinChannelDocument, { input: { channelId } })).toEqual(forbidden)
  await invite(channelId, guest)
  await guest.request(JoinChannelDocument, { input: { channelId } })
  expect(await invitedTo(channelId)).toEqual([])
})

test('who is added to a channel is no longer invited', async () => {
  const { guest, channelId } = await furnish([])
  await invite(channelId, guest)
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: guest.identity } })
  expect(await invitedTo(channelId)).toEqual([])
  expect(await channelsOf(guest)).toEqual([[channelId, 'JOINED', 0]])
})

test('an invite that is declined or withdrawn closes the channel again', async () => {
  for (const end of ['declined', 'withdrawn', 'given back'] as const) {
    const { guest, channelId } = await furnish([])
    const { id: inviteId } = await invite(channelId, guest)
    if (end === 'declined') await guest.request(DeclineInviteDocument, { input: { channelId } })
    if (end === 'withdrawn') await kit.backend.request(DeleteInviteDocument, { input: { inviteId, channelId } })
    if (end === 'given back') await guest.request(DeleteInviteDocument, { input: { inviteId } })
    expect((await guest.request(ChannelDocument, { id: channelId })).channel).toBeNull()
    const noChannel = { code: 'NOT_FOUND', chatCode: 50300 }
    expect(await refusalOf(guest, JoinChannelDocument, { input: { channelId } })).toEqual(noChannel)
    expect(await refusalOf(kit.backend, DeleteInviteDocument, { input: { inviteId } })).toEqual(missing)
    expect(await channelsOf(guest)).toEqual([])
    await invite(channelId, guest)
    expect(await invitedTo(channelId)).toEqual([guest.identity])
  }
})

test('a member has nothing to decline, and nobody what it was not offered', async () => {
  const { host, guest, channelId } = await furnish([], { type: 'PUBLIC' })
  const input = { channelId }
  expect(await refusalOf(host, DeclineInviteDocument, { input })).toEqual({ code: 'BAD_USER_INPUT', chatCode: 50602 })
  expect(await refusalOf(guest, DeclineInviteDocument, { input })).toEqual(missing)
  expect(await refusalOf(kit.backend, DeclineInviteDocument, { input })).toEqual(forbidden)
})

test('nobody is invited twice, or as a member, or as a stranger', async () => {
  const { host, guest, channelId } = await furnish([])
  await invite(channelId, guest)
  const refused = (identity: string, more = {}) =>
    refusalOf(kit.backend, CreateInviteDocument, { input: { channelId, identity, ...more } })
  expect(await refused(guest.identity)).toEqual({ code: 'CONFLICT', chatCode: 50212 })
  expect(await refused(host.identity)).toEqual({ code: 'CONFLICT', chatCode: 50404 })
  expect(await refused(uniqueName('nobody'))).toEqual({ code: 'NOT_FOUND', chatCode: 50200 })
  const wrong = [
    ['', 50204],
    ['system', 50203],
    [newSid('US'), 50206],
    ['x'.repeat(257), 50207],
  ] as const
  for (const [identity, chatCode] of wrong) {
    expect(await refused(identity)).toEqual({ code: 'BAD_USER_INPUT', chatCode })
  }
  const other = await known('other')
  const roles = [newSid('RL'), 'RL', await makeRole(kit, 'deployment', ['joinChannel'])]
  for (const roleId of roles) {
    expect(await refused(other.identity, { roleId })).toEqual({ code: 'NOT_FOUND', chatCode: 50101 })
  }
  expect(await invitedTo(channelId)).toEqual([guest.identity])
})

test('many who invite the same user at once make one invite, and many who accept it one member', async () => {
  const { guest, channelId } = await furnish([])
  const other = await kit.another()
  const attempts = Array.from({ length: 8 }, () =>
    kit.backend.ask(CreateInviteDocument, { input: { channelId, identity: guest.identity } }),
  )
  const codes = (await Promise.all(attempts)).map(({ errors }) => errors?.[0]?.extensions.chatCode)
  expect(codes.filter((code) => code === 50212)).toHaveLength(7)
  expect(codes).toContain(undefined)
  const joins = Array.from({ length: 8 }, (_, at) =>
    (at % 2 ? guest : guest.at(other)).ask(JoinChannelDocument, { input: { channelId } }),
  )
  const joined = (await Promise.all(joins)).map(({ errors }) => errors?.[0]?.extensions.chatCode)
  expect(joined.filter((code) => code === 50404)).toHaveLength(7)
  expect(joined).toContain(undefined)
  expect(await invitedTo(channelId)).toEqual([])
})

test('inviting and withdrawing take inviteMember, and the backend alone chooses the role', async () => {
  const all: readonly Permission[] = [...channelPermissions, ...sharedPermissions]
  const without = await furnish(all.filter((permission) => permission !== 'inviteMember'))
  const { channelId } = without
  const input = { channelId, identity: without.guest.identity }
  expect(await refusalOf(without.host, CreateInviteDocument, { input })).toEqual(forbidden)
  const { id: inviteId } = await invite(channelId, without.guest)
  expect(await refusalOf(without.host, DeleteInviteDocument, { input: { inviteId } })).toEqual(forbidden)
  expect(await invitedTo(channelId)).toEqual([without.guest.identity])

  const { host, guest, ...room } = await furnish(['inviteMember'])
  const roleId = await makeRole(kit, 'channel', [...all])
  const ambitious = { channelId: room.channelId, identity: guest.identity, roleId }
  const noRole = { code: 'FORBIDDEN', chatCode: 50205 }
  expect(await refusalOf(host, CreateInviteDocument, { input: ambitious })).toEqual(noRole)
  const made = await invite(room.channelId, guest, undefined, host)
  expect(made).toMatchObject({ createdBy: host.identity, role: { friendlyName: 'channel user' } })
  await host.request(DeleteInviteDocument, { input: { inviteId: made.id } })
  expect(await invitedTo(room.channelId)).toEqual([])
})

test('an invite exists for the invited, the members and the backend of its account', async () => {
  const { host, guest, channelId } = await furnish([])
  const made = await invite(channelId, guest)
  const { backend: stranger } = await makeAccount(kit)
  const [outsider, elsewhere] = [await known('outsider'), await kit.channel()]
  const seenBy = async (caller: Caller) => {
    const { invite: read } = await caller.request(InviteDocument, { id: made.id })
    const { nodes } = await caller.request(NodesDocument, { ids: [made.id] })
    return [read?.id, nodes[0]?.id]
  }
  for (const caller of [host, guest, kit.backend]) expect(await seenBy(caller)).toEqual([made.id, made.id])
  for (const caller of [outsider, stranger]) {
    expect(await seenBy(caller)).toEqual([undefined, undefined])
    expect(await refusalOf(caller, DeleteInviteDocument, { input: { inviteId: made.id } })).toEqual(missing)
  }
  const misplaced = { id: made.id, channelId: elsewhere.id }
  expect((await kit.backend.request(InviteDocument, misplaced)).invite).toBeNull()
  const input = { inviteId: made.id, channelId: elsewhere.id }
  expect(await refusalOf(kit.backend, DeleteInviteDocument, { input })).toEqual(missing)
  const noChannel = { code: 'NOT_FOUND', chatCode: 50300 }
  const theirs = { channelId, identity: guest.identity }
  expect(await refusalOf(stranger, CreateInviteDocument, { input: theirs })).toEqual(noChannel)
  expect(await refusalOf(guest, InvitesDocument, { channelId })).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
  expect(await invitedTo(channelId)).toEqual([guest.identity])
})

test('a channel that is deleted takes its invites along', async () => {
  const { guest, channelId } = await furnish([])
  const made = await invite(channelId, guest)
  await kit.backend.request(DeleteChannelDocument, { input: { channelId } })
  expect((await kit.backend.request(InviteDocument, { id: made.id })).invite).toBeNull()
  expect(await channelsOf(guest)).toEqual([])
  expect(await refusalOf(guest, DeclineInviteDocument, { input: { channelId } })).toMatchObject({ chatCode: 50300 })
})

test('the invites of a channel are listed page by page, of all or of some', async () => {
  const { channelId } = await furnish([])
  const guests = [await known('one'), await known('two'), await known('three')]
  for (const guest of guests) await invite(channelId, guest)
  const page = async (variables: object) => {
    const { channel } = await kit.backend.request(InvitesDocument, { channelId, ...variables })
    return channel!.invites.edges.map(({ node, cursor }) => ({ identity: node.identity, cursor }))
  }
  const [first, second] = await page({ first: 2 })
  const identities = guests.map(({ identity }) => identity)
  expect([first!.identity, second!.identity]).toEqual(identities.slice(0, 2))
  expect((await page({ first: 2, after: second!.cursor })).map(({ identity }) => identity)).toEqual([identities[2]])
  expect((await page({ last: 1 })).map(({ identity }) => identity)).toEqual([identities[2]])
  expect((await page({ identities: [identities[1]!, 'x'] })).map(({ identity }) => identity)).toEqual([identities[1]])
  expect(await refusalOf(kit.backend, InvitesDocument, { channelId, after: 'IN' })).toEqual({ code: 'BAD_USER_INPUT' })
})

test('the invites of a service, to a channel and of a user, are listed for the backend', async () => {
  const { createService } = await kit.backend.request(CreateServiceDocument, { input: { friendlyName: 'invited' } })
  const { id: serviceId } = createService.service
  const make = async (identity: string) => {
    await kit.backend.request(CreateUserDocument, { input: { serviceId, identity } })
    return identity
  }
  const [one, two] = [await make('one'), await make('two')]
  const roles = [
    undefined,
    await makeRole(kit, 'channel', ['sendMessage'], serviceId as ServiceId),
    await makeRole(kit, 'channel', [], serviceId as ServiceId),
  ]
  const made: string[][] = []
  for (const roleId of roles) {
    const input = { serviceId, uniqueName: `den ${made.length}` }
    const { createChannel } = await kit.backend.request(CreateChannelDocument, { input })
    const { id: channelId } = createChannel.channel
    for (const identity of [one, two]) {
      const { createInvite } = await kit.backend.request(CreateInviteDocument, {
        input: { channelId, identity, ...(roleId !== undefined && { roleId }) },
      })
      made.push([createInvite.invite.id, channelId, identity])
    }
  }
  await furnish([]).then(({ channelId, guest }) => invite(channelId, guest))
  const read = async (variables: object, caller: Caller = kit.backend) =>
    (await caller.request(ServiceInvitesDocument, { serviceId, ...variables })).invites.edges.map(({ node }) => node.id)
  const ids = (which: (row: string[]) => boolean = () => true) => made.filter(which).map(([id]) => id!)
  expect(await read({})).toEqual(ids())
  const first = await read({ first: 4 })
  expect([...first, ...(await read({ first: 4, after: first.at(-1) }))]).toEqual(ids())
  expect(await read({ last: 2, before: ids()[3] })).toEqual(ids().slice(1, 3))
  const channelId = made[2]![1]!
  expect(await read({ filter: { channelId } })).toEqual(ids((row) => row[1] === channelId))
  expect(await read({ filter: { channelId: 'den 2' } })).toEqual(ids((row) => row[1] === channelId))
  expect(await read({ filter: { identity: one } })).toEqual(ids((row) => row[2] === one))
  expect(await read({ filter: { identity: one, channelId } })).toEqual([made[2]![0]])
  expect(await read({ filter: { identity: 'nobody' } })).toEqual([])
  // A role that is deleted, as versions before could leave it, is still what the invite gives, and one that is used is none any more.
  await kit.store.maintenance.run('UPDATE roles SET deleted_at = now() WHERE id = $1::uuid', [
    sidToUuid(roles[2] as RoleId),
  ])
  await kit.backend.request(DeleteInviteDocument, { input: { inviteId: made[0]![0]! } })
  expect(await read({})).toEqual(ids().slice(1))
  const { backend: stranger } = await makeAccount(kit)
  const user = await known('curious')
  expect(await refusalOf(stranger, ServiceInvitesDocument, { serviceId })).toEqual({
    code: 'NOT_FOUND',
    chatCode: 50050,
  })
  expect(await refusalOf(user, ServiceInvitesDocument)).toEqual(forbidden)
  const elsewhere = { serviceId, filter: { channelId: (await kit.channel()).id } }
  expect(await refusalOf(kit.backend, ServiceInvitesDocument, elsewhere)).toEqual({
    code: 'NOT_FOUND',
    chatCode: 50300,
  })
})
