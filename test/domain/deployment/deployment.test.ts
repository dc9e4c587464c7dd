import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeploymentDocument, type FindingSeverity } from '../../../schema/generated/graphql.ts'
import { readDatabaseStatus } from '../../../src/store/database-status.ts'
import { deleteProcessMinutes } from '../../../src/store/process.ts'
import { engineName } from '../../support/engine.ts'
import { Caller, openKit, type Kit } from '../../support/kit.ts'
import { inAnHour, schedule } from '../../support/later.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const isEmbedded = engineName === 'embedded'
const read = async () => (await kit.backend.request(DeploymentDocument)).deployment

test('the database and Redis are described', async () => {
  const { database, redis } = await read()
  expect(database).toMatchObject({
    isAnswering: true,
    version: expect.stringMatching(/^\d+/),
    isPrimary: true,
    standbys: [],
  })
  expect(database.sizeBytes).toBeGreaterThan(1e6)
  expect(database.roundTripMs).toBeGreaterThan(0)
  expect(database.answerAgeMs).toBeLessThan(10_000)
  expect(database.connections).toBeGreaterThan(0)
  expect(database.maxConnections).toBeGreaterThan(0)
  const described = {
    isAnswering: true,
    mode: 'SINGLE',
    version: expect.stringMatching(/^\d+\./),
    usedBytes: expect.any(Number),
    maxBytes: null,
    roundTripMs: expect.any(Number),
  }
  expect(redis).toEqual(isEmbedded ? null : described)
})

test('the embedded engine has neither connections nor standbys', async () => {
  expect(await readDatabaseStatus(kit.store.db, true)).toMatchObject({ connections: null, maxConnections: null })
})

test('what waits is counted', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  await schedule(alice, { channelId, body: 'later', sendAt: inAnHour() })
  const lane = '00000000-0000-0000-0000-000000000001'
  const dead = (id: number, age: string): string =>
    `INSERT INTO webhook_notices (id, lane_id, number, service_id, event, method, parameters, status, created_at, queued_at)
     SELECT gen_random_uuid(), '${lane}', ${id}, id, 'onMessageSent', 'POST', '{}', 'dead', now() - interval '${age}', now() FROM services LIMIT 1`
  await kit.store.maintenance.runScript(`${dead(1, '1 hour')}; ${dead(2, '2 days')}`)
  await expect
    .poll(async () => (await read()).queues, { timeout: 5000 })
    .toMatchObject({
      webhookDeliveries: 0,
      oldestWebhookDeliverySeconds: 0,
      deadWebhookDeliveries: 1,
      scheduledMessages: 1,
      scheduledOverdue: 0,
      scheduledOverdueSeconds: 0,
      remindersOverdue: 0,
    })
  await kit.store.maintenance.runScript('DELETE FROM webhook_notices')
})

test('findings are those of doctor, the worst first, and looked for once for all who ask', async () => {
  const id = '00000000-0000-0000-0000-00000000000a'
  await kit.store.maintenance.runScript(
    `INSERT INTO processes (id, host, pid, version, started_at, seen_at) VALUES ('${id}', 'gone', 7, '0.0.1', now() - interval '1 day', now() - interval '10 minutes')`,
  )
  // They were looked for before, by the tests above.
  const other = await kit.another({ DEVICE_DAYS: '31' })
  const caller = new Caller(other, kit.backend.authorization)
  const ask = async () => (await caller.request(DeploymentDocument)).deployment.findings
  // With a busy machine the first answer may not have it yet.
  await expect.poll(async () => (await ask()).checkedAt, { timeout: 20_000 }).not.toBeNull()
  const answers = await Promise.all([ask(), ask(), ask()])
  const [first] = answers
  expect(answers).toEqual([first, first, first])
  const order: readonly FindingSeverity[] = ['ERROR', 'WARNING', 'NOTICE']
  const ranks = first!.items.map(({ severity }) => order.indexOf(severity))
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
  expect(first!.items).toContainEqual({
    code: 'process.silent',
    severity: 'WARNING',
    subject: 'gone/7',
    text: expect.stringMatching(
      /^Process 7 on gone has written nothing for 10 minutes, and has not stopped in order\.$/,
    ),
    remedy: expect.stringContaining('log'),
  })
  await kit.store.db.run('DELETE FROM processes WHERE id = $1::uuid', [id])
  expect((await ask()).checkedAt).toBe(first!.checkedAt)
})

test('minutes are deleted after their time, and processes that have none', async () => {
  const { db } = kit.store
  const insert = (count: number, age: string): string => `
    INSERT INTO processes (id, host, pid, version, started_at, seen_at)
    SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, '${age}', n, '1', now(), now() - interval '${age}' FROM generate_series(1, ${count}) AS n;
    INSERT INTO process_minutes (process_id, minute, seconds, connections, subscriptions, sends, deliveries, event_loop_lag_p99_ms, pool_size, pool_in_use,
      pool_waiting, pool_longest_wait_ms, memory_bytes, refusals, sweep_age_ms, webhooks_waiting, scheduled_overdue)
    SELECT id, seen_at, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}', 0, 0, 0 FROM processes WHERE host = '${age}'`
  await kit.store.maintenance.runScript(insert(1100, '26 hours'))
  const hours = (count: number): Date => new Date(Date.now() - count * 3_600_000)
  expect(await deleteProcessMinutes(db, hours(27))).toBe(0)
  expect(await deleteProcessMinutes(db, hours(25))).toBe(2200)
  expect(await db.run(`SELECT FROM processes WHERE host = '26 hours'`, [])).toHaveLength(0)
  expect(await db.run('SELECT FROM process_minutes', [])).not.toHaveLength(0)
})
