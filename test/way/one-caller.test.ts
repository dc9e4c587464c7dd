import { request } from 'node:http'
import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageBodiesDocument, SendMessageDocument } from '../../schema/generated/graphql.ts'
import { defaultUserLimits } from '../../src/model/rate-limit.ts'
import { openKit, record, type Answer, type Kit, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { aliases, pay, shareOf } from '../support/shares.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let alice: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
})
afterAll(() => kit.close())

test.each([0, 600])(
  'P11: operations of a socket keep their order, whether their documents are new or known, with %i ms owed',
  async (owed) => {
    const { id } = await kit.channel([alice])
    const socket = await RawSocket.open(kit.server, { token: alice.token })
    const send = (name: string, at: number): void => {
      const query = `mutation ${name} ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }`
      const payload = { query, variables: { input: { channelId: id, body: `${at}` } } }
      socket.send({ type: 'subscribe', id: `${at}`, payload })
    }
    const answered = () => socket.messages.filter(({ type }) => type === 'next').length
    send('Known', 0)
    await waitFor(() => answered() === 1)
    ;(await shareOf(kit, alice)).add(owed)
    for (let at = 1; at <= 20; at++) send(at % 2 === 0 ? 'Known' : `New${owed}x${at}`, at)
    await waitFor(() => answered() === 21)
    const { channel } = await alice.request<Bodies, object>(
      `{ channel(id: "${id}") { messages(first: 100) { edges { node { body } } } } }`,
    )
    expect(channel.messages.edges.map(({ node }) => node.body)).toEqual(Array.from({ length: 21 }, (_, at) => `${at}`))
    socket.terminate()
  },
)

interface Bodies {
  readonly channel: { readonly messages: { readonly edges: readonly { readonly node: { readonly body: string } }[] } }
}

test('P11: what goes while its subscription opens takes nothing of its user’s room, over Server-Sent Events too', async () => {
  const user = await kit.user('erin')
  const { id } = await kit.channel([user])
  const share = await shareOf(kit, user)
  const leases = (): number => {
    const open: { end(): void }[] = []
    try {
      for (;;) open.push(share.openSubscription(0, defaultUserLimits.subscriptions))
    } catch {
      return defaultUserLimits.subscriptions - open.length
    } finally {
      for (const lease of open) lease.end()
    }
  }
  const query = `subscription { messageAdded(channelId: "${id}") { index } }`
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', authorization: user.authorization }
  await kit.server.app.feeds.hold(id)
  expect(leases()).toBe(0)
  for (const owed of [0, 500]) {
    const socket = await RawSocket.open(kit.server, { token: user.token })
    const aborter = new AbortController()
    share.add(owed)
    const { signal } = aborter
    // Each on a connection of its own: `fetch` keeps one whose request was given up before it was sent, until the server gives it up.
    const requests = Array.from({ length: 10 }, () =>
      request(`${kit.server.url}/graphql`, { method: 'POST', agent: false, signal, headers })
        .on('error', () => {})
        .end(JSON.stringify({ query })),
    )
    const closed = Promise.all(requests.map((each) => new Promise((resolve) => each.on('close', resolve))))
    for (let at = 0; at < 10; at++) socket.send({ type: 'subscribe', id: `${at}`, payload: { query } })
    await waitFor(() => leases() > 0, { interval: 1 })
    aborter.abort()
    socket.terminate()
    await closed
    await waitFor(() => leases() === 0 && kit.server.app.feeds.get(id)!.holders === 1)
  }
  await waitFor(() => (pay(share), share.isIdle))
  kit.server.app.feeds.release(kit.server.app.feeds.get(id)!)
})

