import { and, eq, isNotNull, isNull, lt, not, sql } from 'drizzle-orm'
import type { Page } from '../model/page.ts'
import type { Rate } from '../model/rate-limit.ts'
import type { AccountId, ApiKeyId } from '../model/sid.ts'
import { uuidArray, type Db, type Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { accounts, apiKeys, authTokens } from './tables/account.ts'

export interface AccountRow {
  readonly id: AccountId
  readonly authToken: string
}

/** An auth token other than the present one. */
export interface AuthTokenRow {
  readonly id: string
  readonly token: string
  readonly retiredAt: Date | null
}

export interface ApiKeyRow {
  readonly id: ApiKeyId
  readonly accountId: AccountId
  readonly friendlyName: string | null
  readonly secret: string
  readonly internal: boolean
  /** Of who signs in with it. */
  readonly rate: Rate | null
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
  readonly retiresAt: Date | null
}

async function readAccount(db: Db | Tx, id: AccountId): Promise<AccountRow | undefined> {
  const [row] = await db.orm.select().from(accounts).where(eq(accounts.id, id))
  return row
}

/** The oldest account, which the first start made. */
export async function readFirstAccount(db: Db | Tx): Promise<AccountRow | undefined> {
  const [row] = await db.orm.select().from(accounts).orderBy(accounts.id).limit(1)
  return row
}

/** Keeps others from making an account until the transaction ends. Reads go on. */
export async function lockAccounts(tx: Tx): Promise<void> {
  await tx.orm.execute(sql`LOCK TABLE ${accounts} IN SHARE ROW EXCLUSIVE MODE`)
}

const nextAuthoritySeq = sql`${accounts.authoritySeq} + 1`

/** Inserts the account, or updates its auth token. */
export async function upsertAccount(tx: Tx, account: AccountRow): Promise<void> {
  await tx.orm
    .insert(accounts)
    .values(account)
    .onConflictDoUpdate({
      target: accounts.id,
      set: { authToken: account.authToken, authoritySeq: nextAuthoritySeq },
    })
}

/**
 * Counts a change of the account's keys, roles or services, so that processes that cache them read them again. It must be the last statement of
 * its transaction: its lock on the account holds up all other such changes.
 */
export async function countAuthorityChange(tx: Tx, accountId: AccountId): Promise<void> {
  await tx.orm.update(accounts).set({ authoritySeq: nextAuthoritySeq }).where(eq(accounts.id, accountId))
}

export async function readApiKey(db: Db, id: ApiKeyId): Promise<ApiKeyRow | undefined> {
  const [row] = await db.orm.select().from(apiKeys).where(eq(apiKeys.id, id))
  return row
}

/** The key that signs the server's own access tokens. */
export async function readInternalApiKey(db: Db, accountId: AccountId): Promise<ApiKeyRow | undefined> {
  const [row] = await db.orm
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.accountId, accountId), apiKeys.internal, isNull(apiKeys.retiresAt)))
  return row
}

export async function insertApiKey(
  tx: Tx,
  key: Omit<ApiKeyRow, 'rate' | 'createdAt' | 'lastUsedAt' | 'retiresAt'> & Partial<Pick<ApiKeyRow, 'rate'>>,
): Promise<ApiKeyRow> {
  const [row] = await tx.orm.insert(apiKeys).values(key).returning()
  return row!
}

const isOwn = (accountId: AccountId, id: ApiKeyId) =>
  and(eq(apiKeys.accountId, accountId), eq(apiKeys.id, id), not(apiKeys.internal))

export async function updateApiKeyRow(
  tx: Tx,
  accountId: AccountId,
  id: ApiKeyId,
  change: Partial<Pick<ApiKeyRow, 'friendlyName' | 'rate'>>,
): Promise<ApiKeyRow | undefined> {
  const [row] = await tx.orm.update(apiKeys).set(change).where(isOwn(accountId, id)).returning()
  return row
}

export async function deleteApiKeyRow(tx: Tx, accountId: AccountId, id: ApiKeyId): Promise<ApiKeyRow | undefined> {
  const [row] = await tx.orm.delete(apiKeys).where(isOwn(accountId, id)).returning()
  return row
}

/** One page of an account's keys by id, oldest first, without internal ones. */
export async function readApiKeyPage(db: Db, accountId: AccountId, page: Page<ApiKeyId>): Promise<ApiKeyRow[]> {
  return db.orm
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.accountId, accountId), not(apiKeys.internal), isInPage(apiKeys.id, page)))
    .orderBy(pageOrder(apiKeys.id, page))
    .limit(page.size + 1)
}

/** Marks these keys as used now. */
export async function writeApiKeyUse(db: Db, ids: readonly ApiKeyId[]): Promise<void> {
  await db.run('UPDATE api_keys SET last_used_at = clock_timestamp() WHERE id = ANY ($1::uuid[])', [uuidArray(ids)])
}

export async function readAuthTokens(db: Db | Tx, accountId: AccountId): Promise<AuthTokenRow[]> {
  return db.orm.select().from(authTokens).where(eq(authTokens.accountId, accountId)).orderBy(authTokens.id)
}

/** An account with its accepted auth tokens, sealed. The first is the present one. */
export interface AccountTokens {
  readonly id: AccountId
  readonly tokens: readonly [string, ...string[]]
}

export async function readAccountTokens(db: Db | Tx, id: AccountId): Promise<AccountTokens | undefined> {
  const account = await readAccount(db, id)
  if (!account) return undefined
  const others = (await readAuthTokens(db, id)).filter(({ retiredAt }) => !retiredAt)
  return { id, tokens: [account.authToken, ...others.map(({ token }) => token)] }
}

export async function insertAuthToken(tx: Tx, accountId: AccountId, row: AuthTokenRow): Promise<void> {
  await tx.orm.insert(authTokens).values({ ...row, accountId })
}

export async function retireAuthToken(tx: Tx, id: string): Promise<void> {
  await tx.orm
    .update(authTokens)
    .set({ retiredAt: sql`now()` })
    .where(eq(authTokens.id, id))
}

export async function deleteAuthToken(tx: Tx, id: string): Promise<void> {
  await tx.orm.delete(authTokens).where(eq(authTokens.id, id))
}

/** Locks the account until the transaction ends. */
export async function lockAccount(tx: Tx, id: AccountId): Promise<AccountRow> {
  const [row] = await tx.orm.select().from(accounts).where(eq(accounts.id, id)).for('update')
  return row!
}

/** Keeps a key from being deleted until the transaction ends. False when it is gone. */
export async function lockApiKey(tx: Tx, id: ApiKeyId): Promise<boolean> {
  const rows = await tx.orm.select({ id: apiKeys.id }).from(apiKeys).where(eq(apiKeys.id, id)).for('key share')
  return rows.length > 0
}

/** Retires the internal key: it is accepted until the given time. Deletes internal keys whose time is over. */
export async function retireInternalKeys(tx: Tx, accountId: AccountId, retiresAt: Date): Promise<void> {
  const ofAccount = and(eq(apiKeys.accountId, accountId), apiKeys.internal)
  await tx.orm.delete(apiKeys).where(and(ofAccount, isNotNull(apiKeys.retiresAt), lt(apiKeys.retiresAt, sql`now()`)))
  await tx.orm
    .update(apiKeys)
    .set({ retiresAt })
    .where(and(ofAccount, isNull(apiKeys.retiresAt)))
}
