import { and, eq, exists, gte, isNotNull, isNull, lt, or, sql, type SQL } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { personalFields, type AuditEntry } from '../model/audit-entry.ts'
import type { Page } from '../model/page.ts'
import { firstSidOf, type AccountId, type AuditEntryId, type UserId } from '../model/sid.ts'
import { deleteBefore } from './engine/batch.ts'
import type { Db, Tx } from './engine/db.ts'
import { isInPage, newestFirst, pageOrder } from './engine/page.ts'
import { auditEntries } from './tables/audit-entry.ts'
import { sidOfNow } from './tables/columns.ts'
import { services } from './tables/service.ts'
import { users } from './tables/user.ts'

export type NewAuditEntry = Pick<
  AuditEntry,
  | 'accountId'
  | 'id'
  | 'mutation'
  | 'input'
  | 'subjectId'
  | 'identity'
  | 'consoleSessionId'
  | 'credentialId'
  | 'address'
  | 'before'
>

/** Its SID is made anew, by the time of the database. Answers it. */
export async function insertAuditEntry(db: Db, entry: NewAuditEntry): Promise<AuditEntryId> {
  const [row] = await db.orm
    .insert(auditEntries)
    .values({ ...entry, id: sidOfNow(entry.id) })
    .returning({ id: auditEntries.id })
  return row!.id
}

export type AuditOutcome = Pick<AuditEntry, 'state' | 'errorCode' | 'subjectId' | 'identity' | 'after'>

export async function updateAuditEntry(db: Db, id: AuditEntryId, outcome: AuditOutcome): Promise<void> {
  await db.orm
    .update(auditEntries)
    .set({ ...outcome, endedAt: sql`clock_timestamp()` })
    .where(eq(auditEntries.id, id))
}

type Given<Value> = Value | null | undefined

/** Which entries are listed. */
export interface AuditFilter {
  readonly mutation?: Given<string>
  readonly subjectId?: Given<string>
  readonly identity?: Given<string>
  readonly credentialId?: Given<string>
  readonly consoleSessionId?: Given<string>
  readonly since?: Given<Date>
  readonly until?: Given<Date>
}

const texts = ['mutation', 'subjectId', 'identity', 'credentialId', 'consoleSessionId'] as const

/** One page of an account's entries by id, newest first. An id has the time in it, so that times bound the index, too. */
export async function readAuditPage(
  db: Db,
  accountId: AccountId,
  filter: AuditFilter,
  page: Page<AuditEntryId>,
): Promise<AuditEntry[]> {
  const { id } = auditEntries
  const turned = newestFirst(page)
  return db.orm
    .select()
    .from(auditEntries)
    .where(
      and(
        eq(auditEntries.accountId, accountId),
        isInPage(id, turned),
        ...texts.map((name) => (filter[name] == null ? undefined : eq(auditEntries[name], filter[name]))),
        filter.since == null ? undefined : gte(id, firstSidOf('AE', filter.since)),
        filter.until == null ? undefined : lt(id, firstSidOf('AE', filter.until)),
      ),
    )
    .orderBy(pageOrder(id, turned))
    .limit(page.size + 1)
}

export async function readAuditEntry(db: Db, id: AuditEntryId): Promise<AuditEntry | undefined> {
  const [row] = await db.orm.select().from(auditEntries).where(eq(auditEntries.id, id))
  return row
}

/** What was given is said to be gone; what was null stays so. `json` keeps the order of the fields. */
const erased = (column: AnyPgColumn): SQL => sql`coalesce((
  SELECT json_object_agg(key, CASE
    WHEN key = ANY (${sql.param([...personalFields])}::text[]) AND json_typeof(value) <> 'null' THEN to_json('(erased)'::text)
    ELSE value END)
  FROM json_each(${column}::json)
)::text, ${column})`

/**
 * Takes what a user has said of itself from the entries about it, once the user is deleted; before, and of a user of another account, it does nothing. An
 * attempt to make a user that exists has its identity alone.
 */
export async function eraseAuditEntries({ orm }: Db | Tx, accountId: AccountId, userId: UserId): Promise<void> {
  const { input, before, after } = auditEntries
  const isDeleted = and(eq(users.id, userId), isNotNull(users.deletedAt), eq(services.accountId, accountId))
  const ofUser = eq(services.id, users.serviceId)
  const deleted = orm.select({ identity: users.identity }).from(users).innerJoin(services, ofUser).where(isDeleted)
  const isAbout = or(
    eq(auditEntries.subjectId, userId),
    and(isNull(auditEntries.subjectId), eq(auditEntries.identity, deleted)),
  )
  await orm
    .update(auditEntries)
    .set({ input: erased(input), before: erased(before), after: erased(after) })
    .where(and(eq(auditEntries.accountId, accountId), isAbout, exists(deleted)))
}

const oldStatement = `
DELETE FROM audit_entries WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM audit_entries
  WHERE id < (lpad(to_hex((extract(epoch FROM $1::timestamptz) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
  ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
))
RETURNING 1`

/** Deletes entries from before a time. Answers how many. */
export function deleteOldAuditEntries(db: Db, before: Date): Promise<number> {
  return deleteBefore(db, oldStatement, before)
}
