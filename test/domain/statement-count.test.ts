import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  AddReactionDocument,
  RemoveReactionDocument,
  EventsDocument,
  CreateKeywordRuleDocument,
  DeleteKeywordRuleDocument,
  HistoryDocument,
  HistoryWithAuthorsDocument,
  MarkReadDocument,
  MembersDocument,
  PresenceDocument,
  QuickSwitcherDocument,
  SearchMessagesDocument,
  UpdateServiceDocument,
  ViewerChannelsDocument,
  ViewerDocument,
  ViewerEventsDocument,
} from '../../schema/generated/graphql.ts'
import { CounterSweep } from '../../src/domain/realtime/counter-sweep.ts'
import { isOfBackground } from '../support/engine.ts'
import { fillChannels } from '../support/filling.ts'
import { openKit, record, uniqueName, type Kit } from '../support/kit.ts'
import { Reader } from '../support/reader.ts'
import { waitFor } from '../support/wait.ts'
import { webhookDeliveriesOf } from '../support/webhook-deliveries.ts'
import { openReceiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

let kit: Kit
beforeAll(async () => {
  // How many statements there are must not depend on what ends while a spec runs: the sweep makes everything that is remembered be read
  // again once it has met an account, hints of other servers on one Redis discard what is being read, and what is remembered ages.
  vi.spyOn(CounterSweep.prototype, 'run').mockResolvedValue()
  kit = await openKit({ ...webhookEnvironment, REDIS_URL: '' })
  const { accounts, apiKeys, services, roles, users, access } = kit.server.app.caches
  for (const cache of [accounts, apiKeys, services, roles, users, access]) cache.ttl = 3_600_000
})
afterAll(() => kit.close())

/** The statements that the work sends, once what may be kept in memory is there. */
async function statementsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  await work()
  const { statements } = kit.store
  statements.length = 0
  await work()
  return statements.filter((statement) => !isOfBackground(statement))
}

test('sending a message takes a cached member one statement', async () => {
  const alice = await kit.user('alice')
  const channel = await kit.channel([alice], { uniqueName: 'counted' })
  const statements = await statementsOf(() => alice.send(channel.id, 'hello'))
  expect(statements).toEqual([expect.stringContaining('INSERT INTO messages')])
})

test('sending by unique name, or again with the same clientMessageId, takes a few more', async () => {
  const alice = await kit.user('alice')
  const channel = await kit.channel([alice], { uniqueName: 'counted-by-name' })
  expect(await statementsOf(() => alice.send('counted-by-name', 'hello'))).toHaveLength(2)
  // The attempt, and a transaction that confirms what it met.
  const again = await statementsOf(() => alice.send(channel.id, 'hello', { clientMessageId: 'again' }))
  expect(again.map((statement) => statement.trim().split(/\s+/)[0])).toEqual([
    'WITH',
    'BEGIN',
    'SELECT',
    'select',
    'COMMIT',
  ])
})

test('marking as read takes a cached member one statement, however many are marked at once', async () => {
  const [alice, bob] = await Promise.all([kit.user(), kit.user()])
  const ids: string[] = []
  for (let at = 0; at < 5; at++) ids.push((await kit.channel([alice, bob])).id)
  for (const id of ids) for (const body of ['one', 'two']) await bob.send(id, body)
  let throughIndex = -1
  const one = `mutation ($channelId: ID!, $throughIndex: Int!) {
    markRead(input: { channelId: $channelId, throughIndex: $throughIndex }) { member { lastReadIndex } }
  }`
  expect(await statementsOf(() => alice.request(one, { channelId: ids[0]!, throughIndex: ++throughIndex }))).toEqual([
    expect.stringContaining('INSERT INTO user_channels'),
  ])
  const many = `mutation ($reads: [ChannelReadInput!]!) {
    markChannelsRead(input: { reads: $reads }) { results { member { lastReadIndex } error { code } } }
  }`
  const read = (count: number) =>
    statementsOf(() =>
      alice.request(many, { reads: ids.slice(0, count).map((channelId) => ({ channelId, throughIndex })) }),
    )
  expect(await read(1)).toHaveLength(2)
  // The first is written at once, and the others together.
  expect(await read(5)).toHaveLength(3)
  const totals = '{ viewer { unreadCounts { messages channels directChannels } } }'
  expect(await statementsOf(() => alice.request(totals))).toEqual([expect.stringContaining('FROM members')])
})

