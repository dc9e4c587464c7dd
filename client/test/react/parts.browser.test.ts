import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { expect } from 'vitest'
import { createClient, type Client } from '../../src/index.ts'
import { test } from '../browser/harness.ts'
import { isAtEnd, openChat, placeOf, row, send, show } from './parts-chat.ts'
import type { PartsPage } from './parts.page.tsx'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

declare const alice: Client
declare const page: PartsPage

test('the list stays at its end while one is there; away from it nothing moves, and what one missed is counted', async ({
  tabs,
}) => {
  const { tab, id } = await openChat(tabs, 119, false)
  await show(tab, id)
  await row(tab, 'message 119').waitFor()
  await isAtEnd(tab)
  await send(tab, id, 'at the end')
  await row(tab, 'at the end').waitFor()
  await isAtEnd(tab)
  expect(await tab.locator('#jump').count()).toBe(0)
  await tab.locator('#list').evaluate((list) => (list.scrollTop -= 500))
  await tab.locator('#jump', { hasText: 'newest' }).waitFor()
  const shown = 105
  const before = await placeOf(tab, shown)
  await send(tab, id, 'missed')
  await tab.locator('#jump', { hasText: '1 new' }).waitFor()
  expect(await placeOf(tab, shown)).toBe(before)
  // A row above grows, as when a picture arrives.
  await tab.evaluate(() => (document.querySelector<HTMLElement>('[data-index="90"]')!.style.minHeight = '200px'))
  await tab.waitForFunction(
    ([index, top]) => {
      const list = document.querySelector('#list')!.getBoundingClientRect()
      const place = document.querySelector(`[data-index="${index}"]`)!.getBoundingClientRect().top - list.top
      return Math.abs(place - top!) < 2
    },
    [shown, before] as const,
  )
  await tab.locator('#jump').click()
  await isAtEnd(tab)
  expect(await tab.locator('#jump').count()).toBe(0)
})

test('older messages come as one scrolls up, and what is looked at stays where it is', async ({ tabs }) => {
  const { tab, id } = await openChat(tabs, 119, false)
  await show(tab, id)
  await row(tab, 'message 119').waitFor()
  await isAtEnd(tab)
  await tab.locator('#list').evaluate((list) => (list.scrollTop = 700))
  const first = await tab.locator('[role=article]').first().getAttribute('data-index')
  const before = await placeOf(tab, Number(first) + 25)
  await tab.locator('#list').evaluate((list) => (list.scrollTop = 590))
  await tab.waitForFunction(
    (old) => document.querySelector('[role=article]')!.getAttribute('data-index') !== old,
    first,
  )
  expect(Math.abs((await placeOf(tab, Number(first) + 25))! - before! - 110)).toBeLessThan(2)
})

test('the keyboard walks through the rows, and writes, edits and gives up in the composer', async ({ tabs }) => {
  const { tab, id, hers } = await openChat(tabs, 119, false)
  await show(tab, id)
  await row(tab, 'message 119').waitFor()
  await isAtEnd(tab)
  await row(tab, 'message 119').focus()
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowDown']) await tab.keyboard.press(key)
  expect(await tab.evaluate(() => document.activeElement?.getAttribute('data-index'))).toBe('118')
  await tab.keyboard.press('Home')
  // The first of those that were loaded: by now there may be older ones.
  expect(Number(await tab.evaluate(() => document.activeElement?.getAttribute('data-index')))).toBeLessThanOrEqual(70)
  await tab.keyboard.press('End')
  const field = tab.locator('#composer textarea')
  await field.fill('one')
  await field.press('Shift+Enter')
  await field.pressSequentially('two')
  // A key of an input method does not send: Safari tells by the code alone.
  await field.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true })
  expect(await field.inputValue()).toBe('one\ntwo')
  await field.press('Enter')
  await tab.locator('[role=article][data-mine][data-status=sent]', { hasText: 'two' }).waitFor()
  await field.press('ArrowUp')
  expect(await field.inputValue()).toBe('one\ntwo')
  await field.press('Escape')
  expect(await field.inputValue()).toBe('')
  await field.press('ArrowUp')
  await field.fill('edited')
  await field.press('Enter')
  await tab.locator('[role=article][data-edited]', { hasText: 'edited' }).waitFor()
  await field.fill('ä'.repeat(16_400))
  await tab.locator('#composer [role=status]', { hasText: 'Too long by 32 bytes' }).waitFor()
  await field.press('Enter')
  expect((await field.inputValue()).length).toBe(16_400)
  await field.fill('a draft')
  const other = await tab.evaluate(
    (name) => alice.createChannel({ uniqueName: `other-${name}` }).then((one) => one.id),
    hers,
  )
  await tab.locator(`[data-channel="${other}"]`).click()
  await tab.waitForFunction(() => document.querySelector('textarea')!.value === '')
  await tab.locator(`[data-channel="${id}"]`).click()
  await tab.waitForFunction(() => document.querySelector('textarea')!.value === 'a draft')
  // What the outbox does not take comes back, and says why.
  await tab.evaluate(() => page.fillOutbox(alice))
  await tab.locator(`[data-channel="${other}"]`).click()
  await tab.waitForFunction(() => document.querySelector('textarea')!.value === '')
  await field.fill('too much')
  await field.press('Enter')
  await tab.locator('#composer [role=status]', { hasText: 'this was not taken' }).waitFor()
  expect(await field.inputValue()).toBe('too much')
})

