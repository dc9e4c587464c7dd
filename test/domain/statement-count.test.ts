import { afterAll, beforeAll, expect, test } from 'vitest'
import { HistoryDocument, HistoryWithAuthorsDocument, MembersDocument } from '../../schema/generated/graphql.ts'
import { isOfBackground } from '../support/engine.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { sweepByHand } from '../support/sweep.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
  // It makes everything that is remembered be read again once it has met an account.
  sweepByHand(kit.server.app)
})
afterAll(() => kit.close())

/** The statements that the work sends, once what may be kept in memory is there. */
async function statementsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  // What is in memory already could end in between.
  for (const cache of Object.values(kit.server.app.caches)) cache.clear()
  await work()
  const { statements } = kit.store
  statements.length = 0
  await work()
  // Fetching the jobs of webhooks belongs to the background.
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
