import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { EventsDocument, SendMessageDocument, ViewerDocument } from '../../schema/generated/graphql.ts'
import { openCollector, type CollectedSpan, type Collector } from '../support/collector.ts'
import { subscribeOverEvents } from '../support/event-stream.ts'
import { openKit, record, requestOver, type Kit, type User } from '../support/kit.ts'
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

let collector: Collector
let kit: Kit
let alice: User
let bob: User
let receiver: Receiver
const stack = new AsyncDisposableStack()
beforeAll(async () => {
  collector = stack.use(await openCollector())
  kit = stack.use(
    await openKit({
      ...webhookEnvironment,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20key,tenant=7',
      OTEL_SERVICE_NAME: 'chat of the spec',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=spec',
    }),
  )
  receiver = stack.use(await openReceiver())
  alice = await kit.user('alice')
  bob = await kit.user('bob')
})
afterAll(() => stack.disposeAsync())

let traceId: string
/** What a caller that traces sends along. */
let trace: { readonly traceparent: string; readonly tracestate: string }
const callerSpan = 'ab'.repeat(8)
let number = 0
beforeEach(() => {
  traceId = (++number).toString(16).padStart(32, 'f')
  trace = { traceparent: `00-${traceId}-${callerSpan}-01`, tracestate: 'vendor=1' }
})

/** The spans of the caller's trace, once there is one of this name. */
async function spansUntil(name: string, count = 1): Promise<readonly CollectedSpan[]> {
  const ofTrace = (span: CollectedSpan): boolean => span.traceId === traceId
  await collector.find((span) => ofTrace(span) && span.name === name, count)
  return collector.spans.filter(ofTrace)
}

/** The names from the caller down to a span. */
function pathOf(spans: readonly CollectedSpan[], span: CollectedSpan): string {
  const parent = spans.find(({ spanId }) => spanId === span.parentId)
  if (parent) return `${pathOf(spans, parent)} > ${span.name}`
  return `${span.parentId === callerSpan ? 'caller' : span.parentId === '' ? 'root' : 'lost'} > ${span.name}`
}

const pathsOf = (spans: readonly CollectedSpan[]): string[] => spans.map((span) => pathOf(spans, span))

const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan => {
  const [found, ...others] = spans.filter((span) => span.name === name)
  if (!found || others.length > 0) throw new Error(`not one ${name} of ${spans.map((span) => span.name).join(', ')}`)
  return found
}

test('a send over HTTP is one trace, from the request to the fan-out', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const client = bob.connect()
  const received = record(client, EventsDocument, { channelId })
  await received.atLeast(1)
  await alice.with(trace).send(channelId, 'a body that is nobody’s business')
  await received.atLeast(2)
  const spans = await spansUntil('POST /graphql')
  await spansUntil('fan out')
  const send = 'caller > POST /graphql > mutation SendMessage > Mutation.sendMessage > send message'
  const paths = pathsOf(spans)
  expect(paths).toContain(`${send} > write messages`)
  expect(paths).toContain(`${send} > publish > fan out`)
  expect(paths.filter((path) => path.startsWith(`${send} > write messages > `)).length).toBeGreaterThan(0)
  expect(paths.filter((path) => !path.startsWith('caller > POST /graphql'))).toEqual([])
  expect(named(spans, 'POST /graphql')).toMatchObject({
    kind: 'server',
    traceState: 'vendor=1',
    isError: false,
    attributes: { 'http.request.method': 'POST', 'http.route': '/graphql', 'http.response.status_code': 200 },
    resource: {
      'service.name': 'chat of the spec',
      'service.version': expect.any(String) as string,
      'service.instance.id': expect.stringMatching(/^[\da-f-]{36}$/) as string,
      'deployment.environment.name': 'spec',
    },
  })
  expect(named(spans, 'fan out')).toMatchObject({
    kind: 'consumer',
    attributes: {
      'fonechat.event': 'messageAdded',
      'fonechat.channel': channelId,
      'fonechat.groups': 1,
      'fonechat.subscribers': 1,
    },
  })
  const statements = spans.filter(({ attributes }) => attributes['db.system.name'] === 'postgresql')
  expect(statements.some(({ name }) => /INSERT messages/.test(name))).toBe(true)
  expect(statements.every(({ kind }) => kind === 'client')).toBe(true)
  expect(JSON.stringify(spans)).not.toContain('nobody’s business')
  expect(collector.requests[0]).toMatchObject({ path: '/v1/traces', headers: { 'api-key': 'a key', tenant: '7' } })
  await client.dispose()
})

