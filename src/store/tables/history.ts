import { pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

/**
 * The histories of this database, by their beginnings: what was acknowledged before the last one may not be here. A row stays for
 * ever, since cursors do; one is added when Postgres changes its timeline (a standby became the primary, a restore to a point in
 * time), and by `fonechat restored`.
 */
export const histories = pgTable('database_history', {
  /** By the database's clock, no later than the first write of this history. Names the history in cursors. */
  beganAt: instant('began_at').primaryKey(),
  timeline: text('timeline').notNull(),
})
