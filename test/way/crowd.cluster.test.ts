import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageBodiesDocument } from '../../schema/generated/graphql.ts'
import { openDb } from '../../src/store/engine/db.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const crowd = 60

test('P3: a crowd that comes at once is let in one after the other, and a send meanwhile does not wait behind it', async () => {
  const url = new URL(kit.store.databaseUrl!)
  await using slow = await FaultProxy.open({ host: url.hostname, port: Number(url.port) })
  const db = openDb(Object.assign(url, { host: `127.0.0.1:${slow.port}` }).href, { poolSize: 5 })
  const server = await kit.another({ DATABASE_POOL: '5' }, db)
  const alice = await kit.user('alice')
  const users = await Promise.all(Array.from({ length: crowd }, () => kit.user('bob')))
  const { id: channelId } = await kit.channel([alice, ...users])
  await alice.send(channelId, 'missed')
  const sender = alice.at(server)
  await sender.send(channelId, 'missed, too')
  // A statement takes 60 milliseconds: the crowd needs longer than a caller waits for a connection.
  slow.delay = 30
  let isIn = false
  const coming = Promise.all(
    users.map(async ({ token }) => {
      const socket = await RawSocket.open(server, { token, deviceId: 'phone' })
      const received = socket.subscribe('1', MessageBodiesDocument, { channelId })
      await waitFor(() => received().length >= 2)
      return { socket, received }
    }),
  ).finally(() => (isIn = true))
  const waits: number[] = []
  while (!isIn) {
    const began = performance.now()
    await sender.send(channelId, 'meanwhile')
    waits.push(performance.now() - began)
  }
  const all = await coming
  slow.delay = 0
  await waitFor(() => all.every(({ received }) => received().length === waits.length + 2))
  expect(all.filter(({ socket }) => socket.closed)).toEqual([])
  // The write and what it reads before: a handful of statements.
  expect(Math.max(...waits)).toBeLessThan(1500)
  expect(waits.length).toBeGreaterThan(3)
}, 60_000)
