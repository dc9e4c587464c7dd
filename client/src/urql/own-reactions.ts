import { parseCursor } from '../cursor.ts'

interface Group {
  readonly reaction: string
  readonly viewerHasReacted?: boolean
}

type Changed = readonly { readonly reaction: string; readonly identity: string }[] | undefined

/** Messages that are remembered; of more, the oldest are read again. */
const maxMessages = 5000

/** What the user itself has of the reactions to messages, by their keys: events are for all, and do not say it. */
export class OwnReactions {
  readonly #identity: string
  readonly #own = new Map<string, Set<string>>()

  constructor(identity: string) {
    this.#identity = identity
  }

  /** Undefined where it is not known, and so has to be read. The key is that of a part of a message. */
  has(key: string, reaction: unknown): boolean | undefined {
    return this.#own.get(key.split('.', 1)[0]!)?.has(reaction as string)
  }

  /** Takes what was read of a message, where it says what the user has. */
  read(key: string, groups: readonly Group[]): void {
    if (groups.some(({ viewerHasReacted }) => viewerHasReacted === undefined)) return
    if (this.#own.size >= maxMessages) this.#own.delete(this.#own.keys().next().value!)
    this.#own.set(key, new Set(groups.filter((group) => group.viewerHasReacted).map(({ reaction }) => reaction)))
  }

  /** Takes an event, unless something newer was read. */
  take(event: Readonly<Record<string, unknown>>): void {
    const { id, revision } = event['message'] as { readonly id: string; readonly revision: number }
    const own = this.#own.get(`Message:${id}`)
    if (own === undefined || parseCursor(event['cursor'] as string).seq < revision) return
    for (const [name, change] of [
      ['added', 'add'],
      ['removed', 'delete'],
    ] as const) {
      for (const one of (event[name] as Changed) ?? []) if (one.identity === this.#identity) own[change](one.reaction)
    }
  }

  forget(key: string): void {
    this.#own.delete(key)
  }
}
