import type { Logger } from '../../config/logger.ts'
import type { ServiceId } from '../../model/sid.ts'
import { WebhookFailure } from '../../outbound/webhook-request.ts'

/** How many requests one service's endpoint gets at once from this process, and how many wait for their turn. */
const maxRunning = 20
const maxWaiting = 1000

/** So many timeouts in a row open the circuit of an endpoint, for so many milliseconds. */
const maxTimeouts = 5
const openMilliseconds = 30_000

/** From so many endpoints on, those without a call under way and with a closed circuit are forgotten. */
const maxRemembered = 1000

interface Endpoint {
  running: number
  readonly waiting: Set<(hasTurn: boolean) => void>
  timeouts: number
  /** Until when the circuit is open; 0 while it is closed. */
  openUntil: number
  /** Whether the one call that follows an open circuit is under way. */
  isHalfOpen: boolean
}

export type CircuitState = 'closed' | 'open' | 'halfOpen'

/** What one process knows of an address that it sends pre-events to. */
export interface Circuit {
  /** Without its query. */
  readonly address: string
  readonly state: CircuitState
  /** Until when it is open, from now in milliseconds; 0 unless it is. */
  readonly openMilliseconds: number
  /** In a row. */
  readonly timeouts: number
  readonly running: number
  readonly waiting: number
}

/** The endpoint has not answered for a while, and is not called now. */
export class CircuitOpenError extends WebhookFailure {
  constructor(host: string) {
    super(`${host} is not called: its circuit is open`)
  }
}

/**
 * Isolates endpoints from each other: calls to a slow one wait for its own calls only (a bulkhead), and calls to one that does not answer
 * fail at once, instead of costing every caller the whole timeout (a circuit breaker).
 */
export class Endpoints {
  /** How often a circuit was opened. */
  openings = 0
  /** How many calls were not made. */
  skipped = 0
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #logger: Logger
  readonly #now: () => number

  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger
    this.#now = now
  }

  /** Calls `send` when it is this call's turn, with what is left of its time. Throws WebhookFailure when that does not come in time. */
  async call<Answer>(
    serviceId: ServiceId,
    url: string,
    milliseconds: number,
    send: (milliseconds: number) => Promise<Answer>,
  ): Promise<Answer> {
    const { host } = new URL(url)
    // One service's timeouts, which may be very short, must not open the circuit of another at the same address.
    const key = `${serviceId} ${addressWithoutQuery(url)}`
    const end = this.#now() + milliseconds
    const endpoint = this.#find(key)
    if (!(await this.#enter(endpoint, milliseconds))) {
      this.skipped++
      throw new WebhookFailure(`too much waits for ${host}`, true)
    }
    try {
      if (this.#isOpen(endpoint) || endpoint.isHalfOpen) {
        this.skipped++
        throw new CircuitOpenError(host)
      }
      return await this.#try(endpoint, host, () => send(Math.max(1, Math.ceil(end - this.#now()))))
    } finally {
      this.#leave(key, endpoint)
    }
  }

  /** How many circuits are open now. */
  openCount(): number {
    return [...this.#endpoints.values()].filter((endpoint) => this.#isOpen(endpoint)).length
  }

  /** The circuits of a service's addresses, as far as they are remembered: one that never fails is forgotten when nothing is under way. */
  circuitsOf(serviceId: ServiceId): Circuit[] {
    const prefix = `${serviceId} `
    return Array.from(this.#endpoints).flatMap(([key, endpoint]) => {
      if (!key.startsWith(prefix)) return []
      const { timeouts, running, waiting, openUntil } = endpoint
      const openMilliseconds = Math.max(0, openUntil - this.#now())
      const state = openMilliseconds > 0 ? 'open' : openUntil > 0 ? 'halfOpen' : 'closed'
      return { address: key.slice(prefix.length), state, openMilliseconds, timeouts, running, waiting: waiting.size }
    })
  }

  #isOpen({ openUntil }: Endpoint): boolean {
    return openUntil > this.#now()
  }

  async #try<Answer>(endpoint: Endpoint, host: string, send: () => Promise<Answer>): Promise<Answer> {
    const isHalfOpen = endpoint.openUntil > 0
    endpoint.isHalfOpen = isHalfOpen
    try {
      const answer = await send()
      if (isHalfOpen) this.#logger.info({ endpoint: host }, 'a webhook endpoint answers again')
      endpoint.timeouts = 0
      endpoint.openUntil = 0
      return answer
    } catch (error) {
      if (error instanceof WebhookFailure && error.isTimeout) this.#countTimeout(endpoint, host)
      throw error
    } finally {
      if (isHalfOpen) endpoint.isHalfOpen = false
    }
  }

  #find(key: string): Endpoint {
    let endpoint = this.#endpoints.get(key)
    if (!endpoint) {
      if (this.#endpoints.size >= maxRemembered) this.#forgetIdle()
      endpoint = { running: 0, waiting: new Set(), timeouts: 0, openUntil: 0, isHalfOpen: false }
      this.#endpoints.set(key, endpoint)
    }
    return endpoint
  }

  /** Endpoints that no service uses any more would stay for ever. */
  #forgetIdle(): void {
    for (const [key, endpoint] of this.#endpoints) {
      if (endpoint.running === 0 && !this.#isOpen(endpoint)) this.#endpoints.delete(key)
    }
  }

  /** Whether this call's turn comes, at once or in time. */
  #enter(endpoint: Endpoint, milliseconds: number): Promise<boolean> | boolean {
    if (endpoint.running < maxRunning) {
      endpoint.running++
      return true
    }
    if (endpoint.waiting.size >= maxWaiting) return false
    return new Promise((resolve) => {
      const settle = (hasTurn: boolean): void => {
        clearTimeout(timer)
        endpoint.waiting.delete(settle)
        resolve(hasTurn)
      }
      const timer = setTimeout(() => settle(false), milliseconds)
      endpoint.waiting.add(settle)
    })
  }

  #leave(key: string, endpoint: Endpoint): void {
    const [next] = endpoint.waiting
    if (next) return next(true)
    endpoint.running--
    if (endpoint.running === 0 && endpoint.timeouts === 0) this.#endpoints.delete(key)
  }

  #countTimeout(endpoint: Endpoint, host: string): void {
    endpoint.timeouts++
    // Calls that were under way when the circuit opened time out later, and change nothing.
    if (endpoint.timeouts < maxTimeouts || this.#isOpen(endpoint)) return
    endpoint.openUntil = this.#now() + openMilliseconds
    this.openings++
    this.#logger.warn(
      { endpoint: host, timeouts: endpoint.timeouts, seconds: openMilliseconds / 1000 },
      'a webhook endpoint does not answer: its circuit is open',
    )
  }
}

export function addressWithoutQuery(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
