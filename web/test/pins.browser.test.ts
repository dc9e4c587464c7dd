import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { act, expectAccessible, livePanes, type PaneOf } from './page.ts'

const messagesIn = `query { channel(id: "general") { messages(last: 20) { nodes { id body } } } }`
const updating = `mutation ($input: UpdateMessageInput!) { updateMessage(input: $input) { message { version } } }`
const unpinning = `mutation ($input: UnpinMessageInput!) { unpinMessage(input: $input) { message { id } } }`

type Backend = <Result>(document: string, variables?: Record<string, unknown>) => Promise<Result>

async function idOf(backend: Backend, text: string): Promise<string> {
  const { channel } = await backend<{
    channel: { messages: { nodes: readonly { id: string; body: string }[] } }
  }>(messagesIn)
  return channel.messages.nodes.find(({ body }) => body === text)!.id
}

/** Two of the seed. */
const seeded = 2

const messageOf = ({ root }: PaneOf, text: string) => root.locator('.message', { hasText: text })

const pinsOf = ({ root }: PaneOf, count: number) =>
  root.getByRole('button', { name: count === 1 ? '1 pinned message' : `${count} pinned messages` })

const panelOf = (page: Page) => page.getByRole('dialog', { name: 'Pinned messages' })

test('two people pin and unpin, through a pulled plug; the panel lists the pins and leads to them', async ({
  tabs,
}) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  await pinsOf(bob, seeded).waitFor()
  await messageOf(alice, 'Then we are ready').getByText('Pinned by Mira').waitFor()
  await alice.send('read this first')
  await bob.sees('read this first')
  await act(messageOf(bob, 'read this first'), 'Pin')
  for (const pane of [alice, bob]) {
    await messageOf(pane, 'read this first').getByText('Pinned by Bob').waitFor()
    await pinsOf(pane, seeded + 1).waitFor()
    // A pin is no edit.
    expect(await messageOf(pane, 'read this first').getByText('edited').count()).toBe(0)
  }
  // She is away, and unpins it; he is there, and pins another one.
  await alice.plug.click()
  await alice.is('offline')
  await act(messageOf(alice, 'read this first'), 'Unpin')
  await pinsOf(alice, seeded).waitFor()
  await act(messageOf(bob, 'She is touching something'), 'Pin')
  await pinsOf(bob, seeded + 2).waitFor()
  await alice.plug.click()
  for (const pane of [alice, bob]) {
    await messageOf(pane, 'She is touching something').getByText('Pinned by Bob').waitFor()
    await pinsOf(pane, seeded + 1).waitFor()
    await messageOf(pane, 'read this first').getByText('Pinned by').waitFor({ state: 'detached' })
  }
  // By the keyboard: into the panel, to an old message, and back.
  await pinsOf(alice, seeded + 1).focus()
  await page.keyboard.press('Enter')
  const panel = panelOf(page)
  await panel.waitFor()
  expect(await panel.getByRole('link').allTextContents()).toEqual([
    'She is touching something',
    'Then we are ready. Tomorrow at nine, and nobody touches anything until then.',
    expect.stringMatching(/^Notes from the walk-through/) as string,
  ])
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  await waitFor(() => pinsOf(alice, seeded + 1).evaluate((button) => button === document.activeElement))
  for (let time = 0; time < 2; time++) {
    await pinsOf(alice, seeded + 1).click()
    await panel.getByRole('link', { name: /^Notes from/ }).click()
    await panel.waitFor({ state: 'detached' })
    await alice.root.locator('.message[data-lit]', { hasText: 'Notes from the walk-through' }).waitFor()
    await alice.root.locator('.message[data-lit]').waitFor({ state: 'detached' })
    // Away from there, so that the second time is one.
    await alice.root.getByRole('button', { name: 'newest' }).click()
    await alice.root.getByRole('button', { name: 'newest' }).waitFor({ state: 'detached' })
  }
  // Somebody else unpins the last one that the panel shows.
  await pinsOf(alice, seeded + 1).click()
  await panel
    .getByRole('listitem')
    .filter({ hasText: 'She is touching' })
    .getByRole('button', { name: 'Unpin' })
    .click()
  await tabs.fonechat.backend(unpinning, {
    input: {
      messageId: await idOf(
        tabs.fonechat.backend as Backend,
        'Then we are ready. Tomorrow at nine, and nobody touches anything until then.',
      ),
    },
  })
  await waitFor(async () => (await panel.getByRole('listitem').count()) === 1)
  await panel.getByRole('button', { name: 'Unpin' }).click()
  await panel.getByText('Nothing is pinned here.').waitFor()
  await panel.getByRole('button', { name: 'Close' }).click()
  await pinsOf(bob, 1).waitFor({ state: 'detached' })
})

