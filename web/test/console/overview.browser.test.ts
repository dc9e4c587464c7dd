import { expect } from 'vitest'
import { maintenanceTimeouts, openDb } from '../../../src/store/engine/db.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { expectAccessible } from '../page.ts'
import { rowsOf, test } from './fixture.ts'

/** An hour of two processes that are not there: one has written until now, the other has stopped to ten minutes ago. Three minutes are missing. */
const processes = `
WITH made AS (
  INSERT INTO processes (id, host, pid, worker, version, started_at, seen_at)
  SELECT gen_random_uuid(), 'chat-' || n, n, 1, '0.1.0', now() - interval '1 day', now() - (n - 1) * interval '10 minutes' FROM generate_series(1, 2) AS n
  RETURNING id, pid
)
INSERT INTO process_minutes (process_id, minute, seconds, connections, subscriptions, sends, deliveries, delivery_p50_ms, delivery_p99_ms,
  event_loop_lag_p99_ms, pool_size, pool_in_use, pool_waiting, pool_longest_wait_ms, memory_bytes, refusals, sweep_age_ms, webhooks_waiting, scheduled_overdue)
SELECT id, date_trunc('minute', now()) - n * interval '1 minute', 60, 1000 + n, 2000, 600, 6000, 2, 8, 3, 10, 4, 0, 1, 2e8, '{"sends": 2}', 500, n, 0
FROM made, generate_series(0, 62) AS n WHERE n NOT IN (30, 31, 32) AND n >= (pid - 1) * 10`

test('a fresh server says that it counts; then what is odd comes first, processes open, and charts are read at one minute', async ({
  console: view,
  database,
}) => {
  const db = openDb(database.url, { poolSize: 1, timeouts: maintenanceTimeouts })
  await db.runScript('DELETE FROM process_minutes; DELETE FROM processes')
  const page = await view.open('/')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.getByText('The first minute is being counted.').waitFor()
  await db.runScript(processes)
  await db.close()
  await page.reload()

  const charts = page.locator('.chart')
  await charts.locator('canvas').nth(11).waitFor()
  const rows = rowsOf(page)
  await rows.filter({ hasText: 'chat-1' }).getByText('Running').waitFor()
  await rows.filter({ hasText: 'chat-2' }).getByText('Silent').waitFor()
  await page.getByRole('heading', { name: /^Postgres \d+/ }).waitFor()
  await expectAccessible(page)

  // All charts are read at the minute that one is pointed at.
  const times = page.locator('.chart-time')
  expect(await times.count()).toBe(0)
  await charts.nth(4).locator('.chart-plot').hover()
  await waitFor(async () => (await times.count()) === 12)
  expect(new Set(await times.allTextContents()).size).toBe(1)
  await page.getByRole('heading', { name: 'Overview' }).hover()
  await waitFor(async () => (await times.count()) === 0)
  // By the keyboard, too; what nobody has written is not known.
  await charts.nth(2).locator('.chart-plot').focus()
  for (let step = 0; step < 32; step++) await page.keyboard.press('ArrowLeft')
  await charts.nth(2).locator('.chart-value').getByText('–').waitFor()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowLeft')
  await charts.nth(2).getByText('most: 10 on chat-1 · 1').waitFor()
  await page.getByRole('button', { name: 'Show as table' }).click()
  await page
    .getByRole('region', { name: 'The last hour' })
    .getByRole('columnheader', { name: 'Messages sent' })
    .waitFor()
  await expectAccessible(page)

  await rows.getByRole('link', { name: 'chat-2' }).click()
  const detail = page.getByRole('complementary', { name: 'chat-2 · 1' })
  await detail.locator('canvas').nth(11).waitFor()
  expect(new URL(page.url()).pathname).toBe('/console/processes')
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await detail.waitFor({ state: 'detached' })
})

test('findings say what to do, and are filtered by the address', async ({ console: view }) => {
  const page = await view.open('/findings')
  const findings = page.locator('.finding')
  await findings.filter({ hasText: 'fsync' }).getByText('postgres.setting').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('log.level')
  await waitFor(async () => (await findings.allTextContents()).length === 1)
  expect(new URL(page.url()).searchParams.get('code')).toBe('log.level')
  await page.getByLabel('Severity').selectOption('Error')
  await page.getByText('No finding matches these filters.').waitFor()
  await page.reload()
  await page.getByText('No finding matches these filters.').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await findings.filter({ hasText: 'full_page_writes' }).waitFor()
})

test('while the database is away the last figures stay with their age, and are read again when it is back', async ({
  tabs,
  console: view,
  database: { proxy },
}) => {
  tabs.tolerate(/the server responded with a status of 503/)
  const page = await view.open('/')
  const card = page.getByRole('region', { name: /^Postgres/ })
  await card.getByText('Answers').waitFor()
  const size = await card.getByText(/^\d+ MB$/).textContent()
  await proxy.cut()
  try {
    await card.getByText(/^No answer for/).waitFor()
    await page
      .getByText(/^As of .+ ago: it cannot be read again now/)
      .first()
      .waitFor()
    expect(await card.getByText(/^\d+ MB$/).textContent()).toBe(size)
    await expectAccessible(page)
  } finally {
    await proxy.restore()
  }
  await card.getByText('Answers').waitFor()
  await waitFor(async () => (await page.locator('.age').count()) === 0)
})
