/** Who is called back after changes. */
export class Listeners {
  readonly #all = new Set<() => void>()

  get size(): number {
    return this.#all.size
  }

  /** Returns the function that ends it. The same function may listen twice. */
  readonly add = (listener: () => void): (() => void) => {
    const own = (): void => listener()
    this.#all.add(own)
    return () => void this.#all.delete(own)
  }

  notify(): void {
    for (const listener of this.#all) listener()
  }
}
