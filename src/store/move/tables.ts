import type { Db, Tx } from '../engine/db.ts'

/** A table whose rows are moved, as the folder has it. Names and types are written as statements take them. */
export interface MovedTable {
  readonly name: string
  /** Of a partition, the table that it is a part of; else the table itself. Rows are written to it. */
  readonly root: string
  readonly columns: readonly string[]
  readonly types: readonly string[]
  /** The roots that its rows point to. */
  readonly references: readonly string[]
}

/**
 * Not moved: what the migrations of the new database write themselves, and what pg-boss notes of processes that run. Servers that start
 * meanwhile read these, and must not wait for the move in order to learn of it.
 */
const notMoved: readonly string[] = [
  'schema_versions',
  'pgboss.bam',
  'pgboss.instance',
  'pgboss.queue',
  'pgboss.queue_stats',
  'pgboss.version',
  'pgboss.warning',
]

/** All tables but those of the system, and of drizzle's journal, with their columns in the order of their names. */
const tablesStatement = `
SELECT c.oid::regclass::text AS name, root.oid::regclass::text AS root,
  array_agg(quote_ident(attname) ORDER BY attname) AS columns,
  array_agg(format_type(atttypid, atttypmod) ORDER BY attname) AS types,
  ARRAY(
    SELECT DISTINCT coalesce(pg_partition_root(confrelid), confrelid)::regclass::text FROM pg_constraint
    WHERE conrelid IN (c.oid, root.oid) AND contype = 'f'
  ) AS references
FROM pg_class c
JOIN pg_class root ON root.oid = coalesce(pg_partition_root(c.oid), c.oid)
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
WHERE c.relkind = 'r' AND nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'drizzle')
GROUP BY c.oid, root.oid
ORDER BY 1`

/** The tables whose rows are moved, each after those that its rows point to. */
export async function readMovedTables(db: Db | Tx): Promise<MovedTable[]> {
  const all = await db.run<MovedTable & Record<string, unknown>>(tablesStatement, [])
  return inOrder(all.filter(({ root }) => !notMoved.includes(root)))
}

function inOrder(tables: readonly MovedTable[]): MovedTable[] {
  const ordered = new Set<MovedTable>()
  const seen = new Set<string>()
  const add = (root: string): void => {
    if (seen.has(root)) return
    seen.add(root)
    const parts = tables.filter((table) => table.root === root)
    for (const each of parts) each.references.forEach(add)
    for (const each of parts) ordered.add(each)
  }
  for (const { root } of tables) add(root)
  return [...ordered]
}

/** What of a table the other database lacks, as the end of a sentence; undefined when it has all. */
export function findLack(table: MovedTable, others: readonly MovedTable[]): string | undefined {
  const other = others.find(({ root }) => root === table.root)
  if (!other) return `the table ${table.root}`
  const types = new Map(other.columns.map((column, at) => [column, other.types[at]]))
  const lacking = table.columns.find((column, at) => types.get(column) !== table.types[at])
  return lacking && `the column ${lacking} of ${table.root} as ${table.types[table.columns.indexOf(lacking)]}`
}

/** How many rows a table has, and the sum of what their texts hash to. */
export interface Digest {
  readonly rows: number
  readonly digest: string
}

/** MD5, since Postgres's own hashes may differ between its versions and kinds of machines. */
export function digestStatement(from: string, { columns }: MovedTable): string {
  const hash = `('x' || left(md5(ROW(${columns.join()})::text), 15))::bit(60)::bigint`
  return `SELECT count(*) AS rows, coalesce(sum(${hash}), 0)::text AS digest FROM ${from}`
}

/** A sequence that numbers a column, where it stands. */
export interface MovedSequence {
  readonly [column: string]: unknown
  readonly root: string
  readonly column: string
  readonly value: string
  readonly isUsed: boolean
}

/** The sequences of the moved tables. */
export async function readSequences(db: Db | Tx, tables: readonly MovedTable[]): Promise<MovedSequence[]> {
  const found = await db.run<{ root: string; column: string; sequence: string }>(
    `SELECT attrelid::regclass::text AS root, attname AS column, pg_get_serial_sequence(attrelid::regclass::text, attname) AS sequence
     FROM unnest($1::text[]) AS root JOIN pg_attribute ON attrelid = root::regclass
     WHERE attnum > 0 AND NOT attisdropped AND pg_get_serial_sequence(attrelid::regclass::text, attname) IS NOT NULL`,
    [[...new Set(tables.map(({ root }) => root))]],
  )
  const sequences: MovedSequence[] = []
  for (const { root, column, sequence } of found) {
    const [row] = await db.run<{ value: string; is_used: boolean }>(
      `SELECT last_value::text AS value, is_called AS is_used FROM ${sequence}`,
      [],
    )
    sequences.push({ root, column, value: row!.value, isUsed: row!.is_used })
  }
  return sequences
}
