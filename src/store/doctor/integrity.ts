import type { Finding } from '../../model/finding.ts'
import type { Probe } from './probe.ts'

/** So many rows of each table are looked at, from places that chance picks. */
const sampleRows = 5000

/** So many of the channels that were changed last, and of each so many of its latest messages and of its members. */
const sampleChannels = 100
const sampleMessages = 100
const maxMembers = 1000

interface Relation {
  readonly table: string
  /** What a row of it needs, as a condition on `c`. */
  readonly parent: string
  readonly needs: string
}

/** Rows that would be found by nobody, or break what finds them, without their parents. */
const relations: readonly Relation[] = [
  { table: 'channels', needs: 'a service', parent: 'SELECT FROM services p WHERE p.id = c.service_id' },
  { table: 'users', needs: 'a service', parent: 'SELECT FROM services p WHERE p.id = c.service_id' },
  { table: 'messages', needs: 'a channel', parent: 'SELECT FROM channels p WHERE p.id = c.channel_id' },
  { table: 'members', needs: 'a channel', parent: 'SELECT FROM channels p WHERE p.id = c.channel_id' },
  { table: 'members', needs: 'a user', parent: 'SELECT FROM users p WHERE p.id = c.user_id' },
  { table: 'members', needs: 'a role', parent: 'SELECT FROM roles p WHERE p.id = c.role_id' },
  { table: 'deliveries', needs: 'a channel', parent: 'SELECT FROM channels p WHERE p.id = c.channel_id' },
  { table: 'message_streams', needs: 'a channel', parent: 'SELECT FROM channels p WHERE p.id = c.channel_id' },
  { table: 'webhook_notices', needs: 'a queue', parent: 'SELECT FROM webhook_lanes p WHERE p.id = c.lane_id' },
]

/** Some thousand rows from pages that chance picks: of a table however large it reads these pages alone. */
function orphanStatement({ table, parent }: Relation): string {
  return `
SELECT count(*)::int AS rows, count(*) FILTER (WHERE NOT EXISTS (${parent}))::int AS orphans
FROM (SELECT * FROM ${table} TABLESAMPLE SYSTEM ((SELECT least(100, 100 * $1::float8 / greatest(reltuples, 1)) FROM pg_class WHERE oid = '${table}'::regclass)) LIMIT 2 * $1::int) c`
}

const orphans: Probe = {
  name: 'rows without their parents',
  run: async (db) => {
    const findings: Finding[] = []
    for (const relation of relations) {
      const [row] = await db.run<{ rows: number; orphans: number }>(orphanStatement(relation), [sampleRows])
      const { rows, orphans: count } = row!
      if (count === 0) continue
      const { table, needs } = relation
      findings.push({
        code: 'orphan.rows',
        severity: 'error',
        subject: table,
        text: `${count} of ${rows} rows of ${table} that were looked at have not ${needs}: the database was not restored as a whole, or was changed by hand.`,
        remedy: 'Restore a backup that is whole; see also trigger.disabled and constraint.unchecked.',
      })
    }
    return findings
  },
}

const countersStatement = `
SELECT c.id::text AS id, c.last_index::float8 AS last_index, m.top::float8 AS top_index, c.last_seq::float8 AS last_seq, m.top_seq::float8 AS top_seq,
  c.members_count AS members, p.count AS member_rows
FROM (SELECT latest.* FROM (SELECT id FROM services ORDER BY id LIMIT 20) s CROSS JOIN LATERAL (
  SELECT * FROM channels WHERE deleted_at IS NULL AND service_id = s.id ORDER BY updated_at DESC, id DESC LIMIT $1::int) latest LIMIT $1::int) c
CROSS JOIN LATERAL (SELECT max(index) AS top, max(seq) AS top_seq
  FROM (SELECT index, seq FROM messages WHERE channel_id = c.id ORDER BY index DESC LIMIT $2::int) latest) m
CROSS JOIN LATERAL (SELECT count(*)::int AS count FROM (SELECT FROM members WHERE channel_id = c.id AND left_at IS NULL LIMIT $3::int) present) p`

const counters: Probe = {
  name: 'counters of channels',
  run: async (db) => {
    const rows = await db.run<{
      id: string
      last_index: number
      top_index: number | null
      last_seq: number
      top_seq: number | null
      members: number
      member_rows: number
    }>(countersStatement, [sampleChannels, sampleMessages, maxMembers])
    return rows.flatMap((row): Finding[] => {
      const { last_index: lastIndex, top_index: topIndex, last_seq: lastSeq, top_seq: topSeq } = row
      const channel = `CH${row.id.replaceAll('-', '')}`
      const findings: Finding[] = []
      if ((topIndex ?? -1) > lastIndex || (topSeq ?? 0) > lastSeq) {
        findings.push({
          code: 'counter.behind',
          severity: 'error',
          subject: channel,
          text: `The channel ${channel} counts to index ${lastIndex} and seq ${lastSeq}, and has messages up to ${topIndex} and ${topSeq}: sends to it fail.`,
          remedy: 'The database was not restored as a whole, or was changed by hand: restore a backup that is whole.',
        })
      }
      if (row.member_rows < maxMembers && row.members !== row.member_rows) {
        findings.push({
          code: 'counter.members',
          severity: 'warning',
          subject: channel,
          text: `The channel ${channel} says that it has ${row.members} members, and has ${row.member_rows}.`,
          remedy: `Was something changed by hand? \`UPDATE channels SET members_count = ${row.member_rows} WHERE id = '${row.id}'\` mends the number.`,
        })
      }
      return findings
    })
  },
}

export const integrityProbes: readonly Probe[] = [orphans, counters]
