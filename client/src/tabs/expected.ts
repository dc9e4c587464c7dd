import type { Outcome } from '../outbox/types.ts'
import type { OutboxItem } from '../store/state.ts'
import { Outcomes } from './outcomes.ts'

/** It belongs to the tab, not to the leader: leaders change while an item waits. */
export class ExpectedOutcomes extends Outcomes {
  readonly #expected = new Map<number, OutboxItem>()

  expect(item: OutboxItem): void {
    if (!this.isSettled(item.id)) this.#expected.set(item.id, item)
  }

  override settle(id: number, outcome: Outcome): void {
    this.#expected.delete(id)
    super.settle(id, outcome)
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
}
