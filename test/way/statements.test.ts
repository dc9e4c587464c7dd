import { afterAll, beforeAll, expect, test } from 'vitest'
import { HistoryWithAuthorsDocument } from '../../schema/generated/graphql.ts'
import { isOfBackground } from '../support/engine.ts'
import { openKit, type Kit } from '../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

/** The statements that an operation sends, without those of the background. */
async function statementsOf(operation: () => Promise<unknown>): Promise<string[]> {
  kit.store.statements.length = 0
  await operation()
  return kit.store.statements.filter(
    (statement) => !isOfBackground(statement) && !/UPDATE deliveries|"last_seq" from/.test(statement),
  )
}

test('a message of a cached member is sent with one statement', async () => {
  const alice = await kit.user()
  const channel = await kit.channel([alice])
  await alice.send(channel.id, 'the first fills the cache')
  expect(await statementsOf(() => alice.send(channel.id, 'the second'))).toEqual([
    expect.stringContaining('INSERT INTO messages'),
  ])
})

test('a page of fifty messages with their authors and memberships is read with three statements', async () => {
  const users = await Promise.all(Array.from({ length: 5 }, () => kit.user()))
  const channel = await kit.channel(users)
  for (let number = 0; number < 50; number++) await users[number % 5]!.send(channel.id, `${number}`)
  const reader = users[0]!
  await reader.request(HistoryWithAuthorsDocument, { channelId: channel.id, first: 50 })
  let edges: readonly { readonly node: { readonly author: unknown; readonly member: unknown } }[] = []
  const statements = await statementsOf(async () => {
    const page = await reader.request(HistoryWithAuthorsDocument, { channelId: channel.id, first: 50 })
    edges = page.channel!.messages.edges
  })
  expect(edges).toHaveLength(50)
  for (const { node } of edges) expect([node.author, node.member]).not.toContain(null)
  expect(statements.length).toBeLessThanOrEqual(3)
})
