import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { expectAccessible, livePanes } from './page.ts'

const freezing = 'mutation ($channelId: ID!) { freezeChannel(input: { channelId: $channelId }) { channel { id } } }'
const thawing = 'mutation ($channelId: ID!) { unfreezeChannel(input: { channelId: $channelId }) { channel { id } } }'

test('who is online is said in the head and in the list; one who is away is waited for, one who is there is not', async ({
  tabs,
}) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  await alice.root.getByText('6 members · 2 online').waitFor()
  const direct = alice.root.getByRole('link', { name: /^Bob (online|offline)/ })
  await direct.getByText('online').waitFor()
  // Whatever stands below a message from its first keystroke's send on, it is never that Bob is waited for.
  await page.evaluate(() => {
    const said = ((globalThis as unknown as { said: string[] }).said = [] as string[])
    new MutationObserver(() => {
      for (const note of document.querySelectorAll('.message-note')) said.push(note.textContent)
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
  await alice.send('to one who is there')
  await alice.root.locator('.message-note', { hasText: /^read by Bob$/ }).waitFor()
  const said = await page.evaluate(() => (globalThis as unknown as { said: string[] }).said)
  expect(said.filter((text) => text.includes('waiting'))).toEqual([])

  await bob.plug.click()
  await bob.is('offline')
  await alice.root.getByText('6 members · 1 online').waitFor()
  await direct.getByText('offline').waitFor()
  expect(await bob.root.getByText(/\d online/).count()).toBe(0)
  await alice.send('to one who is away')
  await alice.root.locator('.message-note', { hasText: /^waiting for Bob$/ }).waitFor()
  await expectAccessible(page)
  await bob.plug.click()
  await alice.root.getByText('6 members · 2 online').waitFor()
  await alice.root.locator('.message-note', { hasText: /^waiting for Bob$/ }).waitFor({ state: 'detached' })
})

test('what the server refuses stands there: to be tried again, or discarded', async ({ tabs }) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  await bob.plug.click()
  await bob.is('offline')
  for (const text of ['once more', 'never mind']) await bob.send(text)
  await tabs.fonechat.backend(freezing, { channelId: 'general' })
  await alice.root.getByPlaceholder('This channel is frozen').waitFor()
  await bob.plug.click()
  const refused = bob.root.locator('.message', { has: page.getByText('not sent · try again · discard') })
  await waitFor(async () => (await refused.count()) === 2)
  await expectAccessible(page)
  await refused.filter({ hasText: 'never mind' }).getByRole('button', { name: 'discard' }).click()
  await bob.root.getByText('never mind').waitFor({ state: 'detached' })
  await tabs.fonechat.backend(thawing, { channelId: 'general' })
  await bob.root.getByPlaceholder('Message # general').waitFor()
  await refused.getByRole('button', { name: 'try again' }).click()
  await alice.sees('once more')
  await refused.waitFor({ state: 'detached' })
  expect(await alice.root.getByText('never mind').count()).toBe(0)
})

test('where the device keeps nothing the page says so', async ({ tabs }) => {
  const profile = await tabs.profile()
  // As private windows of some browsers do.
  await profile.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('refused', 'SecurityError')
    }
  })
  const page = await tabs.open('/', { profile })
  const { alice } = await livePanes(page)
  await alice.root.getByText('in memory only').waitFor()
  await alice.plug.click()
  await alice.is('offline')
  await alice.send('kept in no place')
  await alice.root.getByText('1 message kept in memory only, sent once you are back').waitFor()
  await expectAccessible(page)
})
