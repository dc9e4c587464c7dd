import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChannelsDocument, SendMessageDocument } from '../../../schema/generated/graphql.ts'
import type { ChannelId } from '../../../src/model/sid.ts'
import { openKit, type Answer, type Kit, type User } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'

let kit: Kit
let alice: User
let channelId: ChannelId
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  channelId = (await kit.channel([alice])).id
})
afterAll(() => kit.close())

async function ask(path: string, { headers, ...init }: RequestInit = {}) {
  const response = await fetch(`${kit.server.url}${path}`, {
    headers: { authorization: alice.authorization, 'content-type': 'application/json', ...(headers as object) },
    ...init,
  })
  const text = await response.text()
  const { errors } = (text.startsWith('{') ? JSON.parse(text) : {}) as Answer<unknown>
  return { status: response.status, codes: errors?.map(({ extensions }) => extensions.code), text }
}

const post = (body: string, headers = {}) => ask('/graphql', { method: 'POST', body, headers })

/** What the server answers to these bytes. */
async function exchange(request: string): Promise<string> {
  const socket = connect(kit.server.port, '127.0.0.1')
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString()
  })
  socket.write(request)
  await once(socket, 'close')
  return answer
}

const viewer = '{"query":"{ viewer { kind } }"}'

test('what is not a GraphQL request is BAD_USER_INPUT', async () => {
  const bodies = [
    '',
    '{"query":',
    'null',
    '5',
    '"{ viewer { kind } }"',
    '{}',
    '{"query":5}',
    '{"query":""}',
    '{"query":"{ viewer { "}',
    '{"query":"{ nothing }"}',
    '{"query":"query A { viewer { kind } } query B { viewer { kind } }"}',
    '{"query":"query A { viewer { kind } }","operationName":"B"}',
    '{"query":"{ viewer { kind } }","variables":"x"}',
    '{"query":"{ viewer { kind } }","variables":[1]}',
    '{"query":"query ($id: ID!) { node(id: $id) { id } }","variables":{}}',
    '{"query":"query ($id: ID!) { node(id: $id) { id } }","variables":{"id":{}}}',
  ]
  for (const body of bodies) {
    const { codes } = await post(body)
    expect([body, codes]).toEqual([body, ['BAD_USER_INPUT']])
  }
})

test('batches of requests are refused whole', async () => {
  const before = await readingOf(kit, channelId)
  const send = {
    query: `mutation { sendMessage(input: { channelId: "${channelId}", body: "batched" }) { message { id } } }`,
  }
  const { codes } = await post(JSON.stringify([send, send]))
  expect(codes).toEqual(['BAD_USER_INPUT'])
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('a query may come by GET, a mutation may not, and nothing else may at all', async () => {
  const get = (query: string) => ask(`/graphql?query=${encodeURIComponent(query)}`)
  expect(await get('{ viewer { kind } }')).toMatchObject({ status: 200, text: '{"data":{"viewer":{"kind":"USER"}}}' })
  const before = await readingOf(kit, channelId)
  const mutation = `mutation { sendMessage(input: { channelId: "${channelId}", body: "by GET" }) { message { id } } }`
  expect(await get(mutation)).toMatchObject({ status: 405, codes: ['BAD_USER_INPUT'] })
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    expect((await ask('/graphql', { method, body: viewer })).status).toBe(405)
  }
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('a body that is too large is refused before it is read', async () => {
  const before = await readingOf(kit, channelId)
  const { query } = JSON.parse(viewer) as { query: string }
  expect(await post(JSON.stringify({ query, padding: 'x'.repeat(1024 * 1024) }))).toMatchObject({
    status: 413,
    codes: ['BAD_USER_INPUT'],
  })
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('the largest message with the largest attributes fits, however it is escaped', async () => {
  const input = { channelId, body: '\u0001'.repeat(32 * 1024), attributes: '🦉'.repeat(1023) }
  const { sendMessage } = await alice.request(SendMessageDocument, { input })
  expect(sendMessage.message).toMatchObject({ body: input.body, attributes: input.attributes })
})

test('an address or a Host that cannot be read is refused, and ends nothing', async () => {
  const requests = [
    ['GET // HTTP/1.1\r\nHost: x', '404 Not Found'],
    ['GET http:// HTTP/1.1\r\nHost: x', '400 Bad Request'],
    ['GET //[/graphql HTTP/1.1\r\nHost: x', '404 Not Found'],
    ['GET /graphql HTTP/1.1\r\nHost: [', '400 Bad Request'],
  ]
  for (const [request, status] of requests) {
    const answer = await exchange(`${request}\r\nConnection: close\r\n\r\n`)
    expect([request, answer.split('\r\n')[0]]).toEqual([request, `HTTP/1.1 ${status}`])
    expect(answer).not.toContain('node_modules')
  }
  const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
  for (const request of ['GET //[ HTTP/1.1\r\nHost: x', 'GET /elsewhere HTTP/1.1\r\nHost: x']) {
    expect((await exchange(`${request}\r\n${upgrade}`)).split('\r\n')[0]).toBe('HTTP/1.1 404 Not Found')
  }
  expect((await exchange(`GET /graphql HTTP/1.1\r\nHost: x\r\n${upgrade}`)).split('\r\n')[0]).toBe(
    'HTTP/1.1 400 Bad Request',
  )
  expect((await post(viewer)).status).toBe(200)
})

test('a client that breaks off in the middle of a request, or of being refused, ends nothing', async () => {
  const beginnings = [
    'GET /elsewhere HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"query`,
    'GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n',
  ]
  for (const beginning of beginnings) {
    for (let time = 0; time < 10; time++) {
      const socket = connect(kit.server.port, '127.0.0.1')
      socket.on('error', () => {})
      await new Promise<void>((resolve) => socket.write(beginning, () => resolve()))
      socket.resetAndDestroy()
    }
  }
  expect((await post(viewer)).status).toBe(200)
})

test('without the page the address itself says what is here', async () => {
  const { url } = await kit.another({ PAGE: 'false' })
  const response = await fetch(`${url}/?from=a%20bookmark`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  const text = await response.text()
  expect(text.trimEnd().split('\n')).toHaveLength(2)
  const paths = text.match(/(?<= )\/[\w./]*\w/g)!
  expect(paths).toEqual(['/graphql', '/v1', '/v1/openapi.json'])
  const description = await fetch(url + paths[2]!)
  expect(await description.json()).toMatchObject({ openapi: '3.1.0' })
  expect(await (await fetch(`${url}/`, { method: 'HEAD' })).text()).toBe('')
  expect((await fetch(`${url}/`, { method: 'POST' })).status).toBe(404)
})

test('unknown paths are not found, and the server says that it is well', async () => {
  expect(await ask('/nothing')).toMatchObject({ status: 404 })
  expect(await ask('/graphql/more')).toMatchObject({ status: 404 })
  expect(await ask('/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' })
})

test('a browser elsewhere may ask, without cookies', async () => {
  const origin = 'https://app.example.com'
  const response = await fetch(`${kit.server.url}/graphql`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
  })
  expect(['*', origin]).toContain(response.headers.get('access-control-allow-origin'))
  expect(response.headers.get('access-control-allow-headers')).toContain('authorization')
  expect(response.headers.get('access-control-allow-credentials')).not.toBe('true')
  const { channels } = await alice.request(ChannelsDocument)
  expect(channels.edges.length).toBeGreaterThan(0)
})
