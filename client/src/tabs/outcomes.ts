import { ChatError } from '../errors.ts'
import type { Outcome } from '../outbox/types.ts'
import type { OutboxItem } from '../store/state.ts'

/** Outcomes that are remembered: they may come before anybody asks. */
const maxSettled = 1000

/** What becomes of the items that this tab puts into the outbox. It belongs to the tab, not to the leader: leaders change while an item waits. */
export class Outcomes {
  readonly #expected = new Map<number, OutboxItem>()
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #settled = new Map<number, Outcome>()

  expect(item: OutboxItem): void {
    if (!this.#settled.has(item.id)) this.#expected.set(item.id, item)
  }

  of(id: number): Promise<unknown> {
    const settled = this.#settled.get(id)
    if (settled) return 'error' in settled ? Promise.reject(settled.error) : Promise.resolve(settled.payload)
    const waiter = this.#waiting.get(id) ?? Promise.withResolvers<unknown>()
    this.#waiting.set(id, waiter)
    return waiter.promise
  }

  settle(id: number, outcome: Outcome): void {
    this.#expected.delete(id)
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

  /** Items of this tab whose outcome is not known. */
  expected(): readonly OutboxItem[] {
    return [...this.#expected.values()]
  }

  /** Items of this tab that left the outbox, but the leader that took them out went away before it said what became of them. */
  lost(listed: readonly OutboxItem[]): readonly OutboxItem[] {
    const ids = new Set(listed.map(({ id }) => id))
    return this.expected().filter(({ id }) => !ids.has(id))
  }

  close(): void {
    for (const { reject } of this.#waiting.values()) reject(new ChatError('CLOSED', 'the client is closed'))
    this.#waiting.clear()
  }
}
