import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { FaultProxy } from '../../src/testing/fault-proxy.ts'

/** A server that answers what it hears, behind a proxy. */
async function openEcho() {
  const stack = new AsyncDisposableStack()
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(() => void server.close())
  const proxy = stack.use(await FaultProxy.open(() => (server.address() as AddressInfo).port))
  const open = (): Socket & { heard: string } => {
    const socket = Object.assign(connect(proxy.port, '127.0.0.1'), { heard: '' })
    socket.on('error', () => {}).setEncoding('utf8')
    stack.defer(() => void socket.destroy())
    return socket.on('data', (text: string) => void (socket.heard += text))
  }
  return { proxy, open, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** An answer to what was sent has come back. */
const echoes = async (socket: Socket & { heard: string }, text: string): Promise<void> => {
  socket.write(text)
  await waitFor(() => socket.heard.endsWith(text))
}

test('offline resets what is open and what is new, until online; the port stays', async () => {
  await using echo = await openEcho()
  const socket = echo.open()
  await echoes(socket, 'one')
  const { port } = echo.proxy
  echo.proxy.offline()
  await waitFor(() => socket.closed)
  const refused = echo.open()
  await waitFor(() => refused.closed)
  echo.proxy.online()
  await echoes(echo.open(), 'two')
  expect(echo.proxy.port).toBe(port)
  expect(echo.proxy.connectionsCount).toBe(3)
})

test('what is stalled arrives once it is online again, on new connections too', async () => {
  await using echo = await openEcho()
  const socket = echo.open()
  await echoes(socket, 'one')
  echo.proxy.stalled()
  const other = echo.open()
  socket.write('two')
  other.write('three')
  await waitFor(() => echo.proxy.openCount === 2)
  expect([socket.heard, other.heard]).toEqual(['one', ''])
  echo.proxy.online()
  await waitFor(() => socket.heard === 'onetwo' && other.heard === 'three')
})

test('a connection that was lost stays silent, and a new one works', async () => {
  await using echo = await openEcho()
  const lost = echo.open()
  await echoes(lost, 'one')
  echo.proxy.lost()
  lost.write('two')
  await echoes(echo.open(), 'three')
  echo.proxy.online()
  await echoes(echo.open(), 'four')
  expect(lost).toMatchObject({ heard: 'one', closed: false })
})

test('a slow network takes its time, each way', async () => {
  await using echo = await openEcho()
  const socket = echo.open()
  await echoes(socket, 'one')
  echo.proxy.slow({ delayMs: 50, bytesPerSecond: 100 })
  const started = performance.now()
  await echoes(socket, 'twelve bytes')
  // Timers are late at times, and by their rounding a millisecond early.
  expect(performance.now() - started).toBeGreaterThan(2 * (50 + 120) - 5)
  echo.proxy.online()
  await echoes(socket, 'four')
})
