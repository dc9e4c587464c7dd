import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  AddMemberDocument,
  AddReactionDocument,
  AppendToMessageDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  EventsDocument,
  FinishMessageDocument,
  LeaveChannelDocument,
  MessageBodiesDocument,
  StartTypingDocument,
  UpdateMessageDocument,
} from '../../schema/generated/graphql.ts'
import { sendMessage } from '../../src/domain/chat/send-message.ts'
import { topics } from '../../src/live/bus.ts'
import type { ChannelHint } from '../../src/model/event.ts'
import { sidToUuid, type Sid } from '../../src/model/sid.ts'
import { DatabaseFault } from '../../src/store/engine/fault.ts'
import { Gate } from '../support/gate.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { Reader, type Line, type ReaderOptions } from '../support/reader.ts'
import { ScriptedBus } from '../support/scripted-bus.ts'
import { begin } from '../support/streamed.ts'
import { sweepByHand } from '../support/sweep.ts'
import { waitFor } from '../support/wait.ts'

/** What comes before the next reads with a limit, first to last: 100 are a subscriber's, 500 a feed's. */
const reads = vi.hoisted(() => ({ before: new Map<number, (() => Promise<void>)[]>() }))

vi.mock(import('../../src/store/change.ts'), async (importOriginal) => {
  const original = await importOriginal()
  return {
    ...original,
    readAddedAfter: async (...read: Parameters<typeof original.readAddedAfter>) => {
      await reads.before.get(read[3])?.shift()?.()
      return original.readAddedAfter(...read)
    },
  }
})

let kit: Kit
let bus: ScriptedBus
let sweep: () => Promise<void>
beforeAll(async () => {
  kit = await openKit()
  const { app } = kit.server
  bus = new ScriptedBus(app.bus)
  sweep = sweepByHand(app)
})
afterAll(() => kit.close())
beforeEach(() => reads.before.clear())

/** A member of a new channel, and its reader, which is live. */
async function openReader(options: ReaderOptions & { mode?: 'messages' | 'everything' | 'live' } = {}) {
  const user = await kit.user()
  const { id: channelId } = await kit.channel([user])
  return { user, channelId, reader: await join(user, channelId, options) }
}

async function join(
  user: User,
  channelId: string,
  { mode = 'everything', ...options }: ReaderOptions & { mode?: 'messages' | 'everything' | 'live' } = {},
): Promise<Reader> {
  const reader = await Reader.open(kit.server.app, user, { channelId, mode }, options)
  onTestFinished(() => reader.close())
  await reader.isLive(channelId)
  const { index } = await kit.backend.send(channelId, 'live')
  await reader.receives(`${index} live`)
  return reader
}

/** What the reader received since it is live. */
function since(reader: Reader): string[] {
  return reader.texts.slice(reader.texts.findIndex((text) => text.endsWith(' live')) + 1)
}

async function sendMany(channelId: string, count: number): Promise<void> {
  const { app, account } = kit.server
  const backend = { kind: 'backend', accountId: account.accountId } as const
  const bodies = Array.from({ length: count }, (_, at) => `many ${at}`)
  await Promise.all(bodies.map((body) => sendMessage(app, backend, { channelId, body })))
}

/** How often a feed has read what it missed. */
function countRefills(): number {
  return kit.store.statements.filter((statement) => statement.includes(') AS added')).length
}

/** No cursor is older than one before it. */
function expectForward(lines: readonly Line[]): void {
  for (const part of ['index', 'seq'] as const) {
    const places = lines.map(({ position }) => position[part])
    expect(places).toEqual([...places].sort((one, other) => one - other))
  }
}

const edit = (messageId: string, body: string) =>
  kit.backend.request(UpdateMessageDocument, { input: { messageId, body } })

