import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { App } from '../../src/app.ts'
import { closeCodes } from '../../src/graphql/close-codes.ts'
import { SocketSession } from '../../src/graphql/socket-session.ts'
import { waitFor } from '../support/wait.ts'

const server = createServer()
const webSockets = new WebSocketServer({ server })
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  vi.useRealTimers()
  webSockets.close()
  server.close()
  await once(server, 'close')
})

const dayMilliseconds = 86_400_000

test('a token of forty days, longer than a timer can be set to, is warned of a minute before its end and ends then', async () => {
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const received: string[] = []
  let closed: number | undefined
  client.on('message', (data: Buffer) => received.push(data.toString('utf8')))
  client.on('close', (code) => {
    closed = code
  })
  const [[webSocket, { socket }]] = (await Promise.all([once(webSockets, 'connection'), once(client, 'open')])) as [
    [WebSocket, { socket: Socket }],
    unknown,
  ]
  const session = new SocketSession({ config: { SOCKET_BUFFER_BYTES: 1 << 20 } } as never as App, webSocket, socket)
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
