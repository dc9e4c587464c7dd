import type { Db, Tx } from '../engine/db.ts'
import type { Migration } from './journal.ts'

/** What a database says of its schema. */
export interface SchemaState {
  /** The times of the migrations that it has, by which they are known. */
  readonly applied: ReadonlySet<number>
  /** Whether the table of versions is there and has them all. */
  readonly hasVersions: boolean
  /** The lowest version of the schema that a process must know, and which version of fonechat has made it so. */
  readonly lowest: number
  readonly raisedBy: string | undefined
  /** The version of pg-boss's schema; undefined when it is not there or not complete. */
  readonly jobs: number | undefined
  /** Whether a move from the embedded engine into this database has begun and not ended. */
  readonly isMoving: boolean
}

interface StateRow {
  readonly [column: string]: unknown
  readonly applied: number[] | null
  readonly versions: number
  readonly lowest: number | null
  readonly raised_by: string | null
  readonly jobs: number | null
  readonly moving: boolean
}

const journalParts = `(SELECT array_agg(created_at) FROM drizzle.__drizzle_migrations) AS applied`
const versionParts = `(SELECT count(*)::int FROM schema_versions) AS versions, (SELECT max(lowest) FROM schema_versions) AS lowest,
  (SELECT application FROM schema_versions ORDER BY lowest DESC, version LIMIT 1) AS raised_by`
const moveParts = `to_regclass('database_move') IS NOT NULL AS moving`
// A process that died may have left indexes that pg-boss builds after its migration, or no queue.
const jobParts = (queue: string): string => `(SELECT version FROM pgboss.version
  WHERE EXISTS (SELECT FROM pgboss.queue WHERE name = '${queue}')
    AND NOT EXISTS (SELECT FROM pgboss.bam WHERE status <> 'completed')) AS jobs`

/** Reads what a database has: of one that is up to date in one statement. */
export async function readState(db: Db | Tx, queue: string): Promise<SchemaState> {
  try {
    return toState(await read(db, [journalParts, versionParts, jobParts(queue), moveParts]))
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  const [found] = await db.run<{ journal: boolean; versions: boolean; jobs: boolean }>(
    `SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS journal,
      to_regclass('schema_versions') IS NOT NULL AS versions, to_regclass('pgboss.bam') IS NOT NULL AS jobs`,
    [],
  )
  return toState({
    ...(await read(db, [moveParts])),
    ...(found!.journal ? await read(db, [journalParts]) : { applied: null }),
    ...(found!.versions ? await read(db, [versionParts]) : { versions: 0, lowest: null, raised_by: null }),
    ...(found!.jobs ? await read(db, [jobParts(queue)]) : { jobs: null }),
  } as StateRow)
}

async function read(db: Db | Tx, parts: readonly string[]): Promise<StateRow> {
  const [row] = await db.run<StateRow>(`SELECT ${parts.join(',\n')}`, [])
  return row!
}

function toState({ applied, versions, lowest, raised_by, jobs, moving }: StateRow): SchemaState {
  return {
    applied: new Set(applied),
    hasVersions: versions > 0 && versions >= new Set(applied).size,
    lowest: lowest ?? 0,
    raisedBy: raised_by ?? undefined,
    jobs: jobs ?? undefined,
    isMoving: moving,
  }
}

/** Whether a table or its schema is not there. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '42P01' || error.code === '3F000')
}

/** The tables of the runner itself. The first is that of drizzle's migrator, by which fonechat 0.1.0 knows where it stands. */
export const ownTables = [
  'CREATE SCHEMA IF NOT EXISTS drizzle',
  'CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)',
  `CREATE TABLE IF NOT EXISTS schema_versions (version integer PRIMARY KEY, name text NOT NULL, lowest integer NOT NULL,
    application text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
]

/** Marks a database that a move begins to fill: no server starts on it. */
export async function beginMove(db: Db): Promise<void> {
  await db.run('CREATE TABLE IF NOT EXISTS database_move ()', [])
}

export async function endMove(tx: Tx): Promise<void> {
  await tx.run('DROP TABLE database_move', [])
}

export async function isApplied(tx: Tx, { when }: Migration): Promise<boolean> {
  const rows = await tx.run('SELECT FROM drizzle.__drizzle_migrations WHERE created_at = $1::bigint', [when])
  return rows.length > 0
}

/** Says that the database has a migration. `isKnown` when drizzle's table has it already. */
export async function recordMigration(
  tx: Tx,
  { version, name, when, hash, lowest }: Migration,
  application: string,
  isKnown = false,
): Promise<void> {
  if (!isKnown) {
    const row = [hash, when]
    await tx.run('INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ($1, $2::bigint)', row)
  }
  await tx.run(
    `INSERT INTO schema_versions (version, name, lowest, application) VALUES ($1::int, $2, $3::int, $4)
     ON CONFLICT (version) DO NOTHING`,
    [version, name, lowest, application],
  )
}
