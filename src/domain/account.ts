import { defaultRoles } from '../model/permission.ts'
import type { Service } from '../model/service.ts'
import { newSid } from '../model/sid.ts'
import { insertApiKey, readFirstAccount, upsertAccount } from '../store/account.ts'
import type { Db, Tx } from '../store/db.ts'
import { insertRoles, insertService, readDefaultService } from '../store/service.ts'
import { newSecret, type SecretBox } from './secret.ts'

export interface AccountSecrets {
  readonly accountId: string
  readonly authToken: string
  readonly serviceId: string
  /** Whether this start has made it. */
  readonly isNew: boolean
}

/**
 * Makes sure that the server's own account stands: the one the settings name, or else the one made on the first start. Several
 * processes may start at once; the account's row decides which one makes it.
 */
export async function ensureAccount(
  db: Db,
  secrets: SecretBox,
  settings: { readonly ACCOUNT_SID?: string | undefined; readonly AUTH_TOKEN?: string | undefined },
): Promise<AccountSecrets> {
  const known = await readFirstAccount(db)
  if (known && (settings.ACCOUNT_SID ?? known.id) === known.id) {
    const service = await readDefaultService(db, known.id)
    const authToken = settings.AUTH_TOKEN ?? secrets.open(known.authToken)
    if (settings.AUTH_TOKEN !== undefined && settings.AUTH_TOKEN !== secrets.open(known.authToken)) {
      await db.transaction((tx) => upsertAccount(tx, { id: known.id, authToken: secrets.seal(authToken) }))
    }
    return { accountId: known.id, authToken, serviceId: service!.id, isNew: false }
  }
  if (known) throw new Error(`ACCOUNT_SID: expected ${known.id}, the account that this database was made for`)
  const accountId = settings.ACCOUNT_SID ?? newSid('AC')
  const authToken = settings.AUTH_TOKEN ?? newSecret()
  const service = await db.transaction((tx) => createAccount(tx, secrets, accountId, authToken))
  return { accountId, authToken, serviceId: service.id, isNew: true }
}

/** An account with its internal key and a default service. */
export async function createAccount(
  tx: Tx,
  secrets: SecretBox,
  accountId: string,
  authToken: string,
): Promise<Service> {
  await upsertAccount(tx, { id: accountId, authToken: secrets.seal(authToken) })
  await insertApiKey(tx, {
    id: newSid('SK'),
    accountId,
    friendlyName: null,
    secret: secrets.seal(newSecret()),
    internal: true,
  })
  return createServiceWithRoles(tx, accountId, 'default', true)
}

/** Every service begins with four roles and points its defaults at three of them. */
async function createServiceWithRoles(
  tx: Tx,
  accountId: string,
  friendlyName: string,
  isDefault: boolean,
): Promise<Service> {
  const serviceId = newSid('IS')
  const { serviceAdmin, serviceUser, channelAdmin, channelUser } = defaultRoles
  const made = [serviceAdmin, serviceUser, channelAdmin, channelUser].map((template) => ({
    ...template,
    id: newSid('RL'),
    serviceId,
  }))
  const idOf = (template: { friendlyName: string }): string =>
    made.find((role) => role.friendlyName === template.friendlyName)!.id
  const service = await insertService(tx, {
    id: serviceId,
    accountId,
    friendlyName,
    isDefault,
    defaultServiceRoleId: idOf(serviceUser),
    defaultChannelRoleId: idOf(channelUser),
    defaultChannelCreatorRoleId: idOf(channelAdmin),
  })
  await insertRoles(tx, made)
  return service
}
