import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageAddedDocument, MessageBodiesDocument, ViewerDocument } from '../../schema/generated/graphql.ts'
import { openKit, record, type Caller, type Kit } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit({ SOCKET_BUFFER_BYTES: String(64 * 1024) })
})
afterAll(() => kit.close())

const big = 'x'.repeat(30_000)

/** Sends big messages, several at a time. */
async function flood(sender: Caller, channelId: string, count: number): Promise<void> {
  const send = async (): Promise<void> => {
    while (count-- > 0) await sender.send(channelId, big)
  }
  await Promise.all(Array.from({ length: 20 }, send))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}

test('P3 P4: a reader that stalls is closed with 4410, and gets everything when it is back', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const stalled = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  const received = stalled.subscribe('1', MessageBodiesDocument, { channelId })
  await alice.send(channelId, 'here')
  await expect.poll(received, { timeout: 5000 }).toHaveLength(1)
  stalled.pause()
  // More than the network holds between the two.
  await flood(kit.backend, channelId, 600)
  stalled.resume()
  await waitFor(() => stalled.closed)
  expect(stalled.closed).toEqual({ code: 4410, reason: 'Slow reader' })
  const had = received().map(({ messageAdded }) => messageAdded.index)
  expect(had).toEqual(range(0, had.length - 1))
  expect(had.length).toBeLessThan(601)

  const back = bob.connect({ deviceId: 'phone' })
  const recording = record(back, MessageBodiesDocument, { channelId })
  await waitFor(() => recording.items.at(-1)?.messageAdded.index === 600 || recording.errors.length > 0)
  expect(recording.errors).toEqual([])
  const got = recording.items.map(({ messageAdded }) => messageAdded.index)
  expect(got[0]).toBeLessThanOrEqual(had.length)
  expect(got).toEqual(range(got[0]!, 600))
  await back.dispose()
})

test('P4: catching up in many channels at once goes at the pace of the reader and is no slow reading', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const channels: string[] = []
  for (let number = 0; number < 30; number++) channels.push((await kit.channel([alice, bob])).id)
  await Promise.all(channels.map((id) => flood(kit.backend, id, 20)))
  const socket = await RawSocket.open(kit.server, { token: bob.token, deviceId: 'phone' })
  const received = socket.subscribe('1', MessageAddedDocument, {})
  await waitFor(() => received().length > 0)
  socket.pause()
  // The server goes on writing meanwhile, until the reader makes it wait.
  for (let time = 0; time < 200; time++) await alice.request(ViewerDocument)
  socket.resume()
  await waitFor(() => received().length === 600 || socket.closed)
  expect(socket.closed).toBeUndefined()
  for (const id of channels) {
    const own = received().flatMap(({ messageAdded: { channel, index } }) => (channel.id === id ? index : []))
    expect(own).toEqual(range(0, 19))
  }
  socket.terminate()
})
