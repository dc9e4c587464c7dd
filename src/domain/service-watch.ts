import type { Unsubscribe } from '../live/bus.ts'

/** Who in this process must end when a service is deleted, whichever process has deleted it. */
export class ServiceWatch {
  readonly #watchers = new Map<string, Set<() => void>>()

  serviceIds(): string[] {
    return [...this.#watchers.keys()]
  }

  watch(serviceId: string, onDeleted: () => void): Unsubscribe {
    let watchers = this.#watchers.get(serviceId)
    if (!watchers) {
      watchers = new Set()
      this.#watchers.set(serviceId, watchers)
    }
    watchers.add(onDeleted)
    return () => {
      const left = this.#watchers.get(serviceId)
      left?.delete(onDeleted)
      if (left?.size === 0) this.#watchers.delete(serviceId)
    }
  }

  tellDeleted(serviceId: string): void {
    for (const onDeleted of this.#watchers.get(serviceId) ?? []) onDeleted()
  }
}
