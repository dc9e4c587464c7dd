import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { App } from '../../../src/domain/app.ts'
import { closeCodes } from '../../../src/graphql/socket/close-codes.ts'
import { SocketSession } from '../../../src/graphql/socket/socket-session.ts'
import { openSocketPairs, type SocketPairs } from '../../support/socket-pair.ts'
import { waitFor } from '../../support/wait.ts'

let pairs: SocketPairs
beforeAll(async () => {
  pairs = await openSocketPairs()
})
afterAll(async () => {
  vi.useRealTimers()
  await pairs.close()
})

const dayMilliseconds = 86_400_000

test('a token of forty days, longer than a timer can be set to, is warned of a minute before its end and ends then', async () => {
  const { client, webSocket, socket } = await pairs.connect()
  const received: string[] = []
  let closed: number | undefined
  client.on('message', (data: Buffer) => received.push(data.toString('utf8')))
  client.on('close', (code) => {
    closed = code
  })
  const session = new SocketSession(
    { config: { SOCKET_BUFFER_BYTES: 1 << 20 }, clock: { now: () => Date.now() } } as never as App,
    webSocket,
    socket,
    { delivered: 0 },
  )
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  const expiresAt = Date.now() + 40 * dayMilliseconds + 123
  session.renew({ kind: 'user', expiresAt } as never)
  vi.advanceTimersByTime(40 * dayMilliseconds - 60_000 + 122)
  const isQuiet = received.length === 0 && webSocket.readyState === WebSocket.OPEN
  vi.advanceTimersByTime(1)
  const warning = { type: 'ping', payload: { tokenExpiresAt: new Date(expiresAt).toISOString() } }
  vi.advanceTimersByTime(59_999)
  const isOpen = webSocket.readyState === WebSocket.OPEN
  vi.advanceTimersByTime(1)
  vi.useRealTimers()
  await waitFor(() => closed !== undefined)
  expect({ isQuiet, isOpen, received: received.map((text) => JSON.parse(text) as unknown), closed }).toEqual({
    isQuiet: true,
    isOpen: true,
    received: [warning],
    closed: closeCodes.expired.code,
  })
})
