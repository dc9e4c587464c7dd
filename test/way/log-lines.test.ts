import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { captureLog, type CapturedLog } from '../support/captured-log.ts'
import { engineName } from '../support/engine.ts'
import { withoutTable } from '../support/hidden-table.ts'
import { Caller, openKit, openSocket, record, type Kit, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { shutOut } from '../support/refusal.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'
import { waitFor } from '../support/wait.ts'
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

let kit: Kit
let alice: User
let receiver: Receiver
let log: CapturedLog
const stack = new AsyncDisposableStack()
beforeAll(async () => {
  kit = stack.use(await openKit(webhookEnvironment))
  receiver = stack.use(await openReceiver())
  alice = await kit.user('alice')
  log = captureLog(kit.server.app.logger)
})
afterAll(() => stack.disposeAsync())
beforeEach(() => log.clear())

interface Line {
  readonly level: number
  readonly msg: string
  readonly requestId?: string
  readonly err?: { readonly message: string; readonly cause?: object }
}

const [info, warn, error] = [30, 40, 50] as const

/** What an operator sees by default. */
const linesOf = (captured: CapturedLog): Line[] =>
  captured.lines.map((line) => JSON.parse(line) as Line).filter(({ level }) => level >= info)

/** Of a table that nothing in the background reads. */
const readDeliveries = '{ webhookDeliveries(first: 1) { edges { node { id } } } }'

interface Referenced {
  readonly errors?: readonly { readonly extensions: { readonly reference?: string } }[]
}

test.each([
  ['GraphQL by POST', 'POST', '/graphql'],
  ['GraphQL by GET', 'GET', `/graphql?query=${encodeURIComponent(readDeliveries)}`],
  ['REST', 'GET', '/v1/Services?PageSize=5'],
])('a fault of the server is one line with its cause and the id of its request: %s', async (_way, method, path) => {
  const table = path.startsWith('/v1') ? 'services' : 'webhook_notices'
  kit.server.app.caches.services.clear()
  const response = await withoutTable(kit.store, table, () =>
    fetch(`${kit.server.url}${path}`, {
      method,
      headers: {
        authorization: kit.backend.authorization,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      ...(method === 'POST' && { body: JSON.stringify({ query: readDeliveries }) }),
    }),
  )
  const requestId = response.headers.get('x-request-id')
  const answer = (await response.json()) as Referenced
  // `/v1` has the four keys of its model.
  expect(answer.errors?.[0]!.extensions.reference ?? requestId).toBe(requestId)
  const [line, ...others] = linesOf(log)
  expect(others).toEqual([])
  expect(line).toMatchObject({ level: error, msg: 'internal error', requestId })
  expect(JSON.stringify(line!.err)).toContain(`\\"${table}\\" does not exist`)
})

test('a fault of an operation over WebSocket is one line with the reference that its caller gets', async () => {
  const client = openSocket(kit.server, { authorization: kit.backend.authorization })
  const failed = await withoutTable(kit.store, 'webhook_notices', async () => {
    const asked = record(client, parse(readDeliveries) as TypedDocumentNode<unknown, Record<string, never>>)
    await asked.ended()
    return asked
  })
  const [{ extensions }] = failed.errors as [{ extensions: { reference: string } }]
  expect(linesOf(log)).toEqual([expect.objectContaining({ level: error, requestId: extensions.reference })])
  await client.dispose()
})

test.each([
  ['of-a-proxy_1.2:3', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
  ['a b', false],
  ['"quoted"', false],
  ['', false],
])('a request keeps the id that it brings, if that is short and plain: %j', async (given, isKept) => {
  const { headers } = await fetch(`${kit.server.url}/healthz`, { headers: { 'x-request-id': given } })
  const id = headers.get('x-request-id')
  expect(id === given).toBe(isKept)
  expect(id).toMatch(/^[\w.:-]{1,64}$/)
})

test('each request has an id of its own, refused or not', async () => {
  const paths = ['/healthz', '/nowhere', '/v1/nowhere', '/graphql', '/metrics', '/graphql?query={__typename}']
  const answers = await Promise.all(paths.map((path) => fetch(`${kit.server.url}${path}`)))
  expect(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size).toBe(paths.length)
  expect(linesOf(log)).toEqual([])
})

test('what a caller does wrong is nobody’s fault: credentials, frames, documents, bodies', async () => {
  await shutOut(kit.server, { token: `${alice.token}x` })
  const socket = await RawSocket.open(kit.server, { token: alice.token })
  socket.send({ type: 'nonsense' })
  await waitFor(() => socket.closed?.code === 4400)
  for (const body of ['not JSON', '{"query":"{ nothing }"}', '{"query":"{"}']) {
    const headers = { authorization: alice.authorization, 'content-type': 'application/json' }
    await fetch(`${kit.server.url}/graphql`, { method: 'POST', headers, body })
  }
  await new Promise((resolve) => get(`${kit.server.url}/graphql?query=%ff`, resolve)).then((answer) =>
    text(answer as never),
  )
  expect(linesOf(log)).toEqual([])
})

test('a pre-event without an answer is one line with the reason and the request, a post-event none until it is given up', async () => {
  receiver.answer = (_call, response) => void response.destroy()
  const hooked = await hookService(kit, receiver)
  const user = await hooked.user()
  const { id: channelId } = await hooked.channel([user])
  log.clear()
  await user.with({ 'x-request-id': 'hooked' }).send(channelId, 'hello')
  await receiver.atLeast(1, 'onMessageSent')
  expect(linesOf(log)).toEqual([
    expect.objectContaining({
      level: warn,
      msg: 'a pre-event was not answered',
      event: 'onMessageSend',
      requestId: 'hooked',
      reason: expect.stringContaining('closed the connection') as string,
    }),
  ])
})

test.runIf(engineName === 'cluster')('a Redis that is away is one line with its cause', async () => {
  const url = new URL(kit.store.redisUrl!)
  await using proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
  const server = await kit.another({ REDIS_URL: Object.assign(url, { host: `127.0.0.1:${proxy.port}` }).href })
  const own = captureLog(server.app.logger)
  const caller = new Caller(server, kit.backend.authorization)
  const { id: channelId } = await kit.channel()
  await proxy.cut()
  for (let at = 0; at < 5; at++) await caller.send(channelId, `number ${at}`)
  await waitFor(() => linesOf(own).length > 0)
  await proxy.restore()
  await waitFor(() => linesOf(own).some(({ msg }) => msg === 'Redis is back'))
  expect(linesOf(own).map(({ level, msg }) => [level, msg])).toEqual([
    [warn, 'Redis is away: events come late, and presence is not known'],
    [info, 'Redis is back'],
  ])
  expect(linesOf(own)[0]!.err?.message).not.toMatch(/^$|writeable/)
})
