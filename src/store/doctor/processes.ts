import type { Finding } from '../../model/finding.ts'
import { silentSeconds } from '../process.ts'
import { secondsText, type Probe } from './probe.ts'

/** Against the newest row, not the time: while the database was away, nobody wrote. */
const silentStatement = `
SELECT p.host, p.pid, extract(epoch FROM now() - p.seen_at)::float8 AS seconds,
  EXISTS (SELECT FROM processes n WHERE n.host = p.host AND n.worker IS NOT DISTINCT FROM p.worker AND n.started_at >= p.seen_at) AS is_replaced
FROM processes p
WHERE p.stopped_at IS NULL AND p.seen_at > now() - interval '1 hour'
  AND p.seen_at < (SELECT max(seen_at) FROM processes) - $1::float8 * interval '1 second'
ORDER BY p.seen_at DESC LIMIT 20`

const silent: Probe = {
  name: 'processes',
  run: async (db) => {
    const rows = await db.run<{ host: string; pid: number; seconds: number; is_replaced: boolean }>(silentStatement, [
      silentSeconds,
    ])
    return rows.map(({ host, pid, seconds, is_replaced: isReplaced }): Finding => ({
      code: 'process.silent',
      severity: isReplaced ? 'notice' : 'warning',
      subject: `${host}/${pid}`,
      text: `Process ${pid} on ${host} has written nothing for ${secondsText(seconds)}, and has not stopped in order${isReplaced ? '; another one has taken its place' : ''}.`,
      remedy: isReplaced
        ? 'See in the log why it ended.'
        : 'See whether its machine runs and reaches the database, and in the log why it ended. Nothing, where it was ended on purpose.',
    }))
  },
}

const versionsStatement = `
SELECT DISTINCT version FROM processes
WHERE stopped_at IS NULL AND seen_at > (SELECT max(seen_at) FROM processes) - $1::float8 * interval '1 second' ORDER BY version LIMIT 20`

const versions: Probe = {
  name: 'versions of processes',
  run: async (db) => {
    const rows = await db.run<{ version: string }>(versionsStatement, [silentSeconds])
    if (rows.length < 2) return []
    return [
      {
        code: 'process.versions',
        severity: 'notice',
        text: `Processes of several versions run: ${rows.map(({ version }) => version).join(', ')}.`,
        remedy: 'Nothing, while an upgrade goes on; otherwise restart those of the older version (docs/upgrade.md).',
      },
    ]
  },
}

export const processProbes: readonly Probe[] = [silent, versions]
