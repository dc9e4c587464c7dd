import { deferred, type Deferred } from '../deferred.ts'
import { closed } from '../errors.ts'
import type { Outcome } from '../outbox/types.ts'

/** Outcomes that are remembered: they may come before anybody asks. */
const maxSettled = 1000

/** What becomes of the items that this tab puts into the outbox. */
export class Outcomes {
  readonly #waiting = new Map<number, Deferred<unknown>>()
  readonly #settled = new Map<number, Outcome>()

  of(id: number): Promise<unknown> {
    const settled = this.#settled.get(id)
    if (settled) return 'error' in settled ? Promise.reject(settled.error) : Promise.resolve(settled.payload)
    const waiter = this.#waiting.get(id) ?? deferred<unknown>()
    this.#waiting.set(id, waiter)
    return waiter.promise
  }

  settle(id: number, outcome: Outcome): void {
    this.#settled.set(id, outcome)
    if (this.#settled.size > maxSettled) this.#settled.delete(this.#settled.keys().next().value!)
    const waiter = this.#waiting.get(id)
    this.#waiting.delete(id)
    if ('error' in outcome) waiter?.reject(outcome.error)
    else waiter?.resolve(outcome.payload)
  }

  isSettled(id: number): boolean {
    return this.#settled.has(id)
  }

  /** A failed item is tried again. */
  forget(id: number): void {
    this.#settled.delete(id)
  }

  /** This tab goes on with another outbox, which numbers its items anew. */
  forgetAll(): void {
    this.#settled.clear()
  }

  close(): void {
    for (const { reject } of this.#waiting.values()) reject(closed())
    this.#waiting.clear()
  }
}
