import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  DeleteMessageDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MarkAllReadDocument,
  MarkChannelsReadDocument,
  MarkReadDocument,
  MarkUnreadDocument,
  TruncateChannelDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
  type SendMessageInput,
} from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { deleteTruncatedMessages } from '../../src/store/message.ts'
import { openKit, type Kit, type User } from '../support/kit.ts'

const runs = 8

// A failure is made smaller by running again, many times.
vi.setConfig({ testTimeout: 120_000 })

let kit: Kit
let servers: readonly Server[]
beforeAll(async () => {
  kit = await openKit()
  servers = [kit.server, await kit.another()]
})
afterAll(() => kit.close())

const channelNumbers = [0, 1] as const
const userNumbers = [0, 1] as const

interface ModelMessage {
  readonly id: string
  readonly author: number
  isDeleted: boolean
  /** Of a reply. */
  readonly parent?: number | undefined
  /** The channel does not show it. */
  readonly isHidden: boolean
  readonly isSilent: boolean
}

interface ModelMember {
  joined: number
  read: number | null
  receipt: number
  /** Undefined while nothing is marked. */
  marked: { readonly from: number; readonly last: number } | undefined
}

/** What the channels must be, counted message by message. */
interface Model {
  readonly messages: ModelMessage[][]
  /** By channel: messages before are truncated. */
  readonly firsts: number[]
  /** By channel and user; undefined while it is no member. */
  readonly members: (ModelMember | undefined)[][]
}

function horizonOf({ messages, members }: Model, channel: number, user: number): number {
  const { joined, read, marked } = members[channel]![user]!
  const own = messages[channel]!.findLastIndex(({ author, isHidden }) => author === user && !isHidden)
  if (marked && own <= marked.last) return marked.from - 1
  return Math.max(joined, read ?? -1, own)
}

function unreadOf(model: Model, channel: number, user: number): ModelMessage[] {
  const horizon = horizonOf(model, channel, user)
  return model.messages[channel]!.filter(
    ({ author, isDeleted, isHidden, isSilent }, index) =>
      index > horizon && index >= model.firsts[channel]! && author !== user && !isDeleted && !isHidden && !isSilent,
  )
}

function agree(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected)
}

class Real {
  readonly channelIds: readonly string[]
  readonly users: readonly User[]
  constructor(channelIds: readonly string[], users: readonly User[]) {
    this.channelIds = channelIds
    this.users = users
  }
}

type Command = fc.AsyncCommand<Model, Real>

/** Something that a user does in a channel, on one of the servers. */
abstract class Deed implements Command {
  readonly channel: number
  readonly user: number
  readonly server: number
  readonly at: number
  constructor([channel, user, server, at]: readonly [number, number, number, number]) {
    this.channel = channel
    this.user = user
    this.server = server
    this.at = at
  }
  check({ members }: Model): boolean {
    return members[this.channel]![this.user] !== undefined
  }
  abstract run(model: Model, real: Real): Promise<void>
  member({ members }: Model): ModelMember {
    return members[this.channel]![this.user]!
  }
  caller({ users }: Real): User {
    return users[this.user]!.at(servers[this.server]!)
  }
  /** A message counted from the end; undefined while there are fewer. */
  index({ messages }: Model): number {
    return messages[this.channel]!.length - 1 - this.at
  }
  isThere(model: Model): boolean {
    const index = this.index(model)
    return index >= model.firsts[this.channel]! && model.messages[this.channel]![index]?.isDeleted === false
  }
  toString(): string {
    return `${this.constructor.name} channel ${this.channel} user ${this.user} server ${this.server} -${this.at}`
  }
}

class Send extends Deed {
  async run({ messages }: Model, real: Real): Promise<void> {
    const { id } = await this.caller(real).send(real.channelIds[this.channel]!, 'hello')
    messages[this.channel]!.push({ id, author: this.user, isDeleted: false, isHidden: false, isSilent: false })
  }
}

class SendAsBackend extends Deed {
  override check = () => true
  async run({ messages }: Model, real: Real): Promise<void> {
    const { id } = await kit.backend.send(real.channelIds[this.channel]!, 'hello')
    messages[this.channel]!.push({ id, author: -1, isDeleted: false, isHidden: false, isSilent: false })
  }
}

