import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createSecretBox } from '../../src/domain/access/secret.ts'
import { openDb, type Db } from '../../src/store/engine/db.ts'
import { openEmbedded } from '../../src/store/engine/embedded.ts'
import { readHistories } from '../../src/store/history.ts'
import { migrateDb } from '../../src/store/migration.ts'
import { fillTables } from '../support/fill-tables.ts'
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.ts'
import { beginProgram } from '../support/program.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer } from '../support/server-binary.ts'
import { waitFor } from '../support/wait.ts'

// Every test starts processes.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

const SECRET_KEY = 'ab'.repeat(32)

/** Made by the migrations of each database for itself, or of processes that run. All other tables are compared, also those to come. */
const ownOfEach = [
  'drizzle.__drizzle_migrations',
  'pgboss.bam',
  'pgboss.instance',
  'pgboss.queue',
  'pgboss.queue_stats',
  'pgboss.version',
  'pgboss.warning',
  'schema_versions',
]

/** What no table of today has: columns that number themselves, that are computed, and types that are easily spoilt. */
const extraTable = `CREATE TABLE extra (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number serial, "order" text, half numeric(10, 4), double bigint GENERATED ALWAYS AS (id * 2) STORED,
  bytes bytea, span interval, exact double precision, small real, plain json, moment timestamptz)`

const stack = new AsyncDisposableStack()
let server: PostgresServer
let folder: string
let DATA_DIR: string

beforeAll(async () => {
  server = stack.use(await startPostgresServer())
  // Another timeline than that of the embedded engine, as after a failover: the history goes on all the same.
  await server.stop()
  await server.recover()
  folder = stack.use(await makeScratch()).path
  DATA_DIR = join(folder, 'data')
  const embedded = await openEmbedded(DATA_DIR)
  await migrateDb(embedded.db)
  await embedded.db.runScript(extraTable)
  const secrets = createSecretBox(SECRET_KEY)
  const tables = (await readTables(embedded.db, `relkind = 'r'`)).filter((name) => name !== 'database_history')
  await fillTables(embedded.db, await inOrder(embedded.db, tables), () => secrets.seal('secret'))
  await readHistories(embedded.db, { isWanted: true })
  await embedded.finishFirstStart()
  await embedded.close()
})
afterAll(() => stack.disposeAsync())

/** The tables of a database, or the parts that have their rows, without those of each, from the catalogue. */
async function readTables(db: Db, condition = 'NOT relispartition'): Promise<string[]> {
  const rows = await db.run<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind IN ('r', 'p') AND ${condition} AND nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    [],
  )
  return rows.map(({ name }) => name).filter((name) => !ownOfEach.includes(name.replace(/_\d+$/, '')))
}

/** Each after those that it points to. */
async function inOrder(db: Db, tables: readonly string[]): Promise<string[]> {
  const rows = await db.run<{ one: string; other: string }>(
    `SELECT conrelid::regclass::text AS one, confrelid::regclass::text AS other FROM pg_constraint WHERE contype = 'f'`,
    [],
  )
  const ordered: string[] = []
  while (ordered.length < tables.length) {
    const isFree = (name: string): boolean =>
      rows.every(({ one, other }) => one !== name || ordered.includes(other) || !tables.includes(other))
    ordered.push(...tables.filter((name) => !ordered.includes(name) && isFree(name)))
  }
  return ordered
}

/** All rows of all tables as texts, and where the sequences stand. */
async function readEverything(db: Db): Promise<Record<string, string[]>> {
  const everything: Record<string, string[]> = {}
  for (const table of await readTables(db)) {
    const rows = await db.runScript(
      `SELECT row_to_json(t)::text AS row FROM ${table} t ORDER BY row_to_json(t)::text COLLATE "C"`,
    )
    everything[table] = rows.map(({ row }) => row as string)
  }
  const sequences = `SELECT sequencename || ' ' || coalesce(last_value::text, '') AS row FROM pg_sequences WHERE schemaname <> 'drizzle' ORDER BY 1`
  everything['sequences'] = (await db.runScript(sequences)).map(({ row }) => row as string)
  return everything
}

