import { afterAll, beforeAll, expect, test } from 'vitest'
import { AddMemberDocument, UpdateMemberDocument } from '../../../schema/generated/graphql.ts'
import { defaultRoles, type Permission } from '../../../src/model/permission.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, type Caller, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const roleOf = (permissions: readonly Permission[]) => makeRole(kit, 'channel', permissions)

async function add(channelId: string, roleId: string): Promise<User> {
  const user = await kit.user()
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: user.identity, roleId } })
  return user
}

/** The variables of giving a role to a member. */
const giving = (channelId: string, { identity }: User, roleId: string) => ({ input: { channelId, identity, roleId } })

async function roleIdOf(channelId: string, { identity }: User): Promise<string> {
  const query = `query ($channelId: ID!, $identity: String!) { member(channelId: $channelId, identity: $identity) { role { id } } }`
  const { member } = await kit.backend.request<{ member: { role: { id: string } } }, object>(query, {
    channelId,
    identity,
  })
  return member.role.id
}

test('a channel’s admin promotes and demotes members', async () => {
  const { id: channelId } = await kit.channel()
  const [adminRole, userRole] = [
    await roleOf(defaultRoles.channelAdmin.permissions),
    await roleOf(defaultRoles.channelUser.permissions),
  ]
  const [admin, user] = [await add(channelId, adminRole), await add(channelId, userRole)]
  for (const roleId of [adminRole, userRole]) {
    await admin.request(UpdateMemberDocument, giving(channelId, user, roleId))
    expect(await roleIdOf(channelId, user)).toBe(roleId)
  }
  await admin.request(UpdateMemberDocument, giving(channelId, user, adminRole))
  await user.request(UpdateMemberDocument, giving(channelId, admin, userRole))
  const missing = { code: 'FORBIDDEN', chatCode: 50107 }
  expect(await refusalOf(admin, UpdateMemberDocument, giving(channelId, admin, adminRole))).toEqual(missing)
})

test('nobody gives what it has not, takes it from others, or gives itself more', async () => {
  const { id: channelId } = await kit.channel()
  const small = await roleOf(['editMemberRole', 'sendMessage'])
  const large = await roleOf(['editMemberRole', 'sendMessage', 'destroyChannel'])
  const own = await roleOf(['editOwnMessage'])
  const plain = await roleOf(['sendMessage'])
  const [caller, larger, other] = [
    await add(channelId, small),
    await add(channelId, large),
    await add(channelId, plain),
  ]
  const refused = (member: User, roleId: string) =>
    refusalOf(caller, UpdateMemberDocument, giving(channelId, member, roleId))
  expect(await refused(other, large)).toEqual({ code: 'FORBIDDEN', chatCode: 50205 })
  expect(await refused(other, own)).toEqual({ code: 'FORBIDDEN', chatCode: 50205 })
  expect(await refused(larger, plain)).toEqual({ code: 'FORBIDDEN', chatCode: 50107 })
  expect(await refused(caller, large)).toEqual({ code: 'FORBIDDEN', chatCode: 50205 })
  expect(await refusalOf(other, UpdateMemberDocument, giving(channelId, caller, plain))).toEqual({
    code: 'FORBIDDEN',
    chatCode: 50107,
  })
  expect(await roleIdOf(channelId, other)).toBe(plain)
  await caller.request(UpdateMemberDocument, giving(channelId, other, small))
  await caller.request(UpdateMemberDocument, giving(channelId, caller, plain))
  expect(await roleIdOf(channelId, caller)).toBe(plain)
})

test('of two that demote each other at the same moment one does, on two processes', async () => {
  const other = await kit.another()
  const adminRole = await roleOf(defaultRoles.channelAdmin.permissions)
  const userRole = await roleOf(defaultRoles.channelUser.permissions)
  for (let round = 0; round < 8; round++) {
    const { id: channelId } = await kit.channel()
    const [one, two] = [await add(channelId, adminRole), await add(channelId, adminRole)]
    const demote = (caller: Caller, member: User) =>
      caller.ask(UpdateMemberDocument, giving(channelId, member, userRole))
    await Promise.all([demote(one, two), demote(two.at(other), one)])
    const roles = [await roleIdOf(channelId, one), await roleIdOf(channelId, two)]
    expect(roles.toSorted()).toEqual([adminRole, userRole].toSorted())
  }
})
