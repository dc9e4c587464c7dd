import { and, desc, eq, isNull, lte, notInArray, or, sql, type SQL } from 'drizzle-orm'
import { limits } from '../model/limits.ts'
import type { Page } from '../model/page.ts'
import type { AccountId, ApiKeyId, ConsoleSessionId } from '../model/sid.ts'
import { uuidArray, type Db, type Tx } from './engine/db.ts'
import { isInPage, pageOrder } from './engine/page.ts'
import { consoleSessions } from './tables/account.ts'

export interface ConsoleSessionRow {
  readonly id: ConsoleSessionId
  readonly accountId: AccountId
  /** Null for one that was opened with the auth token. */
  readonly apiKeyId: ApiKeyId | null
  readonly userAgent: string | null
  readonly address: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
}

const { id, tokenHash, accountId, apiKeyId, userAgent, address, createdAt, lastUsedAt, expiresAt } = consoleSessions
const columns = { id, accountId, apiKeyId, userAgent, address, createdAt, lastUsedAt, expiresAt }

const idleSince = sql`now() - make_interval(secs => ${sql.raw(String(limits.consoleIdleSeconds))})`

/** Whether its time is over, by the clock of the database. */
const hasEnded = or(lte(expiresAt, sql`now()`), lte(lastUsedAt, idleSince)) as SQL

const isOpen = sql`NOT (${hasEnded})`

/**
 * Keeps an account to its number of sessions: ends those whose time is over, and of too many those that were quiet for longest. Not within the
 * transaction that opens one, whose locks others take in another order.
 */
export async function deleteSurplusConsoleSessions(db: Db, ofAccount: AccountId): Promise<void> {
  const kept = db.orm
    .select({ id })
    .from(consoleSessions)
    .where(and(eq(accountId, ofAccount), isOpen))
    .orderBy(desc(lastUsedAt), desc(id))
    .limit(limits.consoleSessions)
  await db.orm.delete(consoleSessions).where(and(eq(accountId, ofAccount), notInArray(id, kept)))
}

export async function insertConsoleSession(
  tx: Tx,
  session: Pick<ConsoleSessionRow, 'id' | 'accountId' | 'apiKeyId' | 'userAgent' | 'address'> & {
    readonly tokenHash: string
  },
): Promise<ConsoleSessionRow> {
  const [row] = await tx.orm
    .insert(consoleSessions)
    .values({
      ...session,
      expiresAt: sql`now() + make_interval(secs => ${sql.raw(String(limits.consoleSessionSeconds))})`,
    })
    .returning(columns)
  return row!
}

/** The open session with this token. */
export async function readConsoleSessionByToken(db: Db, hash: string): Promise<ConsoleSessionRow | undefined> {
  const [row] = await db.orm
    .select(columns)
    .from(consoleSessions)
    .where(and(eq(tokenHash, hash), isOpen))
  return row
}

const isOwn = (ofAccount: AccountId, ofId: ConsoleSessionId) => and(eq(accountId, ofAccount), eq(id, ofId), isOpen)

export async function readConsoleSession(
  db: Db,
  ofAccount: AccountId,
  ofId: ConsoleSessionId,
): Promise<ConsoleSessionRow | undefined> {
  const [row] = await db.orm.select(columns).from(consoleSessions).where(isOwn(ofAccount, ofId))
  return row
}

/** One page of an account's open sessions by id, oldest first. */
export async function readConsoleSessionPage(
  db: Db,
  ofAccount: AccountId,
  page: Page<ConsoleSessionId>,
): Promise<ConsoleSessionRow[]> {
  return db.orm
    .select(columns)
    .from(consoleSessions)
    .where(and(eq(accountId, ofAccount), isOpen, isInPage(id, page)))
    .orderBy(pageOrder(id, page))
    .limit(page.size + 1)
}

/** Ends an open session, and answers it with the hash of its token. */
export async function deleteConsoleSession(
  db: Db,
  ofAccount: AccountId,
  ofId: ConsoleSessionId,
): Promise<(ConsoleSessionRow & { readonly tokenHash: string }) | undefined> {
  const [row] = await db.orm
    .delete(consoleSessions)
    .where(isOwn(ofAccount, ofId))
    .returning({ ...columns, tokenHash })
  return row
}

export async function deleteConsoleSessionByToken(db: Db, hash: string): Promise<void> {
  await db.orm.delete(consoleSessions).where(eq(tokenHash, hash))
}

/** Ends all sessions of an account that were opened with an auth token, whichever. */
export async function deleteTokenSessions(tx: Tx, ofAccount: AccountId): Promise<void> {
  await tx.orm.delete(consoleSessions).where(and(eq(accountId, ofAccount), isNull(apiKeyId)))
}

/** Deletes the rows of sessions whose time is over. Answers how many. */
export async function deleteEndedConsoleSessions(db: Db): Promise<number> {
  const rows = await db.orm.delete(consoleSessions).where(hasEnded).returning({ id })
  return rows.length
}

/** Marks these sessions as used now. */
export async function writeConsoleSessionUse(db: Db, ids: readonly ConsoleSessionId[]): Promise<void> {
  await db.run('UPDATE console_sessions SET last_used_at = clock_timestamp() WHERE id = ANY ($1::uuid[])', [
    uuidArray(ids),
  ])
}
