import { applyAll } from './apply.ts'
import type { Change } from './change.ts'
import { emptyState, type State } from './state.ts'

/** Holds the state, and tells its listeners once for each batch of changes. */
export class Store {
  #state: State = emptyState
  readonly #listeners = new Set<() => void>()
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  readonly getSnapshot = (): State => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  apply(changes: readonly Change[]): void {
    const state = applyAll(this.#state, changes)
    if (state === this.#state) return
    this.#state = state
    for (const listener of this.#listeners) {
      try {
        listener()
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
