import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { networkErrors, test, type Tabs } from '../../client/test/browser/harness.ts'
import { waitFor } from '../../test/support/wait.ts'
import { expectAccessible, livePanes, type PaneOf } from './page.ts'

const newChannel = 'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }'
const newMember = 'mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }'
const removal = 'mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { member { id } } }'
const reminder = 'mutation ($input: SaveMessageInput!) { saveMessage(input: $input) { savedMessage { messageId } } }'
const savedIds = 'query { viewer { savedMessages(first: 1) { nodes { messageId } } } }'

/** Asks the server as alice, as a device of hers does that has no page. */
async function asAlice<Data>({ fonechat }: Tabs, query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(`${fonechat.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await fonechat.token('alice')}` },
    body: JSON.stringify({ query, variables }),
  })
  return ((await response.json()) as { data: Data }).data
}

/** Alice on a desk and on a phone, both with `general` open. */
async function twoDevices(tabs: Tabs) {
  tabs.tolerate(networkErrors)
  const [atDesk, atPhone] = [await tabs.profile(), await tabs.profile()]
  const desk = await tabs.open('/chat/general', { profile: atDesk })
  const phone = await tabs.open('/chat/general', { profile: atPhone })
  return { atDesk, desk, phone, here: (await livePanes(desk)).alice, there: (await livePanes(phone)).alice }
}

const writes = async ({ composer }: PaneOf, text: string): Promise<void> => {
  await waitFor(async () => (await composer.inputValue()) === text, { timeout: 15_000 })
}

const shelfOf = ({ root }: PaneOf, name: string | RegExp) => root.locator('.shelf').getByRole('button', { name })

test('a draft is on all devices and tabs, survives a reload offline, and is not overwritten by another device silently', async ({
  tabs,
}) => {
  const { atDesk, desk, here, there } = await twoDevices(tabs)
  const second = await tabs.open('/chat/general', { profile: atDesk })
  const beside = (await livePanes(second)).alice
  await here.composer.fill('Has anyone')
  for (const pane of [there, beside]) await writes(pane, 'Has anyone')
  // Who goes elsewhere sees that it waits.
  await there.root.getByRole('link', { name: /^design/ }).click()
  await there.root.getByRole('link', { name: /^general.*Draft\s*Has anyone/ }).click()
  await writes(there, 'Has anyone')
  // The plug is all tabs' of the desk, and what is written is, too.
  await here.plug.click()
  await beside.is('offline')
  await here.composer.fill('Has anyone seen it?')
  await writes(beside, 'Has anyone seen it?')
  // Reloaded right after a key: one waits for nothing.
  await here.composer.fill('Has anyone seen the owl?')
  await desk.reload()
  await writes(here, 'Has anyone seen the owl?')
  await there.composer.fill('Has anyone drawn')
  await there.root.getByRole('link', { name: /^design/ }).click()
  if ((await here.plug.getAttribute('aria-checked')) === 'false') await here.plug.click()
  await livePanes(desk)
  const notice = here.root.locator('.theirs')
  await notice.getByText('Has anyone drawn').waitFor()
  await writes(here, 'Has anyone seen the owl?')
  await expectAccessible(desk)
  await notice.getByRole('button', { name: 'Keep this' }).click()
  await notice.waitFor({ state: 'detached' })
  await there.root.getByRole('link', { name: /^general.*Has anyone seen the owl/ }).click()
  await writes(there, 'Has anyone seen the owl?')
  await there.composer.press('Enter')
  await here.sees('Has anyone seen the owl?')
  for (const pane of [here, there, beside]) await writes(pane, '')
  // A thread has a draft of its own, which leads there.
  // By what it says itself, and not what it quotes.
  const cakeOf = ({ root }: PaneOf) =>
    root.locator('.message', { has: root.page().locator('.message-text', { hasText: 'Cake is ordered' }) })
  const message = cakeOf(there)
  await message.hover()
  await message.getByRole('button', { name: 'Reply in thread' }).click()
  const thread = (pane: PaneOf) => pane.root.getByRole('group', { name: 'Thread' })
  const reply = (pane: PaneOf) => thread(pane).getByRole('textbox')
  await reply(there).fill('For nine')
  // With what it quotes, whom it names and where it shows.
  const quoted = thread(there).locator('.message', { hasText: 'Cake is ordered' })
  await quoted.hover()
  await quoted.getByRole('button', { name: 'Quote' }).click()
  await thread(there)
    .getByRole('checkbox', { name: /^Also show in/ })
    .check()
  await reply(there).press('End')
  await reply(there).pressSequentially(', @bo')
  await there.root.getByRole('option', { name: /^Bob/i }).click()
  await thread(there)
    .getByRole('button', { name: /^(Close|Back to the channel)$/ })
    .click()
  await shelfOf(here, 'Drafts & scheduled 1 message').click()
  const list = desk.getByRole('dialog', { name: 'Drafts & scheduled' })
  await list.getByText('Thread in # general').waitFor()
  await list.getByRole('button', { name: /^For nine, @Bob/i }).click()
  await waitFor(async () => /^For nine, @Bob/i.test(await reply(here).inputValue()), { timeout: 15_000 })
  await thread(here).locator('.composer-quote', { hasText: 'Cake is ordered' }).waitFor()
  await expectAccessible(desk)
  await reply(here).press('Enter')
  const sent = here.root.locator('.pane-channel .message', { hasText: 'For nine' })
  // The thread may lie over it.
  await sent.locator('.quote', { hasText: 'Cake is ordered' }).waitFor({ state: 'attached' })
  await sent.getByText(/^@Bob$/i).waitFor({ state: 'attached' })
  await shelfOf(there, 'Drafts & scheduled').waitFor()
  await waitFor(async () => (await there.root.locator('.shelf-count').count()) === 0, { timeout: 15_000 })
}, 120_000)

