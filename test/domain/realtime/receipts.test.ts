import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  EventsWithReceiptsDocument,
  HistoryWithReceiptsDocument,
  LeaveChannelDocument,
  MemberDocument,
  MembersDocument,
  MessageReceiptsDocument,
  ReceiptsUpdatedDocument,
  UpdateMemberDocument,
  UpdateServiceDocument,
  UpdateUserDocument,
  type UpdateServiceInput,
} from '../../../schema/generated/graphql.ts'
import type { ReceiptsEvent } from '../../../src/model/event.ts'
import type { ChannelId, MemberId } from '../../../src/model/sid.ts'
import type { Server } from '../../../src/server.ts'
import { openKit, record, type Kit, type Recording, type User } from '../../support/kit.ts'
import { Reader, type Line } from '../../support/reader.ts'
import { refusalOf } from '../../support/refusal.ts'
import { ScriptedBus } from '../../support/scripted-bus.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let other: Server
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
})
afterAll(() => kit.close())

async function set(settings: Omit<UpdateServiceInput, 'serviceId'>): Promise<void> {
  await kit.backend.request(UpdateServiceDocument, { input: { serviceId: kit.server.account.serviceId, ...settings } })
}

async function read(user: User, channelId: string, lastReadIndex: number): Promise<void> {
  await user.request(UpdateMemberDocument, { input: { channelId, identity: user.identity, lastReadIndex } })
}

async function receive(user: User, channelId: string, throughIndex: number, deviceId?: string): Promise<void> {
  await user.request(
    `mutation ($input: AcknowledgeDeliveriesInput!) { acknowledgeDeliveries(input: $input) { deliveredIndex } }`,
    { input: { channelId, throughIndex, deviceId } },
  )
}

async function setReceipts(user: User, readReceiptsEnabled: boolean): Promise<void> {
  await user.request(UpdateUserDocument, { input: { userId: user.identity, readReceiptsEnabled } })
}

/** A channel of these users with so many messages of the first. */
async function furnish(users: readonly User[], messages = 3): Promise<ChannelId> {
  const { id } = await kit.channel(users)
  for (let at = 0; at < messages; at++) await users[0]!.send(id, `${at}`)
  return id
}

async function receiptsOf(caller: Pick<User, 'request'>, channelId: string) {
  const { channel } = await caller.request(HistoryWithReceiptsDocument, { channelId, first: 50 })
  return channel!.messages.nodes.map(({ readCount, deliveredCount }) => [readCount, deliveredCount])
}

