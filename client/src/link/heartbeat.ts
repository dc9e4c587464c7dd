import type { Clock } from '../env/types.ts'

/** Time between the answer to a ping and the next ping, in milliseconds. */
const paceMilliseconds = 10_000
/** Time in which a ping is answered, or at least something else is heard. */
const answerMilliseconds = 5000
/** How often that time is given while frames arrive: on a slow network the answer waits behind them. */
const maxWaits = 6
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
  /** A ping is unanswered. */
  #isAsking = false
  #hasHeard = false
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
    this.#isAsking = false
  }

  /** Any frame has come. */
  heard(): void {
    this.#hasHeard = true
    this.#heardAt = this.#options.clock.now()
  }

  answered(): void {
    if (this.#isAsking) this.#rest()
  }

  /** Asks at once whether somebody is there. */
  probe(): void {
    if (this.#cancel && !this.#isAsking) this.#beat()
  }

  /** Before something is sent: after a sleep the socket may have died without a word. */
  beforeSending(): void {
    if (this.#options.clock.now() - this.#heardAt > paceMilliseconds + answerMilliseconds) this.probe()
  }

  #rest(): void {
    this.#isAsking = false
    this.#after(paceMilliseconds, () => this.#beat())
  }

  #beat(): void {
    this.#isAsking = true
    this.#options.ping()
    this.#await(maxWaits)
  }

  #await(waits: number): void {
    const { clock, onDead } = this.#options
    const dueAt = clock.now() + answerMilliseconds
    this.#hasHeard = false
    this.#after(answerMilliseconds, () => {
      // After a sleep the answer may stand in the queue behind this very timer.
      const isLate = clock.now() - dueAt > lateMilliseconds
      if (waits > 1 && (isLate || this.#hasHeard)) return this.#await(isLate ? 1 : waits - 1)
      this.stop()
      onDead()
    })
  }

  #after(milliseconds: number, callback: () => void): void {
    this.#cancel?.()
    this.#cancel = this.#options.clock.after(milliseconds, callback)
  }
}
