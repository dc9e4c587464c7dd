import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { expectAccessible, livePanes, type PaneOf } from './page.ts'

const rowOf = ({ root }: PaneOf, text: string) => root.getByRole('article').filter({ hasText: text })

/** The reactions to a message as they are read: sign and count, with `*` at one's own. */
const shown = (pane: PaneOf, text: string): Promise<readonly string[]> =>
  rowOf(pane, text)
    .locator('.reaction')
    .evaluateAll((chips) =>
      chips.map((chip) => `${chip.textContent}${chip.getAttribute('aria-pressed') === 'true' ? '*' : ''}`),
    )

async function sees(pane: PaneOf, text: string, ...wanted: readonly string[]): Promise<void> {
  await waitFor(async () => (await shown(pane, text)).join() === wanted.join(), { timeout: 15_000 })
}

async function react(pane: PaneOf, text: string, name: string): Promise<void> {
  await rowOf(pane, text).hover()
  await rowOf(pane, text).getByRole('button', { name }).click()
}

test('two people react, also while the plug is pulled: what waits and what was missed are there once it is back', async ({
  tabs,
}) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  const text = 'Shall we draw the owl?'
  await alice.send(text)
  await bob.sees(text)
  await react(alice, text, 'React: thumbs up')
  await sees(alice, text, '👍1*')
  await sees(bob, text, '👍1')
  const says = (who: string) =>
    waitFor(async () => {
      const chip = rowOf(alice, text).locator('.reaction').first()
      // Again, for what comes to be said of the message may move it from under the mouse.
      await chip.hover()
      return (await chip.getAttribute('title')) === who
    })
  await says('You')
  // By the keyboard: the mouse stays where it is.
  await rowOf(bob, text).locator('.reaction').first().press('Enter')
  await sees(bob, text, '👍2*')
  await sees(alice, text, '👍2*')
  await says('You and Bob')
  await expectAccessible(page)

  await alice.plug.click()
  await alice.is('offline')
  await react(alice, text, 'React: heart')
  await sees(alice, text, '👍2*', '❤️1*')
  await rowOf(bob, text).locator('.reaction').first().click()
  await react(bob, text, 'React: party')
  await sees(bob, text, '👍1', '🎉1*')
  await alice.plug.click()
  await alice.is('live')
  await sees(alice, text, '👍1*', '🎉1', '❤️1*')
  await sees(bob, text, '👍1', '🎉1*', '❤️1')
  await page.reload()
  const again = await livePanes(page)
  await sees(again.alice, text, '👍1*', '🎉1', '❤️1*')
})

test('another emoji is picked by the keyboard, and a reaction is taken back by its chip', async ({ tabs }) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  const text = 'What is for lunch?'
  await alice.send(text)
  await bob.sees(text)
  await react(alice, text, 'React with another emoji')
  const search = page.getByRole('searchbox', { name: 'Find an emoji' })
  // The mouse is elsewhere meanwhile: what the picker belongs to stays marked.
  await alice.root.getByRole('article').first().dispatchEvent('pointerover', { pointerType: 'mouse' })
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  expect(await rowOf(alice, text).locator('.message[data-active] .message-actions').count()).toBe(1)
  await search.fill('avocado')
  await page.locator('.emoji-one[data-active]', { hasText: '🥑' }).waitFor()
  await search.press('Enter')
  await sees(bob, text, '🥑1')
  await sees(alice, text, '🥑1*')
  // The message has the focus again.
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(`Alice: ${text}`)
  await rowOf(alice, text).locator('.reaction').focus()
  await page.keyboard.press('Enter')
  await sees(bob, text)
  await react(alice, text, 'React with another emoji')
  await search.press('Escape')
  await search.waitFor({ state: 'detached' })
  await expectAccessible(page)
})
