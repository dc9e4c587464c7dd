import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  AddMemberDocument,
  DeleteChannelDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
} from '../../schema/generated/graphql.ts'
import { authenticateUser } from '../../src/domain/chat/sign-in.ts'
import { CounterSweep } from '../../src/domain/realtime/counter-sweep.ts'
import { topics } from '../../src/live/bus.ts'
import { Gate } from '../support/gate.ts'
import { openKit, type Kit, type User } from '../support/kit.ts'
import { Reader, type ReaderOptions } from '../support/reader.ts'
import { ScriptedBus } from '../support/scripted-bus.ts'
import { waitFor } from '../support/wait.ts'

/** What comes after the next reads of these kinds, first to last. */
const reads = vi.hoisted(() => ({
  afterStarts: [] as (() => Promise<void>)[],
  afterSeqs: [] as (() => Promise<void>)[],
  beforeStarts: [] as (() => Promise<void>)[],
}))

vi.mock(import('../../src/store/delivery.ts'), async (importOriginal) => {
  const original = await importOriginal()
  const heldUp =
    <Args extends readonly unknown[], Starts>(start: (...args: Args) => Promise<Starts>) =>
    async (...args: Args): Promise<Starts> => {
      await reads.beforeStarts.shift()?.()
      const starts = await start(...args)
      await reads.afterStarts.shift()?.()
      return starts
    }
  return {
    ...original,
    startDeliveries: heldUp(original.startDeliveries),
    startDevices: heldUp(original.startDevices),
  }
})

vi.mock(import('../../src/store/user.ts'), async (importOriginal) => {
  const original = await importOriginal()
  return {
    ...original,
    readUserCounters: async (...read: Parameters<typeof original.readUserCounters>) => {
      const counters = await original.readUserCounters(...read)
      await reads.afterSeqs.shift()?.()
      return counters
    },
  }
})

let kit: Kit
let bus: ScriptedBus
beforeAll(async () => {
  kit = await openKit()
  bus = new ScriptedBus(kit.server.app.bus)
})
afterAll(() => kit.close())
beforeEach(() => {
  for (const waiting of Object.values(reads)) waiting.length = 0
})

/** A subscription to all channels of a user. */
async function openAll(user: User, mode: 'messages' | 'everything' = 'messages', options?: ReaderOptions) {
  const reader = await Reader.open(kit.server.app, user, { mode }, options)
  onTestFinished(() => reader.close())
  return reader
}

const add = (user: User, channelId: string) =>
  kit.backend.request(AddMemberDocument, { input: { channelId, identity: user.identity } })
const join = (user: User, channelId: string) => user.request(JoinChannelDocument, { input: { channelId } })
const leave = (user: User, channelId: string) => user.request(LeaveChannelDocument, { input: { channelId } })

/** What was delivered, in no order of channels, once it is so much. */
async function textsOf(reader: Reader, count: number): Promise<string[]> {
  await waitFor(() => reader.texts.length >= count, { interval: 5 })
  return reader.texts.toSorted()
}

