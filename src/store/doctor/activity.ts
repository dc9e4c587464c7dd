import type { Finding } from '../../model/finding.ts'
import { secondsText, type Probe } from './probe.ts'

/** A transaction of this server lasts seconds at most; an index that is built, hours. */
const longSeconds = 60
const veryLongSeconds = 3600
const lockSeconds = 5
const preparedSeconds = 60

/** What a slot may keep back, and a standby may lack, in bytes. */
const slotBytes = 2 ** 30
const lagBytes = 256 * 2 ** 20

/** The share of connections from which on a restart of a few processes may find none. */
const connectionShare = 0.85

const longStatement = `
SELECT pid, application_name AS application, coalesce(usename, '') AS role, state, extract(epoch FROM now() - xact_start)::float8 AS seconds,
  query ~* '^\\s*(create|reindex|vacuum|analyze|refresh)' AS is_upkeep
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND xact_start < now() - $1::float8 * interval '1 second'
ORDER BY xact_start LIMIT 20`

const longTransactions: Probe = {
  name: 'long transactions',
  isOfServer: true,
  run: async (db, { patience = 1 }) => {
    const rows = await db.run<{
      pid: number
      application: string
      role: string
      state: string | null
      seconds: number
      is_upkeep: boolean
    }>(longStatement, [longSeconds * patience])
    return rows.map(({ pid, application, role, state, seconds, is_upkeep: isUpkeep }): Finding => {
      const isIdle = state?.startsWith('idle in transaction') === true
      const severity = isUpkeep ? 'notice' : seconds > veryLongSeconds || isIdle ? 'error' : 'warning'
      return {
        code: 'transaction.long',
        severity,
        subject: String(pid),
        text: `A transaction of ${application || role} (process ${pid} of Postgres) is open for ${secondsText(seconds)}${isIdle ? ' and does nothing' : ''}: dead rows stay for so long, and its locks, too.`,
        remedy: isUpkeep
          ? 'Nothing, while an index is built or a table is vacuumed.'
          : `Find out what it is; \`SELECT pg_terminate_backend(${pid})\` ends it.`,
      }
    })
  },
}

const lockStatement = `
SELECT a.pid, a.application_name AS application, extract(epoch FROM clock_timestamp() - l.waitstart)::float8 AS seconds,
  coalesce(l.relation::regclass::text, l.locktype) AS what, pg_blocking_pids(a.pid)::text AS blockers
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database() AND l.waitstart < clock_timestamp() - $1::float8 * interval '1 second'
ORDER BY l.waitstart LIMIT 20`

const locks: Probe = {
  name: 'locks',
  isOfServer: true,
  run: async (db, { patience = 1 }) => {
    const rows = await db.run<{ pid: number; application: string; seconds: number; what: string; blockers: string }>(
      lockStatement,
      [lockSeconds * patience],
    )
    return rows.map(({ pid, application, seconds, what, blockers }) => ({
      code: 'lock.waiting',
      severity: 'warning',
      subject: String(pid),
      text: `${application || 'A session'} (process ${pid} of Postgres) waits for a lock on ${what} for ${secondsText(seconds)}, which ${blockers} holds.`,
      remedy: 'Find out what those processes do (pg_stat_activity); `SELECT pg_terminate_backend(…)` ends one.',
    }))
  },
}

const preparedStatement = `
SELECT gid, extract(epoch FROM now() - prepared)::float8 AS seconds FROM pg_prepared_xacts
WHERE database = current_database() AND prepared < now() - $1::float8 * interval '1 second' ORDER BY prepared LIMIT 20`