async function createDatabase(): Promise<string> {
  const name = `move_${randomUUID().replaceAll('-', '')}`
  await sql(server.url(), `CREATE DATABASE ${name}`)
  return server.url(name)
}

async function sql(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await client.unsafe(statement)
  } finally {
    await client.end()
  }
}

async function move(settings: Record<string, string>, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await beginProgram(['move', ...words], { DATA_DIR, SECRET_KEY, ...settings }).ended
  return code === 0 ? stdout : `${code} ${stdout}${stderr}`
}

const forgetMove = (): Promise<void> => rm(join(DATA_DIR, 'pgdata.moved'), { force: true })

async function readFolder(): Promise<Record<string, string[]>> {
  const embedded = await openEmbedded(DATA_DIR)
  try {
    return await readEverything(embedded.db)
  } finally {
    await embedded.close()
  }
}

test('every row of every table is in the new database as it was, and the sequences go on', async () => {
  const DATABASE_URL = await createDatabase()
  await sql(DATABASE_URL, extraTable)
  const source = await readFolder()
  expect(Object.entries(source).filter(([, rows]) => rows.length === 0)).toEqual([])
  const said = JSON.parse(await move({ DATABASE_URL }, '--json')) as { rows: number; target: string }
  expect(said.target).toMatch(/^127\.0\.0\.1:\d+\/move_/)
  const db = openDb(DATABASE_URL, { poolSize: 1 })
  try {
    const target = await readEverything(db)
    const [timeline] = await db.runScript('SELECT database_timeline() AS now')
    const histories = source['database_history']!.map((row) => JSON.parse(row) as { began_at: string })
    expect(histories.length).toBe(2)
    expect(target['database_history']!.map((row) => JSON.parse(row) as object)).toEqual(
      histories.map((row, at) => (at === 1 ? { ...row, timeline: timeline!['now'] } : row)),
    )
    expect(timeline).toEqual({ now: '00000002' })
    expect({ ...target, database_history: [] }).toEqual({ ...source, database_history: [] })
    const { sequences: _, ...tables } = source
    expect(said.rows).toBe(Object.values(tables).reduce((sum, rows) => sum + rows.length, 0))
    // A start finds no new history.
    expect((await readHistories(db)).beginnings.length).toBe(2)
    const indexes = `SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'pgboss') AND tablename !~ 'queue_stats' ORDER BY 1`
    const other = await createDatabase()
    const fresh = openDb(other, { poolSize: 1 })
    try {
      await fresh.runScript(extraTable)
      await migrateDb(fresh)
      expect(await db.runScript(indexes)).toEqual(await fresh.runScript(indexes))
    } finally {
      await fresh.close()
    }
  } finally {
    await db.close()
  }
  // The folder says where it is, until somebody wants it back.
  const moved = new RegExp(`DATA_DIR: ${DATA_DIR} was moved to the Postgres at ${said.target}; set DATABASE_URL\\.`)
  await using started = await spawnServer({ DATA_DIR })
  expect(await started.exited()).toBe(1)
  expect(started.complaints()).toMatch(moved)
  expect(await move({ DATABASE_URL: await createDatabase() })).toMatch(moved)
  await forgetMove()
  expect(await readFolder()).toEqual(source)
  expect(await move({ DATABASE_URL })).toMatch(
    /^1 fonechat move has failed: DATABASE_URL: the database has the account AC\w{32} of this folder already; start the server on it/,
  )
})

