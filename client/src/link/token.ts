import type { Clock } from '../env/types.ts'
import { ChatError } from '../errors.ts'

/**
 * Why a token is wanted: `connect` takes one from a cache; `expiring` and `expired` need one that lives longer than the last, `refused` one that
 * is made anew.
 */
export type TokenReason = 'connect' | 'expiring' | 'expired' | 'refused'

/** What the application gets when it is asked for a token. */
export interface TokenRequest {
  readonly reason: TokenReason
}

export interface TokensOptions {
  readonly token: (request: TokenRequest) => Promise<string> | string
  /** Milliseconds by which the server's clock is ahead, once it has acknowledged. */
  readonly clockAhead: () => number
}

/** A token that ends sooner is not used to connect. */
const marginMilliseconds = 60_000

/**
 * The token of the user. It is kept in memory while the server has it accepted and it lives for another minute, so that a lost connection comes
 * back when the application's own backend does not answer.
 */
export class Tokens {
  readonly #options: TokensOptions
  readonly #clock: Clock
  #token = ''
  /** By the clock of this device, as it was at the last acknowledgement. */
  #expiresAt = 0

  constructor(options: TokensOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  /** Rejects with what the application threw, or with BAD_USER_INPUT when it gave no text. The caller bounds the time. */
  async get(reason: TokenReason): Promise<string> {
    if (reason === 'connect' && this.#expiresAt - this.#clock.now() > marginMilliseconds) return this.#token
    this.#expiresAt = 0
    const token: unknown = await this.#options.token({ reason })
    if (typeof token !== 'string' || token === '') throw new ChatError('BAD_USER_INPUT', '`token` gave no token')
    return (this.#token = token)
  }

  /** The server has accepted the last token, which ends then by its clock. */
  accepted(expiresAt: string): void {
    this.#expiresAt = Date.parse(expiresAt) - this.#options.clockAhead()
  }

  forget(): void {
    this.#token = ''
    this.#expiresAt = 0
  }
}
