import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import fc from 'fast-check'
import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  AddMemberDocument,
  AddReactionDocument,
  DeleteMessageDocument,
  LeaveChannelDocument,
  RemoveReactionDocument,
  TruncateChannelDocument,
} from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { deleteTruncatedMessages } from '../../src/store/message.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

// A failure is made smaller by running again, many times.
vi.setConfig({ testTimeout: 120_000 })

const runs = 6
const people = 3
const messagesOfRun = 3
const reactions = ['👍', '❤️', 'party']

let kit: Kit
let servers: readonly Server[]
let users: readonly User[]
let watcher: User
beforeAll(async () => {
  kit = await openKit()
  servers = [kit.server, await kit.another()]
  users = await Promise.all(Array.from({ length: people }, (_, at) => kit.user(`reactor${at}`)))
  watcher = await kit.user('watcher')
})
afterAll(() => kit.close())

/** What a message has: in the order of first use, who has it. */
type Model = Map<string, Set<string>>

interface Group {
  readonly reaction: string
  readonly count: number
}

const groupsOf = (model: Model): Group[] => Array.from(model, ([reaction, { size: count }]) => ({ reaction, count }))

interface Event {
  readonly __typename: string
  readonly cursor: string
  readonly firstIndex?: number
  readonly message?: { readonly index: number; readonly body: string; readonly reactions: readonly Group[] }
  readonly added?: readonly { readonly reaction: string; readonly identity: string }[]
  readonly removed?: readonly { readonly reaction: string; readonly identity: string }[]
}

const fields = 'index body reactions { reaction count }'
const eventsDocument =
  parse(`subscription ($channelId: ID!, $after: String) { events(channelId: $channelId, after: $after) {
  __typename
  ... on Ready { cursor }
  ... on MessageAdded { cursor message { ${fields} } }
  ... on MessageUpdated { cursor message { ${fields} } }
  ... on MessageRemoved { cursor message { ${fields} } }
  ... on ChannelTruncated { cursor firstIndex }
  ... on ReactionsUpdated { cursor message { ${fields} } added { reaction identity } removed { reaction identity } }
} }`) as TypedDocumentNode<{ events: Event }, { channelId: string; after: string | null }>

const readDocument = parse(`query ($id: ID!) { channel(id: $id) { messages(first: 10) { nodes {
  index reactions { reaction count viewerHasReacted users(first: 10) { nodes { identity } } }
} } } }`) as TypedDocumentNode<
  {
    readonly channel: {
      readonly messages: {
        readonly nodes: readonly {
          readonly index: number
          readonly reactions: readonly (Group & {
            readonly viewerHasReacted: boolean
            readonly users: { readonly nodes: readonly { readonly identity: string }[] }
          })[]
        }[]
      }
    }
  },
  { readonly id: string }
>

/** Reads events, is cut off, and goes on from its last cursor at either server. */
class Reader {
  readonly known = new Map<number, readonly Group[]>()
  #cursor: string | null = null
  #end: () => Promise<void> = async () => {}
  readonly bodies = new Set<string>()
  /** Events whose counts are not those before with what was added and removed. */
  readonly faults: string[] = []

  connect(channelId: string, server: Server): void {
    const client = watcher.at(server).connect()
    let isOver = false
    const recording = record(client, eventsDocument, { channelId, after: this.#cursor })
    const items = recording.items as { push(item: { events: Event }): number }
    items.push = ({ events }) => {
      if (!isOver) this.#take(events)
      return 0
    }
    this.#end = async () => {
      isOver = true
      await client.dispose()
    }
  }

  async disconnect(): Promise<void> {
    await this.#end()
  }

  #take({ __typename: type, cursor, message, firstIndex, added = [], removed = [] }: Event): void {
    this.#cursor = cursor
    for (const index of this.known.keys()) if (index < (firstIndex ?? 0)) this.known.delete(index)
    if (!message) return
    this.bodies.add(message.body)
    if (type === 'ReactionsUpdated') {
      const before = this.known.get(message.index)
      if (before && sum(message.reactions) !== sum(before) + added.length - removed.length)
        this.faults.push(`${JSON.stringify(before)} does not become ${JSON.stringify(message.reactions)}`)
    }
    if (type === 'MessageRemoved') this.known.delete(message.index)
    else this.known.set(message.index, message.reactions)
  }
}

