import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import fc from 'fast-check'
import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  AddReactionDocument,
  DeleteMessageDocument,
  MarkAllReadDocument,
  MarkReadDocument,
  MarkThreadReadDocument,
  PinMessageDocument,
  RemoveReactionDocument,
  SendMessageDocument,
  TruncateChannelDocument,
  UnpinMessageDocument,
  UpdateMessageDocument,
} from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { deleteTruncatedMessages } from '../../src/store/message.ts'
import { Caller, openKit, record, type Kit, type User } from '../support/kit.ts'
import { runsOf } from '../support/seed.ts'
import { waitFor } from '../support/wait.ts'
import { act, memberNumbers, Model, type Act, type Doing, type Name } from './conversation.ts'

// A failure is made smaller by running again, many times.
const runs = runsOf(6)

vi.setConfig({ testTimeout: runs * 20_000 })

let kit: Kit
let servers: readonly Server[]
beforeAll(async () => {
  kit = await openKit()
  servers = [kit.server, await kit.another()]
})
afterAll(() => kit.close())

/** A message as both readers know it. */
interface State {
  readonly index: number
  readonly revision: string
  readonly body: string
  readonly deletedAt: string | null
  readonly replyCount: number
}

interface Event {
  readonly __typename: string
  readonly cursor: string
  readonly firstIndex?: number
  readonly message?: State & { readonly parent?: State | null }
}

const fields = `index revision body version deletedAt authorIdentity parentIndex isShownInChannel isSilent
  replyCount lastReplyAt repliers(first: 25) { identity } pinnedBy mentions { identities channel } reactions { reaction count }`
const eventsDocument =
  parse(`subscription ($channelId: ID!, $after: String) { events(channelId: $channelId, after: $after) {
  __typename
  ... on Ready { cursor }
  ... on MessageAdded { cursor message { ${fields} parent { ${fields} } } }
  ... on MessageUpdated { cursor message { ${fields} } }
  ... on MessageRemoved { cursor message { ${fields} parent { ${fields} } } }
  ... on ChannelTruncated { cursor firstIndex }
  ... on ReactionsUpdated { cursor message { ${fields} } }
} }`) as TypedDocumentNode<{ events: Event }, { channelId: string; after: string | null }>

const pagesDocument = parse(`query ($id: ID!) { channel(id: $id) {
  shown: messages(first: 50) { nodes { ${fields} replies(first: 50) { nodes { index } } } }
  all: messages(first: 50, includeReplies: true) { nodes { ${fields} } }
  pinnedMessages(first: 50) { nodes { index } }
} }`) as TypedDocumentNode<
  {
    readonly channel: {
      readonly shown: { readonly nodes: readonly (State & { readonly replies: Places })[] }
      readonly all: { readonly nodes: readonly State[] }
      readonly pinnedMessages: Places
    }
  },
  { readonly id: string }
>
interface Places {
  readonly nodes: readonly { readonly index: number }[]
}

const ownDocument = parse(`query ($id: ID!, $identity: String!) {
  channel(id: $id) { members(identities: [$identity]) { nodes { unreadCount unreadMentionsCount } } }
  viewer {
    unreadCounts { messages mentions }
    mentions(first: 100, filter: { unread: true }) { nodes { index } }
    threads(first: 100) { nodes { unreadCount parent { index } } }
  }
}`) as TypedDocumentNode<
  {
    readonly channel: {
      readonly members: { readonly nodes: readonly { unreadCount: number; unreadMentionsCount: number }[] }
    }
    readonly viewer: {
      readonly unreadCounts: { readonly messages: number; readonly mentions: number }
      readonly mentions: Places
      readonly threads: {
        readonly nodes: readonly { readonly unreadCount: number; readonly parent: { readonly index: number } }[]
      }
    }
  },
  { readonly id: string; readonly identity: string }
>

