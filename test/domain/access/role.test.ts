import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateInviteDocument,
  CreateRoleDocument,
  CreateServiceDocument,
  DeleteChannelDocument,
  DeleteInviteDocument,
  DeleteRoleDocument,
  NodeDocument,
  RemoveMemberDocument,
  RoleDocument,
  RolesDocument,
  ServiceDocument,
  UpdateMemberDocument,
  UpdateRoleDocument,
  ViewerDocument,
  type CreateRoleInput,
} from '../../../schema/generated/graphql.ts'
import { permissionsOf } from '../../../src/model/permission.ts'
import { newSid } from '../../../src/model/sid.ts'
import { makeAccount } from '../../support/authority.ts'
import { openKit, uniqueName, type Caller, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const noRole = { code: 'NOT_FOUND', chatCode: 50100 }
const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
const bad = (chatCode: number) => ({ code: 'BAD_USER_INPUT', chatCode })

async function makeRole(input: Partial<CreateRoleInput> = {}) {
  const { createRole } = await kit.backend.request(CreateRoleDocument, {
    input: { friendlyName: 'made', type: 'CHANNEL', permissions: ['sendMessage'], ...input },
  })
  return createRole.role
}

async function rolesOf(serviceId?: string) {
  const { service } = await kit.backend.request(RolesDocument, { serviceId, first: 1000 })
  return service!.roles.edges.map(({ node }) => node)
}

test('a role is what the backend says, and permits each thing once', async () => {
  for (const type of ['CHANNEL', 'DEPLOYMENT'] as const) {
    const all = permissionsOf[type === 'CHANNEL' ? 'channel' : 'deployment']
    const role = await makeRole({ friendlyName: '🦉'.repeat(32), type, permissions: [...all, ...all] })
    expect(role).toEqual({ id: role.id, friendlyName: '🦉'.repeat(32), type, permissions: all })
    expect(await kit.backend.request(RoleDocument, { id: role.id })).toEqual({ role })
    expect(await kit.backend.request(NodeDocument, { id: role.id })).toMatchObject({ node: { id: role.id } })
  }
  expect((await makeRole({ permissions: [] })).permissions).toEqual([])
})

test('a change replaces the permissions and nothing else', async () => {
  const role = await makeRole({ permissions: ['sendMessage', 'leaveChannel'] })
  const { updateRole } = await kit.backend.request(UpdateRoleDocument, {
    input: { roleId: role.id, permissions: ['editOwnMessage'] },
  })
  expect(updateRole.role).toEqual({ ...role, permissions: ['editOwnMessage'] })
  expect(await kit.backend.request(RoleDocument, { id: role.id })).toEqual({ role: updateRole.role })
})

test('a name that is none, and a permission that is none of the type, are refused', async () => {
  const input = { friendlyName: 'refused', type: 'CHANNEL' as const, permissions: ['sendMessage'] }
  const before = await rolesOf()
  const refused = (more: Partial<CreateRoleInput>) =>
    refusalOf(kit.backend, CreateRoleDocument, { input: { ...input, ...more } })
  expect(await refused({ friendlyName: '' })).toEqual(bad(50000))
  expect(await refused({ friendlyName: 'x'.repeat(65) })).toEqual(bad(50003))
  expect(await refused({ permissions: ['sendMessage', 'flyAway'] })).toEqual(bad(50104))
  expect(await refused({ permissions: ['createChannel'] })).toEqual(bad(50104))
  expect(await refused({ type: 'DEPLOYMENT' })).toEqual(bad(50104))
  expect(await refused({ serviceId: newSid('IS') })).toEqual({ code: 'NOT_FOUND', chatCode: 50050 })
  expect(await rolesOf()).toEqual(before)
  const role = await makeRole()
  const change = { input: { roleId: role.id, permissions: ['joinChannel'] } }
  expect(await refusalOf(kit.backend, UpdateRoleDocument, change)).toEqual(bad(50104))
  expect(await kit.backend.request(RoleDocument, { id: role.id })).toEqual({ role })
})

test('the roles of a service are listed in the order they were made, page by page', async () => {
  const { createService } = await kit.backend.request(CreateServiceDocument, { input: { friendlyName: 'roles' } })
  const serviceId = createService.service.id
  const made = [await makeRole({ serviceId }), await makeRole({ serviceId, type: 'DEPLOYMENT', permissions: [] })]
  const all = await rolesOf(serviceId)
  expect(all.slice(4)).toEqual(made)
  const walked = []
  for (let after: string | undefined, more = true; more;) {
    const { service } = await kit.backend.request(RolesDocument, { serviceId, first: 4, after })
    walked.push(...service!.roles.edges.map(({ node }) => node))
    after = service!.roles.edges.at(-1)!.cursor
    more = service!.roles.pageInfo.hasNextPage
  }
  expect(walked).toEqual(all)
  const { service } = await kit.backend.request(RolesDocument, { serviceId, last: 1, before: made[1]!.id })
  expect(service!.roles.edges.map(({ node }) => node)).toEqual([made[0]])
})

test('users see the roles of their service and change nothing', async () => {
  const alice = await kit.user('alice')
  const role = await makeRole()
  const before = await rolesOf()
  const input = { friendlyName: 'mine', type: 'CHANNEL' as const, permissions: [] }
  expect(await refusalOf(alice, CreateRoleDocument, { input })).toEqual(forbidden)
  const change = { roleId: role.id, permissions: [] }
  expect(await refusalOf(alice, UpdateRoleDocument, { input: change })).toEqual(forbidden)
  expect(await refusalOf(alice, DeleteRoleDocument, { input: { roleId: role.id } })).toEqual(forbidden)
  expect(await alice.request(RoleDocument, { id: role.id })).toEqual({ role })
  expect(await rolesOf()).toEqual(before)
})

test('a role of another account, or of another service, does not exist', async () => {
  const { backend: stranger } = await makeAccount(kit)
  const { createService } = await kit.backend.request(CreateServiceDocument, { input: { friendlyName: 'other' } })
  const elsewhere = await makeRole({ serviceId: createService.service.id })
  const role = await makeRole()
  const tried: [Caller, string][] = [
    [stranger, role.id],
    [kit.backend, newSid('RL')],
    [kit.backend, createService.service.id],
    [kit.backend, ''],
  ]
  for (const [caller, roleId] of tried) {
    expect(await caller.request(RoleDocument, { id: roleId })).toEqual({ role: null })
    expect(await refusalOf(caller, UpdateRoleDocument, { input: { roleId, permissions: [] } })).toEqual(noRole)
    expect(await refusalOf(caller, DeleteRoleDocument, { input: { roleId } })).toEqual(noRole)
  }
  const alice = await kit.user('alice')
  expect(await alice.request(RoleDocument, { id: elsewhere.id })).toEqual({ role: null })
  expect(await alice.request(RolesDocument, { serviceId: createService.service.id })).toEqual({ service: null })
  expect(await kit.backend.request(RoleDocument, { id: role.id })).toEqual({ role })
})

test('a role that nobody has is deleted, for good', async () => {
  const role = await makeRole()
  await kit.backend.request(DeleteRoleDocument, { input: { roleId: role.id } })
  expect(await kit.backend.request(RoleDocument, { id: role.id })).toEqual({ role: null })
  expect(await rolesOf()).not.toContainEqual(role)
  expect(await refusalOf(kit.backend, DeleteRoleDocument, { input: { roleId: role.id } })).toEqual(noRole)
  const { id: channelId } = await kit.channel()
  const input = { channelId, identity: uniqueName('late'), roleId: role.id }
  expect(await refusalOf(kit.backend, AddMemberDocument, { input })).toEqual({ code: 'NOT_FOUND', chatCode: 50101 })
})

test('a role that is a default, or that a user or a member has, is not deleted', async () => {
  const { service } = await kit.backend.request(ServiceDocument)
  const { defaultServiceRole, defaultChannelRole, defaultChannelCreatorRole } = service!
  const conflict = { code: 'CONFLICT' }
  for (const { id: roleId } of [defaultServiceRole, defaultChannelRole, defaultChannelCreatorRole]) {
    expect(await refusalOf(kit.backend, DeleteRoleDocument, { input: { roleId } })).toEqual(conflict)
  }
  const alice = await kit.user('alice')
  await alice.request(ViewerDocument)
  const { id: channelId } = await kit.channel()
  const role = await makeRole()
  const { addMember } = await kit.backend.request(AddMemberDocument, {
    input: { channelId, identity: alice.identity, roleId: role.id },
  })
  const input = { roleId: role.id }
  expect(await refusalOf(kit.backend, DeleteRoleDocument, { input })).toEqual(conflict)
  expect(await kit.backend.request(RoleDocument, { id: role.id })).toEqual({ role })
  await kit.backend.request(RemoveMemberDocument, { input: { memberId: addMember.member.id } })
  await kit.backend.request(DeleteRoleDocument, { input })
})

test('a role that a pending invite gives is not deleted, and is once nobody is invited any more', async () => {
  const role = await makeRole()
  const deletion = { input: { roleId: role.id } }
  const invite = async () => {
    const user = await kit.user('invited')
    await user.request(ViewerDocument)
    const { id: channelId } = await kit.channel()
    const { createInvite } = await kit.backend.request(CreateInviteDocument, {
      input: { channelId, identity: user.identity, roleId: role.id },
    })
    return { channelId, inviteId: createInvite.invite.id }
  }
  const [first, second] = [await invite(), await invite()]
  expect(await refusalOf(kit.backend, DeleteRoleDocument, deletion)).toEqual({ code: 'CONFLICT' })
  await kit.backend.request(DeleteInviteDocument, { input: { inviteId: first.inviteId } })
  expect(await refusalOf(kit.backend, DeleteRoleDocument, deletion)).toEqual({ code: 'CONFLICT' })
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: second.channelId } })
  await kit.backend.request(DeleteRoleDocument, deletion)
})

