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

/** A token that ends sooner is not used to connect. */
const marginMilliseconds = 60_000

/**
 * The token of the user. It is kept in memory while the server has it accepted and it lives for another minute, so that a lost connection comes
 * back when the application's own backend does not answer.
 */
export class Tokens {
  readonly #ask: (request: TokenRequest) => Promise<string> | string
  readonly #clock: Clock
  #token = ''
  /** By the clock of this device, as it was at the last acknowledgement. */
  #expiresAt = 0
  /** How far the server's clock is ahead. */
  #ahead = 0

  constructor(ask: (request: TokenRequest) => Promise<string> | string, clock: Clock) {
    this.#ask = ask
    this.#clock = clock
  }

  /** Rejects with what the application threw, or with BAD_USER_INPUT when it gave no text. The caller bounds the time. */
  async get(reason: TokenReason): Promise<string> {
    if (reason === 'connect' && this.#expiresAt - this.#clock.now() > marginMilliseconds) return this.#token
    this.#expiresAt = 0
    const token: unknown = await this.#ask({ reason })
    if (typeof token !== 'string' || token === '') throw new ChatError('BAD_USER_INPUT', '`token` gave no token')
    return (this.#token = token)
  }

  /** The server has accepted the last token, which ends then. */
  accepted(expiresAt: string, serverTime?: string): void {
    if (serverTime !== undefined) this.#ahead = Date.parse(serverTime) - this.#clock.now()
    this.#expiresAt = Date.parse(expiresAt) - this.#ahead
  }

  forget(): void {
    this.#token = ''
    this.#expiresAt = 0
  }
}
