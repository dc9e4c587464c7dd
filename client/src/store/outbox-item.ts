import type { OutboxItem } from './state.ts'

/** Milliseconds after which an item is not sent any more (O3). */
export const maxItemAge = 24 * 60 * 60 * 1000

/** The item that was known when nothing has changed in it, so that its row stays the same object; items of other tabs are copies. */
export function keptItem(known: OutboxItem | undefined, item: OutboxItem): OutboxItem {
  const isSame =
    known?.status === item.status &&
    known.isTried === item.isTried &&
    known.error?.code === item.error?.code &&
    known.error?.message === item.error?.message &&
    (known.action === item.action || JSON.stringify(known.action) === JSON.stringify(item.action))
  return isSame ? known : item
}
