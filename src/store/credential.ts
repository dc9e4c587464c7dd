import { and, eq, sql } from 'drizzle-orm'
import type { Credential } from '../model/credential.ts'
import type { Page } from '../model/page.ts'
import type { AccountId, CredentialId } from '../model/sid.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { sidOfNow } from './tables/columns.ts'
import { credentials } from './tables/credential.ts'

/** The secrets of a push service, sealed. */
export interface SealedSecrets {
  readonly certificate: string | null
  readonly privateKey: string | null
  readonly apiKey: string | null
  readonly secret: string | null
}

export type CredentialRow = Credential & SealedSecrets

/** Inserts it with a new SID, by the database's time. */
export async function insertCredential(
  db: Db,
  credential: Omit<CredentialRow, 'createdAt' | 'updatedAt'>,
): Promise<CredentialRow> {
  const [row] = await db.orm
    .insert(credentials)
    .values({ ...credential, id: sidOfNow(credential.id) })
    .returning()
  return row!
}

export async function readCredential(
  db: Db,
  accountId: AccountId,
  id: CredentialId,
): Promise<CredentialRow | undefined> {
  const [row] = await db.orm
    .select()
    .from(credentials)
    .where(and(eq(credentials.accountId, accountId), eq(credentials.id, id)))
  return row
}

export async function lockCredential(
  tx: Tx,
  accountId: AccountId,
  id: CredentialId,
): Promise<CredentialRow | undefined> {
  const [row] = await tx.orm
    .select()
    .from(credentials)
    .where(and(eq(credentials.accountId, accountId), eq(credentials.id, id)))
    .for('update')
  return row
}

export async function updateCredentialRow(
  tx: Tx,
  id: CredentialId,
  change: Partial<Pick<CredentialRow, 'friendlyName' | 'sandbox' | keyof SealedSecrets>>,
): Promise<CredentialRow> {
  const [row] = await tx.orm
    .update(credentials)
    .set({ ...change, updatedAt: sql`clock_timestamp()` })
    .where(eq(credentials.id, id))
    .returning()
  return row!
}

export async function deleteCredentialRow(
  db: Db,
  accountId: AccountId,
  id: CredentialId,
): Promise<CredentialRow | undefined> {
  const [row] = await db.orm
    .delete(credentials)
    .where(and(eq(credentials.accountId, accountId), eq(credentials.id, id)))
    .returning()
  return row
}

/** One page of an account's credentials by id, oldest first. */
export async function readCredentialPage(
  db: Db,
  accountId: AccountId,
  page: Page<CredentialId>,
): Promise<CredentialRow[]> {
  return db.orm
    .select()
    .from(credentials)
    .where(and(eq(credentials.accountId, accountId), isInPage(credentials.id, page)))
    .orderBy(pageOrder(credentials.id, page))
    .limit(page.size + 1)
}
