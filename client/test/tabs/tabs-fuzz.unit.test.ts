import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../test/support/seeded-random.ts'
import { channelId } from '../world/server.ts'
import { TabsWorld, type OpenTab } from '../world/tabs.ts'

const maxTabs = 5

/** What may happen to a tab, or in it. */
const happenings = {
  open: ({ tabs }) => {
    if (tabs.present.length < maxTabs) tabs.open({ isVisible: tabs.world.random() < 0.5 })
  },
  end: ({ tab, tabs }) => tab.tab.end({ isSaid: tabs.world.random() < 0.5 }),
  freeze: ({ tab }) => tab.tab.freeze({ isSaid: true }),
  hang: ({ tab }) => tab.tab.freeze({ isSaid: false }),
  thaw: ({ tab }) => tab.tab.thaw(),
  show: ({ tab }) => tab.tab.show(true),
  hide: ({ tab }) => tab.tab.show(false),
  read: ({ tab }) => {
    if (!tab.tab.isFrozen) tab.read(true)
  },
  stopReading: ({ tab }) => {
    if (!tab.tab.isFrozen) tab.read(false)
  },
  send: ({ tab, tabs }) => {
    if (!tab.tab.isFrozen) tab.send(`${tabs.world.now}`)
  },
  query: ({ tab }) => {
    if (!tab.tab.isFrozen) tab.request('query')
  },
  mutation: ({ tab }) => {
    if (!tab.tab.isFrozen) tab.request('mutation')
  },
  hear: ({ tabs }) => void tabs.server.send(`other ${tabs.world.now}`, `other ${tabs.world.now}`),
  lose: ({ tabs }) => void (tabs.world.losses += 1),
} satisfies Record<string, (happening: { tab: OpenTab; tabs: TabsWorld }) => void>

const step = fc.record({
  name: fc.constantFrom(...(Object.keys(happenings) as (keyof typeof happenings)[])),
  which: fc.nat({ max: maxTabs - 1 }),
  wait: fc.constantFrom(0, 0, 3, 10, 40, 300, 1000, 1100, 2500, 6000),
})

async function live(seed: number, steps: readonly { name: keyof typeof happenings; which: number; wait: number }[]) {
  const tabs = new TabsWorld(seededRandom(seed))
  tabs.open()
  for (const { name, which, wait } of steps) {
    const tab = tabs.present[which % tabs.present.length] ?? tabs.open()
    happenings[name]({ tab, tabs })
    expect(tabs.leaders.filter(({ tab: { isFrozen } }) => !isFrozen).length).toBeLessThanOrEqual(2)
    await tabs.world.pass(wait)
  }
  if (tabs.present.length === 0) tabs.open()
  for (const { tab } of tabs.present) {
    tab.thaw()
    tab.show(true)
  }
  await tabs.world.pass(120_000)
  return tabs
}

/** A tab that is frozen as its leader begins what it asked, and that leader ends: nobody may do it again. */
const askedThenFrozen: (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[] = [
  { name: 'hide', which: 0, wait: 6000 },
  { name: 'open', which: 0, wait: 0 },
  { name: 'mutation', which: 1, wait: 0 },
  { name: 'freeze', which: 3, wait: 0 },
  { name: 'open', which: 0, wait: 300 },
  { name: 'open', which: 0, wait: 0 },
  { name: 'end', which: 0, wait: 0 },
  { name: 'open', which: 0, wait: 0 },
  { name: 'open', which: 0, wait: 0 },
]

test('P13: whatever happens to tabs, one leads at the end, all agree, nothing is sent twice and every request ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(step, { minLength: 5, maxLength: 40 }), async (seed, steps) => {
      const tabs = await live(seed, steps)
      const { server, present, device, leaders } = tabs
      expect(leaders).toHaveLength(1)
      expect(server.sockets.size).toBe(1)
      const bodies = server.messages.map(({ body }) => body)
      const shown = present.map(({ tab, store, bodies: messages, asked }) => {
        const { outbox, connection } = store.getSnapshot()
        const open = asked.filter(({ end }) => !end)
        return { tab: tab.name, messages: messages(), outbox, connection, open }
      })
      expect(shown).toEqual(
        present.map(({ tab }) => ({
          tab: tab.name,
          messages: bodies,
          outbox: [],
          connection: { status: 'live' },
          open: [],
        })),
      )
      expect(device.items).toEqual([])
      const isRead = present.some(({ store }) => store.shownChannelIds().has(channelId))
      expect(leaders[0]!.host.isSeen(channelId)).toBe(isRead)
      // Where that a leader has begun something is lost on the way, the next one does it again.
      const isLossless = steps.every(({ name }) => name !== 'lose')
      for (const [id, count] of isLossless ? server.done : []) expect({ id, count }).toEqual({ id, count: 1 })
      expect(new Set(bodies)).toHaveProperty('size', bodies.length)
    }),
    { numRuns: Number(process.env['TABS_RUNS'] ?? 150), examples: [[0, askedThenFrozen]] },
  )
}, 60_000)
