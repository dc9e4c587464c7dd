import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { Webhook } from 'standardwebhooks'
import twilio from 'twilio'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { parseNetworks } from '../../src/model/network.ts'
import {
  WebhookClient,
  WebhookFailure,
  prepareRequest,
  type WebhookRequest,
} from '../../src/outbound/webhook-request.ts'
import { signUrl } from '../../src/outbound/webhook-signature.ts'
import { freePort } from '../support/free-port.ts'
import { pem } from '../support/pem.ts'
import { within } from '../support/wait.ts'
import { json, ok, openReceiver, type Received } from '../support/webhook-receiver.ts'

const receiver = await openReceiver()
const client = new WebhookClient(parseNetworks('127.0.0.0/8')!)
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = ok
})
afterAll(async () => {
  client.close()
  await receiver.close()
})

const authToken = 'the token of the account'
const secret = Buffer.from('a secret of at least 24 bytes')

const parameters = {
  EventType: 'onMessageSend',
  ChannelSid: `CH${'a'.repeat(32)}`,
  Body: 'Draw the owl! ñ 漢字 🦉 & = + % \r\nX-Injected: yes',
  From: 'al ice+1@example.com',
}

function requestTo(url: string, more: Partial<WebhookRequest> = {}): WebhookRequest {
  return { url, method: 'POST', bodyFormat: 'form', parameters, id: 'WN1', authToken, secret, timeout: 5000, ...more }
}

/** A server below HTTP, and its address. */
async function listenRaw(onConnection: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, [Symbol.dispose]: () => void server.close() }
}

async function failureOf(request: WebhookRequest): Promise<WebhookFailure> {
  try {
    const answer = await client.send(request)
    throw new Error(`answered ${JSON.stringify(answer)}`)
  } catch (error) {
    if (error instanceof WebhookFailure) return error
    throw error
  }
}

/** As a receiver checks it with the helper library: a form with its parameters, JSON with its raw body. */
function isSignedFor({ headers, url, method, body, parameters: form }: Received, token: string): boolean {
  if (headers['content-type'] === 'application/json') {
    return twilio.validateRequestWithBody(token, headers['x-twilio-signature']!, url, body)
  }
  return twilio.validateRequest(token, headers['x-twilio-signature']!, url, method === 'POST' ? form : {})
}

test('the published signatures come out', () => {
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
  const form = (number: string) => ({
    CallSid: 'CA1234567890ABCDE',
    Digits: '1234',
    To: '+18005551212',
    Caller: number,
    From: number,
  })
  expect(signUrl('12345', url, form('+12349013030'))).toBe('0/KCTR6DLpKmkAf8muzZqo1nDgQ=')
  expect(signUrl('12345', url, form('+14158675309'))).toBe('RSOYDt4T1cUTdK1PDd93/VVr8B8=')
})

const paths = ['', '?foo=1&bar=a%20b', '?foo', '/with%20space/ü?x=ñ#part', '?q=it%27s']

const ways = [
  ['POST', 'form'],
  ['POST', 'json'],
  ['GET', 'form'],
  ['GET', 'json'],
] as const

test.each(ways.flatMap((way) => paths.map((path) => [...way, path] as const)))(
  '%s as %s to %s is signed so that the helper library accepts it',
  async (method, bodyFormat, path) => {
    await client.send(requestTo(`${receiver.url}${path}`, { method, bodyFormat }))
    const [received] = receiver.received
    expect(received!.method).toBe(method)
    expect(received!.parameters).toMatchObject(parameters)
    expect(isSignedFor(received!, authToken)).toBe(true)
    expect(isSignedFor(received!, 'another token')).toBe(false)
    expect(isSignedFor({ ...received!, url: `${received!.url}&more=1` }, authToken)).toBe(false)
  },
)

test('a POST has a Standard Webhooks signature that covers its form; a GET has none to reuse', async () => {
  const webhook = new Webhook(secret, { format: 'raw' })
  await client.send(requestTo(receiver.url))
  const [{ body, headers }] = receiver.received as [Received]
  const options = { jsonParse: false }
  expect(() => webhook.verify(body, headers, options)).not.toThrow()
  expect(() => webhook.verify(`${body}x`, headers, options)).toThrow(/No matching signature/)
  expect(headers['webhook-id']).toBe('WN1')
  await client.send(requestTo(receiver.url, { method: 'GET' }))
  expect(receiver.received[1]!.headers).not.toHaveProperty('webhook-signature')
})

