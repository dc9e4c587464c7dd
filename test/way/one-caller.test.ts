import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageBodiesDocument } from '../../schema/generated/graphql.ts'
import type { UserActor } from '../../src/model/actor.ts'
import { limits } from '../../src/model/limits.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let alice: User
let mallory: User
let channelId: string
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

const aliases = (count: number, field: string): string =>
  Array.from({ length: count }, (_, at) => `a${at}: ${field}`).join(' ')

/** One that nobody else has, of so many more fields. */
const ownSelection = (number: number, fields: number): TypedDocumentNode<Told, { readonly channelId: string }> =>
  parse(`subscription Own${number} ($channelId: ID) {
    messageAdded(channelId: $channelId) { index body ${aliases(fields, 'index')} }
  }`) as never

const shareOf = async (user: User) => {
  const { viewer } = await user.request<{ viewer: { user: { id: string } } }, object>('{ viewer { user { id } } }')
  return kit.server.app.shares.of({ kind: 'user', userId: viewer.user.id } as UserActor)!
}

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

test('P3 P11: a hundred selections of one member’s own come behind what the others read, and lose nothing', async () => {
  const bob = await kit.user('bob')
  const { id } = await kit.channel([alice, mallory, bob])
  const client = mallory.connect()
  const own = Array.from({ length: 100 }, (_, at) => record(client, ownSelection(at, 95), { channelId: id }))
  await alice.send(id, 'to begin')
  for (const recording of own) await recording.atLeast(1)
  const reader = bob.connect()
  const common = record(reader, MessageBodiesDocument, { channelId: id })
  await alice.send(id, 'listening')
  await common.atLeast(2)
  for (const recording of own) await recording.atLeast(2)
  const before = common.items.length
  let malloryHad = -1
  const arrived = waitFor(() => common.items.length > before, { interval: 0 }).then(() => {
    malloryHad = own.filter(({ items }) => items.length > 2).length
  })
  await alice.send(id, 'a message')
  await arrived
  expect(malloryHad).toBeLessThan(100)
  for (const recording of own) await recording.atLeast(3)
  const bodies = own.map(({ items }) => items.map(({ messageAdded }) => messageAdded.body))
  expect(bodies).toEqual(own.map(() => ['to begin', 'listening', 'a message']))
  await client.dispose()
  await reader.dispose()
})

test('P3 P11: who has no time left is not told out of order, and reads what has become too much from the store', async () => {
  const { id } = await kit.channel([alice, mallory])
  const client = mallory.connect()
  const own = record(client, ownSelection(1000, 1), { channelId: id })
  await alice.send(id, '0')
  await own.atLeast(1)
  const share = await shareOf(mallory)
  share.add(900)
  for (let at = 1; at <= 150; at++) await alice.send(id, `${at}`)
  await waitFor(() => kit.server.app.feeds.get(id)!.groups.size === 0)
  await own.atLeast(151)
  expect(own.items.map(({ messageAdded }) => messageAdded.body)).toEqual(
    Array.from({ length: 151 }, (_, at) => `${at}`),
  )
  await alice.send(id, 'live again')
  await waitFor(() => own.items.at(-1)?.messageAdded.body === 'live again')
  await client.dispose()
})

test('P11: what open subscriptions select has a bound for a user, over all of its connections, until they end', async () => {
  const user = await kit.user('carol')
  const { id } = await kit.channel([user])
  const costly = parse(
    `subscription ($channelId: ID) { messageAdded(channelId: $channelId) { channel { members(first: 100) { edges { node {
      ${aliases(60, 'identity')}
    } } } } } }`,
  ) as typeof MessageBodiesDocument
  const [one, other] = [user.connect(), user.connect()]
  const [first] = [one, one, other].map((client) => record(client, costly, { channelId: id }))
  const share = await shareOf(user)
  const isFull = () => {
    try {
      share.openSubscription(6000).end()
      return false
    } catch {
      return true
    }
  }
  await waitFor(isFull)
  const beyond = record(other, costly, { channelId: id })
  await beyond.ended()
  expect(beyond.errors.flat()).toMatchObject([{ extensions: { code: 'RATE_LIMITED', chatCode: 51001 } }])
  const response = await fetch(`${kit.server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: user.authorization },
    body: JSON.stringify({ query: costly.loc!.source.body, variables: { channelId: id } }),
  })
  expect(await response.text()).toContain('RATE_LIMITED')
  first!.stop()
  await waitFor(() => !isFull())
  const small = record(one, MessageBodiesDocument, { channelId: id })
  const again = record(other, costly, { channelId: id })
  await kit.backend.send(id, 'to all')
  await again.atLeast(1)
  await small.atLeast(1)
  for (const client of [one, other]) await client.dispose()
  await waitFor(() => share.isIdle)
})

test('P11: the socket beyond twenty of a user is refused; one of a device that is here takes over', async () => {
  const user = await kit.user('dave')
  const { token } = user
  const params = (at: number) => ({ token, deviceId: `device ${at}` })
  const sockets = await Promise.all(
    Array.from({ length: limits.userSockets }, (_, at) => RawSocket.open(kit.server, params(at))),
  )
  const refused = await RawSocket.openRefused(kit.server, { token })
  expect(refused).toEqual({ code: 4412, reason: 'Too many connections' })
  const newer = await RawSocket.open(kit.server, params(3))
  await waitFor(() => sockets[3]!.closed !== undefined)
  expect(sockets[3]!.closed?.code).toBe(4409)
  expect(newer.closed).toBe(undefined)
  for (const socket of [...sockets, newer]) socket.terminate()
  await waitFor(async () => (await shareOf(user)).isIdle)
})
