import type { Db } from './engine/db.ts'

/** A standby, as its primary sees it. What the role may not see is null. */
export interface StandbyStatus {
  readonly name: string
  readonly state: string | null
  /** Whether commits wait for it: `async`, `potential`, `sync` or `quorum`. */
  readonly syncState: string | null
  /** What it has not applied yet. */
  readonly lagBytes: number | null
  readonly lagMs: number | null
}

export interface DatabaseStatus {
  /** As Postgres says it, `18.1`. */
  readonly version: string
  readonly bytes: number
  readonly isPrimary: boolean
  /** Of all databases and users together; null where there are none, in the embedded engine. */
  readonly connections: number | null
  readonly maxConnections: number | null
  readonly standbys: readonly StandbyStatus[]
}

/** A list that is longer is no list of standbys of one primary. */
const maxStandbys = 20

const ownStatement = `
SELECT current_setting('server_version') AS version, pg_database_size(current_database())::float8 AS bytes, pg_is_in_recovery() AS is_standby`

/** Any role may ask it: what the role may not see is null. */
const serverStatement = `
SELECT (SELECT sum(numbackends)::int FROM pg_stat_database) AS connections,
  current_setting('max_connections')::int AS max_connections,
  ARRAY(
    SELECT jsonb_build_object(
      'name', application_name, 'state', state, 'syncState', sync_state,
      'lagBytes', CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::float8 END,
      'lagMs', extract(epoch FROM replay_lag)::float8 * 1000
    )::text
    FROM pg_stat_replication ORDER BY application_name LIMIT ${maxStandbys}
  ) AS standbys`

export async function readDatabaseStatus(db: Pick<Db, 'run'>, isEmbedded: boolean): Promise<DatabaseStatus> {
  const [own] = await db.run<{ version: string; bytes: number; is_standby: boolean }>(ownStatement, [])
  const base = { version: own!.version.split(' ')[0]!, bytes: own!.bytes, isPrimary: !own!.is_standby }
  if (isEmbedded) return { ...base, connections: null, maxConnections: null, standbys: [] }
  const [server] = await db.run<{ connections: number; max_connections: number; standbys: string[] }>(
    serverStatement,
    [],
  )
  const { connections, max_connections: maxConnections, standbys } = server!
  return { ...base, connections, maxConnections, standbys: standbys.map((text) => JSON.parse(text) as StandbyStatus) }
}