test('JSON is one object with the texts of the form, and both signatures cover its bytes', async () => {
  await client.send(requestTo(receiver.url, { bodyFormat: 'json' }))
  const [received] = receiver.received as [Received]
  const { body, headers, query, url } = received
  expect(headers['content-type']).toBe('application/json')
  expect(JSON.parse(body)).toEqual(parameters)
  const webhook = new Webhook(secret, { format: 'raw' })
  expect(webhook.verify(body, headers)).toEqual(parameters)
  expect(() => webhook.verify(`${body} `, headers)).toThrow(/No matching signature/)
  expect(query.getAll('bodySHA256')).toEqual([createHash('sha256').update(body).digest('hex')])
  expect(isSignedFor({ ...received, body: `${body} ` }, authToken)).toBe(false)
  // Another body with its own hash.
  const forged = url.replace(/(?<=bodySHA256=)\w+/, createHash('sha256').update('{}').digest('hex'))
  expect(isSignedFor({ ...received, body: '{}', url: forged }, authToken)).toBe(false)
})

test('a GET is the same whatever the format of bodies', async () => {
  for (const bodyFormat of ['form', 'json'] as const) {
    await client.send(requestTo(receiver.url, { method: 'GET', bodyFormat }))
  }
  const [one, other] = receiver.received
  expect([other!.url, other!.body]).toEqual([one!.url, ''])
  expect(one!.query.has('bodySHA256')).toBe(false)
})

test.each(ways)(
  'a text with question marks and the name of a body’s hash has no %s as %s refused',
  async (method, bodyFormat) => {
    const Body = 'What is bodySHA256=0 in &bodySHA256=1?'
    const named = { ...parameters, Body, From: 'bodySHA256' }
    await client.send(requestTo(receiver.url, { method, bodyFormat, parameters: named }))
    const [received] = receiver.received as [Received]
    expect(received.parameters).toMatchObject(named)
    expect(received.query.get('body')).toBe(Body)
    // As the library's middleware checks it.
    const { pathname, search } = new URL(received.url)
    const request = {
      protocol: 'http',
      headers: received.headers,
      header: (name: string) => received.headers[name.toLowerCase()],
      originalUrl: pathname + search,
      body: method === 'POST' ? received.parameters : {},
      rawBody: received.body,
    }
    expect(twilio.validateIncomingRequest(request as never, authToken)).toBe(true)
  },
)

test('the names of the examples are in the query whatever the method', async () => {
  for (const [method, bodyFormat] of ways) {
    await client.send(requestTo(`${receiver.url}?own=1`, { method, bodyFormat }))
  }
  for (const { query } of receiver.received) {
    expect(Object.fromEntries(query)).toMatchObject({
      own: '1',
      trigger: 'onMessageSend',
      from: parameters.From,
      to: parameters.ChannelSid,
      body: parameters.Body,
      message: parameters.Body,
    })
  }
})

test('a long body is whole in what is posted, and cut between characters in its query', () => {
  for (const character of ['a', 'ñ', '漢', '🦉', ' ']) {
    for (let shift = 0; shift < 12; shift++) {
      const Body = 'x'.repeat(shift) + character.repeat(8000)
      const { target, body } = prepareRequest(requestTo(receiver.url, { parameters: { ...parameters, Body } }))
      expect(new URLSearchParams(body).get('Body')).toBe(Body)
      const asJson = prepareRequest(
        requestTo(receiver.url, { parameters: { ...parameters, Body }, bodyFormat: 'json' }),
      )
      expect(JSON.parse(asJson.body!)).toMatchObject({ Body })
      const cut = target.searchParams.get('body')!
      expect(Body.startsWith(cut) && cut.length > 100 && cut.length <= 2000).toBe(true)
      expect(target.href.length).toBeLessThan(5000)
    }
  }
})

test('no header comes from a parameter', async () => {
  await client.send(requestTo(receiver.url))
  expect(Object.keys(receiver.received[0]!.headers).sort()).toEqual([
    'accept',
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
    'webhook-id',
    'webhook-signature',
    'webhook-timestamp',
    'x-twilio-signature',
  ])
})

