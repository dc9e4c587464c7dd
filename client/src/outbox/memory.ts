import type { OutboxItem } from '../store/state.ts'
import { maxItems, newItem, outboxFull } from './item.ts'
import type { OutboxQueue } from './types.ts'

/** Waits in memory alone: what is in it is lost with the page. `known` are items that it begins with. */
export function memoryQueue(now: () => number, known: readonly OutboxItem[] = []): OutboxQueue {
  const items = new Map(known.map((item) => [item.id, item]))
  let lastId = Math.max(0, ...items.keys())
  return {
    add: async (channelId, action, isTried = false) => {
      if (items.size >= maxItems) throw outboxFull()
      lastId += 1
      const item: OutboxItem = { id: lastId, ...newItem(channelId, action, isTried, now()) }
      items.set(item.id, item)
      return item
    },
    items: async () => [...items.values()],
    update: async (item) => {
      if (items.has(item.id)) items.set(item.id, item)
    },
    remove: async (id) => {
      items.delete(id)
    },
    clear: async () => items.clear(),
  }
}