/** Replies to what stands at the place, or to what that replies to. */
abstract class Answer extends Deed {
  abstract readonly input: Pick<SendMessageInput, 'showInChannel' | 'silent'>
  parent(model: Model): number | undefined {
    const index = this.index(model)
    const parent = model.messages[this.channel]![index]?.parent ?? index
    const messages = model.messages[this.channel]!
    const hasReplies = messages.some((message) => message.parent === parent && !message.isDeleted)
    const isThere = parent >= model.firsts[this.channel]! && (messages[parent]?.isDeleted === false || hasReplies)
    return isThere ? parent : undefined
  }
  override check = (model: Model) => super.check(model) && this.parent(model) !== undefined
  async run(model: Model, real: Real): Promise<void> {
    const messages = model.messages[this.channel]!
    const parent = this.parent(model)!
    const input = { ...this.input, parentId: messages[parent]!.id }
    const { id } = await this.caller(real).send(real.channelIds[this.channel]!, 'reply', input)
    const { showInChannel, silent } = this.input
    messages.push({
      id,
      author: this.user,
      isDeleted: false,
      parent,
      isHidden: !showInChannel,
      isSilent: silent === true,
    })
  }
}

class Reply extends Answer {
  readonly input = {}
}

class ReplyInChannel extends Answer {
  readonly input = { showInChannel: true }
}

class ReplySilently extends Answer {
  readonly input = { silent: true }
}

class SendSilently extends Deed {
  async run({ messages }: Model, real: Real): Promise<void> {
    const { id } = await this.caller(real).send(real.channelIds[this.channel]!, 'hello', { silent: true })
    messages[this.channel]!.push({ id, author: this.user, isDeleted: false, isHidden: false, isSilent: true })
  }
}

/** The rows of what is truncated go. */
class Purge extends Deed {
  override check = () => true
  async run(): Promise<void> {
    await deleteTruncatedMessages(kit.store.maintenance)
  }
}

class Edit extends Deed {
  override check = (model: Model) => this.isThere(model)
  async run(model: Model): Promise<void> {
    const { id: messageId } = model.messages[this.channel]![this.index(model)]!
    await kit.backend.request(UpdateMessageDocument, { input: { messageId, body: 'edited' } })
  }
}

class Delete extends Deed {
  override check = (model: Model) => this.isThere(model)
  async run(model: Model): Promise<void> {
    const message = model.messages[this.channel]![this.index(model)]!
    await kit.backend.request(DeleteMessageDocument, { input: { messageId: message.id } })
    message.isDeleted = true
  }
}

/** Leaves at least the last few messages. */
class Truncate extends Deed {
  override check = (model: Model) => this.index(model) > model.firsts[this.channel]!
  async run(model: Model, real: Real): Promise<void> {
    const beforeIndex = this.index(model)
    await kit.backend.request(TruncateChannelDocument, {
      input: { channelId: real.channelIds[this.channel]!, beforeIndex },
    })
    model.firsts[this.channel] = beforeIndex
  }
}

class Leave extends Deed {
  async run({ members }: Model, real: Real): Promise<void> {
    await this.caller(real).request(LeaveChannelDocument, { input: { channelId: real.channelIds[this.channel]! } })
    members[this.channel]![this.user] = undefined
  }
}

class Join extends Deed {
  override check = ({ members }: Model) => members[this.channel]![this.user] === undefined
  async run({ members, messages }: Model, real: Real): Promise<void> {
    await this.caller(real).request(JoinChannelDocument, { input: { channelId: real.channelIds[this.channel]! } })
    const joined = messages[this.channel]!.length - 1
    members[this.channel]![this.user] = { joined, read: null, receipt: -1, marked: undefined }
  }
}

function advance(member: ModelMember, index: number): void {
  member.read = Math.max(member.read ?? -1, index)
  member.receipt = Math.max(member.receipt, member.read)
  member.marked = undefined
}

class Read extends Deed {
  override check = (model: Model) => super.check(model) && this.index(model) >= 0
  async run(model: Model, real: Real): Promise<void> {
    const input = { channelId: real.channelIds[this.channel]!, throughIndex: this.index(model) }
    await this.caller(real).request(MarkReadDocument, { input })
    advance(this.member(model), this.index(model))
  }
}

/** In both channels at once: one that the user is not in is refused. */
class ReadMany extends Deed {
  override check = (model: Model) => model.messages.every(({ length }) => length > this.at)
  async run(model: Model, real: Real): Promise<void> {
    const reads = real.channelIds.map((channelId, channel) => ({
      channelId,
      throughIndex: model.messages[channel]!.length - 1 - this.at,
    }))
    const { markChannelsRead } = await this.caller(real).request(MarkChannelsReadDocument, { input: { reads } })
    for (const [channel, { throughIndex }] of reads.entries()) {
      const member = model.members[channel]![this.user]
      agree(markChannelsRead.results[channel]!.error === null, member !== undefined)
      if (member) advance(member, throughIndex)
    }
  }
}