/** Reads events, is cut off, and goes on from its last cursor at either server. */
class Reader {
  readonly #known = new Map<number, State>()
  readonly bodies = new Set<string>()
  /** What says two different things of one revision. */
  readonly faults: string[] = []
  #first = 0
  #cursor: string | null = null
  #end: () => Promise<void> = async () => {}

  connect(channelId: string, user: User): void {
    const client = user.connect()
    let isOver = false
    const items = record(client, eventsDocument, { channelId, after: this.#cursor }).items as {
      push(item: { events: Event }): number
    }
    items.push = ({ events }) => {
      if (!isOver) this.#take(events)
      return 0
    }
    this.#end = async () => {
      isOver = true
      await client.dispose()
    }
  }

  disconnect(): Promise<void> {
    return this.#end()
  }

  /** What has its place, by index. */
  get states(): State[] {
    return [...this.#known.values()]
      .filter(({ index, deletedAt, replyCount }) => index >= this.#first && (deletedAt === null || replyCount > 0))
      .toSorted((one, other) => one.index - other.index)
  }

  #take({ cursor, message, firstIndex = 0 }: Event): void {
    this.#cursor = cursor
    this.#first = Math.max(this.#first, firstIndex)
    if (!message) return
    this.bodies.add(message.body)
    const { parent, ...own } = message
    for (const state of [own, parent]) if (state) this.#put(state)
  }

  #put(state: State): void {
    const known = this.#known.get(state.index)
    const [before, now] = [BigInt(known?.revision ?? -1), BigInt(state.revision)]
    if (known && before === now && JSON.stringify(known) !== JSON.stringify(state)) {
      this.faults.push(`${JSON.stringify(known)} has the revision of ${JSON.stringify(state)}`)
    }
    if (now >= before) this.#known.set(state.index, state)
  }
}

const backendAt = (server: Server): Caller => new Caller(server, kit.backend.authorization)

/** One channel, its members and what it must be. */
class Conversation {
  readonly model = new Model()
  readonly reader = new Reader()
  readonly #ids: string[] = []
  readonly #channelId: string
  readonly #members: readonly User[]

  private constructor(channelId: string, members: readonly User[]) {
    this.#channelId = channelId
    this.#members = members
  }

  static async open(): Promise<Conversation> {
    const members = await Promise.all(memberNumbers.map((at) => kit.user(`member${at}`)))
    const conversation = new Conversation((await kit.channel(members)).id, members)
    conversation.connect(0)
    return conversation
  }

  connect(server: number): void {
    this.reader.connect(this.#channelId, this.#members[2]!.at(servers[server]!))
  }

  async run(one: Act): Promise<void> {
    const { kind } = one
    if (kind === 'cut') {
      await this.reader.disconnect()
      this.connect(one.server)
    } else await this[kind](one as never)
  }

  #identity(who: Name): string {
    return who === 'backend' ? 'system' : this.#members[who]!.identity
  }

