import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Network } from '../model/network.ts'
import {
  isPreEvent,
  type WebhookBodyFormat,
  type WebhookEvent,
  type WebhookMethod,
  type WebhookParameters,
} from '../model/webhook.ts'
import { tracing, type TraceHeaders, type Tracing } from '../tracing/tracing.ts'
import { ForbiddenAddress, createAddressGuard } from './public-url.ts'
import { bodyHashParameter, signBody, signUrl } from './webhook-signature.ts'

export interface WebhookRequest {
  readonly url: string
  readonly method: WebhookMethod
  /** A GET ignores it. */
  readonly bodyFormat: WebhookBodyFormat
  readonly parameters: WebhookParameters
  /** The same for every attempt, so that the receiver recognises a repetition. */
  readonly id: string
  readonly authToken: string
  readonly secret: Uint8Array
  /** Milliseconds for all of it, from the resolution of the name to the last byte. */
  readonly timeout: number
  /** Ends it sooner. */
  readonly signal?: AbortSignal
  /** Not signed: they say nothing of the event. */
  readonly traceHeaders?: TraceHeaders
}

export interface WebhookAnswer {
  readonly status: number
  readonly body: string
  /** Whether the answer was longer than `answerBytes`. */
  readonly isCut: boolean
}

/** Why there is no answer. The message contains nothing of the URL but its host: the rest may hold secrets. */
export class WebhookFailure extends Error {
  override readonly name = 'WebhookFailure'
  readonly isTimeout: boolean

  constructor(message: string, isTimeout = false) {
    super(message)
    this.isTimeout = isTimeout
  }
}

/** Enough for the longest body and attributes, with each character as an escape. */
const answerBytes = 256 * 1024

/** The longest text that the query of a POST repeats, since servers refuse long URLs. */
const queriedLength = 2000

/** The parameters under the names that the product's own examples read, which use the query whatever the method. */
function toQuery({ EventType, From, ClientIdentity, ChannelSid, Body }: WebhookParameters, isCut: boolean): string {
  const text = Body === undefined ? undefined : encode(Body, isCut)
  const from = From ?? ClientIdentity
  return [
    `trigger=${encode(EventType ?? '')}`,
    ...(from === undefined ? [] : [`from=${encode(from)}`]),
    ...(ChannelSid === undefined ? [] : [`to=${ChannelSid}`]),
    ...(text === undefined ? [] : [`body=${text}`, `message=${text}`]),
  ].join('&')
}

/**
 * The middleware of Twilio's helper libraries decodes each `%3F` of the URL, and takes `bodySHA256` anywhere in it for the hash of a body.
 * Both are written in another way, so that the webhook of such a message is not refused.
 */
function encode(value: string, isCut = false): string {
  const text = encodeURIComponent(value).replaceAll('%3F', '?').replaceAll('bodySHA256', '%62odySHA256')
  // Never cuts within an escaped character: all of its bytes go.
  return isCut && text.length > queriedLength
    ? text.slice(0, queriedLength).replace(/(%[cdef][0-9a-f])?(%[89ab][0-9a-f])*(%[0-9a-f]?)?$/i, '')
    : text
}

