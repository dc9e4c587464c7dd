import { defaultRoles } from '../model/permission.ts'
import type { Service } from '../model/service.ts'
import { newSid } from '../model/sid.ts'
import { insertApiKey, lockAccounts, readFirstAccount, upsertAccount, type AccountRow } from '../store/account.ts'
import type { Db, Tx } from '../store/db.ts'
import { insertRoles } from '../store/role.ts'
import { insertService, readDefaultService } from '../store/service.ts'
import { newSecret, type SecretBox } from './secret.ts'
import { keepDerivedSecrets, newWebhookSecret } from './webhook-secret.ts'

export interface AccountSecrets {
  readonly accountId: string
  readonly authToken: string
  readonly serviceId: string
  /** Whether this start has made it. */
  readonly isNew: boolean
}

interface AccountSettings {
  readonly ACCOUNT_SID?: string | undefined
  readonly AUTH_TOKEN?: string | undefined
}

/**
 * Makes sure that the server's own account stands: the one the settings name, or else the one made on the first start. Several
 * processes may start at once: one makes it, the others wait for it.
 */
export async function ensureAccount(db: Db, secrets: SecretBox, settings: AccountSettings): Promise<AccountSecrets> {
  const known = (await readFirstAccount(db)) ?? (await makeFirstAccount(db, secrets, settings))
  if ('isNew' in known) return known
  if (settings.ACCOUNT_SID !== undefined && settings.ACCOUNT_SID !== known.id) {
    throw new Error(`ACCOUNT_SID: expected ${known.id}, the account that this database was made for`)
  }
  await db.transaction((tx) => keepDerivedSecrets(tx, secrets, known.id, secrets.open(known.authToken)))
  const service = await readDefaultService(db, known.id)
  const authToken = settings.AUTH_TOKEN ?? secrets.open(known.authToken)
  if (settings.AUTH_TOKEN !== undefined && settings.AUTH_TOKEN !== secrets.open(known.authToken)) {
    await db.transaction((tx) => upsertAccount(tx, { id: known.id, authToken: secrets.seal(authToken) }))
  }
  return { accountId: known.id, authToken, serviceId: service!.id, isNew: false }
}

/** Makes it, or answers the one that another process has made meanwhile. */
async function makeFirstAccount(
  db: Db,
  secrets: SecretBox,
  settings: AccountSettings,
): Promise<AccountSecrets | AccountRow> {
  return db.transaction(async (tx) => {
    await lockAccounts(tx)
    const known = await readFirstAccount(tx)
    if (known) return known
    const accountId = settings.ACCOUNT_SID ?? newSid('AC')
    const authToken = settings.AUTH_TOKEN ?? newSecret()
    const service = await createAccount(tx, secrets, accountId, authToken)
    return { accountId, authToken, serviceId: service.id, isNew: true }
  })
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
  return createServiceWithRoles(tx, secrets, accountId, 'default', true)
}

/** Every service begins with four roles and points its defaults at three of them. */
export async function createServiceWithRoles(
  tx: Tx,
  secrets: SecretBox,
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
    webhookSecret: newWebhookSecret(secrets),
  })
  await insertRoles(tx, made)
  return service
}
