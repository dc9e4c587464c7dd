import { ChatError } from '../errors.ts'
import type { OutboxItem } from '../store/state.ts'
import type { OutboxQueue } from './types.ts'

const maxItems = 1000

export function memoryQueue(now: () => number): OutboxQueue {
  const items = new Map<number, OutboxItem>()
  let lastId = 0
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
