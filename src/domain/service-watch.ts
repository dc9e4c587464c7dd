interface Watcher {
  onServiceDeleted(): void
}

/** Who in this process must end when a service is deleted, whichever process has deleted it. */
export class ServiceWatch {
  readonly #watchers = new Map<string, Set<Watcher>>()

  serviceIds(): string[] {
    return [...this.#watchers.keys()]
  }

  watch(serviceId: string, watcher: Watcher): void {
    let watchers = this.#watchers.get(serviceId)
    if (!watchers) {
      watchers = new Set()
      this.#watchers.set(serviceId, watchers)
    }
    watchers.add(watcher)
  }

  unwatch(serviceId: string, watcher: Watcher): void {
    const left = this.#watchers.get(serviceId)
    left?.delete(watcher)
    if (left?.size === 0) this.#watchers.delete(serviceId)
  }

  tellDeleted(serviceId: string): void {
    for (const watcher of this.#watchers.get(serviceId) ?? []) watcher.onServiceDeleted()
  }
}
