import type { Change } from '../store/change.ts'

/** Beyond, the server goes on after what this device has confirmed. */
const maxChannels = 10_000

/**
 * Positions of channels that the list has not shown yet: the stream has all of the user's channels, the state only those that were read. When a
 * channel is read later, its stream begins where it is by then.
 */
export class Unlisted {
  readonly #cursors = new Map<string, string>()

  get cursors(): ReadonlyMap<string, string> {
    return this.#cursors
  }

  set(channelId: string, cursor: string): void {
    if (this.#cursors.size < maxChannels || this.#cursors.has(channelId)) this.#cursors.set(channelId, cursor)
  }

  /** The changes, with the beginnings of the streams of channels that they make known. */
  complete(changes: readonly Change[]): readonly Change[] {
    const started: Change[] = []
    for (const change of changes) {
      const channelId = change.kind === 'joined' ? change.channel.id : 'channelId' in change ? change.channelId : ''
      const cursor = this.#cursors.get(channelId)
      if (cursor === undefined || (change.kind !== 'joined' && change.kind !== 'channelGone')) continue
      this.#cursors.delete(channelId)
      if (change.kind === 'joined') started.push({ kind: 'started', channelId, cursor })
    }
    return started.length === 0 ? changes : [...changes, ...started]
  }
}
