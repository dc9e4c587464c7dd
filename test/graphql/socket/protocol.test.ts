import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, type RawData } from 'ws'
import type { ChannelId } from '../../../src/model/sid.ts'
import { captureLog, type CapturedLog } from '../../support/captured-log.ts'
import { openKit, type GraphqlError, type Kit, type User } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let alice: User
let channelId: ChannelId
let log: CapturedLog
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  channelId = (await kit.channel([alice])).id
  log = captureLog(kit.server.app.logger)
})
afterAll(() => kit.close())

/** A socket on which frames are written as they are. */
class Frames {
  readonly received: { readonly type: string; readonly id?: string; readonly payload?: unknown }[] = []
  closed: number | undefined
  reason = ''
  readonly socket: WebSocket

  constructor(protocol: string | string[] = 'graphql-transport-ws') {
    this.socket = new WebSocket(`${kit.server.url.replace('http', 'ws')}/graphql`, protocol)
    this.socket.on('message', (data: RawData) => this.received.push(JSON.parse((data as Buffer).toString()) as never))
    this.socket.on('close', (code, reason) => {
      this.closed = code
      this.reason = reason.toString()
    })
    this.socket.on('error', () => {})
  }

  static async open(): Promise<Frames> {
    const frames = new Frames()
    await waitFor(() => frames.socket.readyState === WebSocket.OPEN)
    return frames
  }

  static async acknowledged(user = alice): Promise<Frames> {
    const frames = await Frames.open()
    frames.send({ type: 'connection_init', payload: { token: user.token } })
    await waitFor(() => frames.received.some(({ type }) => type === 'connection_ack'))
    return frames
  }

  send(...messages: (object | string | Buffer)[]): void {
    for (const message of messages) {
      this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message))
    }
  }

  async closeCode(): Promise<number | undefined> {
    await waitFor(() => this.closed !== undefined)
    return this.closed
  }
}

const init = () => ({ type: 'connection_init', payload: { token: alice.token } })
const subscribe = (id: string, query = `subscription { messageAdded(channelId: "${channelId}") { body } }`) => ({
  type: 'subscribe',
  id,
  payload: { query },
})

test('a frame that is not of the protocol closes with 4400', async () => {
  const wrong = [
    'hello',
    '{',
    'null',
    '[]',
    '5',
    '{}',
    '{"type":"unknown"}',
    '{"type":"subscribe"}',
    '{"type":"subscribe","id":"1"}',
    '{"type":"subscribe","id":"1","payload":{}}',
    '{"type":"subscribe","id":"1","payload":{"query":5}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{ viewer { kind } }","variables":"x"}}',
    '{"type":"subscribe","id":1,"payload":{"query":"{ viewer { kind } }"}}',
    '{"type":"complete"}',
    '{"type":"subscribe","id":"","payload":{"query":"{ viewer { kind } }"}}',
    '{"type":"subscribe","id":"1","payload":"{ viewer { kind } }"}',
    '{"type":"subscribe","id":"1","payload":{"query":"{ viewer { kind } }","variables":[]}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{ viewer { kind } }","operationName":5}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{ viewer { kind } }","extensions":[]}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{ viewer { kind } }","extensions":"x"}}',
    '{"type":"subscribe","id":"1","payload":{"query":5,"documentId":"x"}}',
    '{"type":"complete","id":null}',
    '{"type":["subscribe"]}',
    '{"type":"toString"}',
    '{"type":"ping","payload":"text"}',
    `{"type":"ping","payload":${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}}`,
    '{"type":"pong","payload":[]}',
    '{"type":"connection_init","payload":"text"}',
    // The server's to send.
    '{"type":"connection_ack"}',
    '{"type":"next","id":"1","payload":{}}',
    '{"type":"error","id":"1","payload":[{"message":"x"}]}',
    '['.repeat(50_000),
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    Buffer.from([0, 1, 2, 3]),
    Buffer.from('{"type":"ping"}'),
    Buffer.alloc(0),
  ]
  const codes = await Promise.all(
    wrong.map(async (frame) => {
      const frames = await Frames.acknowledged(await kit.user('alice'))
      frames.send(frame)
      return [frame, await frames.closeCode()]
    }),
  )
  expect(codes).toEqual(wrong.map((frame) => [frame, 4400]))
  expect(log.faults).toEqual([])
})

