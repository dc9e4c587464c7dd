import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import type { Db } from './db.ts'
import { installNoticeJobs, toDatabase } from './notice-job.ts'

const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))

/** Any number that no other user of the database takes for an advisory lock. */
const migrationLock = 7_304_115_021

/**
 * Brings the schema up to date. Several processes may start at once: one migrates, the others wait for it. Takes a database with
 * a pool of one, since the lock belongs to a connection.
 */
export async function migrateDb(db: Db): Promise<void> {
  await db.orm.execute(sql`SELECT pg_advisory_lock(${migrationLock})`)
  try {
    await migrate(db.orm, { migrationsFolder })
    await installNoticeJobs(toDatabase(db))
  } finally {
    await db.orm.execute(sql`SELECT pg_advisory_unlock(${migrationLock})`)
  }
}