describe('P3: hints', () => {
  test('that arrive in the wrong order are delivered in the right one, without a read of the store', async () => {
    const { channelId, reader } = await openReader()
    bus.hold()
    const { id } = await kit.backend.send(channelId, 'a')
    for (const body of ['b', 'c']) await kit.backend.send(channelId, body)
    await edit(id, 'a again')
    await kit.backend.send(channelId, 'd')
    await bus.holds(5)
    kit.store.statements.length = 0
    bus.release((held) => held.toReversed())
    expect(since(reader)).toEqual(['1 a', '2 b', '3 c', '1 = a again', '4 d'])
    expect(countRefills()).toBe(0)
    expectForward(reader.lines)
  })

  test('that the store knows nothing of are read for once, and are not taken for what gets their numbers later', async () => {
    const { channelId, reader } = await openReader()
    bus.hold()
    await kit.backend.send(channelId, 'a')
    await bus.holds(1)
    const { seq, message } = bus.held[0]!.payload as ChannelHint & { type: 'messageAdded' }
    bus.release()
    const lost = { ...message, seq: seq + 3, index: message.index + 3, body: 'lost' }
    kit.store.statements.length = 0
    kit.server.app.bus.publish(topics.channel(channelId), { type: 'messageAdded', seq: seq + 3, message: lost })
    await waitFor(() => countRefills() > 0)
    // An early hint is looked after within 20 milliseconds.
    await expect(waitFor(() => countRefills() > 1, { timeout: 300 })).rejects.toThrow('still not so')
    for (const body of ['b', 'c', 'd']) await kit.backend.send(channelId, body)
    await waitFor(() => since(reader).length >= 4)
    expect(since(reader)).toEqual(['1 a', '2 b', '3 c', '4 d'])
    expectForward(reader.lines)
  })

  test('that come twice are delivered once', async () => {
    const { channelId, reader } = await openReader()
    bus.hold()
    const { id } = await kit.backend.send(channelId, 'a')
    await edit(id, 'again')
    await kit.backend.send(channelId, 'b')
    await bus.holds(3)
    bus.release((held) => [...held, ...held, ...held.toReversed()])
    await kit.backend.send(channelId, 'c')
    await reader.receives('3 c')
    expect(since(reader)).toEqual(['1 a', '1 = again', '2 b', '3 c'])
  })

  test('that never come are read from the store when a later one has waited for them', async () => {
    const { channelId, reader } = await openReader()
    bus.hold()
    for (const body of ['a', 'b', 'c']) await kit.backend.send(channelId, body)
    await bus.holds(3)
    kit.store.statements.length = 0
    bus.release(([, , last]) => [last!])
    expect(since(reader)).toEqual([])
    await reader.receives('3 c')
    expect(since(reader)).toEqual(['1 a', '2 b', '3 c'])
    expect(countRefills()).toBe(1)
  })

  test('that come when the store has been read change nothing back', async () => {
    const { channelId, reader } = await openReader()
    bus.hold()
    const { id } = await kit.backend.send(channelId, 'a')
    await edit(id, 'b')
    await edit(id, 'c')
    await bus.holds(3)
    const late = bus.held.slice(0, 2)
    bus.release(([, , last]) => [last!])
    await reader.receives('1 c')
    for (const hint of late) hint.pass()
    await kit.backend.send(channelId, 'last')
    await reader.receives('2 last')
    expect(since(reader)).toEqual(['1 c', '2 last'])
    expectForward(reader.lines)
  })

  test('that come while the store is read wait for it', async () => {
    const { channelId, reader } = await openReader()
    bus.hold()
    for (const body of ['a', 'b', 'c', 'd']) await kit.backend.send(channelId, body)
    await bus.holds(4)
    const [first, , third, last] = bus.held
    const gate = new Gate()
    reads.before.set(500, [() => gate.pass()])
    bus.release(() => [third!])
    await gate.reached
    last!.pass()
    first!.pass()
    expect(since(reader)).toEqual([])
    gate.open()
    await reader.receives('4 d')
    expect(since(reader)).toEqual(['1 a', '2 b', '3 c', '4 d'])
  })

  test('that were never sent are found by comparing counters', async () => {
    const { channelId, reader } = await openReader()
    bus.hold()
    const { id } = await kit.backend.send(channelId, 'a')
    await kit.backend.request(DeleteMessageDocument, { input: { messageId: id } })
    await kit.backend.send(channelId, 'b')
    await bus.holds(3)
    bus.release(() => [])
    await sweep()
    await reader.receives('2 b')
    expect(since(reader)).toEqual(['1 removed', '2 b'])
  })

  test('that were never sent reach a reader that has read on in the store: a message that it has is gone', async () => {
    const { user, channelId, reader } = await openReader()
    bus.hold()
    const { id } = await kit.backend.send(channelId, 'a')
    const ahead = await Reader.open(kit.server.app, user, { channelId })
    onTestFinished(() => ahead.close())
    await ahead.receives('1 a')
    await kit.backend.request(DeleteMessageDocument, { input: { messageId: id } })
    await bus.holds(2)
    bus.release(() => [])
    await sweep()
    await ahead.receives('1 removed')
    await kit.backend.send(channelId, 'b')
    await ahead.receives('2 b')
    expect(ahead.texts.filter((text) => !text.startsWith('+'))).toEqual(['0 live', '1 a', '1 removed', '2 b'])
    await reader.receives('2 b')
    expect(since(reader)).toEqual(['1 removed', '2 b'])
  })

  test.each([
    ['it has is edited', (messageId: string) => edit(messageId, 'b'), '1 = b'],
    [
      'it has gets a reaction',
      (messageId: string) => kit.backend.request(AddReactionDocument, { input: { messageId, reaction: 'x' } }),
      '1 REACTIONS',
    ],
  ] as const)(
    'that were never sent reach a reader that has read on in the store: a message that %s',
    async (_what, change, expected) => {
      const { user, channelId, reader } = await openReader()
      bus.hold()
      const { id } = await kit.backend.send(channelId, 'a')
      const ahead = await Reader.open(kit.server.app, user, { channelId })
      onTestFinished(() => ahead.close())
      await ahead.receives('1 a')
      await change(id)
      await bus.holds(2)
      bus.release(() => [])
      // The feed reads both as one: the message, as it is now.
      await sweep()
      await ahead.receives(expected)
      await kit.backend.send(channelId, 'c')
      for (const each of [ahead, reader]) await each.receives('2 c')
      expect(ahead.texts.filter((text) => !text.startsWith('+'))).toEqual(['0 live', '1 a', expected, '2 c'])
      expectForward(ahead.lines)
    },
  )

  describe('of a backend that reads without a cursor, and has read on in the store', () => {
    /** Others, such as those that ask who types, may be held among them. */
    const holds = (type: ChannelHint['type']) =>
      waitFor(() => bus.held.find(({ payload }) => (payload as ChannelHint).type === type), { interval: 2 })

    /** Its reader has `a` and `b`, and the feed `a` alone. */
    async function openAhead(channelId: string, key: string) {
      bus.hold()
      await kit.backend.send(channelId, 'a')
      const added = await holds('messageAdded')
      let messageId = ''
      const onReady = async (): Promise<void> => {
        added.pass()
        messageId = (await kit.backend.send(channelId, 'b')).id
      }
      const ahead = await Reader.open(kit.server.app, kit.backend, { channelId }, { key, onReady })
      onTestFinished(() => ahead.close())
      await waitFor(() => ahead.texts.at(-1)?.endsWith(' b'))
      return { ahead, messageId }
    }

    test('that were never sent reach it', async () => {
      const { channelId, reader } = await openReader()
      const { ahead, messageId } = await openAhead(channelId, 'alone')
      await edit(messageId, 'c')
      await holds('messageUpdated')
      bus.release(() => [])
      await sweep()
      await ahead.receives('2 = c')
      await reader.receives('2 c')
      expect(ahead.texts).toEqual(['1 a', '2 b', '2 = c'])
    })

    test('that are pieces of a text reach it when the others have come as far', async () => {
      const { channelId, reader } = await openReader({ key: 'together' })
      const { messageId } = await begin(kit.backend, channelId)
      const append = (offset: number, text: string) =>
        kit.backend.request(AppendToMessageDocument, { input: { messageId, offset, text } })
      const { ahead } = await openAhead(channelId, 'together')
      await append(0, 'x')
      ;(await holds('text')).pass()
      await reader.receives('1 @0 x')
      bus.release()
      await append(1, 'y')
      await kit.backend.request(FinishMessageDocument, { input: { messageId, offset: 2 } })
      await ahead.receives('1 completed xy')
      const pieces = ahead.lines.flatMap(({ event }) => (event.type === 'messageAppended' ? event.whole : []))
      expect(pieces.at(-1)).toBe('xy')
    })
  })

  test('are not needed where the bus refuses, or does not answer in a second', async () => {
    for (const outcome of ['refuses', 'is silent'] as const) {
      const user = await kit.user()
      const { id: channelId } = await kit.channel([user])
      const gate = bus.pauseSubscribe(topics.channel(channelId), 'before')
      if (outcome === 'refuses') gate.fail(new Error('the bus is away'))
      const reader = await Reader.open(kit.server.app, user, { channelId, mode: 'messages' })
      onTestFinished(() => reader.close())
      await kit.backend.send(channelId, 'a')
      await sweep()
      await reader.receives('0 a')
      expect(reader.texts).toEqual(['0 a'])
      reader.close()
      gate.open()
      await waitFor(() => kit.server.app.feeds.size === 0)
    }
  })
})

