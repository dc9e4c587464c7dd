import { indexOfCursor } from '../store/cursor.ts'

/** How far the streams are from where each channel will have caught up. */
export class Progress {
  /** By channel: the index to reach, and how many messages are missing to it. */
  readonly #channels = new Map<string, { readonly target: number; missing: number }>()
  #remaining = 0

  /** Messages that are known to be missing. */
  get remaining(): number {
    return this.#remaining
  }

  expect(channelId: string, target: number, from: number): void {
    this.forget(channelId)
    const missing = Math.max(0, target - from)
    if (missing === 0) return
    this.#channels.set(channelId, { target, missing })
    this.#remaining += missing
  }

  reached(channelId: string, cursor: string): void {
    const known = this.#channels.get(channelId)
    if (!known) return
    const missing = Math.max(0, known.target - indexOfCursor(cursor))
    this.#remaining += missing - known.missing
    known.missing = missing
    if (missing === 0) this.#channels.delete(channelId)
  }

  /** The channel will not catch up: it is gone. */
  forget(channelId: string): void {
    this.#remaining -= this.#channels.get(channelId)?.missing ?? 0
    this.#channels.delete(channelId)
  }

  /** Forgets all channels but these. */
  keep(channelIds: ReadonlySet<string>): void {
    for (const channelId of this.#channels.keys()) if (!channelIds.has(channelId)) this.forget(channelId)
  }

  clear(): void {
    this.#channels.clear()
    this.#remaining = 0
  }
}