test('a page of 50 messages with their authors and members takes at most three statements', async () => {
  const users = await Promise.all(Array.from({ length: 10 }, () => kit.user()))
  const channel = await kit.channel(users)
  for (let at = 0; at < 50; at++) await users[at % 10]!.send(channel.id, `${at}`)
  const statements = await statementsOf(async () => {
    const read = await users[0]!.request(HistoryWithAuthorsDocument, { channelId: channel.id, first: 50 })
    const edges = read.channel!.messages.edges
    expect(edges.map(({ node }) => node.author?.identity)).toEqual(edges.map((_, at) => users[at % 10]!.identity))
    expect(new Set(edges.map(({ node }) => node.member?.id)).size).toBe(10)
  })
  expect(statements.length).toBeLessThanOrEqual(3)
})

test('what a page of 50 threads shows takes one statement for each kind, and a reply eight', async () => {
  const users = await Promise.all(Array.from({ length: 5 }, () => kit.user()))
  const channel = await kit.channel(users)
  for (let at = 0; at < 50; at++) {
    const { id } = await users[at % 5]!.send(channel.id, `${at}`)
    for (const by of users) await by.send(channel.id, 'reply', { parentId: id, quotedMessageId: id })
  }
  const count = async (fields: string, args = 'first: 50') => {
    const query = `{ channel(id: "${channel.id}") { messages(${args}) { nodes { index ${fields} } } } }`
    return (await statementsOf(() => users[0]!.request(query))).length
  }
  const none = await count('')
  expect(await count('replyCount lastReplyAt')).toBe(none + 1)
  expect(await count('repliers { identity }')).toBe(none + 2)
  expect(await count('replies(first: 3) { nodes { body } }')).toBe(none + 1)
  expect(await count('parent { replyCount } quote { message { body } }', 'first: 50, includeReplies: true')).toBe(
    none + 1,
  )
  const { id: parentId } = await users[0]!.send(channel.id, 'parent')
  const sent = await statementsOf(() => users[0]!.send(channel.id, 'reply', { parentId }))
  expect(sent.map((statement) => statement.trim().split(/\s+/)[0])).toEqual([
    'select',
    'SELECT',
    'BEGIN',
    'SELECT',
    'WITH',
    'WITH',
    'WITH',
    'COMMIT',
  ])
})

test('receipts of 50 messages take one statement, and a send takes none for them', async () => {
  const users = await Promise.all(Array.from({ length: 5 }, () => kit.user()))
  const channel = await kit.channel(users)
  for (let at = 0; at < 50; at++) await users[at % 5]!.send(channel.id, `${at}`)
  const count = async (fields: string) => {
    const query = `{ channel(id: "${channel.id}") { messages(first: 50) { nodes { index ${fields} } } } }`
    return (await statementsOf(() => users[0]!.request(query))).length
  }
  const receipts =
    'readCount deliveredCount readBy(first: 3) { totalCount nodes { id } } deliveredTo { nodes { identity } }'
  expect(await count(receipts)).toBe((await count('')) + 1)
})

test('reactions of 50 messages take one statement more, with two more for who and whether the caller has', async () => {
  const users = await Promise.all(Array.from({ length: 5 }, () => kit.user()))
  const channel = await kit.channel(users)
  const [alice] = users
  for (let at = 0; at < 50; at++) {
    const { id: messageId } = await alice!.send(channel.id, `${at}`)
    const input = { messageId, reaction: '👍' }
    await Promise.all(users.slice(at % 5).map((user) => user.request(AddReactionDocument, { input })))
  }
  const count = async (fields: string) => {
    const query = `{ channel(id: "${channel.id}") { messages(first: 50) { nodes { index ${fields} } } } }`
    return (await statementsOf(() => alice!.request(query))).length
  }
  const least = await count('')
  expect(await count('reactions { reaction count }')).toBe(least + 1)
  expect(
    await count('revision pinnedAt reactions { count viewerHasReacted users(first: 3) { nodes { identity } } }'),
  ).toBe(least + 3)
})

test('a reaction takes a cached member a look for the message and one transaction of three statements, an unchanged one of two', async () => {
  const alice = await kit.user('alice')
  const channel = await kit.channel([alice])
  const { id: messageId } = await alice.send(channel.id, 'hello')
  const input = { messageId, reaction: '👍' }
  const add = () => alice.request(AddReactionDocument, { input })
  const words = (statements: readonly string[]) => statements.map((statement) => statement.trim().split(/\s+/)[0])
  const unchanged = await statementsOf(add)
  expect(words(unchanged)).toEqual(['select', 'BEGIN', 'SELECT', 'WITH', 'COMMIT', 'SELECT'])
  const both = await statementsOf(async () => {
    await alice.request(RemoveReactionDocument, { input })
    await add()
  })
  const once = ['select', 'BEGIN', 'SELECT', 'WITH', 'WITH', 'COMMIT']
  // Without any reaction left, whether the caller has one is not asked.
  expect(words(both)).toEqual([...once, ...once, 'SELECT'])
})

