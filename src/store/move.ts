import { parseDatabaseUrl } from '../model/database-url.ts'
import { SettingError } from '../model/setting-error.ts'
import { readFirstAccount } from './account.ts'
import { openDb, type Db, type Tx } from './engine/db.ts'
import { openEmbedded, type Embedded } from './engine/embedded.ts'
import { isLockTimeout } from './engine/fault.ts'
import { adoptHistory } from './history.ts'
import { migrateDb, planMigration } from './migration.ts'
import { beginMove, endMove } from './migration/state.ts'
import { readPages, readSourceDigest } from './move/source.ts'
import { findLack, readMovedTables, readSequences, type Digest, type MovedTable } from './move/tables.ts'
import * as target from './move/target.ts'
import { migrationTimeouts, onServer, type StoreSettings } from './open-store.ts'

export interface MoveOptions {
  /** Called before a database would be made from nothing in the folder; throws. */
  readonly onFirstStart: () => never
  readonly onProgress: (sentence: string) => void
  /** Called with the database of the folder; throws where it must not be moved. */
  readonly check: (source: Db) => Promise<void>
  /** Called when all rows are in the new database, before they are committed. */
  readonly finish: (tx: Tx) => Promise<void>
}

export interface MoveSummary {
  readonly tables: number
  readonly rows: number
  /** The new database, without credentials. */
  readonly place: string
}

/** How often it says how far it is, in milliseconds. */
const reportMilliseconds = 5000

/** A table with the rows that it has in the folder. */
interface CountedTable {
  readonly table: MovedTable
  readonly source: Digest
}

/**
 * Copies the database of the embedded engine in `DATA_DIR` to the empty one at `DATABASE_URL`, compares them, and marks the folder as moved. All rows
 * are committed in one transaction. Before it begins the new database is marked: no server starts on it until that is done, and another move begins anew.
 */
export async function moveStore(settings: StoreSettings, options: MoveOptions): Promise<MoveSummary> {
  const url = settings.DATABASE_DIRECT_URL ?? settings.DATABASE_URL!
  const source = await openEmbedded(settings.DATA_DIR, options)
  const db = openDb(url, { poolSize: 1, timeouts: migrationTimeouts })
  try {
    await assertMigrated(source.db, settings)
    await options.check(source.db)
    const tables = await readMovedTables(source.db)
    await assertEmpty(db, tables, source.db)
    const counted = await countRows(source.db, tables, options)
    await beginMove(db)
    await migrateDb(db, { ...onServer(url), isForMove: true })
    await assertRoomFor(tables, db)
    await db.transaction((tx) => copyRows(source, tx, counted, options)).catch(explain)
    const place = describePlace(url)
    source.markMoved(place)
    await refreshStatistics(db, tables, options)
    return { tables: tables.length, rows: sumOf(counted), place }
  } finally {
    await Promise.all([source.close(), db.close()])
  }
}

/** The rows go to tables of this version, so they have to come from such. */
async function assertMigrated(source: Db, { DATA_DIR }: StoreSettings): Promise<void> {
  if ((await planMigration(source)).length === 0) return
  throw new SettingError(
    `DATA_DIR: the database in ${DATA_DIR} is of an earlier version; bring it up to date with \`fonechat migrate\`, without DATABASE_URL`,
  )
}

async function assertEmpty(db: Db | Tx, tables: readonly MovedTable[], source: Db): Promise<void> {
  const filled = await target.findFilled(db, tables)
  if (filled === undefined) return
  const { id } = (await readFirstAccount(source))!
  const isSame = filled === 'accounts' && (await readFirstAccount(db))?.id === id
  throw new SettingError(
    isSame
      ? `DATABASE_URL: the database has the account ${id} of this folder already; start the server on it, or choose an empty one`
      : `DATABASE_URL: the database is not empty, since ${filled} has rows; choose an empty one`,
  )
}

async function assertRoomFor(tables: readonly MovedTable[], db: Db): Promise<void> {
  const others = await readMovedTables(db)
  const lack = tables.map((table) => findLack(table, others)).find((found) => found !== undefined)
  if (lack === undefined) return
  throw new SettingError(`DATABASE_URL: the database has not ${lack}, which a newer version has made in the folder`)
}

async function countRows(source: Db, tables: readonly MovedTable[], { onProgress }: MoveOptions) {
  const counted: CountedTable[] = []
  for (const table of tables) counted.push({ table, source: await readSourceDigest(source, table) })
  onProgress(`${sumOf(counted)} rows in ${tables.length} tables …`)
  return counted
}

const sumOf = (counted: readonly CountedTable[]): number => counted.reduce((sum, { source }) => sum + source.rows, 0)

/** May be called again with another transaction, when the connection is lost. */
async function copyRows(source: Embedded, tx: Tx, counted: readonly CountedTable[], options: MoveOptions) {
  const tables = counted.map(({ table }) => table)
  await target.lockTables(tx, tables)
  await assertEmpty(tx, tables, source.db)
  await target.clearTables(tx, tables)
  const indexes = await target.dropIndexes(tx, tables)
  const report = createReport(sumOf(counted), options)
  for (const table of tables) {
    for await (const page of readPages(source.db, table)) {
      await target.insertPage(tx, table, page)
      report(page[0]!.length, table.root)
    }
  }
  options.onProgress('making the indexes …')
  for (const definition of indexes) await tx.run(definition, [])
  for (const sequence of await readSequences(source.db, tables)) await target.setSequence(tx, sequence)
  options.onProgress('comparing …')
  for (const { table, source: expected } of counted) await compare(tx, table, expected)
  await adoptHistory(tx, source.isBackup)
  await options.finish(tx)
  await endMove(tx)
}

function createReport(all: number, { onProgress }: MoveOptions): (rows: number, table: string) => void {
  let done = 0
  let reportAt = performance.now() + reportMilliseconds
  return (rows, table) => {
    done += rows
    if (performance.now() < reportAt) return
    reportAt = performance.now() + reportMilliseconds
    onProgress(`${done} of ${all} rows, ${Math.floor((100 * done) / all)} %, in ${table}`)
  }
}

async function compare(tx: Tx, table: MovedTable, expected: Digest): Promise<void> {
  const found = await target.readTargetDigest(tx, table)
  if (found.rows === expected.rows && found.digest === expected.digest) return
  throw new Error(
    `${table.root} is not the same in both databases: ${expected.rows} rows (${expected.digest}) in the folder, ${found.rows} (${found.digest}) in the new one`,
  )
}

/** A database of few minutes has no statistics, and nothing in it is known to be visible to all: the first readers would pay for both. */
async function refreshStatistics(db: Db, tables: readonly MovedTable[], { onProgress }: MoveOptions): Promise<void> {
  onProgress('gathering statistics …')
  try {
    for (const root of new Set(tables.map((table) => table.root))) await db.runScript(`VACUUM (ANALYZE) ${root}`)
  } catch (error) {
    // All is committed: the move has succeeded.
    onProgress(
      `no statistics were gathered (${(error as Error).message}); run VACUUM (ANALYZE), or leave it to autovacuum`,
    )
  }
}

function explain(error: unknown): never {
  if (!isLockTimeout(error)) throw error
  throw new SettingError('DATABASE_URL: another process works with the tables of the database; stop it', {
    cause: error,
  })
}

function describePlace(url: string): string {
  const { hosts, database } = parseDatabaseUrl(url)
  return `${hosts.map(({ host, port }) => `${host}:${port}`).join()}/${database}`
}
