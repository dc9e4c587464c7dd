import { expect, test } from 'vitest'
import { seededRandom } from '../../../test/support/seeded-random.ts'
import { ChatError } from '../../src/errors.ts'
import type { Envelope } from '../../src/tabs/protocol.ts'
import { Subscriptions } from '../../src/tabs/subscriptions.ts'
import { ScriptedEnv } from '../support/scripted.ts'
import { channelId } from '../world/server.ts'
import { TabsWorld, type OpenTab } from '../world/tabs.ts'
import { ScriptedTab } from '../world/world.ts'

const openWorld = (seed = 1): TabsWorld => new TabsWorld(seededRandom(seed))

/** Everybody there has all messages of the server, nothing waits, and what was asked has ended. */
function expectAgreement({ server, present, device }: TabsWorld): void {
  const bodies = server.messages.map(({ body }) => body)
  const shown = present.map(({ tab, store, bodies: messages }) => {
    const { outbox, connection } = store.getSnapshot()
    return { tab: tab.name, messages: messages(), outbox, connection }
  })
  expect(shown).toEqual(
    present.map(({ tab }) => ({ tab: tab.name, messages: bodies, outbox: [], connection: { status: 'live' } })),
  )
  expect(device.items).toEqual([])
}

test('one tab leads, and the others show what it has, from the first message on', async () => {
  const tabs = openWorld()
  tabs.server.send('a', 'before')
  tabs.open()
  await tabs.world.pass(100)
  tabs.open()
  tabs.open({ isVisible: false })
  await tabs.world.pass(100)
  tabs.server.send('b', 'live')
  await tabs.world.pass(100)
  expect(tabs.leaders).toHaveLength(1)
  expect(tabs.server.sockets.size).toBe(1)
  expectAgreement(tabs)
  expect(tabs.present[2]!.bodies()).toEqual(['before', 'live'])
})

/** Three tabs, of which the first leads. */
async function openThree(seed?: number): Promise<TabsWorld> {
  const tabs = openWorld(seed)
  for (let count = 0; count < 3; count++) {
    tabs.open()
    await tabs.world.pass(100)
  }
  expect(tabs.leaders).toEqual([tabs.tabs[0]])
  return tabs
}

test.each([true, false])('when the leader closes another leads at once (with the event: %s)', async (isSaid) => {
  const tabs = await openThree()
  tabs.tabs[0]!.tab.end({ isSaid })
  await tabs.world.pass(100)
  tabs.server.send('a', 'after')
  await tabs.world.pass(100)
  expect(tabs.leaders).toHaveLength(1)
  expectAgreement(tabs)
})

test('a leader that freezes lets go, and follows when it is back', async () => {
  const tabs = await openThree()
  const [first, second] = tabs.tabs
  first!.tab.freeze({ isSaid: true })
  await tabs.world.pass(100)
  expect(tabs.leaders).toEqual([second])
  tabs.server.send('a', 'meanwhile')
  await tabs.world.pass(100)
  first!.tab.thaw()
  await tabs.world.pass(100)
  expect(tabs.leaders).toEqual([second])
  expectAgreement(tabs)
})

test('from a leader that hangs a visible tab takes the lead within three seconds; a hidden one only to send', async () => {
  const tabs = await openThree()
  const [first, second, third] = tabs.tabs
  second!.tab.show(false)
  third!.tab.show(false)
  await tabs.world.pass(10_000)
  first!.tab.freeze({ isSaid: false })
  await tabs.world.pass(60_000)
  expect(tabs.leaders).toEqual([first])
  third!.send('now')
  await tabs.world.pass(3000)
  expect(tabs.leaders).toContain(third)
  expect(third!.asked[0]!.end).toEqual({ at: expect.any(Number) })
  tabs.server.send('a', 'later')
  await tabs.world.pass(100)
  first!.tab.thaw()
  await tabs.world.pass(1000)
  expect(tabs.leaders).toEqual([third])
  expect(tabs.server.sockets.size).toBe(1)
  expectAgreement(tabs)

  third!.tab.freeze({ isSaid: false })
  second!.tab.show(true)
  await tabs.world.pass(3000)
  expect(tabs.leaders).toContain(second)
})

