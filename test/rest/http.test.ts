import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { openRest, type Rest } from '../support/rest.ts'
import { within } from '../support/wait.ts'

let kit: Kit
let rest: Rest
beforeAll(async () => {
  kit = await openKit()
  rest = await openRest(kit)
})
afterAll(() => kit.close())

/** Sends bytes and reads the whole answer, without a client that would mend what it sends. */
async function sendRaw(...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(kit.server.port, '127.0.0.1')
  const answer = new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error) => (chunks.length > 0 ? resolve(Buffer.concat(chunks).toString()) : reject(error)))
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
  for (const part of parts) socket.write(part)
  return within(answer, 10_000, 'an answer')
}

function headOf(method: string, path: string, more: readonly string[] = []): string {
  return [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: ${rest.authorization}`,
    'Connection: close',
    ...more,
    '\r\n',
  ].join('\r\n')
}

const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))

test('a method that a path does not have is refused with those it has', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE', 'QUERY']) {
    const { status, headers, body } = await rest.call(method, rest.in('/Channels'))
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('GET, POST, HEAD, OPTIONS')
    expect(body).toEqual({
      code: 20004,
      message: `${method} is not allowed here`,
      more_info: 'https://www.twilio.com/docs/errors/20004',
      status: 405,
    })
  }
})

test('a path that is none is not found, in the same shape', async () => {
  for (const path of ['', '/', '/Nothing', rest.in('/'), rest.in('/Channels/'), rest.in('/Channels/x/Members/y/z')]) {
    expect(await rest.get(path)).toMatchObject({
      status: 404,
      body: {
        code: 20404,
        message: `The requested resource ${path} was not found`,
        more_info: 'https://www.twilio.com/docs/errors/20404',
        status: 404,
      },
    })
  }
})

test('HEAD answers as GET does, without the body', async () => {
  const [head, get] = [await rest.call('HEAD', rest.in('/Channels')), await rest.get(rest.in('/Channels'))]
  expect(head.body).toBeUndefined()
  expect(head.status).toBe(200)
  expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
  expect((await rest.call('HEAD', rest.in('/Channels/nothing'))).status).toBe(404)
})

test('OPTIONS needs no credentials and returns the methods', async () => {
  const response = await fetch(`${kit.server.url}/v1${rest.in('/Channels/x')}`, { method: 'OPTIONS' })
  expect(response.status).toBe(204)
  expect(response.headers.get('allow')).toBe('GET, POST, DELETE, HEAD, OPTIONS')
})

test('every answer has the headers of CORS', async () => {
  const answers = [
    await rest.get(rest.in('/Channels')),
    await rest.get('/nothing'),
    await rest.call('PUT', rest.in('/Channels')),
    await rest.call('OPTIONS', rest.in('/Channels')),
    await rest.post(rest.in('/Channels'), { Type: 'x' }),
    await rest.call('GET', rest.in('/Channels'), undefined, { authorization: '' }),
    await rest.post(rest.in('/Channels'), { FriendlyName: 'x'.repeat(2 ** 20) }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 405, 204, 400, 401, 413])
  for (const { headers } of answers) {
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-allow-headers')).toContain('Authorization')
    expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS')
    expect(headers.has('access-control-allow-credentials')).toBe(false)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.has('access-control-expose-headers')).toBe(true)
  }
})

test('a body that says it is too long is refused before it is sent', async () => {
  const answer = await sendRaw(
    headOf('POST', `/v1${rest.in('/Channels')}`, [
      'Content-Type: application/x-www-form-urlencoded',
      'Content-Length: 2000000',
    ]),
  )
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(bodyOf(answer)).toMatchObject({ code: 20001, status: 413 })
})

test('a body in chunks is refused where it grows too long, before its end', async () => {
  const chunk = Buffer.concat([Buffer.from('40000\r\n'), Buffer.alloc(0x40000, 'a'), Buffer.from('\r\n')])
  const answer = await sendRaw(
    headOf('POST', `/v1${rest.in('/Channels')}`, [
      'Content-Type: application/x-www-form-urlencoded',
      'Transfer-Encoding: chunked',
    ]),
    ...Array.from({ length: 5 }, () => chunk),
  )
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
})

test('a body in chunks that is short enough is read', async () => {
  const answer = await sendRaw(
    headOf('POST', `/v1${rest.in('/Channels')}`, [
      'Content-Type: application/x-www-form-urlencoded; charset=UTF-8',
      'Transfer-Encoding: chunked',
    ]),
    '10\r\nFriendlyName=a+%\r\n4\r\n2B+c\r\n0\r\n\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1\.1 201 /)
  expect(bodyOf(answer)).toMatchObject({ friendly_name: 'a + c' })
})

test('a JSON body is read as no parameters at all', async () => {
  const channel = await kit.channel([])
  const answer = await rest.call('POST', rest.in(`/Channels/${channel.id}/Members`), '{"Identity":"alice"}', {
    'content-type': 'application/json',
  })
  expect(answer).toMatchObject({
    status: 400,
    body: {
      code: 20001,
      message: 'Missing required parameter Identity in the post body',
      more_info: 'https://www.twilio.com/docs/errors/20001',
      status: 400,
    },
  })
  expect((await rest.get<{ members: [] }>(rest.in(`/Channels/${channel.id}/Members`))).body.members).toEqual([])
})

test('parameters that do not exist, and names in other letters, change nothing', async () => {
  const { status, body } = await rest.post(rest.in('/Channels'), { Colour: 'red', friendlyname: 'x', 'A.B': 'c' })
  expect(status).toBe(201)
  expect(body).toMatchObject({ friendly_name: null, unique_name: null, attributes: '{}', type: 'public' })
})

test('what is absent stays, what is empty is empty, and what is null goes', async () => {
  const made = await rest.post<{ sid: string }>(rest.in('/Channels'), { FriendlyName: 'a', Attributes: '{"b":1}' })
  const path = rest.in(`/Channels/${made.body.sid}`)
  const change = async (form: string) => (await rest.call('POST', path, form)).body
  expect(await change('Attributes=%5B%5D')).toMatchObject({ friendly_name: 'a', attributes: '[]' })
  expect(await change('FriendlyName=')).toMatchObject({ friendly_name: '', attributes: '[]' })
  expect(await change('FriendlyName')).toMatchObject({ friendly_name: null, attributes: '[]' })
  expect(await change('Attributes=')).toMatchObject({ friendly_name: null, attributes: '{}' })
})

test.each(['100%', 'a+b', 'a#b', 'a/b', 'a?b', 'a b', 'a%2Fb', 'Ünïcödé 🦉', 'a;b,c:d@e&f=g', 'a\'b"c<d>e', 'a\\b'])(
  'a channel named %s is found by its name',
  async (shape) => {
    const name = `${shape} ${uniqueName('n')}`
    const made = await rest.post<{ sid: string }>(rest.in('/Channels'), { UniqueName: name })
    const found = await rest.get<{ sid: string }>(rest.in(`/Channels/${encodeURIComponent(name)}`))
    expect(found).toMatchObject({ status: 200, body: { sid: made.body.sid, unique_name: name } })
  },
)

test('paths that no client should send are refused like any other', async () => {
  const expected: Readonly<Record<string, number>> = {
    '%': 404,
    '%zz': 404,
    '%E4': 404,
    'a%00b': 400,
    'a+b': 404,
    '%F0%9F': 404,
    '%2e%2e%2f': 404,
    '..%5c..': 404,
    'a%0d%0ab': 404,
    __proto__: 404,
    constructor: 404,
    [`${'x'.repeat(5000)}`]: 404,
  }
  for (const [name, status] of Object.entries(expected)) {
    const answer = await sendRaw(headOf('GET', `/v1${rest.in(`/Channels/${name}`)}`))
    expect([name, answer.slice(9, 12), bodyOf(answer)]).toMatchObject([name, `${status}`, { status }])
  }
  for (const path of [
    '/v1/../x',
    '/v1\\..\\x',
    '/v1/Services/..',
    '//',
    '/\\',
    '/v1#/x',
    'http://',
    '/v1/%',
    '/v1/ü',
  ]) {
    expect(await sendRaw(headOf('GET', path))).toMatch(/^HTTP\/1\.1 40[04] /)
  }
  expect((await rest.get(rest.in('/Channels'))).status).toBe(200)
})

test('the same Idempotency-Key sends one message', async () => {
  const channel = await kit.channel([])
  const send = async (body: string, key: string) =>
    (
      await rest.call<{ sid: string; index: number }>(
        'POST',
        rest.in(`/Channels/${channel.id}/Messages`),
        { Body: body },
        { 'idempotency-key': key },
      )
    ).body
  const first = await send('once', 'k1')
  expect(await send('again', 'k1')).toEqual(first)
  expect(await send('other', 'k2')).toMatchObject({ index: 1, body: 'other' })
})