const dialogOf = (page: Page, name: string) => page.getByRole('dialog', { name, exact: true })

test('a message is scheduled on one device, changed on the other and sent; one that could not be sent says why; a saved one is found again, and its reminder comes', async ({
  tabs,
}) => {
  const { desk, phone, here, there } = await twoDevices(tabs)
  const { backend } = tabs.fonechat
  await here.composer.fill('Good morning!')
  await here.root.getByRole('button', { name: 'Schedule for later' }).click()
  const when = dialogOf(desk, 'Schedule for later')
  await when.getByLabel('Date and time').fill('2020-01-01T09:00')
  await when.getByRole('button', { name: 'Schedule', exact: true }).click()
  await when.getByText('This time has passed.').waitFor()
  await expectAccessible(desk)
  await when.getByRole('button', { name: /^Tomorrow/ }).press('Enter')
  await writes(here, '')
  await there.root.getByText('1 message scheduled here').waitFor()
  await shelfOf(there, /^Drafts & scheduled/).click()
  const list = dialogOf(phone, 'Drafts & scheduled')
  await list.getByText(/^tomorrow 09:00$/).waitFor()
  await list.getByRole('button', { name: 'Edit' }).click()
  await list.getByLabel('Text').fill('Good morning, all!')
  await list.getByRole('button', { name: 'Save' }).click()
  await list.getByText('Good morning, all!').waitFor()
  await expectAccessible(phone)
  await list.getByRole('button', { name: 'Send now' }).click()
  await list.getByText('What you write and do not send waits here').waitFor({ timeout: 20_000 })
  await here.sees('Good morning, all!')
  await phone.keyboard.press('Escape')

  // Nobody may write where one is no member any more.
  const { createChannel } = await backend<{ createChannel: { channel: { id: string } } }>(newChannel, {
    input: { friendlyName: 'attic' },
  })
  const channelId = createChannel.channel.id
  await backend(newMember, { input: { channelId, identity: 'alice' } })
  await here.root.getByRole('link', { name: /^attic/ }).click()
  await here.composer.fill('Too late')
  await here.root.getByRole('button', { name: 'Schedule for later' }).click()
  await when.getByRole('button', { name: /^In 20 minutes/ }).click()
  await here.root.getByText('1 message scheduled here').waitFor()
  await backend(removal, { input: { channelId, identity: 'alice' } })
  await here.root.getByText('This channel is not here').waitFor()
  await shelfOf(here, /^Drafts & scheduled/).click()
  const own = dialogOf(desk, 'Drafts & scheduled')
  await own.getByRole('button', { name: 'Send now' }).click()
  await own.getByText('You may not write there any more.').waitFor({ timeout: 20_000 })
  await shelfOf(there, 'Drafts & scheduled 1 not sent').waitFor()
  await own.getByRole('button', { name: 'Remove' }).click()
  await own.getByText('What you write and do not send waits here').waitFor()
  await own.getByRole('button', { name: 'Close' }).click()

  // By what it says itself, and not what it quotes.
  const cakeOf = ({ root }: PaneOf) =>
    root.locator('.message', { has: root.page().locator('.message-text', { hasText: 'Cake is ordered' }) })
  const message = cakeOf(there)
  await message.hover()
  await message.getByRole('button', { name: 'Save for later' }).click()
  await dialogOf(phone, 'Saved for later')
    .getByRole('button', { name: /^Tomorrow/ })
    .click()
  await shelfOf(here, 'Saved 1 message').click()
  const saved = dialogOf(desk, 'Saved')
  await saved.getByText(/^tomorrow 09:00$/).waitFor()
  await expectAccessible(desk)
  await saved.getByRole('link', { name: /^Cake is ordered/ }).click()
  await cakeOf(here).getByText('Saved · reminder tomorrow 09:00').waitFor()
  await here.root.locator('.message[data-lit]', { hasText: 'Cake is ordered' }).waitFor()
  const { viewer } = await asAlice<{ viewer: { savedMessages: { nodes: readonly { messageId: string }[] } } }>(
    tabs,
    savedIds,
  )
  const { messageId } = viewer.savedMessages.nodes[0]!
  await asAlice(tabs, reminder, { input: { messageId, remindAt: new Date(Date.now() + 2000).toISOString() } })
  const cards = [here, there].map(({ root }) => root.getByRole('status', { name: 'Reminder' }))
  for (const card of cards) await card.getByText('Cake is ordered').waitFor({ timeout: 20_000 })
  await shelfOf(there, 'Saved 1 reminder').waitFor()
  await expectAccessible(desk)
  await cards[0]!.getByRole('button', { name: 'Done' }).click()
  for (const card of cards) await card.waitFor({ state: 'detached' })
  await shelfOf(there, 'Saved 1 message').waitFor()
  expect(await here.root.getByRole('alert').count()).toBe(0)
}, 120_000)
