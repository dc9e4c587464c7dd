import { ChatError } from '../errors.ts'
import type { OutboxItem } from '../store/state.ts'
import type { OutboxQueue } from './types.ts'

const maxItems = 1000

/** Waits in memory alone: what is in it is lost with the page. `known` are items that it begins with. */
export function memoryQueue(now: () => number, known: readonly OutboxItem[] = []): OutboxQueue {
  const items = new Map(known.map((item) => [item.id, item]))
  let lastId = Math.max(0, ...items.keys())
  return {
    add: async (channelId, action) => {
      if (items.size >= maxItems) throw new ChatError('OUTBOX_FULL', `the outbox holds ${maxItems} items already`)
      lastId += 1
      const item: OutboxItem = { id: lastId, channelId, action, createdAt: now(), status: 'pending', error: null }
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
