import { expect, test } from 'vitest'
import type { ChatError } from '../../src/errors.ts'
import type { Document } from '../../src/graphql/document.ts'
import { Link, type LinkOptions } from '../../src/link/link.ts'
import { Log } from '../../src/log.ts'
import { acknowledgement, ScriptedEnv, settle } from '../support/scripted.ts'

const query = '{ viewer { id } }' as Document<{ readonly viewer: { readonly id: string } }, object>

function start(options: Partial<LinkOptions> = {}) {
  const env = new ScriptedEnv()
  const heard: string[] = []
  const link = new Link({
    url: 'ws://127.0.0.1/graphql',
    env,
    log: new Log(env.clock.now),
    token: () => 'token',
    deviceId: () => 'device',
    accept: () => undefined,
    clockAhead: () => 0,
    onOpen: () => heard.push('open'),
    onOffline: (retryAt) => heard.push(`offline ${retryAt === null ? 'for good' : retryAt - env.clock.now()}`),
    onRefused: (reason, message) => heard.push(`refused ${reason}: ${message}`),
    onReplaced: () => heard.push('replaced'),
    settled: async () => {},
    ...options,
  })
  link.connect()
  return { env, link, heard }
}

/** Until the server has accepted the connection. */
async function open(options: Partial<LinkOptions> = {}) {
  const started = start(options)
  await settle()
  started.env.socket.onopen!()
  started.env.socket.receive({ type: 'connection_ack', payload: acknowledgement })
  expect(started.heard).toEqual(['open'])
  return started
}

test('a logger that throws disturbs nothing, and what it throws is kept', async () => {
  const log = new Log(
    () => 0,
    () => {
      throw new Error('its own')
    },
  )
  const { env, link, heard } = await open({ log })
  env.socket.onclose!({ code: 1006, reason: '' })
  expect(heard[1]).toMatch(/^offline/)
  link.close()
  const messages = log.entries().map(({ message }) => message)
  expect(messages).toContain('the logger has thrown')
  expect(messages.some((message) => message !== 'the logger has thrown')).toBe(true)
})

test.each([
  'not JSON',
  'null',
  '[]',
  '{}',
  { type: 'hello' },
  { type: 'connection_ack' },
  { type: 'connection_ack', payload: { ...acknowledgement, expiresAt: 1 } },
  { type: 'next', payload: { data: {} } },
  { type: 'next', id: '1', payload: null },
  { type: 'error', id: '1', payload: 'no list' },
  { type: 'complete' },
  // Acknowledges a second time.
  { type: 'connection_ack', payload: acknowledgement },
])('a frame that is not of the protocol ends the connection for good: %j', async (frame) => {
  const { env, link, heard } = await open()
  const asking = link.request(query, {})
  const { socket } = env
  socket.receive(frame)
  expect(heard[1]).toMatch(/^refused protocol/)
  expect(socket.isClosed).toBe(true)
  await expect(asking).rejects.toMatchObject({ code: 'OFFLINE' })
  env.clock.pass(60_000)
  expect(env.sockets).toHaveLength(1)
})

test('an answer to what is not known any more is none of it', async () => {
  const { env, heard } = await open()
  env.socket.receive({ type: 'next', id: '99', payload: { data: {} } })
  env.socket.receive({ type: 'complete', id: '99' })
  expect(heard).toEqual(['open'])
})

test('pongs leave once what came before is kept, in the order of their pings', async () => {
  const kept: (() => void)[] = []
  const { env } = await open({ settled: () => new Promise((resolve) => kept.push(resolve)) })
  env.socket.receive({ type: 'ping', payload: { number: 1 } })
  env.socket.receive({ type: 'ping', payload: { number: 2 } })
  env.socket.receive({ type: 'ping' })
  const pongs = (): unknown[] => env.socket.sentOf('pong').map(({ payload }) => payload?.['number'])
  kept[1]!()
  kept[2]!()
  await settle()
  expect(pongs()).toEqual([])
  kept[0]!()
  await settle()
  expect(pongs()).toEqual([1, 2, undefined])
})

test.each(['fails', 'never ends'])(
  'what cannot be kept is not confirmed, and the connection is made anew: it %s',
  async (how) => {
    let isBroken = true
    const { env, heard } = await open({
      settled: async () => {
        if (isBroken && how === 'fails') throw new Error('the disk is full')
        if (isBroken) await new Promise(() => {})
      },
    })
    const [{ clock }, { socket }] = [env, env]
    // The answers to the heartbeat.
    const answer = (): void => socket.receive({ type: 'pong' })
    socket.receive({ type: 'ping' })
    for (let second = 0; second < 15; second++) {
      clock.pass(1000)
      answer()
    }
    await settle()
    expect(socket.sentOf('pong')).toEqual([])
    expect(socket.isClosed).toBe(true)
    expect(heard[1]).toMatch(/^offline/)
    isBroken = false
    clock.pass(10_000)
    await settle()
    env.socket.onopen!()
    env.socket.receive({ type: 'connection_ack', payload: acknowledgement })
    env.socket.receive({ type: 'ping' })
    await settle()
    expect(env.socket.sentOf('pong')).toHaveLength(1)
  },
)

