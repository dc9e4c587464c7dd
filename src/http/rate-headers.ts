import { ChatError } from '../model/error.ts'
import type { RateLimit, RateLimitKind } from '../model/rate-limit.ts'
import { retryAfterHeader } from './retry-after.ts'

/** What scripts of other sites may read of an answer. */
export const exposedHeaders = 'RateLimit, RateLimit-Policy, Retry-After'

/** Collects what was counted of a request, as the headers of draft-ietf-httpapi-ratelimit-headers, and when to try again where something was refused. */
export class RateHeaders {
  readonly #limits = new Map<RateLimitKind, RateLimit>()
  #retryAfterMs = 0

  add(limit: RateLimit, retryAfterMs = 0): void {
    this.#limits.set(limit.kind, limit)
    this.#retryAfterMs = Math.max(this.#retryAfterMs, retryAfterMs)
  }

  /** The request was refused before anything was counted. */
  refuse(error: unknown): void {
    if (error instanceof ChatError) this.#retryAfterMs = Math.max(this.#retryAfterMs, error.retryAfterMs ?? 0)
  }

  /** No headers where nothing was counted. */
  toHeaders(): Readonly<Record<string, string>> {
    const retryAfter = this.#retryAfterMs > 0 ? retryAfterHeader(this.#retryAfterMs) : {}
    if (this.#limits.size === 0) return retryAfter
    const limits = [...this.#limits.values()]
    const policies = limits.map(({ kind, limit, seconds }) => `"${kind}";q=${limit};w=${seconds}`)
    const counts = limits.map(
      ({ kind, remaining, resetsInMs }) => `"${kind}";r=${remaining};t=${Math.ceil((resetsInMs ?? 0) / 1000)}`,
    )
    return { 'ratelimit-policy': policies.join(', '), ratelimit: counts.join(', '), ...retryAfter }
  }
}
