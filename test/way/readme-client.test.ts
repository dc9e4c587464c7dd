import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ChannelId } from '../../src/model/sid.ts'
import type { Server } from '../../src/server.ts'
import { readHistories } from '../../src/store/history.ts'
import { BrowserTab, type TabOptions } from '../support/browser-tab.ts'
import { openKit, type Kit, type User } from '../support/kit.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'
import { waitFor } from '../support/wait.ts'

/** The client that the README shows, as it stands there, in tabs of a browser. */
vi.setConfig({ testTimeout: 60_000 })

interface Shown {
  readonly messageAdded: { readonly body: string }
}

let kit: Kit
let alice: User
let bob: User
let channelId: ChannelId
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  bob = await kit.user('bob')
  channelId = (await kit.channel([alice, bob])).id
})
afterAll(() => kit.close())

const url = 'ws://127.0.0.1:4000/graphql'
/** How graphql-ws calls a connection that it gave up. */
const terminated = 4499
const library = `'graphql-ws'`

function openTab(options: Partial<TabOptions> = {}, { port }: Pick<Server, 'port'> = kit.server): BrowserTab<Shown> {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [, text = ''] = /^```ts\n(.*?)^```$/ms.exec(readme)!
  expect([text.split(url).length, text.split(library).length]).toEqual([2, 2])
  // A module that comes from no file must know where others are.
  const here = text
    .replace(url, `ws://127.0.0.1:${port}/graphql`)
    .replace(library, JSON.stringify(import.meta.resolve('graphql-ws')))
  return new BrowserTab(stripTypeScriptTypes(`${here}\nexport { client }`), { token: bob.token, ...options })
}

const is = (body: string) => (shown: Shown) => shown.messageAdded.body === body
const bodies = ({ received }: BrowserTab<Shown>): string[] => received.map(({ messageAdded }) => messageAdded.body)

/** Moves a tab's clock by seconds, one after the other, each when what the last one began is over. */
async function pass(tab: BrowserTab<Shown>, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await tab.settled()
    await tab.tick(1000)
  }
  await tab.settled()
}

test('two tabs, and a third that is a duplicate of the first, each receive everything; one that is reloaded goes on', async () => {
  await using first = openTab()
  await first.settled()
  await using second = openTab()
  await using duplicate = openTab({ storage: first.storage })
  const tabs = [first, second, duplicate]
  for (const tab of tabs) await tab.settled()
  for (const body of ['one', 'two']) {
    await alice.send(channelId, body)
    for (const tab of tabs) await tab.receives(is(body))
  }
  // None has ended another's connection.
  for (const tab of tabs) {
    await pass(tab, 30)
    expect([tab.closings, tab.failures, bodies(tab)]).toEqual([[], [], ['one', 'two']])
  }
  const devices = tabs.map(({ storage }) => storage['deviceId'])
  expect(new Set(devices).size).toBe(3)

  const storage = { ...second.storage }
  await second.close()
  await alice.send(channelId, 'while it was reloaded')
  await using reloaded = openTab({ storage })
  await reloaded.receives(is('while it was reloaded'))
  expect(reloaded.storage).toEqual(storage)
})

test('a network that dies without a word is noticed within 15 seconds, also while connecting', async () => {
  await using proxy = await openTcpProxy({ host: '127.0.0.1', port: kit.server.port })
  await using tab = openTab({}, proxy)
  await tab.settled()
  // While it is well nothing is taken for dead.
  await pass(tab, 60)
  expect([tab.closings, tab.connections]).toEqual([[], 1])
  await alice.send(channelId, 'before the silence')
  await tab.receives(is('before the silence'))

  proxy.stall()
  await alice.send(channelId, 'into the silence')
  // What is tried anew meets the same silence, and is given up as soon.
  for (const times of [1, 2, 3]) {
    const terminations = () => tab.closings.filter((code) => code === terminated).length
    for (let second = 0; second < 15 && terminations() < times; second++) await tab.tick(1000)
    expect(terminations()).toBe(times)
  }
  proxy.resume()
  await pass(tab, 10)
  expect(tab.connections).toBe(2)
  await tab.receives(is('into the silence'))
  expect(tab.failures).toEqual([])
})

test('after an outage of two minutes it connects again within 10 seconds, and misses nothing', async () => {
  await using proxy = await openTcpProxy({ host: '127.0.0.1', port: kit.server.port })
  await using tab = openTab({}, proxy)
  await tab.settled()
  await alice.send(channelId, 'before the outage')
  await tab.receives(is('before the outage'))

  await proxy.cut()
  await waitFor(() => tab.closings.length === 1)
  await alice.send(channelId, 'during the outage')
  await pass(tab, 120)
  expect([tab.connections, tab.failures]).toEqual([1, []])
  expect(tab.attempts).toBeGreaterThanOrEqual(12)
  // Nor does it knock without a pause.
  expect(tab.attempts).toBeLessThanOrEqual(30)

  await proxy.restore()
  await pass(tab, 10)
  expect(tab.connections).toBe(2)
  await tab.receives(is('during the outage'))
  expect(bodies(tab).slice(-2)).toEqual(['before the outage', 'during the outage'])
})

test('where the token cannot be fetched for a while it tries again', async () => {
  await using tab = openTab({ tokenFailures: 5 })
  await pass(tab, 60)
  expect([tab.connections, tab.closings]).toEqual([1, Array(5).fill(4403)])
  await alice.send(channelId, 'with a token at last')
  await tab.receives(is('with a token at last'))
  expect(tab.failures).toEqual([])
})

test('when the database has failed over it begins anew, and goes on', async () => {
  await using tab = openTab()
  await tab.settled()
  await alice.send(channelId, 'before the failover')
  await tab.receives(is('before the failover'))
  await readHistories(kit.store.db, { isWanted: true })
  // Nothing is left on the connection, and the client closes it.
  await waitFor(() => tab.closings.includes(1000))
  await pass(tab, 2)
  await alice.send(channelId, 'after the failover')
  await tab.receives(is('after the failover'))
  expect([tab.connections, tab.failures]).toEqual([2, []])
})
