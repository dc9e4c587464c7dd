import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  EventsWithReceiptsDocument,
  HistoryDocument,
  MarkReadDocument,
  MessageBodiesDocument,
  MessageReceiptsDocument,
  SendMessageDocument,
  StartTypingDocument,
  TypingEndedDocument,
  TypingStartedDocument,
  type MessageBodiesSubscription,
} from '../../schema/generated/graphql.ts'
import { confirmed } from '../support/deliveries.ts'
import { openKit, type Kit, type Recording, type User } from '../support/kit.ts'
import { stockClients, type StockClient } from '../support/stock-clients.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

describe.each(stockClients)('with %s', (_name, open) => {
  async function pair() {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const { id: channelId } = await kit.channel([alice, bob])
    const opened = new AsyncDisposableStack()
    const openFor = (user: User): StockClient => opened.adopt(open(user, 'phone'), (client) => client.close())
    return { alice, bob, channelId, opened, openFor }
  }

  test('P4: a member that was away gets exactly what it missed, then what is sent', async () => {
    const { alice, bob, channelId, opened, openFor } = await pair()
    await using _opened = opened
    const alices = openFor(alice)
    const send = (body: string) => alices.request(SendMessageDocument, { input: { channelId, body } })
    const first = openFor(bob)
    const before = first.subscribe(MessageBodiesDocument, { channelId })
    await send('while bob is here')
    expect(bodies(before, await before.atLeast(1))).toEqual(['0 while bob is here'])
    await confirmed(kit.store, channelId, bob.identity, 0, 'phone')
    before.stop()
    await first.close()

    for (const body of ['one', 'two', 'three']) await send(body)
    const second = openFor(bob).subscribe(MessageBodiesDocument, { channelId })
    await second.atLeast(3)
    await send('bob is back')
    expect(bodies(second, await second.atLeast(4))).toEqual(['1 one', '2 two', '3 three', '4 bob is back'])
    expect(before.items).toHaveLength(1)
  })

  test('a history of 25 is read through a cursor', async () => {
    const { alice, bob, channelId, opened, openFor } = await pair()
    await using _opened = opened
    for (let index = 0; index < 25; index++) await alice.send(channelId, `message ${index}`)
    const client = openFor(bob)
    const read: string[] = []
    const pages: number[] = []
    let after: string | null | undefined
    do {
      const { channel } = await client.request(HistoryDocument, { channelId, first: 10, after: after ?? null })
      const { edges, pageInfo } = channel!.messages
      read.push(...edges.map(({ node }) => node.body))
      pages.push(edges.length)
      after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined
    } while (after != null)
    expect(read).toEqual(Array.from({ length: 25 }, (_, index) => `message ${index}`))
    expect(pages).toEqual([10, 10, 5])
  })

  test('both tabs of a user see who has read how far, from the start and as it moves', async () => {
    const { alice, bob, channelId, opened, openFor } = await pair()
    await using _opened = opened
    await alice.send(channelId, 'hello')
    const tabs = ['one', 'other'].map((deviceId) => opened.adopt(open(alice, deviceId), (client) => client.close()))
    const streams = tabs.map((tab) => tab.subscribe(EventsWithReceiptsDocument, { channelId }))
    const readBy = ({ items }: (typeof streams)[number]) =>
      items.flatMap(({ events }) =>
        events.__typename === 'ReceiptsUpdated'
          ? events.receipts.flatMap(({ member, readIndex }) => (member.identity === bob.identity ? [readIndex] : []))
          : [],
      )
    for (const stream of streams) await waitFor(() => readBy(stream).length > 0)
    await openFor(bob).request(MarkReadDocument, { input: { channelId, throughIndex: 0 } })
    for (const stream of streams) await waitFor(() => readBy(stream).includes(0))
    for (const stream of streams) {
      expect(readBy(stream)[0]).toBeNull()
      expect(stream.errors).toEqual([])
    }
    const { id: messageId } = await bob.send(channelId, 'read it')
    await tabs[0]!.request(MarkReadDocument, { input: { channelId, throughIndex: 1 } })
    const { message } = await openFor(bob).request(MessageReceiptsDocument, { messageId })
    expect(message).toMatchObject({ readCount: 1, readBy: { nodes: [{ identity: alice.identity }] } })
  })

  test('typing is seen by the others, never by the typist, and ends with the message', async () => {
    const { alice, bob, channelId, opened, openFor } = await pair()
    await using _opened = opened
    const [alices, bobs] = [openFor(alice), openFor(bob)]
    const seenByAlice = alices.subscribe(TypingStartedDocument, { channelId })
    const [seenByBob, ended, received] = [
      bobs.subscribe(TypingStartedDocument, { channelId }),
      bobs.subscribe(TypingEndedDocument, { channelId }),
      bobs.subscribe(MessageBodiesDocument, { channelId }),
    ]
    await alices.request(SendMessageDocument, { input: { channelId, body: 'all are listening' } })
    await received.atLeast(1)
    const { startTyping } = await alices.request(StartTypingDocument, { input: { channelId } })
    const [typing] = await seenByBob.atLeast(1)
    expect(typing!.typingStarted).toMatchObject({
      channel: { id: channelId },
      member: { identity: alice.identity },
    })
    // Each process counts the time from when it received it.
    const ends = [typing!.typingStarted, startTyping].map(({ expiresAt }) => Date.parse(expiresAt))
    expect(Math.abs(ends[0]! - ends[1]!)).toBeLessThan(1000)
    await alices.request(SendMessageDocument, { input: { channelId, body: 'done' } })
    const [end] = await ended.atLeast(1, 2000)
    expect(end!.typingEnded.member.identity).toBe(alice.identity)
    await bobs.request(StartTypingDocument, { input: { channelId } })
    const identities = (await seenByAlice.atLeast(1)).map(({ typingStarted }) => typingStarted.member.identity)
    expect(identities).toEqual([bob.identity])
  })
})

function bodies(
  { errors }: Recording<MessageBodiesSubscription>,
  items: readonly MessageBodiesSubscription[],
): string[] {
  expect(errors).toEqual([])
  return items.map(({ messageAdded: { index, body } }) => `${index} ${body}`)
}
