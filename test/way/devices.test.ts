import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageBodiesDocument, ViewerDocument } from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { openKit, record, requestOver, type Kit } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let other: Server
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
})
afterAll(() => kit.close())

test('P4: a newer socket of a device closes the older with 4409, and goes on where that was', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const older = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  const onOlder = older.subscribe('1', MessageBodiesDocument, { channelId })
  await alice.send(channelId, 'one')
  await expect.poll(onOlder, { timeout: 5000 }).toHaveLength(1)

  const newer = bob.connect({ deviceId: 'phone' })
  const onNewer = record(newer, MessageBodiesDocument, { channelId })
  await waitFor(() => older.closed)
  expect(older.closed).toEqual({ code: 4409, reason: 'Device connected elsewhere' })
  await alice.send(channelId, 'two')
  await waitFor(() => onNewer.items.some(({ messageAdded }) => messageAdded.body === 'two'))
  expect(onOlder()).toHaveLength(1)
  await newer.dispose()
})

test('P4: that holds over two servers, in both directions', async () => {
  const bob = await kit.user('bob')
  const first = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  const second = await RawSocket.open(other, { token: bob.token, deviceId: 'phone' })
  await waitFor(() => first.closed)
  const third = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  await waitFor(() => second.closed)
  expect([first.closed?.code, second.closed?.code, third.closed?.code]).toEqual([4409, 4409, undefined])
  third.terminate()
})

test('P4: of many sockets that one device opens at the same moment on two servers, one stays', async () => {
  const bob = await kit.user('bob')
  // Each that answers all older ones at once, and those each other, does so 2^24 times.
  const servers = Array.from({ length: 30 }, (_, at) => (at % 5 === 0 ? other : kit.server))
  const sockets = await Promise.all(
    servers.map((server) => RawSocket.open(server, { token: bob.token, deviceId: 'phone' })),
  )
  await waitFor(() => sockets.filter(({ closed }) => closed).length >= sockets.length - 1)
  const client = bob.connect({ deviceId: 'tablet' })
  await requestOver(client, ViewerDocument)
  expect(sockets.flatMap(({ closed }) => closed?.code ?? [])).toEqual(sockets.slice(1).map(() => 4409))
  for (const socket of sockets) socket.terminate()
  await client.dispose()
})

test('other devices, other users with a device of that name, and clients without one stay', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const params = [
    { token: bob.token, deviceId: 'tablet' },
    { token: alice.token, deviceId: 'phone' },
    { token: bob.token },
    { token: bob.token },
  ]
  const staying = await Promise.all(params.map((one) => RawSocket.open(kit.server, one)))
  const older = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  const newer = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  await waitFor(() => older.closed)
  expect(staying.map(({ closed }) => closed)).toEqual(params.map(() => undefined))
  for (const socket of [...staying, newer]) socket.terminate()
})
