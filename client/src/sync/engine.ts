import type { Copy } from '../copy/types.ts'
import type { Env } from '../env/types.ts'
import { ChatError } from '../errors.ts'
import type { Document, RequestOptions } from '../graphql/document.ts'
import { ChannelListDocument, EventsDocument, ViewerEventsDocument } from '../graphql/generated/documents.ts'
import { Link } from '../link/link.ts'
import type { TokenRequest } from '../link/token.ts'
import type { Acknowledgement } from '../link/transport.ts'
import type { Log } from '../log.ts'
import { Sender } from '../outbox/sender.ts'
import type { OutboxQueue, Outcome } from '../outbox/types.ts'
import type { Change } from '../store/change.ts'
import { indexOfCursor } from '../store/cursor.ts'
import type { ConnectionState, OutboxAction, OutboxItem, State } from '../store/state.ts'
import type { Store } from '../store/store.ts'
import { channelEventChanges, viewerEventChanges } from './event-changes.ts'
import { listedChanges } from './page-changes.ts'

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
  /** Another socket of this device took over (4409). The engine does not connect again until it is told to. */
  readonly onReplaced: () => void
  /** The copy took a batch no longer. */
  readonly onNotKept: (error: unknown) => void
}

const listPageSize = 50
/** Channels beyond are read when the list is scrolled. */
const maxListPages = 4
/** A channel that is further behind is not caught up message by message: its newest page is read when it is opened. */
const maxBehind = 200

/** Holds the connection, and keeps store, copy and outbox what the server says. One tab of a user has one. */
export class Engine {
  readonly #options: EngineOptions
  readonly #link: Link
  /** Starts each live subscription anew, at each connection. */
  readonly #live = new Set<() => void>()
  readonly #sender: Sender

  constructor(options: EngineOptions) {
    this.#options = options
    const { url, token, env, log, copy } = options
    this.#link = new Link({
      url,
      token,
      env,
      log,
      deviceId: () => copy.deviceId,
      settled: () => copy.settled(),
      accept: (acknowledgement) => this.#accept(acknowledgement),
      onOpen: () => this.#opened(),
      onOffline: (retryAt) => {
        this.#sender.pause()
        this.#setConnection({ status: 'offline', since: this.#offlineSince(), retryAt })
      },
      onRefused: (reason, message) => this.#setConnection({ status: 'refused', reason, message }),
      onReplaced: options.onReplaced,
    })
    this.#sender = new Sender({
      queue: options.queue,
      env,
      request: (document, variables) => this.#link.request(document, variables),
      commit: (changes) => this.#commit(changes),
      onOutcome: options.onOutcome,
      onNotKept: options.onNotKept,
      getState: options.store.getSnapshot,
    })
  }

  /** Reads the outbox. The store must have what the copy has: from there on the streams go on once it is connected. */
  async start(): Promise<void> {
    await this.#sender.refresh()
  }

  /** Ends the connection for good, and all timers and listeners. What is known stays in the store. */
  stop(): void {
    this.#sender.close()
    this.#link.close()
  }

  connect(): void {
    if (!this.#link.isWanted) this.#setConnection({ status: 'connecting' })
    this.#link.connect()
  }

  disconnect(): void {
    this.#sender.pause()
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
  ): () => void {
    let stop: (() => void) | undefined
    const start = (): void => {
      stop = this.#link.subscribe(document, variables, { next, error: (error) => this.#failed(error) })
    }
    this.#live.add(start)
    if (this.#link.isOpen) start()
    return () => {
      this.#live.delete(start)
      stop?.()
    }
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
    store.apply(changes)
    const kept = copy.write(changes)
    kept.catch(onNotKept)
    onChanges(changes, kept)
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

  #accept({ userId, serviceId, identity }: Acknowledgement): string | undefined {
    if (identity !== this.#options.identity) return 'the token is of another user'
    this.#commit([{ kind: 'session', session: { userId, serviceId, identity } }])
    return undefined
  }

  #opened(): void {
    this.#setConnection({ status: 'catchingUp', remaining: 0 })
    for (const start of this.#live) start()
    const after = this.#state().viewerCursor
    this.#link.subscribe(ViewerEventsDocument, after === null ? {} : { after }, {
      next: ({ viewerEvents }) => {
        this.#commit(viewerEventChanges(viewerEvents))
        if (viewerEvents.__typename === 'Ready') void this.#readList().catch((error: unknown) => this.#failed(error))
      },
      error: (error) => this.#failed(error),
    })
  }

  async #readList(): Promise<void> {
    let after: string | null = null
    for (let page = 0; page < maxListPages; page++) {
      const asOf = this.#state().viewerCursor
      const { nodes, pageInfo } = await this.#readListPage(after)
      const { hasNextPage, endCursor: cursor } = pageInfo
      this.#commit([...listedChanges(nodes, asOf), { kind: 'list', isComplete: !hasNextPage, cursor }])
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
    }
    const positions = [...this.#state().channels.values()].flatMap(({ channel, position, head, messages }) => {
      const isBehind = position === null || head - indexOfCursor(position) > maxBehind
      const cursor = isBehind ? messages.at(-1)?.cursor : position
      return cursor === undefined ? [] : [{ channelId: channel.id, after: cursor }]
    })
    this.#link.subscribe(
      EventsDocument,
      { positions },
      {
        next: ({ events }) => {
          this.#commit(channelEventChanges(events, this.#state()))
          if (events.__typename === 'Ready') this.#setConnection({ status: 'live' })
        },
        error: (error) => this.#failed(error),
      },
    )
    this.#sender.resume()
  }

  async #readListPage(after: string | null) {
    const { viewer } = await this.#link.request(ChannelListDocument, { first: listPageSize, after })
    return viewer!.channels!
  }

  #failed(error: unknown): void {
    // A lost connection says so itself.
    if (error instanceof ChatError && error.code === 'OFFLINE') return
    this.#options.log.write('error', 'a stream ended', error)
  }
}
