import type { Copy } from '../copy/types.ts'
import type { Env } from '../env/types.ts'
import type { ChatError } from '../errors.ts'
import type { Document, RequestOptions } from '../graphql/document.ts'
import { Link } from '../link/link.ts'
import type { TokenRequest } from '../link/token.ts'
import type { Acknowledgement } from '../link/transport.ts'
import type { Log } from '../log.ts'
import { Sender } from '../outbox/sender.ts'
import type { OutboxQueue, Outcome } from '../outbox/types.ts'
import type { Change } from '../store/change.ts'
import type { ConnectionState, OutboxAction, OutboxItem, State } from '../store/state.ts'
import type { Store } from '../store/store.ts'
import type { SyncContext } from './context.ts'
import { Following } from './following.ts'
import { LiveSubscriptions } from './live-subscriptions.ts'
import { OwnReactions } from './own-reactions.ts'
import { Refresh } from './refresh.ts'
import { TypingEnds } from './typing-ends.ts'
import { Unlisted } from './unlisted.ts'

export interface EngineOptions {
  readonly url: string
  readonly identity: string
  readonly token: (request: TokenRequest) => Promise<string> | string
  readonly env: Env
  readonly log: Log
  readonly store: Store
  readonly copy: Copy
  readonly queue: OutboxQueue
  /** Every batch of changes, after the store has it; `kept` is when the copy has it: what a leader passes on to the other tabs. */
  readonly onChanges: (changes: readonly Change[], kept: Promise<void>) => void
  /** What became of an item of the outbox, whichever tab added it. */
  readonly onOutcome: (id: number, outcome: Outcome) => void
  /** Another socket of this device took over (4409). The engine does not connect again before `connect`. */
  readonly onReplaced: () => void
  /** The copy took a batch no longer. */
  readonly onNotKept: (error: unknown) => void
}

/** Holds the connection, and keeps store, copy and outbox what the server says. One tab of a user has one. */
export class Engine {
  readonly #options: EngineOptions
  readonly #link: Link
  readonly #sender: Sender
  readonly #unlisted = new Unlisted()
  readonly #typing: TypingEnds
  readonly #refresh: Refresh
  readonly #own: OwnReactions
  readonly #following: Following
  readonly #live: LiveSubscriptions

