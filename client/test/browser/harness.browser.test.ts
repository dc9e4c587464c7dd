import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { networkErrors, test } from './harness.ts'

const echo = new URL('./echo.page.ts', import.meta.url)

declare const log: string[]
declare const hasLocks: boolean

test('a page with a script of a spec stands on the origin of the server', async ({ tabs }) => {
  const page = await tabs.openEntry(echo)
  await page.waitForFunction(() => log.includes('open'))
  expect(await page.evaluate(() => hasLocks)).toBe(true)
  const answer = await page.evaluate(async () => (await fetch('/healthz')).json() as Promise<unknown>)
  expect(answer).toEqual({ status: 'ok' })
})

test('a proxy that is offline also ends a WebSocket that is open, of its own tab alone', async ({ tabs }) => {
  tabs.tolerate(networkErrors)
  const proxy = await tabs.newProxy(echo)
  const page = await tabs.openEntry(echo, { proxy })
  const other = await tabs.openEntry(echo)
  for (const each of [page, other]) await each.waitForFunction(() => log.includes('open'))
  proxy.offline()
  await page.waitForFunction(() => log.includes('close'))
  expect(await page.evaluate(() => fetch('/healthz').then(String, () => 'refused'))).toBe('refused')
  expect(await other.evaluate(() => log)).not.toContain('close')
  proxy.online()
  expect(await page.evaluate(async () => (await fetch('/healthz')).status)).toBe(200)
})

test('a hidden tab of a window is frozen and goes on, and a page comes back from the back-forward cache', async ({
  tabs,
}) => {
  tabs.tolerate(networkErrors)
  const profile = await tabs.window()
  const page = await tabs.openEntry(echo, { profile })
  await page.waitForFunction(() => log.includes('open'))
  const other = await tabs.openEntry(echo, { profile })
  await tabs.freeze(page)
  await waitFor(async () => (await page.evaluate(() => log)).includes('freeze'))
  await tabs.resume(page)
  await waitFor(async () => (await page.evaluate(() => log)).includes('resume'))
  await other.close()
  await page.bringToFront()
  await page.goto(`${page.url()}?elsewhere`)
  await tabs.goBack(page)
  await waitFor(async () => (await page.evaluate(() => log)).includes('restored'))
})

test.fails('an error of a page fails its spec', async ({ tabs }) => {
  const page = await tabs.openEntry(echo)
  await page.evaluate(() => reportError(new Error('of this page')))
})