test('a hidden leader that answers keeps the lead', async () => {
  const tabs = await openThree()
  tabs.tabs[0]!.tab.show(false)
  for (let count = 0; count < 20; count++) {
    tabs.tabs[1]!.send(`message ${count}`)
    await tabs.world.pass(5000)
  }
  expect(tabs.leaders).toEqual([tabs.tabs[0]])
  expectAgreement(tabs)
})

test('a subscription whose source is gone says nothing more to it', () => {
  const said: string[] = []
  const subscriptions = new Subscriptions(new ScriptedEnv().clock)
  subscriptions.follow(({ kind }) => said.push(kind))
  const stop = subscriptions.add(
    'document',
    {},
    () => {},
    (error) => expect.unreachable(error.message),
  )
  subscriptions.follow(undefined)
  stop()
  expect(said).toEqual(['follow', 'unfollow'])
})

test('a tab that others cannot hear takes the lead from nobody, and goes on alone', async () => {
  const tabs = await openThree()
  const [first, second] = tabs.tabs
  second!.tab.isMute = true
  await tabs.world.pass(30_000)
  expect(tabs.world.holder('alice')).toBe(first!.tab)
  second!.send('alone')
  await tabs.world.pass(1000)
  expect(second!.asked[0]!.end).toEqual({ at: expect.any(Number) })
  expect(tabs.leaders).toEqual([first, second])
  expect([...tabs.server.sockets].map(({ deviceId }) => deviceId)).toEqual(['device', expect.stringContaining('tab2')])
  expectAgreement(tabs)
})

test.each(['leads', 'follows'])(
  'what a full device does not take of a tab that %s is sent from memory, in its order',
  async (role) => {
    const tabs = await openThree()
    const sender = tabs.tabs[role === 'leads' ? 0 : 1]!
    tabs.device.isFull = true
    sender.send('one')
    sender.send('two')
    await tabs.world.pass(10)
    sender.send('three')
    await tabs.world.pass(1000)
    expect(tabs.server.messages.map(({ body }) => body)).toEqual(['one', 'two', 'three'])
    expect(sender.asked.map(({ end }) => end)).toEqual(sender.asked.map(() => ({ at: expect.any(Number) })))
    expectAgreement(tabs)
  },
)

test('a mutation that a leader has begun is not begun by the next one, and a query is', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const tabs = await openThree(seed)
    const [first, second] = tabs.tabs
    second!.request('mutation')
    second!.request('query')
    await tabs.world.pass(seed % 30)
    first!.tab.end({ isSaid: false })
    await tabs.world.pass(1000)
    const [mutation, query] = second!.asked
    expect(query!.end).toEqual({ at: expect.any(Number) })
    const count = tabs.server.done.get(mutation!.id) ?? 0
    expect(count).toBeLessThanOrEqual(1)
    expect(mutation!.end).toBeDefined()
    expect(mutation!.end!.error ?? `done ${count}`).toMatch(/^(OFFLINE|done 1)$/)
  }
})

test('sends of a follower arrive once each, and are answered, whenever the leader closes', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const tabs = await openThree(seed)
    const [first, second] = tabs.tabs
    for (let count = 0; count < 5; count++) second!.send(`message ${count}`)
    await tabs.world.pass(seed * 2)
    first!.tab.end({ isSaid: seed % 2 === 0 })
    await tabs.world.pass(1000)
    expect(second!.asked.map(({ end }) => end && !end.error)).toEqual([true, true, true, true, true])
    expect(tabs.server.messages).toHaveLength(5)
    expectAgreement(tabs)
  }
})

test('a request that nobody can answer ends after 15 seconds', async () => {
  const tabs = await openThree()
  tabs.tabs[1]!.host.disconnect()
  tabs.tabs[1]!.request('query')
  tabs.tabs[2]!.request('mutation')
  await tabs.world.pass(15_001)
  expect(tabs.tabs.flatMap(({ asked }) => asked.map(({ end }) => end?.error))).toEqual(['OFFLINE', 'OFFLINE'])
})