test('P11: no more is read from who floods its connections, whatever it sends, until it owes no more than a burst', async () => {
  const user = await kit.user('frank')
  const share = await shareOf(kit, user)
  const flood = await RawSocket.open(kit.server, { token: user.token })
  const other = await RawSocket.open(kit.server, { token: user.token })
  const frames = await RawSocket.open(kit.server, { token: user.token })
  const pongs = ({ messages }: RawSocket) => messages.filter(({ type }) => type === 'pong').length
  other.send({ type: 'ping' })
  await waitFor(() => pongs(other) === 1)
  share.add(900)
  // The one that is read last.
  for (const socket of [flood, other]) socket.send({ type: 'ping' })
  await Promise.all([waitFor(() => pongs(flood) === 1 && pongs(other) === 2), frames.pingFrame()])
  for (const socket of [flood, other, frames]) socket.send({ type: 'ping' })
  await alice.request<object, object>('{ viewer { kind } }')
  expect(share.isFlooded).toBe(true)
  expect([pongs(flood), pongs(other), pongs(frames)]).toEqual([1, 2, 0])
  await waitFor(() => pongs(flood) === 2 && pongs(other) === 3 && pongs(frames) === 1, { timeout: 15_000 })
  expect(share.isFlooded).toBe(false)
  for (const socket of [flood, other, frames]) {
    expect(socket.closed).toBe(undefined)
    socket.terminate()
  }
  await waitFor(() => (pay(share), share.isIdle))
}, 30_000)

test('P11: of what comes while two hundred operations wait nothing is done, and its caller is refused; those that wait are done', async () => {
  const user = await kit.user('ivan')
  const { id } = await kit.channel([user])
  const share = await shareOf(kit, user)
  const sockets = await Promise.all([1, 2, 3].map(() => RawSocket.open(kit.server, { token: user.token })))
  const known = sockets[0]!.subscribe('known', SendMessageDocument, { input: { channelId: id, body: 'known' } })
  await waitFor(() => known().length === 1)
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  // As many points as may be under way.
  const running = share.run(10_000, () => released)
  for (const socket of sockets) {
    for (let at = 0; at < 70; at++) {
      socket.subscribe(`${at}`, SendMessageDocument, { input: { channelId: id, body: `${at}` } })
    }
  }
  const answers = () =>
    sockets.flatMap(({ messages }) => messages.filter((one) => one.type === 'next' && one.id !== 'known'))
  await waitFor(() => answers().length === 10)
  release()
  await running
  await waitFor(() => answers().length === 210)
  const refusals = answers().filter(({ payload }) => (payload as Answer<object>).errors)
  const refusal = { extensions: { code: 'RATE_LIMITED', chatCode: 51001, retryAfterMs: expect.any(Number) as number } }
  expect(refusals).toMatchObject(Array.from({ length: 10 }, () => ({ payload: { errors: [refusal] } })))
  const { channel } = await kit.backend.request<{ channel: { messagesCount: number } }, object>(
    `{ channel(id: "${id}") { messagesCount } }`,
  )
  expect(channel.messagesCount).toBe(201)
  for (const socket of sockets) socket.terminate()
  await waitFor(() => (pay(share), share.isIdle))
}, 30_000)

test('P11: who floods over HTTP is answered when it owes no more than a burst, one request after the other', async () => {
  const user = await kit.user('heidi')
  const share = await shareOf(kit, user)
  share.add(850)
  // What is refused without a turn in the queue.
  const address = `${kit.server.url}/graphql`
  const headers = { 'content-type': 'application/json', authorization: user.authorization }
  const isFlooded = await Promise.all(
    ['application/json', 'text/event-stream'].map(async (accept) => {
      const response = await fetch(address, { method: 'POST', headers: { ...headers, accept }, body: '{}' })
      const { isFlooded } = share
      // Left alone, the body is collected some time later, and with it perhaps the connection that another request has by then.
      await response.text()
      return isFlooded
    }),
  )
  expect(isFlooded).toEqual([false, false])
}, 30_000)

