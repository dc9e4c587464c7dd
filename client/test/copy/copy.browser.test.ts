import { expect } from 'vitest'
import { test } from '../browser/harness.ts'
import type { CopyPage } from './copy.page.ts'

const entry = new URL('./copy.page.ts', import.meta.url)

declare const page: CopyPage

test('the copy and the outbox do what those in memory do, and what only they can', async ({ tabs }) => {
  const tab = await tabs.openEntry(entry)
  const names = await tab.evaluate(() => page.names)
  expect(names.length).toBeGreaterThan(10)
  const failures: string[] = []
  for (const name of names) {
    await tab
      .evaluate((each) => page.run(each), name)
      .catch((error: unknown) => failures.push(`${name}: ${String(error)}`))
  }
  expect(failures).toEqual([])
})

test('a tab that opens later finds what the state was, after any history', async ({ tabs }) => {
  const tab = await tabs.openEntry(entry)
  const first = Number(process.env['SEED']) || 1
  for (let seed = first; seed < first + 20; seed++) await tab.evaluate((each) => page.compare(each), seed)
  expect(first).toBeGreaterThan(0)
})
