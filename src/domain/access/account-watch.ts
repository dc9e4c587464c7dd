import type { Counter, MovedCounter } from '../../store/counter.ts'

/** Never a count: of an account that is new here, everything is looked at again once. */
const unknown = -1

/**
 * The accounts that something is remembered of, and how often their keys, roles and services had changed when that was last looked
 * at. There are as many as have been authenticated here, which is mostly one.
 */
export class AccountWatch {
  readonly #seqs = new Map<string, number>()

  add(accountId: string): void {
    if (!this.#seqs.has(accountId)) this.#seqs.set(accountId, unknown)
  }

  counters(): Counter[] {
    return Array.from(this.#seqs, ([id, lastSeq]) => ({ id, lastSeq }))
  }

  moveTo({ id, lastSeq }: MovedCounter): void {
    if (lastSeq === undefined) this.#seqs.delete(id)
    else this.#seqs.set(id, lastSeq)
  }
}