test('a replay of the reactions of many messages reads nothing for each', async () => {
  const alice = await kit.user('alice')
  const readers = [await kit.user('reader'), await kit.user('reader')]
  const channel = await kit.channel([alice, ...readers])
  const ids: string[] = []
  for (let at = 0; at < 20; at++) ids.push((await alice.send(channel.id, `${at}`)).id)
  const { cursor } = await alice.send(channel.id, 'last')
  for (const messageId of ids) await alice.request(AddReactionDocument, { input: { messageId, reaction: '👍' } })
  const replay = async () => {
    // What somebody has confirmed comes to it no more.
    const client = readers.pop()!.connect()
    const recording = record(client, EventsDocument, { channelId: channel.id, after: cursor })
    await recording.atLeast(1 + ids.length)
    await client.dispose()
  }
  const statements = await statementsOf(replay)
  // The messages with what was added to them, and what has changed of both.
  expect(statements.filter((statement) => statement.includes('message_extras'))).toHaveLength(3)
  expect(statements.filter((statement) => /\breactions r?\b|FROM reactions/.test(statement))).toEqual([])
})

test('whether there is more beside a page takes one statement, where a cursor was given and it is selected', async () => {
  const alice = await kit.user('alice')
  const channel = await kit.channel([alice])
  for (let at = 0; at < 5; at++) await alice.send(channel.id, `${at}`)
  const count = async (args: string, flag: string) => {
    const query = `{ channel(id: "${channel.id}") { messages(${args}) { edges { cursor } pageInfo { ${flag} } } } }`
    const statements = await statementsOf(() => alice.request(query))
    return statements.length
  }
  const { channel: read } = await alice.request(HistoryDocument, { channelId: channel.id, first: 5 })
  const after = `first: 2, after: "${read!.messages.edges[1]!.cursor}"`
  const least = await count('first: 2', 'hasNextPage hasPreviousPage')
  expect(await count(after, 'hasNextPage')).toBe(least)
  expect(await count(after, 'hasNextPage hasPreviousPage')).toBe(least + 1)
})

test('a page of members takes the same statements however long it is', async () => {
  const users = await Promise.all(Array.from({ length: 20 }, () => kit.user()))
  const channel = await kit.channel(users)
  const counts = []
  for (const first of [1, 20]) {
    const statements = await statementsOf(() => kit.backend.request(MembersDocument, { channelId: channel.id, first }))
    counts.push(statements.length)
  }
  expect(counts[0]).toBe(counts[1])
  expect(counts[0]).toBeLessThanOrEqual(5)
})

test('a page of what is queued takes the same statements from one channel as from ten', async () => {
  const [alice, ...others] = await Promise.all(Array.from({ length: 11 }, () => kit.user()))
  const read = `{ pendingDeliveries(first: 100) { edges { node {
    channel { id lastMessage { index } }
    message { author { identity } member { id } channel { friendlyName } }
  } } } }`
  const sent: string[][] = []
  for (const part of [others.slice(0, 1), others.slice(1)]) {
    for (const other of part) await other.send((await kit.channel([alice!, other])).id, 'hello')
    const statements = await statementsOf(async () => {
      const { pendingDeliveries } = await alice!.request<
        { pendingDeliveries: { edges: { node: { message: { author: { identity: string } } } }[] } },
        object
      >(read)
      const authors = pendingDeliveries.edges.map(({ node }) => node.message.author.identity)
      expect(authors.toSorted()).toEqual(
        others
          .slice(0, authors.length)
          .map(({ identity }) => identity)
          .toSorted(),
      )
    })
    sent.push(statements.map((statement) => statement.trim().slice(0, 100)).sort())
  }
  expect(sent[1]).toEqual(sent[0])
  expect(sent[0]!.length).toBeLessThanOrEqual(4)
})