test('connectionParams of the wrong shape close with 4400 and the reason, missing or wrong credentials with 4403', async () => {
  const { token } = alice
  const device = { token: String(token) }
  const mustBe = 'must be a string'
  const wrong: [payload: unknown, code: number, reason: string | RegExp][] = [
    ...[5, {}, [], true, { toString: 1 }, ['phone']].flatMap((value): [unknown, number, string][] => [
      [{ ...device, deviceId: value }, 4400, `connectionParams.deviceId ${mustBe}`],
      [{ token: value }, 4400, `connectionParams.token ${mustBe}`],
      [{ authorization: value }, 4400, `connectionParams.authorization ${mustBe}`],
    ]),
    [{ ...device, deviceId: '' }, 4400, 'deviceId must not be empty'],
    [{ ...device, deviceId: 'a\0b' }, 4400, /^deviceId must not contain/],
    [{ ...device, deviceId: '\ud800' }, 4400, /^deviceId must be well-formed/],
    [{ ...device, deviceId: 'x'.repeat(1000) }, 4400, /^deviceId must not be longer/],
    [undefined, 4403, /^connectionParams must have/],
    [null, 4403, /^connectionParams must have/],
    [{}, 4403, /^connectionParams must have/],
    [{ token: null, authorization: null, deviceId: null }, 4403, /^connectionParams must have/],
    [{ token: '' }, 4403, 'the token is malformed'],
    [{ token: 'x'.repeat(200_000) }, 4403, 'the token is malformed'],
    [{ token: `${'a.'.repeat(60_000)}` }, 4403, 'the token is malformed'],
    [{ token: '\ud800.\ud800.\ud800' }, 4403, 'the token is malformed'],
    [{ token: 'é.\0.🦉' }, 4403, 'the token is malformed'],
    [{ authorization: '' }, 4403, /^the Authorization header/],
    [{ authorization: ' '.repeat(200_000) }, 4403, /^the Authorization header/],
    [{ authorization: `Basic ${'x '.repeat(100_000)}` }, 4403, /^the Authorization header/],
  ]
  for (const [payload, code, reason] of wrong) {
    const frames = await Frames.open()
    frames.send({ type: 'connection_init', payload })
    expect([payload, await frames.closeCode()]).toEqual([payload, code])
    expect(frames.reason).toMatch(reason)
  }
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (payload) => {
      const frames = await Frames.open()
      frames.send({ type: 'connection_init', payload })
      expect([4400, 4403]).toContain(await frames.closeCode())
    }),
    { numRuns: 50 },
  )
  expect(log.faults).toEqual([])
})

test('any JSON as a frame, and in any place of one, closes with 4400 or is answered', async () => {
  const place = fc.constantFrom(
    'id',
    'type',
    'payload',
    'query',
    'variables',
    'operationName',
    'extensions',
    'documentId',
  )
  const query = '{ viewer { kind } }'
  await fc.assert(
    fc.asyncProperty(fc.option(place), fc.jsonValue(), async (name, value) => {
      const payload = { query, ...(name && { [name]: value }) }
      const outer = name === 'id' || name === 'type' || name === 'payload' ? { [name]: value } : {}
      const frames = await Frames.acknowledged()
      frames.send(JSON.stringify(name ? { type: 'subscribe', id: '1', payload, ...outer } : value))
      const isOver = () => frames.received.some(({ type }) => type === 'complete' || type === 'error')
      await waitFor(() => frames.closed !== undefined || isOver(), { interval: 1 })
      const [error] = (frames.received.find(({ type }) => type === 'error')?.payload ?? []) as GraphqlError[]
      const outcome = error?.extensions.code ?? (isOver() ? 'answered' : frames.closed)
      expect(['answered', 'BAD_USER_INPUT', 'NOT_FOUND', 4400]).toContain(outcome)
      frames.socket.close()
    }),
    { numRuns: 100 },
  )
  expect(log.faults).toEqual([])
})

