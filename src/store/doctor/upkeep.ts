import type { Finding } from '../../model/finding.ts'
import { countText, type Probe } from './probe.ts'

/** Below these nothing is worth a finding. */
const minDeadRows = 10_000
const minUnanalyzedRows = 100_000

/** At about two thousand million transactions Postgres stops to take writes. */
const oldTransactions = 1_000_000_000
const criticalTransactions = 1_600_000_000

const deadStatement = `
SELECT relname AS table, n_dead_tup::float8 AS dead, n_live_tup::float8 AS live, last_analyze IS NULL AND last_autoanalyze IS NULL AS is_unanalyzed,
  to_char(greatest(last_vacuum, last_autovacuum), 'YYYY-MM-DD HH24:MI') AS vacuumed
FROM pg_stat_user_tables
WHERE n_dead_tup > greatest($1::float8, 0.3 * n_live_tup) OR (n_live_tup > $2::float8 AND last_analyze IS NULL AND last_autoanalyze IS NULL)
ORDER BY n_dead_tup DESC LIMIT 20`

const deadRows: Probe = {
  name: 'dead rows',
  isOfServer: true,
  run: async (db) => {
    const rows = await db.run<{
      table: string
      dead: number
      live: number
      is_unanalyzed: boolean
      vacuumed: string | null
    }>(deadStatement, [minDeadRows, minUnanalyzedRows])
    return rows.map(({ table, dead, live, is_unanalyzed: isUnanalyzed, vacuumed }): Finding => {
      if (isUnanalyzed && dead <= Math.max(minDeadRows, 0.3 * live)) {
        return {
          code: 'table.unanalyzed',
          severity: 'warning',
          subject: table,
          text: `Nothing is known of what the ${live} rows of ${table} hold, as after a restore: Postgres plans badly.`,
          remedy: `Run \`ANALYZE ${table}\`.`,
        }
      }
      return {
        code: 'table.dead-rows',
        severity: 'warning',
        subject: table,
        text: `The table ${table} has ${dead} dead rows beside ${live} that live; it was last vacuumed ${vacuumed === null ? 'never' : `at ${vacuumed} UTC`}.`,
        remedy: `Look for what holds it up (transaction.long, transaction.prepared, replication.slot); otherwise \`VACUUM ${table}\`, and let autovacuum work more (autovacuum_vacuum_cost_limit).`,
      }
    })
  },
}

const vacuumStatement = `
SELECT current_setting('autovacuum') = 'on' AND current_setting('track_counts') = 'on' AS is_on,
  ARRAY(SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
    AND reloptions::text ~ 'autovacuum_enabled=(false|off|0)' ORDER BY 1 LIMIT 20) AS tables`

const autovacuum: Probe = {
  name: 'autovacuum',
  isOfServer: true,
  run: async (db) => {
    const [row] = await db.run<{ is_on: boolean; tables: string[] }>(vacuumStatement, [])
    const { is_on: isOn, tables } = row!
    const findings: Finding[] = tables.map((table) => ({
      code: 'autovacuum.off',
      severity: 'warning',
      subject: table,
      text: `Autovacuum is switched off for the table ${table}: its dead rows stay, and reads become slower and slower.`,
      remedy: `Run \`ALTER TABLE ${table} RESET (autovacuum_enabled)\`.`,
    }))
    if (isOn) return findings
    const off: Finding = {
      code: 'autovacuum.off',
      severity: 'error',
      text: 'Autovacuum is switched off: dead rows stay, and after some thousand million transactions Postgres stops to take writes.',
      remedy: 'Set autovacuum and track_counts to on in postgresql.conf, and reload.',
    }
    return [off, ...findings]
  },
}

const ageStatement = `
SELECT greatest(age(datfrozenxid), mxid_age(datminmxid))::float8 AS age FROM pg_database WHERE datname = current_database()`