test('a list of 50 channels with counts, preferences, last messages and first members takes at most three statements', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  for (const user of [alice, bob]) await user.request(ViewerDocument)
  await fillChannels(kit.store.db, [alice.identity, bob.identity], 51)
  for (const orderBy of [undefined, { field: 'NAME', direction: 'ASC' }] as const) {
    const statements = await statementsOf(async () => {
      const { viewer } = await alice.request(ViewerChannelsDocument, { first: 50, orderBy })
      const { edges, pageInfo, totalCount } = viewer.channels!
      expect([edges.length, pageInfo.hasNextPage, totalCount]).toEqual([50, true, 51])
      for (const { node } of edges) {
        expect([node.unreadCount, node.channel.lastMessage?.body]).toEqual([1, 'hello'])
        const identities = node.channel.members.nodes.map(({ identity }) => identity)
        expect(identities.toSorted()).toEqual([alice.identity, bob.identity].toSorted())
      }
    })
    // The authors of the last messages are one more.
    expect(statements.filter((statement) => !statement.includes('AS author ('))).toHaveLength(3)
    expect(statements.length).toBeLessThanOrEqual(4)
  }
})

test('presence takes one statement, of one user and of many, and as a field of users one more than without it', async () => {
  const service = { serviceId: kit.server.account.serviceId }
  await kit.backend.request(UpdateServiceDocument, { input: { ...service, reachabilityEnabled: true } })
  const users = await Promise.all(Array.from({ length: 12 }, () => kit.user()))
  for (const user of users) await user.request(ViewerDocument)
  await kit.channel(users)
  const identities = users.map(({ identity }) => identity)
  for (const size of [1, users.length]) {
    const statements = await statementsOf(async () => {
      const { presence } = await users[0]!.request(PresenceDocument, { identities: identities.slice(0, size) })
      expect(presence).toHaveLength(size)
    })
    expect(statements).toHaveLength(1)
  }
  const count = (fields: string) =>
    statementsOf(() => users[0]!.request(`{ users(first: 12) { nodes { id ${fields} } } }`))
  expect(await count('isOnline lastSeenAt')).toHaveLength((await count('')).length + 1)
  await kit.backend.request(UpdateServiceDocument, { input: { ...service, reachabilityEnabled: false } })
  expect(await count('isOnline lastSeenAt')).toEqual(await count(''))
})

test('the quick switcher takes at most six statements, and as many for one channel as for 30', async () => {
  const [alice, bob] = [await kit.user(uniqueName('switcher')), await kit.user(uniqueName('switcher'))]
  for (const user of [alice, bob]) await user.request(ViewerDocument)
  const count = async (query: string) =>
    (await statementsOf(() => alice.request(QuickSwitcherDocument, { query }))).length
  const counts = async () => [await count('switcher'), await count('')]
  await kit.channel([alice, bob], { friendlyName: 'switcher' })
  const few = await counts()
  await fillChannels(kit.store.db, [alice.identity, bob.identity], 29)
  expect(await counts()).toEqual(few)
  expect(Math.max(...few)).toBeLessThanOrEqual(6)
})

test('neither nodes nor the total take a statement of their own', async () => {
  const alice = await kit.user()
  const { id } = await kit.channel([alice])
  await alice.send(id, 'hello')
  const count = (selection: string) =>
    statementsOf(() => alice.request(`{ channel(id: "${id}") { messages { ${selection} } members { ${selection} } } }`))
  expect(await count('totalCount nodes { id } edges { node { id } }')).toEqual(await count('edges { node { id } }'))
})

test('a send with post-events is one transaction, and any other is one statement', async () => {
  await using receiver = await openReceiver()
  const service = await hookService(kit, receiver, { preUrl: null, filters: ['ON_MESSAGE_SENT'] })
  const alice = await service.user('alice')
  const { id } = await service.channel([alice])
  /** A delivery ends in a transaction of its own. */
  const areDelivered = async (): Promise<boolean> =>
    (await webhookDeliveriesOf(kit.store.db, service.id)).every(({ status }) => status === 'delivered') &&
    (await kit.store.db.run('SELECT FROM pgboss.job_common', [])).length === 0
  await alice.send(id, 'warm')
  await waitFor(areDelivered)
  const { statements } = kit.store
  statements.length = 0
  await alice.send(id, 'counted')
  const upToCommit = statements.slice(0, statements.findIndex((one) => /^commit/i.test(one)) + 1)
  // What was sent before may be made searchable meanwhile.
  const other =
    /UPDATE pgboss|FROM webhook_lanes|database_history|unindexed|indexed_first_index|message_search|min\(due_at\)|FROM message_streams/
  expect(upToCommit.filter((one) => !other.test(one))).toEqual([
    expect.stringMatching(/^begin/i),
    expect.stringContaining('INSERT INTO messages'),
    expect.stringContaining('INSERT INTO webhook_notices'),
    expect.stringContaining('INSERT INTO pgboss.job'),
    expect.stringMatching(/^commit/i),
  ])
  await waitFor(areDelivered)
  await service.set({ enabled: false })
  expect(await statementsOf(() => alice.send(id, 'not reported'))).toEqual([
    expect.stringContaining('INSERT INTO messages'),
  ])
})

