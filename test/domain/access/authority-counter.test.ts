import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  AddMemberDocument,
  CreateApiKeyDocument,
  CreateKeywordRuleDocument,
  CreateRoleDocument,
  CreateServiceDocument,
  DeleteKeywordRuleDocument,
  DeleteRoleDocument,
  DeleteServiceDocument,
  SendMessageDocument,
  UpdateRoleDocument,
  UpdateServiceDocument,
} from '../../../schema/generated/graphql.ts'
import { ensureAccount } from '../../../src/domain/access/account.ts'
import type { Server } from '../../../src/server.ts'
import { accounts } from '../../../src/store/tables/account.ts'
import { makeRole } from '../../support/authority.ts'
import { Caller, openKit, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { sweepByHand } from '../../support/sweep.ts'

let kit: Kit
let other: Server
let sweep: () => Promise<void>
beforeAll(async () => {
  kit = await openKit()
  // A server that receives no hints: with settings of its own it is another one on the embedded engine, too.
  other = await kit.another({ DEVICE_DAYS: '31' })
  sweep = sweepByHand(other.app)
})
afterAll(() => kit.close())

async function readCount(): Promise<number> {
  const { accountId } = kit.server.account
  const [row] = await kit.store.db.orm.select().from(accounts).where(eq(accounts.id, accountId))
  return row!.authoritySeq
}

/** No hint arrives anywhere for as long as the test lasts. */
function withoutHints(): void {
  const { bus } = kit.server.app
  const { publish } = bus
  bus.publish = () => {}
  onTestFinished(() => {
    bus.publish = publish
  })
}

test('every change of a key, a role, a service or the auth token is counted with it', async () => {
  const { backend, server, store } = kit
  const { accountId, authToken } = server.account
  const { createService } = await backend.request(CreateServiceDocument, { input: { friendlyName: 'counted' } })
  const serviceId = createService.service.id
  const roleInput = { type: 'CHANNEL' as const, friendlyName: 'counted', permissions: ['sendMessage'], serviceId }
  const { createRole } = await backend.request(CreateRoleDocument, { input: roleInput })
  const roleId = createRole.role.id
  const ruleInput = { serviceId, name: 'counted', words: ['word'], action: 'REFUSE' as const }
  const { createKeywordRule } = await backend.request(CreateKeywordRuleDocument, { input: ruleInput })
  const { id: keywordRuleId } = createKeywordRule.keywordRule
  const changes: readonly [string, () => Promise<unknown>][] = [
    ['createApiKey', () => backend.request(CreateApiKeyDocument, { input: {} })],
    ['createService', () => backend.request(CreateServiceDocument, { input: { friendlyName: 'one more' } })],
    ['updateService', () => backend.request(UpdateServiceDocument, { input: { serviceId, friendlyName: 'changed' } })],
    ['createRole', () => backend.request(CreateRoleDocument, { input: roleInput })],
    ['updateRole', () => backend.request(UpdateRoleDocument, { input: { roleId, permissions: [] } })],
    ['deleteRole', () => backend.request(DeleteRoleDocument, { input: { roleId } })],
    ['createKeywordRule', () => backend.request(CreateKeywordRuleDocument, { input: ruleInput })],
    ['deleteKeywordRule', () => backend.request(DeleteKeywordRuleDocument, { input: { serviceId, keywordRuleId } })],
    ['deleteService', () => backend.request(DeleteServiceDocument, { input: { serviceId } })],
    ['another auth token', () => ensureAccount(store.db, server.app.secrets, { AUTH_TOKEN: 'another-auth-token' })],
    [
      'the auth token',
      () =>
        ensureAccount(store.db, server.app.secrets, {
          ACCOUNT_SID: accountId,
          AUTH_TOKEN: `${authToken},another-auth-token`,
        }),
    ],
  ]
  for (const [name, change] of changes) {
    const before = await readCount()
    await change()
    expect([name, await readCount()]).toEqual([name, before + 1])
  }
})

describe('a change whose hint is lost is known after a sweep', () => {
  test('of a role', async () => {
    const alice = await kit.user('alice')
    const { id: channelId } = await kit.channel()
    const roleId = await makeRole(kit, 'channel', ['sendMessage'])
    await kit.backend.request(AddMemberDocument, { input: { channelId, identity: alice.identity, roleId } })
    await sweep()
    await alice.at(other).send(channelId, 'allowed')
    withoutHints()
    await kit.backend.request(UpdateRoleDocument, { input: { roleId, permissions: [] } })
    await alice.at(other).send(channelId, 'allowed here still')
    await sweep()
    const input = { channelId, body: 'no longer' }
    expect(await refusalOf(alice.at(other), SendMessageDocument, { input })).toMatchObject({ chatCode: 50107 })
  })

  test('of the auth token', async () => {
    const { accountId, authToken } = kit.server.account
    const backend = new Caller(other, kit.backend.authorization)
    const ask = () => backend.ask(CreateServiceDocument, { input: { friendlyName: 'of the backend' } })
    await sweep()
    expect((await ask()).errors).toBeUndefined()
    const { secrets } = kit.server.app
    await ensureAccount(kit.store.db, secrets, { AUTH_TOKEN: 'one-more-auth-token' })
    await sweep()
    expect((await ask()).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    await ensureAccount(kit.store.db, secrets, {
      ACCOUNT_SID: accountId,
      AUTH_TOKEN: `${authToken},one-more-auth-token`,
    })
  })
})

test('what is remembered is kept while nothing changes', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  await sweep()
  await alice.at(other).send(channelId, 'remembered')
  await sweep()
  const { caches } = other.app
  expect(caches.access.size).toBeGreaterThan(0)
  expect(caches.users.size).toBeGreaterThan(0)
})
