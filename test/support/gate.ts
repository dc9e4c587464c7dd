/** A place where the product waits until the test lets it go on. */
export class Gate {
  /** Resolves when the product has reached it. */
  readonly reached: Promise<void>
  readonly #opened: Promise<void>
  readonly #reach: () => void
  readonly #open: () => void
  readonly #fail: (error: Error) => void

  constructor() {
    const reached = Promise.withResolvers<void>()
    const opened = Promise.withResolvers<void>()
    this.reached = reached.promise
    this.#opened = opened.promise
    this.#reach = reached.resolve
    this.#open = opened.resolve
    this.#fail = opened.reject
  }

  /** For the product: waits here. */
  pass(): Promise<void> {
    this.#reach()
    return this.#opened
  }

  open(): void {
    this.#open()
  }

  /** Instead of opening: the product's call fails here. */
  fail(error: Error): void {
    this.#opened.catch(() => {})
    this.#fail(error)
  }
}