describe('the receipts of a message', () => {
  test('are counts and lists of those who have read and received it, the same for all', async () => {
    const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
    const channelId = await furnish([alice, bob, carol])
    const last = await alice.send(channelId, 'last')
    await read(bob, channelId, 1)
    await receive(bob, channelId, 3)
    await receive(carol, channelId, 2, 'phone')
    for (const caller of [alice, bob, carol, kit.backend]) {
      expect(await receiptsOf(caller, channelId)).toEqual([
        [1, 2],
        [1, 2],
        [0, 2],
        [0, 1],
      ])
    }
    const { message } = await carol.request(MessageReceiptsDocument, { messageId: last.id })
    expect(message).toMatchObject({
      readCount: 0,
      deliveredCount: 1,
      readBy: { totalCount: 0, nodes: [] },
      deliveredTo: { totalCount: 1, nodes: [{ identity: bob.identity }] },
    })
  })

  test('leave out the author, who joined later, and who has left', async () => {
    const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
    const channelId = await furnish([alice, bob])
    await kit.backend.request(`mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }`, {
      input: { channelId, identity: carol.identity },
    })
    await alice.send(channelId, 'for all')
    for (const user of [alice, bob, carol]) {
      await read(user, channelId, 3)
      await receive(user, channelId, 3)
    }
    expect(await receiptsOf(bob, channelId)).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [2, 2],
    ])
    await bob.request(LeaveChannelDocument, { input: { channelId } })
    expect((await receiptsOf(alice, channelId)).at(-1)).toEqual([1, 1])
    await kit.backend.request(`mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }`, {
      input: { channelId, identity: bob.identity },
    })
    expect((await receiptsOf(alice, channelId)).at(-1)).toEqual([1, 1])
  })

  test('only grow, whatever a member says later', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channelId = await furnish([alice, bob], 2)
    await read(bob, channelId, 1)
    await read(bob, channelId, 0)
    expect(await receiptsOf(alice, channelId)).toEqual([
      [1, 0],
      [1, 0],
    ])
  })

  test('have pages in the order of joining, in both directions', async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => kit.user()))
    const channelId = await furnish(users, 1)
    for (const user of users) await read(user, channelId, 0)
    const { channel } = await users[0]!.request(HistoryWithReceiptsDocument, { channelId, first: 1 })
    expect(channel!.messages.nodes).toMatchObject([{ readCount: 4 }])
    const page = async (args: string) => {
      const text = `query ($id: ID!) { channel(id: $id) { messages { nodes { readBy(${args}) {
        totalCount nodes { id identity } pageInfo { hasNextPage hasPreviousPage endCursor }
      } } } } }`
      type Page = {
        totalCount: number
        nodes: { id: string; identity: string }[]
        pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string }
      }
      const answer = await users[0]!.request<{ channel: { messages: { nodes: { readBy: Page }[] } } }, object>(text, {
        id: channelId,
      })
      return answer.channel.messages.nodes[0]!.readBy
    }
    const identities = ({ nodes }: { nodes: { identity: string }[] }) => nodes.map(({ identity }) => identity)
    const expected = users.slice(1).map(({ identity }) => identity)
    const first = await page('first: 3')
    expect(identities(first)).toEqual(expected.slice(0, 3))
    expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true, hasPreviousPage: false } })
    const second = await page(`first: 3, after: "${first.pageInfo.endCursor}"`)
    expect(identities(second)).toEqual(expected.slice(3))
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    const last = await page('last: 2')
    expect(identities(last)).toEqual(expected.slice(2))
    expect(identities(await page(`last: 3, before: "${last.nodes[0]!.id}"`))).toEqual(expected.slice(0, 2))
    for (const args of [
      'first: 0',
      'first: -1',
      'first: 101',
      'after: "MB"',
      'after: "\\u0000"',
      'first: 1, last: 1',
    ]) {
      const query = `{ channel(id: "${channelId}") { messages { nodes { readBy(${args}) { totalCount } } } } }`
      const { errors } = await users[0]!.ask(query)
      expect([args, errors?.map(({ extensions }) => extensions.code)]).toEqual([args, ['BAD_USER_INPUT']])
    }
  })

  test('are null in a channel with too many members, and where the service keeps no read status', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channelId = await furnish([alice, bob], 1)
    onTestFinished(() => set({ readReceiptsMaxMembers: 100, readStatusEnabled: true }))
    const { message } = await alice.request(MessageReceiptsDocument, {
      messageId: (await alice.send(channelId, 'hello')).id,
    })
    expect(message).toMatchObject({ readCount: 0, readBy: { totalCount: 0 } })
    for (const settings of [
      { readReceiptsMaxMembers: 1 },
      { readReceiptsMaxMembers: 0 },
      { readReceiptsMaxMembers: 2, readStatusEnabled: false },
    ]) {
      await set(settings)
      expect(await receiptsOf(bob, channelId)).toEqual([
        [null, null],
        [null, null],
      ])
    }
    const query = `{ channel(id: "${channelId}") { messages { nodes { readBy { totalCount } deliveredTo { totalCount } } } } }`
    const nothing = { readBy: null, deliveredTo: null }
    expect(await alice.request(query)).toEqual({ channel: { messages: { nodes: [nothing, nothing] } } })
    await set({ readReceiptsMaxMembers: 2, readStatusEnabled: true })
    expect(await receiptsOf(bob, channelId)).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('leave out what a user has read that reports it to nobody', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channelId = await furnish([alice, bob], 1)
    await read(bob, channelId, 0)
    await receive(bob, channelId, 0)
    await setReceipts(bob, false)
    expect(await receiptsOf(alice, channelId)).toEqual([[0, 1]])
    expect(await receiptsOf(kit.backend, channelId)).toEqual([[0, 1]])
    const horizonFor = async (caller: Pick<User, 'request'>) => {
      const name = { channelId, identity: bob.identity }
      return (await caller.request(MemberDocument, name)).member!.lastReadIndex
    }
    expect([await horizonFor(alice), await horizonFor(bob), await horizonFor(kit.backend)]).toEqual([null, 0, 0])
    await setReceipts(bob, true)
    expect(await horizonFor(alice)).toBe(0)
    expect(await receiptsOf(alice, channelId)).toEqual([[1, 1]])
    const input = { userId: bob.identity, readReceiptsEnabled: false }
    expect(await refusalOf(alice, UpdateUserDocument, { input })).toEqual({ code: 'FORBIDDEN', chatCode: 50107 })
  })

  test('equal a recount of what was read and received', async () => {
    const users = await Promise.all(Array.from({ length: 4 }, () => kit.user()))
    const { id: channelId } = await kit.channel(users)
    const authors = Array.from({ length: 12 }, (_, at) => at % 3)
    for (const author of authors) await users[author]!.send(channelId, 'hello')
    const marks = { read: [4, 11, -1, 7], received: [2, -1, 9, 11] }
    for (const [at, user] of users.entries()) {
      if (marks.read[at]! >= 0) await read(user, channelId, marks.read[at]!)
      if (marks.received[at]! >= 0) await receive(user, channelId, marks.received[at]!)
    }
    const count = (of: readonly number[], index: number, author: number) =>
      of.filter((mark, at) => mark >= index && at !== author).length
    expect(await receiptsOf(users[3]!, channelId)).toEqual(
      authors.map((author, index) => [count(marks.read, index, author), count(marks.received, index, author)]),
    )
  })
})

