import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { print } from 'graphql'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import {
  AddMemberDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  HistoryDocument,
  MessageBodiesDocument,
  type MessageBodiesSubscription,
} from '../../schema/generated/graphql.ts'
import { deliveredIndex } from '../support/deliveries.ts'
import { openTestStore } from '../support/engine.ts'
import { freePort } from '../support/free-port.ts'
import { Caller, openKit, User } from '../support/kit.ts'
import { makeScratch } from '../support/scratch.ts'
import { seed } from '../support/seed.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { spawnServer } from '../support/server-binary.ts'
import { waitFor } from '../support/wait.ts'

// Servers are started again and again.
vi.setConfig({ testTimeout: 180_000 })

const random = seededRandom(seed)

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

/** A stock client with one device that connects again by itself, and what each of its connections received. */
function read(user: User, channelId: string) {
  const connections: number[][] = []
  let socket: WebSocket | undefined
  const client = user.connect({
    deviceId: 'phone',
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: () => delay(random() * 100),
    on: {
      opened: (opened) => {
        socket = opened as WebSocket
        connections.push([])
      },
    },
  })
  stack.defer(async () => client.dispose())
  const errors: unknown[] = []
  client.subscribe<MessageBodiesSubscription>(
    { query: print(MessageBodiesDocument), variables: { channelId } },
    {
      next: ({ data }) => connections.at(-1)!.push(data!.messageAdded.index),
      error: (error) => errors.push(error),
      complete: () => {},
    },
  )
  const furthest = (): number => Math.max(-1, ...connections.flat())
  return {
    connections,
    errors,
    furthest,
    cut: () => socket?.terminate(),
    /** Waits until a few more messages, nobody knows how many, have come. */
    more: async () => {
      const goal = furthest() + 1 + Math.floor(random() * 19)
      await waitFor(() => furthest() >= goal, { timeout: 60_000, interval: 2 })
    },
  }
}

/** Sends without a pause, each message until it is acknowledged, and answers what was. */
function sendOn(user: User, channelId: string) {
  const acknowledged = new Map<number, string>()
  let isStopped = false
  const running = (async () => {
    while (!isStopped) {
      const body = randomUUID()
      const { index } = await sendUntilAnswered(user, channelId, body)
      acknowledged.set(index, body)
      await delay(2)
    }
  })()
  return {
    stop: async () => {
      isStopped = true
      await running
      return acknowledged
    },
  }
}

async function sendUntilAnswered(user: User, channelId: string, body: string): Promise<{ index: number }> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    try {
      return await user.send(channelId, body, { clientMessageId: body })
    } catch {
      await delay(20)
    }
  }
  throw new Error('a message could not be sent')
}

/** The whole history, by index. */
async function history(user: User, channelId: string): Promise<string[]> {
  const bodies: string[] = []
  let after: string | null | undefined
  do {
    const { channel } = await user.request(HistoryDocument, { channelId, first: 100, after: after ?? null })
    const { edges, pageInfo } = channel!.messages
    for (const { node } of edges) bodies[node.index] = node.body
    after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined
  } while (after != null)
  return bodies
}

/** Expects that nothing acknowledged is missing, that no connection skips or reorders, and that none begins too late. */
function expectNothingMissed(connections: readonly number[][], acknowledged: ReadonlyMap<number, string>): void {
  let furthest = -1
  for (const connection of connections) {
    const [first = furthest + 1] = connection
    expect(connection).toEqual(connection.map((_, at) => first + at))
    expect(first).toBeLessThanOrEqual(furthest + 1)
    furthest = Math.max(furthest, ...connection)
  }
  expect(furthest).toBe(acknowledged.size - 1)
}

test('P1 P2 P3 P4: a client whose socket is cut at random moments misses nothing, and gets nothing confirmed again', async () => {
  const kit = stack.use(await openKit())
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const reader = read(bob, channelId)
  const sender = sendOn(alice, channelId)
  const confirmed: number[] = [-1]
  for (let round = 0; round < 10; round++) {
    await reader.more()
    // Now and then so late that something has been confirmed since.
    const before = confirmed.at(-1)!
    const position = () => deliveredIndex(kit.store, channelId, bob.identity, 'phone')
    if (round % 3 === 2) await waitFor(async () => ((await position()) ?? -1) > before)
    confirmed.push((await position()) ?? -1)
    const { length } = reader.connections
    reader.cut()
    await waitFor(() => reader.connections.length > length)
  }
  const acknowledged = await sender.stop()
  await waitFor(() => reader.furthest() >= acknowledged.size - 1)
  expect(reader.errors).toEqual([])
  expectNothingMissed(reader.connections, acknowledged)
  expect(await history(bob, channelId)).toEqual([...acknowledged.values()])
  expect(reader.connections).toHaveLength(confirmed.length)
  expect(new Set(confirmed).size).toBeGreaterThan(3)
  for (const [at, connection] of reader.connections.entries()) {
    const [first = Infinity] = connection
    expect(first).toBeGreaterThan(confirmed[at]!)
  }
})

test('P1 P2 P3 P4 P6: a server that is killed at random moments loses nothing that it has acknowledged', async () => {
  const store = stack.use(await openTestStore())
  const data = stack.use(await makeScratch())
  const settings = {
    PORT: String(await freePort()),
    SECRET_KEY: 'cd'.repeat(32),
    ...(store.databaseUrl === undefined
      ? { DATA_DIR: data.path }
      : { DATABASE_URL: store.databaseUrl, REDIS_URL: store.redisUrl! }),
  }
  let server = await spawnServer(settings)
  stack.defer(() => server[Symbol.asyncDispose]())
  const greeting = await server.ready()
  const backend = new Caller(greeting, `Basic ${btoa(`${greeting.accountId}:${greeting.authToken}`)}`)
  const { createChannel } = await backend.request(CreateChannelDocument, { input: {} })
  const channelId = createChannel.channel.id
  const join = async (identity: string): Promise<User> => {
    await backend.request(AddMemberDocument, { input: { channelId, identity } })
    const { createAccessToken } = await backend.request(CreateAccessTokenDocument, { input: { identity } })
    return new User(greeting, identity, createAccessToken.token)
  }
  const [alice, bob] = [await join('alice'), await join('bob')]
  const reader = read(bob, channelId)
  const sender = sendOn(alice, channelId)
  for (let round = 0; round < 3; round++) {
    await reader.more()
    server.kill('SIGKILL')
    await server[Symbol.asyncDispose]()
    server = await spawnServer(settings)
    await server.ready()
  }
  await reader.more()
  const acknowledged = await sender.stop()
  await waitFor(() => reader.furthest() >= acknowledged.size - 1)
  expect(reader.errors).toEqual([])
  expectNothingMissed(reader.connections, acknowledged)
  expect(await history(bob, channelId)).toEqual([...acknowledged.values()])
  expect(reader.connections.filter(({ length }) => length > 0)).toHaveLength(4)
})