describe('P3: a removal whose hint is not in its place', () => {
  test.each([
    ['comes after one from above it', [2, 1, 0]],
    ['comes first', [1, 2, 0]],
    ['is lost', [2, 0]],
    ['is lost with all that was below it', [2]],
  ] as const)('and %s ends the member there', async (_how, order) => {
    const { user, channelId, reader } = await openReader()
    const messages = await join(user, channelId, { mode: 'messages' })
    bus.hold()
    await kit.backend.send(channelId, 'below')
    await user.request(LeaveChannelDocument, { input: { channelId } })
    await kit.backend.send(channelId, 'above')
    await waitFor(() => bus.held.filter(({ topic }) => topic === topics.channel(channelId)).length === 3)
    bus.release((held) => {
      const ofChannel = held.filter(({ topic }) => topic === topics.channel(channelId))
      return order.map((at) => ofChannel[at]!)
    })
    expect(await reader.ended()).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
    expect(await messages.ended()).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
    expect(since(reader)).toEqual(['1 live', '2 below', `-${user.identity}`])
    expect(since(messages)).toEqual(['1 live', '2 below'])
    await waitFor(() => kit.server.app.feeds.size === 0)
  })
})

describe('P3: a feed that has missed more than it wants to hold', () => {
  /** 600 changes without a hint, and one with. */
  async function miss(channelId: string, meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
    bus.hold()
    await sendMany(channelId, 600)
    await meanwhile()
    await kit.backend.send(channelId, 'with a hint').catch(() => {})
    await waitFor(() => bus.held.length >= 600)
    bus.release((held) => held.slice(-1))
  }

  test('lets its subscribers catch up, each once and in order, and goes on live', async () => {
    const { user, channelId, reader } = await openReader()
    const messages = await join(user, channelId, { mode: 'messages' })
    const typing = await join(user, channelId, { mode: 'live', wants: (type) => type === 'messageAdded' })
    await miss(channelId)
    for (const each of [reader, messages, typing]) await each.receives('603 with a hint')
    await kit.backend.send(channelId, 'live again')
    for (const each of [reader, messages, typing]) {
      await each.receives('604 live again')
      const indexes = each.lines.flatMap(({ event }) => (event.type === 'messageAdded' ? event.message.index : []))
      expect(indexes).toEqual(Array.from({ length: indexes.length }, (_, at) => indexes[0]! + at))
      expectForward(each.lines)
    }
  })

  test('ends a member that was removed, at its removal', async () => {
    const { user, channelId, reader } = await openReader()
    const messages = await join(user, channelId, { mode: 'messages' })
    await miss(channelId, () => user.request(LeaveChannelDocument, { input: { channelId } }))
    expect(await reader.ended()).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
    expect(await messages.ended()).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
    expect(reader.texts.at(-1)).toBe(`-${user.identity}`)
    expect(messages.texts.at(-1)).toMatch(/^601 many/)
  })

  test('ends all when the channel was deleted', async () => {
    const { user, channelId, reader } = await openReader()
    const messages = await join(user, channelId, { mode: 'messages' })
    await miss(channelId, () => kit.backend.request(DeleteChannelDocument, { input: { channelId } }))
    expect(await reader.ended()).toEqual({ code: 'NOT_FOUND', chatCode: 50300 })
    expect(await messages.ended()).toEqual({ code: 'NOT_FOUND', chatCode: 50300 })
    expect(reader.texts.at(-1)).toBe('channel removed')
    expect(messages.texts.at(-1)).toMatch(/^601 many/)
  })

  test('ends a subscriber that cannot catch up, with an error', async () => {
    const { channelId, reader } = await openReader()
    reads.before.set(100, [() => Promise.reject(new Error('a fault of the statement'))])
    await miss(channelId)
    expect(await reader.ended()).toEqual({ code: 'UNAVAILABLE', chatCode: undefined })
    await waitFor(() => kit.server.app.feeds.size === 0)
  })
})

