import { browserEnv } from './env/browser.ts'
import type { Env } from './env/types.ts'
import { ChatError } from './errors.ts'
import type { Document, RequestOptions } from './graphql/document.ts'
import { ViewerMemberDocument } from './graphql/generated/documents.ts'
import { ChannelHandle } from './handles/channel.ts'
import type { TokenRequest } from './link/token.ts'
import { Log, type LogEntry, type Logger } from './log.ts'
import type { State } from './store/state.ts'
import { Store } from './store/store.ts'
import { Engine } from './sync/engine.ts'
import { listedChanges } from './sync/page-changes.ts'
import { TabHost } from './tabs/host.ts'
import { keep } from './tabs/keep.ts'

export { browserEnv }

export interface ClientOptions {
  /** Address of the server, such as `https://chat.example.com`; in a page that the server itself serves it may be left out. */
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

/** A client of one user. It connects at once, and goes on trying until it is closed. */
export interface Client {
  readonly getSnapshot: () => State
  /** Calls back after each change of the snapshot. Returns the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** A channel of the user, by its SID or unique name. Rejects with NOT_FOUND. */
  getChannel(idOrUniqueName: string): Promise<ChannelHandle>
  /** A channel that the client knows already, by its SID. */
  channel(id: string): ChannelHandle
  /** Runs any query or mutation. */
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
  close(): Promise<void>
  /** The last 200 entries of the log. */
  debug(): readonly LogEntry[]
}

export function createClient(options: ClientOptions): Client {
  const { env = browserEnv(), identity, service = '', otherUsers = 'remove' } = options
  const url = socketUrl(options.url)
  const log = new Log(env.clock.now, options.logger)
  const store = new Store((error) => log.write('error', 'a listener failed', error))
  const host = new TabHost({
    env,
    log,
    store,
    ...keep({ env, log, store, url, service, identity, keepsOthers: otherUsers === 'keep' }),
    createEngine: (connected) =>
      new Engine({
        url,
        identity,
        token: options.token,
        env,
        log,
        store,
        ...connected,
      }),
  })
  const context = { env, store, host }
  const channel = (id: string): ChannelHandle => new ChannelHandle(context, id)
  return {
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    channel,
    getChannel: async (idOrUniqueName) => {
      const isKnown = (id: string, uniqueName: string | null) => id === idOrUniqueName || uniqueName === idOrUniqueName
      const known = [...store.getSnapshot().channels.values()].find(({ channel: { id, uniqueName } }) =>
        isKnown(id, uniqueName),
      )
      if (known) return channel(known.channel.id)
      const identity = await signedIn(store)
      const asOf = store.getSnapshot().viewerCursor
      const { member } = await host.request(ViewerMemberDocument, { channelId: idOrUniqueName, identity })
      if (!member) throw new ChatError('NOT_FOUND', `no channel ${idOrUniqueName} of this user`)
      host.apply(listedChanges([member], asOf))
      return channel(member.channelId)
    },
    request: (document, variables, requestOptions) => host.request(document, variables, requestOptions),
    connect: () => host.connect(),
    disconnect: () => host.disconnect(),
    signOut: () => host.signOut(),
    close: () => host.close(),
    debug: () => log.entries(),
  }
}

/** Resolves with the identity of the user once the server has said it. */
function signedIn(store: Store): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const look = (): void => {
    const { session, connection } = store.getSnapshot()
    if (session) resolve(session.identity)
    else if (connection.status === 'refused') reject(new ChatError('UNAUTHENTICATED', connection.message))
    else if (connection.status === 'closed') reject(new ChatError('CLOSED', 'the client is closed'))
  }
  const stop = store.subscribe(look)
  look()
  return promise.finally(stop)
}

function socketUrl(url: string | undefined): string {
  const base = url ?? globalThis.location.origin
  return `${base.replace(/^http/, 'ws').replace(/\/$/, '')}/graphql`
}
