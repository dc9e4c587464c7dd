import { browserEnv } from './env/browser.ts'
import type { Env } from './env/types.ts'
import { Emitter } from './events.ts'
import type { Document, RequestOptions } from './graphql/document.ts'
import { CreateChannelDocument, MarkAllReadDocument } from './graphql/generated/documents.ts'
import type { CreateChannelInput } from './graphql/generated/types.ts'
import type { ChannelEvents } from './handles/channel-events.ts'
import { ChannelList } from './handles/channel-list.ts'
import { ChannelHandle } from './handles/channel.ts'
import type { ClientEvents } from './handles/client-events.ts'
import type { HandleContext } from './handles/context.ts'
import { findChannel, joinChannel } from './handles/find-channel.ts'
import { hear, isToNotify } from './handles/hear.ts'
import { MessageHandle } from './handles/message.ts'
import type { TokenRequest } from './link/token.ts'
import { Log, type LogEntry, type Logger } from './log.ts'
import type { Module, ModulesOf } from './modules/types.ts'
import type { State } from './store/state.ts'
import { Store } from './store/store.ts'
import { Engine } from './sync/engine.ts'
import { openAlone } from './tabs/alone.ts'
import { openLate } from './tabs/late.ts'
import type { Host, SharedOptions } from './tabs/types.ts'

export { browserEnv }

export interface ClientOptions {
  /** Address of the server, such as `https://chat.example.com`, with or without `/graphql`; in a page that the server itself serves it may be left out. */
  readonly url?: string
  /** Identity of the user, which the token must have: it names what is kept on this device. */
  readonly identity: string
  /** Name of the service, where users of several services of one server share an origin: it also names what is kept on this device. */
  readonly service?: string
  /**
   * What becomes of what is kept on this device of other users of the service: by default it is removed when this client starts, unless a tab
   * uses it, or its outbox has something that would still be sent. `keep` is for pages with several users.
   */
  readonly otherUsers?: 'remove' | 'keep'
  /**
   * Asks the application’s backend for an access token of the user: when there is none that lives for another minute, and with another `reason` than
   * `connect` where one from a cache would not do. After 20 seconds, or when it throws, the client tries again later; a ChatError with
   * UNAUTHENTICATED says that there is none any more, and the client is `refused`.
   */
  readonly token: (request: TokenRequest) => Promise<string> | string
  /** Receives what the client logs, which never has tokens or texts of messages. By default nothing is logged. */
  readonly logger?: Logger
  /** The platform, where it is not a browser. */
  readonly env?: Env
}

/** A client of one user. It connects at once, and goes on trying until it is closed. After `close` everything rejects with CLOSED. */
export interface Client {
  /** The state of now: the same object until something of it changes. */
  readonly getSnapshot: () => State
  /** Calls back after each change of the snapshot. Returns the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** Calls back for each event of this name. Returns the function that ends it. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (payload: ClientEvents[Name]) => void): () => void
  /** The channels of the user, as a list shows them. */
  readonly channels: ChannelList
  /** A channel of the user, by its SID or unique name. Rejects with NOT_FOUND. */
  getChannel(idOrUniqueName: string, options?: RequestOptions): Promise<ChannelHandle>
  /** A channel that the client knows already, by its SID. */
  channel(id: string): ChannelHandle
  /** Makes a channel, of which the user becomes a member. */
  createChannel(input?: CreateChannelInput, options?: RequestOptions): Promise<ChannelHandle>
  /** Joins a channel by its SID or unique name: a public one, or one to which the user is invited. */
  joinChannel(idOrUniqueName: string, options?: RequestOptions): Promise<ChannelHandle>
  /** Marks everything in all channels as read. */
  markAllRead(options?: RequestOptions): Promise<void>
  /** Tries an item of the outbox again that has failed, by its `id`. */
  retry(itemId: number): Promise<void>
  /** Takes an item of the outbox back, by its `id`: what showed it rolls back. */
  discard(itemId: number): Promise<void>
  /** Runs any query or mutation. Rejects with OFFLINE when there is no answer within 15 seconds. */
  request<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Result>
  /** Connects again after `disconnect`. */
  connect(): void
  /** Ends the connection until `connect`. What is written meanwhile waits in the outbox. */
  disconnect(): void
  /** Removes everything that is kept of the user on this device, in all tabs, and closes the client. */
  signOut(): Promise<void>
  /** Ends the client in this tab. What is kept on the device stays. */
  close(): Promise<void>
  /** The last 200 entries of the log. */
  debug(): readonly LogEntry[]
}