describe('P3: a store that does not answer', () => {
  const lost = () => Promise.reject(new DatabaseFault('CONNECTION_LOST', 'unknown', 'closed'))

  test('is read again, less and less often, by a feed that misses something', async () => {
    const { channelId, reader } = await openReader()
    const answers = [lost, lost, lost]
    reads.before.set(500, answers)
    bus.hold()
    await kit.backend.send(channelId, 'a')
    await kit.backend.send(channelId, 'b')
    await bus.holds(2)
    const began = performance.now()
    bus.release(([, last]) => [last!])
    await reader.receives('2 b')
    expect(since(reader)).toEqual(['1 a', '2 b'])
    expect(answers).toEqual([])
    // At least half of 50, 100 and 200 milliseconds.
    expect(performance.now() - began).toBeGreaterThan(170)
  })

  test('is read by half as much by a subscriber whose page took too long', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    for (const body of ['a', 'b', 'c']) await kit.backend.send(channelId, body)
    const late = () => Promise.reject(new DatabaseFault('DEADLINE', 'unknown', 'late'))
    const limits = [100, 50, 25]
    for (const limit of limits) reads.before.set(limit, [late])
    const reader = await join(user, channelId, { mode: 'messages' })
    expect(reader.texts).toEqual(['0 a', '1 b', '2 c', '3 live'])
    expect(limits.map((limit) => reads.before.get(limit))).toEqual([[], [], []])
  })

  test('is read again by a subscriber that catches up', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    await kit.backend.send(channelId, 'a')
    const answers = [lost, lost]
    reads.before.set(100, answers)
    const reader = await join(user, channelId, { mode: 'messages' })
    expect(reader.texts).toEqual(['0 a', '1 live'])
    expect(answers).toEqual([])
  })
})

