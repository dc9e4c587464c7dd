import { isSid, type Sid, type SidPrefix } from '../../model/sid.ts'

export interface DeletionWatcher {
  /** Of what it watches. */
  onDeleted(id: string): void
}

/** Tells connections and streams of this process that their service or key was deleted, by whichever process. */
export class DeletionWatch {
  readonly #watchers = new Map<string, Set<DeletionWatcher>>()

  ids<Prefix extends SidPrefix>(prefix: Prefix): Sid<Prefix>[] {
    return [...this.#watchers.keys()].filter((id) => isSid(prefix, id))
  }

  watch(id: string, watcher: DeletionWatcher): void {
    let watchers = this.#watchers.get(id)
    if (!watchers) {
      watchers = new Set()
      this.#watchers.set(id, watchers)
    }
    watchers.add(watcher)
  }

  unwatch(id: string, watcher: DeletionWatcher): void {
    const left = this.#watchers.get(id)
    left?.delete(watcher)
    if (left?.size === 0) this.#watchers.delete(id)
  }

  notifyDeleted(id: string): void {
    for (const watcher of this.#watchers.get(id) ?? []) watcher.onDeleted(id)
  }
}