test('a composer of a thread has a draft of its own, and sends replies', async ({ tabs }) => {
  const { tab, id } = await openChat(tabs, 1, false)
  await show(tab, id)
  const field = tab.locator('#composer textarea')
  await field.fill('in the channel')
  const parentId = await tab.evaluate(async (channel) => (await alice.channel(channel).sendMessage('lunch?')).id, id)
  await tab.evaluate((at) => page.reply(alice, at[0]!, at[1]!), [id, parentId])
  await tab.waitForFunction(() => document.querySelector('textarea')!.value === '')
  await field.press('ArrowUp')
  expect(await field.inputValue()).toBe('')
  await field.fill('at noon')
  await field.press('Enter')
  await tab.waitForFunction(async (message) => {
    const { message: read } = await alice.request<{ message: { replyCount: number } }, object>(
      'query ($id: ID!) { message(id: $id) { replyCount } }',
      { id: message },
    )
    return read.replyCount === 1
  }, parentId)
  await show(tab, id)
  await tab.waitForFunction(() => document.querySelector('textarea')!.value === 'in the channel')
})

test('what arrives is announced, what is loaded is not; a row keeps its element when it is acknowledged; axe finds nothing', async ({
  tabs,
}) => {
  const { tab, id } = await openChat(tabs, 119, false)
  await show(tab, id)
  await row(tab, 'message 119').waitFor()
  await isAtEnd(tab)
  expect(await tab.locator('#said').textContent()).toBe('')
  await send(tab, id, 'hello')
  await tab.locator('#said', { hasText: 'hello' }).waitFor({ state: 'attached' })
  await tab.evaluate((channel) => {
    alice.disconnect()
    void alice.channel(channel).sendMessage('waits')
  }, id)
  await tab.locator('[role=article][data-status=pending]').waitFor()
  await tab.evaluate(() => Object.assign(globalThis, { kept: document.querySelector('[data-status=pending]') }))
  await tab.evaluate(() => alice.connect())
  await tab.waitForFunction(
    () => (globalThis as unknown as { kept: Element }).kept.getAttribute('data-status') === 'sent',
  )
  await tab.evaluate(await readFile(axePath, 'utf8'))
  const violations = await tab.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> }
    }
    const found = (await axe.run()).violations
    return found.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)
  })
  expect(violations).toEqual([])
})

test('a list opens at the first unread message, and jumps to another one, which is lit', async ({ tabs }) => {
  const { tab, id } = await openChat(tabs, 99, true)
  await tab.waitForFunction((channel) => alice.channel(channel).unreadCount === 20, id)
  await show(tab, id)
  await tab.locator('[data-first-unread][data-index="100"]', { hasText: 'new' }).waitFor()
  const place = await placeOf(tab, 100)
  expect(place).toBeGreaterThan(50)
  expect(place).toBeLessThan(250)
  await show(tab, id, 20)
  await tab.locator('[data-highlighted][data-index="20"]').waitFor()
  expect(await placeOf(tab, 20)).toBeGreaterThan(50)
  expect(await placeOf(tab, 20)).toBeLessThan(250)
  await tab.locator('#jump').click()
  await row(tab, 'message 119').waitFor()
  await isAtEnd(tab)
})

test('a chat window in ten lines: two people chat', async ({ tabs }) => {
  const { url } = tabs.fonechat
  const [hers, his] = [await tabs.fonechat.token('alice'), await tabs.fonechat.token('bob')]
  const other = createClient({ url, identity: 'bob', token: () => his })
  try {
    // The first start has made both, and their channel.
    const channel = await other.getChannel('general')
    await channel.sendMessage('Draw the owl!')
    const profile = await tabs.profile()
    await profile.route('**/token', (route) => route.fulfill({ body: hers }))
    const tab = await tabs.openEntry(new URL('../../../examples/react/chat.tsx', import.meta.url), { profile })
    await row(tab, 'Draw the owl!').waitFor()
    await tab.getByRole('textbox', { name: 'Message' }).fill('The eyes first.')
    await tab.keyboard.press('Enter')
    await tab.locator('[data-mine][data-status=sent]', { hasText: 'The eyes first.' }).waitFor()
    const answers = await channel.getMessages(1)
    expect(answers.map(({ author, body }) => [author, body])).toEqual([['alice', 'The eyes first.']])
  } finally {
    await other.close()
  }
  const [docs, ...examples] = await Promise.all(
    ['docs/react.md', 'examples/react/chat.tsx', 'examples/react/conversation.tsx'].map((path) =>
      readFile(new URL(`../../../${path}`, import.meta.url), 'utf8'),
    ),
  )
  for (const example of examples) expect(docs).toContain(example)
})
