import { setTimeout } from 'node:timers/promises'
import type { Finding } from '../../model/finding.ts'
import { connectionLimits } from '../engine/connection-limits.ts'
import { countText, secondsText, type Probe } from './probe.ts'

/** A transaction of this server lasts seconds at most; an index that is built, hours. */
const longSeconds = 60
const veryLongSeconds = 3600
/** For how long one transaction holds up others before it is a finding. */
const lockMilliseconds = 1000
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

/** Sessions that others wait for, and which wait for nobody themselves. Everybody may read `pg_locks`, unlike the times in `pg_stat_activity`. */
const lockStatement = `
WITH waits AS (
  SELECT l.pid, l.relation::regclass::text AS relation, extract(epoch FROM clock_timestamp() - l.waitstart)::float8 AS seconds,
    unnest(pg_blocking_pids(l.pid)) AS blocker
  FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database())
SELECT w.blocker AS pid, (SELECT min(virtualtransaction) FROM pg_locks WHERE pid = w.blocker) AS transaction,
  max(a.application_name) AS application, coalesce(max(a.usename), '') AS role, count(DISTINCT w.pid)::int AS waiting,
  coalesce(max(w.seconds), 0)::float8 AS seconds, max(w.relation) AS relation
FROM waits w JOIN pg_stat_activity a ON a.pid = w.blocker
WHERE w.blocker NOT IN (SELECT pid FROM waits)
GROUP BY w.blocker ORDER BY count(DISTINCT w.pid) DESC, w.blocker LIMIT 20`

type Blocker = {
  readonly pid: number
  readonly transaction: string
  readonly application: string
  readonly role: string
  readonly waiting: number
  readonly seconds: number
  /** Where a lock of a whole table or its row is waited for; null for the end of the transaction. */
  readonly relation: string | null
}

/**
 * A statement of this server gives up after `DATABASE_LOCK_TIMEOUT`, and others follow: what lasts is not that one of them waits, but for whom.
 */
const locks: Probe = {
  name: 'locks',
  isOfServer: true,
  run: async (db, { patience = 1 }) => {
    const before = await db.run<Blocker>(lockStatement, [])
    if (before.length === 0) return []
    await setTimeout(lockMilliseconds * patience)
    const isSame = (now: Blocker) => before.some((then) => then.transaction === now.transaction)
    return (await db.run<Blocker>(lockStatement, []))
      .filter(isSame)
      .map(({ pid, application, role, waiting, seconds, relation }) => ({
        code: 'lock.waiting',
        severity: 'warning',
        subject: String(pid),
        text: `A transaction of ${application || role} (process ${pid} of Postgres, role ${role}) holds locks${relation === null ? '' : ` on ${relation}`} for which ${countText(waiting, 'other')} now ${waiting === 1 ? 'waits' : 'wait'}, the longest for ${seconds.toFixed(1)} seconds: what they write is refused meanwhile.`,
        remedy: `Find out what it is (\`SELECT * FROM pg_stat_activity WHERE pid = ${pid}\`); \`SELECT pg_terminate_backend(${pid})\` ends it.`,
      }))
  },
}

const hiddenStatement = `
SELECT current_user::text AS role, count(*)::int AS sessions FROM pg_stat_activity
WHERE datname = current_database() AND usename <> current_user AND NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
HAVING count(*) > 0`

/** Postgres leaves out since when the transactions of other roles are open, without an error. */
const hiddenSessions: Probe = {
  name: 'sessions of other roles',
  isOfServer: true,
  run: async (db) => {
    const rows = await db.run<{ role: string; sessions: number }>(hiddenStatement, [])
    return rows.map(({ role, sessions }) => ({
      code: 'sessions.hidden',
      severity: 'notice',
      text: `Other roles have ${countText(sessions, 'session')} in this database, and ${role} may not see for how long their transactions are open.`,
      remedy: `\`GRANT pg_monitor TO ${role}\`, where forgotten ones should be found (transaction.long).`,
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

/** Each limit that there is: of Postgres, of the role and of the database. A role sees what kind the sessions of others are only with pg_monitor. */
const connectionStatement = `
WITH sessions AS (
  SELECT usename, datname FROM pg_stat_activity WHERE usename IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend')
SELECT * FROM (
  SELECT 'Postgres' AS owner, 'max_connections' AS setting, (SELECT count(*) FROM sessions)::int AS used, ${connectionLimits.server} AS max
  UNION ALL
  SELECT 'the role ' || current_user, 'CONNECTION LIMIT of the role', (SELECT count(*) FROM sessions WHERE usename = current_user)::int,
    ${connectionLimits.role}
  UNION ALL
  SELECT 'the database ' || current_database(), 'CONNECTION LIMIT of the database',
    (SELECT count(*) FROM sessions WHERE datname = current_database())::int, ${connectionLimits.database}
) limits WHERE used >= max * $1::float8 ORDER BY used::float8 / greatest(max, 1) DESC LIMIT 1`

const connections: Probe = {
  name: 'connections',
  isOfServer: true,
  run: async (db) => {
    const rows = await db.run<{ owner: string; setting: string; used: number; max: number }>(connectionStatement, [
      connectionShare,
    ])
    return rows.map(({ owner, setting, used, max }) => ({
      code: 'connections.few',
      severity: 'warning',
      text: `${used} of ${max} connections of ${owner} are in use: a process that starts may get none.`,
      remedy: `Raise ${setting}, lower DATABASE_POOL, or put PgBouncer between (docs/settings.md).`,
    }))
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
  hiddenSessions,
  preparedTransactions,
  connections,
  slots,
  standbys,
]