function toForm(parameters: WebhookParameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encode(value)}`)
    .join('&')
}

/** Builds the request: its URL, its signed headers and its body. */
export function prepareRequest(
  { url, method, bodyFormat, parameters, id, authToken, secret, traceHeaders }: WebhookRequest,
  now = Date.now(),
) {
  const target = new URL(url)
  const isGet = method === 'GET'
  const isJson = !isGet && bodyFormat === 'json'
  const text = isJson ? JSON.stringify(parameters) : toForm(parameters)
  const query = [toQuery(parameters, !isGet)]
  if (isGet) query.push(text)
  if (isJson) query.push(bodyHashParameter(text))
  target.hash = ''
  target.search += `${target.search === '' ? '?' : '&'}${query.join('&')}`
  const signed = new URL(target)
  signed.username = ''
  signed.password = ''
  const time = Math.floor(now / 1000)
  const headers = {
    accept: '*/*',
    'user-agent': 'fonechat',
    'x-twilio-signature': signUrl(authToken, signed.href, isGet || isJson ? undefined : parameters),
    'webhook-id': id,
    'webhook-timestamp': String(time),
    ...traceHeaders,
  }
  if (isGet) return { target, headers, body: undefined }
  return {
    target,
    headers: {
      ...headers,
      'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(text),
      // Without a body it would be valid for any other query.
      'webhook-signature': signBody(secret, id, time, text),
    },
    body: text,
  }
}

/** How a request ended: `accepted` is 2xx, `refused` any other status, `timeout` and `failed` no answer. */
export interface WebhookCall {
  readonly kind: 'pre' | 'post'
  readonly outcome: 'accepted' | 'refused' | 'timeout' | 'failed'
  readonly seconds: number
}

/** An idle connection is closed after so many milliseconds. */
const kept = { keepAlive: true, timeout: 30_000 }

/** Calls webhooks. Redirects are not followed, and nothing but allowed addresses is connected to. */
export class WebhookClient {
  readonly #guard
  readonly #onCalled
  readonly #agents = { 'http:': new HttpAgent(kept), 'https:': new HttpsAgent(kept) }

  constructor(allowed: readonly Network[], onCalled: (call: WebhookCall) => void = () => {}) {
    this.#guard = createAddressGuard(allowed)
    this.#onCalled = onCalled
  }

  /** Throws WebhookFailure when there is no whole answer in time. */
  async send(request: WebhookRequest): Promise<WebhookAnswer> {
    const kind = isPreEvent(request.parameters['EventType'] as WebhookEvent) ? 'pre' : 'post'
    const began = performance.now()
    const record = (outcome: WebhookCall['outcome']): void =>
      this.#onCalled({ kind, outcome, seconds: (performance.now() - began) / 1000 })
    try {
      const answer = await (tracing === undefined ? this.#send(request) : this.#trace(tracing, request))
      record(answer.status >= 200 && answer.status < 300 ? 'accepted' : 'refused')
      return answer
    } catch (error) {
      record(error instanceof WebhookFailure && error.isTimeout ? 'timeout' : 'failed')
      throw error
    }
  }

  /** Of the address only the host is said: the rest may hold secrets. */
  #trace(by: Tracing, request: WebhookRequest): Promise<WebhookAnswer> {
    const { method, parameters, url } = request
    const attributes = {
      'http.request.method': method,
      'server.address': new URL(url).hostname,
      'fonechat.event': parameters['EventType'] ?? '',
    }
    return by.child(`${method} webhook`, { role: 'client', attributes }, async (span) => {
      const answer = await this.#send({ ...request, traceHeaders: by.headers() })
      span?.setAttribute('http.response.status_code', answer.status)
      return answer
    })
  }

  async #send(request: WebhookRequest): Promise<WebhookAnswer> {
    const timeout = AbortSignal.timeout(request.timeout)
    const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout
    const prepared = prepareRequest(request)
    try {
      const agent = this.#agents[prepared.target.protocol as 'http:' | 'https:']
      try {
        return await this.#exchange(prepared, signal, agent)
      } catch (error) {
        if (!(error instanceof StaleSocket)) throw error
        return await this.#exchange(prepared, signal, false)
      }
    } catch (error) {
      throw toFailure(error, signal, prepared.target)
    }
  }

  async #exchange(
    { target, headers, body }: ReturnType<typeof prepareRequest>,
    signal: AbortSignal,
    agent: HttpAgent | false,
  ): Promise<WebhookAnswer> {
    this.#guard.assertAllowed(target)
    const isSecure = target.protocol === 'https:'
    return new Promise((resolve, reject) => {
      const request: ClientRequest = (isSecure ? httpsRequest : httpRequest)(target, {
        method: body === undefined ? 'GET' : 'POST',
        headers,
        signal,
        agent,
        lookup: this.#guard.lookup,
      })
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
        reject(isStale ? new StaleSocket() : error)
      })
      let isAnswered = false
      request.on('response', (response) => {
        isAnswered = true
        readAnswer(response).then(resolve, reject)
      })
      // An unexpected answer of 101 closes the connection without a response or an error.
      request.on('close', () => {
        if (!isAnswered) reject(new Error('closed without an answer'))
      })
      request.end(body)
    })
  }

  /** Why an address could never be called; undefined where it could. */
  findFault(url: string): string | undefined {
    return this.#guard.findFault(new URL(url))
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }
}

/** The receiver had closed a connection that was kept open, before it saw the request. */
class StaleSocket extends Error {}

async function readAnswer(response: IncomingMessage): Promise<WebhookAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    // Leaving the loop closes the connection.
    if (bytes > answerBytes) break
  }
  const body = Buffer.concat(chunks).subarray(0, answerBytes).toString('utf8')
  return { status: response.statusCode!, body, isCut: bytes > answerBytes }
}

function toFailure(error: unknown, signal: AbortSignal, { host }: URL): WebhookFailure {
  if (signal.aborted) return new WebhookFailure(`${host} did not answer in time`, true)
  if (error instanceof ForbiddenAddress) return new WebhookFailure(error.message)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ECONNRESET' || code === 'EPIPE') return new WebhookFailure(`${host} closed the connection`)
  return new WebhookFailure(`${host} cannot be called: ${code ?? 'no valid answer'}`)
}