test('what is given up is ended at the server, and what it still says is nothing', async () => {
  const { env, link } = await open()
  const stop = new AbortController()
  const asking = link.request(query, {}, stop.signal)
  const { id } = env.socket.sentOf('subscribe')[0]!
  stop.abort(new Error('not wanted any more'))
  await expect(asking).rejects.toThrow('not wanted any more')
  expect(env.socket.sentOf('complete')).toEqual([{ type: 'complete', id }])
  const errors: ChatError[] = []
  const end = link.subscribe(query, {}, { next: () => {}, error: (error) => errors.push(error) })
  const stream = env.socket.sentOf('subscribe').at(-1)!.id
  end()
  end()
  env.socket.receive({ type: 'complete', id: stream })
  expect(env.socket.sentOf('complete').map((frame) => frame.id)).toEqual([id, stream])
  expect(errors).toEqual([])
  await expect(link.request(query, {}, stop.signal)).rejects.toThrow('not wanted any more')
})

test('a stream that the server ends says so, and one that it refuses says why', async () => {
  const { env, link } = await open()
  const errors: Partial<ChatError>[] = []
  const follow = (): string => {
    link.subscribe(query, {}, { next: () => {}, error: (error) => errors.push(error) })
    return env.socket.sentOf('subscribe').at(-1)!.id!
  }
  const refuse = (code: string, more?: object) =>
    env.socket.receive({ type: 'error', id: follow(), payload: [{ message: 'no', extensions: { code, ...more } }] })
  env.socket.receive({ type: 'complete', id: follow() })
  refuse('CONFLICT')
  refuse('RATE_LIMITED', { retryAfterMs: 7000 })
  refuse('FORBIDDEN')
  expect(errors.map(({ code, retryAfterMs }) => [code, retryAfterMs])).toEqual([
    ['UNAVAILABLE', undefined],
    ['CONFLICT', undefined],
    ['RATE_LIMITED', 7000],
    ['FORBIDDEN', undefined],
  ])
})

test('after a sleep the server is asked whether it is there before anything is sent', async () => {
  const { env, link, heard } = await open()
  env.clock.sleep(3_600_000)
  const asking = link.request(query, {})
  expect(env.socket.sent.slice(1).map(({ type }) => type)).toEqual(['ping', 'subscribe'])
  const failure = asking.catch((error: unknown) => error)
  env.clock.pass(4999)
  expect(heard).toEqual(['open'])
  env.clock.pass(1)
  expect(heard[1]).toMatch(/^offline/)
  expect(await failure).toMatchObject({ code: 'OFFLINE' })
})

test('a timer that comes late, after a sleep, gives the answer its time once more', async () => {
  const { env, heard } = await open()
  env.clock.pass(10_000)
  expect(env.socket.sentOf('ping')).toHaveLength(1)
  env.clock.sleep(3_600_000)
  env.clock.pass(0)
  expect(heard).toEqual(['open'])
  env.socket.receive({ type: 'pong' })
  env.clock.pass(9999)
  expect(heard).toEqual(['open'])
  expect(env.socket.sentOf('ping')).toHaveLength(1)
  env.clock.pass(1)
  expect(env.socket.sentOf('ping')).toHaveLength(2)
  env.clock.pass(5000)
  expect(heard[1]).toMatch(/^offline/)
})

test('a reader that was too slow, or was sent away for any passing reason, comes back', async () => {
  for (const code of [4410, 1012, 4412, 1006]) {
    const { env, heard } = await open()
    env.socket.onclose!({ code, reason: '' })
    expect(heard[1]).toBe('offline 250')
    env.clock.pass(250)
    await settle()
    expect(env.sockets).toHaveLength(2)
  }
})

test('a connection that the server wants to rest is not made before that, whatever wakes it', async () => {
  const { env, link, heard } = await open()
  link.fail('too much', 60_000)
  expect(heard[1]).toBe('offline 60000')
  env.clock.pass(59_999)
  env.emit('online')
  await settle()
  expect(env.sockets).toHaveLength(1)
  env.clock.pass(1)
  await settle()
  expect(env.sockets).toHaveLength(2)
})

test('after the end nothing is asked, and what waits is rejected', async () => {
  const { link, env } = start()
  const waiting = link.request(query, {})
  link.close()
  await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
  await expect(link.request(query, {})).rejects.toMatchObject({ code: 'CLOSED' })
  link.connect()
  await settle()
  expect(env.sockets).toEqual([])
})

test('who is told of the loss and disconnects asks for no other token', async () => {
  const reasons: string[] = []
  const { env, link } = await open({
    token: ({ reason }) => {
      reasons.push(reason)
      return 'token'
    },
    onOffline: () => link.disconnect(),
  })
  env.socket.onclose!({ code: 4403, reason: '' })
  await settle()
  expect(reasons).toEqual(['connect'])
})
