import { once } from 'node:events'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { print } from 'graphql'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  CreateAccessTokenDocument,
  DeleteChannelDocument,
  EventsDocument,
  LeaveChannelDocument,
  JoinChannelDocument,
  MessageAddedDocument,
  MessageBodiesDocument,
  RenewTokenDocument,
  StartTypingDocument,
} from '../../schema/generated/graphql.ts'
import { Stream } from '../../src/domain/realtime/stream.ts'
import { SocketSession } from '../../src/graphql/socket/socket-session.ts'
import type { UserId } from '../../src/model/sid.ts'
import { openKit, record, type Kit, type User } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** All sessions and streams there have been, held by nobody here. */
const made: { readonly what: string; readonly ref: WeakRef<object> }[] = []
/** Topics that someone listened to, and how many do now. */
const listening = new Map<string, number>()

let kit: Kit
let redis: Redis | undefined
let timersAtRest: number
beforeAll(async () => {
  kit = await openKit()
  redis = kit.store.redisUrl === undefined ? undefined : new Redis(kit.store.redisUrl)
  watch()
  // What is made once, and stays: each connection of the pool has a timer.
  await Promise.all(Array.from({ length: 10 }, comeAndGo))
  timersAtRest = timers()
})
afterAll(async () => {
  redis?.disconnect()
  await kit.close()
})

/** Keeps count of what the server makes, and changes nothing. */
function watch(): void {
  const { open } = Stream
  Stream.open = async (...parameters) => {
    const stream = await open.apply(Stream, parameters)
    made.push({ what: 'stream', ref: new WeakRef(stream) })
    return stream as never
  }
  const { end } = SocketSession.prototype
  SocketSession.prototype.end = function () {
    made.push({ what: 'session', ref: new WeakRef(this) })
    return end.call(this)
  }
  const { bus } = kit.server.app
  const subscribe = bus.subscribe.bind(bus)
  bus.subscribe = async (topic, listener) => {
    const unsubscribe = await subscribe(topic, listener)
    listening.set(topic, (listening.get(topic) ?? 0) + 1)
    return () => {
      listening.set(topic, listening.get(topic)! - 1)
      unsubscribe()
    }
  }
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
}

/** Everything that a client leaves behind, if it does. */
async function leftovers(users: readonly User[]): Promise<object> {
  const { feeds, userFeeds, presence } = kit.server.app
  const topics = [...listening.keys()]
  const ids = await Promise.all(users.map((user) => userIdOf(user)))
  return {
    feeds: feeds.size,
    userFeeds: userFeeds.size,
    listening: [...listening].filter(([, count]) => count !== 0),
    subscribed: redis ? (await redis.pubsub('CHANNELS')).filter((topic) => topics.includes(String(topic))) : [],
    online: (await Promise.all(ids.map((id) => presence.isOnline(id as UserId)))).filter((isOnline) => isOnline),
    present: redis ? await redis.exists(...ids.map((id) => `presence:${id}`)) : 0,
    timers: Math.max(timers() - timersAtRest, 0),
  }
}

/** How many there are that somebody holds. */
function inMemory(): { sessions: number; streams: number } {
  collectGarbage()
  const held = made.filter(({ ref }) => ref.deref() !== undefined)
  const sessions = held.filter(({ what }) => what === 'session').length
  return { sessions, streams: held.length - sessions }
}

/** Of each group of each feed. */
function subscribers(): number[] {
  const { feeds } = kit.server.app
  return feeds.ids().flatMap((id) => [...feeds.get(id)!.groups.values()].map((group) => group.subscribers.size))
}

async function userIdOf(user: User): Promise<string> {
  const { viewer } = await user.request<{ viewer: { user: { id: string } } }, unknown>('{ viewer { user { id } } }')
  return viewer.user.id
}

const nothing = { feeds: 0, userFeeds: 0, listening: [], subscribed: [], online: [], present: 0, timers: 0 }
const nothingInMemory = { sessions: 0, streams: 0 }

/** What is left in the end: the server notices a cut, and clears away, a moment later. */
async function leftInTheEnd(users: readonly User[]): Promise<object> {
  const isEqual = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other)
  const options = { timeout: 5000 }
  await waitFor(async () => isEqual(await leftovers(users), nothing), options).catch(() => {})
  await waitFor(() => isEqual(inMemory(), nothingInMemory), options).catch(() => {})
  return { ...(await leftovers(users)), ...inMemory() }
}