test('an operation over WebSocket takes its trace from extensions.traceparent', async () => {
  const { id: channelId } = await kit.channel([alice])
  const client = alice.connect()
  await new Promise((resolve, reject) => {
    client.subscribe(
      {
        query: 'mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }',
        variables: { input: { channelId, body: 'hello' } },
        extensions: trace,
      },
      { next: resolve, error: reject, complete: () => {} },
    )
  })
  const spans = await spansUntil('WebSocket operation')
  expect(pathsOf(spans)).toContain(
    'caller > WebSocket operation > mutation Say > Mutation.sendMessage > send message > write messages',
  )
  expect(named(spans, 'WebSocket operation').attributes).toMatchObject({ 'network.protocol.name': 'websocket' })
  await client.dispose()
})

test('what is read together for clients that come back is a batch, as what is written together', async () => {
  const { id: channelId } = await kit.channel([alice])
  const client = alice.connect()
  const events = client.iterate({
    query: 'subscription Come($channelId: ID!) { events(channelId: $channelId) { __typename } }',
    variables: { channelId },
    extensions: trace,
  })
  await events.next()
  const spans = await spansUntil('WebSocket operation')
  const paths = pathsOf(spans).filter((path) => path.startsWith('caller > WebSocket operation > read together > '))
  expect(paths.some((path) => /SELECT channels/.test(path))).toBe(true)
  expect(paths.some((path) => /INSERT deliveries/.test(path))).toBe(true)
  await client.dispose()
})

test('the request of an event stream ends when its stream is open', async () => {
  const { id: channelId } = await kit.channel([alice])
  const events = await subscribeOverEvents(alice.with(trace), EventsDocument, { channelId })
  await events.atLeast(1)
  const spans = await spansUntil('POST /graphql')
  expect(events.isComplete).toBe(false)
  expect(named(spans, 'POST /graphql').attributes).toMatchObject({ 'http.response.status_code': 200 })
  events.stop()
})

test('a send over REST is named by its route', async () => {
  const { id: channelId } = await kit.channel()
  const { viewer } = await kit.backend.request(ViewerDocument)
  const response = await fetch(`${kit.server.url}/v1/Services/${viewer.service.id}/Channels/${channelId}/Messages`, {
    method: 'POST',
    headers: { authorization: kit.backend.authorization, ...trace },
    body: new URLSearchParams({ Body: 'hello' }),
  })
  expect(response.status).toBe(201)
  const route = 'POST /v1/Services/{ServiceSid}/Channels/{ChannelSid}/Messages'
  const spans = await spansUntil(route)
  expect(pathsOf(spans).some((path) => path.startsWith(`caller > ${route} > mutation `))).toBe(true)
  expect(pathsOf(spans).some((path) => path.endsWith('> send message > write messages'))).toBe(true)
})

