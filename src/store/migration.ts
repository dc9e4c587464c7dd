import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import type { Db } from './engine/db.ts'
import { installWebhookJobs, toDatabase } from './webhooks/webhook-job.ts'

const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))

/** Any number that no other user of the database takes for an advisory lock. */
const migrationLock = 7_304_115_021

/** How often a process that waits for another's migration asks for its end, and how long it waits, in milliseconds. */
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
    // It ends with its connection too, and what has failed before matters more.
    await db.run('SELECT pg_advisory_unlock($1::bigint)', [migrationLock]).catch(() => {})
  }
}

/** Asked for again and again: who waits within a statement keeps its snapshot, and an index that is built concurrently waits for that. */
async function lock(db: Db): Promise<void> {
  for (const end = performance.now() + waitMilliseconds; performance.now() < end; await delay(pollMilliseconds)) {
    const [row] = await db.run<{ locked: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS locked', [
      migrationLock,
    ])
    if (row!.locked) return
  }
  throw new Error('another process has been migrating the database for ten minutes')
}
