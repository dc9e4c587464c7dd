import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  DeleteChannelDocument,
  DeleteMessageDocument,
  HistoryDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MessageBodiesDocument,
  UpdateMessageDocument,
} from '../../schema/generated/graphql.ts'
import { sendMessage } from '../../src/domain/chat/send-message.ts'
import { topics } from '../../src/live/bus.ts'
import { Gate } from '../support/gate.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { Reader, type Line, type ReaderOptions } from '../support/reader.ts'
import { ScriptedBus } from '../support/scripted-bus.ts'
import { waitFor } from '../support/wait.ts'

type Moment = 'before' | 'after'

/** Gates around the pages that subscribers read, the next one first. */
const reads = vi.hoisted(() => ({ gates: [] as { moment: Moment; gate: Gate }[] }))

vi.mock(import('../../src/store/change.ts'), async (importOriginal) => {
  const original = await importOriginal()
  return {
    ...original,
    readAddedAfter: async (...read: Parameters<typeof original.readAddedAfter>) => {
      const [, , , limit] = read
      const [next] = limit === 100 ? reads.gates.splice(0, 1) : []
      if (next?.moment === 'before') await next.gate.pass()
      const page = await original.readAddedAfter(...read)
      if (next?.moment === 'after') await next.gate.pass()
      return page
    },
  }
})

/** The next page that a subscriber reads waits before or after its statement. */
function pauseRead(moment: Moment): Gate {
  const gate = new Gate()
  reads.gates.push({ moment, gate })
  return gate
}

let kit: Kit
let bus: ScriptedBus
beforeAll(async () => {
  kit = await openKit()
  bus = new ScriptedBus(kit.server.app.bus)
})
afterAll(() => kit.close())
beforeEach(() => {
  reads.gates.length = 0
})

/** The moments of joining at which something can come in between. */
const seams = [
  'before the bus is subscribed',
  'after the bus is subscribed',
  'after listening',
  'before the store is read',
  'after the store was read',
] as const
type Seam = (typeof seams)[number]

/** Makes the next subscription to the channel wait at a seam. */
function pauseAt(seam: Seam, channelId: string): { gate: Gate; options: ReaderOptions } {
  const topic = topics.channel(channelId)
  switch (seam) {
    case 'before the bus is subscribed':
      return { gate: bus.pauseSubscribe(topic, 'before'), options: {} }
    case 'after the bus is subscribed':
      return { gate: bus.pauseSubscribe(topic, 'after'), options: {} }
    case 'after listening': {
      const gate = new Gate()
      return { gate, options: { onReady: () => gate.pass() } }
    }
    case 'before the store is read':
      return { gate: pauseRead('before'), options: {} }
    case 'after the store was read':
      return { gate: pauseRead('after'), options: {} }
  }
}

type Mode = 'messages' | 'everything' | 'live'

/** Subscribes, and does something while the subscription waits at a seam. */
async function openAcross(
  seam: Seam,
  user: User,
  channelId: string,
  mode: Mode,
  work: () => Promise<unknown>,
): Promise<Reader> {
  const { gate, options } = pauseAt(seam, channelId)
  const opening = Reader.open(kit.server.app, user, { channelId, mode }, options)
  await gate.reached
  await work()
  gate.open()
  const reader = await opening
  onTestFinished(() => reader.close())
  return reader
}

async function openReader(user: User, channelId: string, mode: Mode, options?: ReaderOptions): Promise<Reader> {
  const reader = await Reader.open(kit.server.app, user, { channelId, mode }, options)
  onTestFinished(() => reader.close())
  return reader
}

/** A channel with one member, which two messages were sent to. */
async function channelOf(user: User): Promise<string> {
  const { id } = await kit.channel([user])
  await kit.backend.send(id, 'first')
  await kit.backend.send(id, 'second')
  return id
}

/** So many messages at once, in no order of their own. */
async function sendMany(channelId: string, count: number): Promise<void> {
  const { app, account } = kit.server
  const backend = { kind: 'backend', accountId: account.accountId } as const
  await Promise.all(
    Array.from({ length: count }, (_, at) => sendMessage(app, backend, { channelId, body: `many ${at}` })),
  )
}

async function remove(user: User, channelId: string): Promise<void> {
  await user.request(LeaveChannelDocument, { input: { channelId } })
}

