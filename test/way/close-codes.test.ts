import { inspect } from 'node:util'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { eq } from 'drizzle-orm'
import { parse } from 'graphql'
import type { ClientOptions } from 'graphql-ws'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  CreateAccessTokenDocument,
  AddMemberDocument,
  CloseConnectionDocument,
  ConnectionsDocument,
  CreateApiKeyDocument,
  DeleteApiKeyDocument,
  DeleteUserDocument,
  MessageAddedDocument,
  MessageBodiesDocument,
  type MessageBodiesSubscription,
} from '../../schema/generated/graphql.ts'
import { sendMessage } from '../../src/domain/chat/send-message.ts'
import { closeCodes } from '../../src/graphql/socket/close-codes.ts'
import { Connection } from '../../src/graphql/socket/connection.ts'
import { defaultUserLimits } from '../../src/model/rate-limit.ts'
import type { ApiKeyId } from '../../src/model/sid.ts'
import { apiKeys } from '../../src/store/tables/account.ts'
import { serverBehindProxy } from '../support/database-proxy.ts'
import { confirmed } from '../support/deliveries.ts'
import { engineName } from '../support/engine.ts'
import { freePort } from '../support/free-port.ts'
import { openKit, record, type Kit, type Recording, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { stockClients, type StockClient } from '../support/stock-clients.ts'
import { waitFor } from '../support/wait.ts'

type Code = keyof typeof closeCodes

let kit: Kit
// The tests run at once, and none can say which of them is the current one.
const clients = new AsyncDisposableStack()
const warnings: Error[] = []
/** How many connections the server has found too slow. */
let slowReaders = 0
const onWarning = (warning: Error) => void warnings.push(warning)
beforeAll(async () => {
  process.on('warning', onWarning)
  const { close } = Connection.prototype
  Connection.prototype.close = function (reason) {
    if (reason === closeCodes.slowReader) slowReaders++
    close.call(this, reason)
  }
  kit = await openKit({ SOCKET_BUFFER_BYTES: String(512 * 1024) })
})
afterAll(async () => {
  await clients.disposeAsync()
  await kit.close()
  process.off('warning', onWarning)
})

/** One client library that reads a channel for a member of its own, as the README sets it up, only less patient. */
interface Reader {
  readonly library: string
  readonly user: User
  readonly client: StockClient
  readonly received: Recording<MessageBodiesSubscription>
  /** Why its connections ended, in order. */
  readonly closings: number[]
  /** How often it has begun to connect. */
  readonly attempts: () => number
}

type OptionsOf = (user: User) => Partial<ClientOptions>

const deviceId = 'phone'

const libraries = stockClients.map(([name]) => name)

function openReader(user: User, channelId: string, library: string, optionsOf: OptionsOf): Reader {
  const [, open] = stockClients.find(([name]) => name === library)!
  const { on = {}, ...options } = optionsOf(user)
  const closings: number[] = []
  let attempts = 0
  const client = open(user, deviceId, {
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
    on: {
      ...on,
      connecting: () => void attempts++,
      closed: (event) => void closings.push((event as CloseEvent).code),
    },
    ...options,
  })
  // One that is connecting when it is disposed of says so.
  clients.defer(() => client.close().catch(() => {}))
  const received = client.subscribe(MessageBodiesDocument, { channelId })
  return { library, user, client, received, closings, attempts: () => attempts }
}

/** The same of each reader, by its library. */
function of<Value>(readers: readonly Reader[], pick: (reader: Reader) => Value): Record<string, Value> {
  return Object.fromEntries(readers.map((reader) => [reader.library, pick(reader)]))
}

function each<Value>(value: Value): Record<string, Value> {
  return Object.fromEntries(libraries.map((library) => [library, value]))
}

const bodiesOf = ({ received }: Reader): string[] => received.items.map(({ messageAdded }) => messageAdded.body)

/** Each library, as members of a new channel. */
async function openReaders(optionsOf: OptionsOf = () => ({}), at?: { readonly url: string }, ttlSeconds?: number) {
  const alice = await kit.user('alice')
  const users = await Promise.all(libraries.map(() => kit.user('bob', ttlSeconds === undefined ? {} : { ttlSeconds })))
  const { id: channelId } = await kit.channel([alice, ...users])
  const readers = libraries.map((library, number) => {
    const user = users[number]!
    return openReader(at ? user.at(at) : user, channelId, library, optionsOf)
  })
  const all = async (...bodies: string[]): Promise<void> => {
    await waitFor(() => readers.every(({ received }) => received.items.length >= bodies.length)).catch(
      (error: unknown) => {
        throw new Error(`not all have come back: ${inspect(readers, { depth: 3 })}`, { cause: error })
      },
    )
    expect(of(readers, bodiesOf)).toEqual(each(bodies))
  }
  return {
    alice,
    channelId,
    readers,
    all,
    /** Expects that all have exactly these, and waits until the server knows, so that nothing is delivered again. */
    confirmedAll: async (...bodies: string[]): Promise<void> => {
      await all(...bodies)
      for (const { user } of readers) {
        await confirmed(kit.store, channelId, user.identity, bodies.length - 1, deviceId)
      }
    },
    closed: () => waitFor(() => readers.every(({ closings }) => closings.length > 0)),
  }
}

type Opened = Awaited<ReturnType<typeof openReaders>>

/** The code as each library shows it to the application. */
function codeIn(error: unknown): number {
  const { code, networkError, message } = error as { code?: number; networkError?: unknown; message?: string }
  if (typeof code === 'number') return code
  return networkError ? codeIn(networkError) : Number(/\b\d{4}\b/.exec(message ?? '')?.[0])
}

/** All have given up: the application received the code, and nobody connects again while the channel goes on. */
async function expectGivenUp({ readers, alice, channelId }: Opened, code: Code): Promise<readonly Reader[]> {
  for (const { received } of readers) await received.ended()
  const control = alice.connect()
  const going = record(control, MessageBodiesDocument, { channelId })
  await alice.send(channelId, 'goes on')
  await waitFor(() => going.items.some(({ messageAdded }) => messageAdded.body === 'goes on'))
  await control.dispose()
  const { code: number } = closeCodes[code]
  expect(of(readers, ({ received }) => received.errors.map(codeIn))).toEqual(each([number]))
  expect(of(readers, ({ closings }) => closings)).toEqual(each([number]))
  expect(of(readers, ({ attempts }) => attempts())).toEqual(each(1))
  return readers
}

async function expectGoingOn(opened: Opened, ...before: string[]): Promise<readonly Reader[]> {
  const { readers, alice, channelId, all } = opened
  await alice.send(channelId, 'live again')
  await all(...before, 'live again')
  expect(of(readers, ({ received }) => received.errors)).toEqual(each([]))
  return readers
}

/** A message of the protocol that the application's own hands put on the socket. */
const sends = (message: object | string) => (socket: unknown) =>
  (socket as WebSocket).send(typeof message === 'string' ? message : JSON.stringify(message))

/** Whether a user has not been asked about before. */
function firstTime(): (user: User) => boolean {
  const seen = new Set<string>()
  return ({ identity }) => seen.size < seen.add(identity).size
}

async function freshToken({ identity }: User): Promise<string> {
  const { createAccessToken } = await kit.backend.request(CreateAccessTokenDocument, { input: { identity } })
  return createAccessToken.token
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)

/** Selects the body often enough that one message is a frame of 300 KB. */
const manyBodies = parse(
  `subscription ($channelId: ID) {
    messageAdded(channelId: $channelId) { index body ${'abcdefghi'
      .split('')
      .map((name) => `${name}: body`)
      .join(' ')} }
  }`,
) as TypedDocumentNode<MessageBodiesSubscription, { channelId: string }>

/** Makes the server close the connections of readers for each of its reasons, and follows what they do. Answers the readers. */
const provocations: Record<Code, () => Promise<readonly Reader[]>> = {
  restart: async () => {
    const PORT = String(await freePort())
    const stopping = await kit.another({ PORT })
    const opened = await openReaders(undefined, stopping)
    await opened.alice.at(stopping).send(opened.channelId, 'before')
    await opened.confirmedAll('before')
    await stopping.close({ immediate: true })
    await opened.closed()
    await opened.alice.send(opened.channelId, 'meanwhile')
    const started = await kit.another({ PORT })
    await opened.all('before', 'meanwhile')
    return expectGoingOn({ ...opened, alice: opened.alice.at(started) }, 'before', 'meanwhile')
  },

  unavailable: async () => {
    await using behind = await serverBehindProxy(kit, 4)
    const { server, proxy } = behind
    const opened = await openReaders(undefined, server)
    const { alice, channelId, readers } = opened
    await alice.send(channelId, 'before')
    await opened.confirmedAll('before')
    await proxy.cut()
    // What is open would go on; what is new must be tried again, and with it all on its socket. One has many that are refused at once.
    for (const { client } of readers) {
      for (let more = 0; more < 20; more++) client.subscribe(MessageAddedDocument, { channelId })
    }
    await opened.closed()
    // Not before: what is delivered live and cannot be confirmed is delivered again.
    await alice.send(channelId, 'while the database was away')
    await proxy.restore()
    await opened.all('before', 'while the database was away')
    await expectGoingOn(opened, 'before', 'while the database was away')
    expect(new Set(readers.flatMap(({ closings }) => closings))).toEqual(new Set([closeCodes.unavailable.code]))
    return readers
  },

  closedByOperator: async () => {
    const opened = await openReaders()
    await opened.alice.send(opened.channelId, 'before')
    await opened.confirmedAll('before')
    const serviceId = kit.server.account.serviceId
    for (const { user } of opened.readers) {
      const { connections } = await kit.backend.request(ConnectionsDocument, { serviceId, identity: user.identity })
      const connectionId = connections.nodes[0]!.id
      await kit.backend.request(CloseConnectionDocument, { input: { connectionId } })
    }
    await opened.closed()
    return expectGoingOn(opened, 'before')
  },
  initTimeout: async () => {
    const isFirst = firstTime()
    const opened = await openReaders((user) => ({
      // The first time it never gets as far as saying who it is.
      connectionParams: () => (isFirst(user) ? new Promise(() => {}) : { token: user.token, deviceId }),
    }))
    await opened.alice.send(opened.channelId, 'meanwhile')
    await opened.closed()
    await opened.all('meanwhile')
    return expectGoingOn(opened, 'meanwhile')
  },

  slowReader: async () => {
    const sockets = new Map<string, WebSocket>()
    const { alice, channelId, readers, confirmedAll, closed } = await openReaders(({ identity }) => ({
      webSocketImpl: WebSocket,
      on: { opened: (socket) => void sockets.set(identity, socket as WebSocket) },
    }))
    await alice.send(channelId, 'here')
    await confirmedAll('here')
    const large = readers.map(({ client }) => client.subscribe(manyBodies, { channelId }))
    await alice.send(channelId, 'listening')
    for (const recording of large) await recording.atLeast(1)
    for (const socket of sockets.values()) socket.pause()
    const { app, account } = kit.server
    const backend = { kind: 'backend', accountId: account.accountId } as const
    let count = 2
    // Until it is more than the network holds between the two. Who stays away for long then is cut off, and reads no code.
    for (const goal = slowReaders + readers.length; slowReaders < goal && count < 200; count++) {
      await sendMessage(app, backend, { channelId, body: `${count} ${'x'.repeat(30_000)}` })
    }
    for (const socket of sockets.values()) socket.resume()
    await closed()
    await waitFor(() => readers.every(({ received }) => received.items.at(-1)?.messageAdded.index === count - 1))
    // What it had received and not yet confirmed when it was cut off comes again; nothing is left out, nor out of order.
    const parts = of(readers, ({ received }) => {
      const indexes = received.items.map(({ messageAdded }) => messageAdded.index)
      const again = indexes.findIndex((index, at) => at > 0 && index <= indexes[at - 1]!)
      return again < 0 ? [indexes, []] : [indexes.slice(0, again), indexes.slice(again)]
    })
    for (const [first, second] of Object.values(parts)) {
      const end = second!.length > 0 ? first!.length : count
      expect(first).toEqual(range(0, end))
      expect(second).toEqual(range(count - second!.length, count))
    }
    expect(of(readers, ({ received }) => received.errors)).toEqual(each([]))
    for (const { user } of readers) await confirmed(kit.store, channelId, user.identity, count - 1, deviceId)
    return readers
  },

  expired: async () => {
    const isFirst = firstTime()
    const connectionParams = async (user: User) => ({
      token: isFirst(user) ? user.token : await freshToken(user),
      deviceId,
    })
    const opened = await openReaders((user) => ({ connectionParams: () => connectionParams(user) }), undefined, 5)
    await opened.alice.send(opened.channelId, 'before')
    await opened.confirmedAll('before')
    await opened.closed()
    await expectGoingOn(opened, 'before')
    expect(of(opened.readers, ({ closings }) => closings)).toEqual(each([closeCodes.expired.code]))
    return opened.readers
  },

  tooManySockets: async () => {
    const held = new Map<string, readonly RawSocket[]>()
    const opened = await openReaders((user) => ({
      connectionParams: async () => {
        const { identity, token } = user
        const open = () => RawSocket.open(kit.server, { token })
        if (!held.has(identity)) held.set(identity, await Promise.all(range(0, defaultUserLimits.sockets).map(open)))
        return { token, deviceId }
      },
    }))
    await opened.closed()
    for (const socket of [...held.values()].flat()) socket.terminate()
    await opened.alice.send(opened.channelId, 'meanwhile')
    await opened.all('meanwhile')
    return expectGoingOn(opened, 'meanwhile')
  },

  forbidden: async () => {
    const isFirst = firstTime()
    const opened = await openReaders((user) => ({
      connectionParams: () => ({ token: isFirst(user) ? 'no token' : user.token, deviceId }),
    }))
    await opened.alice.send(opened.channelId, 'meanwhile')
    await opened.all('meanwhile')
    return expectGoingOn(opened, 'meanwhile')
  },

  throttled: async () => {
    const isFirst = firstTime()
    const opened = await openReaders((user) => ({
      connectionParams: async () => {
        if (!isFirst(user)) return { token: user.token, deviceId }
        const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
        const { id } = createApiKey.apiKey
        let guessed = 0
        for (let guess = 0; guess < 10; guess++) {
          const attempt = { address: '127.0.0.1', name: id, password: `${guess}`, isKnown: true }
          void kit.server.app.passwords.check(attempt, () => void guessed++)
        }
        // Redis is asked first.
        await waitFor(() => guessed === 10, { interval: 2 })
        // The answer to this one waits for longest, and until then it is known to be wrong.
        return { authorization: `Basic ${btoa(`${id}:9`)}` }
      },
    }))
    await opened.alice.send(opened.channelId, 'meanwhile')
    await opened.all('meanwhile')
    return expectGoingOn(opened, 'meanwhile')
  },

  userDeleted: async () => {
    const isFirst = firstTime()
    const areBack = Promise.withResolvers<void>()
    const opened = await openReaders((user) => ({
      connectionParams: async () => {
        if (!isFirst(user)) await areBack.promise
        return { token: await freshToken(user), deviceId }
      },
    }))
    const { channelId, readers } = opened
    await opened.alice.send(channelId, 'before')
    await opened.confirmedAll('before')
    for (const { user } of readers) {
      await kit.backend.request(DeleteUserDocument, { input: { userId: user.identity } })
    }
    await opened.closed()
    for (const { user } of readers) {
      await kit.backend.request(AddMemberDocument, { input: { channelId, identity: user.identity } })
    }
    areBack.resolve()
    return expectGoingOn(opened, 'before')
  },

  revoked: async () => {
    const isFirst = firstTime()
    const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
    const { apiKey, secret } = createApiKey
    const opened = await openReaders((user) => ({
      connectionParams: async () => ({
        token: isFirst(user) ? await signToken(apiKey.id, secret, user.identity) : user.token,
        deviceId,
      }),
    }))
    await opened.alice.send(opened.channelId, 'before')
    await opened.confirmedAll('before')
    await kit.backend.request(DeleteApiKeyDocument, { input: { apiKeyId: apiKey.id } })
    await opened.closed()
    return expectGoingOn(opened, 'before')
  },

  badRequest: async () => {
    return expectGivenUp(await openReaders(() => ({ on: { connected: sends('hello') } })), 'badRequest')
  },

  invalidText: async () => {
    const invalid = (socket: unknown) => (socket as WebSocket).send(Buffer.from([0x22, 0xff, 0x22]), { binary: false })
    return expectGivenUp(
      await openReaders(() => ({ webSocketImpl: WebSocket, on: { connected: invalid } })),
      'invalidText',
    )
  },

  unauthorized: async () => {
    const early = { type: 'subscribe', id: 'early', payload: { query: '{ viewer { kind } }' } }
    return expectGivenUp(await openReaders(() => ({ on: { opened: sends(early) } })), 'unauthorized')
  },

  secondInit: async () => {
    return expectGivenUp(
      await openReaders(() => ({ on: { connected: sends({ type: 'connection_init' }) } })),
      'secondInit',
    )
  },

  replaced: async () => {
    const opened = await openReaders()
    await opened.alice.send(opened.channelId, 'before')
    await opened.all('before')
    const newer = opened.readers.map(({ user, library }) => openReader(user, opened.channelId, library, () => ({})))
    await expectGivenUp(opened, 'replaced')
    await waitFor(() => newer.every((reader) => bodiesOf(reader).includes('goes on')))
    for (const { received, closings } of newer) expect([received.errors, closings]).toEqual([[], []])
    return opened.readers
  },

  tooLarge: async () => {
    const opened = await openReaders()
    await opened.alice.send(opened.channelId, 'before')
    await opened.all('before')
    const large = opened.readers.map(({ client }) =>
      client.subscribe(MessageBodiesDocument, { channelId: opened.channelId, after: 'x'.repeat(256 * 1024) }),
    )
    await expectGivenUp(opened, 'tooLarge')
    for (const { errors } of large) expect(errors.map(codeIn)).toEqual([closeCodes.tooLarge.code])
    return opened.readers
  },

  internal: async () => {
    const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
    const { id } = createApiKey.apiKey
    await kit.store.db.orm
      .update(apiKeys)
      .set({ secret: 'what the server cannot open' })
      .where(eq(apiKeys.id, id as ApiKeyId))
    const token = await signToken(id, createApiKey.secret, 'bob')
    return expectGivenUp(await openReaders(() => ({ connectionParams: { token, deviceId } })), 'internal')
  },
}

function signToken(keyId: string, secret: string, identity: string): Promise<string> {
  const { accountId, serviceId } = kit.server.account
  return new SignJWT({ grants: { identity, chat: { service_sid: serviceId } } })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(keyId)
    .setSubject(accountId)
    .setExpirationTime('1h')
    .sign(Buffer.from(secret))
}

/** What only the loss of a database that is elsewhere brings about. */
const clusterOnly: readonly Code[] = ['unavailable']
const possible = (Object.keys(closeCodes) as Code[]).filter(
  (code) => engineName === 'cluster' || !clusterOnly.includes(code),
)

describe.concurrent('Apollo Client, urql and graphql-ws', () => {
  for (const code of possible) {
    const { code: number, reason, final } = closeCodes[code]
    const outcome = final ? 'give up with an error' : 'P3: connect again and miss nothing'
    test(`${outcome} after ${number} (${reason})`, async () => {
      const readers = await provocations[code]()
      expect(of(readers, ({ closings }) => closings[0])).toEqual(each(number))
    })
  }
})

test('the subscription beyond a hundred on one connection is refused with RATE_LIMITED, and the hundred go on', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const client = bob.connect({ deviceId: 'phone' })
  clients.defer(async () => client.dispose())
  const within = Array.from({ length: 100 }, () => record(client, MessageBodiesDocument, { channelId }))
  const beyond = record(client, MessageBodiesDocument, { channelId })
  await beyond.ended()
  expect(beyond.errors.flat()).toMatchObject([{ extensions: { code: 'RATE_LIMITED', chatCode: 51001 } }])
  await alice.send(channelId, 'to all')
  for (const recording of within) await recording.atLeast(1)
  within[0]!.stop()
  const instead = record(client, MessageBodiesDocument, { channelId })
  await alice.send(channelId, 'to all again')
  await waitFor(() => instead.items.at(-1)?.messageAdded.body === 'to all again')
  for (const recording of within.slice(1)) expect((await recording.atLeast(2)).length).toBe(2)
})

test('nothing of that made the platform warn, as of listeners that pile up on a socket', () => {
  expect(warnings).toEqual([])
})
