import type { Env } from '../env/types.ts'
import type { OutboxAction } from '../store/state.ts'

export interface Note {
  readonly channelId: string
  readonly action: OutboxAction
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** What was done and is not in the outbox yet. */
export interface Unwritten {
  /** What earlier pages of this tab have left, in its order. */
  readonly left: readonly Note[]
  /** Returns the function that forgets it. */
  note(channelId: string, action: OutboxAction): () => void
  forget(note: Note): void
  clear(): void
}

/** Beyond these, and where the storage is full, there is no note. */
const maxNotes = 100

/**
 * Keeps notes in the storage of the tab, which takes them in the same turn: a page that ends right after something was done leaves
 * it to the next page of the tab (O1). `owner` names server, service and user.
 */
export function openUnwritten({ clock, tabStorage }: Env, owner: readonly string[]): Unwritten {
  const key = `fonechat.unwritten ${JSON.stringify(owner)}`
  const read = (): readonly Note[] => {
    try {
      // Other scripts of the origin write there too.
      return (JSON.parse(tabStorage!.getItem(key)!) as Note[]).filter(({ action }) => action.kind)
    } catch {
      return []
    }
  }
  const change = (next: (notes: readonly Note[]) => readonly Note[]): void => {
    try {
      tabStorage!.setItem(key, JSON.stringify(next(read()).slice(0, maxNotes)))
    } catch {
      // There is none, or it is full.
    }
  }
  const forget = (note: Note): void =>
    change((notes) => notes.filter((each) => JSON.stringify(each) !== JSON.stringify(note)))
  return {
    left: read(),
    note: (channelId, action) => {
      const note = { channelId, action, createdAt: clock.now() }
      change((notes) => [...notes, note])
      return () => forget(note)
    },
    forget,
    clear: () => change(() => []),
  }
}
