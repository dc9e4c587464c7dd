import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toAcceptable } from '../../src/graphql/http/accept.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { openRest, type Rest } from '../support/rest.ts'
import { within } from '../support/wait.ts'

let kit: Kit
let rest: Rest
beforeAll(async () => {
  kit = await openKit()
  rest = await openRest(kit)
})
afterAll(() => kit.close())

const viewer = '{"query":"{ viewer { kind } }"}'
const jsonType = 'Content-Type: application/json'
const formType = 'Content-Type: application/x-www-form-urlencoded'

/** What is answered to these bytes; the connection is closed after them. */
async function exchange(head: readonly string[], body: string | Buffer = '') {
  const socket = connect(kit.server.port, '127.0.0.1').on('error', () => {})
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  const lines = [...head, `Authorization: ${kit.backend.authorization}`]
  if (!lines.some((line) => line.startsWith('Connection:'))) lines.push('Connection: close')
  if (!lines.some((line) => line.startsWith('Host:'))) lines.push('Host: x')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(body)
  await within(once(socket, 'close'), 10_000, 'an answer')
  const text = Buffer.concat(chunks).toString()
  return { status: Number(text.slice(9, 12)), text }
}

const sized = (head: readonly string[], body: string | Buffer) =>
  exchange([...head, `Content-Length: ${Buffer.byteLength(body)}`], body)

function chunked(...bodies: readonly string[]): string {
  return [...bodies, ''].map((body) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`).join('')
}

interface Init {
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string>
}

const ask = (init: Init, search = '') =>
  fetch(`${kit.server.url}/graphql${search}`, {
    ...init,
    headers: { authorization: kit.backend.authorization, 'content-type': 'application/json', ...init.headers },
  })
const post = (body: string, headers: Record<string, string> = {}) => ask({ method: 'POST', body, headers })

test('an offer of another protocol is passed over, and the request answered', async () => {
  const offer = ['Connection: Upgrade, HTTP2-Settings, close', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA']
  for (const upgrade of ['h2c', 'h2c, websocket', 'TLS/1.0', 'websocket']) {
    const head = [...offer, `Upgrade: ${upgrade}`]
    const answers = [
      await sized(['POST /graphql HTTP/1.1', jsonType, ...head], viewer),
      await sized([`POST /v1${rest.in('/Channels')} HTTP/1.1`, formType, ...head], 'FriendlyName=x'),
    ]
    if (upgrade !== 'websocket') {
      answers.push(
        await exchange(['GET /graphql?query={viewer{kind}} HTTP/1.1', ...head]),
        await exchange(['GET /healthz HTTP/1.1', ...head]),
      )
    }
    expect([upgrade, answers.map(({ status }) => status)]).toEqual([
      upgrade,
      [200, 201, 200, 200].slice(0, answers.length),
    ])
  }
})

test('a kept connection is kept for longer than a balancer keeps it', async () => {
  const response = await fetch(`${kit.server.url}/healthz`)
  const [, seconds] = /timeout=(\d+)/.exec(response.headers.get('keep-alive')!)!
  expect(Number(seconds)).toBeGreaterThan(60)
})

test('a body in chunks is taken like any other, up to the limit', async () => {
  const inChunks = 'Transfer-Encoding: chunked'
  const long = Array.from({ length: 5 }, () => 'x'.repeat(2 ** 18))
  const toRest = [`POST /v1${rest.in('/Channels')} HTTP/1.1`, formType, inChunks]
  for (const accept of ['application/json', 'application/json;q=0.5, text/event-stream;q=0.1']) {
    const toGraphql = ['POST /graphql HTTP/1.1', jsonType, inChunks, `Accept: ${accept}`]
    const answer = await exchange(toGraphql, chunked(viewer.slice(0, 9), viewer.slice(9)))
    expect(answer.text).toContain('{"data":{"viewer":{"kind":"BACKEND"}}}')
    expect(await exchange(toGraphql, chunked(...long))).toMatchObject({ status: 413 })
  }
  expect(await exchange(toRest, chunked('FriendlyName=a', '+b'))).toMatchObject({ status: 201 })
  expect(await exchange(toRest, chunked(...long))).toMatchObject({ status: 413 })
})

test('what is refused before GraphQL sees it can be read by pages of other sites too', async () => {
  const refused = [
    await post('x'.repeat(2 ** 20 + 1)),
    await post(viewer, { 'content-type': 'text/plain' }),
    await post(viewer, { accept: 'image/png' }),
    await ask({}, '?query=%ff'),
    await fetch(`${kit.server.url}/nothing`),
  ]
  expect(refused.map(({ status }) => status)).toEqual([413, 415, 406, 400, 404])
  for (const { headers } of refused) expect(headers.get('access-control-allow-origin')).toBe('*')
})

test('what is not UTF-8 is refused, wherever it stands, and nothing is made of it', async () => {
  const channels = () => rest.get<{ channels: [] }>(rest.in('/Channels?PageSize=1000'))
  const before = (await channels()).body.channels.length
  const mutation = JSON.stringify({
    query: 'mutation { createChannel(input: { friendlyName: "?" }) { channel { id } } }',
  })
  for (const bytes of ['ff', 'c328', 'c0af', 'e28c', 'eda080', 'f0908c', 'f4908080']) {
    const raw = Buffer.from(bytes, 'hex')
    const escaped = bytes.replace(/../g, '%$&')
    const inJson = Buffer.concat([
      Buffer.from(mutation.slice(0, mutation.indexOf('?'))),
      raw,
      Buffer.from(mutation.slice(mutation.indexOf('?') + 1)),
    ])
    const toRest = [`POST /v1${rest.in('/Channels')} HTTP/1.1`, formType]
    const answers = [
      await sized(['POST /graphql HTTP/1.1', jsonType], inJson),
      await sized(['POST /graphql HTTP/1.1', jsonType, 'Accept: text/event-stream'], inJson),
      await sized(toRest, Buffer.concat([Buffer.from('FriendlyName='), raw])),
      await sized(toRest, `FriendlyName=${escaped}`),
      await sized(toRest, `${escaped}=x`),
      await exchange([`GET /graphql?query={viewer{kind}}&operationName=${escaped} HTTP/1.1`]),
      await exchange([`GET /v1${rest.in('/Channels')}?Type=${escaped} HTTP/1.1`]),
    ]
    expect([bytes, answers.map(({ status }) => status)]).toEqual([bytes, [400, 400, 400, 400, 400, 400, 400]])
  }
  expect((await channels()).body.channels.length).toBe(before)
  const percent = await sized([`POST /v1${rest.in('/Channels')} HTTP/1.1`, formType], 'FriendlyName=100%25+%zz%')
  expect(percent.text).toContain('"friendly_name":"100% %zz%"')
})

test('a target in absolute form is answered as its path is, for its own host', async () => {
  const host = 'Host: other.example'
  const answers = [
    await exchange(['GET http://chat.example:80/graphql?query={viewer{kind}} HTTP/1.1', host]),
    await sized(['POST http://chat.example/graphql HTTP/1.1', jsonType, host], viewer),
    await exchange(['GET HTTP://chat.example/healthz HTTP/1.1', host]),
    await exchange([`GET https://chat.example/v1${rest.in('')} HTTP/1.1`, host]),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(answers[3]!.text).toContain('"url":"http://chat.example/v1/Services')
  const socket = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: none',
  ]
  const upgrade = await exchange(['GET http://chat.example/graphql HTTP/1.1', ...socket, 'Sec-WebSocket-Key: x'])
  expect(upgrade).toMatchObject({ status: 400 })
  expect(await exchange(['GET http:// HTTP/1.1'])).toMatchObject({ status: 400 })
})

