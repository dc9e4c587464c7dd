import type { AccountId } from '../../model/sid.ts'
import type { Counter, MovedCounter } from '../../store/counter.ts'

/** No count has this value, so everything cached of a new account is checked once. */
const unknown = -1

/**
 * The accounts that were authenticated in this process, mostly one, each with the counter of its changes (keys, roles, services) as it was
 * last seen.
 */
export class AccountWatch {
  readonly #seqs = new Map<AccountId, number>()

  add(accountId: AccountId): void {
    if (!this.#seqs.has(accountId)) this.#seqs.set(accountId, unknown)
  }

  counters(): Counter<AccountId>[] {
    return Array.from(this.#seqs, ([id, lastSeq]) => ({ id, lastSeq }))
  }

  moveTo({ id, lastSeq }: MovedCounter<AccountId>): void {
    if (lastSeq === undefined) this.#seqs.delete(id)
    else this.#seqs.set(id, lastSeq)
  }
}
