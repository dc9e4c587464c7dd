import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { expectAccessible, livePanes, setTextSize, sideways } from './page.ts'

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing at any width, ${colorScheme}`, async ({ tabs }) => {
    const profile = await tabs.profile({ colorScheme, viewport: { width: 1440, height: 860 } })
    const page = await tabs.open('/', { profile })
    const { alice, bob } = await livePanes(page)
    const text = `Draw the owl, ${colorScheme}`
    await alice.send(text)
    await bob.sees(text)
    await bob.plug.click()
    await bob.is('offline')
    await bob.send('kept')
    for (const width of [1440, 1120, 820]) {
      await page.setViewportSize({ width, height: 860 })
      // Away from what showed its toolbar at the width before.
      await alice.composer.hover()
      await alice.root.getByRole('toolbar').waitFor({ state: 'detached' })
      await expectAccessible(page)
      await alice.root.locator('.message-text', { hasText: text }).hover()
      await alice.root.getByRole('toolbar').waitFor()
      await expectAccessible(page)
    }
  })
}

test('on a phone one pane is shown, with a switch; fingers find their targets', async ({ tabs }) => {
  const profile = await tabs.profile({
    viewport: { width: 390, height: 780 },
    hasTouch: true,
    isMobile: true,
  })
  const page = await tabs.open('/', { profile })
  const { alice, bob } = await livePanes(page)
  expect([await alice.root.isVisible(), await bob.root.isVisible()]).toEqual([true, false])
  // Enter breaks the line here; a button sends.
  await alice.composer.fill('from a phone')
  await alice.root.getByRole('button', { name: 'Send' }).tap()
  await page.getByRole('button', { name: 'Bob', exact: true }).tap()
  await bob.sees('from a phone')
  expect([await alice.root.isVisible(), await bob.root.isVisible()]).toEqual([false, true])
  await bob.root.getByRole('button', { name: 'Channels' }).tap()
  await bob.root.getByRole('link', { name: /support/ }).tap()
  await bob.root.getByRole('heading', { name: '# support' }).waitFor()
  await expectAccessible(page)
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, a[href], textarea, [role=switch]')]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.message-text'))
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ element, box }) => box.height < 44 && !element.matches('.bar-about'))
      .map(({ element }) => element.outerHTML.slice(0, 80)),
  )
  expect(small).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})

test('a finger that rests on a message shows what can be done with it, and it stays', async ({ tabs }) => {
  const profile = await tabs.profile({ viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true })
  const page = await tabs.open('/', { profile })
  const { alice } = await livePanes(page)
  const text = alice.root.locator('.message-text', { hasText: 'She is touching something' })
  const { x, y } = (await text.boundingBox())!
  const session = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchEnd', touchPoints: { x: number; y: number }[]): Promise<unknown> =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints })
  await touch('touchStart', [{ x: x + 20, y: y + 8 }])
  const toolbar = alice.root.getByRole('toolbar')
  await toolbar.waitFor()
  await touch('touchEnd', [])
  await toolbar.getByRole('button', { name: 'More' }).waitFor()
  await alice.composer.tap()
  await toolbar.waitFor({ state: 'detached' })
})

test('text at 200 % stays within the page, and so does the page at 320 pixels', async ({ tabs }) => {
  const profile = await tabs.profile({ viewport: { width: 1440, height: 860 } })
  const page = await tabs.open('/', { profile })
  await livePanes(page)
  for (const [width, size] of [
    [1440, 32],
    [390, 32],
    [320, 16],
  ] as const) {
    await page.setViewportSize({ width, height: 860 })
    await setTextSize(page, size)
    expect(await sideways(page)).toEqual([])
    await expectAccessible(page)
  }
})