test('an edited message says when, and shows its author what it was', async ({ tabs }) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  await alice.send('lunch at one')
  await bob.sees('lunch at one')
  await act(messageOf(alice, 'lunch at one'), 'Edit')
  await alice.send('lunch at two')
  await bob.sees('lunch at two')
  const edited = messageOf(alice, 'lunch at two').getByRole('button', { name: /^edited \d\d:\d\d$/ })
  await edited.click()
  const history = page.getByRole('dialog', { name: 'Edits' })
  await history.getByText('As it was sent by Alice').waitFor()
  expect(await history.locator('.history-text').allTextContents()).toEqual(['lunch at two', 'lunch at one'])
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await history.waitFor({ state: 'detached' })
  // For others it is a word.
  await messageOf(bob, 'lunch at two')
    .getByText(/^edited \d\d:\d\d$/)
    .waitFor()
  expect(await messageOf(bob, 'lunch at two').getByRole('button').count()).toBe(0)
})

test('an edit that comes too late says so, with both texts, and can be saved all the same or given up', async ({
  tabs,
}) => {
  const page = await tabs.open('/')
  const { alice, bob } = await livePanes(page)
  const { backend } = tabs.fonechat as unknown as { backend: Backend }
  for (const text of ['one', 'two']) {
    await alice.send(`meeting ${text}`)
    await bob.sees(`meeting ${text}`)
  }
  await alice.plug.click()
  await alice.is('offline')
  for (const text of ['one', 'two']) {
    await act(messageOf(alice, `meeting ${text}`), 'Edit')
    await alice.send(`mine ${text}`)
    await alice.sees(`mine ${text}`)
    const messageId = await idOf(backend, `meeting ${text}`)
    await backend(updating, { input: { messageId, body: `theirs ${text}` } })
    await bob.sees(`theirs ${text}`)
  }
  await alice.plug.click()
  const late = (text: string) => messageOf(alice, `theirs ${text}`).filter({ hasText: `mine ${text}` })
  for (const text of ['one', 'two']) await late(text).getByText('It was edited before your text came').waitFor()
  await expectAccessible(page)
  // A reload does not lose it.
  await page.reload()
  await livePanes(page)
  await late('one').getByRole('button', { name: 'save mine' }).click()
  await late('two').getByRole('button', { name: 'discard' }).click()
  for (const pane of [alice, bob]) {
    await pane.sees('mine one')
    await pane.sees('theirs two')
  }
  await alice.root.getByText('It was edited before your text came').first().waitFor({ state: 'detached' })
  await alice.root.getByText('mine two').waitFor({ state: 'detached' })
  // One’s own earlier edit, seen and not answered yet, is nothing that comes between.
  await act(messageOf(alice, 'mine one'), 'Edit')
  await alice.send('mine again')
  await act(messageOf(alice, 'mine again'), 'Edit')
  await alice.send('mine at last')
  await bob.sees('mine at last')
  expect(await alice.root.getByText('It was edited before your text came').count()).toBe(0)
})