describe('P3: a subscription to all channels', () => {
  test('begins a channel that is joined later at its joining', async () => {
    const user = await kit.user()
    const first = await kit.channel([user])
    const later = await kit.channel()
    await kit.backend.send(later.id, 'before')
    const reader = await openAll(user)
    await kit.backend.send(first.id, 'one')
    await join(user, later.id)
    await kit.backend.send(later.id, 'two')
    expect(await textsOf(reader, 2)).toEqual(['0 one', '1 two'].toSorted())
  })

  test('delivers the joining itself to a reader of everything', async () => {
    const user = await kit.user()
    const channel = await kit.channel()
    const reader = await openAll(user, 'everything')
    await add(user, channel.id)
    await kit.backend.send(channel.id, 'one')
    expect(await textsOf(reader, 2)).toEqual(['0 one', `+${user.identity}`].toSorted())
  })

  test('ends a channel that is left or deleted at once, and goes on with the others', async () => {
    const user = await kit.user()
    const [left, deleted, kept] = [await kit.channel([user]), await kit.channel([user]), await kit.channel([user])]
    const reader = await openAll(user)
    for (const { id } of [left, deleted, kept]) await reader.isLive(id)
    await kit.backend.send(left.id, 'below')
    await kit.backend.send(deleted.id, 'below, too')
    await leave(user, left.id)
    await kit.backend.request(DeleteChannelDocument, { input: { channelId: deleted.id } })
    await kit.backend.send(left.id, 'above')
    await kit.backend.send(kept.id, 'kept')
    expect(await textsOf(reader, 3)).toEqual(['0 below', '0 below, too', '0 kept'].toSorted())
    expect(reader.reason).toBeUndefined()
    await waitFor(() => kit.server.app.feeds.ids().every((id) => id === kept.id))
  })

  test('reads a channel once that is left and joined again, however often', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    const reader = await openAll(user)
    await reader.isLive(channelId)
    const expected = []
    for (const round of [0, 2, 4]) {
      await leave(user, channelId)
      await kit.backend.send(channelId, 'away')
      await join(user, channelId)
      await kit.backend.send(channelId, 'back')
      expected.push(`${round + 1} back`)
      // A membership that ends before the stream has looked it up is not read at all.
      await reader.receives(expected.at(-1)!)
    }
    expect(await textsOf(reader, 3)).toEqual(expected)
  })

  test('reads a channel once that was left and joined again while one of its joinings was looked up', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel()
    const reader = await openAll(user)
    const slow = new Gate()
    reads.beforeStarts.push(() => slow.pass())
    await join(user, channelId)
    await slow.reached
    await leave(user, channelId)
    await join(user, channelId)
    slow.open()
    await reader.isLive(channelId)
    await kit.backend.send(channelId, 'once')
    await reader.receives('0 once')
    await kit.backend.send(channelId, 'last')
    expect(await textsOf(reader, 2)).toEqual(['0 once', '1 last'].toSorted())
  })

  test.each(['messages', 'everything'] as const)(
    'delivers a channel in one order that is left and joined again before the first membership was read (%s)',
    async (mode) => {
      const user = await kit.user()
      const { id: channelId } = await kit.channel([user])
      for (const body of ['a', 'b', 'c']) await kit.backend.send(channelId, body)
      const slow = new Gate()
      let isFirst = true
      const reader = await openAll(user, mode, {
        wants: (type) => type === 'messageAdded',
        render: async (line) => {
          if (isFirst) {
            isFirst = false
            await slow.pass()
          }
          return line
        },
      })
      await slow.reached
      const feed = kit.server.app.feeds.get(channelId)!
      for (const round of [1, 2]) {
        await leave(user, channelId)
        await kit.backend.send(channelId, 'away')
        await join(user, channelId)
        await kit.backend.send(channelId, `back ${round}`)
        // It listens, and could be read by now.
        await waitFor(() => feed.holders === 1 + round)
      }
      // A channel that is joined after all that is delivered meanwhile.
      const { id: besideId } = await kit.channel()
      await join(user, besideId)
      await kit.backend.send(besideId, 'beside')
      await reader.receives('0 beside')
      slow.open()
      await kit.backend.send(channelId, 'last')
      await reader.receives('7 last')
      expect(reader.texts).toEqual(['0 beside', '0 a', '1 b', '2 c', '4 back 1', '6 back 2', '7 last'])
      await waitFor(() => feed.holders === 1)
    },
  )

  test('delivers a channel in one order whose first joining was looked up last', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel()
    const reader = await openAll(user)
    const slow = new Gate()
    reads.afterStarts.push(() => slow.pass())
    await join(user, channelId)
    await slow.reached
    const onlooker = await openAll(user)
    await kit.backend.send(channelId, 'a')
    await leave(user, channelId)
    await join(user, channelId)
    await kit.backend.send(channelId, 'b')
    // The second joining reaches it after the reader.
    await onlooker.receives('1 b')
    slow.open()
    await reader.receives('1 b')
    expect(reader.texts).toEqual(['0 a', '1 b'])
  })

  test('reads a channel once that is joined while the subscription starts', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel()
    const slow = new Gate()
    reads.beforeStarts.push(() => slow.pass())
    const opening = openAll(user)
    await slow.reached
    await join(user, channelId)
    await waitFor(() => kit.server.app.userFeeds.size === 1)
    slow.open()
    const reader = await opening
    await reader.isLive(channelId)
    await kit.backend.send(channelId, 'once')
    await kit.backend.send(channelId, 'last')
    expect(await textsOf(reader, 2)).toEqual(['0 once', '1 last'].toSorted())
  })

  test('reads a channel that is joined after its channels were looked up', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel()
    const slow = new Gate()
    reads.afterStarts.push(() => slow.pass())
    const opening = openAll(user)
    await slow.reached
    await join(user, channelId)
    slow.open()
    const reader = await opening
    await kit.backend.send(channelId, 'once')
    expect(await textsOf(reader, 1)).toEqual(['0 once'].toSorted())
  })

  test('that is closed while a joining is looked up leaves nothing', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel()
    const reader = await openAll(user)
    const slow = new Gate()
    reads.afterStarts.push(() => slow.pass())
    await join(user, channelId)
    await slow.reached
    reader.close()
    slow.open()
    await waitFor(() => kit.server.app.feeds.size === 0 && kit.server.app.userFeeds.size === 0)
    expect(reader.texts).toEqual([])
  })

  test('ends with an error when a joined channel cannot be looked up, and does not stay silent', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel()
    const reader = await openAll(user)
    reads.beforeStarts.push(() => Promise.reject(new Error('a fault of the statement')))
    await join(user, channelId)
    expect(await reader.ended()).toEqual({ code: 'UNAVAILABLE', chatCode: undefined })
    await waitFor(() => kit.server.app.feeds.size === 0 && kit.server.app.userFeeds.size === 0)
  })
})

