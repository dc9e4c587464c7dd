import type { Env } from '../env/types.ts'
import type { ChatError } from '../errors.ts'
import { isFinal, waitAfter } from './verdict.ts'

export interface HoldsOptions {
  readonly env: Pick<Env, 'clock' | 'random'>
  /** A channel may send again. */
  readonly onOver: () => void
}

/** Why a channel sends nothing for a while. */
interface Hold {
  readonly failures: number
  /** Those of them at which the server itself failed. */
  readonly faults: number
  /** The server has said how long: a new connection does not shorten it. */
  readonly isAsked: boolean
  /** Undefined once the time is over. */
  cancel: (() => void) | undefined
}

/** Channels whose first item has failed for something that passes: they wait, longer with each failure (O3). */
export class Holds {
  readonly #options: HoldsOptions
  readonly #holds = new Map<string, Hold>()

  constructor(options: HoldsOptions) {
    this.#options = options
  }

  isHeld(channelId: string): boolean {
    return this.#holds.get(channelId)?.cancel !== undefined
  }

  /** An item of the channel has failed. Answers whether it waits; otherwise the failure is the item's, and the channel goes on. */
  failed(channelId: string, error: ChatError): boolean {
    const known = this.#holds.get(channelId)
    const faults = (known?.faults ?? 0) + (error.code === 'INTERNAL_SERVER_ERROR' ? 1 : 0)
    if (isFinal(error, faults)) {
      if (!known?.cancel) this.#holds.delete(channelId)
      return false
    }
    const { env, onOver } = this.#options
    const failures = (known?.failures ?? 0) + 1
    const cancel = env.clock.after(waitAfter(error, failures, env.random()), () => {
      hold.cancel = undefined
      onOver()
    })
    const hold: Hold = { failures, faults, isAsked: error.retryAfterMs !== undefined, cancel }
    this.#holds.set(channelId, hold)
    return true
  }

  succeeded(channelId: string): void {
    this.#release(this.#holds.get(channelId))
    this.#holds.delete(channelId)
  }

  /** There is a connection: whoever waited for one goes on. */
  connected(): void {
    for (const hold of this.#holds.values()) if (!hold.isAsked) this.#release(hold)
  }

  /** Ends all timers. */
  close(): void {
    for (const hold of this.#holds.values()) this.#release(hold)
  }

  #release(hold: Hold | undefined): void {
    hold?.cancel?.()
    if (hold) hold.cancel = undefined
  }
}
