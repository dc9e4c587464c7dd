import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { nativeEnv, createClient } from '../client/src/native.ts'
import { MessageBodiesDocument, TypingStartedDocument } from '../schema/generated/graphql.ts'
import type { UserId } from '../src/model/sid.ts'
import { subscribeOverEvents } from './support/event-stream.ts'
import { FaultProxy } from './support/fault-proxy.ts'
import { openKit, type Kit, type User } from './support/kit.ts'
import { RawSocket } from './support/raw-socket.ts'
import { spawnServer, type ServerBinary } from './support/server-binary.ts'
import { stockClients } from './support/stock-clients.ts'
import { openTcpProxy } from './support/tcp-proxy.ts'
import { waitFor } from './support/wait.ts'
import { openReceiver } from './support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from './support/webhooks.ts'

// Every test stops a process.
vi.setConfig({ testTimeout: 60_000 })

let kit: Kit
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
})
afterAll(() => kit.close())

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

const sockets = 24

/** Another process of the kit's server. */
async function spawnOther(settings: Record<string, string> = {}): Promise<{ other: ServerBinary; url: string }> {
  const { databaseUrl, redisUrl } = kit.store
  const own = { DATABASE_URL: databaseUrl!, REDIS_URL: redisUrl!, SECRET_KEY: 'ab'.repeat(32), LOG_LEVEL: 'info' }
  const other = stack.use(await spawnServer({ ...own, ...webhookEnvironment, ...settings }))
  const { url } = await other.ready()
  return { other, url }
}

const isReady = async (url: string): Promise<boolean> => (await fetch(`${url}/readyz`)).status === 200

/** Sends one after the other on connections that are kept alive, until it is stopped. Any answer but a message is an error. */
function startSender(url: string, { authorization }: User, channelId: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  stack.defer(() => agent.destroy())
  const sent: string[] = []
  const errors: unknown[] = []
  let isStopped = false
  const post = (payload: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization }
      const asking = request(`${url}/graphql`, { agent, method: 'POST', headers }, (response) => {
        text(response).then(resolve, reject)
      })
      asking.on('error', reject).end(payload)
    })
  const query = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { body } } }'
  const sending = (async () => {
    for (let number = 0; !isStopped; number++) {
      const body = `message ${number}`
      try {
        const answer = await post(JSON.stringify({ query, variables: { input: { channelId, body } } }))
        if (answer !== JSON.stringify({ data: { sendMessage: { message: { body } } } })) errors.push(answer)
        sent.push(body)
      } catch (error) {
        errors.push(error)
      }
    }
  })()
  const stop = async (): Promise<readonly string[]> => {
    isStopped = true
    await sending
    return sent
  }
  stack.defer(() => void stop())
  return { sent, errors, stop }
}

/** A request whose last byte comes when it is told to. */
function beginRequest(url: string, { authorization }: User) {
  const body = JSON.stringify({ query: '{ viewer { kind } }' })
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
  stack.defer(() => void socket.destroy())
  const headers = `Host: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json`
  socket.write(`POST /graphql HTTP/1.1\r\n${headers}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`)
  return async (): Promise<string> => {
    socket.write(body.slice(-1))
    return text(socket)
  }
}

