import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { act, belowView, livePanes, paneOf } from './page.ts'

test('two people chat: pending at once, there at the other, then read', async ({ tabs }) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  await alice.send('Draw the owl!')
  await bob.sees('Draw the owl!')
  await bob.composer.fill('Me. The')
  await alice.root.getByText('Bob is typing').waitFor()
  await bob.send('Me. The eyes first.')
  await alice.sees('Me. The eyes first.')
  await alice.root.locator('.message-note', { hasText: 'read by Bob' }).waitFor()
  // The way of the message ends where it was read.
  await page.locator('.way li[data-done]', { hasText: 'read' }).waitFor()
})

test('a pulled plug cuts the connection: what waits on both sides arrives once it is back, once each, in order', async ({
  tabs,
}) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  await bob.plug.click()
  await bob.is('offline')
  expect(await bob.plug.getAttribute('aria-checked')).toBe('false')
  for (const text of ['first while away', 'second while away', 'third while away']) await alice.send(text)
  await page.locator('.way li[data-waiting]', { hasText: 'Bob · 3 waiting' }).waitFor()
  await bob.send('kept here')
  await bob.root.getByText('waits for the network').waitFor()
  await bob.root.getByText('1 message kept, sent once you are back').waitFor()
  expect(await bob.root.getByText('first while away').count()).toBe(0)
  await bob.plug.click()
  await bob.is('live')
  await alice.sees('kept here')
  const wanted = ['first while away', 'second while away', 'third while away', 'kept here']
  for (const pane of [alice, bob]) {
    const newest = async (): Promise<readonly string[]> =>
      (await pane.root.locator('.message-text').allInnerTexts()).slice(-wanted.length)
    await waitFor(async () => (await newest()).join() === wanted.join())
    // Also where they came above what one has written oneself: the end stays in view.
    await waitFor(async () => (await belowView(pane.list)) <= 1)
  }
})

test('a plug that is pulled in one tab is pulled in the other, and can be put back there once the first is closed', async ({
  tabs,
}) => {
  const [page, other] = [await tabs.open('/'), await tabs.open('/')]
  const [{ bob }, { bob: again }] = [await livePanes(page), await livePanes(other)]
  await bob.plug.click()
  for (const pane of [bob, again]) {
    await pane.is('offline')
    await waitFor(async () => (await pane.plug.getAttribute('aria-checked')) === 'false')
  }
  await page.close()
  await again.send('from the tab that is left')
  await again.plug.click()
  await again.is('live')
  await paneOf(other, 'Alice').sees('from the tab that is left')
  expect(await again.plug.getAttribute('aria-checked')).toBe('true')
})

test('an edit and a deletion show at the other; nothing is deleted unasked', async ({ tabs }) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  await alice.send('the frst sketch')
  await bob.sees('the frst sketch')
  await alice.composer.press('ArrowUp')
  await alice.composer.fill('the first sketch')
  await alice.composer.press('Enter')
  await bob.sees(/the first sketch\s*edited/)
  await act(alice.root.locator('.message', { hasText: 'the first sketch' }), 'Delete')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Keep' }).click()
  await page.getByRole('alertdialog').waitFor({ state: 'detached' })
  await bob.sees('the first sketch')
  await act(alice.root.locator('.message', { hasText: 'the first sketch' }), 'Delete')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  for (const pane of [alice, bob]) {
    await pane.root.locator('.message-text', { hasText: 'the first sketch' }).waitFor({ state: 'detached' })
  }
})

test('the list of channels follows: unread is counted, and gone when it was read', async ({ tabs }) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  const design = alice.root.getByRole('link', { name: /design/ })
  await design.click()
  await alice.root.getByRole('heading', { name: '# design' }).waitFor()
  await page.waitForURL(/\/chat\/design/)
  await design.getByText('unread').waitFor({ state: 'detached' })
  await bob.send('while Alice looks elsewhere')
  await alice.root.getByRole('link', { name: /general.*1 unread message$/ }).waitFor()
  await page.goBack()
  await alice.sees('while Alice looks elsewhere')
  await alice.root.getByRole('link', { name: /general.*unread/ }).waitFor({ state: 'detached' })
})
