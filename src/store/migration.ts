import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import type { Db } from './engine/db.ts'
import { installWebhookJobs, toDatabase } from './webhooks/webhook-job.ts'

const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))

/** A number that nothing else in the database uses for an advisory lock. */
const migrationLock = 7_304_115_021

/** How often and how long a process waits for the migration of another one, in milliseconds. */
const pollMilliseconds = 200
const waitMilliseconds = 600_000

/**
 * Brings the schema up to date. Several processes may start at once: one migrates, the others wait for it. Takes a database with
 * a pool of one, since the lock belongs to a connection, and no pooler between. `finish` is run under the same lock.
 */
export async function migrateDb(db: Db, finish?: (db: Db) => Promise<void>): Promise<void> {
  await lock(db)
  try {
    await migrate(db.orm, { migrationsFolder })
    await installWebhookJobs(toDatabase(db))
    await finish?.(db)
  } finally {
    // The lock ends with the connection in any case, and an earlier error matters more.
    await db.run('SELECT pg_advisory_unlock($1::bigint)', [migrationLock]).catch(() => {})
  }
}

/** Polls for the lock: a statement that waits keeps its snapshot, for which an index that is built concurrently would wait. */
async function lock(db: Db): Promise<void> {
  for (const end = performance.now() + waitMilliseconds; performance.now() < end; await delay(pollMilliseconds)) {
    const [row] = await db.run<{ locked: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS locked', [
      migrationLock,
    ])
    if (row!.locked) return
  }
  throw new Error('another process has been migrating the database for ten minutes')
}
