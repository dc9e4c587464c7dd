import { afterAll, beforeAll, expect, test } from 'vitest'
import { FaultProxy } from '../../test/support/fault-proxy.ts'
import { fillChannel, fillChannels } from '../../test/support/filling.ts'
import { openKit, type Kit, type User } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import type { Client, ClientOptions } from '../src/index.ts'
import { bodiesOf, live, open } from './support/clients.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const of = ({ identity, token }: User): ClientOptions => ({ url: kit.server.url, identity, token: () => token })

const channelOf = ({ getSnapshot }: Client, id: string) => getSnapshot().channels.get(id)!

test('clients that go on from positions of their own share what is rendered of an event', async () => {
  const users = await Promise.all(Array.from({ length: 20 }, () => kit.user('reader')))
  const { id } = await kit.channel(users)
  await using stack = new AsyncDisposableStack()
  const clients = users.map((user) => stack.use(open(of(user))))
  await live(...clients)
  for (const client of clients.slice(0, 10)) client.disconnect()
  await kit.backend.send(id, 'one')
  for (const client of clients.slice(0, 10)) client.connect()
  await live(...clients)
  await waitFor(() => clients.every((client) => bodiesOf(client, id).length === 1), { timeout: 30_000 })
  const groups = (): number[] =>
    [...(kit.server.app.feeds.get(id)?.groups.values() ?? [])].map(({ subscribers }) => subscribers.size)
  await waitFor(() => groups().join() === '20')
  expect(groups()).toEqual([20])
}, 120_000)

test('a channel that is far behind begins at its newest message, and is read again where it was shown', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using proxy = await FaultProxy.open({ host: '127.0.0.1', port: Number(new URL(kit.server.url).port) })
  await using client = open({ ...of(bob), url: `http://127.0.0.1:${proxy.port}` })
  await live(client)
  const list = client.channel(id).messageList()
  await list.loadNewest()
  client.disconnect()
  await fillChannel(kit.store.db, id, 1000)
  await alice.send(id, 'newest')
  client.connect()
  await live(client)
  await waitFor(() => bodiesOf(client, id).at(-1) === 'newest')
  await waitFor(() => channelOf(client, id).intervals.at(-1)?.[1] === 1000)
  expect(channelOf(client, id).messages.length).toBeLessThan(100)
  expect(channelOf(client, id)).toMatchObject({ head: 1000 })
  await alice.send(id, 'then')
  await waitFor(() => bodiesOf(client, id).at(-1) === 'then')
  // Without a hole to what was read.
  expect(channelOf(client, id).intervals).toHaveLength(1)
}, 60_000)

test('a channel that is joined meanwhile begins with what is said from then on', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  await using client = open(of(bob))
  await live(client)
  const { id } = await kit.channel([alice, bob])
  await alice.send(id, 'one')
  await alice.send(id, 'two')
  await waitFor(() => client.getSnapshot().channels.get(id)?.position != null && bodiesOf(client, id).at(-1) === 'two')
  client.disconnect()
  await alice.send(id, 'three')
  client.connect()
  await waitFor(() => bodiesOf(client, id).at(-1) === 'three')
  expect(bodiesOf(client, id).slice(-2)).toEqual(['two', 'three'])
})

test('a channel beyond the list comes up with what is said in it', async () => {
  const bob = await kit.user('bob')
  // Makes the user.
  await using first = open(of(bob))
  await live(first)
  await first.close()
  const ids = await fillChannels(kit.store.db, [bob.identity], 1000)
  await using client = open(of(bob))
  await waitFor(() => client.getSnapshot().connection.status === 'live', { timeout: 60_000 })
  expect(client.getSnapshot().channels.size).toBe(200)
  const unlisted = ids[500]!
  await kit.backend.send(unlisted, 'here')
  await waitFor(() => bodiesOf(client, unlisted).at(-1) === 'here', { timeout: 60_000 })
}, 180_000)
