import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { SendMessageDocument } from '../../src/graphql/generated/documents.ts'
import { networkErrors, test } from '../browser/harness.ts'
import type { ClientPage } from './client.page.ts'

const entry = new URL('./client.page.ts', import.meta.url)

declare const page: ClientPage

const texts = (word: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${word} ${number}`)

test('after a reload without a network what was known is shown as far back as one scrolls, and what waits is sent once', async ({
  tabs,
}) => {
  tabs.tolerate(networkErrors)
  const wire = await tabs.newProxy()
  const who = [wire.url, 'alice', await tabs.fonechat.token('alice')] as const
  const tab = await tabs.openEntry(entry)
  const open = (): Promise<void> => tab.evaluate((options) => page.open(...options), who)
  const isLive = async (): Promise<boolean> => (await tab.evaluate(() => page.status())) === 'live'
  await open()
  await waitFor(isLive)
  const id = await tab.evaluate(() => page.makeChannel())
  const known = () => tab.evaluate((channel) => page.known(channel), id)
  const say = (body: string) => tabs.fonechat.backend(SendMessageDocument, { input: { channelId: id, body } })
  for (let number = 0; number < 110; number += 10) {
    await Promise.all(texts(`kept ${number}`, 10).map((body) => say(body)))
  }
  await waitFor(async () => (await known())?.length === 110)
  const kept = (await known())!
  const waiting = texts('waits', 3)
  const pending = () => tab.evaluate((channel) => page.pending(channel), id)
  wire.offline()
  await tab.evaluate(([channel, bodies]) => page.begin(channel, bodies), [id, waiting] as const)
  await waitFor(async () => (await pending())?.length === 3)
  await tab.reload()
  await open()
  await waitFor(async () => (await pending())?.length === 3)
  expect(await known()).toEqual(kept.slice(-50))
  expect(await tab.evaluate(() => page.isKept())).toBe(true)
  expect(await pending()).toEqual(waiting)
  expect(await tab.evaluate((channel) => page.scrollBack(channel), id)).toEqual([...kept, ...waiting])
  wire.online()
  await waitFor(isLive)
  await waitFor(async () => (await pending())?.length === 0)
  expect(await tab.evaluate((channel) => page.history(channel), id)).toEqual([...kept, ...waiting].slice(-100))
})

test('signing out leaves nothing on the device', async ({ tabs }) => {
  const tab = await tabs.openEntry(entry)
  const who = [tabs.fonechat.url, 'alice', await tabs.fonechat.token('alice')] as const
  await tab.evaluate((options) => page.open(...options), who)
  await waitFor(async () => (await tab.evaluate(() => page.status())) === 'live')
  expect(await tab.evaluate(() => page.databases())).toHaveLength(1)
  await tab.evaluate(() => page.signOut())
  expect(await tab.evaluate(() => page.databases())).toEqual([])
})

test('where the device keeps nothing the client goes on in memory, and says so', async ({ tabs }) => {
  const tab = await tabs.openEntry(entry)
  const who = [tabs.fonechat.url, 'alice', await tabs.fonechat.token('alice')] as const
  await tab.evaluate((options) => page.openRefused(...options), who)
  await waitFor(async () => (await tab.evaluate(() => page.status())) === 'live')
  expect(await tab.evaluate(() => page.isKept())).toBe(false)
  expect(await tab.evaluate(() => page.warnings())).toContain('this tab goes on alone: the device keeps nothing')
  const id = await tab.evaluate(() => page.makeChannel())
  await tab.evaluate((channel) => page.send(channel, ['in memory']), id)
  expect(await tab.evaluate((channel) => page.history(channel), id)).toEqual(['in memory'])
})