async function readHistory(channelId: string): Promise<string[]> {
  const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 1000 })
  return channel!.messages.edges.map(({ node }) => `${node.index} ${node.body}`)
}

/** What someone knows who has followed all the events. */
function fold(lines: readonly Line[]): string[] {
  const bodies = new Map<number, string>()
  for (const { event } of lines) {
    if (event.type === 'messageAdded' || event.type === 'messageUpdated')
      bodies.set(event.message.index, event.message.body)
    if (event.type === 'messageRemoved') bodies.delete(event.message.index)
  }
  return [...bodies].sort(([one], [other]) => one - other).map(([index, body]) => `${index} ${body}`)
}

function addedIndexes(lines: readonly Line[]): number[] {
  return lines.flatMap(({ event }) => (event.type === 'messageAdded' ? event.message.index : []))
}

/** Each message once, in order; and no cursor is older than one before it, so that going on from any repeats nothing. */
function expectForward(lines: readonly Line[]): void {
  const indexes = addedIndexes(lines)
  expect(indexes).toEqual([...new Set(indexes)].sort((one, other) => one - other))
  for (const part of ['index', 'seq'] as const) {
    const places = lines.map(({ position }) => position[part])
    expect(places).toEqual([...places].sort((one, other) => one - other))
  }
}

describe.each(seams)('P3: what happens %s', (seam) => {
  test('is delivered once when it is a message', async () => {
    const user = await kit.user()
    const channelId = await channelOf(user)
    const reader = await openAcross(seam, user, channelId, 'messages', () => kit.backend.send(channelId, 'between'))
    await kit.backend.send(channelId, 'last')
    await reader.receives('3 last')
    expect(reader.texts).toEqual(['0 first', '1 second', '2 between', '3 last'])
  })

  test('is delivered in its latest state when it is an edit and a deletion', async () => {
    const user = await kit.user()
    const channelId = await channelOf(user)
    const removed = await kit.backend.send(channelId, 'removed')
    const edited = await kit.backend.send(channelId, 'edited')
    const reader = await openAcross(seam, user, channelId, 'everything', async () => {
      await kit.backend.request(UpdateMessageDocument, { input: { messageId: edited.id, body: 'edited once' } })
      await kit.backend.request(DeleteMessageDocument, { input: { messageId: removed.id } })
      await kit.backend.request(UpdateMessageDocument, { input: { messageId: edited.id, body: 'edited twice' } })
    })
    await kit.backend.send(channelId, 'last')
    await reader.receives('4 last')
    expect(fold(reader.lines)).toEqual(await readHistory(channelId))
    expectForward(reader.lines)
  })

  test.each(['messages', 'everything', 'live'] as const)(
    'ends a member that is removed, after everything below its removal (%s)',
    async (mode) => {
      const [user, other] = [await kit.user(), await kit.user()]
      const channelId = await channelOf(user)
      const { id } = await kit.backend.send(channelId, 'third')
      const reader = await openAcross(seam, user, channelId, mode, async () => {
        await kit.backend.send(channelId, 'below')
        await kit.backend.request(UpdateMessageDocument, { input: { messageId: id, body: 'changed below' } })
        await remove(user, channelId)
        await kit.backend.send(channelId, 'above')
        await other.request(JoinChannelDocument, { input: { channelId } })
      })
      expect(await reader.ended()).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
      await kit.backend.send(channelId, 'later')
      expect(fold(reader.lines).filter((text) => text.startsWith('4') || text.startsWith('5'))).toEqual([])
      expect(reader.texts).not.toContain(`+${other.identity}`)
      // What is live begins somewhere in between.
      const expected = {
        messages: ['0 first', '1 second', '3 below'],
        everything: ['0 first', '1 second', '2 changed below', '3 below'],
        live: fold(reader.lines),
      }
      expect(fold(reader.lines)).toEqual(expect.arrayContaining(expected[mode]))
      const end = { messages: '3 below', everything: `-${user.identity}`, live: reader.texts.at(-1) }
      expect(reader.texts.at(-1)).toBe(end[mode])
      expectForward(reader.lines)
      await waitFor(() => kit.server.app.feeds.size === 0)
    },
  )

  test.each(['messages', 'everything', 'live'] as const)(
    'ends a member that is removed when nothing else happens (%s)',
    async (mode) => {
      const user = await kit.user()
      const channelId = await channelOf(user)
      const reader = await openAcross(seam, user, channelId, mode, () => remove(user, channelId))
      expect(await reader.ended()).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
      await kit.backend.send(channelId, 'above')
      expect(addedIndexes(reader.lines)).toEqual(mode === 'live' ? [] : [0, 1])
      await waitFor(() => kit.server.app.feeds.size === 0)
    },
  )

  test.each(['messages', 'everything', 'live'] as const)('ends all when the channel is deleted (%s)', async (mode) => {
    const user = await kit.user()
    const channelId = await channelOf(user)
    const reader = await openAcross(seam, user, channelId, mode, async () => {
      await kit.backend.send(channelId, 'third')
      await kit.backend.request(DeleteChannelDocument, { input: { channelId } })
    })
    expect(await reader.ended()).toEqual({ code: 'NOT_FOUND', chatCode: 50300 })
    // What is live begins somewhere in between.
    const end = { messages: '2 third', everything: 'channel removed', live: reader.texts.at(-1) }
    expect(reader.texts.at(-1)).toBe(end[mode])
    const added = { messages: [0, 1, 2], everything: [0, 1, 2], live: addedIndexes(reader.lines) }
    expect(addedIndexes(reader.lines)).toEqual(added[mode])
    await waitFor(() => kit.server.app.feeds.size === 0)
  })

  test('leaves nothing behind when it is the end of the subscription, or of its socket', async () => {
    for (const end of ['operation', 'socket'] as const) {
      const user = await kit.user()
      const channelId = await channelOf(user)
      const { gate } = seam === 'after listening' ? { gate: pauseRead('before') } : pauseAt(seam, channelId)
      const client = user.connect()
      const recording = record(client, MessageBodiesDocument, { channelId })
      await gate.reached
      if (end === 'operation') recording.stop()
      else client.terminate()
      gate.open()
      await waitFor(() => kit.server.app.feeds.size === 0)
      expect(recording.items).toEqual([])
      await client.dispose()
    }
  })

  test('begins the new membership of a member that left and joined again, and no sooner', async () => {
    const user = await kit.user()
    const channelId = await channelOf(user)
    const reader = await openAcross(seam, user, channelId, 'messages', async () => {
      await remove(user, channelId)
      await kit.backend.send(channelId, 'while away')
      await user.request(JoinChannelDocument, { input: { channelId } })
      await kit.backend.send(channelId, 'back')
    })
    expect(await reader.ended()).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
    expect(reader.texts).toEqual(['0 first', '1 second'])
    const again = await openReader(user, channelId, 'messages')
    await again.receives('3 back')
    expect(again.texts).toEqual(['3 back'])
  })
})

