import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finding } from '../../src/model/finding.ts'
import { databaseProbes, inspectDatabase, type DatabaseReport } from '../../src/store/doctor/doctor.ts'
import { clockFindings } from '../../src/store/doctor/facts.ts'
import { readMadeNames } from '../../src/store/migration/journal.ts'
import { engineName } from '../support/engine.ts'
import { openKit, type Kit } from '../support/kit.ts'

let kit: Kit
let channelId: string

beforeAll(async () => {
  kit = await openKit()
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const channel = await kit.channel([alice, bob])
  channelId = channel.id
  for (const body of ['one', 'two']) await alice.send(channel.id, body)
  // What goes on in the background would mend what is broken here.
  await kit.server.close({ immediate: true })
})
afterAll(() => kit.close())

const isEmbedded = engineName === 'embedded'
/** The Postgres of the specs is fast, and not safe. */
const ofSpecs = ['fsync', 'full_page_writes']

async function inspect(patience = 1): Promise<DatabaseReport> {
  const report = await inspectDatabase(kit.store.db, { isEmbedded, silenceSeconds: 60, patience })
  const unsafe = report.findings.filter(
    ({ code, subject }) => code === 'postgres.setting' && ofSpecs.includes(subject!),
  )
  expect(unsafe.map(({ severity }) => severity)).toEqual(isEmbedded ? [] : ['error', 'error'])
  return { ...report, findings: report.findings.filter((each) => !unsafe.includes(each)) }
}
const run = async (script: string): Promise<unknown> => kit.store.maintenance.runScript(script)

/** What is found while something is broken, and no more afterwards. */
async function foundBetween(breakIt: string, mend: string): Promise<readonly Finding[]> {
  await run(breakIt)
  try {
    return (await inspect()).findings
  } finally {
    await run(mend)
  }
}

test('of a sound database nothing is found, and its facts are', async () => {
  const { facts, findings } = await inspect()
  expect(findings).toEqual([])
  expect(facts.postgres).toMatch(/^PostgreSQL \d+/)
  expect(facts.schema).toBeGreaterThan(0)
  expect(facts.bytes).toBeGreaterThan(1e6)
  expect(Math.abs(facts.clockAheadMilliseconds)).toBeLessThan(2000)
})

const uuid = (): string => `'${channelId.slice(2)}'::uuid`
const scheduled = (seconds: number): string => `
INSERT INTO scheduled_messages (user_id, id, channel_id, user_seq, content, send_at, due_at, created_at, updated_at)
SELECT id, gen_random_uuid(), ${uuid()}, 1, '{}', now() - interval '${seconds} seconds', now() - interval '${seconds} seconds', now(), now() FROM users LIMIT 1`
const queue = `
INSERT INTO webhook_lanes (id, subject_id, url, last_number, used_at)
VALUES ('00000000-0000-0000-0000-000000000001', 'CH', 'https://hooks.example.com/secret', 1, now() - interval '1 hour')`
const delivery = (status: string, lane: string): string => `
INSERT INTO webhook_notices (id, lane_id, number, service_id, event, method, parameters, status, queued_at)
SELECT gen_random_uuid(), '${lane}', 1, id, 'onMessageSent', 'POST', '{}', '${status}', now() - interval '1 hour' FROM services LIMIT 1`
const lane = '00000000-0000-0000-0000-000000000001'
/** A process that has written its last minute so many seconds ago, and has not stopped. */
const seen = (number: number, seconds: number): string => `
INSERT INTO processes (id, host, pid, version, started_at, seen_at)
VALUES (gen_random_uuid(), 'host ${number}', ${-number}, '${number}.0.0', now() - interval '1 hour', now() - interval '${seconds} seconds')`
const noWebhooks = 'DELETE FROM webhook_notices; DELETE FROM webhook_lanes'