test('a move that is killed leaves the folder as it was and a database that no server starts on; the next one succeeds', async () => {
  const DATABASE_URL = await createDatabase()
  await sql(DATABASE_URL, extraTable)
  const source = await readFolder()
  // Holds up its last statement.
  const holder = postgres(DATABASE_URL, { max: 1, onnotice: () => {} })
  const release = Promise.withResolvers<void>()
  const running = beginProgram(['move'], { DATA_DIR, SECRET_KEY, DATABASE_URL })
  await waitFor(async () => (await holder`SELECT to_regclass('database_move') AS mark`)[0]!['mark'], {
    timeout: 60_000,
  })
  const holding = holder.begin(async (transaction) => {
    await transaction`LOCK TABLE database_move IN ACCESS SHARE MODE`
    await release.promise
  })
  const waiting = `SELECT FROM pg_locks WHERE relation = to_regclass('database_move') AND NOT granted`
  await waitFor(async () => (await sql(DATABASE_URL, waiting)).length > 0, { timeout: 60_000 })
  running.kill()
  expect((await running.ended).code).toBe('SIGKILL')
  release.resolve()
  await holding
  await holder.end()
  await waitFor(async () => (await sql(DATABASE_URL, 'SELECT FROM accounts')).length === 0)
  await using started = await spawnServer({ DATABASE_URL, SECRET_KEY })
  expect(await started.exited()).toBe(1)
  expect(started.complaints()).toMatch(/a `fonechat move` into this database has begun and not ended: wait for it\./)
  expect(await readFolder()).toEqual(source)
  expect(await move({ DATABASE_URL })).toMatch(/^\S+ is in \S+ now: \d+ rows of \d+ tables, all compared\. /)
  const db = openDb(DATABASE_URL, { poolSize: 1 })
  expect({ ...(await readEverything(db)), database_history: [] }).toEqual({ ...source, database_history: [] })
  await db.close()
  await forgetMove()
})

test('`fonechat move` says in one sentence what is wrong, and changes nothing', async () => {
  await mkdir(join(folder, 'empty'))
  const [vacant, used, foreign] = [await createDatabase(), await createDatabase(), await createDatabase()]
  await sql(used, `CREATE TABLE messages (id int); INSERT INTO messages VALUES (1)`)
  await sql(foreign, `CREATE ROLE nobody LOGIN; REVOKE CREATE ON SCHEMA public FROM public`)
  const withoutRights = foreign.replace('postgres@', 'nobody@')
  const wrong: [Record<string, string>, RegExp][] = [
    [{}, /DATABASE_URL: name the empty database that the folder is to be moved to/],
    [{ DATABASE_URL: vacant, DATA_DIR: join(folder, 'none') }, /DATA_DIR: \S+none has no database of a server/],
    [{ DATABASE_URL: vacant, DATA_DIR: join(folder, 'empty') }, /DATA_DIR: \S+empty has no database of a server/],
    [{ DATABASE_URL: vacant, SECRET_KEY: 'cd'.repeat(32) }, /SECRET_KEY: not the key that the secrets/],
    [{ DATABASE_URL: 'postgres://someone:hidden@127.0.0.1:1/name' }, /DATABASE_URL: nothing listens there/],
    [{ DATABASE_URL: used }, /DATABASE_URL: the database is not empty, since messages has rows; choose an empty one/],
    [{ DATABASE_URL: withoutRights }, /DATABASE_URL: the user lacks a privilege; make it the owner of the database/],
    [{ DATABASE_URL: vacant }, /DATABASE_URL: the database has not the table extra, which a newer version has made/],
  ]
  for (const [settings, sentence] of wrong) {
    const said = await move(settings)
    expect(said).toMatch(new RegExp(`(^1 |\n)fonechat move has failed: ${sentence.source}.*\n$`))
    expect(said).not.toContain('hidden')
  }
  const embedded = await openEmbedded(DATA_DIR)
  expect(await move({ DATABASE_URL: vacant })).toMatch(
    /^1 fonechat move has failed: DATA_DIR: \S+ is in use by another/,
  )
  await embedded.close()
  expect((await readdir(folder)).sort()).toEqual(['data', 'empty'])
  expect((await readdir(DATA_DIR)).sort()).toEqual(['lock', 'pgdata', 'pgdata.complete'])
})
