import type { Db } from '../engine/db.ts'
import { digestStatement, type Digest, type MovedTable } from './tables.ts'

/**
 * How many blocks of a table, 8 KB each, are read and written in one statement, and how many are counted in one: the engine gives each 20
 * seconds. A block points to a megabyte of long texts at most.
 */
const pageBlocks = 16
const digestBlocks = 4096

/** Rows of a table, as the texts of their columns: one list for each column. */
export type Page = readonly (string | null)[][]

/** The blocks of a table, so many at a time. Nobody else writes to it, so every row stays in its block. */
async function* blocksOf(db: Db, { name }: MovedTable, size: number): AsyncGenerator<string> {
  const [table] = await db.run<{ blocks: number }>(
    `SELECT (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int AS blocks`,
    [name],
  )
  for (let from = 0; from < table!.blocks; from += size) {
    yield `ctid >= '(${from},0)'::tid AND ctid < '(${from + size},0)'::tid`
  }
}

export async function* readPages(db: Db, table: MovedTable): AsyncGenerator<Page> {
  const texts = table.columns.map((column, at) => `${column}::text AS c${at}`)
  for await (const blocks of blocksOf(db, table, pageBlocks)) {
    const rows = await db.runScript(`SELECT ${texts.join()} FROM ONLY ${table.name} WHERE ${blocks}`)
    if (rows.length > 0) yield texts.map((_, at) => rows.map((row) => row[`c${at}`] as string | null))
  }
}

export async function readSourceDigest(db: Db, table: MovedTable): Promise<Digest> {
  let rows = 0
  let sum = 0n
  for await (const blocks of blocksOf(db, table, digestBlocks)) {
    const statement = `${digestStatement(`ONLY ${table.name}`, table)} WHERE ${blocks}`
    const [part] = (await db.runScript(statement)) as [{ rows: number; digest: string }]
    rows += part.rows
    sum += BigInt(part.digest)
  }
  return { rows, digest: String(sum) }
}