describe('P3: catching up over several pages', () => {
  /** A gate for each page, in order. */
  async function openPaged(user: User, channelId: string, mode: Mode, works: (() => Promise<unknown>)[]) {
    const gates = works.map(() => pauseRead('after'))
    const reader = await openReader(user, channelId, mode)
    for (const [at, work] of works.entries()) {
      await gates[at]!.reached
      await work()
      gates[at]!.open()
    }
    return reader
  }

  test('ends with what a reading gives, whatever changes between the pages and however late the hints come', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    await sendMany(channelId, 250)
    const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 1000 })
    const messages = channel!.messages.edges.map(({ node }) => node)
    const edit = (index: number, body: string) =>
      kit.backend.request(UpdateMessageDocument, { input: { messageId: messages[index]!.id, body } })
    const deleteAt = (index: number) =>
      kit.backend.request(DeleteMessageDocument, { input: { messageId: messages[index]!.id } })
    bus.hold()
    const reader = await openPaged(user, channelId, 'everything', [
      async () => {
        await edit(5, 'delivered, then edited')
        await edit(150, 'edited before it was delivered')
        await deleteAt(10)
        await deleteAt(160)
        await kit.backend.send(channelId, 'while reading')
      },
      async () => {
        await edit(5, 'delivered, then edited again')
        await edit(150, 'delivered edited, then edited')
        await edit(220, 'edited before it was delivered')
        await deleteAt(221)
        await kit.backend.send(channelId, 'while reading on')
      },
      async () => {
        await edit(220, 'delivered edited, then edited')
        await edit(249, 'edited last')
        await deleteAt(151)
        await kit.backend.send(channelId, 'at the end')
      },
    ])
    await reader.receives('252 at the end')
    bus.release()
    await kit.backend.send(channelId, 'live')
    await reader.receives('253 live')
    expect(fold(reader.lines)).toEqual(await readHistory(channelId))
    expectForward(reader.lines)
    // It was gone before it was read, and the reader may have had it before.
    for (const text of ['160 removed', '221 removed'])
      expect(reader.texts.filter((one) => one === text)).toHaveLength(1)
  })

  test('goes live at a position that the feed has, so that no later cursor is older than a delivered message', async () => {
    const [user, other] = [await kit.user(), await kit.user()]
    const { id: channelId } = await kit.channel([user])
    await sendMany(channelId, 150)
    const ahead = await openReader(user, channelId, 'live')
    bus.hold()
    const reader = await openPaged(user, channelId, 'everything', [
      async () => {
        await other.request(JoinChannelDocument, { input: { channelId } })
        await kit.backend.send(channelId, 'read ahead')
      },
    ])
    await reader.receives('150 read ahead')
    await bus.holds(2)
    bus.release()
    await kit.backend.send(channelId, 'live')
    await reader.receives('151 live')
    await ahead.receives('151 live')
    expect(reader.texts.filter((text) => text === `+${other.identity}`)).toHaveLength(1)
    expectForward(reader.lines)
  })

  test('ends a member that was removed meanwhile, and does not read what came after', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    await sendMany(channelId, 150)
    const reader = await openPaged(user, channelId, 'messages', [
      async () => {
        await kit.backend.send(channelId, 'below')
        await remove(user, channelId)
        await sendMany(channelId, 250)
      },
    ])
    expect(await reader.ended()).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
    expect(addedIndexes(reader.lines)).toEqual(Array.from({ length: 151 }, (_, index) => index))
    expect(reader.texts.at(-1)).toBe('150 below')
  })

  test('ends a member that was removed when a hundred messages after that were edited or deleted', async () => {
    const user = await kit.user()
    const channelId = await channelOf(user)
    const { gate, options } = pauseAt('before the store is read', channelId)
    const opening = openReader(user, channelId, 'everything', options)
    await gate.reached
    await remove(user, channelId)
    await sendMany(channelId, 120)
    const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 1000 })
    for (const { node } of channel!.messages.edges.slice(2)) {
      const messageId = node.id
      if (node.index % 3 === 0) await kit.backend.request(DeleteMessageDocument, { input: { messageId } })
      else await kit.backend.request(UpdateMessageDocument, { input: { messageId, body: 'edited' } })
    }
    gate.open()
    const reader = await opening
    expect(await reader.ended()).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
    expect(reader.texts).toEqual(['0 first', '1 second', `-${user.identity}`])
  })

  test('delivers everything to a slow reader, and what changed meanwhile in its latest state', async () => {
    const user = await kit.user()
    const channelId = await channelOf(user)
    const edited = await kit.backend.send(channelId, 'third')
    const slow = new Gate()
    let isFull = true
    const drained = () => (isFull ? slow.pass() : undefined)
    const reader = await openReader(user, channelId, 'everything', { drained })
    await slow.reached
    expect(reader.texts).toEqual([])
    await kit.backend.request(UpdateMessageDocument, { input: { messageId: edited.id, body: 'edited' } })
    await kit.backend.send(channelId, 'fourth')
    isFull = false
    slow.open()
    await reader.receives('3 fourth')
    expect(fold(reader.lines)).toEqual(await readHistory(channelId))
    expectForward(reader.lines)
  })

  test('writes nothing to a subscription that ended while a frame was being made', async () => {
    const user = await kit.user()
    const channelId = await channelOf(user)
    const rendering = new Gate()
    const reader = await openReader(user, channelId, 'messages', {
      render: async (line) => {
        await rendering.pass()
        return line
      },
    })
    await rendering.reached
    reader.close()
    rendering.open()
    await waitFor(() => kit.server.app.feeds.size === 0)
    expect(reader.texts).toEqual([])
  })
})