test('P11: a long body is parsed on its caller’s time, and few of them wait', async () => {
  const user = await kit.user('grace')
  const share = await shareOf(kit, user)
  const long = { list: Array.from({ length: 100_000 }, () => []) }
  const ask = (variables: object = long) => user.ask('{ viewer { kind } }', variables)
  // An idle share is forgotten, and another one would count.
  const lease = share.openSubscription(0, defaultUserLimits.subscriptions)
  let counted = 0
  const add = share.add.bind(share)
  share.add = (milliseconds) => {
    counted += milliseconds
    add(milliseconds)
  }
  const costOf = async (variables: object): Promise<number> => {
    counted = 0
    // The system counts a thread's time in ticks of some milliseconds: one body can fall between two of them.
    for (let time = 0; time < 20; time++) {
      expect(await ask(variables)).toMatchObject({ data: { viewer: { kind: 'USER' } } })
      add(-10_000)
    }
    return counted
  }
  await costOf({})
  const [short, parsed] = [await costOf({}), await costOf(long)]
  expect(parsed).toBeGreaterThan(short + 10)
  pay(share)
  share.add(500)
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask()))
  const refused = answers.filter(({ errors }) => errors?.[0]?.extensions.code === 'RATE_LIMITED')
  expect(refused.length).toBeGreaterThan(5)
  lease.end()
  await waitFor(() => (pay(share), share.isIdle))
}, 30_000)

test('P11: what open subscriptions select has a bound for a user, over all of its connections, until they end', async () => {
  const user = await kit.user('carol')
  const { id } = await kit.channel([user])
  const costly = parse(
    `subscription ($channelId: ID) { messageAdded(channelId: $channelId) { channel { members(first: 100) { edges { node {
      ${aliases(60, 'identity')}
    } } } } } }`,
  ) as typeof MessageBodiesDocument
  const [one, other] = [user.connect(), user.connect()]
  const [first] = [one, one, other].map((client) => record(client, costly, { channelId: id }))
  const share = await shareOf(kit, user)
  const isFull = () => {
    try {
      share.openSubscription(6000, defaultUserLimits.subscriptions).end()
      return false
    } catch {
      return true
    }
  }
  await waitFor(isFull)
  const beyond = record(other, costly, { channelId: id })
  await beyond.ended()
  expect(beyond.errors.flat()).toMatchObject([{ extensions: { code: 'RATE_LIMITED', chatCode: 51001 } }])
  const response = await fetch(`${kit.server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: user.authorization },
    body: JSON.stringify({ query: costly.loc!.source.body, variables: { channelId: id } }),
  })
  expect(await response.text()).toContain('RATE_LIMITED')
  first!.stop()
  await waitFor(() => !isFull())
  const small = record(one, MessageBodiesDocument, { channelId: id })
  const again = record(other, costly, { channelId: id })
  await kit.backend.send(id, 'to all')
  await again.atLeast(1)
  await small.atLeast(1)
  for (const client of [one, other]) await client.dispose()
  await waitFor(() => (pay(share), share.isIdle))
})

test('P11: the socket beyond twenty of a user is refused; one of a device that is here takes over', async () => {
  const user = await kit.user('dave')
  const { token } = user
  const params = (at: number) => ({ token, deviceId: `device ${at}` })
  const sockets = await Promise.all(
    Array.from({ length: defaultUserLimits.sockets }, (_, at) => RawSocket.open(kit.server, params(at))),
  )
  const refused = await RawSocket.openRefused(kit.server, { token })
  expect(refused).toEqual({ code: 4412, reason: 'Too many connections' })
  const newer = await RawSocket.open(kit.server, params(3))
  await waitFor(() => sockets[3]!.closed !== undefined)
  expect(sockets[3]!.closed?.code).toBe(4409)
  expect(newer.closed).toBe(undefined)
  for (const socket of [...sockets, newer]) socket.terminate()
  const share = await shareOf(kit, user)
  await waitFor(() => (pay(share), share.isIdle))
})
