import type { HandleContext } from '../handles/context.ts'
import type { Written } from './later-draft.ts'

/**
 * What an earlier page of this tab was writing when it ended: the device may not have kept it any more. It stands in the tab's own storage, which takes it
 * in the same turn.
 */
export class DraftNote {
  readonly #storage: HandleContext['env']['tabStorage']
  readonly #key: string

  constructor({ env, owner }: HandleContext) {
    this.#storage = env.tabStorage
    this.#key = `fonechat.drafts ${JSON.stringify(owner)}`
  }

  /** The page ends. */
  leave(written: ReadonlyMap<string, Written>): void {
    this.#write([...written].filter(([, { value }]) => value))
  }

  /** What was left, once. */
  take(): readonly (readonly [key: string, written: Written])[] {
    try {
      // Other scripts of the origin write there too.
      const left = JSON.parse(this.#storage!.getItem(this.#key)!) as [string, Written][]
      this.#write([])
      return left.filter(([, { at, value }]) => at > 0 && value)
    } catch {
      return []
    }
  }

  #write(notes: readonly unknown[]): void {
    try {
      this.#storage!.setItem(this.#key, JSON.stringify(notes))
    } catch {
      // There is none, or it is full.
    }
  }
}
