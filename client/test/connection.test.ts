import { afterAll, beforeAll, expect, test } from 'vitest'
import { FaultProxy } from '../../test/support/fault-proxy.ts'
import { openKit, type Kit, type User } from '../../test/support/kit.ts'
import { seededRandom } from '../../test/support/seeded-random.ts'
import { waitFor } from '../../test/support/wait.ts'
import type { ClientOptions } from '../src/index.ts'
import { bodiesOf, countedEnv, live, open, statusOf } from './support/clients.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const proxied = (server: { readonly url: string } = kit.server): Promise<FaultProxy> =>
  FaultProxy.open({ host: '127.0.0.1', port: Number(new URL(server.url).port) })

const at = (proxy: FaultProxy, { identity, token }: User): ClientOptions => ({
  url: `http://127.0.0.1:${proxy.port}`,
  identity,
  token: () => token,
})

const range = (count: number): string[] => Array.from({ length: count }, (_, number) => `${number}`)

test.each(['', '/', '/graphql', '/graphql/'])('the address of the server may end in "%s"', async (end) => {
  const { identity, token } = await kit.user('alice')
  await using client = open({ url: `${kit.server.url}${end}`, identity, token: () => token })
  await live(client)
  expect(statusOf(client)).toBe('live')
})

test('whatever cuts the connection, each message arrives once and in order', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using proxy = await proxied()
  await using client = open(at(proxy, bob))
  await live(client)
  const heard: string[] = []
  client.subscribe(() => {
    const last = bodiesOf(client, id).at(-1)
    if (last !== undefined && last !== heard.at(-1)) heard.push(last)
  })
  const random = seededRandom(Number(process.env['SEED'] ?? 1))
  for (let number = 0; number < 30; number++) {
    await alice.send(id, `${number}`)
    if (number % 6 === 2) for (const link of proxy.links) link.reset()
    if (number % 6 === 5) for (const link of proxy.links) link.cut()
    if (number === 10) proxy.resetAfter(() => Math.floor(random() * 3000))
    if (number === 14) proxy.resetAfter(undefined)
  }
  await proxy.heal()
  await waitFor(() => bodiesOf(client, id).length === 30, { timeout: 15_000 })
  await live(client)
  expect(bodiesOf(client, id)).toEqual(range(30))
  // Never backwards.
  expect(heard.map(Number)).toEqual(heard.map(Number).toSorted((one, other) => one - other))
  const { intervals, unreadCount } = client.getSnapshot().channels.get(id)!
  expect(intervals).toEqual([[0, 29]])
  expect(unreadCount).toBe(30)
}, 60_000)

test('a network that swallows everything is noticed, and left for a new connection', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using proxy = await proxied()
  await using client = open({ ...at(proxy, bob), env: countedEnv({ speed: 10 }) })
  await live(client)
  proxy.links[0]!.swallow()
  await alice.send(id, 'is anybody there?')
  await waitFor(() => bodiesOf(client, id).length === 1)
  expect(proxy.connectionsCount).toBeGreaterThan(1)
  await live(client)
})

test('what was written into a dead network is there once, when the answer alone was lost', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using proxy = await proxied()
  await using client = open(at(proxy, bob))
  await live(client)
  // The answer is on its way when the connection breaks.
  proxy.delay = 500
  const sending = client.channel(id).sendMessage('once')
  await waitFor(async () => (await countOf(id)) === 1)
  proxy.delay = 0
  for (const link of proxy.links) link.reset()
  await sending
  await live(client)
  expect(await countOf(id)).toBe(1)
  expect(bodiesOf(client, id)).toEqual(['once'])
})

async function countOf(channelId: string): Promise<number> {
  const { channel } = await kit.backend.request<{ channel: { messages: { totalCount: number } } }, { id: string }>(
    'query ($id: ID!) { channel(id: $id) { messages { totalCount } } }',
    { id: channelId },
  )
  return channel!.messages.totalCount
}

test('a server that stops hands its clients to the next one', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const first = await kit.another({ LOG_LEVEL: 'fatal' })
  await using proxy = await proxied(first)
  await using client = open(at(proxy, bob))
  await live(client)
  proxy.redirect(Number(new URL(kit.server.url).port))
  await first.close()
  await alice.send(id, 'the next one')
  await waitFor(() => bodiesOf(client, id).length === 1)
  await live(client)
  expect(client.debug().some(({ details }) => (details as { code?: number } | undefined)?.code === 1012)).toBe(true)
})

test('a token that ends is renewed on the open socket', async () => {
  const bob = await kit.user('bob')
  await using proxy = await proxied()
  const reasons: string[] = []
  // The server warns within the last minute.
  const { token: short } = await kit.user(bob.identity, { exactly: true, ttlSeconds: 45 })
  await using client = open({
    ...at(proxy, bob),
    token: ({ reason }) => {
      reasons.push(reason)
      return reason === 'connect' ? short : bob.token
    },
  })
  await live(client)
  await waitFor(() => client.debug().some(({ message }) => message === 'the token was renewed'))
  expect(reasons).toEqual(['connect', 'expiring'])
  expect(statusOf(client)).toBe('live')
  expect(proxy.connectionsCount).toBe(1)
})

