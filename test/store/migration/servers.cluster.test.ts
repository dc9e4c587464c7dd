import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import { PgBoss, getRollbackPlans } from 'pg-boss'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { openDb, type Db } from '../../../src/store/engine/db.ts'
import { migrateDb, type MigrationOptions } from '../../../src/store/migration.ts'
import { MigrationError } from '../../../src/store/migration/error.ts'
import { WebhookJobs, jobsVersion, toDatabase } from '../../../src/store/webhooks/webhook-job.ts'
import { Killed, copyMigrations, mortal, readShape, writeMigrations } from '../../support/migrations.ts'
import { makeScratch } from '../../support/scratch.ts'
import { waitFor } from '../../support/wait.ts'

/** The last migration of 0.1.0 and those before it. */
const released = 31

let stack: AsyncDisposableStack
let scratch: string
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  scratch = stack.use(await makeScratch()).path
})
afterEach(() => stack.disposeAsync())

/** An empty database, and how a connection to it is opened. */
async function createDatabase() {
  const server = inject('cluster')!.postgresUrl
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const admin = openDb(server, { poolSize: 1 })
  stack.defer(() => admin.close())
  await admin.run(`CREATE DATABASE ${name} TEMPLATE template0`, [])
  stack.defer(async () => void (await admin.run(`DROP DATABASE ${name} WITH (FORCE)`, [])))
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href
  const open = (): Db => {
    const db = openDb(url, { poolSize: 1 })
    stack.defer(() => db.close())
    return db
  }
  return { url, admin, open }
}

async function countRows(db: Db): Promise<{ journal: number; versions: number }> {
  const [row] = await db.run<{ journal: number; versions: number }>(
    `SELECT (SELECT count(*)::int FROM drizzle.__drizzle_migrations) AS journal, (SELECT count(*)::int FROM schema_versions) AS versions`,
    [],
  )
  return row!
}

/** What 0.1.0 does when it starts: drizzle's migrator, and pg-boss with the right to migrate. */
async function startReleased(db: Db): Promise<void> {
  // It can build nothing CONCURRENTLY; nor did the files that it had.
  const folder = await copyMigrations(join(scratch, randomUUID()), released, (text) =>
    text.replaceAll(' CONCURRENTLY ', ' '),
  )
  await migrate(db.orm, { migrationsFolder: folder })
  const boss = new PgBoss({ db: toDatabase(db), supervise: false, schedule: false })
  boss.on('error', () => {})
  await boss.start()
  await boss.stop({ graceful: false })
}

test('two that start on an empty database make it once; one that waits goes on when the other dies', async () => {
  const { open } = await createDatabase()
  const [one, other, dying] = [open(), open(), open()] as const
  const steps: string[] = []
  const onStep = (step: string, milliseconds?: number): void => {
    if (milliseconds === undefined) steps.push(step)
  }
  const first = mortal(dying, (statement) => statement.includes('CREATE TABLE "message_flags"'))
  const waiting = waitFor(() => steps.length > 0).then(() =>
    Promise.all([one, other].map((db) => migrateDb(db, { onStep }))),
  )
  await expect(migrateDb(first, { onStep })).rejects.toThrow(Killed)
  // Its connection, and with it its lock, is still there.
  const died = steps.length
  await dying.close()
  await waiting
  expect(steps).toHaveLength(new Set(steps).size + 1)
  expect(steps[died]).toBe(steps[died - 1])
  const { journal, versions } = await countRows(one)
  expect([journal, versions]).toEqual([steps.length - 3, journal])
})

test('P15: 0.1.0 starts on what this version has made or raised, which is the same', async () => {
  const [made, raised] = [(await createDatabase()).open(), (await createDatabase()).open()]
  await startReleased(raised)
  const before = await readShape(raised)
  await migrateDb(raised)
  await migrateDb(made)
  for (const db of [made, raised]) {
    const rows = await countRows(db)
    expect(rows.journal).toBe(rows.versions)
    await startReleased(db)
    expect(await countRows(db)).toEqual(rows)
  }
  const shape = await readShape(made)
  expect(shape).toEqual(await readShape(raised))
  expect(shape).toEqual(expect.arrayContaining(before.filter((line) => line.startsWith('messages '))))
})

test('P15: a step that does not get its lock lets others pass, and names who is in its way', async () => {
  const { url, open } = await createDatabase()
  const [db, blocker, writer] = [open(), open(), open()] as const
  await migrateDb(db)
  await db.run('CREATE TABLE things (id int)', [])
  const folder = await writeMigrations(join(scratch, 'made'), {
    '0031_more': 'ALTER TABLE things ADD COLUMN size int;',
  })
  const options: MigrationOptions = {
    folder,
    patience: 2000,
    open: () => ({ session: openDb(url, { poolSize: 1 }), watch: openDb(url, { poolSize: 1 }) }),
  }
  let refusal: unknown
  let written = 0
  await blocker.transaction(async (tx) => {
    const [{ pid }] = (await tx.run<{ pid: number }>(
      'SELECT pg_backend_pid() AS pid FROM things RIGHT JOIN (SELECT) AS one ON true',
      [],
    )) as [{ pid: number }]
    const refused = migrateDb(db, options).catch((error: unknown) => (refusal = error))
    // What others write waits behind the step and passes when it gives way. The third cannot be done before the step had come twice.
    while (refusal === undefined && written < 1000) {
      await writer.run('INSERT INTO things DEFAULT VALUES', [])
      written++
    }
    await refused
    expect(refusal).toBeInstanceOf(MigrationError)
    expect((refusal as Error).message).toMatch(
      new RegExp(
        `^step 0031_more of the migration has not got its lock for 2 s; in its way is process ${pid} of \\w+ \\(idle in transaction, `,
      ),
    )
  })
  expect(written).toBeGreaterThan(2)
  await migrateDb(db, options)
  expect(await writer.run('SELECT size FROM things LIMIT 1', [])).toEqual([{ size: null }])
})

test('pg-boss’s tables are raised by a migration alone, and a process works on those of the next version', async () => {
  const db = (await createDatabase()).open()
  await migrateDb(db)
  const version = async () => (await db.run<{ version: number }>('SELECT version FROM pgboss.version', []))[0]!.version
  await db.runScript(getRollbackPlans('pgboss', jobsVersion))
  // When pg-boss has last looked for indexes to build, it has just now: it would wait ten seconds.
  await db.run('UPDATE pgboss.version SET bam_on = NULL', [])
  expect(await version()).toBe(jobsVersion - 1)
  await expect(WebhookJobs.open(db, () => {})).rejects.toThrow('requires migrations')
  const steps = new Set<string>()
  await migrateDb(db, { onStep: (step) => steps.add(step) })
  expect([...steps]).toEqual(['pg-boss'])
  expect(await version()).toBe(jobsVersion)
  const unbuilt = `SELECT FROM pgboss.bam WHERE status <> 'completed'`
  expect(await db.run(unbuilt, [])).toEqual([])
  await db.run('UPDATE pgboss.version SET version = version + 1', [])
  await migrateDb(db)
  const jobs = await WebhookJobs.open(db, () => {})
  await db.transaction((tx) => jobs.insert(tx, [{ queueId: 'one', url: 'http://localhost' }]))
  expect(await jobs.fetch(1)).toMatchObject([{ queueId: 'one' }])
  await jobs.close()
  expect(await version()).toBe(jobsVersion + 1)
})