/** Makes a client of one user. Modules add what not every application needs: `createClient({ …, modules: [search(), people()] })`. */
export function createClient<const Modules extends readonly Module[] = readonly []>(
  options: ClientOptions & { readonly modules?: Modules },
): Client & ModulesOf<Modules> {
  const { env = browserEnv(), identity, service = '', otherUsers = 'remove' } = options
  const url = socketUrl(options.url)
  const log = new Log(env.clock.now, options.logger)
  const onError = (error: unknown): void => log.write('error', 'a listener failed', error)
  const store = new Store({ onError, onHeard: (heard) => hear(context, { client: events, channel: eventsOf }, heard) })
  const events = new Emitter<ClientEvents>(onError)
  const channelEvents = new Map<string, Emitter<ChannelEvents>>()
  const eventsOf = (channelId: string): Emitter<ChannelEvents> => {
    const known = channelEvents.get(channelId) ?? new Emitter<ChannelEvents>(onError)
    channelEvents.set(channelId, known)
    return known
  }
  const listen: HandleContext['listen'] = (channelId, name, listener) =>
    eventsOf(channelId).on(name as keyof ChannelEvents, listener as (payload: unknown) => void)
  const context: HandleContext = {
    env,
    log,
    owner: [url, service, identity],
    store,
    // Made below: it applies changes as soon as it is there.
    get host() {
      return host
    },
    listen,
    notify: (message) => {
      if (isToNotify(context, message)) events.emit('notification', new MessageHandle(context, message))
    },
    typingShownUntil: new Map(),
  }
  const host = openHost({
    env,
    log,
    store,
    url,
    service,
    identity,
    keepsOthers: otherUsers === 'keep',
    createEngine: (connected) => new Engine({ url, identity, token: options.token, env, log, store, ...connected }),
  })
  const channel = (id: string): ChannelHandle => new ChannelHandle(context, id)
  const client: Client = {
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    on: (name, listener) => events.on(name, listener),
    channels: new ChannelList(context),
    channel,
    getChannel: (idOrUniqueName, requestOptions) => findChannel(context, idOrUniqueName, requestOptions),
    createChannel: async (input = {}, requestOptions) => {
      const { createChannel } = await host.request(CreateChannelDocument, { input }, requestOptions)
      return findChannel(context, createChannel!.channel.id, requestOptions)
    },
    joinChannel: (idOrUniqueName, requestOptions) => joinChannel(context, idOrUniqueName, requestOptions),
    markAllRead: async (requestOptions) => {
      await host.request(MarkAllReadDocument, {}, requestOptions)
    },
    retry: (itemId) => host.retry(itemId),
    discard: (itemId) => host.discard(itemId),
    request: (document, variables, requestOptions) => host.request(document, variables, requestOptions),
    connect: () => host.connect(),
    disconnect: () => host.disconnect(),
    signOut: () => host.signOut(),
    close: () => host.close(),
    debug: () => log.entries(),
  }
  const modules = (options.modules ?? []).map((module) => [module.name, module.create(context)] as const)
  return Object.assign(client, Object.fromEntries(modules)) as Client & ModulesOf<Modules>
}

/** What only tabs need is loaded where there can be several: it is on its way while the page does something else. */
function openHost(options: SharedOptions): Host {
  const { locks, openBroadcast, databases } = options.env
  return locks && openBroadcast && databases ? openLate(options, () => import('./tabs/shared.ts')) : openAlone(options)
}

function socketUrl(url: string | undefined): string {
  const base = url ?? globalThis.location.origin
  return `${base.replace(/^http/, 'ws').replace(/\/(?:graphql\/?)?$/, '')}/graphql`
}
