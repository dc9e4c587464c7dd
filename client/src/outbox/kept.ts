import type { Database } from '../copy/database.ts'
import type { OutboxAction, OutboxItem } from '../store/state.ts'
import { maxItems, newItem, outboxFull } from './item.ts'
import type { OutboxQueue } from './types.ts'

const stores = ['outbox'] as const

/** The queue in the copy's database (O1). */
export class KeptQueue implements OutboxQueue {
  readonly #database: Database
  readonly #now: () => number

  constructor(database: Database, now: () => number) {
    this.#database = database
    this.#now = now
  }

  add(channelId: string, action: OutboxAction, isTried = false): Promise<OutboxItem> {
    const row = newItem(channelId, action, isTried, this.#now())
    return this.#database.run({ stores, mode: 'readwrite', durability: 'strict' }, ({ store, read, refuse }) => {
      let id = 0
      read(store('outbox').count(), (count) => {
        if (count >= maxItems) refuse(outboxFull())
        else read(store('outbox').add(row), (key) => (id = Number(key)))
      })
      return () => ({ id, ...row })
    })
  }

  items(): Promise<readonly OutboxItem[]> {
    return this.#database.run({ stores, mode: 'readonly' }, ({ store, read }) => {
      let items: readonly OutboxItem[] = []
      read<OutboxItem[]>(store('outbox').getAll(), (found) => (items = found))
      return () => items
    })
  }

  // What follows is lost with the machine at worst: then it is sent again, and the server knows it.

  update(item: OutboxItem): Promise<void> {
    return this.#database.run({ stores, mode: 'readwrite' }, ({ store, read }) => {
      read(store('outbox').count(item.id), (count) => count > 0 && store('outbox').put(item))
      return () => {}
    })
  }

  remove(id: number): Promise<void> {
    return this.#change((store) => store.delete(id))
  }

  clear(): Promise<void> {
    return this.#change((store) => store.clear())
  }

  #change(change: (store: IDBObjectStore) => unknown): Promise<void> {
    return this.#database.run({ stores, mode: 'readwrite' }, ({ store }) => {
      change(store('outbox'))
      return () => {}
    })
  }
}