test('a stop under load is not ready first, accepts for a while, then sends its sockets elsewhere one by one, and loses nothing', async () => {
  const { other, url } = await spawnOther({ DRAIN_DELAY: '2' })
  const front = stack.use(await FaultProxy.open({ host: '127.0.0.1', port: Number(new URL(url).port) }))
  const at = { url: `http://127.0.0.1:${front.port}` }
  const receiver = stack.use(await openReceiver())
  const [alice, bob, carol, dora] = [
    await kit.user('alice'),
    await kit.user('bob'),
    await kit.user('carol'),
    await kit.user('dora'),
  ]
  const { id: channelId } = await kit.channel([alice, bob, carol, dora])

  const stock = stockClients.map(([library, open], number) => {
    const client = open([bob, carol, dora][number % 3]!.at(at), `${library} phone`)
    stack.defer(() => client.close().catch(() => {}))
    return [library, client.subscribe(MessageBodiesDocument, { channelId })] as const
  })
  const env = nativeEnv({
    WebSocket,
    isActive: () => true,
    onActive: () => () => {},
    isOnline: () => true,
    onOnline: () => () => {},
  })
  const own = createClient({ url: at.url, identity: bob.identity, token: () => bob.token, env })
  stack.defer(() => own.close())
  await waitFor(() => own.getSnapshot().connection.status === 'live')
  const events = await subscribeOverEvents(bob.at(at), TypingStartedDocument, { channelId })
  // They do not come back.
  const users = await Promise.all(Array.from({ length: sockets }, () => kit.user('raw')))
  const raw = await Promise.all(users.map(({ token }) => RawSocket.open({ url }, { token })))
  const closedAt = new Map<RawSocket, number>()
  const watching = setInterval(() => {
    for (const socket of raw) if (socket.closed && !closedAt.has(socket)) closedAt.set(socket, performance.now())
  }, 5)
  stack.defer(() => clearInterval(watching))
  // A delivery that its receiver does not answer, sent by the process that stops.
  const hooked = await hookService(kit, receiver, { preUrl: null })
  const hookedUser = await hooked.user()
  const hookedChannel = await hooked.channel([hookedUser])
  receiver.answer = () => {}
  await hookedUser.at({ url }).send(hookedChannel.id, 'notified twice')
  await receiver.atLeast(1)
  const [, reading] = stock[0]!
  const sender = startSender(at.url, alice, channelId)
  await waitFor(() => reading.items.length > 20)

  const finish = beginRequest(url, alice)
  const stoppedAt = performance.now()
  other.kill('SIGTERM')
  await waitFor(async () => !(await isReady(url)), { interval: 5 })
  front.redirect(Number(new URL(kit.server.url).port))
  expect(raw.filter(({ closed }) => closed)).toEqual([])
  expect((await fetch(`${url}/healthz`)).headers.get('connection')).toBe('close')
  const late = await RawSocket.open({ url }, { token: alice.token })
  await waitFor(() => closedAt.size > 0, { interval: 5 })
  expect(performance.now() - stoppedAt).toBeGreaterThan(1950)
  receiver.answer = (_received, response) => response.end()
  // On a connection that was there before: new ones are not accepted.
  expect(await finish()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close\r\n[\s\S]*"kind":"USER"/i)
  expect(await other.exited()).toBe(0)
  const exitedAt = performance.now()
  expect(exitedAt - stoppedAt).toBeLessThan(9500)
  expect(other.output()).toContain('"msg":"stopped"')
  expect(other.output()).not.toContain('not done in time')

  const times = [...closedAt.values()].toSorted((one, another) => one - another)
  expect(times).toHaveLength(sockets)
  expect([...raw, late].map(({ closed }) => closed?.code)).toEqual([...raw, late].map(() => 1012))
  // A sixth of them in each half second; a busy machine sees some together.
  const crowd = Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 500).length))
  expect(crowd).toBeLessThan((sockets * 2) / 3)
  expect(events.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  for (const { userId } of await kit.store.db.run<{ userId: string }>(
    'SELECT id AS "userId" FROM users WHERE identity = ANY($1)',
    [`{${users.map(({ identity }) => identity).join(',')}}`],
  )) {
    expect(await kit.server.app.presence.isOnline(userId as UserId)).toBe(false)
  }
  // The other process makes the attempt again, before the job of one that dies would expire.
  await receiver.atLeast(2)
  expect(performance.now() - exitedAt).toBeLessThan(10_000)
  const sent = await sender.stop()
  expect(sender.errors).toEqual([])
  for (const [library, received] of stock) {
    await waitFor(() => received.items.length >= sent.length).catch(() => {})
    expect([library, received.items.map(({ messageAdded }) => messageAdded.body)]).toEqual([library, sent])
  }
})

test('whatever hangs, closing takes four seconds at most, and the log says what was not done', async () => {
  const [databaseUrl, redisUrl] = [new URL(kit.store.databaseUrl!), new URL(kit.store.redisUrl!)]
  const toPostgres = stack.use(await openTcpProxy({ host: databaseUrl.hostname, port: Number(databaseUrl.port) }))
  const toRedis = stack.use(await openTcpProxy({ host: redisUrl.hostname, port: Number(redisUrl.port) }))
  const { other, url } = await spawnOther({
    DATABASE_URL: Object.assign(databaseUrl, { host: `127.0.0.1:${toPostgres.port}` }).href,
    REDIS_URL: Object.assign(redisUrl, { host: `127.0.0.1:${toRedis.port}` }).href,
    DRAIN_DELAY: '0',
    DRAIN_SECONDS: '1',
  })
  const users = await Promise.all(Array.from({ length: 4 }, () => kit.user('bob')))
  const { id: channelId } = await kit.channel(users)
  const readers = await Promise.all(users.map(({ token }) => RawSocket.open({ url }, { token, deviceId: 'phone' })))
  for (const reader of readers) reader.subscribe('1', MessageBodiesDocument, { channelId })
  await users[0]!.at({ url }).send(channelId, 'before')
  await waitFor(() => readers.every(({ messages }) => messages.some(({ type }) => type === 'next')))
  toPostgres.stall()
  toRedis.stall()
  const sends = users.map((user) =>
    user
      .at({ url })
      .send(channelId, 'unknown')
      .catch(() => {}),
  )
  const began = performance.now()
  other.kill('SIGTERM')
  expect(await other.exited()).toBe(0)
  expect(performance.now() - began).toBeLessThan(5500)
  await Promise.all(sends)
  expect(other.output()).toMatch(/"step":"confirmed positions".*not done in time/)
  expect(readers.map(({ closed }) => closed?.code)).toEqual(readers.map(() => 1012))
})