test('an aborted request ends at once with the reason', async () => {
  const tabs = await openThree()
  const controller = new AbortController()
  const reading = tabs.tabs[1]!.host.request('query', {}, { signal: controller.signal })
  controller.abort(new Error('no longer wanted'))
  await expect(reading).rejects.toThrow('no longer wanted')
})

test('one connection for all tabs: one disconnects and connects all, whoever leads meanwhile', async () => {
  const tabs = await openThree()
  const [first, second, third] = tabs.tabs
  third!.host.disconnect()
  await tabs.world.pass(100)
  expect(tabs.server.sockets.size).toBe(0)
  second!.send('waits')
  first!.tab.end({ isSaid: true })
  await tabs.world.pass(1000)
  tabs.open()
  await tabs.world.pass(1000)
  expect(tabs.server.sockets.size).toBe(0)
  expect(third!.store.getSnapshot().outbox).toHaveLength(1)
  second!.host.connect()
  await tabs.world.pass(1000)
  expect(tabs.server.sockets.size).toBe(1)
  expectAgreement(tabs)
})

test('signing out in one tab ends all of them, and empties the device', async () => {
  const tabs = await openThree()
  tabs.tabs[2]!.host.disconnect()
  tabs.tabs[1]!.send('never')
  await tabs.world.pass(100)
  const signingOut = tabs.tabs[2]!.host.signOut()
  await tabs.world.pass(1000)
  await signingOut
  for (const { store } of tabs.tabs) expect(store.getSnapshot().connection).toEqual({ status: 'closed' })
  expect(tabs.tabs[1]!.asked[0]!.end?.error).toBe('CLOSED')
  expect(tabs.device.items).toEqual([])
  expect(tabs.server.sockets.size).toBe(0)
  expect(tabs.world.holder('alice')).toBeUndefined()
})

test('a leader whose device is also elsewhere becomes another device after three tries', async () => {
  const tabs = await openThree()
  const { server, world } = tabs
  const tab = tabs.tabs[2]!.tab
  const deviceId = (): string[] =>
    [...server.sockets].filter((socket) => socket.tab !== tab).map((socket) => socket.deviceId)
  for (let count = 0; count < 4; count++) {
    server.open({ tab, deviceId: 'device', onChanges: () => {}, onReplaced: () => {}, isOpen: true }, -1)
    await world.pass(10_000)
  }
  expect(deviceId()).toEqual(['device 2'])
  server.send('a', 'after')
  await world.pass(100)
  expectAgreement(tabs)
})

test('a tab with older code stops sharing when it hears a newer one', async () => {
  const tabs = await openThree()
  const newer = tabs.world.openChannel(tabs.tabs[0]!.tab, 'alice')
  newer.postMessage({ version: 2, from: 'newer', message: { kind: 'unknown' } })
  await tabs.world.pass(100)
  expect(tabs.world.holder('alice')).toBeUndefined()
  expect(new Set([...tabs.server.sockets].map(({ deviceId }) => deviceId))).toHaveProperty('size', 3)
})

test('what is said of the outbox grows with what happens, not with what waits', async () => {
  const tabs = await openThree()
  let said = 0
  const channel = tabs.world.openChannel(new ScriptedTab(tabs.world, 'listener'), 'alice')
  channel.onmessage = ({ data }: { readonly data: unknown }) => {
    const { message } = data as Envelope
    if (message.kind !== 'batch') return
    for (const change of message.changes) if (change.kind === 'outbox') said += change.items.length
  }
  tabs.tabs[0]!.host.disconnect()
  await tabs.world.pass(100)
  for (let number = 0; number < 50; number++) {
    tabs.tabs[number % 2]!.send(`message ${number}`)
    await tabs.world.pass(20)
  }
  await tabs.world.pass(1000)
  for (const { store } of tabs.present) expect(store.getSnapshot().outbox).toHaveLength(50)
  expect(said).toBe(50)
  tabs.tabs[0]!.host.connect()
  await tabs.world.pass(10_000)
  expectAgreement(tabs)
})

