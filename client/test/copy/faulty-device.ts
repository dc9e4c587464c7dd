import type { Clock, Env } from '../../src/env/types.ts'

interface Timer {
  readonly at: number
  readonly milliseconds: number
  readonly callback: () => void
}

/** The browser's own databases with faults before them, and a clock that stands still until it is told to go on. */
export class FaultyDevice {
  readonly env: Env
  /** `hangs`: says nothing until `goOn`. `isCut`: opens, and is cut at once. */
  opening: 'works' | 'hangs' | 'isRefused' | 'throws' | 'isCut' = 'works'
  /** Transactions say nothing. */
  isSilent = false
  readonly #real: IDBFactory
  readonly #connections = new Set<IDBDatabase>()
  readonly #timers = new Set<Timer>()
  #held: (() => void)[] = []
  #now: number

  constructor(env: Env) {
    this.#real = env.databases!
    this.#now = env.clock.now()
    const clock: Clock = {
      now: () => this.#now,
      after: (milliseconds, callback) => {
        const timer = { at: this.#now + milliseconds, milliseconds, callback }
        this.#timers.add(timer)
        return () => void this.#timers.delete(timer)
      },
    }
    const databases = {
      open: (name: string, version: number) => this.#open(name, version),
      deleteDatabase: (name: string) => this.#real.deleteDatabase(name),
    } as unknown as IDBFactory
    this.env = { ...env, clock, databases }
  }

  /** Waits until something has this deadline, and lets it pass. */
  async elapse(milliseconds: number): Promise<void> {
    const find = (): Timer | undefined => [...this.#timers].find((timer) => timer.milliseconds === milliseconds)
    while (!find()) await new Promise((resolve) => setTimeout(resolve))
    const timer = find()!
    this.#timers.delete(timer)
    this.#now = Math.max(this.#now, timer.at)
    timer.callback()
  }

  /** The clock goes on, and no timer runs. */
  sleep(milliseconds: number): void {
    this.#now += milliseconds
  }

  /** What hangs goes on; waits until something does. */
  async goOn(): Promise<void> {
    while (this.#held.length === 0) await new Promise((resolve) => setTimeout(resolve))
    this.opening = 'works'
    for (const held of this.#held) held()
    this.#held = []
  }

  /** The browser closes the connections, and says nothing. */
  cut(): void {
    for (const connection of this.#connections) connection.close()
  }

  hasOpenConnections(): boolean {
    return [...this.#connections].some((connection) => {
      try {
        return connection.transaction('meta') !== null
      } catch {
        return false
      }
    })
  }

  #open(name: string, version: number): IDBOpenDBRequest {
    if (this.opening === 'throws') throw new DOMException('no', 'SecurityError')
    const request = this.#real.open(name, version)
    const handlers: { onsuccess?: () => void; onerror?: () => void; onupgradeneeded?: () => void } = {}
    request.onupgradeneeded = () => {
      if (this.opening === 'isRefused') request.transaction!.abort()
      else handlers.onupgradeneeded?.()
    }
    request.onerror = (event) => {
      event.preventDefault()
      handlers.onerror?.()
    }
    request.onsuccess = () => {
      const connection = request.result
      this.#connections.add(connection)
      this.#silence(connection)
      const { opening } = this
      if (opening === 'hangs') this.#held.push(() => handlers.onsuccess?.())
      else handlers.onsuccess?.()
      if (opening === 'isCut') connection.close()
    }
    return Object.defineProperties(handlers as unknown as IDBOpenDBRequest, {
      result: { get: () => request.result },
      error: { get: () => request.error },
    })
  }

  /** Its transactions run, but say nothing while this device is silent. */
  #silence(connection: IDBDatabase): void {
    const begin = connection.transaction.bind(connection)
    connection.transaction = (...parameters) => {
      const transaction = begin(...parameters)
      const stop = (event: Event): void => {
        if (this.isSilent) event.stopImmediatePropagation()
      }
      for (const name of ['complete', 'abort']) transaction.addEventListener(name, stop)
      return transaction
    }
  }
}
