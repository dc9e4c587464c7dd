import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  MessageBodiesDocument,
  RateLimitsDocument,
  RateRefusalsDocument,
  SendMessageDocument,
  ServiceDocument,
  StartTypingDocument,
  TypingStartedDocument,
  UpdateServiceDocument,
  ViewerDocument,
  ViewerEventsDocument,
} from '../../schema/generated/graphql.ts'
import { openKit, record, requestOver, type Answer, type Kit, type User } from '../support/kit.ts'
import { setLimits } from '../support/limits.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit({}, { hasRates: true })
})
afterAll(() => kit.close())
beforeEach(() =>
  setLimits(kit, {
    userSends: null,
    userOperations: null,
    userTyping: null,
    userSockets: null,
    userSubscriptions: null,
  }),
)

const post = (user: User, query: string, variables: object = {}) =>
  fetch(`${kit.server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: user.authorization },
    body: JSON.stringify({ query, variables }),
  })

const refusal = (seconds: number, chatCode = 51002) => ({
  extensions: {
    code: 'RATE_LIMITED',
    chatCode,
    retryAfterMs: expect.toSatisfy((ms: number) => ms > 0 && ms <= seconds * 1000) as number,
  },
})

const refusals = () => ({ ...kit.server.app.rateCounters.refusals.counts })

test('P16: of the sends of one operation those beyond the rate are refused, each alias by itself, and can be sent later', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  await setLimits(kit, { userSends: { limit: 5, seconds: 2 } })
  const before = refusals()
  const inputs = Array.from({ length: 8 }, (_, at) => ({ channelId, body: `${at}`, clientMessageId: `${at}` }))
  const query = `mutation (${inputs.map((_, at) => `$i${at}: SendMessageInput!`).join(' ')}) {
    ${inputs.map((_, at) => `a${at}: sendMessage(input: $i${at}) { message { index } }`).join(' ')}
  }`
  const response = await post(alice, query, Object.fromEntries(inputs.map((input, at) => [`i${at}`, input])))
  expect(response.status).toBe(200)
  const { data, errors } = (await response.json()) as Answer<Record<string, { message: { index: number } } | null>>
  expect(Object.values(data!).map((sent) => sent?.message.index)).toEqual([
    0,
    1,
    2,
    3,
    4,
    undefined,
    undefined,
    undefined,
  ])
  expect(errors).toMatchObject([5, 6, 7].map((at) => ({ path: [`a${at}`], ...refusal(2) })))
  expect(response.headers.get('ratelimit-policy')).toBe('"sends";q=5;w=2')
  expect(response.headers.get('ratelimit')).toMatch(/^"sends";r=0;t=[12]$/)
  expect(response.headers.get('retry-after')).toMatch(/^[12]$/)
  expect(response.headers.get('access-control-expose-headers')).toContain('RateLimit')
  expect(refusals()).toEqual({ ...before, sends: before.sends + 3 })
  await waitFor(async () => !(await alice.ask(SendMessageDocument, { input: inputs[5]! })).errors, { interval: 100 })
  const repeated = await alice.request(SendMessageDocument, { input: inputs[5]! })
  expect(repeated.sendMessage.message).toMatchObject({ index: 5, body: '5' })
  // What was refused was not counted as an operation, nor was what was sent.
  const { viewer } = await alice.request(RateLimitsDocument)
  expect(viewer.rateLimits[1]).toMatchObject({ kind: 'OPERATIONS', remaining: 199 })
})

test('P16: every way in counts, and every way in refuses', async () => {
  const bob = await kit.user('bob')
  const client = bob.connect()
  await requestOver(client, ViewerDocument, {})
  await setLimits(kit, { userOperations: { limit: 4, seconds: 60 } })
  const address = `${kit.server.url}/graphql`
  const headers = { authorization: bob.authorization, 'content-type': 'application/json' }
  const ways: Readonly<Record<string, () => Promise<string>>> = {
    POST: async () => (await post(bob, '{ viewer { kind } }')).text(),
    GET: async () => (await fetch(`${address}?query={viewer{kind}}`, { headers })).text(),
    'Server-Sent Events': async () => {
      const init = { method: 'POST', headers: { ...headers, accept: 'text/event-stream' } }
      return (await fetch(address, { ...init, body: JSON.stringify({ query: '{ viewer { kind } }' }) })).text()
    },
    WebSocket: async () => {
      const answers = client.iterate({ query: '{ viewer { kind } }' })
      return JSON.stringify((await answers.next()).value)
    },
  }
  for (const ask of Object.values(ways)) expect(await ask()).toContain('"USER"')
  for (const [way, ask] of Object.entries(ways))
    expect([way, await ask()]).toEqual([way, expect.stringContaining('"RATE_LIMITED"')])
  const get = await fetch(`${address}?query={viewer{kind}}`, { headers })
  expect(get.headers.get('ratelimit')).toMatch(/^"operations";r=0;t=\d+$/)
  expect(await refusalsOf(bob)).toEqual(['OPERATIONS: 5 beyond 4 in 60 s'])
  await get.text()
  // Fields of the schema itself have a bound of their own.
  expect(await (await post(bob, '{ __typename }')).text()).toBe('{"data":{"__typename":"Query"}}')
  await client.dispose()
})

test('P16: whoever types too often is heard no more for a while, and is told nothing', async () => {
  const [carol, dave] = [await kit.user('carol'), await kit.user('dave')]
  const channels = [
    await kit.channel([carol, dave]),
    await kit.channel([carol, dave]),
    await kit.channel([carol, dave]),
  ]
  await setLimits(kit, { userTyping: { limit: 2, seconds: 60 } })
  const client = dave.connect()
  const heard = record(client, TypingStartedDocument, {})
  await carol.request(StartTypingDocument, { input: { channelId: channels[0]!.id } })
  await heard.atLeast(1)
  const before = refusals()
  for (const { id: channelId } of channels.slice(1)) {
    const { startTyping } = await carol.request(StartTypingDocument, { input: { channelId } })
    expect(Date.parse(startTyping.expiresAt)).toBeGreaterThan(Date.now())
  }
  await heard.atLeast(2)
  // What another one does afterwards has come, and the third has not.
  await setLimits(kit, { userTyping: { limit: 3, seconds: 60 } })
  await carol.request(StartTypingDocument, { input: { channelId: channels[0]!.id } })
  const last = await kit.channel([carol, dave])
  await waitFor(() => carol.request(StartTypingDocument, { input: { channelId: last.id } }))
  await heard.atLeast(3)
  expect(heard.items.map(({ typingStarted: { channel } }) => channel.id)).toEqual([
    channels[0]!.id,
    channels[1]!.id,
    last.id,
  ])
  expect(refusals()).toEqual({ ...before, typing: before.typing + 1 })
  expect(await refusalsOf(carol)).toEqual(['TYPING: 1 beyond 2 in 60 s'])
  await client.dispose()
})

test('P16: sockets and subscriptions have the limits of the service', async () => {
  const erin = await kit.user('erin')
  const { id: channelId } = await kit.channel([erin])
  await setLimits(kit, { userSockets: 2, userSubscriptions: 3 })
  const sockets = await Promise.all([1, 2].map(() => RawSocket.open(kit.server, { token: erin.token })))
  expect(await RawSocket.openRefused(kit.server, { token: erin.token })).toMatchObject({ code: 4412 })
  const open = (at: number) => sockets[at % 2]!.subscribe(`${at}`, MessageBodiesDocument, { channelId })
  for (const at of [0, 1, 2]) open(at)
  await waitFor(async () => (await limitOf(erin, 'SUBSCRIPTIONS')).remaining === 0)
  open(3)
  const message = await waitFor(() => sockets[1]!.messages.find(({ type, id }) => type === 'next' && id === '3'))
  expect(message.payload).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED', chatCode: 51001 } }] })
  expect(await limitOf(erin, 'SOCKETS')).toEqual({
    kind: 'SOCKETS',
    limit: 2,
    seconds: null,
    remaining: 0,
    resetsAt: null,
  })
  for (const socket of sockets) socket.terminate()
  await waitFor(async () => (await limitOf(erin, 'SOCKETS')).remaining === 2)
  expect(await refusalsOf(erin)).toEqual(['SOCKETS: 1 beyond 2 in null s', 'SUBSCRIPTIONS: 1 beyond 3 in null s'])
})

/** Of what a user was refused, as operators see it. */
async function refusalsOf({ identity }: User) {
  const { rateRefusals } = await kit.backend.request(RateRefusalsDocument, { serviceId: kit.server.account.serviceId })
  return rateRefusals.nodes
    .filter((node) => node.identity === identity)
    .map(({ kind, count, limit, seconds }) => `${kind}: ${count} beyond ${limit} in ${seconds} s`)
    .toSorted()
}

async function limitOf(user: User, kind: string) {
  const { viewer } = await user.request(RateLimitsDocument)
  return viewer.rateLimits.find((limit) => limit.kind === kind)!
}

test('P16: who opens subscriptions faster than a client that comes back waits for a moment, without an error', async () => {
  const frank = await kit.user('frank')
  await setLimits(kit, { userSubscriptions: 3, userOperations: { limit: 100, seconds: 1 } })
  const client = frank.connect()
  const begun = performance.now()
  for (let time = 0; time < 7; time++) {
    const one = record(client, ViewerEventsDocument)
    // Its beginning.
    await one.atLeast(1)
    one.stop()
  }
  // Three in each second.
  expect(performance.now() - begun).toBeGreaterThan(1500)
  await client.dispose()
})

test('P16: viewer.rateLimits says what is left and when it is whole again; a backend without a rate has none', async () => {
  const grace = await kit.user('grace')
  const { viewer } = await grace.request(RateLimitsDocument)
  expect(viewer.rateLimits).toEqual([
    { kind: 'SENDS', limit: 60, seconds: 3, remaining: 60, resetsAt: null },
    { kind: 'OPERATIONS', limit: 200, seconds: 4, remaining: 199, resetsAt: expect.any(String) as string },
    { kind: 'TYPING', limit: 20, seconds: 4, remaining: 20, resetsAt: null },
    { kind: 'SOCKETS', limit: 20, seconds: null, remaining: 20, resetsAt: null },
    { kind: 'SUBSCRIPTIONS', limit: 200, seconds: null, remaining: 200, resetsAt: null },
  ])
  const seconds = (Date.parse(viewer.rateLimits[1]!.resetsAt!) - Date.now()) / 1000
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(4)
  expect((await kit.backend.request(RateLimitsDocument)).viewer.rateLimits).toEqual([])
})

test('P16: a process goes by the limits that were set at another one', async () => {
  const heidi = await kit.user('heidi')
  const other = heidi.at(await kit.another())
  await other.request(ViewerDocument)
  await setLimits(kit, { userOperations: { limit: 1, seconds: 60 } })
  await waitFor(async () => (await other.ask(ViewerDocument)).errors?.[0]?.extensions.code === 'RATE_LIMITED')
  // Each process counts for itself; on the embedded engine there is one.
  const here = (await heidi.ask(ViewerDocument)).errors?.[0]?.extensions.code
  expect(here).toBe(kit.store.redisUrl === undefined ? 'RATE_LIMITED' : undefined)
})

test('limits have bounds, null brings the default back, and what is left out stays', async () => {
  const serviceId = kit.server.account.serviceId
  for (const [limits, field] of [
    [{ userSends: { limit: 0, seconds: 1 } }, 'limits.userSends.limit'],
    [{ userSends: { limit: 100_001, seconds: 1 } }, 'limits.userSends.limit'],
    [{ userOperations: { limit: 1, seconds: 0 } }, 'limits.userOperations.seconds'],
    [{ userTyping: { limit: 1, seconds: 61 } }, 'limits.userTyping.seconds'],
    [{ userSockets: 0 }, 'limits.userSockets'],
    [{ userSockets: 1001 }, 'limits.userSockets'],
    [{ userSubscriptions: 10_001 }, 'limits.userSubscriptions'],
  ] as const) {
    const error = await kit.backend.expectRefusal(
      UpdateServiceDocument,
      { input: { serviceId, limits } },
      'BAD_USER_INPUT',
    )
    expect(error.extensions.field).toBe(`input.${field}`)
  }
  await setLimits(kit, { userSends: { limit: 7, seconds: 2 }, userSockets: 5 })
  await setLimits(kit, { userTyping: { limit: 1, seconds: 1 } })
  await setLimits(kit, { userSockets: null })
  const { service } = await kit.backend.request(ServiceDocument, { id: serviceId })
  expect(service!.limits).toMatchObject({
    userSends: { limit: 7, seconds: 2 },
    userOperations: { limit: 200, seconds: 4 },
    userTyping: { limit: 1, seconds: 1 },
    userSockets: 20,
    userSubscriptions: 200,
  })
})