describe('P3: messages that the store no longer holds', () => {
  async function forget(channelId: string, from: number, to: number): Promise<void> {
    await kit.store.db.run('DELETE FROM messages WHERE channel_id = $1 AND index BETWEEN $2 AND $3', [
      sidToUuid(channelId as Sid),
      from,
      to,
    ])
  }

  test.each([
    ['first', 0, 1, ['gap 0-1', '2 c', '3 d', '4 live']],
    ['in the middle', 1, 2, ['0 a', 'gap 1-2', '3 d', '4 live']],
    ['last', 2, 3, ['0 a', '1 b', 'gap 2-3', '4 live']],
  ] as const)('are a gap to who reads everything (%s)', async (_where, from, to, expected) => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    for (const body of ['a', 'b', 'c', 'd']) await kit.backend.send(channelId, body)
    await forget(channelId, from, to)
    const reader = await join(user, channelId)
    expect(reader.texts.filter((text) => !text.startsWith('+'))).toEqual(expected)
    expectForward(reader.lines)
  })

  test('are a gap in the schema, and an error to who reads messages only', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    for (const body of ['a', 'b', 'c']) await kit.backend.send(channelId, body)
    await forget(channelId, 1, 1)
    const client = user.connect()
    const events = record(client, EventsDocument, { channelId })
    const [, first, gap, last] = (await events.atLeast(4)).map((item) => item.events)
    expect(first).toMatchObject({ __typename: 'MessageAdded', message: { body: 'a' } })
    expect(gap).toMatchObject({ __typename: 'Gap', from: 1, to: 1, cursor: expect.any(String) as string })
    expect(last).toMatchObject({ __typename: 'MessageAdded', message: { body: 'c' } })
    const messages = record(client, MessageBodiesDocument, { channelId })
    await messages.ended()
    expect(messages.items).toEqual([{ messageAdded: { index: 0, body: 'a' } }])
    expect(messages.errors).toMatchObject([[{ extensions: { code: 'NOT_FOUND' } }]])
    await client.dispose()
  })

  test('are a gap for a live reader, too, when their hints are lost', async () => {
    const { user, channelId, reader } = await openReader()
    const messages = await join(user, channelId, { mode: 'messages' })
    bus.hold()
    for (const body of ['a', 'b', 'c']) await kit.backend.send(channelId, body)
    await bus.holds(3)
    await forget(channelId, 2, 3)
    bus.release(([, , last]) => [last!])
    await reader.receives('4 c')
    expect(since(reader)).toEqual(['1 live', 'gap 2-3', '4 c'])
    expect(await messages.ended()).toEqual({ code: 'NOT_FOUND', chatCode: undefined })
  })
})