test('credentials in the URL are sent as basic auth and not signed', async () => {
  await client.send(requestTo(receiver.url.replace('//', '//user:pass%20word@')))
  const [received] = receiver.received
  expect(received!.headers['authorization']).toBe(`Basic ${btoa('user:pass word')}`)
  expect(isSignedFor(received!, authToken)).toBe(true)
})

test('a redirect is an answer and is not followed', async () => {
  receiver.answer = (_received, response) => {
    response.writeHead(302, { location: `${receiver.url}/elsewhere` }).end()
  }
  expect(await client.send(requestTo(receiver.url))).toMatchObject({ status: 302 })
  expect(receiver.received).toHaveLength(1)
})

test('an answer is read up to a limit', async () => {
  receiver.answer = (_received, response) => {
    response.on('error', () => {})
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, 'a')));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  }
  const { body, isCut } = await client.send(requestTo(receiver.url))
  expect({ length: body.length, isCut }).toEqual({ length: 256 * 1024, isCut: true })
})

test('a receiver that hangs is given up, before its headers or within its body', async () => {
  receiver.answer = () => {}
  expect(await failureOf(requestTo(receiver.url, { timeout: 50 }))).toMatchObject({ isTimeout: true })
  receiver.answer = (_received, response) => response.writeHead(200).write('{')
  expect(await failureOf(requestTo(receiver.url, { timeout: 50 }))).toMatchObject({ isTimeout: true })
})

test('a receiver that closes midway has not answered', async () => {
  receiver.answer = (_received, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{')
    setImmediate(() => response.destroy())
  }
  const failure = await failureOf(requestTo(receiver.url))
  expect(failure).toMatchObject({ isTimeout: false, message: expect.stringContaining('closed the connection') })
})

test('a receiver that speaks something else has not answered', async () => {
  using server = await listenRaw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))
  expect(await failureOf(requestTo(server.url))).toMatchObject({ isTimeout: false })
})

test.each(['101 Switching Protocols\r\nUpgrade: chat\r\nConnection: Upgrade', '100 Continue'])(
  'a receiver that says %s and nothing more has not answered',
  async (status) => {
    using server = await listenRaw((socket) => socket.once('data', () => socket.write(`HTTP/1.1 ${status}\r\n\r\n`)))
    expect(await within(failureOf(requestTo(server.url, { timeout: 200 })), 5000, 'a failure')).toBeInstanceOf(
      WebhookFailure,
    )
  },
)

test('nobody there is a failure that says nothing of the path or the credentials', async () => {
  const port = await freePort()
  const { message } = await failureOf(requestTo(`http://user:word@127.0.0.1:${port}/path?key=secret`))
  expect(message).toBe(`127.0.0.1:${port} cannot be called: ECONNREFUSED`)
})

test('over TLS the certificate must be trusted and be for the name', async () => {
  const { certificate: cert, privateKey: key } = pem.one
  const server = createSecureServer({ cert, key }, (_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const trusted = getCACertificates('default')
  try {
    const { message } = await failureOf(requestTo(`https://127.0.0.1:${port}/`))
    expect(message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
    setDefaultCACertificates([...trusted, cert])
    const misnamed = await failureOf(requestTo(`https://127.0.0.1:${port}/`))
    expect(misnamed.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
  } finally {
    setDefaultCACertificates(trusted)
    server.closeAllConnections()
    server.close()
  }
})

test('what is not public is refused unless it is allowed', async () => {
  const strict = new WebhookClient([])
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    await expect(strict.send(requestTo(`http://${host}:${receiver.port}/`))).rejects.toThrow(/no public address/)
  }
  strict.close()
  expect(receiver.received).toEqual([])
})

test('a kept connection that the receiver has closed is replaced by a fresh one', async () => {
  let connections = 0
  using server = await listenRaw((socket) => {
    let isAnswered = false
    connections++
    socket.on('data', () => {
      // Whatever comes a second time on the same connection meets its end.
      if (isAnswered) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}')
      isAnswered = true
    })
  })
  await client.send(requestTo(server.url))
  expect(await client.send(requestTo(server.url))).toMatchObject({ status: 200 })
  expect(connections).toBe(2)
})

test('JSON comes back as it was', async () => {
  receiver.answer = json({ body: '漢字' })
  expect(JSON.parse((await client.send(requestTo(receiver.url))).body)).toEqual({ body: '漢字' })
})
