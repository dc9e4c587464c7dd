import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FaultProxy } from './fault-proxy.ts'
import { waitFor } from './wait.ts'

/** Answers with what it is sent. */
let server: Server
let accepted: Socket[]
let proxy: FaultProxy
const clients: Client[] = []
beforeEach(async () => {
  accepted = []
  server = createServer((socket) => {
    accepted.push(socket.on('error', () => {}))
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy = await FaultProxy.open({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
})
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy()
  await proxy[Symbol.asyncDispose]()
  for (const socket of accepted) socket.destroy()
  server.close()
})

class Client {
  readonly socket = connect(proxy.port, '127.0.0.1')
  received = ''
  error: string | undefined
  hasEnded = false

  constructor() {
    clients.push(this)
    this.socket.on('data', (chunk: Buffer) => (this.received += chunk.toString()))
    this.socket.on('error', (error) => (this.error = (error as NodeJS.ErrnoException).code))
    this.socket.on('end', () => (this.hasEnded = true))
  }

  async says(text: string): Promise<void> {
    this.socket.write(text)
    await waitFor(() => this.received.endsWith(text))
  }
}

async function connected(): Promise<Client> {
  const client = new Client()
  await client.says('hello')
  return client
}

test('it forwards, and ends with what it stands between', async () => {
  const client = await connected()
  client.socket.end()
  await waitFor(() => accepted[0]!.readableEnded)
  await waitFor(() => proxy.links.length === 0)
  expect(client.error).toBeUndefined()
})

test('cut is an end and reset is an error, on both sides', async () => {
  const [cut, reset] = [await connected(), await connected()]
  proxy.links[0]!.cut()
  await waitFor(() => cut.hasEnded && accepted[0]!.readableEnded)
  expect(cut.error).toBeUndefined()
  const failed = once(accepted[1]!, 'error')
  proxy.links[0]!.reset()
  await waitFor(() => reset.error === 'ECONNRESET')
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
})

test('what is swallowed arrives after the healing, or never; connections stay open meanwhile', async () => {
  const [late, never] = [await connected(), await connected()]
  for (const link of proxy.links) link.swallow()
  late.socket.write('late')
  never.socket.write('never')
  // Others go on.
  await connected()
  proxy.links[0]!.release()
  await waitFor(() => late.received === 'hellolate')
  await proxy.heal({ isLost: true })
  await connected()
  expect(never.received).toBe('hello')
  expect([never.hasEnded, never.error]).toEqual([false, undefined])
})

test('the next to send what is waited for is swallowed with it', async () => {
  const [one, other] = [await connected(), await connected()]
  const swallowed = proxy.swallowAt(/commit/i)
  await one.says('begin')
  one.socket.write('COMMIT')
  expect(await swallowed).toBe(proxy.links[0])
  await other.says('commit')
  expect(one.received).toBe('hellobegin')
})

test('new connections are closed, swallowed or refused, and old ones go on', async () => {
  const old = await connected()
  proxy.welcome('close')
  await waitFor(() => new Client().hasEnded || clients.some(({ hasEnded }) => hasEnded))
  proxy.welcome('swallow')
  const swallowed = new Client()
  await once(swallowed.socket, 'connect')
  await proxy.refuse()
  const refused = new Client()
  await waitFor(() => refused.error === 'ECONNREFUSED')
  await old.says(' again')
  expect(accepted).toHaveLength(1)
  await proxy.heal()
  await connected()
})

test('an answer is broken off after so many bytes', async () => {
  proxy.resetAfter(() => 8)
  const client = await connected()
  client.socket.write(' world')
  await waitFor(() => client.error === 'ECONNRESET')
  expect('hello wo'.startsWith(client.received)).toBe(true)
})

test('everything can be slow, each way', async () => {
  const client = await connected()
  proxy.delay = 50
  const started = performance.now()
  await client.says(' again')
  expect(performance.now() - started).toBeGreaterThan(99)
  proxy.delay = 0
  proxy.bytesPerSecond = 1000
  const again = performance.now()
  await client.says('x'.repeat(100))
  expect(performance.now() - again).toBeGreaterThan(199)
})
