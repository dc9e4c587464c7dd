import { inspect } from 'node:util'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { createClient, type Client, type ClientOptions } from 'graphql-ws'
import { WebSocket } from 'ws'
import {
  AddMemberDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  SendMessageDocument,
  UpdateServiceDocument,
  type ChannelFieldsFragment,
  type CreateChannelInput,
  type SendMessageInput,
} from '../../schema/generated/graphql.ts'
import type { Succeeded } from '../../schema/succeeded.ts'
import { createLogger } from '../../src/config/logger.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import { startServer, type Server } from '../../src/server.ts'
import { openDb, type Db } from '../../src/store/engine/db.ts'
import { findOutage } from '../../src/store/engine/outage.ts'
import { inspectionOf } from '../../src/store/open-store.ts'
import { openTestStore, type TestStore } from './engine.ts'
import { unlimited } from './unlimited.ts'
import { waitFor, within } from './wait.ts'

export interface GraphqlError {
  readonly message: string
  readonly extensions: {
    readonly code: string
    readonly chatCode?: number
    readonly field?: string
    readonly retryAfterMs?: number
    readonly currentVersion?: number
    readonly currentOffset?: number
  }
}

export interface Answer<Data> {
  readonly data?: Data | null
  readonly errors?: readonly GraphqlError[]
}

let made = 0

/** A name that no other test has used. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${process.pid}-${++made}`
}

/** A running server on a database of its own, and what a test does with it. */
export interface Kit extends AsyncDisposable {
  readonly server: Server
  readonly store: TestStore
  readonly backend: Caller
  /**
   * Another server on the same Postgres and Redis. The embedded engine is one process: there it is the same server again, or, with
   * settings of its own, one that gets no hints of the first. Its own connections to the database are closed with it.
   */
  another(environment?: Record<string, string>, db?: Db): Promise<Server>
  /** A user with a token of its own. */
  user(name?: string, options?: { readonly exactly?: boolean; readonly ttlSeconds?: number }): Promise<User>
  /** A channel that the backend has made, with members. */
  channel(
    members?: readonly User[],
    input?: CreateChannelInput,
  ): Promise<ChannelFieldsFragment & { readonly id: ChannelId }>
  close(): Promise<void>
}

