import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { explainStartError } from '../../../src/commands/start-error.ts'
import type { Db } from '../../../src/store/engine/db.ts'
import { migrateDb, planMigration, readOwnSchema } from '../../../src/store/migration.ts'
import { MigrationError } from '../../../src/store/migration/error.ts'
import { openTestStore, type TestStore } from '../../support/engine.ts'
import { Killed, mortal, writeMigrations } from '../../support/migrations.ts'
import { makeScratch } from '../../support/scratch.ts'

/** What the next migration raises. */
const own = await readOwnSchema()

let stack: AsyncDisposableStack
let store: TestStore
let scratch: string
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  store = stack.use(await openTestStore())
  scratch = stack.use(await makeScratch()).path
})
afterEach(() => stack.disposeAsync())

const write = (files: Readonly<Record<string, string>>) => writeMigrations(join(scratch, 'made'), files)

const exists = async (table: string) =>
  (await store.db.run('SELECT WHERE to_regclass($1) IS NOT NULL', [table])).length > 0

async function newest(count: number) {
  const versions = await store.maintenance.run(
    'SELECT version, name, lowest FROM schema_versions ORDER BY version DESC LIMIT $1::int',
    [count],
  )
  const [journal] = await store.maintenance.run('SELECT count(*)::int AS count FROM drizzle.__drizzle_migrations', [])
  return { versions, count: journal!['count'] }
}

test('a database that is up to date is read in one statement, and no lock is taken', async () => {
  store.statements.length = 0
  await migrateDb(store.db)
  const own = store.statements.filter((statement) => statement.includes('schema_versions'))
  expect(own).toHaveLength(1)
  expect(store.statements.join()).not.toContain('advisory')
})

test('each migration is one transaction with its row: one that fails leaves nothing, and those before it stay', async () => {
  const [before] = (await newest(1)).versions
  const { count } = await newest(0)
  const files = {
    '0031_things': 'CREATE TABLE things (id int);--> statement-breakpoint\nINSERT INTO things VALUES (1);',
    '0032_wrong': 'CREATE TABLE others (id int);--> statement-breakpoint\nINSERT INTO others VALUES (1 / 0);',
    '0033_later': `-- lowest: ${own + 1}\nCREATE TABLE latest (id int);`,
  }
  await expect(migrateDb(store.maintenance, { folder: await write(files) })).rejects.toThrow('division by zero')
  expect([await exists('things'), await exists('others'), await exists('latest')]).toEqual([true, false, false])
  expect(before).toMatchObject({ version: own })
  expect(await newest(1)).toEqual({
    versions: [{ version: own + 1, name: '0031_things', lowest: 0 }],
    count: (count as number) + 1,
  })
  const steps: string[] = []
  const mended = await write({ ...files, '0032_wrong': 'CREATE TABLE others (id int);' })
  const onStep = (step: string, milliseconds?: number) => {
    if (milliseconds !== undefined) steps.push(step)
  }
  await migrateDb(store.maintenance, { folder: mended, onStep })
  expect(steps).toEqual(['0032_wrong', '0033_later'])
  expect((await newest(2)).versions).toEqual([
    { version: own + 3, name: '0033_later', lowest: own + 1 },
    { version: own + 2, name: '0032_wrong', lowest: 0 },
  ])
})

test('a dry run names the steps with their locks and changes nothing', async () => {
  const folder = await write({
    '0031_more': `CREATE TABLE things (id int);--> statement-breakpoint
      ALTER TABLE things ADD COLUMN size int;--> statement-breakpoint
      ALTER TABLE "messages" ADD COLUMN "weight" int;`,
    '0032_weighed': '-- online\nCREATE INDEX CONCURRENTLY "messages_weight" ON "messages" ("weight");',
  })
  store.statements.length = 0
  const plan = await planMigration(store.db, folder)
  expect(
    plan.map(({ name, isOnline, locks }) => [name, isOnline, ...locks.map((each) => [each.lock, each.object])]),
  ).toEqual([
    ['0031_more', false, ['ACCESS EXCLUSIVE', 'messages']],
    ['0032_weighed', true, ['SHARE UPDATE EXCLUSIVE', 'messages']],
  ])
  expect(store.statements.filter((statement) => !/^\s*SELECT/.test(statement))).toEqual([])
  expect(await exists('things')).toBe(false)
  expect(await planMigration(store.db)).toEqual([])
})

const online = {
  // A row on each block: they are more than one statement goes over.
  '0031_things': `CREATE TABLE things (id int PRIMARY KEY, size int, note text) WITH (fillfactor = 10);--> statement-breakpoint
    INSERT INTO things SELECT id, id % 7, repeat('x', 500) FROM generate_series(1, 200) AS id;`,
  '0032_sizes': `-- online
    ALTER TABLE "things" ADD COLUMN IF NOT EXISTS "doubled" int;--> statement-breakpoint
    -- Twice the size; a where; in a comment.
    UPDATE "things" SET "doubled" = (SELECT 2 * "size" WHERE true), "note" = 'a ; WHERE (' WHERE "doubled" IS NULL OR "id" < 0;--> statement-breakpoint
    CREATE INDEX CONCURRENTLY "things_doubled" ON "things" ("doubled");--> statement-breakpoint
    CREATE UNIQUE INDEX CONCURRENTLY "things_pair_new" ON "things" ("size", "id");--> statement-breakpoint
    DROP INDEX IF EXISTS "things_pair";
    ALTER INDEX "things_pair_new" RENAME TO "things_pair";--> statement-breakpoint
    ALTER TABLE "things" DROP CONSTRAINT IF EXISTS "things_sane";
    ALTER TABLE "things" ADD CONSTRAINT "things_sane" CHECK ("doubled" >= 0) NOT VALID;--> statement-breakpoint
    ALTER TABLE "things" VALIDATE CONSTRAINT "things_sane";`,
}

