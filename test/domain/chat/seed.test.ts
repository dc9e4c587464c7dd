import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  HistoryDocument,
  MessageAddedDocument,
  SearchMessagesDocument,
  ViewerChannelsDocument,
} from '../../../schema/generated/graphql.ts'
import { channels } from '../../../src/domain/chat/seed-content.ts'
import { seedChat } from '../../../src/domain/chat/seed.ts'
import { openKit, record, User, type Kit } from '../../support/kit.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let alice: User
let bob: User
beforeAll(async () => {
  kit = await openKit()
  alice = new User(kit.server, 'alice', await seedChat(kit.server.app))
  bob = await kit.user('bob', { exactly: true })
})
afterAll(() => kit.close())

const daysAgo = (date: string): number => (Date.now() - Date.parse(date)) / 86_400_000

interface Edited {
  readonly channel: { readonly messages: { readonly nodes: readonly { index: number; wasEdited: boolean }[] } }
}

async function listOf(user: User) {
  const { viewer } = await user.request(ViewerChannelsDocument, { first: 10 })
  return viewer.channels!.edges.map(({ node }) => node)
}

test('alice and bob find channels by activity, with what each has not read', async () => {
  const list = await listOf(alice)
  expect(list.map(({ channel, unreadCount }) => [channel.friendlyName, unreadCount])).toEqual([
    ['support', 1],
    [null, 0],
    ['general', 0],
    ['design', 3],
  ])
  expect((await listOf(bob)).map(({ channel, unreadCount }) => [channel.friendlyName, unreadCount])).toEqual([
    ['support', 2],
    [null, 0],
    ['general', 0],
  ])
  expect(list[0]!.channel.lastMessage!.author?.friendlyName).toBe('Nour')
})

test('the messages are of the last two days, in order, and one can be found and one was edited', async () => {
  const { channel } = await alice.request(HistoryDocument, { channelId: 'general', last: 100 })
  const nodes = channel!.messages.edges.map(({ node }) => node)
  expect(nodes.map(({ body }) => body)).toEqual(channels[0]!.messages.map(([, , body]) => body))
  const times = nodes.map(({ createdAt }) => createdAt)
  expect(times).toEqual(times.toSorted())
  expect(daysAgo(times[0]!)).toBeCloseTo(2, 1)
  expect(daysAgo(times.at(-1)!)).toBeLessThan(0.1)
  // The search has kept the same times.
  const found = await waitFor(async () => {
    const filter = { from: times[0]!, to: times[1]! }
    const { searchMessages } = await alice.request(SearchMessagesDocument, { query: 'Lantern', filter })
    return searchMessages.edges.length > 0 && searchMessages.edges
  })
  expect(found.map(({ node }) => node.index)).toEqual([0])
  const edited = await alice.request<Edited, object>(
    '{ channel(id: "general") { messages(first: 100) { nodes { index wasEdited } } } }',
  )
  const shown = edited.channel.messages.nodes.filter(({ wasEdited }) => wasEdited).map(({ index }) => index)
  expect(shown).toEqual(channels[0]!.messages.flatMap(([, , , isEdited], index) => (isEdited ? [index] : [])))
  expect(shown.length).toBeGreaterThan(0)
})

test('a new device gets what comes, and nothing of the history', async () => {
  const client = alice.connect({ deviceId: 'new' })
  const recording = record(client, MessageAddedDocument)
  await bob.send('general', 'after the beginning')
  expect((await recording.atLeast(1)).map(({ messageAdded }) => messageAdded.body)).toEqual(['after the beginning'])
  await client.dispose()
})
