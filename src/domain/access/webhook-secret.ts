import { createHmac, randomBytes } from 'node:crypto'
import type { AccountId, ServiceId } from '../../model/sid.ts'
import type { Tx } from '../../store/engine/db.ts'
import { keepWebhookSecret, readServicesWithoutSecret } from '../../store/service.ts'
import type { SecretBox } from './secret.ts'

export function newWebhookSecret(secrets: SecretBox): string {
  return secrets.seal(randomBytes(32).toString('base64'))
}

/** The secret as earlier versions derived it from the account's token. Receivers know it. */
export function derivedSecret(authToken: string, serviceId: ServiceId): Buffer {
  return createHmac('sha256', authToken).update(`webhooks of ${serviceId}`).digest()
}

/** Before the token changes, stores the derived secret of services that an earlier version has made. */
export async function keepDerivedSecrets(
  tx: Tx,
  secrets: SecretBox,
  accountId: AccountId,
  authToken: string,
): Promise<void> {
  for (const { id } of await readServicesWithoutSecret(tx, accountId)) {
    await keepWebhookSecret(tx, id, secrets.seal(derivedSecret(authToken, id).toString('base64')))
  }
}