  constructor(options: EngineOptions) {
    this.#options = options
    const { url, identity, token, env, log, copy } = options
    const state = options.store.getSnapshot
    const commit = (changes: readonly Change[]): void => this.#commit(changes)
    this.#link = new Link({
      url,
      token,
      env,
      log,
      deviceId: () => copy.deviceId,
      settled: () => copy.settled(),
      accept: (acknowledgement) => this.#accept(acknowledgement),
      clockAhead: () => this.#state().clockAhead,
      onOpen: () => this.#opened(),
      onOffline: (retryAt) => this.#lost({ status: 'offline', since: this.#offlineSince(), retryAt }),
      onRefused: (reason, message) => this.#lost({ status: 'refused', reason, message }),
      onReplaced: () => {
        this.#lost({ status: 'offline', since: this.#offlineSince(), retryAt: null })
        options.onReplaced()
      },
    })
    const context: SyncContext = { identity, env, log, link: this.#link, state, commit }
    this.#typing = new TypingEnds(context)
    this.#refresh = new Refresh(context)
    this.#own = new OwnReactions(context)
    this.#following = new Following({ ...context, unlisted: this.#unlisted, refresh: this.#refresh })
    this.#live = new LiveSubscriptions(context)
    this.#sender = new Sender({
      queue: options.queue,
      env,
      request: (document, variables) => this.#link.request(document, variables),
      commit,
      onOutcome: options.onOutcome,
      onNotKept: options.onNotKept,
      getState: state,
    })
  }

  /** Reads the outbox. The store must have what the copy has: from there on the streams go on once it is connected. */
  async start(): Promise<void> {
    await this.#sender.refresh()
  }

  /** Ends the connection for good, and all timers and listeners. What is known stays in the store. */
  stop(): void {
    this.#sender.close()
    this.#following.stop()
    this.#refresh.close()
    this.#own.pause()
    this.#live.stopAll()
    this.#typing.close()
    this.#link.close()
  }

  connect(): void {
    if (!this.#link.isWanted) this.#setConnection({ status: 'connecting' })
    this.#link.connect()
  }

  disconnect(): void {
    this.#link.disconnect()
  }

  request<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Result> {
    return this.#link.request(document, variables, options?.signal)
  }

  subscribe<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    next: (result: Result) => void,
    onError: (error: ChatError) => void,
  ): () => void {
    return this.#live.add(document, variables, next, onError)
  }

  apply(changes: readonly Change[]): void {
    this.#commit(changes)
  }

  enqueue(channelId: string, action: OutboxAction): Promise<OutboxItem> {
    return this.#sender.add(channelId, action)
  }

  retry(id: number): Promise<void> {
    return this.#sender.retry(id)
  }

  discard(id: number): Promise<void> {
    return this.#sender.discard(id)
  }

  /** Another tab has added to the outbox. */
  refreshOutbox(): Promise<void> {
    return this.#sender.refresh()
  }

  #commit(changes: readonly Change[]): void {
    if (changes.length === 0) return
    const { store, copy, onChanges, onNotKept } = this.#options
    const complete = this.#unlisted.complete(changes)
    const before = this.#state().channels
    store.apply(complete)
    const kept = copy.write(complete)
    kept.catch(onNotKept)
    onChanges(complete, kept)
    this.#typing.watch(complete)
    this.#own.watch(complete)
    this.#readAgain(complete, before)
  }

  /** Reads again what was dropped though it may be shown. */
  #readAgain(changes: readonly Change[], before: State['channels']): void {
    for (const change of changes) {
      const known = change.kind === 'reset' && before.get(change.channelId)
      // An empty channel may be shown too.
      if (known && (known.intervals.length > 0 || known.head < 0)) this.#refresh.add(known.channel.id, true)
    }
  }

  #state(): State {
    return this.#options.store.getSnapshot()
  }

  #setConnection(connection: ConnectionState): void {
    this.#commit([{ kind: 'connection', connection }])
  }

  #offlineSince(): number {
    const { connection } = this.#state()
    return connection.status === 'offline' ? connection.since : this.#options.env.clock.now()
  }

  #accept({ userId, serviceId, identity, serverTime }: Acknowledgement): string | undefined {
    const { session } = this.#state()
    const isOther = identity !== this.#options.identity
    // Deleted and made anew: what is kept is another user's.
    if (isOther || (session !== null && session.userId !== userId)) this.#forget()
    if (isOther) return 'the token is of another user'
    const clockAhead = Date.parse(serverTime) - this.#options.env.clock.now()
    this.#commit([{ kind: 'session', session: { userId, serviceId, identity }, clockAhead }])
    return undefined
  }

  /** Nothing that is known is of this user. */
  #forget(): void {
    const { copy, onNotKept } = this.#options
    const channels = [...this.#state().channels.values()]
    this.#commit([
      ...channels.map(({ channel, membership }): Change => ({
        kind: 'channelGone',
        channelId: channel.id,
        memberId: membership.id,
      })),
      { kind: 'viewerCursor', cursor: null },
      { kind: 'session', session: null },
    ])
    copy.clear().catch(onNotKept)
  }

  #opened(): void {
    this.#following.start()
    this.#live.startAll()
    this.#own.resume()
    this.#sender.resume()
  }

  #lost(connection: ConnectionState): void {
    this.#sender.pause()
    this.#following.stop()
    this.#own.pause()
    this.#live.stopAll()
    this.#typing.endAll()
    this.#setConnection(connection)
  }
}