describe('typing', () => {
  test('P3: ends at the position before the message that ends it, so that resuming there does not lose it', async () => {
    const author = await kit.user()
    const { channelId, reader } = await openReader()
    await kit.backend.request(AddMemberDocument, { input: { channelId, identity: author.identity } })
    await author.request(StartTypingDocument, { input: { channelId } })
    await reader.receives(`${author.identity} types`)
    await author.send(channelId, 'typed')
    await reader.receives('1 typed')
    expect(since(reader)).toEqual([
      `+${author.identity}`,
      `${author.identity} types`,
      `${author.identity} stops typing`,
      '1 typed',
    ])
    const [, , stops, typed] = reader.lines.slice(-4)
    expect(stops!.position.index).toBe(0)
    expect(typed!.position.index).toBe(1)
    expectForward(reader.lines)
  })

  test('P3: ends in its place when several messages are read from the store at once', async () => {
    const author = await kit.user()
    const { channelId, reader } = await openReader()
    await kit.backend.request(AddMemberDocument, { input: { channelId, identity: author.identity } })
    await author.request(StartTypingDocument, { input: { channelId } })
    await reader.receives(`${author.identity} types`)
    bus.hold()
    await kit.backend.send(channelId, 'by another')
    await author.send(channelId, 'typed')
    // The hint of the typing may reach its own process only now.
    const added = () => bus.held.filter(({ payload }) => (payload as ChannelHint).type === 'messageAdded')
    await waitFor(() => added().length === 2, { interval: 2 })
    const [, last] = added()
    bus.release(() => [last!])
    await reader.receives('2 typed')
    expect(reader.texts.slice(-3)).toEqual(['1 by another', `${author.identity} stops typing`, '2 typed'])
    expectForward(reader.lines)
  })

  test('P3: reaches a reader that is ahead of the feed at its own position, so that its cursor does not go back', async () => {
    const author = await kit.user()
    const { user, channelId, reader } = await openReader()
    await kit.backend.request(AddMemberDocument, { input: { channelId, identity: author.identity } })
    await reader.receives(`+${author.identity}`)
    bus.hold()
    await kit.backend.send(channelId, 'read ahead')
    const ahead = await Reader.open(kit.server.app, user, { channelId })
    onTestFinished(() => ahead.close())
    await ahead.receives('1 read ahead')
    await author.request(StartTypingDocument, { input: { channelId } })
    for (const each of [reader, ahead]) await each.receives(`${author.identity} types`)
    bus.release((held) => held.toReversed())
    await author.send(channelId, 'last')
    await Promise.all([reader, ahead].map((each) => each.receives('2 last')))
    for (const each of [reader, ahead]) {
      expect(each.texts.filter((text) => text.startsWith(author.identity))).toEqual([
        `${author.identity} types`,
        `${author.identity} stops typing`,
      ])
      expectForward(each.lines)
    }
  })

  test('P3: a reader that had to catch up meanwhile receives what it does not know, and nothing twice', async () => {
    const [lasting, ending, beginning] = [
      await kit.user('lasting'),
      await kit.user('ending'),
      await kit.user('beginning'),
    ]
    const { channelId, reader } = await openReader()
    const authors = [lasting, ending, beginning]
    const type = (user: User) => user.request(StartTypingDocument, { input: { channelId } })
    for (const { identity } of authors) {
      await kit.backend.request(AddMemberDocument, { input: { channelId, identity } })
    }
    for (const user of [lasting, ending]) {
      await type(user)
      await reader.receives(`${user.identity} types`)
    }
    const slow = new Gate()
    reads.before.set(100, [() => slow.pass()])
    bus.hold()
    await sendMany(channelId, 600)
    bus.release(() => [])
    await sweep()
    await slow.reached
    await ending.send(channelId, 'typed')
    await type(beginning)
    slow.open()
    await reader.receives(`${beginning.identity} types`)
    await kit.backend.send(channelId, 'last')
    await reader.receives('602 last')
    const received = authors.map(({ identity }) => reader.texts.filter((text) => text.startsWith(identity)))
    expect(received).toEqual([
      [`${lasting.identity} types`],
      [`${ending.identity} types`, `${ending.identity} stops typing`],
      [`${beginning.identity} types`],
    ])
    expectForward(reader.lines)
  })
})