/** What a subscription has received of receipts, each as identity, read and received. */
function receiptsIn({ items }: Recording<{ receiptsUpdated: Report }>): string[][] {
  return items.map(({ receiptsUpdated }) => textsOf(receiptsUpdated))
}

interface Report {
  readonly receipts: readonly {
    readonly member: { readonly identity: string }
    readonly readIndex: number | null
    readonly deliveredIndex: number | null
  }[]
}

const textsOf = ({ receipts }: Report): string[] =>
  receipts.map(({ member, readIndex, deliveredIndex }) => `${member.identity} ${readIndex} ${deliveredIndex}`)

describe('a stream of receipts', () => {
  test('begins with those of all members, and goes on with what moves, on every server', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channelId = await furnish([alice, bob], 3)
    await read(bob, channelId, 0)
    const clients = [alice.connect(), alice.at(other).connect()]
    const views = clients.map((client) => record(client, ReceiptsUpdatedDocument, { channelId }))
    for (const view of views) await view.atLeast(1)
    const snapshot = [`${alice.identity} null null`, `${bob.identity} 0 null`]
    for (const view of views) expect(receiptsIn(view)).toEqual([snapshot])
    await read(bob, channelId, 2)
    // A hint of what was read before may still be under way to the other server, and is reported again.
    const moved = (view: (typeof views)[number]) =>
      receiptsIn(view)
        .slice(1)
        .filter(([text]) => text !== snapshot[1])
    for (const view of views) await waitFor(() => moved(view).length === 1)
    await receive(bob, channelId, 1)
    for (const view of views) await waitFor(() => moved(view).length === 2)
    for (const view of views) {
      expect(moved(view)).toEqual([[`${bob.identity} 2 null`], [`${bob.identity} 2 1`]])
      expect(new Set(view.items.map(({ receiptsUpdated }) => receiptsUpdated.channelId))).toEqual(new Set([channelId]))
    }
    for (const client of clients) await client.dispose()
  })

  test('of everything has them only where its document names them, and again after a reconnect', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channelId = await furnish([alice, bob], 1)
    let after: string | undefined
    for (const round of [0, 1]) {
      const client = bob.connect()
      const events = record(client, EventsWithReceiptsDocument, { channelId, after: after ?? null })
      const hasReceipts = () => events.items.some((item) => item.events.__typename === 'ReceiptsUpdated')
      await waitFor(hasReceipts)
      const [receipts] = events.items.flatMap((item) =>
        item.events.__typename === 'ReceiptsUpdated' ? item.events : [],
      )
      expect(receipts!.receipts.map(({ member }) => member.identity)).toEqual([alice.identity, bob.identity])
      const added = events.items.flatMap((item) => (item.events.__typename === 'MessageAdded' ? item.events : []))
      expect(added).toHaveLength(round === 0 ? 1 : 0)
      // What has just been caught up with is behind it.
      expect(events.items.map((item) => item.events.__typename).slice(0, 2 - round)).toEqual(
        ['Ready', 'MessageAdded'].slice(0, 2 - round),
      )
      after = receipts!.cursor
      await client.dispose()
    }
  })

  test('reports one change at a time where many come: at most one a second', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channelId = await furnish([alice, bob], 200)
    const reader = await Reader.open(
      kit.server.app,
      alice,
      { channelId },
      { wants: (type) => type === 'receiptsUpdated' },
    )
    onTestFinished(() => reader.close())
    await waitFor(() => reader.lines.length === 1)
    const began = performance.now()
    for (let index = 0; index < 200; index++) await read(bob, channelId, index)
    await reader.receives(`receipts ${bob.identity} 199/null`)
    const seconds = (performance.now() - began) / 1000
    expect(reader.lines.length - 1).toBeLessThanOrEqual(2 + seconds)
    const last = reader.lines.at(-1)!.event as ReceiptsEvent
    expect(last.receipts).toHaveLength(1)
  })

  test('reports a storm of 1,000 confirmations once a second, and none of it where there are too many members', async () => {
    const users = await Promise.all(Array.from({ length: 20 }, () => kit.user()))
    const channelId = await furnish(users, 50)
    const { deliveries, bus, feeds } = kit.server.app
    const { channel } = await kit.backend.request(MembersDocument, { channelId, first: 100 })
    const memberIds = channel!.members.edges.map(({ node }) => node.id as MemberId)
    const confirm = async (from: number): Promise<void> => {
      for (let index = from; index < from + 25; index++) {
        for (const memberId of memberIds) deliveries.move({ channelId, memberId, deviceId: '', index, seq: 0 })
        await deliveries.flush()
      }
    }
    const wants = (type: string): boolean => type === 'receiptsUpdated'
    const reader = await Reader.open(kit.server.app, users[0]!, { channelId }, { wants })
    onTestFinished(() => reader.close())
    await waitFor(() => reader.lines.length === 1)
    const began = performance.now()
    kit.store.statements.length = 0
    await confirm(0)
    await confirm(25)
    const isOver = ({ event }: Line) =>
      event.type === 'receiptsUpdated' && event.receipts.every(({ deliveredIndex }) => deliveredIndex === 49)
    await waitFor(() => isOver(reader.lines.at(-1)!))
    const seconds = (performance.now() - began) / 1000
    expect(reader.lines.length - 1).toBeLessThanOrEqual(2 + seconds)
    const reads = kit.store.statements.filter((statement) => statement.includes('AS asked (channel_id, member_id)'))
    expect(reads.length).toBeLessThanOrEqual(2 + seconds)

    await set({ readReceiptsMaxMembers: memberIds.length - 1 })
    onTestFinished(() => set({ readReceiptsMaxMembers: 100 }))
    await kit.backend.send(channelId, 'one more')
    const published: string[] = []
    const spy = vi.spyOn(bus, 'publish').mockImplementation((topic) => void published.push(topic))
    onTestFinished(() => spy.mockRestore())
    for (const memberId of memberIds) deliveries.move({ channelId, memberId, deviceId: '', index: 50, seq: 0 })
    await deliveries.flush()
    expect(feeds.get(channelId)).toBeDefined()
    expect(published.filter((topic) => topic.includes(channelId))).toEqual([])
  })

  test('has nothing of a user that has switched its own off but what it receives', async () => {
    const [alice, bob, carol] = [await kit.user('alice'), await kit.user('bob'), await kit.user('carol')]
    const channelId = await furnish([alice, bob, carol], 2)
    await read(bob, channelId, 0)
    await setReceipts(bob, false)
    const client = alice.connect()
    const view = record(client, ReceiptsUpdatedDocument, { channelId })
    await view.atLeast(1)
    await read(bob, channelId, 1)
    await read(carol, channelId, 0)
    await view.atLeast(2)
    await receive(bob, channelId, 1)
    await view.atLeast(3)
    expect(receiptsIn(view)).toEqual([
      [`${alice.identity} null null`, `${bob.identity} null null`, `${carol.identity} null null`],
      [`${carol.identity} 0 null`],
      [`${bob.identity} null 1`],
    ])
    await client.dispose()
  })

  test('is silent in a channel with too many members, until it has fewer', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const [large, small] = [await furnish([alice, bob], 2), await furnish([alice], 2)]
    await set({ readReceiptsMaxMembers: 1 })
    onTestFinished(() => set({ readReceiptsMaxMembers: 100 }))
    const client = alice.connect()
    const views = [large, small].map((channelId) => record(client, ReceiptsUpdatedDocument, { channelId }))
    await views[1]!.atLeast(1)
    await waitFor(() => kit.server.app.feeds.get(large)?.groups.size === 1)
    await read(bob, large, 0)
    await receive(bob, large, 0)
    await read(alice, small, 1)
    await views[1]!.atLeast(2)
    expect(views[0]!.items).toEqual([])
    await bob.request(LeaveChannelDocument, { input: { channelId: large } })
    await read(alice, large, 1)
    await views[0]!.atLeast(1)
    expect(receiptsIn(views[0]!)).toEqual([[`${alice.identity} 1 null`]])
    await client.dispose()
  })

  test('of all channels has no receipts at its start, and then those of every channel', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channels = [await furnish([alice, bob], 2), await furnish([bob, alice], 2)]
    const client = bob.connect()
    const view = record(client, ReceiptsUpdatedDocument, {})
    const isLive = () => channels.every((id) => kit.server.app.feeds.get(id)?.groups.size === 1)
    await waitFor(isLive)
    for (const channelId of channels) await read(alice, channelId, 1)
    await view.atLeast(2)
    const reports = view.items.map(
      ({ receiptsUpdated }) => `${receiptsUpdated.channelId} ${textsOf(receiptsUpdated).join()}`,
    )
    expect(reports.toSorted()).toEqual(channels.map((id) => `${id} ${alice.identity} 1 null`).toSorted())
    await client.dispose()
  })

  test('is one rendering for all who select the same', async () => {
    const users = await Promise.all(Array.from({ length: 3 }, () => kit.user()))
    const channelId = await furnish(users, 1)
    let renderings = 0
    const options = {
      key: 'receipts of all',
      wants: (type: string) => type === 'receiptsUpdated',
      render: <Line>(line: Line): Line => {
        renderings++
        return line
      },
    }
    const readers: Reader[] = []
    for (const user of users) readers.push(await Reader.open(kit.server.app, user, { channelId }, options))
    onTestFinished(() => readers.forEach((reader) => reader.close()))
    await waitFor(() => readers.every(({ lines }) => lines.length === 1))
    renderings = 0
    await read(users[1]!, channelId, 0)
    await waitFor(() => readers.every(({ lines }) => lines.length === 2))
    expect(renderings).toBe(1)
  })
})

