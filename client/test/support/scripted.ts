import type { Clock, Env, PageEvent, Socket } from '../../src/env/types.ts'

/** A clock that stands still until the spec moves it. */
class ManualClock implements Clock {
  #now = 1_000_000
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>()

  readonly now = (): number => this.#now

  readonly after = (milliseconds: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + milliseconds, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Time passes, and each timer is called at its time. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = end
  }

  /** Time passes while no timer is called: the device sleeps. */
  sleep(milliseconds: number): void {
    this.#now += milliseconds
  }
}

export interface Frame {
  readonly type: string
  readonly id?: string
  readonly payload?: Readonly<Record<string, unknown>>
}

/** A socket whose other end is the spec. */
export class ScriptedSocket implements Socket {
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  onmessage: ((event: { readonly data: unknown }) => void) | null = null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
  readonly sent: Frame[] = []
  isClosed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Frame)
  }

  close(): void {
    this.isClosed = true
  }

  /** What the server sends. */
  receive(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) })
  }

  sentOf(type: string): readonly Frame[] {
    return this.sent.filter((frame) => frame.type === type)
  }
}

export const acknowledgement = {
  userId: 'US1',
  serviceId: 'IS1',
  identity: 'bob',
  serverTime: new Date(1_000_000).toISOString(),
  expiresAt: new Date(1_000_000 + 3_600_000).toISOString(),
}

/** A platform whose clock, page and sockets the spec moves. */
export class ScriptedEnv implements Env {
  readonly clock = new ManualClock()
  readonly sockets: ScriptedSocket[] = []
  readonly #listeners = new Map<PageEvent, Set<() => void>>()
  readonly locks = undefined
  readonly openBroadcast = undefined
  readonly databases = undefined
  readonly tabStorage = undefined
  #ids = 0

  readonly random = (): number => 0.5

  readonly createId = (): string => `id-${(this.#ids += 1)}`

  readonly page = {
    isOnline: () => true,
    isVisible: () => true,
    on: (event: PageEvent, listener: () => void) => {
      const listeners = this.#listenersOf(event)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  readonly openSocket = (): Socket => {
    const socket = new ScriptedSocket()
    this.sockets.push(socket)
    return socket
  }

  get socket(): ScriptedSocket {
    return this.sockets.at(-1)!
  }

  emit(event: PageEvent): void {
    for (const listener of this.#listenersOf(event)) listener()
  }

  #listenersOf(event: PageEvent): Set<() => void> {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    return listeners
  }
}

/** Everything that is waited for without time has come. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
