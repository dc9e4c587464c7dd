import { createAccount } from '../../src/domain/access/account.ts'
import type { Permission, RoleType } from '../../src/model/permission.ts'
import { newSid } from '../../src/model/sid.ts'
import { insertRoles } from '../../src/store/role.ts'
import { Caller, type Kit } from './kit.ts'

/** Another account in the same database, with its backend. */
export async function makeAccount({ server, store }: Kit) {
  const accountId = newSid('AC')
  const authToken = `auth-token-of-${accountId}`
  const service = await store.db.transaction((tx) => createAccount(tx, server.app.secrets, accountId, authToken))
  return { accountId, service, backend: new Caller(server, `Basic ${btoa(`${accountId}:${authToken}`)}`) }
}

/** A role with these permissions in the account's default service. */
export async function makeRole(
  { server, store }: Kit,
  type: RoleType,
  permissions: readonly Permission[],
  serviceId = server.account.serviceId,
): Promise<string> {
  const id = newSid('RL')
  await store.db.transaction((tx) =>
    insertRoles(tx, [{ id, serviceId, friendlyName: 'made for a test', type, permissions }]),
  )
  return id
}
