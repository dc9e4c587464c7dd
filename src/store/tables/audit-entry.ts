import { index, pgTable, text } from 'drizzle-orm/pg-core'
import type { AuditState } from '../../model/audit-entry.ts'
import { instant, sid } from './columns.ts'

export const auditEntries = pgTable(
  'audit_entries',
  {
    /** No foreign keys: an entry outlives all that it is about. */
    accountId: sid('account_id', 'AC').notNull(),
    /** The time at which the change began is part of it. */
    id: sid('id', 'AE').primaryKey(),
    mutation: text('mutation').notNull(),
    /** JSON text. */
    input: text('input').notNull().default('{}'),
    /** A SID of any kind, with its prefix, as of the session and the credential. */
    subjectId: text('subject_id'),
    identity: text('identity'),
    consoleSessionId: text('console_session_id').notNull(),
    credentialId: text('credential_id').notNull(),
    address: text('address'),
    state: text('state').$type<AuditState>().notNull().default('started'),
    errorCode: text('error_code'),
    /** JSON text. */
    before: text('before'),
    after: text('after'),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('audit_entries_account').on(table.accountId, table.id),
    index('audit_entries_subject').on(table.accountId, table.subjectId, table.id),
    index('audit_entries_identity').on(table.accountId, table.identity, table.id),
    index('audit_entries_mutation').on(table.accountId, table.mutation, table.id),
    index('audit_entries_credential').on(table.accountId, table.credentialId, table.id),
    index('audit_entries_session').on(table.accountId, table.consoleSessionId, table.id),
  ],
)
