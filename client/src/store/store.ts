import { applyAll } from './apply.ts'
import type { Change } from './change.ts'
import { evict } from './evict.ts'
import { freeze } from './freeze.ts'
import type { Heard } from './heard.ts'
import { emptyState, type Interval, type State } from './state.ts'

export interface StoreOptions {
  /** A listener threw. */
  readonly onError: (error: unknown) => void
  /** What has happened, in order, once the state has it and its listeners know. */
  readonly onHeard?: (heard: Heard) => void
}

/** Holds the state, and notifies its listeners once for each batch of changes. */
export class Store {
  #state: State = emptyState
  readonly #listeners = new Set<() => void>()
  readonly #watchers = new Set<(changes: readonly Change[]) => void>()
  readonly #options: StoreOptions
  /** The part of a channel that each list shows. */
  readonly #shown = new Map<object, { readonly channelId: string; readonly part: Interval }>()
  /** Channels in the order in which they were last shown. */
  readonly #lastShown = new Set<string>()
  readonly #shownWatchers = new Set<() => void>()

  constructor(options: StoreOptions) {
    this.#options = options
  }

  readonly getSnapshot = (): State => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    // The same function may be passed twice.
    const own = (): void => listener()
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  /** Passes on each batch of changes before the listeners hear of it, to a module that keeps more of them than the state does. */
  watch(watcher: (changes: readonly Change[]) => void): void {
    this.#watchers.add(watcher)
  }

  apply(changes: readonly Change[]): void {
    freeze(changes)
    const before = this.#state
    const { state, heard } = applyAll(before, changes)
    if (state !== before)
      this.#state = state.channels === before.channels ? state : evict(state, this.#parts(), this.#lastShown)
    for (const watcher of this.#watchers) this.#call(() => watcher(changes))
    if (state !== before) for (const listener of this.#listeners) this.#call(listener)
    for (const one of heard) this.#call(() => this.#options.onHeard?.(one))
  }

  /** A list shows this part of a channel, which therefore stays in memory, until it shows another or none (null). */
  show(list: object, channelId: string, part: Interval | null): void {
    if (part) this.#shown.set(list, { channelId, part })
    else this.#shown.delete(list)
    this.#lastShown.delete(channelId)
    this.#lastShown.add(channelId)
    for (const watcher of this.#shownWatchers) watcher()
  }

  /** The channels that lists show, in the order in which these were opened. */
  shownChannelIds(): ReadonlySet<string> {
    return new Set([...this.#shown.values()].map(({ channelId }) => channelId))
  }

  /** Calls back when a list shows something else. Returns the function that ends it. */
  watchShown(watcher: () => void): () => void {
    this.#shownWatchers.add(watcher)
    return () => this.#shownWatchers.delete(watcher)
  }

  #parts(): ReadonlyMap<string, Interval> {
    const parts = new Map<string, Interval>()
    for (const { channelId, part } of this.#shown.values()) {
      const [from, to] = parts.get(channelId) ?? part
      parts.set(channelId, [Math.min(from, part[0]), Math.max(to, part[1])])
    }
    return parts
  }

  #call(listener: () => void): void {
    try {
      listener()
    } catch (error) {
      this.#options.onError(error)
    }
  }
}
