import type { Env, Socket } from '../env/types.ts'
import { ChatError, toChatError } from '../errors.ts'
import type { Document } from '../graphql/document.ts'
import type { Log } from '../log.ts'
import type { Session, RefusalReason } from '../store/state.ts'
import { backoff } from './backoff.ts'
import { judgeClose } from './close-codes.ts'

export interface LinkOptions {
  /** `ws:` or `wss:` address of `/graphql`. */
  readonly url: string
  readonly env: Env
  readonly log: Log
  readonly token: () => Promise<string>
  readonly deviceId: () => string
  /** The server has accepted the connection of this user. */
  readonly onOpen: (session: Session) => void
  readonly onClosed: (retryAt: number | null) => void
  readonly onRefused: (reason: RefusalReason, message: string) => void
  /** Another socket of this device took over. */
  readonly onReplaced: () => void
  /** Resolves once what came before is kept: only then a pong may say so. */
  readonly settled: () => Promise<void>
}

export interface Subscriber<Result> {
  next(data: Result): void
  error(error: ChatError): void
}

interface Operation {
  readonly query: string
  readonly variables: unknown
  readonly next: (payload: { data?: unknown; errors?: { message: string }[] }) => void
  readonly error: (error: ChatError) => void
  readonly complete: () => void
}

const requestMilliseconds = 15_000
const ackMilliseconds = 10_000
const pingMilliseconds = 10_000
const pongMilliseconds = 5000

/** One connection to the server, which is made again when it is lost. Operations end with it. */
export class Link {
  readonly #options: LinkOptions
  readonly #operations = new Map<string, Operation>()
  readonly #waiting = new Set<() => void>()
  #socket: Socket | undefined
  #isOpen = false
  #isWanted = false
  #failures = 0
  #lastId = 0
  #cancelRetry: (() => void) | undefined
  #cancelTimer: (() => void) | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    const { page } = options.env
    for (const event of ['online', 'pageshow', 'resume'] as const) page.on(event, () => this.#tryNow())
  }

  connect(): void {
    this.#isWanted = true
    this.#tryNow()
  }

  disconnect(): void {
    this.#isWanted = false
    this.#cancelRetry?.()
    this.#drop()
    this.#options.onClosed(null)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Runs a query or a mutation; waits for a connection, and rejects with OFFLINE after 15 seconds. */
  request<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    let stop: (() => void) | undefined
    const start = (): void => {
      stop = this.#start({
        query: document,
        variables,
        next: ({ data, errors }) => (errors ? reject(toChatError(errors)) : resolve(data as Result)),
        error: reject,
        complete: () => reject(new ChatError('UNAVAILABLE', 'the server gave no result')),
      })
    }
    const late = this.#options.env.clock.after(requestMilliseconds, () =>
      reject(new ChatError('OFFLINE', 'the server did not answer in time')),
    )
    const onAbort = (): void => reject(signal!.reason as Error)
    signal?.addEventListener('abort', onAbort)
    if (this.#isOpen) start()
    else this.#waiting.add(start)
    return promise.finally(() => {
      late()
      this.#waiting.delete(start)
      signal?.removeEventListener('abort', onAbort)
      stop?.()
    })
  }

  /** Subscribes on the present connection. Ends with it, without a word. */
  subscribe<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    subscriber: Subscriber<Result>,
  ): () => void {
    return this.#start({
      query: document,
      variables,
      next: ({ data, errors }) => (errors ? subscriber.error(toChatError(errors)) : subscriber.next(data as Result)),
      error: (error) => subscriber.error(error),
      complete: () => {},
    })
  }

  #start(operation: Operation): () => void {
    const id = String((this.#lastId += 1))
    this.#operations.set(id, operation)
    this.#send({ id, type: 'subscribe', payload: { query: operation.query, variables: operation.variables } })
    return () => {
      if (this.#operations.delete(id)) this.#send({ id, type: 'complete' })
    }
  }

  #send(message: object): void {
    if (this.#socket) this.#socket.send(JSON.stringify(message))
  }

  #tryNow(): void {
    if (!this.#isWanted || this.#socket) return
    this.#cancelRetry?.()
    this.#open()
  }

  #open(): void {
    const { env, url, token, deviceId } = this.#options
    const socket = env.openSocket(url)
    this.#socket = socket
    this.#watch(ackMilliseconds)
    const introduce = async (): Promise<void> => {
      const fresh = await token().catch(() => null)
      if (this.#socket === socket)
        this.#send({ type: 'connection_init', payload: { token: fresh, deviceId: deviceId() } })
    }
    socket.onopen = () => void introduce()
    socket.onmessage = ({ data }) => this.#receive(socket, String(data))
    socket.onclose = ({ code, reason }) => this.#closed(socket, code, reason)
  }

  #receive(socket: Socket, text: string): void {
    if (this.#socket !== socket) return
    const { type, id, payload } = JSON.parse(text)
    const operation = this.#operations.get(id)
    switch (type) {
      case 'connection_ack':
        this.#isOpen = true
        this.#failures = 0
        this.#beat()
        this.#options.onOpen(payload)
        for (const start of this.#waiting) start()
        this.#waiting.clear()
        return
      case 'ping':
        // A pong confirms the frames before it: it leaves once they are kept.
        void this.#options.settled().then(
          () => this.#socket === socket && this.#send({ type: 'pong', payload }),
          () => this.#closed(socket, 4000, 'the local copy failed'),
        )
        return
      case 'pong':
        this.#beat()
        return
      case 'next':
        return operation?.next(payload)
      case 'error':
        this.#operations.delete(id)
        return operation?.error(toChatError(payload))
      case 'complete':
        this.#operations.delete(id)
        return operation?.complete()
    }
  }

  /** A dead network says nothing: only an unanswered ping tells. */
  #beat(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.#options.env.clock.after(pingMilliseconds, () => {
      this.#send({ type: 'ping' })
      this.#watch(pongMilliseconds)
    })
  }

  #watch(milliseconds: number): void {
    const socket = this.#socket!
    this.#cancelTimer?.()
    this.#cancelTimer = this.#options.env.clock.after(milliseconds, () => this.#closed(socket, 4000, 'no answer'))
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#isOpen = false
    this.#cancelTimer?.()
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close(1000)
    }
    const operations = [...this.#operations.values()]
    this.#operations.clear()
    for (const { error } of operations) error(new ChatError('OFFLINE', 'the connection was lost'))
  }

  #closed(socket: Socket, code: number, reason: string): void {
    if (this.#socket !== socket) return
    const { env, log, onClosed, onRefused, onReplaced } = this.#options
    log.write('info', 'the socket was closed', { code, reason })
    this.#drop()
    const verdict = judgeClose(code)
    if (verdict.next === 'replaced') return onReplaced()
    if (verdict.next === 'refuse') return onRefused(verdict.reason, reason)
    if (verdict.next === 'renewToken' && this.#failures > 0) return onRefused('token', reason)
    const wait = backoff(this.#failures, env.random())
    this.#failures += 1
    if (!this.#isWanted) return
    onClosed(env.clock.now() + wait)
    this.#cancelRetry = env.clock.after(wait, () => this.#tryNow())
  }
}
