import type { Connection } from './connection.ts'
import { DatabaseFault, isReadOnly, type FaultCode } from './fault.ts'
import { loopNow, unwatch, watch } from './loop-clock.ts'
import type { StatementFigures } from './statement-figures.ts'

/** Callers that wait for a connection. Any more would only time out later. */
const maxWaiting = 10_000

/** Connections beyond the pool's size that are opened for one caller each. After an outage many want one at once. */
const maxNew = 10

/** Pauses between failed attempts to connect, in milliseconds: the first and the longest. */
const minBackOff = 50
const maxBackOff = 1000

/** A connection younger than this that refuses to write says nothing about others, in milliseconds: older ones were discarded just now. */
const freshMilliseconds = 1000

export interface PoolOptions {
  readonly size: number
  /** The time limit of waiting for a connection, in milliseconds. */
  readonly timeout: number
  readonly figures: StatementFigures
  connect(): Promise<Connection>
  /**
   * Where another host may be the primary: called with the host of a statement that came to no end. A primary whose supervisor hangs goes on, and its commits wait for ever
   * for a standby that has been promoted: no timeout of Postgres runs then.
   */
  readonly onDeserted?: ((host: string) => void) | undefined
}

/** What the pool is doing now, and what its statements have come to. */
export interface PoolFigures {
  readonly size: number
  readonly idle: number
  readonly busy: number
  /** Callers that wait for a connection. */
  readonly waiting: number
  readonly statements: StatementFigures
}

interface Waiter {
  readonly since: number
  readonly deadline: number
  resolve(connection: Connection): void
  reject(fault: unknown): void
}

/**
 * Connections that callers borrow, the one that was returned last first. They are opened when a caller waits. A failed one is never lent again,
 * and all idle ones that have had no answer since are discarded with it: the cause has mostly cut them, too.
 */
export class Pool {
  readonly #options: PoolOptions
  readonly #connections = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #waiting = new Set<Waiter>()
  /** Connections that are lent once and then closed. */
  readonly #single = new Set<Connection>()
  #newCount = 0
  #opening = 0
  /** The number of failed attempts in a row, and when the next one is due. */
  #failures = 0
  #nextTryAt = 0
  #isWatching = false
  #retryTimer: NodeJS.Timeout | undefined
  #closed: Promise<void> | undefined
  #onEmpty: () => void = () => {}

  constructor(options: PoolOptions) {
    this.#options = options
  }