/** A socket on which the test says what it likes, and when. */
async function openRaw(user: User): Promise<WebSocket> {
  const socket = new WebSocket(`${user.server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  socket.on('error', () => {})
  await once(socket, 'open')
  return socket
}

function say(socket: WebSocket, ...messages: object[]): void {
  for (const message of messages) socket.send(JSON.stringify(message))
}

const init = ({ token }: User, deviceId?: string) => ({ type: 'connection_init', payload: { token, deviceId } })

const subscribe = (channelId: string, id = '1') => ({
  type: 'subscribe',
  id,
  payload: { query: print(EventsDocument), variables: { channelId } },
})

async function acknowledged(user: User, deviceId?: string): Promise<WebSocket> {
  const socket = await openRaw(user)
  say(socket, init(user, deviceId))
  await once(socket, 'message')
  return socket
}

async function cut(socket: WebSocket): Promise<void> {
  const closed = once(socket, 'close')
  socket.terminate()
  await closed
}

async function closedByServer(socket: WebSocket): Promise<void> {
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close')
}

/** Subscribes to one channel and to all, receives, and goes in order. */
async function comeAndGo(): Promise<readonly User[]> {
  const bob = await kit.user('bob')
  const { id: channelId } = await kit.channel([bob])
  const client = bob.connect({ deviceId: 'phone' })
  const received = [record(client, MessageBodiesDocument, { channelId }), record(client, MessageAddedDocument)]
  // What a device has confirmed with one subscription does not begin another.
  await waitFor(() => kit.server.app.feeds.get(channelId)?.groups.size === 2)
  await kit.backend.send(channelId, 'hello')
  for (const recording of received) await recording.atLeast(1)
  await client.dispose()
  return [bob]
}

interface Place {
  readonly bob: User
  readonly channelId: string
}

/** How clients come and go. */
const visits: Record<string, (place: Place) => Promise<unknown>> = {
  'in order': comeAndGo,
  'cut before the handshake is complete': async () => {
    const socket = connect(kit.server.port, '127.0.0.1')
    socket.write('GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n')
    await once(socket, 'connect')
    socket.destroy()
  },
  'cut before they say who they are': async ({ bob }) => cut(await openRaw(bob)),
  'cut while they are let in': async ({ bob }) => {
    const socket = await openRaw(bob)
    say(socket, init(bob, 'phone'))
    await cut(socket)
  },
  'cut while their subscription begins': async ({ bob, channelId }) => {
    const socket = await acknowledged(bob, 'phone')
    say(socket, subscribe(channelId), {
      ...subscribe(channelId),
      id: '2',
      payload: { query: print(MessageAddedDocument) },
    })
    await cut(socket)
  },
  'cut while they catch up': async ({ bob, channelId }) => {
    await Promise.all(Array.from({ length: 110 }, (_, at) => kit.backend.send(channelId, `${at} ${'x'.repeat(1000)}`)))
    const socket = await acknowledged(bob, 'phone')
    say(socket, subscribe(channelId))
    await once(socket, 'message')
    await cut(socket)
  },
  'cut while messages flow': async ({ bob, channelId }) => {
    const socket = await acknowledged(bob, 'phone')
    say(socket, subscribe(channelId))
    const sending = Promise.all(Array.from({ length: 20 }, (_, at) => kit.backend.send(channelId, `${at}`)))
    await once(socket, 'message')
    await cut(socket)
    await sending
  },
  'that unsubscribe before they are subscribed': async ({ bob, channelId }) => {
    const socket = await acknowledged(bob)
    for (let number = 0; number < 5; number++) {
      say(socket, subscribe(channelId, `${number}`), { type: 'complete', id: `${number}` })
    }
    say(socket, { type: 'ping' })
    await once(socket, 'message')
    await cut(socket)
  },
  'with a bad token, no token, or a word out of turn': async ({ bob, channelId }) => {
    const wrong = [
      { type: 'connection_init', payload: { token: 'nonsense' } },
      { type: 'connection_init' },
      subscribe(channelId),
      { type: 'nonsense' },
    ]
    for (const message of wrong) {
      const socket = await openRaw(bob)
      say(socket, message)
      await closedByServer(socket)
    }
  },
  'that are refused what they want': async ({ bob }) => {
    const secret = await kit.channel([], { type: 'PRIVATE' })
    const open = await kit.channel()
    const client = bob.connect()
    const refused = [secret.id, open.id, 'nowhere'].map((channelId) => record(client, EventsDocument, { channelId }))
    refused.push(record(client, EventsDocument, { positions: [{ channelId: open.id, after: 'forged' }] }))
    for (const recording of refused) await recording.ended()
    await client.dispose()
  },
  'whose membership or channel ends': async ({ bob }) => {
    const [left, deleted] = [await kit.channel([bob]), await kit.channel([bob])]
    const client = bob.connect({ deviceId: 'phone' })
    const all = record(client, EventsDocument)
    const ended = [left, deleted].map(({ id: channelId }) => record(client, EventsDocument, { channelId }))
    for (const recording of [all, ...ended]) await recording.atLeast(1)
    await bob.request(LeaveChannelDocument, { input: { channelId: left.id } })
    await kit.backend.request(DeleteChannelDocument, { input: { channelId: deleted.id } })
    for (const recording of ended) await recording.ended()
    await client.dispose()
  },
  'of a device that is connected elsewhere': async ({ bob, channelId }) => {
    const older = await acknowledged(bob, 'phone')
    say(older, subscribe(channelId))
    const newer = await acknowledged(bob, 'phone')
    await closedByServer(older)
    await cut(newer)
  },
  'that type until they are cut off': async ({ bob, channelId }) => {
    const watcher = await acknowledged(await kit.user('watcher'))
    const socket = await acknowledged(bob)
    say(socket, subscribe(channelId))
    await once(socket, 'message')
    await bob.request(StartTypingDocument, { input: { channelId } })
    await cut(socket)
    await cut(watcher)
  },
  'that are cut while they renew their token': async ({ bob }) => {
    const { createAccessToken } = await kit.backend.request(CreateAccessTokenDocument, {
      input: { identity: bob.identity },
    })
    const variables = { input: { token: createAccessToken.token } }
    const renewal = { type: 'subscribe', id: '1', payload: { query: print(RenewTokenDocument), variables } }
    for (let time = 0; time < 10; time++) {
      const socket = await acknowledged(bob)
      // So that renewing takes the time of a statement.
      kit.server.app.caches.apiKeys.clear()
      say(socket, renewal)
      await cut(socket)
    }
  },
  'over Server-Sent Events': async ({ bob, channelId }) => {
    for (const variables of [{ channelId }, {}]) {
      const aborter = new AbortController()
      const response = await fetch(`${kit.server.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          authorization: bob.authorization,
        },
        body: JSON.stringify({ query: print(EventsDocument), variables }),
        signal: aborter.signal,
      })
      const reader = response.body!.getReader()
      await reader.read()
      aborter.abort()
      await reader.closed.catch(() => {})
    }
  },
}

