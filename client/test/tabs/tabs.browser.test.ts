import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { networkErrors, test, type Tabs } from '../browser/harness.ts'
import type { TabPage } from './tabs.page.ts'

const entry = new URL('./tabs.page.ts', import.meta.url)

declare const page: TabPage

interface Visitor {
  readonly identity: string
  readonly profile: BrowserContext
  readonly channelId: string
  open(): Promise<Page>
  /** Makes the client in a page that was loaded. */
  start(tab: Page): Promise<void>
}

let lastVisitor = 0

/** A user with a channel, in a window whose tabs hide each other. */
async function visit(tabs: Tabs): Promise<Visitor> {
  tabs.tolerate(networkErrors)
  const profile = await tabs.window()
  const identity = `visitor ${(lastVisitor += 1)}`
  const token = await tabs.fonechat.token(identity)
  const { createChannel } = await tabs.fonechat.backend<{ createChannel: { channel: { id: string } } }>(
    'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }',
    { input: { friendlyName: 'room' } },
  )
  const channelId = createChannel.channel.id
  await tabs.fonechat.backend('mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }', {
    input: { channelId, identity },
  })
  const start = async (tab: Page): Promise<void> => {
    await tab.evaluate(([name, secret]) => page.start(name!, secret!), [identity, token])
    await waitFor(async () => (await statusOf(tab)).status === 'live')
  }
  const open = async (): Promise<Page> => {
    const tab = await tabs.openEntry(entry, { profile })
    await start(tab)
    return tab
  }
  return { identity, profile, channelId, open, start }
}

const statusOf = (tab: Page) => tab.evaluate(() => page.status())

const send = (tab: Page, channelId: string, body: string): Promise<number> =>
  tab.evaluate(([id, text]) => page.send(id!, text!), [channelId, body])

/** The bodies of messages that the server has. */
async function history(tabs: Tabs, channelId: string): Promise<string[]> {
  const { channel } = await tabs.fonechat.backend<{ channel: { messages: { nodes: { body: string }[] } } }>(
    'query ($id: ID!) { channel(id: $id) { messages(first: 100) { nodes { body } } } }',
    { id: channelId },
  )
  return channel.messages.nodes.map(({ body }) => body)
}

/** Waits until each of the tabs shows what the server has. */
async function waitForAgreement(tabs: Tabs, { channelId }: Visitor, pages: readonly Page[]): Promise<string[]> {
  return waitFor(async () => {
    const bodies = await history(tabs, channelId)
    for (const tab of pages) {
      const shown = await tab.evaluate((id) => page.bodies(id), channelId)
      if (shown.join() !== bodies.join() || (await tab.evaluate(() => page.waiting())) > 0) return false
    }
    return bodies
  })
}

async function withSocket(pages: readonly Page[]): Promise<Page[]> {
  const statuses = await Promise.all(pages.map((tab) => statusOf(tab)))
  return pages.filter((_, place) => statuses[place]!.hasSocket)
}

test('P13: three tabs have one socket, show the same, and another goes on when the leader closes', async ({ tabs }) => {
  const visitor = await visit(tabs)
  const pages = [await visitor.open(), await visitor.open(), await visitor.open()]
  const { channelId } = visitor
  expect(await withSocket(pages)).toEqual([pages[0]])
  await send(pages[2]!, channelId, 'from a follower')
  await send(pages[0]!, channelId, 'from the leader')
  expect(await waitForAgreement(tabs, visitor, pages)).toEqual(['from a follower', 'from the leader'])
  expect(await pages[1]!.evaluate(() => page.request())).toMatchObject({ viewer: { identity: expect.any(String) } })

  await pages[0]!.close()
  const rest = pages.slice(1)
  for (let count = 0; count < 5; count++) {
    await rest[1]!.evaluate(([id, body]) => page.post(id!, body!), [channelId, `while it moves ${count}`])
  }
  await waitFor(async () => (await withSocket(rest)).length === 1)
  expect(await waitForAgreement(tabs, visitor, rest)).toEqual([
    'from a follower',
    'from the leader',
    ...Array.from({ length: 5 }, (_, count) => `while it moves ${count}`),
  ])
})

test('P13: a frozen leader lets go within three seconds, and follows when it goes on', async ({ tabs }) => {
  const visitor = await visit(tabs)
  const [first, second] = [await visitor.open(), await visitor.open()]
  const { channelId } = visitor
  expect(await withSocket([first, second])).toEqual([first])
  await tabs.freeze(first)
  const frozenAt = performance.now()
  await send(second, channelId, 'while it is frozen')
  expect(performance.now() - frozenAt).toBeLessThan(3000)
  await tabs.resume(first)
  await waitForAgreement(tabs, visitor, [first, second])
  expect(await withSocket([first, second])).toEqual([second])
  await send(first, channelId, 'after')
  expect(await waitForAgreement(tabs, visitor, [first, second])).toEqual(['while it is frozen', 'after'])
})

