import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { belowView, expectAccessible, livePanes, type PaneOf } from './page.ts'

const sending = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }`
const appending = `mutation ($input: AppendToMessageInput!) { appendToMessage(input: $input) { length } }`
const finishing = `mutation ($input: FinishMessageInput!) { finishMessage(input: $input) { message { body } } }`
const cancelling = `mutation ($input: CancelMessageInput!) { cancelMessage(input: $input) { cursor } }`

type Backend = <Result>(document: string, variables: Record<string, unknown>) => Promise<Result>

/** Writes the text of one message, in somebody’s name. */
async function begin(backend: Backend, authorIdentity: string) {
  const input = { channelId: 'general', body: '', isStreaming: true, authorIdentity }
  const { sendMessage } = await backend<{ sendMessage: { message: { id: string } } }>(sending, { input })
  const messageId = sendMessage.message.id
  let whole = ''
  return {
    append: async (text: string): Promise<void> => {
      await backend(appending, { input: { messageId, offset: whole.length, text } })
      whole += text
    },
    whole: () => whole,
    finish: () => backend(finishing, { input: { messageId, offset: whole.length } }),
    cancel: () => backend(cancelling, { input: { messageId } }),
  }
}

const rowOf = ({ root }: PaneOf, text: string) => root.locator('.message', { hasText: text })
const textIn = (pane: PaneOf, text: string): Promise<string> =>
  rowOf(pane, text)
    .locator('.message-text')
    .evaluate((element) => {
      const own = element.cloneNode(true) as Element
      own.querySelector('.message-caret')?.remove()
      return own.textContent
    })
const shows = async (pane: PaneOf, start: string, whole: string): Promise<void> => {
  await waitFor(async () => (await textIn(pane, start)) === whole, { timeout: 20_000 })
}

/** Notes from now on which rows of a pane change in the document. */
async function watchRows(pane: PaneOf): Promise<() => Promise<readonly string[]>> {
  const list = await pane.list.elementHandle()
  await list!.evaluate((element) => {
    const changed = new Set<string>()
    const observer = new MutationObserver((records) => {
      for (const { target } of records) {
        const row = (target instanceof Element ? target : target.parentElement)?.closest<HTMLElement>('[data-key]')
        if (row) changed.add(row.textContent)
      }
    })
    observer.observe(element, { subtree: true, childList: true, characterData: true, attributes: true })
    Object.assign(element, { rowsChanged: () => [...changed] })
  })
  return () => list!.evaluate((element) => (element as unknown as { rowsChanged(): string[] }).rowsChanged())
}

const saidIn = (page: Page): Promise<string> =>
  page.evaluate(() => [...document.querySelectorAll('[role="status"]')].map(({ textContent }) => textContent).join())

test('P14: an answer streams while a plug is pulled and put back: the list stays at its end or where one reads, and both have the whole', async ({
  tabs,
}) => {
  const profile = await tabs.profile({ viewport: { width: 1440, height: 860 } })
  const page = await tabs.open('/', { profile })
  const { alice, bob } = await livePanes(page)
  const { backend } = tabs.fonechat as unknown as { backend: Backend }
  const answer = await begin(backend, 'mira')
  const start = 'An answer 👩🏽‍🚀 '
  await answer.append(start)
  for (const pane of [alice, bob]) {
    await shows(pane, 'An answer', start)
    await rowOf(pane, 'An answer').locator('.message-caret').waitFor()
  }
  expect(await rowOf(alice, 'An answer').locator('xpath=ancestor::*[@role="article"]').getAttribute('aria-busy')).toBe(
    'true',
  )
  await expectAccessible(page)

  // One row changes, and she stays at the end; he reads something older, which stays where it is.
  await bob.list.evaluate((list) => list.scrollBy(0, -300))
  await bob.root.getByRole('button', { name: 'newest' }).waitFor()
  const read = async (): Promise<number> => (await rowOf(bob, 'Then we are ready').first().boundingBox())!.y
  const before = await read()
  const changedRows = await watchRows(alice)
  for (const word of ['says it ', 'letter ', 'by letter, n', 'a\u0308her ', '🦉']) await answer.append(word)
  await shows(alice, 'An answer', answer.whole())
  const changed = await changedRows()
  expect(changed.length).toBeGreaterThan(0)
  expect(changed.filter((text) => !text.includes('An answer'))).toEqual([])
  for (let line = 0; line < 30; line++) await answer.append(`\nline ${line}`)
  await shows(alice, 'An answer', answer.whole())
  expect(await rowOf(alice, 'An answer').getByRole('button', { name: 'Show more' }).count()).toBe(0)
  await waitFor(async () => (await belowView(alice.list)) <= 1)
  await shows(bob, 'An answer', answer.whole())
  expect(Math.abs((await read()) - before)).toBeLessThan(2)
  expect(await saidIn(page)).not.toContain('An answer')

  // She is away; what she has stays, and the rest comes with the plug, or with the page.
  await alice.plug.click()
  await alice.is('offline')
  const had = answer.whole()
  await answer.append('\nwhile she is away, ')
  await shows(bob, 'An answer', answer.whole())
  expect(await textIn(alice, 'An answer')).toBe(had)
  await alice.plug.click()
  await alice.is('live')
  await shows(alice, 'An answer', answer.whole())
  // It is said for a moment only.
  const isSaid = waitFor(async () => (await saidIn(page)).includes('and the end'), { timeout: 20_000 })
  await answer.append('and the end 🦉👋🏽')
  await Promise.all([isSaid, answer.finish()])
  for (const pane of [alice, bob]) {
    await rowOf(pane, 'An answer').locator('.message-caret').waitFor({ state: 'detached' })
    await shows(pane, 'An answer', answer.whole())
    // It grew under their eyes, and is not folded now.
    await rowOf(pane, 'An answer').getByRole('button', { name: 'Show less' }).waitFor()
  }

  // What one writes oneself is not edited meanwhile; who stops it says so.
  const own = await begin(backend, 'bob')
  await own.append('Not quite')
  await bob.root.getByRole('button', { name: 'newest' }).click()
  await shows(bob, 'Not quite', 'Not quite')
  await rowOf(bob, 'Not quite').hover()
  await rowOf(bob, 'Not quite').getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).waitFor()
  expect(await page.getByRole('menuitem', { name: 'Edit' }).count()).toBe(0)
  await page.keyboard.press('Escape')
  await page.reload()
  await livePanes(page)
  await shows(alice, 'Not quite', 'Not quite')
  await own.append(' done')
  await own.cancel()
  for (const pane of [alice, bob]) {
    await rowOf(pane, 'Not quite').getByText('Stopped').waitFor()
    expect(await textIn(pane, 'Not quite')).toBe('Not quite done Stopped')
  }
  await expectAccessible(page)
})
