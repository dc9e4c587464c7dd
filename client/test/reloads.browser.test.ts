import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect } from 'vitest'
import { waitFor } from '../../test/support/wait.ts'
import { networkErrors, test, type Tabs } from './browser/harness.ts'
import type { ReloadsPage, Shown, Step } from './reloads.page.ts'

const entry = new URL('./reloads.page.ts', import.meta.url)

declare const page: ReloadsPage

const kinds = {
  send: 6,
  edit: 2,
  remove: 1,
  read: 1,
  disconnect: 1,
  connect: 2,
  lose: 2,
  openTab: 1,
  reload: 2,
  kill: 3,
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    ...Object.entries(kinds).map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind as Step['kind']) })),
  ),
  who: fc.constantFrom(0 as const, 1 as const),
  tab: fc.constantFrom(0 as const, 1 as const),
  which: fc.nat(7),
  wait: fc.constantFrom(null, null, null, 0, 0, 2, 10, 40),
})

/** A page that is killed in the turn in which something was sent from it, and one that is killed while the disk writes it. */
const sentThenKilled: Step[] = [
  { kind: 'send', who: 1, tab: 0, which: 0, wait: null },
  { kind: 'kill', who: 1, tab: 0, which: 0, wait: null },
  { kind: 'send', who: 0, tab: 0, which: 0, wait: 0 },
  { kind: 'kill', who: 0, tab: 0, which: 0, wait: 0 },
]

const newChannel = 'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }'
const newMember = 'mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }'
const messagesOf = 'query ($id: ID!) { channel(id: $id) { messages(first: 100) { nodes { index body revision } } } }'

interface Truth {
  readonly index: number
  readonly body: string
  readonly revision: number
}

let lastHistory = 0

/** A channel with two people in it. */
async function meet({ fonechat }: Tabs) {
  lastHistory += 1
  const names = ['alice', 'bob'].map((name) => `${name} ${lastHistory}`)
  const { createChannel } = await fonechat.backend<{ createChannel: { channel: { id: string } } }>(newChannel, {
    input: {},
  })
  const channelId = createChannel.channel.id
  const people = await Promise.all(names.map(async (identity) => ({ identity, token: await fonechat.token(identity) })))
  for (const identity of names) await fonechat.backend(newMember, { input: { channelId, identity } })
  return { channelId, people }
}

async function read({ fonechat }: Tabs, id: string): Promise<readonly Truth[]> {
  const { channel } = await fonechat.backend<{ channel: { messages: { nodes: Truth[] } } }>(messagesOf, { id })
  return channel.messages.nodes
}

const nameOf = ({ body }: Truth): string => body.split(' ')[0]!

test('whatever two people do and however their pages end, each message is there once and all tabs end with what the server has', async ({
  tabs,
}) => {
  tabs.tolerate(networkErrors)
  const driver = await tabs.openEntry(entry)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      const { channelId, people } = await meet(tabs)
      const { sent, removed } = await driver.evaluate(([who, id, acts]) => page.live(who, id, acts), [
        people,
        channelId,
        steps,
      ] as const)
      await waitFor(() => driver.evaluate(() => page.areLive()))
      let shown: readonly Shown[] = []
      let truth: readonly Truth[] = []
      const expected = () => truth.map(({ index, body, revision }) => [index, body, revision, 'sent'])
      const isLevel = ({ rows, unreadCount, serverCount, waiting }: Shown): boolean =>
        waiting === 0 && unreadCount === serverCount && isDeepStrictEqual(rows, expected())
      await waitFor(async () => {
        shown = await driver.evaluate(() => page.shown())
        truth = await read(tabs, channelId)
        return shown.every(isLevel)
      }).catch(() => {})
      for (const each of shown) {
        if (!isLevel(each)) process.stdout.write(`${each.debug}\n`)
        const { rows, unreadCount, serverCount, waiting } = each
        expect({ rows, unreadCount, waiting }).toEqual({ rows: expected(), unreadCount: serverCount, waiting: 0 })
      }
      const names = truth.map(nameOf)
      expect(names).toEqual([...new Set(names)])
      expect(names.filter((name) => !removed.includes(name)).toSorted()).toEqual(
        sent.filter((name) => !removed.includes(name)).toSorted(),
      )
      // In each visit each message is heard of once, in its order.
      for (const { heard } of shown) {
        expect(heard).toEqual([...new Set(heard)].toSorted((one, other) => one - other))
      }
    }),
    // A smaller history is looked for at 10 seconds each.
    { numRuns: Number(process.env['RELOAD_RUNS'] ?? 5), endOnFailure: true, examples: [[sentThenKilled]] },
  )
}, 3_600_000)
