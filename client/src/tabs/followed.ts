import type { Clock } from '../env/types.ts'
import { ChatError } from '../errors.ts'
import { toPlain, type Message } from './protocol.ts'
import type { Connected } from './types.ts'

export interface FollowedOptions {
  readonly engine: Connected
  readonly clock: Clock
  readonly post: (message: Message, to?: string) => void
}

const maxFollowed = 100
/** Three of the minutes in which a hidden tab, whose timers are slow, says it again. */
const leaseMilliseconds = 180_000

const tooMany = (): ChatError =>
  new ChatError('RATE_LIMITED', `the tab that leads follows ${maxFollowed} subscriptions for others already`)

/**
 * Subscriptions that the leader follows for other tabs. Beyond 100 they are refused, with RATE_LIMITED. A tab that ends without a word loses its own
 * after three minutes.
 */
export class Followed {
  readonly #options: FollowedOptions
  readonly #stops = new Map<string, () => void>()
  readonly #leases = new Map<string, () => void>()

  constructor(options: FollowedOptions) {
    this.#options = options
  }

  add({ id, document, variables }: Extract<Message, { kind: 'follow' }>, from: string): void {
    const { engine, clock, post } = this.#options
    const key = from + id
    const refuse = (error: ChatError): void => post({ kind: 'unfollowed', id, outcome: toPlain({ error }) }, from)
    this.#leases.get(key)?.()
    if (!this.#stops.has(key)) {
      if (this.#stops.size >= maxFollowed) return refuse(tooMany())
      this.#stops.set(
        key,
        engine.subscribe(document, variables, (result) => post({ kind: 'result', id, result }, from), refuse),
      )
    }
    this.#leases.set(
      key,
      clock.after(leaseMilliseconds, () => this.remove(key)),
    )
  }

  remove(key: string): void {
    this.#leases.get(key)?.()
    this.#leases.delete(key)
    this.#stops.get(key)?.()
    this.#stops.delete(key)
  }

  close(): void {
    for (const key of this.#stops.keys()) this.remove(key)
  }
}
