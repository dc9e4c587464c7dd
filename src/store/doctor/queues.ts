import type { Finding } from '../../model/finding.ts'
import { jobQueue, jobSeconds } from '../webhooks/webhook-job.ts'
import { countText, secondsText, type Probe } from './probe.ts'

/** So many are counted of anything that waits; beyond it the number says no more. */
const maxCount = 1000

/** What a receiver that was away for a moment leaves behind, in seconds. */
const lateSeconds = 600

/** A process claims what is due within seconds, also after another one has died. */
const overdueSeconds = 60

/** The hourly work of the background, with an hour to spare. */
const staleSeconds = 7200

/** How much later than its limit a silent text ends, in seconds. */
const silenceSlack = 120

const lateStatement = `
SELECT count(*)::int AS count, max(extract(epoch FROM now() - n.queued_at))::float8 AS seconds,
  (array_agg(l.url ORDER BY n.queued_at))[1] AS url
FROM (SELECT * FROM webhook_lanes WHERE done_number < last_number ORDER BY id LIMIT $1::int) l
CROSS JOIN LATERAL (SELECT queued_at FROM webhook_notices n WHERE n.lane_id = l.id AND n.number > l.done_number ORDER BY n.number LIMIT 1) n
WHERE n.queued_at < now() - $2::float8 * interval '1 second'`

const lateDeliveries: Probe = {
  name: 'waiting webhook deliveries',
  run: async (db) => {
    const [row] = await db.run<{ count: number; seconds: number | null; url: string | null }>(lateStatement, [
      maxCount,
      lateSeconds,
    ])
    const { count, seconds, url } = row!
    if (count === 0) return []
    return [
      {
        code: 'webhooks.late',
        severity: 'warning',
        text: `${countText(count, 'queue', maxCount)} of webhook deliveries ${count === 1 ? 'waits' : 'wait'}, the oldest for ${secondsText(seconds!)}, for ${hostOf(url!)}.`,
        remedy:
          'See why that endpoint does not answer 2xx: `webhookDeliveries` has its last answer, and so has the log. Deliveries are tried for WEBHOOK_RETRY_HOURS.',
      },
    ]
  },
}