const indexes = () =>
  store.maintenance.run(
    `SELECT indexrelid::regclass::text AS name, indisvalid AS valid FROM pg_index WHERE indrelid = 'things'::regclass ORDER BY 1`,
    [],
  )

async function expectOnlineResult() {
  const [row] = await store.maintenance.run(
    'SELECT count(*) FILTER (WHERE doubled = 2 * size)::int AS right, count(*)::int AS all FROM things',
    [],
  )
  expect(row).toEqual({ right: 200, all: 200 })
  expect(await indexes()).toEqual([
    { name: 'things_doubled', valid: true },
    { name: 'things_pair', valid: true },
    { name: 'things_pkey', valid: true },
  ])
  const sql = `SELECT convalidated AS valid FROM pg_constraint WHERE conname = 'things_sane'`
  expect(await store.maintenance.run(sql, [])).toEqual([{ valid: true }])
  expect((await newest(2)).versions).toMatchObject([{ name: '0032_sizes' }, { name: '0031_things' }])
}

test('an online migration that dies after any of its statements is finished by the next run', async () => {
  const folder = await write(online)
  let deaths = 0
  for (let isOver = false; !isOver; deaths++) {
    await store.maintenance.run('DROP TABLE IF EXISTS things', [])
    const [{ when }] = (await store.maintenance.run(
      `WITH gone AS (DELETE FROM schema_versions WHERE version > ${own} RETURNING version)
       SELECT max(created_at) - (SELECT count(*) FROM gone) AS when FROM drizzle.__drizzle_migrations`,
      [],
    )) as [{ when: number }]
    await store.maintenance.run('DELETE FROM drizzle.__drizzle_migrations WHERE created_at > $1::bigint', [when])
    let left = deaths
    // Between those that change nothing, nothing is different.
    const first = mortal(store.maintenance, (statement) => !/^\s*(SELECT|SET|RESET)\b/.test(statement) && left-- === 0)
    isOver = await migrateDb(first, { folder }).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof Killed)) throw error
        return false
      },
    )
    await migrateDb(store.maintenance, { folder })
    await expectOnlineResult()
  }
  // Three in the first migration and its COMMIT, nine in the second, the UPDATE in two parts, and what notes each.
  expect(deaths).toBeGreaterThan(14)
})

test('an index that was not finished is dropped and built again', async () => {
  const folder = await write({
    '0031_things': 'CREATE TABLE things (id int);--> statement-breakpoint\nINSERT INTO things VALUES (1), (1);',
    '0032_unique': '-- online\nCREATE UNIQUE INDEX CONCURRENTLY "things_id" ON "things" ("id");',
  })
  await expect(migrateDb(store.maintenance, { folder })).rejects.toThrow('could not create unique index')
  expect(await indexes()).toEqual([{ name: 'things_id', valid: false }])
  await store.maintenance.run('DELETE FROM things WHERE ctid = (SELECT min(ctid) FROM things)', [])
  await migrateDb(store.maintenance, { folder })
  expect(await indexes()).toEqual([{ name: 'things_id', valid: true }])
})

test('an index that a deadlock has ended is built again; one that ends so each time fails with that error', async () => {
  const folder = await write({
    '0031_things': 'CREATE TABLE things (id int);--> statement-breakpoint\nINSERT INTO things VALUES (1), (1);',
    '0032_index': '-- online\nCREATE INDEX CONCURRENTLY "things_id" ON "things" ("id");',
  })
  const build = vi.fn<Db['runScript']>(async (script) => {
    // It leaves what a deadlock leaves.
    const unique = script.replace(' INDEX', ' UNIQUE INDEX')
    await expect(store.maintenance.runScript(unique)).rejects.toThrow('could not create unique index')
    return store.maintenance.runScript(`DO $$ BEGIN RAISE 'deadlock' USING ERRCODE = '40P01'; END $$`)
  })
  const runScript: Db['runScript'] = (script) =>
    script.startsWith('CREATE INDEX') ? build(script) : store.maintenance.runScript(script)
  await expect(migrateDb({ ...store.maintenance, runScript }, { folder })).rejects.toThrow(/^deadlock$/)
  expect(build).toHaveBeenCalledTimes(3)
  build.mockClear().mockImplementation((script) => {
    build.mockImplementation(store.maintenance.runScript)
    return store.maintenance.runScript(`DO $$ BEGIN RAISE 'deadlock' USING ERRCODE = '40P01'; END $$ -- ${script}`)
  })
  await migrateDb({ ...store.maintenance, runScript }, { folder })
  expect(build).toHaveBeenCalledTimes(2)
  expect(await indexes()).toEqual([{ name: 'things_id', valid: true }])
})

test('a version that the database has outgrown refuses and names both; one that it has room for works', async () => {
  const raise = (version: number, lowest: number, application: string) =>
    store.maintenance.run('INSERT INTO schema_versions VALUES ($1::int, $2, $3::int, $4)', [
      version,
      'made',
      lowest,
      application,
    ])
  await raise(own + 8, own, '8.0.0')
  await migrateDb(store.db)
  expect(await planMigration(store.db)).toEqual([])
  await raise(own + 9, own + 8, '9.1.0')
  const refused = await migrateDb(store.db).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(MigrationError)
  expect(explainStartError(refused)).toMatch(
    new RegExp(
      `^fonechat \\d+\\.\\d+\\.\\d+ \\(schema ${own}\\) is too old for this database: fonechat 9\\.1\\.0 has raised it`,
    ),
  )
  await expect(planMigration(store.db)).rejects.toThrow('is too old for this database')
})
