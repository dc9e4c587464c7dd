import fc from 'fast-check'
import type { Client } from 'graphql-ws'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import {
  AcknowledgeDeliveriesDocument,
  DeleteMessageDocument,
  EventsDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MessageBodiesDocument,
  TruncateChannelDocument,
  UpdateMessageDocument,
  type SendMessageInput,
} from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { deleteTruncatedMessages } from '../../src/store/message.ts'
import { confirmed } from '../support/deliveries.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { runsOf } from '../support/seed.ts'
import { waitFor } from '../support/wait.ts'

const runs = runsOf(10)

// A failure is made smaller by running again, many times.
vi.setConfig({ testTimeout: runs * 12_000 })

let kit: Kit
let servers: readonly Server[]
let users: Record<Name, User>
beforeAll(async () => {
  kit = await openKit()
  servers = [kit.server, await kit.another()]
  users = { device: await kit.user('device'), member: await kit.user('member'), cursor: await kit.user('cursor') }
})
afterAll(() => kit.close())

/**
 * Three ways to read: `device` names one, `member` names none, and both take `messageAdded` from where the server says;
 * `cursor` takes `events` from the last cursor it has seen.
 */
const names = ['device', 'member', 'cursor'] as const
type Name = (typeof names)[number]

/** What the channel and its readers must be. */
interface Model {
  /** Bodies by index; undefined once deleted. */
  readonly messages: (string | undefined)[]
  /** Indexes of replies, which nobody replies to. */
  readonly replies: Set<number>
  readonly readers: Record<Name, ModelReader>
}

interface ModelReader {
  isMember: boolean
  isConnected: boolean
  /** The first message of its membership. */
  from: number
  /** Up to here the server knows that it needs nothing again. */
  floor: number
}

interface Received {
  readonly index: number
  readonly body: string
}

/** One connection, from its subscribing to its end. */
interface Connection {
  readonly client: Client
  readonly added: Received[]
  /** What the server must not deliver to this connection again. */
  readonly floor: number
  /** Something has come, so that it is accepted. */
  hasBegun: boolean
  isOver: boolean
  socket?: WebSocket
}

/** A client that is cut off while it connects says so when it is disposed of. */
async function end(client: Client): Promise<void> {
  try {
    await client.dispose()
  } catch {}
}

/** A reader that logs what it receives, and what it knows from it. */
class Reader {
  readonly user: User
  readonly #name: Name
  readonly #channelId: string
  /** Those of its present membership. */
  connections: Connection[] = []
  /** Bodies by index, as events had them. */
  readonly known = new Map<number, string>()
  #cursor: string | undefined

  constructor(name: Name, channelId: string) {
    this.#name = name
    this.#channelId = channelId
    this.user = users[name]
  }

  get current(): Connection {
    return this.connections.at(-1)!
  }

