import type { Env } from '../env/types.ts'
import type { OutboxAction } from '../store/state.ts'

export interface Note {
  readonly channelId: string
  readonly action: Extract<OutboxAction, { readonly kind: 'send' }>
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** Sends that are not in the outbox yet, by their `clientMessageId`. */
export interface Unwritten {
  /** What earlier pages of this tab have left, in the order of sending. */
  readonly left: readonly Note[]
  /** Notes a send; anything else is not. Returns the function that forgets it. */
  note(channelId: string, action: OutboxAction): () => void
  forget(clientMessageId: string): void
  clear(): void
}

/** Beyond these, and where the storage is full, a send waits for the disk alone. */
const maxNotes = 100

/**
 * Keeps notes in the storage of the tab, which takes them in the same turn: a page that ends right after a send leaves it to the next page of the
 * tab (O1). `owner` names server, service and user.
 */
export function openUnwritten({ clock, tabStorage }: Env, owner: readonly string[]): Unwritten {
  const key = `fonechat.unwritten ${JSON.stringify(owner)}`
  const read = (): readonly Note[] => {
    try {
      // Other scripts of the origin write there too.
      return (JSON.parse(tabStorage!.getItem(key)!) as Note[]).filter(({ action }) => action.clientMessageId)
    } catch {
      return []
    }
  }
  const keep = (notes: readonly Note[]): void => {
    try {
      tabStorage!.setItem(key, JSON.stringify(notes.slice(0, maxNotes)))
    } catch {
      // There is none, or it is full.
    }
  }
  const forget = (clientMessageId: string): void =>
    keep(read().filter(({ action }) => action.clientMessageId !== clientMessageId))
  return {
    left: read(),
    note: (channelId, action) => {
      if (action.kind !== 'send') return () => {}
      keep([...read(), { channelId, action, createdAt: clock.now() }])
      return () => forget(action.clientMessageId)
    },
    forget,
    clear: () => keep([]),
  }
}