describe('P3: the memberships of a user', () => {
  /** The sweep would find what a feed has missed; without it that must be found otherwise. */
  function withoutSweep(): void {
    const run = vi.spyOn(CounterSweep.prototype, 'run').mockResolvedValue()
    onTestFinished(() => run.mockRestore())
  }

  test.each(['before', 'after'] as const)(
    'are not missed when they change while the bus is being subscribed (%s it takes effect)',
    async (moment) => {
      withoutSweep()
      const user = await kit.user()
      const { id: channelId } = await kit.channel()
      const { userId } = await authenticateUser(kit.server.app, user.token)
      const gate = bus.pauseSubscribe(topics.user(userId), moment)
      const reader = await openAll(user)
      await gate.reached
      await join(user, channelId)
      gate.open()
      await kit.backend.send(channelId, 'once')
      expect(await textsOf(reader, 1)).toEqual(['0 once'].toSorted())
    },
  )

  test('are not missed when they change after the user was read and before that is known', async () => {
    withoutSweep()
    const user = await kit.user()
    const [earlier, { id: channelId }] = [await kit.channel([user]), await kit.channel()]
    const [seqs, starts] = [new Gate(), new Gate()]
    reads.afterSeqs.push(() => seqs.pass())
    const opening = openAll(user)
    await seqs.reached
    reads.afterStarts.push(() => starts.pass())
    // The hint comes, and nobody can use it yet.
    await join(user, channelId)
    seqs.open()
    starts.open()
    const reader = await opening
    await kit.backend.send(channelId, 'once')
    await kit.backend.send(earlier.id, 'one')
    expect(await textsOf(reader, 2)).toEqual(['0 once', '0 one'].toSorted())
  })

  test('are followed when their hints are lost, repeated or in the wrong order', async () => {
    const user = await kit.user()
    const channels = [await kit.channel(), await kit.channel(), await kit.channel(), await kit.channel()]
    const reader = await openAll(user)
    const { userId } = await authenticateUser(kit.server.app, user.token)
    await waitFor(() => bus.topics.has(topics.user(userId)))
    const choices = {
      reversed: [1, 0],
      repeated: [0, 0, 1, 1, 0],
    }
    for (const [at, order] of Object.values(choices).entries()) {
      const pair = channels.slice(at * 2, at * 2 + 2)
      bus.hold()
      for (const { id } of pair) await join(user, id)
      await waitFor(() => bus.held.filter(({ topic }) => topic.startsWith('user:')).length === 2)
      bus.release((held) => {
        const ofUser = held.filter(({ topic }) => topic.startsWith('user:'))
        return order.map((place) => ofUser[place]!)
      })
    }
    for (const [at, { id }] of channels.entries()) {
      await reader.isLive(id)
      await kit.backend.send(id, `in ${at}`)
    }
    expect(await textsOf(reader, 4)).toEqual(channels.map((_, at) => `0 in ${at}`))
  })

  test('are found by comparing counters when no hint comes at all', async () => {
    const user = await kit.user()
    const [left, joined] = [await kit.channel([user]), await kit.channel()]
    const reader = await openAll(user)
    await reader.isLive(left.id)
    const { app } = kit.server
    const sweep = new CounterSweep({ ...app, onError: () => {} })
    bus.hold()
    await join(user, joined.id)
    await kit.backend.send(left.id, 'below')
    await leave(user, left.id)
    await kit.backend.send(left.id, 'above')
    await kit.backend.send(joined.id, 'joined')
    await sweep.run()
    expect(await textsOf(reader, 2)).toEqual(['0 below', '0 joined'].toSorted())
    bus.release(() => [])
    await sweep.close()
  })
})
