import type { ChannelId } from '../../model/sid.ts'

/** More would only be found by the walk through all channels. */
const maxChannels = 10_000

/** Channels that were written to in this process, and whose messages are not all in `message_search` yet. */
export class UnindexedChannels {
  readonly #ids = new Set<ChannelId>()
  #onAdd = (): void => {}

  /** Calls back whenever there is something to do. */
  set onAdd(callback: () => void) {
    this.#onAdd = callback
  }

  get size(): number {
    return this.#ids.size
  }

  add(id: ChannelId): void {
    if (this.#ids.size >= maxChannels) return
    this.#ids.add(id)
    this.#onAdd()
  }

  /** The ones that wait the longest. */
  first(count: number): ChannelId[] {
    return this.#ids.values().take(count).toArray()
  }

  delete(id: ChannelId): void {
    this.#ids.delete(id)
  }
}
