import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { networkErrors, test, type OpenOptions, type Tabs } from '../browser/harness.ts'

const entry = new URL('./device.page.ts', import.meta.url)

declare const tab: { readonly closes: number[]; readonly shown: string[]; start(token: string): void }

/** Alice, who is in a channel with Bob, and her tabs. */
async function setUp(tabs: Tabs) {
  const { fonechat } = tabs
  const { createChannel } = await fonechat.backend<{ createChannel: { channel: { id: string } } }>(
    'mutation { createChannel(input: {}) { channel { id } } }',
  )
  const channelId = createChannel.channel.id
  for (const identity of ['alice', 'bob']) {
    await fonechat.token(identity)
    await fonechat.backend('mutation ($input: AddMemberInput!) { addMember(input: $input) { cursor } }', {
      input: { channelId, identity },
    })
  }
  const token = await fonechat.token('alice')
  return {
    start: (page: Page) => page.evaluate((mine) => tab.start(mine), token),
    open: (options?: OpenOptions) => tabs.openEntry(entry, options),
    send: (body: string) =>
      fonechat.backend('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { cursor } }', {
        input: { channelId, body, authorIdentity: 'bob' },
      }),
  }
}

const shows = async (page: Page, text: string, times = 1): Promise<void> => {
  await page.waitForFunction(([expected, count]) => tab.shown.filter((one) => one === expected).length >= count, [
    text,
    times,
  ] as const)
}
const deviceOf = (page: Page) => page.evaluate(() => String(sessionStorage.getItem('fonechat.deviceId')))
const closesOf = (page: Page) => page.evaluate(() => tab.closes)
const textsOf = (page: Page) => page.evaluate(() => tab.shown.filter((text) => text.startsWith('message')))
const locksOf = (page: Page) =>
  page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    return held.map(({ name }) => name!.replace('fonechat-device-', ''))
  })

test('a duplicated tab, which begins with a copy of the storage, is a device of its own', async ({ tabs }) => {
  const { open, start, send } = await setUp(tabs)
  const page = await open()
  await start(page)
  await shows(page, 'Ready')
  const device = await deviceOf(page)
  const opened = page.waitForEvent('popup')
  await page.evaluate(() => void window.open(location.href))
  const copy = await opened
  await copy.waitForFunction(() => 'tab' in globalThis)
  expect(await deviceOf(copy)).toBe(device)
  await start(copy)
  await shows(copy, 'Ready')
  const texts = Array.from({ length: 5 }, (_, at) => `message ${at}`)
  for (const text of texts) await send(text)
  for (const each of [page, copy]) {
    await shows(each, texts.at(-1)!)
    expect(await textsOf(each)).toEqual(texts)
    expect(await closesOf(each)).toEqual([])
  }
  expect(await deviceOf(page)).toBe(device)
  const devices = await Promise.all([page, copy].map(deviceOf))
  expect(new Set(devices).size).toBe(2)
  expect((await locksOf(page)).toSorted()).toEqual(devices.toSorted())
})

test('a tab stays its device when it is reloaded', async ({ tabs }) => {
  const { open, start } = await setUp(tabs)
  const page = await open()
  await start(page)
  await shows(page, 'Ready')
  const device = await deviceOf(page)
  await page.reload()
  await start(page)
  await shows(page, 'Ready')
  expect(await deviceOf(page)).toBe(device)
})

test('a page that is left gives up its lock and comes back from the back-forward cache as the same device', async ({
  tabs,
}) => {
  tabs.tolerate(networkErrors)
  const { open, start, send } = await setUp(tabs)
  const page = await open({ profile: await tabs.window() })
  await start(page)
  await shows(page, 'Ready')
  const device = await deviceOf(page)
  expect(await locksOf(page)).toEqual([device])
  await page.goto(`${page.url()}?elsewhere`)
  await page.waitForFunction(async () => (await navigator.locks.query()).held?.length === 0)
  await tabs.goBack(page)
  await shows(page, 'restored')
  await shows(page, 'Ready', 2)
  await send('message after')
  await shows(page, 'message after')
  expect(await deviceOf(page)).toBe(device)
  expect(await locksOf(page)).toEqual([device])
})

test('a tab whose device a copy of its profile has taken goes on as another', async ({ tabs }) => {
  const { open, start, send } = await setUp(tabs)
  const page = await open()
  await start(page)
  await shows(page, 'Ready')
  const device = await deviceOf(page)
  const clone = await open({ profile: await tabs.profile() })
  await clone.evaluate((id) => sessionStorage.setItem('fonechat.deviceId', id), device)
  await start(clone)
  await shows(clone, 'Ready')
  await shows(page, 'Ready', 2)
  await send('message for both')
  for (const each of [page, clone]) await shows(each, 'message for both')
  expect(await closesOf(page)).toEqual([4409])
  expect(await closesOf(clone)).toEqual([])
  expect(await deviceOf(clone)).toBe(device)
  expect(await deviceOf(page)).not.toBe(device)
})
