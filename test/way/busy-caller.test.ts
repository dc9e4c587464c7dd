import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EventsDocument, MessageBodiesDocument } from '../../schema/generated/graphql.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import { fillChannels } from '../support/filling.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { aliases, pay, shareOf } from '../support/shares.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let alice: User
let mallory: User
let channelId: ChannelId
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  mallory = await kit.user('mallory')
  channelId = (await kit.channel([alice, mallory])).id
})
afterAll(() => kit.close())

interface Told {
  readonly messageAdded: { readonly index: number; readonly body: string }
}

/** One that nobody else has, of so many more fields. */
const ownSelection = (number: number, fields: number): TypedDocumentNode<Told, { readonly channelId: string }> =>
  parse(`subscription Own${number} ($channelId: ID) {
    messageAdded(channelId: $channelId) { index body ${aliases(fields, 'index')} }
  }`) as never

test('P11: a send is answered before twenty large queries of another user are', async () => {
  for (let at = 0; at < 100; at++) await alice.send(channelId, `${at}`)
  const page = `{ channel(id: "${channelId}") { messages(first: 100) { edges { node {
    ${aliases(60, 'index')} author { identity }
  } } } } }`
  let answered = 0
  const queries = Array.from({ length: 20 }, () => mallory.request<object, object>(page).then(() => void answered++))
  await Promise.race(queries)
  await alice.send(channelId, 'meanwhile')
  expect(answered).toBeLessThan(15)
  await Promise.all(queries)
})

test('P3 P11: selections of one member’s own come behind what the others read, and lose nothing', async () => {
  const [bob, owner] = [await kit.user('bob'), await kit.user('owner')]
  const { id } = await kit.channel([alice, owner, bob])
  const client = owner.connect()
  const own = Array.from({ length: 20 }, (_, at) => record(client, ownSelection(at, 95), { channelId: id }))
  await alice.send(id, 'to begin')
  for (const recording of own) await recording.atLeast(1)
  const reader = bob.connect()
  const common = record(reader, MessageBodiesDocument, { channelId: id })
  await alice.send(id, 'listening')
  for (const recording of [common, ...own]) await recording.atLeast(2)
  const share = await shareOf(kit, owner)
  share.add(500)
  const arrived = common.atLeast(3).then(() => own.filter(({ items }) => items.length > 2).length)
  await alice.send(id, 'a message')
  expect(await arrived).toBe(0)
  for (const recording of own) await recording.atLeast(3)
  const bodies = own.map(({ items }) => items.map(({ messageAdded }) => messageAdded.body))
  expect(bodies).toEqual(own.map(() => ['to begin', 'listening', 'a message']))
  await client.dispose()
  await reader.dispose()
})

test('P3 P11: a reader without time left receives nothing out of order, and reads what has become too much from the store', async () => {
  const { id } = await kit.channel([alice, mallory])
  const client = mallory.connect()
  const own = record(client, ownSelection(1000, 1), { channelId: id })
  await alice.send(id, '0')
  await own.atLeast(1)
  const share = await shareOf(kit, mallory)
  for (let at = 1; at <= 150; at++) {
    // However long the sends take, no time is left meanwhile.
    pay(share)
    share.add(700)
    await alice.send(id, `${at}`)
  }
  expect(kit.server.app.feeds.get(id)!.groups.size).toBe(0)
  await own.atLeast(151)
  expect(own.items.map(({ messageAdded }) => messageAdded.body)).toEqual(
    Array.from({ length: 151 }, (_, at) => `${at}`),
  )
  await alice.send(id, 'live again')
  await waitFor(() => own.items.at(-1)?.messageAdded.body === 'live again')
  await client.dispose()
})

const shared = parse(`subscription ($channelId: ID) { messageAdded(channelId: $channelId) { index body } }`) as never

test('P3 P11: who reads the same as one user that has no time left does not wait for it, and neither loses anything', async () => {
  const { id } = await kit.channel([alice, mallory])
  const clients = [mallory.connect(), alice.connect()]
  const own = record<Told, { channelId: string }>(clients[0]!, shared, { channelId: id })
  await kit.backend.send(id, '0')
  await own.atLeast(1)
  const share = await shareOf(kit, mallory)
  const spend = () => (pay(share), share.add(750))
  spend()
  await kit.backend.send(id, '1')
  const joined = record<Told, { channelId: string }>(clients[1]!, shared, { channelId: id })
  await joined.atLeast(2)
  expect(own.items).toHaveLength(1)
  spend()
  await kit.backend.send(id, '2')
  await joined.atLeast(3)
  expect(own.items).toHaveLength(1)
  await own.atLeast(3)
  await kit.backend.send(id, '3')
  for (const recording of [own, joined]) {
    await recording.atLeast(4)
    expect(recording.items.map(({ messageAdded }) => messageAdded.body)).toEqual(['0', '1', '2', '3'])
  }
  for (const client of clients) await client.dispose()
})

test('P11: while a stream catches up with a thousand channels, other operations of its user are answered', async () => {
  const user = await kit.user('kim')
  const share = await shareOf(kit, user)
  await fillChannels(kit.store.db, [user.identity], 1000)
  const client = user.connect()
  const recording = record(client, EventsDocument)
  await recording.atLeast(1)
  // The burst is used up: what is begun from now on waits.
  share.add(300)
  const body = '{ viewer { user { identity } } }'
  for (let at = 0; at < 3; at++) await user.request(body)
  // Beside other work a thousand channels take more than waiting has by default.
  await waitFor(() => (pay(share), recording.items.length >= 1001), { timeout: 40_000 })
  expect(recording.errors).toEqual([])
  await client.dispose()
}, 60_000)