test('a pre-event is in the trace of its send, a post-event in one that is linked to it, and both take it along', async () => {
  const hooked = await hookService(kit, receiver)
  const user = await hooked.user()
  const { id: channelId } = await hooked.channel([user])
  await user.with(trace).send(channelId, 'hello')
  const [pre] = await receiver.atLeast(1, 'onMessageSend')
  const [post] = await receiver.atLeast(1, 'onMessageSent')
  const spans = await spansUntil('POST webhook')
  const call = named(spans, 'POST webhook')
  expect(pathOf(spans, call)).toMatch(/> send message > POST webhook$/)
  expect(call).toMatchObject({
    kind: 'client',
    attributes: { 'server.address': '127.0.0.1', 'http.response.status_code': 200, 'fonechat.event': 'onMessageSend' },
  })
  expect(pre!.headers).toMatchObject({ traceparent: `00-${traceId}-${call.spanId}-01`, tracestate: 'vendor=1' })
  const isLinked = ({ links }: CollectedSpan): boolean => links.some((link) => link.traceId === traceId)
  const [delivery] = await collector.find((span) => span.name === 'deliver webhook' && isLinked(span))
  expect(delivery).toMatchObject({
    parentId: '',
    attributes: { 'fonechat.event': 'onMessageSent', 'fonechat.attempt': 1 },
  })
  expect(delivery!.traceId).not.toBe(traceId)
  expect(post!.headers['traceparent']).toMatch(new RegExp(`^00-${delivery!.traceId}-[\\da-f]{16}-01$`))
})

test('what is written together is linked with all its senders', async () => {
  const { id: channelId } = await kit.channel([alice])
  const bodies = Array.from({ length: 20 }, (_, at) => `number ${at}`)
  await Promise.all(bodies.map((body) => kit.backend.with(trace).send(channelId, body)))
  const spans = await spansUntil('POST /graphql', bodies.length)
  const sends = spans.filter(({ name }) => name === 'send message')
  const batches = spans.filter(({ name }) => name === 'write messages')
  expect(batches.length).toBeLessThan(sends.length)
  const linked = batches.flatMap(({ parentId, links }) => [parentId, ...links.map(({ spanId }) => spanId)])
  expect(linked.toSorted()).toEqual(sends.map(({ spanId }) => spanId).toSorted())
  const sizes = batches.map(({ attributes }) => attributes['fonechat.batch.size'] as number)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bodies.length)
})

test('what a caller does not sample is not sampled here, and broken headers begin a trace', async () => {
  const { id: channelId } = await kit.channel([alice])
  const before = collector.spans.length
  await alice.with({ traceparent: `00-${traceId}-${callerSpan}-00` }).send(channelId, 'not sampled')
  await alice.with({ traceparent: `00-${'0'.repeat(32)}-${callerSpan}-01` }).send(channelId, 'broken')
  const isNew = (span: CollectedSpan): boolean => collector.spans.indexOf(span) >= before
  const [send] = await collector.find((span) => span.name === 'send message' && isNew(span))
  const [root] = await collector.find((span) => span.name === 'POST /graphql' && span.traceId === send!.traceId)
  expect(root!.parentId).toBe('')
  expect(collector.spans.filter((span) => span.name === 'send message' && isNew(span))).toHaveLength(1)
  expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([])
})

test('a fault is marked with its kind, and a refusal is no fault', async () => {
  const { id: channelId } = await kit.channel([alice])
  await bob.with(trace).ask(SendMessageDocument, { input: { channelId, body: 'not a member' } })
  await kit.store.db.orm.execute('ALTER TABLE messages RENAME TO hidden')
  await alice.with(trace).ask(SendMessageDocument, { input: { channelId, body: 'lost' } })
  await kit.store.db.orm.execute('ALTER TABLE hidden RENAME TO messages')
  const spans = await spansUntil('POST /graphql', 2)
  const sends = spans.filter(({ name }) => name === 'send message')
  const outcomes = sends.map(({ isError, attributes }) => `${attributes['error.type']}, an error: ${isError}`)
  expect(outcomes.toSorted()).toEqual(['42P01, an error: true', 'FORBIDDEN, an error: false'])
  expect(JSON.stringify(spans)).not.toContain('does not exist')
})

test('a query over a socket that nobody traces begins a trace of its own', async () => {
  const client = alice.connect()
  const { viewer } = await requestOver(client, ViewerDocument)
  expect(viewer).toBeDefined()
  await collector.find((span) => span.name === 'WebSocket operation' && span.parentId === '')
  await client.dispose()
})
