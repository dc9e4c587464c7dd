import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import type { Client } from '../../src/index.ts'
import { test } from '../browser/harness.ts'
import { isAtEnd, openChat, placeOf, row, send, show } from './parts-chat.ts'

declare const alice: Client

/** A list of 300 px, of rows of at least 30 px, with four more on each side and the one that has the focus. */
const maxRows = 300 / 30 + 1 + 8 + 1

const rowsOf = (tab: Page): Promise<number> => tab.locator('[role=article]').count()

const scrollBy = (tab: Page, pixels: number): Promise<void> =>
  tab.locator('#list').evaluate((list, by) => list.scrollBy(0, by), pixels)

/** Index of the first row that is wholly in view. */
const firstInView = (tab: Page): Promise<number> =>
  tab.evaluate(() => {
    const { top } = document.querySelector('#list')!.getBoundingClientRect()
    const rows = [...document.querySelectorAll('[data-index]')]
    return Number(rows.find((one) => one.getBoundingClientRect().top >= top)!.getAttribute('data-index'))
  })

const isAt = (tab: Page, index: number, place: number): Promise<unknown> =>
  waitFor(async () => {
    const now = await placeOf(tab, index)
    return now !== null && Math.abs(now - place) < 2
  })

test('few rows are in the document; what is looked at stays while rows come and grow, and the end where one is there', async ({
  tabs,
}) => {
  const { tab, id } = await openChat(tabs, 119, false)
  await show(tab, id, undefined, true)
  await row(tab, 'message 119 more').waitFor()
  await isAtEnd(tab)
  expect(await rowsOf(tab)).toBeLessThanOrEqual(maxRows)
  await send(tab, id, 'at the end')
  await row(tab, 'at the end more').waitFor()
  await isAtEnd(tab)
  expect(await tab.locator('#jump').count()).toBe(0)

  await scrollBy(tab, -700)
  await tab.locator('#jump', { hasText: 'newest' }).waitFor()
  const index = await firstInView(tab)
  const place = (await placeOf(tab, index))!
  await send(tab, id, 'missed')
  await tab.locator('#jump', { hasText: '1 new' }).waitFor()
  expect(await placeOf(tab, index)).toBe(place)
  // A row above the view grows, as when a picture arrives; then one below.
  for (const other of [index - 3, index + 2]) {
    await tab.locator(`[data-index="${other}"]`).evaluate((element) => {
      element.style.minHeight = '200px'
    })
    await isAt(tab, index, place)
  }

  // To the beginning, page by page.
  const moved: number[] = []
  let most = await rowsOf(tab)
  await waitFor(async () => {
    const [seen, before, wanted] = await tab.evaluate(() => {
      const list = document.querySelector('#list')!
      const { top } = list.getBoundingClientRect()
      const rows = [...document.querySelectorAll('[data-index]')]
      const first = rows.find((one) => one.getBoundingClientRect().top >= top)!
      // Where the next page is not there yet the list has an upper end.
      const by = Math.min(150, list.scrollTop)
      const place = first.getBoundingClientRect().top - top
      list.scrollBy(0, -by)
      return [Number(first.getAttribute('data-index')), place, place + by] as const
    })
    await tab.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    const now = await placeOf(tab, seen)
    most = Math.max(most, await rowsOf(tab))
    const isThere = (await tab.locator('[data-index="0"]').count()) === 1
    // At the very beginning the room for what is earlier goes. A scroll in the moment in which a page arrives may be lost: then all stays where it was.
    if (now !== null && !isThere) moved.push(Math.min(Math.abs(now - wanted), Math.abs(now - before)))
    return isThere
  })
  expect(moved.filter((pixels) => pixels >= 2)).toEqual([])
  expect(most).toBeLessThanOrEqual(maxRows)

  await tab.locator('#jump').click()
  await row(tab, 'missed more').waitFor()
  await isAtEnd(tab)
  expect(await tab.evaluate(() => document.activeElement?.id)).toBe('list')
  // The last row grows at the end: it stays.
  await row(tab, 'missed more').evaluate((element) => {
    element.style.minHeight = '120px'
  })
  await row(tab, 'missed more').and(tab.locator('[style*="min-height: 120px"]')).waitFor()
  await isAtEnd(tab)
})

test('a row that is unfolded keeps its place at the end too, and what follows it when it is folded from below', async ({
  tabs,
}) => {
  const { tab, id } = await openChat(tabs, 119, false)
  await show(tab, id, undefined, true)
  await row(tab, 'message 119 more').waitFor()
  await isAtEnd(tab)
  const place = (await placeOf(tab, 118))!
  await row(tab, 'message 118 more').getByRole('button').click()
  await tab.locator('#jump').waitFor()
  await isAt(tab, 118, place)
  // Its beginning goes out of view; what stands below it is kept.
  await scrollBy(tab, place + 200)
  await tab.locator('[data-index="119"]').waitFor()
  const below = (await placeOf(tab, 119))!
  await row(tab, 'message 118 less')
    .getByRole('button')
    .evaluate((button: HTMLElement) => button.click())
  await row(tab, 'message 118 more').waitFor({ state: 'attached' })
  const room = await tab.locator('#list').evaluate((list) => list.scrollHeight - list.clientHeight - list.scrollTop)
  if (room > 2) await isAt(tab, 119, below)
  else await isAtEnd(tab)
})

test('a list opens at the first unread message, jumps to another one, and keeps the row that has the focus', async ({
  tabs,
}) => {
  const { tab, id } = await openChat(tabs, 99, true)
  await tab.waitForFunction((channel) => alice.channel(channel).unreadCount === 20, id)
  await show(tab, id, undefined, true)
  await tab.locator('[data-first-unread][data-index="100"]').waitFor()
  const isInMiddle = (index: number): Promise<unknown> =>
    waitFor(async () => {
      const place = await placeOf(tab, index)
      return place !== null && place > 50 && place < 250
    })
  await isInMiddle(100)
  await show(tab, id, 20, true)
  await tab.locator('[data-highlighted][data-index="20"]').waitFor()
  await isInMiddle(20)

  const focused = (): Promise<number> =>
    tab.evaluate(() => Number(document.activeElement?.getAttribute('data-index') ?? -1))
  await tab.locator('[data-index="20"]').focus()
  for (let step = 0; step < 12; step++) await tab.keyboard.press('ArrowDown')
  await waitFor(async () => (await focused()) === 32)
  await scrollBy(tab, -1200)
  await waitFor(async () => (await firstInView(tab)) < 20)
  expect(await focused()).toBe(32)
  await tab.keyboard.press('ArrowDown')
  await waitFor(async () => (await focused()) === 33)
  await isInView(tab, 33)
  await tab.keyboard.press('Home')
  await waitFor(async () => (await focused()) >= 0 && (await focused()) < 20)

  await tab.locator('#jump').click()
  await row(tab, 'message 119 more').waitFor()
  await isAtEnd(tab)
})

const isInView = (tab: Page, index: number): Promise<unknown> =>
  waitFor(async () => {
    const place = await placeOf(tab, index)
    return place !== null && place >= 0 && place < 300
  })