test('an operation before the connection is acknowledged closes with 4401, and is not executed', async () => {
  const before = await readingOf(kit, channelId)
  const query = `mutation { sendMessage(input: { channelId: "${channelId}", body: "early" }) { message { id } } }`
  const early = await Frames.open()
  early.send(subscribe('1', query))
  expect(await early.closeCode()).toBe(4401)
  const hasty = await Frames.open()
  hasty.send(init(), subscribe('1', query))
  expect(await hasty.closeCode()).toBe(4401)
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('a second connection_init closes with 4429', async () => {
  const later = await Frames.acknowledged()
  later.send(init())
  expect(await later.closeCode()).toBe(4429)
  const atOnce = await Frames.open()
  atOnce.send(init(), init())
  expect(await atOnce.closeCode()).toBe(4429)
})

test('an operation id that is in use closes with 4409', async () => {
  const frames = await Frames.acknowledged()
  frames.send(subscribe('same'), subscribe('same'))
  expect(await frames.closeCode()).toBe(4409)
  // Its reason names the id, and has not room for every one.
  for (const id of ['x'.repeat(100_000), '🦉'.repeat(40), '\0'.repeat(100)]) {
    const long = await Frames.acknowledged()
    long.send(subscribe(id), subscribe(id))
    expect(await long.closeCode()).toBe(4409)
  }
  expect(log.faults).toEqual([])
})

test('an operation id is free again when its operation has ended', async () => {
  const frames = await Frames.acknowledged()
  for (let time = 1; time <= 3; time++) {
    frames.send(subscribe('same', '{ viewer { kind } }'))
    await waitFor(() => frames.received.filter(({ type }) => type === 'complete').length === time)
  }
  expect(frames.closed).toBeUndefined()
  frames.socket.close()
})

test('a client that speaks no known protocol is closed with 4406', async () => {
  for (const protocol of ['graphql-ws', 'mqtt']) {
    const frames = new Frames(protocol)
    await waitFor(() => frames.closed !== undefined || frames.socket.readyState === WebSocket.CLOSED)
    expect([1006, 4406]).toContain(frames.closed)
    expect(frames.received).toEqual([])
  }
})

test('a frame that is too large, or not UTF-8, closes the socket and nothing else', async () => {
  const large = await Frames.acknowledged()
  large.send(subscribe('1', `{ viewer { kind } } # ${'x'.repeat(256 * 1024)}`))
  expect(await large.closeCode()).toBe(1009)
  const broken = await Frames.acknowledged()
  broken.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false })
  expect(await broken.closeCode()).toBe(1007)
  const next = await Frames.acknowledged()
  expect(next.closed).toBeUndefined()
  next.socket.close()
})

test('an operation that is refused ends with an error, and the socket stays', async () => {
  const frames = await Frames.acknowledged()
  const wrong = [
    '',
    '{',
    '{ nothing }',
    'subscription { nothing }',
    'subscription { messageAdded { body } typingEnded { expiresAt } }',
  ]
  frames.send({ ...subscribe('unnamed'), payload: { query: 'query A { viewer { kind } }', operationName: 'B' } })
  wrong.forEach((query, at) => frames.send(subscribe(`${at}`, query)))
  frames.send(subscribe('good', '{ viewer { kind } }'))
  await waitFor(() => frames.received.some(({ type, id }) => type === 'complete' && id === 'good'))
  await waitFor(() => frames.received.filter(({ type }) => type === 'error').length === wrong.length + 1)
  for (const { payload } of frames.received.filter(({ type }) => type === 'error')) {
    expect(payload).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  }
  expect(frames.closed).toBeUndefined()
  frames.socket.close()
})

test('a socket runs at most 100 operations at once', async () => {
  const frames = await Frames.acknowledged()
  const { counts } = kit.server.app.rateCounters.refusals
  const before = { ...counts }
  frames.send(...Array.from({ length: 101 }, (_, at) => subscribe(`${at}`)))
  await waitFor(() => frames.received.some(({ type }) => type === 'error'))
  const refusals = frames.received.filter(({ type }) => type === 'error')
  expect(refusals).toMatchObject([{ id: '100', payload: [{ extensions: { code: 'RATE_LIMITED', chatCode: 51001 } }] }])
  expect(counts).toEqual({ ...before, socket_operations: before.socket_operations + 1 })
  frames.send({ type: 'complete', id: '0' }, subscribe('another', '{ viewer { kind } }'))
  await waitFor(() => frames.received.some(({ type, id }) => type === 'next' && id === 'another'))
  frames.socket.close()
})

test('an operation id comes back as it was sent', async () => {
  const frames = await Frames.acknowledged()
  const ids = ['"quoted"', '\\', '🦉', '\u2028', 'x'.repeat(1000), '__proto__', 'constructor']
  for (const id of ids) frames.send(subscribe(id))
  await kit.backend.send(channelId, 'to all')
  await waitFor(() => frames.received.filter(({ type }) => type === 'next').length >= ids.length)
  const answered = frames.received.filter(({ type }) => type === 'next').map(({ id }) => id)
  expect(new Set(answered)).toEqual(new Set(ids))
  frames.socket.close()
})
