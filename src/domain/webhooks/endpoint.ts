import type { Logger } from '../../config/logger.ts'
import { WebhookFailure } from '../../outbound/webhook-request.ts'

/** How many requests one service's endpoint gets at once from this process, and how many wait for their turn. */
const mostRunning = 20
const mostWaiting = 1000

/** After so many time-outs in a row an endpoint is left alone for so long, in milliseconds. */
const mostTimeouts = 5
const restMilliseconds = 30_000

/** From so many endpoints on, those that are neither asked nor left alone now are forgotten. */
const mostRemembered = 1000

interface Endpoint {
  running: number
  readonly waiting: Set<(hasTurn: boolean) => void>
  timeouts: number
  /** Until when it is left alone; then one request tries it. */
  restsUntil: number
  isTried: boolean
}

/** The endpoint has not answered for a while, and is not asked now. */
export class EndpointRests extends WebhookFailure {
  constructor(host: string) {
    super(`${host} is left alone`)
  }
}

/**
 * Keeps endpoints apart: one that is slow has its own few requests waiting and no others, and one that does not answer at all is
 * left alone for a while instead of costing every caller the whole time-out.
 */
export class Endpoints {
  /** How often an endpoint was left alone for a while, and how many calls were not made. */
  openings = 0
  skipped = 0
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #logger: Logger
  readonly #now: () => number

  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger
    this.#now = now
  }

  /** Sends when it is this call's turn, with what is left of its time. Throws WebhookFailure where that does not come. */
  async call<Answer>(
    serviceId: string,
    url: string,
    milliseconds: number,
    send: (milliseconds: number) => Promise<Answer>,
  ): Promise<Answer> {
    const { host, origin, pathname } = new URL(url)
    // One service's time-outs, which may be very short, must not open the breaker of another at the same address.
    const key = `${serviceId} ${origin}${pathname}`
    const end = this.#now() + milliseconds
    const endpoint = this.#find(key)
    if (!(await this.#enter(endpoint, milliseconds))) {
      this.skipped++
      throw new WebhookFailure(`too much waits for ${host}`, true)
    }
    try {
      if (this.#rests(endpoint) || endpoint.isTried) {
        this.skipped++
        throw new EndpointRests(host)
      }
      return await this.#try(endpoint, host, () => send(Math.max(1, Math.ceil(end - this.#now()))))
    } finally {
      this.#leave(key, endpoint)
    }
  }

  /** How many endpoints are left alone now. */
  restingCount(): number {
    return [...this.#endpoints.values()].filter((endpoint) => this.#rests(endpoint)).length
  }

  #rests({ restsUntil }: Endpoint): boolean {
    return restsUntil > this.#now()
  }

  async #try<Answer>(endpoint: Endpoint, host: string, send: () => Promise<Answer>): Promise<Answer> {
    const isTrial = endpoint.restsUntil > 0
    endpoint.isTried = isTrial
    try {
      const answer = await send()
      if (isTrial) this.#logger.info({ endpoint: host }, 'a webhook endpoint answers again')
      endpoint.timeouts = 0
      endpoint.restsUntil = 0
      return answer
    } catch (error) {
      if (error instanceof WebhookFailure && error.isTimeout) this.#countTimeout(endpoint, host)
      throw error
    } finally {
      if (isTrial) endpoint.isTried = false
    }
  }

  #find(key: string): Endpoint {
    let endpoint = this.#endpoints.get(key)
    if (!endpoint) {
      if (this.#endpoints.size >= mostRemembered) this.#forgetIdle()
      endpoint = { running: 0, waiting: new Set(), timeouts: 0, restsUntil: 0, isTried: false }
      this.#endpoints.set(key, endpoint)
    }
    return endpoint
  }

  /** Addresses that were given up by their services would stay for ever. */
  #forgetIdle(): void {
    for (const [key, endpoint] of this.#endpoints) {
      if (endpoint.running === 0 && !this.#rests(endpoint)) this.#endpoints.delete(key)
    }
  }

  /** Whether it is this call's turn, at once or in time. */
  #enter(endpoint: Endpoint, milliseconds: number): Promise<boolean> | boolean {
    if (endpoint.running < mostRunning) {
      endpoint.running++
      return true
    }
    if (endpoint.waiting.size >= mostWaiting) return false
    return new Promise((resolve) => {
      const take = (hasTurn: boolean): void => {
        clearTimeout(timer)
        endpoint.waiting.delete(take)
        resolve(hasTurn)
      }
      const timer = setTimeout(() => take(false), milliseconds)
      endpoint.waiting.add(take)
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
    // Those that were under way when it began to rest come in late, and change nothing.
    if (endpoint.timeouts < mostTimeouts || this.#rests(endpoint)) return
    endpoint.restsUntil = this.#now() + restMilliseconds
    this.openings++
    this.#logger.warn(
      { endpoint: host, timeouts: endpoint.timeouts, seconds: restMilliseconds / 1000 },
      'a webhook endpoint does not answer and is left alone',
    )
  }
}