const preparedTransactions: Probe = {
  name: 'prepared transactions',
  isOfServer: true,
  run: async (db, { patience = 1 }) => {
    const rows = await db.run<{ gid: string; seconds: number }>(preparedStatement, [preparedSeconds * patience])
    return rows.map(({ gid, seconds }) => ({
      code: 'transaction.prepared',
      severity: 'error',
      subject: gid,
      text: `The prepared transaction ${gid} was left for ${secondsText(seconds)}: it keeps its locks and all dead rows, also over a restart. fonechat makes none.`,
      remedy: `Ask who made it; \`ROLLBACK PREPARED '${gid}'\` ends it.`,
    }))
  },
}

const connectionStatement = `
SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS used,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS max`

const connections: Probe = {
  name: 'connections',
  isOfServer: true,
  run: async (db) => {
    const [row] = await db.run<{ used: number; max: number }>(connectionStatement, [])
    const { used, max } = row!
    if (used < max * connectionShare) return []
    return [
      {
        code: 'connections.few',
        severity: 'warning',
        text: `${used} of ${max} connections of Postgres are in use: a process that starts may get none.`,
        remedy: 'Raise max_connections, lower DATABASE_POOL, or put PgBouncer between (docs/settings.md).',
      },
    ]
  },
}

const slotStatement = `
SELECT slot_name::text AS name, active, wal_status AS status, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 AS bytes
FROM pg_replication_slots WHERE NOT active OR wal_status IN ('unreserved', 'lost') ORDER BY 1 LIMIT 20`

const slots: Probe = {
  name: 'replication slots',
  isOfServer: true,
  run: async (db) => {
    const rows = await db.run<{ name: string; active: boolean; status: string | null; bytes: number }>(
      slotStatement,
      [],
    )
    return rows.map(({ name, status, bytes }): Finding =>
      status === 'lost' || status === 'unreserved'
        ? {
            code: 'replication.slot',
            severity: 'error',
            subject: name,
            text: `The replication slot ${name} has lost what its standby needs (${status}): that standby cannot follow any more.`,
            remedy: 'Make the standby anew, and drop the slot.',
          }
        : {
            code: 'replication.slot',
            severity: bytes > slotBytes ? 'error' : 'warning',
            subject: name,
            text: `Nobody reads the replication slot ${name}, and it keeps back ${Math.round(bytes / 1e6)} MB of the log: in the end the disk is full.`,
            remedy: `Bring its standby back, or \`SELECT pg_drop_replication_slot('${name}')\`.`,
          },
    )
  },
}

const standbyStatement = `
SELECT current_setting('synchronous_standby_names') <> '' AND current_setting('synchronous_commit') <> 'local' AS is_synchronous,
  (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum') AND state = 'streaming')::int AS synchronous,
  ARRAY(SELECT application_name || ' lacks ' || round(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) / 1e6) || ' MB' FROM pg_stat_replication
    WHERE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > $1::float8 ORDER BY 1 LIMIT 20) AS behind`

const standbys: Probe = {
  name: 'standbys',
  isOfServer: true,
  run: async (db) => {
    const [row] = await db.run<{ is_synchronous: boolean; synchronous: number; behind: string[] }>(standbyStatement, [
      lagBytes,
    ])
    const { is_synchronous: isSynchronous, synchronous, behind } = row!
    const findings: Finding[] = behind.map((text) => ({
      code: 'replication.lag',
      severity: 'warning',
      subject: text.split(' lacks ')[0]!,
      text: `The standby ${text} of what the primary has written: what it lacks is lost when the primary is.`,
      remedy: 'Look at its network, its disk, and at long queries on it (docs/failover.md).',
    }))
    if (!isSynchronous || synchronous > 0) return findings
    const missing: Finding = {
      code: 'replication.no-standby',
      severity: 'error',
      text: 'Commits wait for a synchronous standby, and none is there: no message can be sent.',
      remedy: 'Bring a standby back, or take it out of synchronous_standby_names (docs/failover.md).',
    }
    return [missing, ...findings]
  },
}

export const activityProbes: readonly Probe[] = [
  longTransactions,
  locks,
  preparedTransactions,
  connections,
  slots,
  standbys,
]
