import type { Delivery, MessageRow } from '@fonechat/client'
import { formatNames } from '../../lib/format.ts'
import type { Note } from '../model.ts'

const words = { read: 'read by', waiting: 'waiting for', delivered: 'delivered' }

/** Whether anything may stand below a message. */
export const mayHaveNote = ({ isMine, item }: MessageRow): boolean => isMine || item?.status === 'failed'

/** What stands below one's own messages: at the newest of each state, and at each that failed. */
export function notesOf(
  rows: readonly MessageRow[],
  {
    deliveries,
    nameOf,
    isConnected,
    onRetry,
    onDiscard,
    onSaveMine,
  }: {
    readonly deliveries: readonly Delivery[]
    readonly nameOf: (identity: string) => string
    readonly isConnected: boolean
    readonly onRetry: (item: number) => void
    readonly onDiscard: (item: number) => void
    /** Puts the user’s text in the place of the one that came before it. */
    readonly onSaveMine: (row: MessageRow) => void
  },
): ReadonlyMap<string, Note> {
  const notes = new Map<string, Note>()
  const byIndex = new Map(deliveries.map((delivery) => [delivery.index, delivery]))
  let isNetworkSaid = isConnected
  for (const row of rows.toReversed()) {
    const { key, index, status, item } = row
    if (item?.status === 'failed' && item.action.kind === 'edit' && item.error?.code === 'CONFLICT') {
      notes.set(key, {
        text: 'It was edited before your text came, which was',
        tone: 'warn',
        quote: item.action.body,
        retryLabel: 'save mine',
        onRetry: () => onSaveMine(row),
        onDiscard: () => onDiscard(item.id),
      })
      continue
    }
    if (!mayHaveNote(row)) continue
    const delivery = index === null ? undefined : byIndex.get(index)
    if (status === 'failed' && item) {
      notes.set(key, {
        text: index === null ? 'not sent' : 'not changed',
        tone: 'warn',
        onRetry: () => onRetry(item.id),
        onDiscard: () => onDiscard(item.id),
      })
    } else if (status !== 'sent') {
      if (!isNetworkSaid) notes.set(key, { text: 'waits for the network', tone: 'warn' })
      isNetworkSaid = true
    } else if (delivery) notes.set(key, { text: saidOf(delivery, nameOf), tone: 'quiet' })
  }
  return notes
}

function saidOf({ status, identities }: Delivery, nameOf: (identity: string) => string): string {
  return status === 'delivered' ? words.delivered : `${words[status]} ${formatNames(identities.map(nameOf))}`
}