const wraparound: Probe = {
  name: 'the age of transactions',
  isOfServer: true,
  run: async (db) => {
    const [row] = await db.run<{ age: number }>(ageStatement, [])
    const { age } = row!
    if (age < oldTransactions) return []
    return [
      {
        code: 'wraparound.near',
        severity: age < criticalTransactions ? 'warning' : 'error',
        text: `The oldest transaction of this database is ${age} transactions old: at about 2147000000 Postgres stops to take writes.`,
        remedy:
          'End what keeps it (transaction.long, transaction.prepared, replication.slot), then run `VACUUM (FREEZE)`.',
      },
    ]
  },
}

const collationStatement = `
SELECT datcollversion AS made, pg_database_collation_actual_version(oid) AS now FROM pg_database
WHERE datname = current_database() AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)`

const collation: Probe = {
  name: 'the collation',
  isOfServer: true,
  run: async (db) => {
    const rows = await db.run<{ made: string | null; now: string | null }>(collationStatement, [])
    return rows.map(({ made, now }) => ({
      code: 'collation.changed',
      severity: 'error',
      text: `The indexes of this database were made with version ${made} of the system's collation, and it is ${now} now: what they find may be wrong.`,
      remedy: 'Run `REINDEX DATABASE` in a quiet hour, then `ALTER DATABASE … REFRESH COLLATION VERSION`.',
    }))
  },
}

interface Expected {
  readonly name: string
  readonly isBad: (value: string) => boolean
  readonly severity: Finding['severity']
  readonly means: string
}

/** Settings of Postgres under which fonechat does not keep what it promises. */
const expected: readonly Expected[] = [
  {
    name: 'fsync',
    isBad: (value) => value === 'off',
    severity: 'error',
    means: 'a loss of power destroys the database',
  },
  {
    name: 'full_page_writes',
    isBad: (value) => value === 'off',
    severity: 'error',
    means: 'a loss of power can destroy pages',
  },
  {
    name: 'synchronous_commit',
    isBad: (value) => value === 'off',
    severity: 'error',
    means: 'a crash of Postgres loses messages that were acknowledged',
  },
  {
    name: 'zero_damaged_pages',
    isBad: (value) => value === 'on',
    severity: 'error',
    means: 'damaged pages are thrown away without a word',
  },
  {
    name: 'default_transaction_read_only',
    isBad: (value) => value === 'on',
    severity: 'error',
    means: 'nothing can be written, and sends fail',
  },
]

const settingsStatement = `SELECT name, setting FROM pg_settings WHERE name = ANY ($1::text[])`

const settings: Probe = {
  name: 'settings of Postgres',
  isOfServer: true,
  run: async (db) => {
    const names = `{${expected.map(({ name }) => name).join()}}`
    const rows = await db.run<{ name: string; setting: string }>(settingsStatement, [names])
    return rows.flatMap(({ name, setting }) => {
      const { isBad, severity, means } = expected.find((each) => each.name === name)!
      if (!isBad(setting)) return []
      const finding: Finding = {
        code: 'postgres.setting',
        severity,
        subject: name,
        text: `Postgres runs with ${name} = ${setting}: ${means}.`,
        remedy: `Set ${name} to its default, for the server and for this role and database.`,
      }
      return [finding]
    })
  },
}

const checksumStatement = `
SELECT checksum_failures::float8 AS failures FROM pg_stat_database
WHERE datname = current_database() AND checksum_failures > 0`

const checksums: Probe = {
  name: 'checksums',
  isOfServer: true,
  run: async (db) => {
    const rows = await db.run<{ failures: number }>(checksumStatement, [])
    return rows.map(({ failures }) => ({
      code: 'postgres.damaged',
      severity: 'error',
      text: `Postgres has read ${countText(failures, 'damaged page')} of this database: a disk or a controller is failing.`,
      remedy: 'Take a backup now, promote a standby or restore, and replace the disk.',
    }))
  },
}

export const upkeepProbes: readonly Probe[] = [deadRows, autovacuum, wraparound, collation, settings, checksums]