describe('Accept', () => {
  const json = 'application/json'
  const own = 'application/graphql-response+json'
  const stream = 'text/event-stream'

  test.for([
    [undefined, [json, own]],
    ['*/*', [json, own]],
    ['application/*', [json, own]],
    [own, [own]],
    [`${json};q=0.5, ${own}`, [own, json]],
    [`${own}; q=0.8, ${json};q=0.9`, [json, own]],
    [`${own}, ${json};q=0.9`, [own, json]],
    [`${json};charset="utf-8"`, [json]],
    [`${json}; charset=UTF-8; q=1.0`, [json]],
    [`${json};charset=latin1, ${own}`, [own]],
    [`${json};q=0, */*`, [own]],
    [`${stream};q=0.1, ${json}`, [json, stream]],
    [`${own}, application/graphql+json, ${json}, ${stream}, multipart/mixed`, [own, json, stream]],
    ['text/*', [stream]],
    ['image/png', undefined],
    [`${json};q=0`, undefined],
  ] as const)('%s', ([accept, expected]) => expect(toAcceptable(accept)).toBe(expected?.join(', ')))

  test('a wrong document is 400 as application/graphql-response+json, and 200 as application/json', async () => {
    const wrong = '{"query":"{ nothing }"}'
    const statusOf = async (accept: string) => {
      const { status, headers } = await post(wrong, { accept })
      return [status, headers.get('content-type')]
    }
    const utf8 = '; charset=utf-8'
    expect(await statusOf(`${json};q=0.5, ${own}`)).toEqual([400, own + utf8])
    expect(await statusOf(`${own};q=0.5, ${json};charset="utf-8"`)).toEqual([200, json + utf8])
    expect(await statusOf(`${own};q=0.5, ${stream};q=0.1`)).toEqual([400, own + utf8])
  })
})

test('a syntax error says where it is', async () => {
  const wrong = '{ viewer {\n  kind }'
  const locations = [{ line: 2, column: 9 }]
  const answers = [await post(JSON.stringify({ query: wrong })), await ask({}, `?query=${encodeURIComponent(wrong)}`)]
  for (const answer of answers) {
    expect(await answer.json()).toMatchObject({ errors: [{ locations, extensions: { code: 'BAD_USER_INPUT' } }] })
  }
})

test('the refusal of a subscription that comes like a query names the transports', async () => {
  const query = 'subscription { messageAdded { body } }'
  const answers = [
    await post(JSON.stringify({ query })),
    await post(JSON.stringify({ query }), { accept: 'application/graphql-response+json' }),
    await ask({}, `?query=${encodeURIComponent(query)}`),
  ]
  for (const answer of answers) {
    const { errors } = (await answer.json()) as { errors: { message: string; extensions: object }[] }
    expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })])
    expect(errors[0]!.message).toMatch(/WebSocket .*Accept: text\/event-stream/)
  }
})