const breaks: readonly [code: string, breakIt: () => string, mend: () => string, on?: 'server'][] = [
  [
    'schema.behind',
    () => 'UPDATE drizzle.__drizzle_migrations SET created_at = -created_at WHERE id = 1',
    () => 'UPDATE drizzle.__drizzle_migrations SET created_at = -created_at WHERE id = 1',
  ],
  [
    'schema.newer',
    () => `INSERT INTO schema_versions (version, name, lowest, application) VALUES (999, 'x', 999, '99.0.0')`,
    () => 'DELETE FROM schema_versions WHERE version = 999',
  ],
  ['database.moving', () => 'CREATE TABLE database_move ()', () => 'DROP TABLE database_move'],
  [
    'index.invalid',
    () => `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'channels_type'::regclass`,
    () => `UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'channels_type'::regclass`,
  ],
  ['index.missing', () => 'ALTER INDEX channels_type RENAME TO x', () => 'ALTER INDEX x RENAME TO channels_type'],
  ['table.missing', () => 'ALTER TABLE message_flags RENAME TO x', () => 'ALTER TABLE x RENAME TO message_flags'],
  [
    'constraint.unchecked',
    () => 'ALTER TABLE channels ADD CONSTRAINT x CHECK (members_count >= 0) NOT VALID',
    () => 'ALTER TABLE channels DROP CONSTRAINT x',
  ],
  ['trigger.disabled', () => 'ALTER TABLE members DISABLE TRIGGER ALL', () => 'ALTER TABLE members ENABLE TRIGGER ALL'],
  [
    'orphan.rows',
    () => `UPDATE messages SET channel_id = '${lane}' WHERE channel_id = ${uuid()}`,
    () => `UPDATE messages SET channel_id = ${uuid()} WHERE channel_id = '${lane}'`,
  ],
  [
    'counter.behind',
    () => `UPDATE channels SET last_index = 0 WHERE id = ${uuid()}`,
    () => `UPDATE channels SET last_index = 1 WHERE id = ${uuid()}`,
  ],
  [
    'counter.members',
    () => `UPDATE channels SET members_count = 5 WHERE id = ${uuid()}`,
    () => `UPDATE channels SET members_count = 2 WHERE id = ${uuid()}`,
  ],
  ['scheduled.overdue', () => scheduled(3600), () => 'DELETE FROM scheduled_messages'],
  [
    'streams.silent',
    () => `INSERT INTO message_streams (channel_id, message_id, index, owner, appended_at, origin)
      VALUES (${uuid()}, gen_random_uuid(), 0, gen_random_uuid(), now() - interval '1 hour', 'x')`,
    () => 'DELETE FROM message_streams',
  ],
  ['webhooks.late', () => `${queue}; ${delivery('pending', lane)}`, () => noWebhooks],
  ['webhooks.no-job', () => queue, () => noWebhooks],
  [
    'webhooks.given-up',
    () => `${queue}; UPDATE webhook_lanes SET done_number = 1; ${delivery('dead', lane)}`,
    () => noWebhooks,
  ],
  [
    'webhooks.dead-job',
    () => `INSERT INTO pgboss.job (name, state, started_on, expire_seconds, singleton_key)
      VALUES ('webhook-lane', 'active', now() - interval '1 hour', 15, 'x')`,
    () => 'DELETE FROM pgboss.job',
  ],
  [
    'search.behind',
    () =>
      `DELETE FROM search_positions; UPDATE channels SET last_message_at = now() - interval '1 day', updated_at = now() - interval '1 day'`,
    () => 'UPDATE channels SET last_message_at = now(), updated_at = now()',
  ],
  [
    'cleanup.behind',
    () => `UPDATE channels SET first_index = 1, truncated_at = now() - interval '1 day' WHERE id = ${uuid()}`,
    () => `UPDATE channels SET first_index = 0, truncated_at = NULL WHERE id = ${uuid()}`,
  ],
  ['process.silent', () => `${seen(1, 0)}; ${seen(2, 600)}`, () => 'DELETE FROM processes WHERE pid < 0'],
  ['process.versions', () => `${seen(1, 0)}; ${seen(2, 60)}`, () => 'DELETE FROM processes WHERE pid < 0'],
  [
    'autovacuum.off',
    () => 'ALTER TABLE members SET (autovacuum_enabled = false)',
    () => 'ALTER TABLE members RESET (autovacuum_enabled)',
    'server',
  ],
  [
    'collation.changed',
    () => `UPDATE pg_database SET datcollversion = '1.0' WHERE datname = current_database()`,
    () =>
      `UPDATE pg_database SET datcollversion = pg_database_collation_actual_version(oid) WHERE datname = current_database()`,
    'server',
  ],
]

