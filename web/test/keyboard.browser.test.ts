import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { livePanes } from './page.ts'

test('everything is reached by the keyboard alone: channels, plug, messages and what can be done with them', async ({
  tabs,
}) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let step = 0; step < 40; step++) {
      await page.keyboard.press('Tab')
      const label = await page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      )
      if (name.test(label)) return
    }
    throw new Error(`no tab stop called ${String(name)}`)
  }
  await tabTo(/connection$/)
  await page.keyboard.press('Space')
  await alice.is('offline')
  await page.keyboard.press('Space')
  await alice.is('live')
  await tabTo(/^Message #/)
  await page.keyboard.type('by the keyboard')
  await page.keyboard.press('Enter')
  await bob.sees('by the keyboard')
  // Up from the composer edits; Esc takes it back.
  await page.keyboard.press('ArrowUp')
  await alice.root.getByText('Esc cancels').waitFor()
  await page.keyboard.press('Escape')
  await alice.root.getByText('Esc cancels').waitFor({ state: 'detached' })
  // Back to the list: the newest message has the focus, arrows walk through the others, Tab goes to what can be done.
  const focused = (): Promise<string | null | undefined> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
  await page.keyboard.press('Shift+Tab')
  expect(await focused()).toBe('Alice: by the keyboard')
  await page.keyboard.press('ArrowUp')
  expect(await focused()).not.toBe('Alice: by the keyboard')
  await page.keyboard.press('ArrowDown')
  expect(await focused()).toBe('Alice: by the keyboard')
  await tabTo(/^More$/)
  await page.keyboard.press('Escape')
  expect(await focused()).toBe('Alice: by the keyboard')
  await tabTo(/^More$/)
  await page.keyboard.press('Enter')
  const item = page.getByRole('menuitem', { name: 'Edit' })
  await item.waitFor()
  await waitFor(async () => {
    await page.keyboard.press('ArrowDown')
    return item.evaluate((element) => element === document.activeElement)
  })
  await page.keyboard.press('Enter')
  await alice.root.getByText('Esc cancels').waitFor()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('edited by the keyboard')
  await page.keyboard.press('Enter')
  await bob.sees('edited by the keyboard')
})

test('an input method is not cut off by Enter', async ({ tabs }) => {
  const page = await tabs.open('/')
  const { alice } = await livePanes(page)
  await alice.composer.focus()
  const session = await page.context().newCDPSession(page)
  await session.send('Input.imeSetComposition', { text: 'フクロウ', selectionStart: 4, selectionEnd: 4 })
  await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', windowsVirtualKeyCode: 229 })
  await session.send('Input.insertText', { text: 'フクロウ' })
  // What Safari sends after it has ended the composition: the code 229 and no `isComposing`.
  await alice.composer.evaluate((field) =>
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true })),
  )
  await alice.composer.press('End')
  await alice.composer.pressSequentially(' 目')
  await alice.composer.press('Enter')
  await alice.sees('フクロウ 目')
  expect(await alice.root.locator('.message-text', { hasText: /^フクロウ$/ }).count()).toBe(0)
})
