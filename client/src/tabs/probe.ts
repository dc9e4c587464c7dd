import type { Env } from '../env/types.ts'
import type { TabChannel } from './channel.ts'

export interface ProbeOptions {
  readonly env: Pick<Env, 'clock' | 'page'>
  readonly channel: TabChannel
  /** Nobody leads, or nobody who answers. */
  readonly onSilence: () => void
  /** What other tabs say does not arrive here. */
  readonly onDeaf: () => void
}

/** After as much silence nobody leads. A hidden page answers messages at once; its timers alone are slow. */
export const silenceMilliseconds = 1000
/** Between questions of a visible tab: it may be looked at for long without being touched. */
const everyMilliseconds = 5000
const maxTests = 3
const maxWaitMilliseconds = 60_000

/** A follower's question whether the leader is there (T2). */
export class Probe {
  readonly #options: ProbeOptions
  readonly #end = new AbortController()
  #heardAt = -Infinity
  #isAsking = false
  #failedTests = 0
  #thefts = 0
  #nextTheftAt = -Infinity

  constructor(options: ProbeOptions) {
    this.#options = options
    const { page } = options.env
    const remove = page.on('visible', () => this.ask())
    this.#end.signal.addEventListener('abort', remove)
    this.#repeat()
  }

  /** The leader has said something. */
  heard(): void {
    this.#heardAt = this.#options.env.clock.now()
    this.#failedTests = 0
  }

  /** Asks, unless the leader was heard a moment ago. */
  ask(): void {
    const { clock } = this.#options.env
    if (clock.now() - this.#heardAt >= silenceMilliseconds) this.#ask()
  }

  stop(): void {
    this.#end.abort()
  }

  #ask(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    const { env, channel } = this.#options
    const askedAt = env.clock.now()
    let isHeard = false
    const endTest = channel.test(() => (isHeard = true))
    this.#end.signal.addEventListener('abort', endTest)
    channel.post({ kind: 'probe' })
    this.#after(silenceMilliseconds, () => {
      this.#end.signal.removeEventListener('abort', endTest)
      endTest()
      this.#isAsking = false
      if (this.#heardAt >= askedAt) return
      // This tab itself stood still: answers may lie unread.
      if (env.clock.now() - askedAt >= 2 * silenceMilliseconds) this.#ask()
      else if (isHeard) this.#silent()
      else this.#deaf()
    })
  }

  #silent(): void {
    const { env, onSilence } = this.#options
    const now = env.clock.now()
    const wait = this.#nextTheftAt - now
    if (wait > 0) return this.#after(wait, () => this.ask())
    if (wait < -maxWaitMilliseconds) this.#thefts = 0
    this.#nextTheftAt = now + pauseAfter((this.#thefts += 1))
    onSilence()
  }

  #deaf(): void {
    this.#failedTests += 1
    if (this.#failedTests >= maxTests) return this.#options.onDeaf()
    this.#options.channel.reopen()
    this.#after(pauseAfter(this.#failedTests), () => this.ask())
  }

  #repeat(): void {
    this.#after(everyMilliseconds, () => {
      if (this.#options.env.page.isVisible()) this.ask()
      this.#repeat()
    })
  }

  #after(milliseconds: number, callback: () => void): void {
    const { signal } = this.#end
    const cancel = this.#options.env.clock.after(milliseconds, () => {
      signal.removeEventListener('abort', cancel)
      callback()
    })
    signal.addEventListener('abort', cancel)
  }
}

const pauseAfter = (failures: number): number => Math.min(1000 * 2 ** failures, maxWaitMilliseconds)
