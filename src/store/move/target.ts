import type { Tx, Db } from '../engine/db.ts'
import type { Page } from './source.ts'
import { digestStatement, type Digest, type MovedSequence, type MovedTable } from './tables.ts'

/** The one table with rows in a database that was migrated and never used, besides those that are not moved. */
const filledByMigration = 'database_history'

/** The first of the tables that has rows; undefined when all that are there are empty. */
export async function findFilled(db: Db | Tx, tables: readonly MovedTable[]): Promise<string | undefined> {
  for (const { root } of tables) {
    if (root === filledByMigration) continue
    const [table] = await db.run<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [root])
    if (!table!.exists) continue
    const [found] = await db.run<{ filled: boolean }>(`SELECT EXISTS (SELECT FROM ${root}) AS filled`, [])
    if (found!.filled) return root
  }
  return undefined
}

/** Nobody reads or writes the tables from now on until the transaction ends. */
export async function lockTables(tx: Tx, tables: readonly MovedTable[]): Promise<void> {
  // Texts must be those of the embedded engine, whatever is set for the role or the database.
  for (const setting of [`IntervalStyle = 'postgres'`, `bytea_output = 'hex'`, 'extra_float_digits = 1'])
    await tx.run(`SET LOCAL ${setting}`, [])
  await tx.run(`LOCK TABLE ${rootsOf(tables)} IN ACCESS EXCLUSIVE MODE`, [])
}

/** Leaves nothing of what the migration, or an attempt before, has put there. */
export async function clearTables(tx: Tx, tables: readonly MovedTable[]): Promise<void> {
  await tx.run(`TRUNCATE ${rootsOf(tables)}`, [])
}

const rootsOf = (tables: readonly MovedTable[]): string => [...new Set(tables.map(({ root }) => root))].join()

export async function insertPage(tx: Tx, { root, columns, types }: MovedTable, page: Page): Promise<void> {
  const names = columns.map((_, at) => `c${at}`)
  await tx.run(
    `INSERT INTO ${root} (${columns.join()}) OVERRIDING SYSTEM VALUE
     SELECT ${names.map((name, at) => `${name}::${types[at]}`).join()}
     FROM unnest(${names.map((_, at) => `$${at + 1}::text[]`).join()}) AS page (${names.join()})`,
    page,
  )
}

export async function readTargetDigest(tx: Tx, table: MovedTable): Promise<Digest> {
  const [found] = await tx.run<{ rows: number; digest: string }>(digestStatement(table.root, table), [])
  return found!
}

export async function setSequence(tx: Tx, { root, column, value, isUsed }: MovedSequence): Promise<void> {
  await tx.run('SELECT setval(pg_get_serial_sequence($1, $2), $3::bigint, $4::boolean)', [root, column, value, isUsed])
}

interface IndexRow {
  readonly [column: string]: unknown
  readonly name: string
  readonly definition: string
}

/** Drops the indexes that no constraint needs, and answers the statements that make them again: that takes less time than keeping them. */
export async function dropIndexes(tx: Tx, tables: readonly MovedTable[]): Promise<string[]> {
  const rows = await tx.run<IndexRow>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
     FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
     WHERE indrelid::regclass::text = ANY ($1::text[]) AND relkind = 'r' AND NOT relispartition
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`,
    [tables.map(({ root }) => root)],
  )
  if (rows.length > 0) await tx.run(`DROP INDEX ${rows.map(({ name }) => name).join()}`, [])
  return rows.map(({ definition }) => definition)
}
