import { createHash } from 'node:crypto'
import { v7 } from 'uuid'
import type { AccountId } from '../../model/sid.ts'
import {
  countAuthorityChange,
  deleteAuthToken,
  insertAuthToken,
  lockAccount,
  readAuthTokens,
  retireAuthToken,
  upsertAccount,
} from '../../store/account.ts'
import { deleteTokenSessions } from '../../store/console-session.ts'
import type { Db, Tx } from '../../store/engine/db.ts'
import type { DeletionWatch } from './deletion-watch.ts'
import { isSameSecret, type SecretBox } from './secret.ts'
import { keepDerivedSecrets } from './webhook-secret.ts'

/** Retired tokens that are remembered, so that a start with an older environment does not bring one back. */
const rememberedTokens = 20

export interface SetTokens {
  readonly authToken: string
  /** Whether the database has a newer token than the settings. */
  readonly isOlder: boolean
}

/**
 * Sets the account's tokens to those of the settings, if they name any: the first is the present one, the others are accepted. Settings are
 * outdated, and change nothing, when their first token is one that was replaced and they do not name its replacement, or when they would
 * accept a token that was retired.
 */
export async function setAuthTokens(
  tx: Tx,
  secrets: SecretBox,
  accountId: AccountId,
  tokens: string | undefined,
): Promise<SetTokens> {
  const account = await lockAccount(tx, accountId)
  const present = secrets.open(account.authToken)
  await keepDerivedSecrets(tx, secrets, accountId, present)
  if (tokens === undefined) return { authToken: present, isOlder: false }
  const [first, ...others] = tokens.split(',') as [string, ...string[]]
  const known = (await readAuthTokens(tx, accountId)).map((row) => ({ ...row, secret: secrets.open(row.token) }))
  if (first !== present && !others.includes(present) && known.some(({ secret }) => secret === first)) {
    return { authToken: present, isOlder: true }
  }
  let hasChanged = first !== present
  let hasRetired = hasChanged && !others.includes(present)
  if (hasChanged) {
    await upsertAccount(tx, { id: accountId, authToken: secrets.seal(first) })
    for (const { id, secret } of known) if (secret === first) await deleteAuthToken(tx, id)
    const retiredAt = others.includes(present) ? null : new Date()
    await insertAuthToken(tx, accountId, { id: v7(), token: secrets.seal(present), retiredAt })
  }
  for (const { id, secret, retiredAt } of known) {
    if (retiredAt || secret === first || others.includes(secret)) continue
    await retireAuthToken(tx, id)
    hasChanged = true
    hasRetired = true
  }
  for (const secret of new Set(others)) {
    if (secret === first || secret === present || known.some((row) => row.secret === secret)) continue
    await insertAuthToken(tx, accountId, { id: v7(), token: secrets.seal(secret), retiredAt: null })
    hasChanged = true
  }
  // Which of the tokens a session of the console was opened with is written nowhere.
  if (hasRetired) await deleteTokenSessions(tx, accountId)
  const retired = (await readAuthTokens(tx, accountId)).filter(({ retiredAt }) => retiredAt)
  for (const { id } of retired.slice(0, -rememberedTokens)) await deleteAuthToken(tx, id)
  if (hasChanged && first === present) await countAuthorityChange(tx, accountId)
  return { authToken: first, isOlder: false }
}

/** Names a token in memory without revealing it, to watch whether it is still accepted. */
export function tokenName(token: string): string {
  return `AT${createHash('sha256').update(token).digest('hex').slice(0, 32)}`
}

export function opens(secrets: SecretBox, tokens: readonly string[], given: string): boolean {
  return tokens.some((sealed) => isSameSecret(given, secrets.open(sealed)))
}

/** Ends the connections that were opened with a retired token of these accounts. */
export async function endRetiredTokens(
  parts: { readonly db: Db; readonly secrets: SecretBox; readonly deletionWatch: DeletionWatch },
  accountIds: readonly AccountId[],
): Promise<void> {
  const { db, secrets, deletionWatch } = parts
  for (const accountId of accountIds) {
    const retired = (await readAuthTokens(db, accountId)).filter(({ retiredAt }) => retiredAt)
    for (const { token } of retired) deletionWatch.notifyDeleted(tokenName(secrets.open(token)))
  }
}