test('a token that ends and is not replaced is asked for anew, then the client is refused', async () => {
  const { identity, token } = await kit.user('bob', { ttlSeconds: 1 })
  await using proxy = await proxied()
  const reasons: string[] = []
  await using client = open({
    ...at(proxy, { identity, token } as User),
    token: ({ reason }) => {
      reasons.push(reason)
      return token
    },
  })
  await waitFor(() => statusOf(client) === 'refused', { timeout: 15_000 })
  expect(client.getSnapshot().connection).toMatchObject({ reason: 'token' })
  expect(reasons.at(-1)).toBe('refused')
  await expect(client.request('{ viewer { id } }', {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  expect(JSON.stringify(client.debug())).not.toContain(token)
})

test('an application without a token is asked again later, and one that says so is done', async () => {
  const bob = await kit.user('bob')
  await using proxy = await proxied()
  let calls = 0
  await using client = open({
    ...at(proxy, bob),
    env: countedEnv({ speed: 10 }),
    token: () => {
      calls += 1
      // Never answers, then fails, then answers.
      if (calls === 1) return new Promise<string>(() => {})
      if (calls === 2) throw new Error('the backend is away')
      return bob.token
    },
  })
  await live(client)
  expect(calls).toBe(3)
})

test('a deleted user is refused', async () => {
  const bob = await kit.user('bob')
  await using proxy = await proxied()
  await using client = open(at(proxy, bob))
  await live(client)
  const { userId } = client.getSnapshot().session!
  await kit.backend.request('mutation ($id: ID!) { deleteUser(input: { userId: $id }) { user { id } } }', {
    id: userId,
  })
  await waitFor(() => statusOf(client) === 'refused', { timeout: 15_000 })
  expect(client.getSnapshot().connection).toMatchObject({ reason: 'token' })
})

test('a token of another user is refused', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  await using proxy = await proxied()
  await using client = open({ ...at(proxy, alice), token: () => bob.token })
  await waitFor(() => statusOf(client) === 'refused')
  expect(client.getSnapshot().connection).toMatchObject({ reason: 'user' })
  expect(client.getSnapshot().session).toBeNull()
})

test('two clients with one device end up with a device each', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using proxy = await proxied()
  const cloned = () => {
    let made = 0
    return countedEnv({ createId: () => ((made += 1) === 1 ? `cloned-${id}` : crypto.randomUUID()) })
  }
  await using one = open({ ...at(proxy, bob), env: cloned() })
  await live(one)
  await using other = open({ ...at(proxy, bob), env: cloned() })
  await live(other, one)
  for (const body of range(10)) await alice.send(id, body)
  await waitFor(() => [one, other].every((client) => client.getSnapshot().channels.get(id)!.head === 9))
  for (const client of [one, other]) expect(bodiesOf(client, id)).toEqual(range(10))
})

test('more requests than one socket takes wait for their turn, and too many of them are refused', async () => {
  const bob = await kit.user('bob')
  await using proxy = await proxied()
  await using client = open(at(proxy, bob))
  await live(client)
  const ask = () => client.request<{ viewer: { id: string } }, object>('{ viewer { id } }', {})
  const answers = await Promise.all(Array.from({ length: 300 }, ask))
  expect(answers).toHaveLength(300)
  const settled = await Promise.allSettled(Array.from({ length: 700 }, ask))
  const refused = settled.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(50)
  expect(refused.every((each) => (each as PromiseRejectedResult).reason.code === 'RATE_LIMITED')).toBe(true)
  await expect(client.request('{ viewer { id } }', { padding: 'x'.repeat(262_144) })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
  })
  expect(statusOf(client)).toBe('live')
  expect(proxy.connectionsCount).toBe(1)
})

test('nothing is left of a client that is closed, whatever it was doing', async () => {
  const bob = await kit.user('bob')
  await using proxy = await proxied()
  for (const moment of ['connecting', 'live', 'offline'] as const) {
    const env = countedEnv()
    const client = open({ ...at(proxy, bob), env })
    if (moment !== 'connecting') await live(client)
    if (moment === 'offline') {
      await proxy.refuse()
      for (const link of proxy.links) link.reset()
      await waitFor(() => statusOf(client) === 'offline')
    }
    const asking = client.request('{ viewer { id } }', {})
    await Promise.all([
      client.close(),
      expect(asking).rejects.toMatchObject({ code: expect.stringMatching(/CLOSED|OFFLINE/) }),
    ])
    await waitFor(() => env.sockets.size === 0)
    const left = { moment, timers: env.timers.size, listeners: env.listeners.size }
    expect(left).toEqual({ moment, timers: 0, listeners: 0 })
    expect(statusOf(client)).toBe('closed')
    await proxy.accept()
  }
})