test('a hidden tab that misses a batch, or the answer to what it has missed, notices by those that come after', async () => {
  const tabs = openWorld()
  tabs.open()
  await tabs.world.pass(100)
  const { openChannel } = tabs.world
  let asked = 0
  tabs.world.openChannel = (...of) => {
    const channel = openChannel.apply(tabs.world, of)
    const { postMessage } = channel
    channel.postMessage = (envelope: Envelope) => {
      postMessage(envelope)
      // The first answer to what no copy has is lost.
      if (envelope.message.kind === 'hello' && (asked += 1) === 1) tabs.world.losses = 1
    }
    return channel
  }
  tabs.open({ isVisible: false })
  await tabs.world.pass(100)
  expect({ asked, losses: tabs.world.losses }).toEqual({ asked: 1, losses: 0 })
  const say = async (body: string): Promise<void> => {
    tabs.server.send(body, body)
    await tabs.world.pass(100)
  }
  for (let number = 0; number < 12; number++) await say(`message ${number}`)
  expectAgreement(tabs)
  tabs.world.losses = 1
  await say('lost')
  expect(tabs.world.losses).toBe(0)
  await say('next')
  expectAgreement(tabs)
})

test('the leader follows 100 subscriptions for others, and whoever asks for more hears so, until there is room', async () => {
  const tabs = await openThree()
  const [, second, third] = tabs.tabs
  const errors: ChatError[] = []
  const follow = ({ host }: OpenTab) =>
    host.subscribe(
      'subscription' as never,
      {},
      () => {},
      (error) => errors.push(error),
    )
  const stops = Array.from({ length: 100 }, () => follow(second!))
  await tabs.world.pass(100)
  expect(errors).toEqual([])
  follow(third!)
  await tabs.world.pass(100)
  expect(errors).toMatchObject([{ code: 'RATE_LIMITED' }])
  expect(errors[0]).toBeInstanceOf(ChatError)
  stops[0]!()
  await tabs.world.pass(120_000)
  expect(errors).toHaveLength(1)
})

test('the leader knows which channels visible tabs show, and the next one learns it', async () => {
  const tabs = await openThree()
  const [first, second, third] = tabs.tabs
  const isSeen = async (): Promise<boolean> => {
    await tabs.world.pass(100)
    return tabs.leaders[0]!.host.isSeen(channelId)
  }
  first!.tab.show(false)
  first!.read(true)
  expect(await isSeen()).toBe(false)
  second!.read(true)
  expect(await isSeen()).toBe(true)
  expect(third!.host.isSeen(channelId)).toBe(false)
  second!.tab.show(false)
  expect(await isSeen()).toBe(false)
  second!.tab.show(true)
  expect(await isSeen()).toBe(true)
  second!.read(false)
  expect(await isSeen()).toBe(false)
  third!.read(true)
  await tabs.world.pass(120_000)
  first!.tab.end({ isSaid: true })
  expect(await isSeen()).toBe(true)
  expect(tabs.leaders).toEqual([second])
  third!.tab.freeze({ isSaid: true })
  expect(await isSeen()).toBe(false)
})

test('what a tab showed that ended without a word is forgotten within half a minute', async () => {
  const tabs = await openThree()
  const [first, second] = tabs.tabs
  second!.read(true)
  await tabs.world.pass(60_000)
  second!.tab.end({ isSaid: false })
  expect(first!.host.isSeen(channelId)).toBe(true)
  await tabs.world.pass(30_100)
  expect(first!.host.isSeen(channelId)).toBe(false)
})

test('a tab that shows many channels says the twenty that it opened last', async () => {
  const tabs = await openThree()
  const [first, second] = tabs.tabs
  for (let number = 1; number <= 30; number++) second!.store.show({}, `channel ${number}`, [0, 0])
  await tabs.world.pass(100)
  const seen = Array.from({ length: 30 }, (_, at) => at + 1).filter((number) => first!.host.isSeen(`channel ${number}`))
  expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => at + 11))
})
