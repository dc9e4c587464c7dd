import { once } from 'node:events'
import { request, type IncomingHttpHeaders } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelId } from '../../src/model/sid.ts'
import { openKit, type Kit } from '../support/kit.ts'

let kit: Kit
let channelId: ChannelId
beforeAll(async () => {
  kit = await openKit()
  channelId = (await kit.channel()).id
  for (let number = 0; number < 20; number++) await kit.backend.send(channelId, `message ${number} ${'ä'.repeat(100)}`)
})
afterAll(() => kit.close())

interface RawAnswer {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What is on the wire: `fetch` would ask for compression, and undo it. */
async function ask(path: string, headers: Record<string, string>, body?: object): Promise<RawAnswer> {
  const asked = request(`${kit.server.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: kit.backend.authorization, 'content-type': 'application/json', ...headers },
  })
  // Without a length it would be refused.
  const text = body && JSON.stringify(body)
  if (text) asked.setHeader('content-length', Buffer.byteLength(text))
  asked.end(text)
  const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream & { headers: IncomingHttpHeaders }]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { headers: response.headers, body: Buffer.concat(chunks) }
}

const long = () => ({
  query: '{ channel(id: $id) { messages(first: 20) { edges { node { body index authorIdentity } } } } }'.replace(
    '$id',
    JSON.stringify(channelId),
  ),
})
const short = { query: '{ viewer { kind } }' }

test.for([
  ['gzip', 'gzip', gunzipSync],
  ['gzip, deflate, br', 'br', brotliDecompressSync],
  ['br;q=0.5, gzip;q=0.8', 'gzip', gunzipSync],
  ['*', 'br', brotliDecompressSync],
  ['br;q=0, *', 'gzip', gunzipSync],
] as const)('a long answer to one who accepts %s is sent as %s', async ([accepted, encoding, decompress]) => {
  for (const path of ['/graphql', `/v1/Services/${kit.server.account.serviceId}/Channels/${channelId}/Messages`]) {
    const body = path === '/graphql' ? long() : undefined
    const plain = await ask(path, {}, body)
    expect(plain.headers['content-encoding']).toBeUndefined()
    const { headers, body: sent } = await ask(path, { 'accept-encoding': accepted }, body)
    expect([headers['content-encoding'], headers['content-length']]).toEqual([encoding, String(sent.length)])
    expect([headers.vary, plain.headers.vary]).toEqual(Array(2).fill(expect.stringMatching(/\baccept-encoding\b/i)))
    expect(sent.length).toBeLessThan(plain.body.length / 2)
    expect(decompress(sent).equals(plain.body)).toBe(true)
  }
})

test.for([[undefined], ['identity'], ['deflate'], ['gzip;q=0'], ['nonsense;;=,']])(
  'one who accepts %s gets it as it is',
  async ([accepted]) => {
    const { headers, body } = await ask(
      '/graphql',
      accepted === undefined ? {} : { 'accept-encoding': accepted },
      long(),
    )
    expect(headers['content-encoding']).toBeUndefined()
    expect(JSON.parse(body.toString())).toMatchObject({ data: { channel: {} } })
  },
)

test('a short answer is sent as it is', async () => {
  const { headers, body } = await ask('/graphql', { 'accept-encoding': 'gzip, br' }, short)
  expect([headers['content-encoding'], headers.vary]).toEqual([undefined, expect.stringMatching(/accept-encoding/i)])
  expect(body.toString()).toBe('{"data":{"viewer":{"kind":"BACKEND"}}}')
})

test('a stream of events is never compressed, and comes event by event', async () => {
  const aborter = new AbortController()
  const query = `subscription { messageAdded(channelId: "${channelId}") { body } }`
  const response = await fetch(`${kit.server.url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: kit.backend.authorization,
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'accept-encoding': 'gzip, br',
    },
    body: JSON.stringify({ query }),
    signal: aborter.signal,
  })
  expect(response.headers.get('content-encoding') ?? 'none').toBe('none')
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect(response.headers.get('x-accel-buffering')).toBe('no')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const body = 'event '.repeat(1000)
  let text = ''
  const send = kit.backend.send(channelId, body)
  while (!text.includes(body)) text += (await reader.read()).value
  await send
  aborter.abort()
})
