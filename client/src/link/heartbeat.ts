import type { Clock } from '../env/types.ts'

/** Time between the answer to a ping and the next ping, in milliseconds. */
const paceMilliseconds = 10_000
/** Time in which a ping is answered, or at least something else is heard. */
const answerMilliseconds = 5000
/** Time in which a ping is answered while frames arrive: it waits behind them on a slow network. */
const maxAnswerMilliseconds = 30_000
/** A timer that is later than this stood still, in a hidden tab or a sleeping device. */
const lateMilliseconds = 2000

export interface HeartbeatOptions {
  readonly clock: Clock
  readonly ping: () => void
  /** The connection is dead. */
  readonly onDead: () => void
}

/**
 * Finds out that nobody is at the other end. Only an unanswered ping says so: a quiet network sends nothing, and timers of hidden tabs come once a
 * minute. The oldest unanswered ping counts, so that later ones do not put off the end.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #cancel: (() => void) | undefined
  /** When the oldest unanswered ping was sent. */
  #sentAt: number | undefined
  #heardAt = 0

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  start(): void {
    this.#heardAt = this.#options.clock.now()
    this.#rest()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#sentAt = undefined
  }

  /** Any frame has come. */
  heard(): void {
    this.#heardAt = this.#options.clock.now()
  }

  answered(): void {
    if (this.#sentAt !== undefined) this.#rest()
  }

  /** Asks at once whether somebody is there. */
  probe(): void {
    if (this.#cancel && this.#sentAt === undefined) this.#beat()
  }

  /** Before something is sent: after a sleep the socket may have died without a word. */
  beforeSending(): void {
    if (this.#options.clock.now() - this.#heardAt > paceMilliseconds + answerMilliseconds) this.probe()
  }

  #rest(): void {
    this.#sentAt = undefined
    this.#after(paceMilliseconds, () => this.#beat())
  }

  #beat(): void {
    this.#sentAt = this.#options.clock.now()
    this.#options.ping()
    this.#await(answerMilliseconds)
  }

  #await(milliseconds: number, isLast = false): void {
    const { clock } = this.#options
    const dueAt = clock.now() + milliseconds
    this.#after(milliseconds, () => {
      const now = clock.now()
      // The answer may stand in the queue behind this very timer.
      if (!isLast && now - dueAt > lateMilliseconds) return this.#await(answerMilliseconds, true)
      const quiet = now - this.#heardAt
      if (quiet < answerMilliseconds && now - this.#sentAt! < maxAnswerMilliseconds)
        return this.#await(answerMilliseconds - quiet)
      this.stop()
      this.#options.onDead()
    })
  }

  #after(milliseconds: number, callback: () => void): void {
    this.#cancel?.()
    this.#cancel = this.#options.clock.after(milliseconds, callback)
  }
}