/** The path may hold a secret of the receiver. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'an address that cannot be read'
}

const joblessStatement = `
SELECT count(*)::int AS count FROM (SELECT * FROM webhook_lanes WHERE done_number < last_number ORDER BY id LIMIT $1::int) l
WHERE used_at < now() - $2::float8 * interval '1 second'
  AND NOT EXISTS (SELECT FROM pgboss.job j WHERE j.name = $3 AND j.singleton_key = l.id::text AND j.state < 'completed')`

const deadJobsStatement = `
SELECT count(*)::int AS count, max(extract(epoch FROM now() - started_on))::float8 AS seconds
FROM (SELECT started_on FROM pgboss.job WHERE name = $1 AND state = 'active' AND started_on < now() - $2::float8 * interval '1 second' LIMIT $3::int) jobs`

const jobs: Probe = {
  name: 'jobs of webhook deliveries',
  run: async (db) => {
    const [jobless] = await db.run<{ count: number }>(joblessStatement, [maxCount, overdueSeconds, jobQueue])
    const [dead] = await db.run<{ count: number; seconds: number | null }>(deadJobsStatement, [
      jobQueue,
      jobSeconds + overdueSeconds,
      maxCount,
    ])
    const findings: Finding[] = []
    if (jobless!.count > 0) {
      findings.push({
        code: 'webhooks.no-job',
        severity: 'error',
        text: `${countText(jobless!.count, 'queue', maxCount)} of webhook deliveries ${jobless!.count === 1 ? 'has' : 'have'} no job: nobody will send them. The tables of pg-boss were emptied or not restored.`,
        remedy: 'The next event of the same subject makes the job anew; `replayWebhookDeliveries` does it by hand.',
      })
    }
    if (dead!.count > 0) {
      findings.push({
        code: 'webhooks.dead-job',
        severity: 'error',
        text: `${countText(dead!.count, 'job', maxCount)} of processes that died ${dead!.count === 1 ? 'was' : 'were'} taken over by nobody for ${secondsText(dead!.seconds!)}: no server works on this database.`,
        remedy: 'Start a server. If one runs, see why its log says that a background task failed.',
      })
    }
    return findings
  },
}

const deadDeliveriesStatement = `
SELECT count(*)::int AS count FROM (SELECT FROM webhook_notices
  WHERE status = 'dead' AND created_at > now() - interval '1 day' LIMIT $1::int) dead`

const deadDeliveries: Probe = {
  name: 'webhook deliveries that were given up',
  run: async (db) => {
    const [row] = await db.run<{ count: number }>(deadDeliveriesStatement, [maxCount])
    if (row!.count === 0) return []
    return [
      {
        code: 'webhooks.given-up',
        severity: 'warning',
        text: `${countText(row!.count, 'webhook delivery', maxCount).replace('deliverys', 'deliveries')} of the last day ${row!.count === 1 ? 'was' : 'were'} given up: the receiver does not know of those events.`,
        remedy: '`webhookDeliveries(status: DEAD)` lists them, and `replayWebhookDeliveries` sends them again.',
      },
    ]
  },
}

const overdueStatement = `
SELECT count(*)::int AS count, max(extract(epoch FROM now() - due_at))::float8 AS seconds
FROM (SELECT due_at FROM scheduled_messages WHERE due_at < now() - $1::float8 * interval '1 second' ORDER BY due_at LIMIT $2::int) due`

const overdue: Probe = {
  name: 'scheduled messages',
  run: async (db) => {
    const [row] = await db.run<{ count: number; seconds: number | null }>(overdueStatement, [overdueSeconds, maxCount])
    const { count, seconds } = row!
    if (count === 0) return []
    return [
      {
        code: 'scheduled.overdue',
        severity: 'error',
        text: `${countText(count, 'scheduled message', maxCount)} should have been sent, the first ${secondsText(seconds!)} ago.`,
        remedy: 'Start a server. If one runs, see why its log says that a background task failed.',
      },
    ]
  },
}

const silentStatement = `
SELECT count(*)::int AS count, max(extract(epoch FROM now() - appended_at))::float8 AS seconds
FROM (SELECT appended_at FROM message_streams WHERE appended_at < now() - $1::float8 * interval '1 second' ORDER BY appended_at LIMIT $2::int) silent`

const silentTexts: Probe = {
  name: 'texts that stream',
  run: async (db, { silenceSeconds }) => {
    const [row] = await db.run<{ count: number; seconds: number | null }>(silentStatement, [
      silenceSeconds + silenceSlack,
      maxCount,
    ])
    const { count, seconds } = row!
    if (count === 0) return []
    return [
      {
        code: 'streams.silent',
        severity: 'error',
        text: `${countText(count, 'text', maxCount)} ${count === 1 ? 'is' : 'are'} still shown as being written, silent for ${secondsText(seconds!)}: no server has ended ${count === 1 ? 'it' : 'them'}.`,
        remedy: 'Start a server. If one runs, see why its log says that a background task failed.',
      },
    ]
  },
}

const unindexedStatement = `
SELECT count(*)::int AS count FROM (
  SELECT FROM (SELECT * FROM channels WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 5000) c
  JOIN services s ON s.id = c.service_id LEFT JOIN search_positions p ON p.channel_id = c.id
  WHERE c.last_message_at < now() - $1::float8 * interval '1 second'
    AND c.updated_at < now() - $1::float8 * interval '1 second' AND c.last_index > -1 AND p.channel_id IS NULL LIMIT $2::int) behind`

const searchIndex: Probe = {
  name: 'the index of messages',
  run: async (db) => {
    const [row] = await db.run<{ count: number }>(unindexedStatement, [staleSeconds, maxCount])
    if (row!.count === 0) return []
    return [
      {
        code: 'search.behind',
        severity: 'warning',
        text: `The messages of ${countText(row!.count, 'channel', maxCount)} are not searchable after ${secondsText(staleSeconds)}.`,
        remedy:
          'After an upgrade or a restore, wait: servers index channel by channel. Otherwise see why the log of a server says that a background task failed.',
      },
    ]
  },
}

const truncatedStatement = `
SELECT count(*)::int AS count FROM (SELECT FROM channels
  WHERE first_index > purged_index AND truncated_at < now() - $1::float8 * interval '1 second' LIMIT $2::int) behind`

const cleanup: Probe = {
  name: 'the hourly cleanup',
  run: async (db) => {
    const [row] = await db.run<{ count: number }>(truncatedStatement, [staleSeconds, maxCount])
    if (row!.count === 0) return []
    return [
      {
        code: 'cleanup.behind',
        severity: 'warning',
        text: `The truncated messages of ${countText(row!.count, 'channel', maxCount)} are still on the disk after ${secondsText(staleSeconds)}.`,
        remedy:
          'No server has done its hourly cleanup: start one, or see why its log says that something was not deleted.',
      },
    ]
  },
}

export const queueProbes: readonly Probe[] = [
  lateDeliveries,
  jobs,
  deadDeliveries,
  overdue,
  silentTexts,
  searchIndex,
  cleanup,
]