test('what is left of a member in a deleted channel does not hold its role', async () => {
  const { id: channelId } = await kit.channel()
  const role = await makeRole()
  const input = { channelId, identity: uniqueName('gone'), roleId: role.id }
  await kit.backend.request(AddMemberDocument, { input })
  await kit.backend.request(DeleteChannelDocument, { input: { channelId } })
  await kit.backend.request(DeleteRoleDocument, { input: { roleId: role.id } })
  expect(await kit.backend.request(RoleDocument, { id: role.id })).toEqual({ role: null })
})

test('a role that is given and deleted at the same moment is either given or gone', async () => {
  for (let round = 0; round < 10; round++) {
    const { id: channelId } = await kit.channel()
    const [given, before] = [await makeRole(), await makeRole()]
    const { addMember } = await kit.backend.request(AddMemberDocument, {
      input: { channelId, identity: uniqueName('racer'), roleId: before.id },
    })
    const memberId = addMember.member.id
    const [change, deletion] = await Promise.all([
      kit.backend.ask(UpdateMemberDocument, { input: { memberId, roleId: given.id } }),
      kit.backend.ask(DeleteRoleDocument, { input: { roleId: given.id } }),
    ])
    const refusals = [change, deletion].flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? [])
    expect(refusals).toEqual([change.errors ? 'NOT_FOUND' : 'CONFLICT'])
  }
})
