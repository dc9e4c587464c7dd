import type { Db } from '../../src/store/engine/db.ts'
import { sealedColumns } from '../../src/store/sealed.ts'

interface Column {
  readonly [column: string]: unknown
  readonly name: string
  readonly type: string
  readonly isNullable: boolean
  /** Where a foreign key points to: a table, and its column. */
  readonly target: string | null
  readonly targetColumn: string | null
}

const columnsStatement = `
SELECT quote_ident(attname) AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS "isNullable",
  confrelid::regclass::text AS target,
  (SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1]) AS "targetColumn"
FROM pg_attribute
LEFT JOIN pg_constraint ON contype = 'f' AND conrelid = attrelid AND conkey = ARRAY[attnum]
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''`

/** Texts that a careless copy would change, each with a number in it so that all differ. */
const texts = [`'plain ' || n`, String.raw`E'\\N\\t\t"\n\r\b\'{},%' || n`, `'NULL' || n`, `'"é漢😀"' || n`]

const values: Readonly<Record<string, string>> = {
  boolean: 'n % 2 = 0',
  uuid: 'gen_random_uuid()',
  bytea: String.raw`decode('00ff5c0a' || lpad(to_hex(n), 4, '0'), 'hex')`,
  interval: `n * interval '1 month -3 days 04:05:06.789'`,
  'double precision': `CASE n WHEN 0 THEN 'NaN' ELSE n / 3.0::float8 END`,
  real: 'n / 3.0::real',
  tsvector: `to_tsvector('simple', 'one two ' || n)`,
  json: `json_build_object('b', n, 'a', E'\\n"')`,
  jsonb: `jsonb_build_object('b', n, 'a', E'\\n"', 'c', 12345678901234567890)`,
  'text[]': String.raw`ARRAY['a,b', 'NULL', NULL, E'"\\ {' || n, '']`,
  'uuid[]': 'ARRAY[gen_random_uuid()]',
}

/** Of columns with a constraint that says which values there are. */
const checked: Readonly<Record<string, string>> = { 'pgboss.schedule.kind': `'cron'` }

function valueOf(table: string, column: Column, at: number): string {
  const given = checked[`${table}.${column.name}`]
  if (given !== undefined) return given
  const { type, isNullable, target, targetColumn } = column
  if (isNullable && at % 3 === 2) return 'NULL'
  if (target !== null)
    return `(SELECT ${targetColumn} FROM ${target} ORDER BY 1 LIMIT 1 OFFSET n % (SELECT count(*) FROM ${target}))`
  if (type.startsWith('timestamp')) return `'2026-01-01 00:00:00.123456+00'::timestamptz + n * interval '1.000001 s'`
  if (/^(smallint|integer|bigint|numeric)/.test(type)) return 'n'
  const found = values[type] ?? values[type.replace(/ varying|\(\d+\)/g, '')]
  if (found !== undefined) return found
  if (/^(text|character)/.test(type)) return `left(${texts[at % texts.length]!}, 20)`
  if (type.endsWith('[]')) return `'{}'::${type}`
  return `(enum_range(NULL::${type}))[1]`
}

/**
 * Puts up to four rows into each table, as far as they are unique, whose columns can be of any type and mean nothing. Tables come after those that they point to. `seal` makes what
 * the columns of secrets hold.
 */
export async function fillTables(db: Db, tables: readonly string[], seal: () => string): Promise<void> {
  for (const table of tables) {
    const columns = await db.run<Column>(columnsStatement, [table])
    const isSealed = ({ name }: Column): boolean => sealedColumns.some((each) => each[0] === table && each[1] === name)
    for (const at of [0, 1, 2, 3]) {
      const list = columns.map((column) => (isSealed(column) ? `'${seal()}'` : valueOf(table, column, at)))
      const statement = `INSERT INTO ${table} (${columns.map(({ name }) => name).join()})
        SELECT ${list.join()} FROM (SELECT ${at} AS n) ON CONFLICT DO NOTHING`
      await db.runScript(statement).catch((error: unknown) => {
        throw new Error(`${table} cannot be filled: ${statement}`, { cause: error })
      })
    }
  }
}