describe('what is broken is found, with what to do', () => {
  test.each(breaks.filter(([, , , on]) => !isEmbedded || on === undefined))('%s', async (code, breakIt, mend) => {
    const found = await foundBetween(breakIt(), mend())
    expect(found.map((each) => each.code)).toContain(code)
    for (const each of found) {
      expect(each.text).toMatch(/^([A-Z0-9]|fonechat ).*\.$/)
      expect(each.remedy).toMatch(/^[A-Z`].*\.$/)
      expect(JSON.stringify(each)).not.toContain('/secret')
    }
    expect((await inspect()).findings).toEqual([])
  })
})

test.runIf(!isEmbedded)(
  'who holds a lock for long, who waits for it, and a slot that nobody reads are found',
  async () => {
    const { db, maintenance } = kit.store
    await db.run(`SELECT pg_create_physical_replication_slot('forgotten', true)`, [])
    try {
      await maintenance.transaction(async (tx) => {
        await tx.run('LOCK TABLE message_flags', [])
        const waiting = db.run('SELECT FROM message_flags LIMIT 1', [])
        const found = async (): Promise<string[]> => (await inspect(0)).findings.map(({ code }) => code)
        await expect
          .poll(found, { timeout: 10_000 })
          .toEqual(expect.arrayContaining(['transaction.long', 'lock.waiting', 'replication.slot']))
        const [holder] = await tx.run<{ pid: number }>('SELECT pg_backend_pid() AS pid', [])
        const { findings } = await inspect(0.1)
        expect(findings.find(({ code }) => code === 'lock.waiting')).toMatchObject({
          subject: String(holder!.pid),
          text: expect.stringMatching(
            / holds locks on message_flags for which 1 other now waits, the longest for \d\.\d seconds: /,
          ),
        })
        await tx.run('SELECT 1', [])
        waiting.catch(() => {})
      })
    } finally {
      await db.run(`SELECT pg_drop_replication_slot('forgotten')`, [])
    }
    expect((await inspect()).findings).toEqual([])
  },
)

test('a clock that differs is a finding', () => {
  const facts = { postgres: '', bytes: 0, schema: 1 }
  expect(clockFindings({ ...facts, clockAheadMilliseconds: -1900 })).toEqual([])
  expect(clockFindings({ ...facts, clockAheadMilliseconds: -9000 })).toMatchObject([
    { code: 'clock.different', text: 'The clock of the database is 9.0 seconds behind that of this machine.' },
  ])
})

test('what cannot be looked at is a finding, and the rest is looked at', async () => {
  const found = await foundBetween(
    'ALTER TABLE scheduled_messages RENAME TO x',
    'ALTER TABLE x RENAME TO scheduled_messages',
  )
  expect(found).toContainEqual(expect.objectContaining({ code: 'doctor.unread', subject: 'scheduled messages' }))
  expect(found).toContainEqual(expect.objectContaining({ code: 'table.missing', subject: 'scheduled_messages' }))
})

test('every table and index that should be there is known', async () => {
  const { tables, indexes } = await readMadeNames()
  expect(tables).toEqual(expect.arrayContaining(['channels', 'messages', 'webhook_notices']))
  expect(indexes.length).toBeGreaterThan(40)
  expect(new Set(databaseProbes.map(({ name }) => name)).size).toBe(databaseProbes.length)
})
