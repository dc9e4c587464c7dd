import { defaultRoles } from '../../model/permission.ts'
import type { Service } from '../../model/service.ts'
import { SettingError } from '../../model/setting-error.ts'
import { newSid, type AccountId, type ServiceId, type RoleId } from '../../model/sid.ts'
import { lockAccounts, readFirstAccount, upsertAccount, type AccountRow } from '../../store/account.ts'
import type { Db, Tx } from '../../store/engine/db.ts'
import { insertRoles } from '../../store/role.ts'
import { insertService, readDefaultService } from '../../store/service.ts'
import { insertInternalKey } from './api-key.ts'
import { setAuthTokens } from './auth-token.ts'
import { newSecret, type SecretBox } from './secret.ts'
import { newWebhookSecret } from './webhook-secret.ts'

export interface AccountSecrets {
  readonly accountId: AccountId
  readonly authToken: string
  readonly serviceId: ServiceId
  /** Whether this start has made the account. */
  readonly isNew: boolean
  /** Whether AUTH_TOKEN has been replaced by a newer token. */
  readonly isOlder: boolean
}

interface AccountSettings {
  readonly ACCOUNT_SID?: AccountId | undefined
  readonly AUTH_TOKEN?: string | undefined
}

/**
 * Makes the server's own account if there is none: with the SID and the token of the settings, or with new ones. When several processes start
 * at once, one makes it and the others wait.
 */
export async function ensureAccount(db: Db, secrets: SecretBox, settings: AccountSettings): Promise<AccountSecrets> {
  const known = (await readFirstAccount(db)) ?? (await makeFirstAccount(db, secrets, settings))
  if ('isNew' in known) return known
  if (settings.ACCOUNT_SID !== undefined && settings.ACCOUNT_SID !== known.id) {
    throw new SettingError(`ACCOUNT_SID: expected ${known.id}, the account that this database was made for`)
  }
  const service = await readDefaultService(db, known.id)
  const { authToken, isOlder } = await db.transaction((tx) => setAuthTokens(tx, secrets, known.id, settings.AUTH_TOKEN))
  return { accountId: known.id, authToken, serviceId: service!.id, isNew: false, isOlder }
}

/** Makes the account, or answers the one that another process has made meanwhile. */
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
    const tokens = settings.AUTH_TOKEN ?? newSecret()
    const [authToken] = tokens.split(',') as [string]
    const service = await createAccount(tx, secrets, accountId, authToken)
    await setAuthTokens(tx, secrets, accountId, tokens)
    return { accountId, authToken, serviceId: service.id, isNew: true, isOlder: false }
  })
}

/** Makes an account with its internal key and a default service. */
export async function createAccount(
  tx: Tx,
  secrets: SecretBox,
  accountId: AccountId,
  authToken: string,
): Promise<Service> {
  await upsertAccount(tx, { id: accountId, authToken: secrets.seal(authToken) })
  await insertInternalKey(tx, secrets, accountId)
  return createServiceWithRoles(tx, secrets, accountId, 'default', true)
}

/** Makes a service with four roles, three of which are its defaults. */
export async function createServiceWithRoles(
  tx: Tx,
  secrets: SecretBox,
  accountId: AccountId,
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
  const idOf = (template: { friendlyName: string }): RoleId =>
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
