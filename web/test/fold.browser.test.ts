import type { Locator } from 'playwright-core'
import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { belowView, expectAccessible, livePanes } from './page.ts'

const send = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }`

/** A line of this text is a line of the pane. */
const lines = (count: number): string => Array.from({ length: count }, (_, at) => `line ${at}`).join('\n')

test('a very long message is folded; unfolding it moves nothing above it, also by the keyboard and for a link below the fold', async ({
  tabs,
}) => {
  const profile = await tabs.profile({ viewport: { width: 1440, height: 860 } })
  const page = await tabs.open('/', { profile })
  const { alice } = await livePanes(page)
  const from = (body: string): Promise<unknown> =>
    tabs.fonechat.backend(send, { input: { channelId: 'general', authorIdentity: 'mira', body } })
  await from(`short\n${lines(22)}`)
  await from(`long\n${lines(60)}\nhttps://example.com/below`)
  await alice.sees('example.com/below')
  const long = alice.root.locator('.message', { hasText: 'example.com/below' })
  const more = long.getByRole('button', { name: 'Show more' })
  await more.waitFor()
  await waitFor(async () => (await belowView(alice.list)) <= 1)
  // A few lines more are not worth a button.
  expect(await alice.root.getByRole('button', { name: 'Show more' }).count()).toBe(1)
  const text = long.locator('.message-text')
  const [folded, whole] = [(await long.boundingBox())!, (await text.boundingBox())!]
  expect(folded.height).toBeLessThan(560)
  expect(whole.height).toBeGreaterThan(1200)
  expect(await more.getAttribute('aria-expanded')).toBe('false')
  await expectAccessible(page)

  // At the end of the list too: its beginning stays, and what is below it is below the view.
  await more.click()
  const less = long.getByRole('button', { name: 'Show less' })
  await less.waitFor()
  await alice.root.getByRole('button', { name: 'newest' }).waitFor()
  const top = async (): Promise<number> => (await long.boundingBox())!.y
  expect(Math.abs((await top()) - folded.y)).toBeLessThan(2)
  expect(await less.getAttribute('aria-expanded')).toBe('true')

  // Folded again from below, where its beginning is out of view: one sees it still.
  await alice.root.getByRole('button', { name: 'newest' }).click()
  await waitFor(async () => (await belowView(alice.list)) <= 1)
  await less.press('Enter')
  await more.waitFor()
  await waitFor(async () => {
    const [button, list] = [(await more.boundingBox())!, (await alice.list.boundingBox())!]
    return button.y > list.y && button.y + button.height <= list.y + list.height
  })

  // A link below the fold that gets the focus is shown.
  await long.locator('xpath=ancestor::*[@role="article"]').focus()
  await page.keyboard.press('Tab')
  await less.waitFor()
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('example.com/below')
})

test('a text without a space is laid out without kerning, which takes milliseconds instead of seconds', async ({
  tabs,
}) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  const kerningOf = (part: Locator): Promise<string> =>
    part.evaluate((element) => getComputedStyle(element).fontKerning)
  const unbroken = 'W'.repeat(1000)
  await alice.composer.fill(unbroken)
  expect(await kerningOf(alice.composer)).toBe('none')
  await alice.composer.press('Enter')
  await bob.sees('WWW')
  expect(await kerningOf(bob.root.locator('.message-text').last())).toBe('none')
  await alice.send('kerned')
  await bob.sees('kerned')
  expect(await kerningOf(bob.root.locator('.message-text').last())).toBe('auto')
})