const sum = (groups: readonly Group[]): number => groups.reduce((total, { count }) => total + count, 0)

const person = fc.nat(people - 1)
const place = fc.nat(messagesOfRun - 1)
const act = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('react' as const),
      who: person,
      place,
      at: fc.nat(1),
      reaction: fc.constantFrom(...reactions),
      isAdded: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: person }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat(1) }) },
)

test('reactions of many over two servers: who reads the channel and who heard of it know the same, after any cuts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 30 }), async (acts) => {
      const { id: channelId } = await kit.channel([...users, watcher])
      const ids: string[] = []
      for (let at = 0; at < messagesOfRun; at++) ids.push((await kit.backend.send(channelId, `${at}`)).id)
      const models: (Model | undefined)[] = ids.map(() => new Map())
      const codes: (readonly [unknown, unknown])[] = []
      const inside = new Set(users.map((_, at) => at))
      const reader = new Reader()
      reader.connect(channelId, servers[0]!)
      for (const one of acts) {
        if (one.kind === 'cut') {
          await reader.disconnect()
          reader.connect(channelId, servers[one.at]!)
        } else if (one.kind === 'leave') {
          const user = users[one.who]!
          if (inside.delete(one.who)) await user.request(LeaveChannelDocument, { input: { channelId } })
          else {
            await kit.backend.request(AddMemberDocument, { input: { channelId, identity: user.identity } })
            inside.add(one.who)
          }
        } else if (one.kind === 'delete') {
          if (models[one.place])
            await kit.backend.request(DeleteMessageDocument, { input: { messageId: ids[one.place]! } })
          models[one.place] = undefined
        } else if (one.kind === 'truncate') {
          await kit.backend.request(TruncateChannelDocument, { input: { channelId, beforeIndex: one.place } })
          models.fill(undefined, 0, one.place)
          await deleteTruncatedMessages(kit.store.maintenance)
        } else {
          const { who, reaction, isAdded } = one
          const user = users[who]!
          const model = models[one.place]
          const document = isAdded ? AddReactionDocument : RemoveReactionDocument
          const input = { messageId: ids[one.place]!, reaction }
          const { errors } = await user.at(servers[one.at]!).ask(document as never, { input })
          const mayReact = inside.has(who) && model !== undefined
          codes.push([errors?.[0]?.extensions.code, mayReact ? undefined : 'NOT_FOUND'])
          if (!mayReact) continue
          const holders = model.get(reaction) ?? new Set()
          if (isAdded) holders.add(user.identity)
          else holders.delete(user.identity)
          if (holders.size > 0) model.set(reaction, holders)
          else model.delete(reaction)
        }
      }
      const wanted = new Map(models.flatMap((model, index) => (model ? [[index, groupsOf(model)] as const] : [])))
      const { channel } = await kit.backend.request(readDocument, { id: channelId })
      expect(channel.messages.nodes.map(({ index }) => index)).toEqual([...wanted.keys()])
      for (const { index, reactions: read } of channel.messages.nodes) {
        expect(read.map(({ reaction, count }) => ({ reaction, count }))).toEqual(wanted.get(index))
        for (const { reaction, users: holders } of read) {
          const identities = holders.nodes.map(({ identity }) => identity)
          expect(identities.toSorted()).toEqual([...models[index]!.get(reaction)!].toSorted())
        }
      }
      await kit.backend.send(channelId, 'end')
      await waitFor(() => reader.bodies.has('end'))
      const known = () =>
        [...reader.known].filter(([index]) => index < messagesOfRun).toSorted(([one], [other]) => one - other)
      await waitFor(() => JSON.stringify(known()) === JSON.stringify([...wanted])).catch(() => {})
      expect(known()).toEqual([...wanted])
      expect(reader.faults).toEqual([])
      expect(codes.map(([code]) => code)).toEqual(codes.map(([, code]) => code))
      await reader.disconnect()
    }),
    { numRuns: runs },
  )
})
