import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import type { Client } from '../../src/index.ts'
import { test as base, type Tabs } from '../browser/harness.ts'
import type { HooksPage } from './hooks.page.tsx'

const entry = new URL('./hooks.page.tsx', import.meta.url)

declare const page: HooksPage
declare const alice: Client
declare const bob: Client

interface Chat {
  readonly tab: Page
  readonly ids: readonly [string, string]
  /** Identity of the other user. */
  readonly other: string
}

let lastChat = 0

/** A tab with two clients, `alice` and `bob`, who share two channels with a message each. */
async function openChat(tabs: Tabs): Promise<Chat> {
  lastChat += 1
  const [hers, his] = [`alice-${lastChat}`, `bob-${lastChat}`]
  const users = [hers, his].map(async (identity) => ({ identity, token: await tabs.fonechat.token(identity) }))
  const tab = await tabs.openEntry(entry)
  const ids = await tab.evaluate(
    async ([first, second]) => {
      const [a, b] = [page.open(first!.identity, first!.token), page.open(second!.identity, second!.token)]
      Object.assign(globalThis, { alice: a, bob: b })
      const made: string[] = []
      for (const name of ['one', 'two']) {
        const channel = await a.createChannel({ uniqueName: `${name}-${first!.identity}`, type: 'PUBLIC' })
        await (await b.joinChannel(channel.id)).sendMessage(`first of ${name}`)
        made.push(channel.id)
      }
      return made
    },
    await Promise.all(users),
  )
  return { tab, ids: [ids[0]!, ids[1]!], other: his }
}

const shows = (tab: Page, id: string, text: string): Promise<unknown> =>
  tab.locator(`[data-channel="${id}"] li`, { hasText: text }).waitFor()

const test = base.extend('chat', ({ tabs }) => openChat(tabs))

test('a message renders its own channel and its own row, nothing else; a piece of a text that streams its row', async ({
  chat: { tab, ids, other },
  tabs,
}) => {
  const [one, two] = ids
  await tab.evaluate((view) => page.show(alice, view, false), { shown: ids, other })
  await shows(tab, one, 'first of one')
  await shows(tab, two, 'first of two')
  await tab.evaluate(() => alice.disconnect())
  await tab.locator('#status', { hasText: 'offline' }).waitFor()
  // From here on nothing arrives: what changes is what is written.
  const send = async (text: string): Promise<readonly string[]> => {
    const before = await tab.evaluate(() => ({ ...page.counts }))
    await tab.evaluate(
      ([id, body]) =>
        void alice
          .channel(id!)
          .sendMessage(body!)
          .catch(() => {}),
      [one, text],
    )
    await shows(tab, one, text)
    const after = await tab.evaluate(() => ({ ...page.counts }))
    return Object.keys(after).filter((name) => after[name] !== before[name])
  }
  expect((await send('second')).toSorted()).toEqual([`channel ${one}`, `head ${one}`, `list ${one}`, 'row second'])
  expect((await send('third')).toSorted()).toEqual([`channel ${one}`, `head ${one}`, `list ${one}`, 'row third'])

  await tab.evaluate(() => alice.connect())
  await tab.locator('#status', { hasText: 'live' }).waitFor()
  const input = { channelId: one, body: 'to be', isStreaming: true }
  const { sendMessage } = await tabs.fonechat.backend<{ sendMessage: { message: { id: string } } }>(
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }',
    { input },
  )
  await shows(tab, one, 'to be')
  // One below it.
  await tab.evaluate((id) => alice.channel(id).sendMessage('fourth'), one)
  await shows(tab, one, 'fourth')
  const before = await tab.evaluate(() => ({ ...page.counts }))
  const piece = { messageId: sendMessage.message.id, offset: 5, text: ' or not to be' }
  await tabs.fonechat.backend(
    'mutation ($input: AppendToMessageInput!) { appendToMessage(input: $input) { length } }',
    { input: piece },
  )
  await shows(tab, one, 'to be or not to be')
  const after = await tab.evaluate(() => ({ ...page.counts }))
  const rendered = Object.keys(after).filter((name) => name.startsWith('row ') && after[name] !== before[name])
  expect(rendered).toEqual(['row to be or not to be'])
})

test('in StrictMode a list and a presence are followed once, and a selector with a new object each time does not loop', async ({
  chat: { tab, ids, other },
}) => {
  const followed: string[] = []
  await tab.evaluate(() => [alice, bob].forEach((client) => client.disconnect()))
  tab.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const [, name] = /subscription (ReceiptsUpdated|PresenceChanged)\b/.exec(String(payload)) ?? []
      if (name !== undefined) followed.push(name)
    }),
  )
  await tab.evaluate(() => alice.connect())
  await tab.waitForFunction(() => alice.getSnapshot().connection.status === 'live')
  await tab.evaluate((view) => page.show(alice, view, true), { shown: [ids[0]], other })
  await tab.locator('#status', { hasText: 'live' }).waitFor()
  await tab.locator('#presence', { hasText: 'away' }).waitFor()
  await waitFor(() => followed.includes('ReceiptsUpdated'))
  expect(followed.toSorted()).toEqual(['PresenceChanged', 'ReceiptsUpdated'])
  expect(await tab.locator('#ids').textContent()).toBe('2 channels')
  const before = await tab.evaluate(() => page.counts['ids'])
  await tab.evaluate(() => alice.disconnect())
  await tab.locator('#status', { hasText: 'offline' }).waitFor()
  expect(await tab.evaluate(() => page.counts['ids'])).toBe(before)
})

test('what happens between rendering and listening is not lost', async ({ chat: { tab } }) => {
  await tab.evaluate(() => page.showMeddled(alice))
  await tab.locator('#status', { hasText: 'offline' }).waitFor()
})

test('a page takes over what a server has rendered, without a difference', async ({ chat: { tab, ids, other } }) => {
  await tab.waitForFunction((id) => alice.channel(id).unreadCount === 1, ids[1])
  const { html } = await tab.evaluate((view) => page.hydrate(alice, view), { shown: [ids[0]], other })
  expect(html).toContain('<p id="ids">0')
  await shows(tab, ids[0], 'first of one')
  // A difference would be an error in the console, which fails the spec.
  await tab.locator('#status', { hasText: 'live' }).waitFor()
})

test('what nobody has looked at is unread and told of; what was looked at for a while is read', async ({
  chat: { tab, ids, other },
}) => {
  const [one, two] = ids
  await tab.evaluate((view) => page.show(alice, view, false), { shown: [one], other })
  await shows(tab, one, 'first of one')
  await tab.waitForFunction((id) => alice.channel(id).unreadCount === 0, one)
  await tab.evaluate(
    async ([first, second]) => {
      await bob.channel(first!).sendMessage('looked at')
      await bob.channel(second!).sendMessage('unseen')
    },
    [one, two] as const,
  )
  await tab.locator('#status', { hasText: '2 unread' }).waitFor()
  await tab.waitForFunction((id) => alice.channel(id).state?.membership.lastReadIndex === 1, one)
  expect(await tab.evaluate((id) => alice.channel(id).unreadCount, two)).toBe(2)
  expect(await tab.evaluate(() => page.notified)).toEqual(['unseen'])
})