test('P13: a leader comes back from the back-forward cache, and follows whoever leads by then', async ({ tabs }) => {
  const visitor = await visit(tabs)
  const [first, second] = [await visitor.open(), await visitor.open()]
  const { channelId } = visitor
  await first.bringToFront()
  await first.goto(`${first.url()}?elsewhere`)
  await waitFor(async () => (await withSocket([second])).length === 1)
  await send(second, channelId, 'meanwhile')
  await tabs.goBack(first)
  await waitFor(async () => (await statusOf(first)).status === 'live')
  expect(await waitForAgreement(tabs, visitor, [first, second])).toEqual(['meanwhile'])
  expect(await withSocket([first, second])).toEqual([second])
})

test('P13: from a tab that hangs with the lock a visible one takes it', async ({ tabs }) => {
  const visitor = await visit(tabs)
  const hung = await tabs.openEntry(entry, { profile: visitor.profile })
  await hung.evaluate((identity) => page.hang(identity), visitor.identity)
  const [first, second] = [await visitor.open(), await visitor.open()]
  expect(await withSocket([first, second])).toEqual([first])
  await send(second, visitor.channelId, 'through the thief')
  expect(await waitForAgreement(tabs, visitor, [first, second])).toEqual(['through the thief'])
})

test('P13: a tab that opens later shows what was kept, and signing out removes it and ends all tabs', async ({
  tabs,
}) => {
  const visitor = await visit(tabs)
  const { channelId } = visitor
  const first = await visitor.open()
  await send(first, channelId, 'kept')
  await first.close()
  const [second, third] = [await visitor.open(), await visitor.open()]
  expect(await waitForAgreement(tabs, visitor, [second, third])).toEqual(['kept'])
  await third.evaluate(() => page.signOut())
  for (const tab of [second, third]) await waitFor(async () => (await statusOf(tab)).status === 'closed')
  const names = await second.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))
  expect(names).toEqual([])
})

test('a tab whose code of tabs does not come goes on alone beside the others', async ({ tabs }) => {
  const visitor = await visit(tabs)
  const first = await visitor.open()
  await visitor.profile.route(/\/shared-[^/]*\.js$/, (route) => route.abort())
  const second = await visitor.open()
  expect(await first.evaluate(() => page.debug())).not.toContain('goes on alone')
  expect(await second.evaluate(() => page.debug())).toContain('this tab goes on alone: the code of tabs and copy')
  expect(await Promise.all([first, second].map(async (tab) => (await statusOf(tab)).hasSocket))).toEqual([true, true])
  await send(second, visitor.channelId, 'alone')
  expect(await waitForAgreement(tabs, visitor, [first, second])).toEqual(['alone'])
})

test('one tab notifies, unless any that is visible shows the channel', async ({ tabs }) => {
  const visitor = await visit(tabs)
  const { channelId } = visitor
  const [first, second] = [await visitor.open(), await visitor.open()]
  const say = async (body: string): Promise<void> => {
    await tabs.fonechat.backend('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { cursor } }', {
      input: { channelId, body },
    })
    await waitForAgreement(tabs, visitor, [first, second])
  }
  /** What the tab has said before has arrived at the leader. */
  const isTold = (tab: Page) => tab.evaluate(() => page.request())
  const show = async (shown: Page, hidden: Page): Promise<void> => {
    await shown.bringToFront()
    for (const [tab, state] of [
      [shown, 'visible'],
      [hidden, 'hidden'],
    ] as const)
      await waitFor(async () => (await tab.evaluate(() => document.visibilityState)) === state)
    await isTold(second)
  }
  await show(second, first)
  await say('nobody reads')
  await second.evaluate((id) => page.read(id), channelId)
  await isTold(second)
  await say('a follower reads')
  await show(first, second)
  await say('a hidden tab reads')
  await first.evaluate((id) => page.read(id), channelId)
  await say('the leader reads')
  await show(second, first)
  await say('the follower reads again')
  await second.evaluate((id) => page.read(id), channelId)
  await waitFor(async () => {
    await say('it has stopped')
    return (await first.evaluate(() => page.notified())).includes('it has stopped')
  })
  expect(await withSocket([first, second])).toEqual([first])
  const notified = await first.evaluate(() => page.notified())
  expect([...new Set(notified)]).toEqual(['nobody reads', 'a hidden tab reads', 'it has stopped'])
  expect(await second.evaluate(() => page.notified())).toEqual([])
})

test('an edit and a deletion in a page that is reloaded before its code of tabs is there are not lost', async ({
  tabs,
}) => {
  const visitor = await visit(tabs)
  const { channelId, identity } = visitor
  const tab = await visitor.open()
  const ids: string[] = []
  for (const body of ['stays', 'edited later', 'deleted later']) {
    await send(tab, channelId, body)
    ids.push(await tab.evaluate(([id, text]) => page.idOf(id!, text!), [channelId, body]))
  }
  const token = await tabs.fonechat.token(identity)
  for (const [id, changed] of [
    [ids[1]!, 'edited'],
    [ids[2]!, null],
  ] as const) {
    await tab.reload()
    const isLoaded = tab.waitForEvent('load')
    await tab.evaluate(
      ([client, change]) => {
        page.start(...client)
        page.changeAndReload(...change)
      },
      [
        [identity, token],
        [channelId, id, changed],
      ] as const,
    )
    await isLoaded
  }
  await visitor.start(tab)
  await waitFor(async () => (await history(tabs, channelId)).join() === 'stays,edited')
  expect(await waitForAgreement(tabs, visitor, [tab])).toEqual(['stays', 'edited'])
})
