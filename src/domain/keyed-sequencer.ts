/** Results with the same key are handed out in the order of the calls, however long each takes. Work of the same key runs side by side. */
export class KeyedSequencer {
  readonly #last = new Map<string, Promise<void>>()

  async run<Result>(key: string, work: Promise<Result>): Promise<Result> {
    const before = this.#last.get(key)
    const end = Promise.withResolvers<void>()
    this.#last.set(key, end.promise)
    try {
      // Awaited even when it is not its turn yet, so that a failure is never without a listener.
      const [result] = await Promise.allSettled([work, before])
      if (result.status === 'rejected') throw result.reason
      return result.value
    } finally {
      end.resolve()
      if (this.#last.get(key) === end.promise) this.#last.delete(key)
    }
  }
}