describe('at a distance', () => {
  /** A reader of receipts, and what it has received as texts. */
  async function open(user: User, channelId: string): Promise<Reader> {
    const wants = (type: string): boolean => type === 'receiptsUpdated'
    const reader = await Reader.open(kit.server.app, user, { channelId }, { wants })
    onTestFinished(() => reader.close())
    return reader
  }

  test('P3: a subscriber that is ahead of its feed gets the receipts when the feed has come as far', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channelId = await furnish([alice, bob], 1)
    const bus = new ScriptedBus(kit.server.app.bus)
    const first = await open(alice, channelId)
    await waitFor(() => first.lines.length === 1)
    bus.hold()
    onTestFinished(() => bus.release())
    await alice.send(channelId, 'not heard of')
    const second = await open(alice, channelId)
    await waitFor(() => second.lines.length === 1)
    expect(second.lines[0]!.position.index).toBe(1)
  })

  test('P3: a subscriber that had to catch up gets all receipts again', async () => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channelId = await furnish([alice, bob], 1)
    const reader = await open(alice, channelId)
    await waitFor(() => reader.lines.length === 1)
    const groups = kit.server.app.feeds.get(channelId)!.groups.values()
    for (const group of groups) group.requestCatchUp()
    await waitFor(() => reader.lines.length === 2)
    expect(reader.texts[1]).toBe(reader.texts[0])
  })
})

test('a number of members outside its range is refused', async () => {
  for (const readReceiptsMaxMembers of [-1, 251]) {
    const input = { serviceId: kit.server.account.serviceId, readReceiptsMaxMembers }
    expect(await refusalOf(kit.backend, UpdateServiceDocument, { input })).toEqual({ code: 'BAD_USER_INPUT' })
  }
})