  get figures(): PoolFigures {
    const { size, figures: statements } = this.#options
    const idle = this.#idle.length
    return { size, idle, busy: this.#connections.size - idle, waiting: this.#waiting.size, statements }
  }

  /** Lends a connection while the work takes, up to a deadline. */
  async use<Result>(until: number, work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const borrowed = this.#borrow(until)
    const connection = borrowed instanceof Promise ? await borrowed : borrowed
    connection.until = until
    try {
      return await work(connection)
    } catch (error) {
      if (isReadOnly(error)) this.#retireHost(connection)
      throw error
    } finally {
      this.#giveBack(connection)
    }
  }

  /** The same with a new connection that is closed afterwards. After a fault, an old one may lead to a server that is no longer the primary. */
  async useNew<Result>(until: number, work: (connection: Connection) => Promise<Result>): Promise<Result> {
    this.#assertOpen()
    if (this.#newCount >= maxNew) throw tooLate()
    this.#newCount++
    try {
      return await this.#useNew(until, work)
    } finally {
      this.#newCount--
    }
  }

  async #useNew<Result>(until: number, work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const connection = await this.#options.connect()
    try {
      this.#assertOpen()
      connection.until = until
      this.#single.add(connection)
      this.#watch()
      return await work(connection)
    } finally {
      this.#single.delete(connection)
      await connection.close()
      this.#onEmpty()
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw closed()
  }

  #watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    watch(this.#check)
  }

  #borrow(until: number): Connection | Promise<Connection> {
    this.#assertOpen()
    this.#watch()
    const idle = this.#idle.pop()
    if (idle) {
      this.#options.figures.waitSeconds.observe(0)
      return idle
    }
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= maxWaiting) return reject(this.#tooLate())
      const since = loopNow()
      this.#waiting.add({ since, deadline: Math.min(since + this.#options.timeout, until), resolve, reject })
      this.#openMore()
    })
  }

  #giveBack(connection: Connection): void {
    connection.until = Infinity
    if (!connection.isLost && connection.isRetired) void this.#end(connection)
    if (!this.#connections.has(connection)) return this.#openMore()
    const [waiter] = this.#waiting
    if (waiter) {
      this.#waiting.delete(waiter)
      this.#options.figures.waitSeconds.observe((loopNow() - waiter.since) / 1000)
      waiter.resolve(connection)
    } else {
      this.#idle.push(connection)
      this.#onEmpty()
    }
  }

  async #end(connection: Connection): Promise<void> {
    this.#forget(connection)
    await connection.close()
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
    this.#onEmpty()
  }

  /** Opens a connection for each waiting caller, if there is room. After a failure, one at a time. */
  #openMore(): void {
    const room = this.#options.size - this.#connections.size - this.#opening
    const wanted = this.#waiting.size - this.#opening
    const max = this.#failures > 0 ? 1 - this.#opening : wanted
    if (this.#closed || Math.min(room, wanted, max) <= 0) return
    const wait = this.#nextTryAt - performance.now()
    if (wait > 0) {
      this.#retryTimer ??= setTimeout(() => {
        this.#retryTimer = undefined
        this.#openMore()
      }, wait)
      return
    }
    for (let left = Math.min(room, wanted, max); left > 0; left--) void this.#open()
  }

  async #open(): Promise<void> {
    this.#opening++
    try {
      const connection = await this.#options.connect()
      this.#opening--
      this.#failures = 0
      if (this.#closed) return await connection.close()
      this.#connections.add(connection)
      connection.onLost((code) => this.#onLost(connection, code))
      this.#giveBack(connection)
    } catch (error) {
      this.#opening--
      this.#onRefused(error)
    }
  }

  #onRefused(error: unknown): void {
    this.#failures++
    this.#options.figures.onError(error)
    const backOff = Math.min(minBackOff * 2 ** (this.#failures - 1), maxBackOff)
    this.#nextTryAt = performance.now() + backOff * (0.5 + Math.random() / 2)
    // Without open connections, none can be returned: waiting callers fail now instead of later.
    if (this.#connections.size === 0 && this.#opening === 0) this.#rejectWaiting(() => error)
    this.#openMore()
  }

  #tooLate(): DatabaseFault {
    const fault = tooLate()
    this.#options.figures.onError(fault)
    return fault
  }

  #rejectWaiting(reason: () => unknown): void {
    for (const { reject } of this.#waiting) reject(reason())
    this.#waiting.clear()
  }

  #onLost(lost: Connection, code: FaultCode): void {
    this.#forget(lost)
    if (code !== 'NOT_REPLICATED' && code !== 'CLOSED')
      this.#discardIdle((connection) => connection.answeredAt <= lost.startedAt)
    if (code === 'NOT_REPLICATED' || code === 'DEADLINE') this.#desert(lost)
    this.#openMore()
  }

  #discardIdle(isMeant: (connection: Connection) => boolean): void {
    for (const connection of this.#idle.filter(isMeant)) {
      this.#forget(connection)
      connection.onLost(() => {})
      connection.discard('CONNECTION_LOST')
    }
  }

  #desert(lost: Connection): void {
    const { onDeserted } = this.#options
    if (!onDeserted) return
    onDeserted(lost.host)
    this.#retireHost(lost)
  }

  /** Stops using all connections to a server that takes no writes: it may no longer be the primary. */
  #retireHost({ host, openedAt }: Connection): void {
    if (performance.now() - openedAt < freshMilliseconds) return
    this.#discardIdle((connection) => connection.host === host)
    for (const connection of this.#connections) if (connection.host === host) connection.isRetired = true
  }

  readonly #check = (now: number): void => {
    for (const waiter of this.#waiting) {
      if (now < waiter.deadline) continue
      this.#waiting.delete(waiter)
      waiter.reject(this.#tooLate())
    }
    for (const connection of this.#connections) connection.checkDeadline(now)
    for (const connection of this.#single) connection.checkDeadline(now)
    if (this.#waiting.size > 0 || this.#single.size > 0 || this.#idle.length < this.#connections.size) return
    this.#unwatch()
  }

  #unwatch(): void {
    this.#isWatching = false
    unwatch(this.#check)
  }

  /** Waits for what is under way, up to a time in milliseconds, and closes all connections. */
  close(milliseconds: number): Promise<void> {
    this.#closed ??= this.#close(milliseconds)
    return this.#closed
  }

  async #close(milliseconds: number): Promise<void> {
    clearTimeout(this.#retryTimer)
    this.#rejectWaiting(closed)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#onEmpty = () => {
        if (this.#idle.length < this.#connections.size || this.#single.size > 0) return
        clearTimeout(timer)
        resolve()
      }
      this.#onEmpty()
    })
    this.#unwatch()
    const busy = [...this.#connections].filter((connection) => !this.#idle.includes(connection))
    for (const connection of [...busy, ...this.#single]) connection.discard('CLOSED')
    await Promise.all([...this.#idle].map((connection) => this.#end(connection)))
  }
}

function closed(): DatabaseFault {
  return new DatabaseFault('CLOSED', 'none', 'the database is closed')
}

function tooLate(): DatabaseFault {
  return new DatabaseFault('POOL_TIMEOUT', 'none', 'no connection to the database became free in time')
}
