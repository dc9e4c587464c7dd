import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Connection } from '../../../src/graphql/socket/connection.ts'
import { Frame } from '../../../src/graphql/subscriptions/frame.ts'
import { openSocketPairs, type SocketPairs } from '../../support/socket-pair.ts'
import { waitFor } from '../../support/wait.ts'

let pairs: SocketPairs
beforeAll(async () => {
  pairs = await openSocketPairs()
})
afterAll(() => pairs.close())

async function connect() {
  const { client, webSocket, socket } = await pairs.connect()
  const received: unknown[] = []
  client.on('message', (data: Buffer) => received.push(JSON.parse(data.toString('utf8'))))
  const figures = { delivered: 0 }
  const connection = new Connection(webSocket, socket, 1 << 30, { nextPing: () => undefined }, figures)
  return { client, received, connection, figures }
}

const prefixOf = (id: string): string => `{"id":"${id}","payload":`
const frameOf = (body: string): Frame => new Frame({ data: { body } })

test('what is shared, joined and said alone comes whole and in order, whatever its length and letters', async () => {
  const { connection, received } = await connect()
  const expected: unknown[] = []
  const bodies = ['', 'short', 'grün 🦉', 'x'.repeat(60), 'x'.repeat(126), 'ü'.repeat(40_000), 'x'.repeat(70_000)]
  for (const [turn, body] of bodies.flatMap((each) => [each, each, each]).entries()) {
    const frame = frameOf(body)
    for (const id of ['one', 'two', 'another'].slice(0, 1 + (turn % 3))) {
      connection.sendShared(prefixOf(id), frame)
      expected.push({ id, payload: { data: { body } } })
    }
    if (turn % 2 === 0) {
      connection.sendText(JSON.stringify({ turn }))
      expected.push({ turn })
    }
    await nextTurn()
  }
  await waitFor(() => received.length === expected.length)
  expect(received).toEqual(expected)
})

test('what comes after closing is not written, and no ping confirms it', async () => {
  const { connection, received } = await connect()
  connection.schedulePing(2 ** 30)
  connection.sendShared(prefixOf('one'), frameOf('before'))
  await nextTurn()
  expect(connection.isUnconfirmed).toBe(true)
  connection.close({ code: 1012, reason: 'Service restart' })
  connection.sendShared(prefixOf('one'), frameOf('after'))
  await nextTurn()
  expect(connection.isUnconfirmed).toBe(false)
  await waitFor(() => received.length > 0)
  expect(received).toEqual([{ id: 'one', payload: { data: { body: 'before' } } }])
})

test('a reader that stalls gets what was written for it, not what its neighbours got from the same memory', async () => {
  const [stalled, swift] = [await connect(), await connect()]
  stalled.client.pause()
  const bodies: string[] = []
  // More than the system keeps for a socket, and so much again.
  while (stalled.connection.bufferedBytes < 4_000_000) {
    const body = `${bodies.length} ${'x'.repeat(50_000)}`
    bodies.push(body)
    const frame = frameOf(body)
    stalled.connection.sendShared(prefixOf('stalled'), frame)
    swift.connection.sendShared(prefixOf('swifter'), frame)
    await nextTurn()
  }
  stalled.client.resume()
  for (const [id, { received }] of Object.entries({ stalled, swifter: swift })) {
    await waitFor(() => received.length === bodies.length)
    expect(received).toEqual(bodies.map((body) => ({ id, payload: { data: { body } } })))
  }
})

test('what is written to a socket that has gone is nobody’s', async () => {
  const { client, connection } = await connect()
  client.terminate()
  const other = await connect()
  for (let turn = 0; turn < 20; turn++) {
    connection.sendShared(prefixOf('gone'), frameOf(`${turn}`))
    await nextTurn()
  }
  other.connection.sendText('"for the other"')
  await waitFor(() => other.received.length > 0)
  expect(other.received).toEqual(['for the other'])
})
