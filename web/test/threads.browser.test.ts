import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { act, expectAccessible, livePanes, paneOf, type PaneOf } from './page.ts'

/** By what it says itself, and not what it quotes. */
const messageOf = ({ root }: PaneOf, text: string) =>
  root.locator('.pane-channel .message', { has: root.page().locator('.message-text', { hasText: text }) })
const threadOf = ({ root }: PaneOf) => root.getByRole('group', { name: 'Thread' })
const lineOf = (pane: PaneOf, says: RegExp) => messageOf(pane, 'lunch?').getByRole('button', { name: says })

async function reply(pane: PaneOf, text: string): Promise<void> {
  const field = threadOf(pane).getByRole('textbox', { name: 'Reply' })
  await field.fill(text)
  await field.press('Enter')
  await threadOf(pane).locator('.message-text', { hasText: text }).waitFor()
}

const seesReply = (pane: PaneOf, text: string) => threadOf(pane).locator('.message-text', { hasText: text }).waitFor()

test('two people reply in a thread and quote, with counts that follow, through a pulled plug and a reload', async ({
  tabs,
}) => {
  const page = await tabs.open('/chat/general?other=general')
  const { alice, bob } = await livePanes(page)
  await alice.send('lunch?')
  await bob.sees('lunch?')
  await act(messageOf(bob, 'lunch?'), 'Reply in thread')
  await reply(bob, 'yes, at noon')
  await lineOf(alice, /^1 reply by Bob ?1 new/).waitFor()
  // The way in the middle stays that of the last message which both channels show.
  await page.locator('.way li[data-done]', { hasText: 'accepted' }).waitFor()
  // What is followed, by the keyboard; she reads it.
  await alice.root.getByRole('button', { name: /^Threads ?1/ }).press('Enter')
  const followed = page.getByRole('dialog', { name: 'Threads' })
  await followed.getByRole('link', { name: /lunch\?/ }).waitFor()
  await expectAccessible(page)
  await followed.getByRole('link', { name: /lunch\?/ }).press('Enter')
  await seesReply(alice, 'yes, at noon')
  await waitFor(
    async () =>
      (await alice.root
        .getByRole('button', { name: /^Threads/ })
        .locator('.unread')
        .count()) === 0,
  )
  await expectAccessible(page)
  // She is away: what she writes waits in the thread, and is not lost by a reload.
  await alice.plug.click()
  await alice.is('offline')
  await reply(alice, 'with soup')
  await reply(bob, 'or salad')
  await bob.root.getByRole('checkbox', { name: /^Also show in/ }).check()
  await reply(bob, 'I book a table')
  expect(await messageOf(alice, 'with soup').count()).toBe(0)
  // Her other tab shows it too.
  const other = await tabs.open(new URL(page.url()).pathname)
  await seesReply(paneOf(other, 'Alice'), 'with soup')
  await other.close()
  await page.reload()
  await livePanes(page)
  for (const pane of [alice, bob]) {
    for (const text of ['yes, at noon', 'with soup', 'or salad', 'I book a table']) await seesReply(pane, text)
    await threadOf(pane).getByText('4 replies').waitFor()
  }
  // Esc closes it, and gives the focus back.
  await threadOf(alice).getByRole('textbox', { name: 'Reply' }).press('Escape')
  await threadOf(alice).waitFor({ state: 'detached' })
  await waitFor(() => lineOf(alice, /^4 replies/).evaluate((line) => line === document.activeElement))
  await messageOf(alice, 'I book a table').getByText('replied in a thread').waitFor()
  // A quote is as what it quotes is now, and leads there.
  await act(messageOf(alice, 'Then we are ready'), 'Quote')
  await alice.send('even for lunch')
  const quote = messageOf(alice, 'even for lunch').getByRole('button', { name: /^Quotes Mira/ })
  await quote.click()
  await alice.root.locator('.message[data-lit]', { hasText: 'Then we are ready' }).waitFor()
  await act(messageOf(alice, 'even for lunch'), 'Quote')
  await alice.send('twice')
  await act(messageOf(alice, 'even for lunch'), 'Edit')
  await alice.send('for dinner too')
  await messageOf(alice, 'twice')
    .getByRole('button', { name: /for dinner too/ })
    .waitFor()
  // A deleted message keeps its place and its replies.
  await act(messageOf(alice, 'lunch?'), 'Delete')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  const tombstone = messageOf(alice, 'This message was deleted.')
  await tombstone.getByRole('button', { name: /^4 replies/ }).click()
  await seesReply(alice, 'or salad')
  await expectAccessible(page)
})