  #caller(who: Name, server: number): Caller {
    return who === 'backend' ? backendAt(servers[server]!) : this.#members[who]!.at(servers[server]!)
  }

  async send({ who, server, parent, isShown, isSilent, named, namesAll }: Doing<'send'>): Promise<void> {
    const answered = parent === null ? undefined : this.model.parentAt(parent)
    const body = `message ${this.model.messages.length}`
    const channel = namesAll && who === 'backend'
    const input = {
      channelId: this.#channelId,
      body,
      silent: isSilent,
      mentions: { identities: named.map((at) => this.#identity(at)), channel },
      ...(answered !== undefined && { parentId: this.#ids[answered]!, showInChannel: isShown }),
    }
    const { message } = (await this.#caller(who, server).request(SendMessageDocument, { input })).sendMessage
    this.#ids[message.index] = message.id
    this.model.send({
      author: who,
      body,
      version: 1,
      parent: answered ?? null,
      isShown: answered === undefined || isShown,
      isSilent,
      named,
      namesAll: channel,
      isDeleted: false,
      isPinned: false,
      reactions: new Map(),
    })
  }

  async edit({ server, place, named, namesAll }: Doing<'edit'>): Promise<void> {
    const found = this.model.at(place)
    if (!found) return
    const { index, message } = found
    const body = `${message.body}, edited`
    const mentions = named && { identities: named.map((at) => this.#identity(at)), channel: namesAll }
    const input = { messageId: this.#ids[index]!, body, ...(mentions && { mentions }) }
    await this.#caller('backend', server).request(UpdateMessageDocument, { input })
    Object.assign(message, { body, version: message.version + 1, ...(named && { named, namesAll }) })
  }

  async react({ server, place, who, reaction }: Doing<'react'>): Promise<void> {
    const found = this.model.at(place)
    if (!found) return
    const { reactions } = found.message
    const holders = reactions.get(reaction) ?? new Set()
    const input = { messageId: this.#ids[found.index]!, reaction }
    const caller = this.#caller(who as 0, server)
    if (holders.delete(who)) await caller.request(RemoveReactionDocument, { input })
    else {
      await caller.request(AddReactionDocument, { input })
      holders.add(who)
    }
    if (holders.size > 0) reactions.set(reaction, holders)
    else reactions.delete(reaction)
  }

  async pin({ server, place }: Doing<'pin'>): Promise<void> {
    const found = this.model.at(place)
    if (!found) return
    const { index, message } = found
    const input = { messageId: this.#ids[index]! }
    const caller = this.#caller('backend', server)
    if (message.isPinned) await caller.request(UnpinMessageDocument, { input })
    else await caller.request(PinMessageDocument, { input })
    message.isPinned = !message.isPinned
    this.model.pins = [...(message.isPinned ? [index] : []), ...this.model.pins.filter((pin) => pin !== index)]
  }

  async delete({ server, place }: Doing<'delete'>): Promise<void> {
    const found = this.model.at(place)
    if (!found) return
    const input = { messageId: this.#ids[found.index]! }
    await this.#caller('backend', server).request(DeleteMessageDocument, { input })
    this.model.delete(found.index)
  }

  async truncate({ server, place, purges }: Doing<'truncate'>): Promise<void> {
    const beforeIndex = this.model.placeOf(place)
    if (beforeIndex === undefined) return
    const input = { channelId: this.#channelId, beforeIndex }
    await this.#caller('backend', server).request(TruncateChannelDocument, { input })
    this.model.first = beforeIndex
    this.model.pins = this.model.pins.filter((pin) => pin >= beforeIndex)
    if (purges) await deleteTruncatedMessages(kit.store.maintenance)
  }

  async read({ server, place, who }: Doing<'read'>): Promise<void> {
    const throughIndex = this.model.placeOf(place)
    if (throughIndex === undefined) return
    const input = { channelId: this.#channelId, throughIndex }
    await this.#caller(who as 0, server).request(MarkReadDocument, { input })
    const self = this.model.members[who]!
    self.read = Math.max(self.read, throughIndex)
  }

  async readThread({ server, place, who }: Doing<'readThread'>): Promise<void> {
    const throughIndex = this.model.placeOf(place)
    const parent = this.model.parentAt(place)
    if (throughIndex === undefined || parent === undefined) return
    const input = { parentId: this.#ids[parent]!, throughIndex }
    await this.#caller(who as 0, server).request(MarkThreadReadDocument, { input })
    const following = this.model.members[who]!.threads.get(parent)
    if (following?.isFollowed) following.read = Math.max(following.read, throughIndex)
  }

  async readAll({ server, who }: Doing<'readAll'>): Promise<void> {
    await this.#caller(who as 0, server).request(MarkAllReadDocument)
    this.model.readAll(who)
  }

  /** What anybody reads of a message. */
  #expected(index: number): object {
    const message = this.model.messages[index]!
    const replies = this.model.repliesOf(index)
    const authors = [...new Set(replies.map((reply) => this.model.messages[reply]!.author))]
    return {
      index,
      body: message.body,
      version: message.version,
      isDeleted: message.isDeleted,
      authorIdentity: this.#identity(message.author),
      parentIndex: message.parent,
      isShownInChannel: message.isShown,
      isSilent: message.isSilent,
      replyCount: replies.length,
      isRepliedTo: replies.length > 0,
      // Users alone.
      repliers: authors.flatMap((author) => (author === 'backend' ? [] : { identity: this.#identity(author) })),
      pinnedBy: message.isPinned ? 'system' : null,
      mentions: {
        identities: message.named.map((at) => this.#identity(at)),
        channel: message.namesAll,
      },
      reactions: Array.from(message.reactions, ([reaction, { size: count }]) => ({ reaction, count })),
    }
  }

  /** Pages at both servers, the events and the model must be the same, and what members have unread. */
  async compare(): Promise<void> {
    const { model, reader } = this
    await this.send({
      kind: 'send',
      server: 0,
      who: 'backend',
      parent: null,
      isShown: true,
      isSilent: false,
      named: [],
      namesAll: false,
    })
    const expected = model.present().map((index) => this.#expected(index))
    for (const server of servers) {
      const { channel } = await backendAt(server).request(pagesDocument, { id: this.#channelId })
      agree(
        channel.shown.nodes.map(({ index }) => index),
        model.shown(),
      )
      agree(
        channel.pinnedMessages.nodes.map(({ index }) => index),
        model.pins,
      )
      for (const { index, replies } of channel.shown.nodes) {
        agree(
          replies.nodes.map((reply) => reply.index),
          model.repliesOf(index),
        )
      }
      const paged = new Map<number, State>()
      for (const state of channel.all.nodes) paged.set(state.index, state)
      for (const { replies: _, ...state } of channel.shown.nodes) paged.set(state.index, state)
      const states = [...paged.values()].toSorted((one, other) => one.index - other.index)
      agree(states.map(toComparable), expected)
      await waitFor(() => JSON.stringify(reader.states) === JSON.stringify(states)).catch(() => {})
      agree(reader.states, states)
      for (const who of memberNumbers) await this.#compareOwn(who, server)
    }
    agree(reader.faults, [])
  }

  async #compareOwn(who: 0 | 1 | 2, server: Server): Promise<void> {
    const user = this.#members[who]!
    const variables = { id: this.#channelId, identity: user.identity }
    const { channel, viewer } = await user.at(server).request(ownDocument, variables)
    const [messages, mentions] = [this.model.unread(who).length, this.model.unreadMentions(who)]
    const seen = {
      who,
      members: channel.members.nodes,
      totals: viewer.unreadCounts,
      mentions: viewer.mentions.nodes.map(({ index }) => index),
      threads: new Map(viewer.threads.nodes.map(({ parent, unreadCount }) => [parent.index, unreadCount])),
    }
    agree(seen, {
      who,
      members: [{ unreadCount: messages, unreadMentionsCount: mentions.length }],
      totals: { messages, mentions: mentions.length },
      mentions: mentions.toReversed(),
      threads: this.model.threads(who),
    })
  }
}

function agree(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected)
}

function toComparable(state: State): object {
  const { revision: _, deletedAt, ...rest } = state
  const { lastReplyAt, ...others } = rest as typeof rest & { readonly lastReplyAt: string | null }
  return { ...others, isDeleted: deletedAt !== null, isRepliedTo: lastReplyAt !== null }
}

test('P3: whatever is done with messages over two servers, pages, events after any cuts, counts and threads are what counting every message gives', async () => {
  const property = fc.asyncProperty(fc.array(act, { minLength: 8, maxLength: 45, size: 'max' }), async (acts) => {
    const conversation = await Conversation.open()
    try {
      for (const one of acts) await conversation.run(one)
      await conversation.compare()
    } finally {
      await conversation.reader.disconnect()
    }
  })
  expect(await fc.assert(property, { numRuns: runs, interruptAfterTimeLimit: runs * 15_000 })).toBeUndefined()
})