describe('nothing is left over from clients', () => {
  test.for(Object.entries(visits))('%s', async ([, visit]) => {
    const bob = await kit.user('bob')
    const { id: channelId } = await kit.channel([bob])
    await kit.backend.send(channelId, 'hello')
    for (let time = 0; time < 2; time++) await visit({ bob, channelId })
    expect(await leftInTheEnd([bob])).toEqual({ ...nothing, ...nothingInMemory })
  })
})

test('nothing is left over of who was the first of those that read the same', async () => {
  const [bob, carol] = [await kit.user('bob'), await kit.user('carol')]
  const { id: channelId } = await kit.channel([bob, carol])
  const [first, second] = [carol.connect(), bob.connect()]
  record(first, EventsDocument, { channelId })
  await waitFor(() => subscribers().join() === '1')
  const staying = record(second, EventsDocument, { channelId })
  await waitFor(() => subscribers().join() === '2')
  await first.dispose()
  await waitFor(() => subscribers().join() === '1')
  await waitFor(() => inMemory().sessions === 0, { timeout: 5000 }).catch(() => {})
  expect({ ...inMemory(), subscribers: subscribers() }).toEqual({ sessions: 0, streams: 1, subscribers: [1] })
  await kit.backend.send(channelId, 'last')
  await waitFor(() => JSON.stringify(staying.items.at(-1)).includes('last'))
  await second.dispose()
  expect(await leftInTheEnd([bob, carol])).toEqual({ ...nothing, ...nothingInMemory })
})

test('nothing is left over on a connection that stays, from subscriptions that have come and gone', async () => {
  const bob = await kit.user('bob')
  const { id: channelId } = await kit.channel([bob])
  const client = bob.connect({ deviceId: 'phone' })
  const staying = record(client, MessageAddedDocument)
  for (let time = 0; time < 5; time++) {
    const stopped = record(client, EventsDocument, { channelId })
    const ended = record(client, MessageBodiesDocument, { channelId })
    await kit.backend.send(channelId, 'hello')
    for (const recording of [stopped, ended]) await recording.atLeast(1)
    stopped.stop()
    await bob.request(LeaveChannelDocument, { input: { channelId } })
    await ended.ended()
    await bob.request(JoinChannelDocument, { input: { channelId } })
  }
  await kit.backend.send(channelId, 'last')
  await waitFor(() => staying.items.at(-1)?.messageAdded.body === 'last')
  await waitFor(() => inMemory().streams === 1, { timeout: 5000 }).catch(() => {})
  expect({ ...inMemory(), subscribers: subscribers() }).toEqual({ sessions: 0, streams: 1, subscribers: [1] })
  await client.dispose()
  expect(await leftInTheEnd([bob])).toEqual({ ...nothing, ...nothingInMemory })
})
