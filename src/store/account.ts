import { and, eq, sql } from 'drizzle-orm'
import type { Db, Tx } from './db.ts'
import { accounts, apiKeys } from './tables/account.ts'

export interface AccountRow {
  readonly id: string
  readonly authToken: string
}

export interface ApiKeyRow {
  readonly id: string
  readonly accountId: string
  readonly friendlyName: string | null
  readonly secret: string
  readonly internal: boolean
  readonly createdAt: Date
}

export async function readAccount(db: Db, id: string): Promise<AccountRow | undefined> {
  const [row] = await db.orm.select().from(accounts).where(eq(accounts.id, id))
  return row
}

/** The oldest account: the one that the first start made, when the settings name none. */
export async function readFirstAccount(db: Db | Tx): Promise<AccountRow | undefined> {
  const [row] = await db.orm.select().from(accounts).orderBy(accounts.id).limit(1)
  return row
}

/** Until the transaction ends nobody else makes an account; reading goes on. */
export async function lockAccounts(tx: Tx): Promise<void> {
  await tx.orm.execute(sql`LOCK TABLE ${accounts} IN SHARE ROW EXCLUSIVE MODE`)
}

const nextAuthoritySeq = sql`${accounts.authoritySeq} + 1`

/** Writes the account, or its new auth token when the settings gave it another one. */
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
 * Counts a change of the account's keys, roles or services: whatever process remembers any of them looks again. The last statement of
 * its transaction, whose lock on the account holds up the other changes of that kind.
 */
export async function countAuthorityChange(tx: Tx, accountId: string): Promise<void> {
  await tx.orm.update(accounts).set({ authoritySeq: nextAuthoritySeq }).where(eq(accounts.id, accountId))
}

export async function readApiKey(db: Db, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await db.orm.select().from(apiKeys).where(eq(apiKeys.id, id))
  return row
}

/** The key that signs the server's own access tokens. */
export async function readInternalApiKey(db: Db, accountId: string): Promise<ApiKeyRow | undefined> {
  const [row] = await db.orm
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.accountId, accountId), apiKeys.internal))
  return row
}

export async function insertApiKey(tx: Tx, key: Omit<ApiKeyRow, 'createdAt'>): Promise<ApiKeyRow> {
  const [row] = await tx.orm.insert(apiKeys).values(key).returning()
  return row!
}