class ReadAll extends Deed {
  override check = () => true
  async run(model: Model, real: Real): Promise<void> {
    const unread = channelNumbers.filter(
      (channel) => model.members[channel]![this.user] && unreadOf(model, channel, this.user).length > 0,
    )
    const { markAllRead } = await this.caller(real).request(MarkAllReadDocument)
    agree(markAllRead.channelIds.toSorted(), unread.map((channel) => real.channelIds[channel]!).toSorted())
    for (const channel of unread) advance(model.members[channel]![this.user]!, model.messages[channel]!.length - 1)
  }
}

class Unread extends Deed {
  override check = (model: Model) => super.check(model) && this.isThere(model)
  async run(model: Model, real: Real): Promise<void> {
    const messages = model.messages[this.channel]!
    const input = { messageId: messages[this.index(model)]!.id }
    await this.caller(real).request(MarkUnreadDocument, { input })
    this.member(model).marked = { from: this.index(model), last: messages.length - 1 }
  }
}

/** As REST does, also back; before the first message it says that nothing was read. */
class Set extends Deed {
  async run(model: Model, real: Real): Promise<void> {
    const index = this.index(model)
    const lastReadIndex = index < 0 ? null : index
    const { identity } = real.users[this.user]!
    const channelId = real.channelIds[this.channel]!
    await kit.backend.request(UpdateMemberDocument, { input: { channelId, identity, lastReadIndex } })
    const member = this.member(model)
    member.read = lastReadIndex
    member.receipt = Math.max(member.receipt, index)
    member.marked = undefined
  }
}

const facts = `query ($channelId: ID!, $identity: String!) {
  channel(id: $channelId) {
    lastMessage { id }
    messages(first: 2) { nodes { id replyCount } pageInfo { hasNextPage } }
    newest: messages(last: 2) { nodes { id } pageInfo { hasPreviousPage } }
    all: messages(last: 100, includeReplies: true) { nodes { id } }
  }
  member(channelId: $channelId, identity: $identity) { id lastReadIndex unreadCount firstUnread { id } }
  viewer { unreadCounts { messages channels } user { channels(first: 10) { nodes { channel { id } lastReadIndex unreadCount } } } }
}`

interface Facts {
  readonly channel: {
    readonly lastMessage: { readonly id: string } | null
    readonly messages: {
      readonly nodes: { readonly id: string; readonly replyCount: number }[]
      readonly pageInfo: { readonly hasNextPage: boolean }
    }
    readonly newest: {
      readonly nodes: { readonly id: string }[]
      readonly pageInfo: { readonly hasPreviousPage: boolean }
    }
    readonly all: { readonly nodes: { readonly id: string }[] }
  }
  readonly member: {
    id: string
    lastReadIndex: number | null
    unreadCount: number
    firstUnread: { id: string } | null
  } | null
  readonly viewer: {
    readonly unreadCounts: { readonly messages: number; readonly channels: number }
    readonly user: {
      readonly channels: {
        readonly nodes: { channel: { id: string }; lastReadIndex: number | null; unreadCount: number }[]
      }
    }
  }
}

async function readRest(path: string): Promise<Record<string, unknown>> {
  const { serviceId } = kit.server.account
  const response = await fetch(`${kit.server.url}/v1/Services/${serviceId}${path}`, {
    headers: { authorization: kit.backend.authorization },
  })
  return (await response.json()) as Record<string, unknown>
}

/** What the channel shows: two pages of it, one from each end, its last message, and all with its replies. */
function compareHistory({ messages, firsts }: Model, channel: number, actual: Facts['channel']): void {
  const all = messages[channel]!
  const kept = all.map((message, index) => ({ ...message, index })).filter(({ index }) => index >= firsts[channel]!)
  const repliesOf = (index: number) => kept.filter(({ parent, isDeleted }) => parent === index && !isDeleted).length
  const shown = kept.filter(({ isHidden, isDeleted, index }) => !isHidden && (!isDeleted || repliesOf(index) > 0))
  expect(actual.messages.nodes).toEqual(
    shown.slice(0, 2).map(({ id, index }) => ({ id, replyCount: repliesOf(index) })),
  )
  expect(actual.messages.pageInfo.hasNextPage).toBe(shown.length > 2)
  expect(actual.newest.nodes.map(({ id }) => id)).toEqual(shown.slice(-2).map(({ id }) => id))
  expect(actual.newest.pageInfo.hasPreviousPage).toBe(shown.length > 2)
  expect(actual.lastMessage?.id).toBe(kept.findLast(({ isHidden, isDeleted }) => !isHidden && !isDeleted)?.id)
  expect(actual.all.nodes.map(({ id }) => id)).toEqual(
    kept
      .filter(({ isDeleted }) => !isDeleted)
      .slice(-100)
      .map(({ id }) => id),
  )
}

