import { expect } from 'vitest'
import { test } from '../browser/harness.ts'
import type { CopyPage } from './copy.page.ts'

const entry = new URL('./copy.page.ts', import.meta.url)

declare const page: CopyPage
declare function confirm(word: string): Promise<void>

test('nothing that was confirmed is missing after the page crashes in the middle of writing', async ({ tabs }) => {
  const profile = await tabs.profile()
  const confirmed: string[] = []
  await profile.exposeBinding('confirm', (_, word: string) => void confirmed.push(word))
  for (let round = 0; round < 6; round++) {
    const user = `crashes ${round}`
    confirmed.length = 0
    const tab = await tabs.openEntry(entry, { profile })
    await tab.evaluate(async (identity) => page.writeForEver(identity, confirm), user)
    const enough = 10 + 7 * round
    await expect.poll(() => confirmed.length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(enough)
    const session = await profile.newCDPSession(tab)
    const crashed = tab.waitForEvent('crash')
    // There is no answer from a page that has crashed.
    session.send('Page.crash').catch(() => {})
    await crashed
    const sure = [...confirmed]
    await tab.close()
    const later = await tabs.openEntry(entry, { profile })
    const found = await later.evaluate((identity) => page.find(identity), user)
    expect(sure.filter((word) => !found.includes(word))).toEqual([])
    await later.close()
  }
})
