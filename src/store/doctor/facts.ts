import type { Finding } from '../../model/finding.ts'
import type { Db } from '../engine/db.ts'

/** What the database is, whatever was found. */
export interface DatabaseFacts {
  readonly postgres: string
  readonly bytes: number
  /** The newest migration that it has; null without any. */
  readonly schema: number | null
  /** How far its clock is ahead of this machine's, in milliseconds; half of the time that asking took is unknown. */
  readonly clockAheadMilliseconds: number
}

/** A difference that shows: times of messages, tokens that are not valid yet, what is due. In milliseconds. */
const clockMilliseconds = 2000

const factsStatement = `
SELECT split_part(version(), ' on ', 1) AS postgres, pg_database_size(current_database())::float8 AS bytes,
  extract(epoch FROM clock_timestamp())::float8 * 1000 AS now, to_regclass('schema_versions') IS NOT NULL AS has_versions`

export async function readFacts(db: Db): Promise<DatabaseFacts> {
  const read = () => db.run<{ postgres: string; bytes: number; now: number; has_versions: boolean }>(factsStatement, [])
  // The first opens a connection.
  await read()
  const askedAt = Date.now()
  const [row] = await read()
  const { postgres, bytes, now, has_versions: hasVersions } = row!
  const clockAheadMilliseconds = Math.round(now - (askedAt + Date.now()) / 2)
  const versions = hasVersions
    ? await db.run<{ schema: number | null }>('SELECT max(version) AS schema FROM schema_versions', [])
    : []
  return { postgres, bytes, schema: versions[0]?.schema ?? null, clockAheadMilliseconds }
}

export function clockFindings({ clockAheadMilliseconds: ahead }: DatabaseFacts): Finding[] {
  if (Math.abs(ahead) < clockMilliseconds) return []
  return [
    {
      code: 'clock.different',
      severity: 'warning',
      text: `The clock of the database is ${(Math.abs(ahead) / 1000).toFixed(1)} seconds ${ahead > 0 ? 'ahead of' : 'behind'} that of this machine.`,
      remedy: 'Let both follow the same time servers (chrony, systemd-timesyncd).',
    },
  ]
}
