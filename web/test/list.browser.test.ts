import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { test } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { livePanes, paneOf } from './page.ts'

const send = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }`
const newChannel = `mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }`
const newMember = `mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }`

type Backend = (document: string, variables: Record<string, unknown>) => Promise<unknown>

/** A channel of Alice and Bob with this many messages of Mira. */
async function fill(backend: Backend, uniqueName: string, count: number): Promise<void> {
  await backend(newChannel, { input: { uniqueName } })
  for (const identity of ['alice', 'bob', 'mira'])
    await backend(newMember, { input: { channelId: uniqueName, identity } })
  for (let at = 0; at < count; at++) {
    const body = `number ${at}${' and some more of it'.repeat(at % 9)}`
    await backend(send, { input: { channelId: uniqueName, authorIdentity: 'mira', body } })
  }
}

/** A wheel is turned many times. */
const patient = { timeout: 30_000 }

const rowsOf = (page: Page): Promise<number> => page.locator('[role=article]').count()

test('history is scrolled through to its beginning, with at most 60 rows in the document and without a jump', async ({
  tabs,
}) => {
  await fill(tabs.fonechat.backend, 'long', 110)
  const page = await tabs.open('/chat/long')
  const { alice } = await livePanes(page)
  await alice.sees('number 109')
  let most = await rowsOf(page)
  const oldest = alice.root.locator('.message-text', { hasText: /^number 0$/ })
  await alice.list.hover()
  await waitFor(async () => {
    await page.mouse.wheel(0, -700)
    most = Math.max(most, await rowsOf(page))
    return (await oldest.count()) === 1
  }, patient)
  expect(most).toBeLessThanOrEqual(60)
  // What arrives meanwhile moves nothing, and a button says how much.
  const before = await oldest.boundingBox()
  await tabs.fonechat.backend(send, { input: { channelId: 'long', authorIdentity: 'mira', body: 'the newest' } })
  await alice.root.getByRole('button', { name: '1 new' }).waitFor()
  expect(await oldest.boundingBox()).toEqual(before)
  await alice.root.getByRole('button', { name: '1 new' }).click()
  await alice.sees('the newest')
  await alice.root.getByRole('button', { name: /new/ }).waitFor({ state: 'detached' })
})

test('an address of a message opens its channel there and lights it', async ({ tabs }) => {
  await fill(tabs.fonechat.backend, 'deep', 100)
  const page = await tabs.open('/chat/deep/12')
  const alice = paneOf(page, 'Alice')
  await alice.sees('number 12 ')
  const box = await alice.root.locator('.message[data-lit]', { hasText: 'number 12 ' }).boundingBox()
  const list = await alice.list.boundingBox()
  expect(box!.y).toBeGreaterThan(list!.y)
  expect(box!.y).toBeLessThan(list!.y + list!.height)
  await alice.root.locator('.message[data-lit]').waitFor({ state: 'detached' })
  // Back to the newest, which the window does not have.
  await alice.root.getByRole('button', { name: 'newest' }).click()
  await alice.sees('number 99')
})

test('an address of a message that was deleted opens the channel at its place, and one beyond the newest at its end', async ({
  tabs,
}) => {
  await fill(tabs.fonechat.backend, 'gone', 150)
  const { channel } = await tabs.fonechat.backend<{ channel: { messages: { nodes: readonly { id: string }[] } } }>(
    `query { channel(id: "gone") { messages(first: 60) { nodes { id } } } }`,
  )
  const remove = `mutation ($input: DeleteMessageInput!) { deleteMessage(input: $input) { message { index } } }`
  await tabs.fonechat.backend(remove, { input: { messageId: channel.messages.nodes[50]!.id } })
  const page = await tabs.open('/chat/gone/50')
  const alice = paneOf(page, 'Alice')
  await alice.sees('number 51 ')
  const lies = async (text: string): Promise<boolean> => {
    const box = await alice.root.locator('.message', { hasText: text }).boundingBox()
    const list = await alice.list.boundingBox()
    return box !== null && box.y > list!.y && box.y + box.height < list!.y + list!.height
  }
  await waitFor(() => lies('number 51 '))
  for (const index of [150, 9_999_999_999]) {
    await page.goto(`${tabs.proxy.url}/chat/gone/${index}`)
    await alice.sees('number 149')
    await waitFor(() => lies('number 149'))
  }
})

test('what was not seen at the end is not read', async ({ tabs }) => {
  await fill(tabs.fonechat.backend, 'unseen', 60)
  const page = await tabs.open('/chat/unseen?other=general')
  const { alice, bob } = await livePanes(page)
  await alice.sees('number 59')
  await alice.root.getByRole('link', { name: /unseen.*unread/ }).waitFor({ state: 'detached' })
  // Bob’s pane shows another channel: for him it stays unread.
  await bob.root.getByRole('link', { name: /unseen.*60 unread messages$/ }).waitFor()
  await alice.list.hover()
  await waitFor(async () => {
    await page.mouse.wheel(0, -600)
    return (await alice.root.getByRole('button', { name: 'newest' }).count()) === 1
  }, patient)
  // Bob is at its end now, and reads each in the time in which Alice would: she does not.
  await bob.root.getByRole('link', { name: /^unseen/ }).click()
  for (const unread of [1, 2]) {
    await tabs.fonechat.backend(send, {
      input: { channelId: 'unseen', authorIdentity: 'mira', body: `below the view ${unread}` },
    })
    await bob.sees(`below the view ${unread}`)
    await alice.root.getByRole('button', { name: `${unread} new` }).waitFor()
    await bob.root.getByRole('link', { name: /^unseen.*unread/ }).waitFor({ state: 'detached' })
  }
  await alice.root.getByRole('link', { name: /^unseen.*2 unread messages$/ }).waitFor()
  await alice.root.getByRole('button', { name: '2 new' }).click()
  await alice.root.getByRole('link', { name: /^unseen.*unread/ }).waitFor({ state: 'detached' })
})