export async function openKit(
  environment: Record<string, string> = {},
  { hasRates = false }: { readonly hasRates?: boolean } = {},
): Promise<Kit> {
  const store = await openTestStore()
  const servers: Server[] = []
  const start = async (more: Record<string, string> = {}, db: Db = store.db): Promise<Server> => {
    const config = readConfig({
      PORT: '0',
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'fatal',
      SECRET_KEY: 'ab'.repeat(32),
      ...(store.redisUrl !== undefined && { REDIS_URL: store.redisUrl }),
      ...environment,
      ...more,
    })
    const isOwn = db === store.db && store.databaseUrl !== undefined
    const heartbeat = isOwn ? openDb(store.databaseUrl, { poolSize: 1 }) : db
    const server = await startServer(config, createLogger(config.LOG_LEVEL, { findOutage }), {
      db,
      maintenance: store.maintenance,
      heartbeat,
      withInspection: store.databaseUrl === undefined ? (work) => work(db) : inspectionOf(store.databaseUrl, true),
      isEmbedded: false,
      finishFirstStart: async () => {},
      close: async () => {
        if (isOwn) await heartbeat.close()
        if (db !== store.db) await db.close()
      },
    })
    servers.push(server)
    return server
  }
  const server = await start()
  const { accountId, authToken } = server.account
  const backend = new Caller(server, `Basic ${btoa(`${accountId}:${authToken}`)}`)
  // Specs let one user do more than any person does.
  if (!hasRates) {
    const input = { serviceId: server.account.serviceId, limits: unlimited }
    await backend.request(UpdateServiceDocument, { input })
  }
  const close = async (): Promise<void> => {
    for (const running of servers.reverse()) await running.close({ immediate: true })
    await store.close()
  }
  return {
    server,
    store,
    backend,
    another: async (more, db) => (store.redisUrl === undefined && !more ? server : start(more, db)),
    user: async (name = 'user', { exactly = false, ttlSeconds } = {}) => {
      const identity = exactly ? name : uniqueName(name)
      const { createAccessToken } = await backend.request(CreateAccessTokenDocument, {
        input: { identity, ...(ttlSeconds !== undefined && { ttlSeconds }) },
      })
      return new User(server, identity, createAccessToken.token)
    },
    channel: async (members = [], input = {}) => {
      const { createChannel } = await backend.request(CreateChannelDocument, { input })
      const { channel } = createChannel
      for (const { identity } of members) {
        await backend.request(AddMemberDocument, { input: { channelId: channel.id, identity } })
      }
      return { ...channel, id: channel.id as ChannelId }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A caller over HTTP. */
export class Caller {
  readonly server: Pick<Server, 'url'>
  readonly authorization: string
  readonly headers: Readonly<Record<string, string>>

  constructor(server: Pick<Server, 'url'>, authorization: string, headers: Readonly<Record<string, string>> = {}) {
    this.server = server
    this.authorization = authorization
    this.headers = headers
  }

  /** The same caller, who sends these headers too. */
  with(headers: Readonly<Record<string, string>>): Caller {
    return new Caller(this.server, this.authorization, headers)
  }

  /** The whole answer, errors included. */
  async ask<Data, Variables>(
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
  ): Promise<Answer<Data>> {
    const response = await fetch(`${this.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: this.authorization, ...this.headers },
      body: JSON.stringify({ query: typeof document === 'string' ? document : print(document), variables }),
    })
    const text = await response.text()
    try {
      return JSON.parse(text) as Answer<Data>
    } catch (error) {
      throw new Error(`the answer is no JSON: ${response.status} ${inspect(text)}`, { cause: error })
    }
  }

  /** The data; an error is a failure of the test. */
  async request<Data, Variables>(
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
  ): Promise<Succeeded<Data>> {
    const { data, errors } = await this.ask(document, variables)
    if (errors || !data) throw new Error(`refused: ${JSON.stringify(errors)}`)
    return data as Succeeded<Data>
  }

  /** Expects exactly this refusal. */
  async expectRefusal<Data, Variables>(
    document: TypedDocumentNode<Data, Variables> | string,
    variables: Variables | undefined,
    code: string,
    chatCode?: number,
  ): Promise<GraphqlError> {
    const { data, errors } = await this.ask(document, variables)
    const [error, ...others] = errors ?? []
    const isExpected = error?.extensions.code === code && error.extensions.chatCode === chatCode && others.length === 0
    if (!isExpected) throw new Error(`expected ${code} ${chatCode ?? ''}, answered ${JSON.stringify({ data, errors })}`)
    return error
  }

  async send(channelId: string, body: string, more: Partial<SendMessageInput> = {}) {
    const { sendMessage } = await this.request(SendMessageDocument, { input: { channelId, body, ...more } })
    return sendMessage.message
  }
}

/** A person's client, over HTTP and WebSocket. */
export class User extends Caller {
  readonly identity: string
  readonly token: string

  constructor(server: Pick<Server, 'url'>, identity: string, token: string) {
    super(server, `Bearer ${token}`)
    this.identity = identity
    this.token = token
  }

  /** The same person at another server. */
  at(server: Pick<Server, 'url'>): User {
    return new User(server, this.identity, this.token)
  }

  /** A graphql-ws client, which connects when it is first used. */
  connect(options: Partial<ClientOptions> & { readonly deviceId?: string } = {}): Client {
    return openSocket(this.server, { token: this.token, deviceId: options.deviceId }, options)
  }
}

export function openSocket(
  server: Pick<Server, 'url'>,
  connectionParams: Record<string, unknown>,
  options: Partial<ClientOptions> = {},
): Client {
  return createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
    ...options,
  })
}

/** What one subscription received, in order, and how it ended. */
export class Recording<Data> {
  readonly items: Data[] = []
  readonly errors: unknown[] = []
  isComplete = false
  stop: () => void = () => {}

  /** Waits until there are at least so many, or fails. */
  async atLeast(count: number, timeout = 10_000): Promise<readonly Data[]> {
    await waitFor(() => this.items.length >= count || this.errors.length > 0, { timeout }).catch((error: unknown) => {
      throw new Error(`received ${this.items.length} of ${count}: ${JSON.stringify(this.items)}`, { cause: error })
    })
    if (this.items.length < count) throw new Error(`the subscription ended: ${inspect(this.errors)}`)
    return this.items
  }

  async ended(timeout = 10_000): Promise<void> {
    await waitFor(() => this.isComplete || this.errors.length > 0, { timeout })
  }
}

/** Subscribes and records. */
export function record<Data, Variables extends Record<string, unknown>>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables?: Variables,
): Recording<Data> {
  const recording = new Recording<Data>()
  recording.stop = client.subscribe<Data>(
    { query: print(document), variables: variables ?? {} },
    {
      next: ({ data, errors }) => {
        if (errors) recording.errors.push(...errors)
        if (data) recording.items.push(data)
      },
      error: (error) => recording.errors.push(error),
      complete: () => {
        recording.isComplete = true
      },
    },
  )
  return recording
}

/** One operation over a socket. */
export async function requestOver<Data, Variables extends Record<string, unknown>>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables?: Variables,
): Promise<Succeeded<Data>> {
  const answers = client.iterate<Data>({ query: print(document), variables: variables ?? {} })
  const { value } = (await within(answers.next() as Promise<{ value: Answer<Data> }>, 10_000, 'an answer')) as {
    value: Answer<Data>
  }
  await answers.return?.()
  if (value.errors || !value.data) throw new Error(`refused: ${JSON.stringify(value.errors)}`)
  return value.data as Succeeded<Data>
}
