import { randomUUID } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import twilio from 'twilio'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AddMemberDocument, CreateApiKeyDocument, ViewerDocument } from '../../../schema/generated/graphql.ts'
import { newSid } from '../../../src/model/sid.ts'
import { users } from '../../../src/store/tables/user.ts'
import { makeAccount, makeRole } from '../../support/authority.ts'
import { openKit, uniqueName, User, type Kit } from '../../support/kit.ts'

const { AccessToken } = twilio.jwt

let kit: Kit
let key: { readonly id: string; readonly secret: string }
beforeAll(async () => {
  kit = await openKit()
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  key = { id: createApiKey.apiKey.id, secret: createApiKey.secret }
})
afterAll(() => kit.close())

function tokenFor(identity: string, deploymentRoleSid?: string): string {
  const { accountId, serviceId } = kit.server.account
  const token = new AccessToken(accountId, key.id, key.secret, { identity, ttl: 3600 })
  token.addGrant(new AccessToken.ChatGrant({ serviceSid: serviceId, ...(deploymentRoleSid && { deploymentRoleSid }) }))
  return token.toJwt()
}

async function roleOf(identity: string, deploymentRoleSid?: string) {
  const { viewer } = await new User(kit.server, '', tokenFor(identity, deploymentRoleSid)).request(ViewerDocument)
  return viewer.user!.role
}

function rowsOf(identity: string) {
  const isUser = and(eq(users.serviceId, kit.server.account.serviceId), eq(users.identity, identity))
  return kit.store.db.orm.select().from(users).where(isUser)
}

test('an identity seen for the first time becomes a user with the default role', async () => {
  const identity = uniqueName('new')
  expect(await rowsOf(identity)).toEqual([])
  expect(await roleOf(identity)).toEqual({
    friendlyName: 'service user',
    permissions: ['createChannel', 'joinChannel', 'editOwnUserInfo'],
  })
  expect(await rowsOf(identity)).toHaveLength(1)
})

test('an identity that comes many times at once becomes one user', async () => {
  const identity = uniqueName('hasty')
  const server = await kit.another()
  const token = tokenFor(identity)
  const viewers = await Promise.all(
    Array.from({ length: 20 }, (_, at) => new User(at % 2 ? server : kit.server, '', token).request(ViewerDocument)),
  )
  expect(new Set(viewers.map(({ viewer }) => viewer.user!.id)).size).toBe(1)
  expect(await rowsOf(identity)).toHaveLength(1)
})

test('the grant’s deployment role is given to the user that the token makes, and to no other', async () => {
  const roleId = await makeRole(kit, 'deployment', ['joinChannel'])
  const identity = uniqueName('granted')
  expect((await roleOf(identity, roleId)).permissions).toEqual(['joinChannel'])
  const known = uniqueName('known')
  await roleOf(known)
  expect((await roleOf(known, roleId)).friendlyName).toBe('service user')
})

test('a granted role counts only if it is a deployment role of the token’s service', async () => {
  const { service } = await makeAccount(kit)
  const wrong = [
    await makeRole(kit, 'channel', ['editAnyMessage']),
    service.defaultServiceRoleId,
    newSid('RL'),
    'RL',
    randomUUID(),
  ]
  for (const roleId of wrong) expect((await roleOf(uniqueName('cheat'), roleId)).friendlyName).toBe('service user')
})

test('an identity that is added to a channel becomes a user on the way, and is the one that signs in later', async () => {
  const identity = uniqueName('added')
  const channel = await kit.channel()
  await kit.backend.request(AddMemberDocument, { input: { channelId: channel.id, identity } })
  const [row] = await rowsOf(identity)
  const { viewer } = await new User(kit.server, '', tokenFor(identity)).request(ViewerDocument)
  expect(viewer.user).toMatchObject({ id: row!.id, identity, role: { friendlyName: 'service user' } })
})

test('identities differ by case and by accents', async () => {
  const name = uniqueName('émile')
  const ids = await Promise.all(
    [name, name.toUpperCase(), name.normalize('NFD')].map(async (identity) => {
      const { viewer } = await new User(kit.server, '', tokenFor(identity)).request(ViewerDocument)
      expect(viewer.identity).toBe(identity)
      return viewer.user!.id
    }),
  )
  expect(new Set(ids).size).toBe(3)
})