test('a search takes three statements, and one that is corrected three more, whatever the number of channels', async () => {
  const alice = await kit.user('alice')
  const search = (query: string) => statementsOf(() => alice.request(SearchMessagesDocument, { query }))
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < 3; at++) {
      const { id } = await kit.channel([alice])
      await alice.send(id, 'searched for')
    }
    await waitFor(async () => {
      const behind = await kit.store.db.run(
        `SELECT FROM members JOIN channels ON channels.id = members.channel_id
         LEFT JOIN search_positions AS position ON position.channel_id = channels.id
         WHERE members.identity = $1 AND channels.last_seq > coalesce(position.seq, 0)`,
        [alice.identity],
      )
      return behind.length === 0
    })
    expect(await search('searched ')).toHaveLength(3)
    expect(await search('"nowhere"')).toHaveLength(2)
    expect(await search('nowhere ')).toHaveLength(4)
    expect(await search('saerched ')).toHaveLength(6)
  }
})

test('a service whose last keyword rule was deleted sends with one statement again', async () => {
  const service = await hookService(kit, { url: '' })
  const { id: channelId } = await service.channel()
  const { createKeywordRule } = await kit.backend.request(CreateKeywordRuleDocument, {
    input: { serviceId: service.id, name: 'a rule', words: ['darn'], action: 'FLAG' },
  })
  await kit.backend.request(DeleteKeywordRuleDocument, {
    input: { serviceId: service.id, keywordRuleId: createKeywordRule.keywordRule.id },
  })
  expect(await statementsOf(() => kit.backend.send(channelId, 'darn'))).toEqual([
    expect.stringContaining('INSERT INTO messages'),
  ])
})

test('the membership that a read has changed is read once for all tabs of one process', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  for (let at = 0; at < 8; at++) await bob.send(channelId, `${at}`)
  const client = alice.connect()
  const tabs = [record(client, ViewerEventsDocument)]
  let through = -1
  const readOn = () =>
    statementsOf(async () => {
      await alice.request(MarkReadDocument, { input: { channelId, throughIndex: ++through } })
      for (const tab of tabs) {
        await waitFor(() => tab.items.some((item) => JSON.stringify(item).includes(`"lastReadIndex":${through},`)))
      }
    })
  await tabs[0]!.atLeast(1)
  const ownMembers = (statements: readonly string[]) => statements.filter((text) => /AS asked \(id\)/.test(text))
  expect(ownMembers(await readOn())).toHaveLength(1)
  tabs.push(record(client, ViewerEventsDocument))
  await tabs[1]!.atLeast(1)
  expect(ownMembers(await readOn())).toHaveLength(1)
  await client.dispose()
})

test('a client that comes back takes three statements where it has missed messages alone, and all other changes are read where there may be any', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const first = await bob.send(channelId, 'first')
  const live = await Reader.open(kit.server.app, bob, { channelId })
  await live.isLive(channelId)
  let missed = 0
  const comeBack = async (meanwhile: () => Promise<unknown>) => {
    const statements = await statementsOf(async () => {
      const { cursor: after } = await bob.send(channelId, `seen ${++missed}`)
      const before = kit.store.statements.length
      await bob.send(channelId, `missed ${missed}`)
      await meanwhile()
      kit.store.statements.length = before
      const reader = await Reader.open(kit.server.app, alice, { channelId, after }, { deviceId: 'phone' })
      await waitFor(() => reader.texts.some((text) => text.endsWith(` missed ${missed}`)))
      await reader.isLive(channelId)
      reader.close()
    })
    return statements.filter((statement) => !/INSERT INTO messages/.test(statement))
  }
  expect(await comeBack(async () => {})).toHaveLength(3)
  const reply = () => bob.send(channelId, 'reply', { parentId: first.id })
  // The message that it answers, and four kinds of changes.
  expect(await comeBack(reply)).toHaveLength(8)
  live.close()
})