  connect(server: Server, floor: number): void {
    const client = this.user.at(server).connect({
      ...(this.#name === 'device' && { deviceId: 'phone' }),
      on: {
        opened: (socket) => {
          connection.socket = socket as WebSocket
        },
      },
    })
    const connection: Connection = { client, added: [], floor, hasBegun: false, isOver: false }
    this.connections.push(connection)
    const channelId = this.#channelId
    const recording =
      this.#name === 'cursor'
        ? record(client, EventsDocument, { channelId, after: this.#cursor ?? null })
        : record(client, MessageBodiesDocument, { channelId })
    const items = recording.items as { push(item: unknown): number }
    items.push = (item) => {
      if (!connection.isOver) this.#take(connection, item as Item)
      return 0
    }
    recording.errors.push = (error) => {
      connection.isOver = true
      return Array.prototype.push.call(recording.errors, error)
    }
  }

  #take(connection: Connection, { messageAdded, events }: Item): void {
    const { added } = connection
    connection.hasBegun = true
    if (messageAdded) added.push(messageAdded)
    if (!events) return
    this.#cursor = events.cursor
    const { __typename: type, message, firstIndex } = events
    for (const index of this.known.keys()) if (index < (firstIndex ?? 0)) this.known.delete(index)
    if (!message) return
    if (type === 'MessageAdded') added.push(message)
    if (type === 'MessageAdded' || this.known.has(message.index)) this.known.set(message.index, message.body)
    if (type === 'MessageRemoved') this.known.delete(message.index)
  }

  /** In order, or without a word. */
  async disconnect(inOrder: boolean): Promise<void> {
    const { client, socket } = this.current
    this.current.isOver = true
    if (!inOrder) socket?.terminate()
    await end(client)
  }

  /** What it must know and does not know yet, if anything. */
  findMissing({ messages, readers }: Model): string | undefined {
    const { from, floor } = readers[this.#name]
    const received = new Set(this.connections.flatMap(indexesOf))
    for (let index = Math.max(from, floor + 1); index < messages.length; index++) {
      if (messages[index] !== undefined && !received.has(index)) return `message ${index} is missing`
    }
    if (this.#name !== 'cursor') return undefined
    for (let index = from; index < messages.length; index++) {
      const body = this.known.get(index)
      if (body !== messages[index]) return `message ${index} is known as ${body}, not as ${messages[index]}`
    }
    return undefined
  }

  /** What it received and must not have, or out of order: waiting does not mend that. */
  findWrong({ messages, readers }: Model): string | undefined {
    const { from } = readers[this.#name]
    for (const connection of this.connections) {
      const indexes = indexesOf(connection)
      if (!isAscending(indexes)) return `out of order, or again: ${indexes.join()}`
      const [first, last] = [indexes[0] ?? from, indexes.at(-1) ?? -1]
      if (first < from || last >= messages.length) return `not of this membership: ${indexes.join()}`
      if (first <= connection.floor && indexes.length > 0) return `again, though taken off the queue: ${first}`
      const skipped = messages.findIndex(
        (body, index) => body !== undefined && index > first && index < last && !indexes.includes(index),
      )
      if (skipped >= 0) return `without ${skipped}: ${indexes.join()}`
    }
    const all = this.connections.flatMap(indexesOf)
    return this.#name === 'cursor' && !isAscending(all) ? `again: ${all.join()}` : undefined
  }
}

function indexesOf({ added }: Connection): number[] {
  return added.map(({ index }) => index)
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > numbers[at - 1]!)
}

interface Item {
  readonly messageAdded?: Received
  readonly events?: {
    readonly __typename: string
    readonly cursor: string
    readonly message?: Received
    readonly firstIndex?: number
  }
}

/** The channel as it is, and those who read it. */
class Real {
  readonly channelId: string
  readonly readers: Record<Name, Reader>
  readonly #messageIds: string[] = []

  constructor(channelId: string) {
    this.channelId = channelId
    this.readers = {
      device: new Reader('device', channelId),
      member: new Reader('member', channelId),
      cursor: new Reader('cursor', channelId),
    }
  }

  async send(count: number, input: Partial<SendMessageInput> = {}): Promise<string[]> {
    const sent = await Promise.all(
      Array.from({ length: count }, (_, at) => kit.backend.send(this.channelId, `number ${at} of ${count}`, input)),
    )
    for (const { index, id } of sent) this.#messageIds[index] = id
    return sent.toSorted((one, other) => one.index - other.index).map(({ body }) => body)
  }

  idOf(index: number): string {
    return this.#messageIds[index]!
  }

  /** Waits until the reader knows everything. */
  async hasReceived(who: Name, model: Model): Promise<void> {
    const reader = this.readers[who]
    await waitFor(() => reader.findMissing(model) === undefined, { interval: 5 }).catch(() => {})
    this.check(who, model)
  }

  check(who: Name, model: Model, mustKnowAll = true): void {
    const reader = this.readers[who]
    const fault = reader.findWrong(model) ?? (mustKnowAll ? reader.findMissing(model) : undefined)
    if (fault !== undefined) throw new Error(`${who}: ${fault}`)
  }
}

type Command = fc.AsyncCommand<Model, Real>

class Send implements Command {
  readonly #count: number
  constructor(count: number) {
    this.#count = count
  }
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    model.messages.push(...(await real.send(this.#count)))
  }
  toString = () => `send ${this.#count}`
}

/** Replies to one of the last messages, or sends silently: to streams and queues that is a message like any other. */
class SendOther implements Command {
  readonly #count: number
  readonly #back: number | null
  readonly #input: Partial<SendMessageInput>
  constructor(count: number, back: number | null, isShown: boolean, silent: boolean) {
    this.#count = count
    this.#back = back
    this.#input = back === null ? { silent: true } : { showInChannel: isShown, silent }
  }
  check({ messages, replies }: Model): boolean {
    if (this.#back === null) return true
    return messages.at(-this.#back) !== undefined && !replies.has(messages.length - this.#back)
  }
  async run({ messages, replies }: Model, real: Real): Promise<void> {
    const input =
      this.#back === null ? this.#input : { ...this.#input, parentId: real.idOf(messages.length - this.#back) }
    for (const body of await real.send(this.#count, input)) {
      const index = messages.push(body) - 1
      if (this.#back !== null) replies.add(index)
    }
  }
  toString = () =>
    `send ${this.#count} to ${this.#back === null ? 'nobody' : `-${this.#back}`} ${JSON.stringify(this.#input)}`
}

/** Edits or deletes one of the last messages. */
class Change implements Command {
  readonly #back: number
  readonly #deletes: boolean
  constructor(back: number, deletes: boolean) {
    this.#back = back
    this.#deletes = deletes
  }
  check = ({ messages }: Model) => messages.at(-this.#back) !== undefined
  async run({ messages }: Model, real: Real): Promise<void> {
    const index = messages.length - this.#back
    const messageId = real.idOf(index)
    if (this.#deletes) {
      await kit.backend.request(DeleteMessageDocument, { input: { messageId } })
      messages[index] = undefined
    } else {
      const body = `${messages[index]} edited`
      await kit.backend.request(UpdateMessageDocument, { input: { messageId, body } })
      messages[index] = body
    }
  }
  toString = () => `${this.#deletes ? 'delete' : 'edit'} -${this.#back}`
}

/** Takes all messages away but the last, and sometimes their rows. */
class Truncate implements Command {
  readonly #kept: number
  readonly #purges: boolean
  constructor(kept: number, purges: boolean) {
    this.#kept = kept
    this.#purges = purges
  }
  check = ({ messages }: Model) => messages.length >= this.#kept
  async run({ messages }: Model, { channelId }: Real): Promise<void> {
    const beforeIndex = messages.length - this.#kept
    await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex } })
    messages.fill(undefined, 0, beforeIndex)
    if (this.#purges) await deleteTruncatedMessages(kit.store.maintenance)
  }
  toString = () => `truncate but ${this.#kept}${this.#purges ? ', and purge' : ''}`
}

class Connect implements Command {
  readonly #name: Name
  readonly #at: number
  constructor(name: Name, at: number) {
    this.#name = name
    this.#at = at
  }
  check({ readers }: Model): boolean {
    const { isMember, isConnected } = readers[this.#name]
    return isMember && !isConnected
  }
  async run({ readers }: Model, real: Real): Promise<void> {
    readers[this.#name].isConnected = true
    real.readers[this.#name].connect(servers[this.#at]!, readers[this.#name].floor)
  }
  toString = () => `${this.#name} connects at ${this.#at}`
}

class Disconnect implements Command {
  readonly #name: Name
  readonly #how: 'in order' | 'cut' | 'confirmed'
  constructor(name: Name, how: 'in order' | 'cut' | 'confirmed') {
    this.#name = name
    this.#how = how
  }
  check = ({ readers }: Model) => readers[this.#name].isConnected
  async run(model: Model, real: Real): Promise<void> {
    const [expected, reader] = [model.readers[this.#name], real.readers[this.#name]]
    const last = model.messages.length - 1
    if (this.#how === 'confirmed' && model.messages[last] !== undefined) {
      await real.hasReceived(this.#name, model)
      const device = this.#name === 'device' ? 'phone' : ''
      await confirmed(kit.store, real.channelId, reader.user.identity, last, device)
      expected.floor = last
    }
    await reader.disconnect(this.#how !== 'cut')
    expected.isConnected = false
  }
  toString = () => `${this.#name} disconnects, ${this.#how}`
}

/** Takes what is queued off the queue by hand. A reader by cursor would no longer receive it, so none does this. */
class Acknowledge implements Command {
  readonly #name: Name
  readonly #back: number
  constructor(name: Name, back: number) {
    this.#name = name
    this.#back = back
  }
  check({ readers, messages }: Model): boolean {
    const { isMember, from } = readers[this.#name]
    return this.#name !== 'cursor' && isMember && messages.length - this.#back >= from
  }
  async run({ readers, messages }: Model, real: Real): Promise<void> {
    const throughIndex = messages.length - this.#back
    const deviceId = this.#name === 'device' ? 'phone' : null
    await users[this.#name].request(AcknowledgeDeliveriesDocument, {
      input: { channelId: real.channelId, throughIndex, deviceId },
    })
    const reader = readers[this.#name]
    reader.floor = Math.max(reader.floor, throughIndex)
  }
  toString = () => `${this.#name} acknowledges -${this.#back}`
}

/** Leaves; who was accepted gets everything from before, and the end of its subscription. */
class Leave implements Command {
  readonly #name: Name
  constructor(name: Name) {
    this.#name = name
  }
  check = ({ readers }: Model) => readers[this.#name].isMember
  async run(model: Model, real: Real): Promise<void> {
    const [expected, reader] = [model.readers[this.#name], real.readers[this.#name]]
    const hasBegun = expected.isConnected && reader.current.hasBegun
    await users[this.#name].request(LeaveChannelDocument, { input: { channelId: real.channelId } })
    if (expected.isConnected) {
      await waitFor(() => reader.current.isOver, { interval: 5 })
      real.check(this.#name, model, hasBegun)
      await end(reader.current.client)
    }
    expected.isMember = false
    expected.isConnected = false
  }
  toString = () => `${this.#name} leaves`
}

class Rejoin implements Command {
  readonly #name: Name
  constructor(name: Name) {
    this.#name = name
  }
  check = ({ readers }: Model) => !readers[this.#name].isMember
  async run({ messages, readers }: Model, real: Real): Promise<void> {
    await users[this.#name].request(JoinChannelDocument, { input: { channelId: real.channelId } })
    readers[this.#name] = {
      isMember: true,
      isConnected: false,
      from: messages.length,
      floor: messages.length - 1,
    }
    real.readers[this.#name].connections = []
    real.readers[this.#name].known.clear()
  }
  toString = () => `${this.#name} joins again`
}

/** Waits until all who are connected know everything. */
class Settle implements Command {
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    for (const name of names) if (model.readers[name].isConnected) await real.hasReceived(name, model)
  }
  toString = () => 'all have received everything'
}

const name = fc.constantFrom(...names)
const commands = [
  fc.integer({ min: 1, max: 5 }).map((count) => new Send(count)),
  fc.integer({ min: 1, max: 3 }).map((count) => new Send(count)),
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.option(fc.integer({ min: 1, max: 6 })), fc.boolean(), fc.boolean())
    .map((how) => new SendOther(...how)),
  fc
    .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean())
    .map((how) => new SendOther(...how)),
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.boolean()).map(([back, deletes]) => new Change(back, deletes)),
  fc.integer({ min: 1, max: 6 }).map((back) => new Change(back, false)),
  fc.tuple(fc.nat({ max: 4 }), fc.boolean()).map(([kept, purges]) => new Truncate(kept, purges)),
  fc.tuple(name, fc.nat({ max: 1 })).map(([who, at]) => new Connect(who, at)),
  fc.tuple(name, fc.nat({ max: 1 })).map(([who, at]) => new Connect(who, at)),
  fc
    .tuple(name, fc.constantFrom('in order', 'cut', 'cut', 'cut', 'confirmed'))
    .map(([who, how]) => new Disconnect(who, how as 'cut')),
  fc.tuple(name, fc.integer({ min: 1, max: 4 })).map(([who, back]) => new Acknowledge(who, back)),
  name.map((who) => new Leave(who)),
  name.map((who) => new Rejoin(who)),
  fc.constant(new Settle()),
]

test('P2 P3 P4: whatever happens to a channel, each reader receives what it must, once and in order', async () => {
  const property = fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: 'max' }), async (script) => {
    const { id } = await kit.channel(names.map((who) => users[who]))
    const real = new Real(id)
    const reader = (): ModelReader => ({ isMember: true, isConnected: false, from: 0, floor: -1 })
    const model: Model = {
      messages: [],
      replies: new Set(),
      readers: { device: reader(), member: reader(), cursor: reader() },
    }
    try {
      await fc.asyncModelRun(() => ({ model, real }), script)
      // In the end all come back, and know everything.
      for (const who of names) {
        if (!model.readers[who].isMember) await new Rejoin(who).run(model, real)
        if (!model.readers[who].isConnected) await new Connect(who, 0).run(model, real)
      }
      await new Send(1).run(model, real)
      await new Settle().run(model, real)
    } finally {
      for (const who of names) for (const { client } of real.readers[who].connections) await end(client)
    }
  })
  expect(await fc.assert(property, { numRuns: runs, interruptAfterTimeLimit: runs * 9000 })).toBeUndefined()
})
