/** A place where the product waits until the test lets it go on. */
export class Gate {
  /** Resolves when the product has come here. */
  readonly reached: Promise<void>
  readonly #opened: Promise<void>
  readonly #reach: () => void
  readonly #open: () => void

  constructor() {
    const reached = Promise.withResolvers<void>()
    const opened = Promise.withResolvers<void>()
    this.reached = reached.promise
    this.#opened = opened.promise
    this.#reach = reached.resolve
    this.#open = opened.resolve
  }

  /** For the product: waits here. */
  pass(): Promise<void> {
    this.#reach()
    return this.#opened
  }

  open(): void {
    this.#open()
  }
}
