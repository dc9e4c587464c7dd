import { deferred } from '../deferred.ts'
import type { Env } from '../env/types.ts'

export interface ElectionOptions {
  readonly locks: NonNullable<Env['locks']>
  readonly name: string
  readonly onElected: () => void
  /** Another tab has taken the lock, or the browser did. */
  readonly onRobbed: () => void
  /** The browser gives no lock to this page. */
  readonly onRefused: (error: unknown) => void
}

/** The lock that the leader holds. A request for it waits for as long as it takes: it is what makes a closed tab's death known at once. */
export class Election {
  readonly #options: ElectionOptions
  /** Belongs to the newest request: what an earlier one hears does not count. */
  #leave = new AbortController()
  #isHeld = false

  constructor(options: ElectionOptions) {
    this.#options = options
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Waits for the lock. Chrome does not freeze a page whose lock another awaits. */
  queue(): void {
    this.leave()
    this.#ask({ signal: this.#leave.signal })
  }

  /** Takes the lock from whoever has it. Of two thieves the last has it. */
  steal(): void {
    this.leave()
    this.#ask({ steal: true })
  }

  /** Gives up the lock, or waiting for it: both keep a page out of the back-forward cache. */
  leave(): void {
    this.#isHeld = false
    this.#leave.abort()
    this.#leave = new AbortController()
  }

  #ask(how: LockOptions): void {
    const { locks, name, onElected, onRobbed, onRefused } = this.#options
    const { signal } = this.#leave
    const hold = (): Promise<void> | undefined => {
      if (signal.aborted) return undefined
      const { promise, resolve } = deferred<void>()
      signal.addEventListener('abort', () => resolve())
      this.#isHeld = true
      onElected()
      return promise
    }
    const request = async (): Promise<void> => {
      try {
        await locks.request(name, how, hold)
      } catch (error) {
        if (signal.aborted) return
        this.#isHeld = false
        // Also one that was robbed before it heard that it has the lock.
        if (error instanceof DOMException && error.name === 'AbortError') onRobbed()
        else onRefused(error)
      }
    }
    void request()
  }
}