/** Everything that says what a user has read, on every server, must be what the model has. */
async function compare(model: Model, real: Real): Promise<void> {
  for (const user of userNumbers) {
    const caller = real.users[user]!
    const mine = channelNumbers.filter((channel) => model.members[channel]![user] !== undefined)
    const unread = mine.map((channel) => unreadOf(model, channel, user))
    const counts = {
      messages: unread.reduce((sum, { length }) => sum + length, 0),
      channels: unread.filter(({ length }) => length > 0).length,
    }
    for (const server of servers) {
      for (const [at, channel] of mine.entries()) {
        const channelId = real.channelIds[channel]!
        const { identity } = caller
        const {
          channel: history,
          member,
          viewer,
        } = await caller.at(server).request<Facts, object>(facts, { channelId, identity })
        compareHistory(model, channel, history)
        const { read } = model.members[channel]![user]!
        const state = { lastReadIndex: read, unreadCount: unread[at]!.length }
        expect(member).toMatchObject({ ...state, firstUnread: unread[at]![0] ? { id: unread[at]![0].id } : null })
        expect(viewer.unreadCounts).toEqual(counts)
        const { nodes } = viewer.user.channels
        expect(nodes.find((node) => node.channel.id === channelId)).toMatchObject(state)
      }
    }
    const { channels } = (await readRest(`/Users/${caller.identity}/Channels`)) as {
      channels: Record<string, unknown>[]
    }
    for (const [at, channel] of mine.entries()) {
      const own = channels.find((one) => one['channel_sid'] === real.channelIds[channel])!
      const { read, receipt } = model.members[channel]![user]!
      expect(own).toMatchObject({ last_consumed_message_index: read, unread_messages_count: unread[at]!.length })
      const member = await readRest(`/Channels/${real.channelIds[channel]!}/Members/${own['member_sid'] as string}`)
      expect(member).toMatchObject({ last_consumed_message_index: read })
      const [row] = await kit.store.db.run<{ receipt_index: number }>(
        'SELECT receipt_index FROM members WHERE id = $1::uuid',
        [(own['member_sid'] as string).slice(2)],
      )
      expect(row).toEqual({ receipt_index: receipt })
    }
  }
}

class Compare implements Command {
  check = () => true
  run = (model: Model, real: Real) => compare(model, real)
  toString = () => 'everything agrees'
}

type Place = readonly [channel: number, user: number, server: number, at: number]
const place: fc.Arbitrary<Place> = fc.tuple(
  fc.nat({ max: 1 }),
  fc.nat({ max: 1 }),
  fc.nat({ max: 1 }),
  fc.nat({ max: 5 }),
)
const kinds = [
  Send,
  Send,
  SendAsBackend,
  SendAsBackend,
  Reply,
  Reply,
  Reply,
  ReplyInChannel,
  ReplySilently,
  SendSilently,
  Purge,
  Edit,
  Delete,
  Truncate,
  Leave,
  Join,
  Read,
  Read,
  ReadMany,
  ReadAll,
  Unread,
  Unread,
  Set,
]
const commands = [
  ...kinds.map((Kind) => place.map((where) => new Kind(where))),
  fc.constant(new Compare()),
  fc.constant(new Compare()),
]

test('whatever happens, counts, totals and horizons are what counting every message gives', async () => {
  const property = fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: 'max' }), async (script) => {
    const users = await Promise.all(userNumbers.map(() => kit.user()))
    const channelIds = []
    for (const _ of channelNumbers) channelIds.push((await kit.channel(users)).id)
    const model: Model = {
      messages: channelNumbers.map(() => []),
      firsts: channelNumbers.map(() => 0),
      members: channelNumbers.map(() =>
        userNumbers.map(() => ({ joined: -1, read: null, receipt: -1, marked: undefined })),
      ),
    }
    const real = new Real(channelIds, users)
    await fc.asyncModelRun(() => ({ model, real }), script)
    await compare(model, real)
  })
  expect(await fc.assert(property, { numRuns: runs, interruptAfterTimeLimit: 90_000 })).toBeUndefined()
})
