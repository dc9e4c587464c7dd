import { withinMilliseconds } from './retry.ts'

interface ReadingOptions {
  /** How long what was read counts, in milliseconds: whoever asks meanwhile gets the same again. */
  readonly fresh: number
  /** How long a caller waits, in milliseconds. */
  readonly wait: number
  /** Called with what a reading fails with. */
  readonly onError: (error: unknown) => void
}

/** What was read, and when. */
export interface Reading<Value> {
  readonly value: Value
  /** By the monotonic clock, in milliseconds. */
  readonly at: number
}

/** Reads something for all who ask: one reading at a time, and none while the last one is fresh. */
export class SharedReading<Value> {
  readonly #read: () => Promise<Value>
  readonly #options: ReadingOptions
  #latest: Reading<Value> | undefined
  #reading: Promise<void> | undefined

  constructor(read: () => Promise<Value>, options: ReadingOptions) {
    this.#read = read
    this.#options = options
  }

  /** Undefined when nothing fresh has come in time. Never rejects. */
  async fresh(): Promise<Value | undefined> {
    const latest = await this.latest()
    return this.#isFresh() ? latest?.value : undefined
  }

  /** What was read last, however old; a caller waits for what is newer, as long as it may. Undefined before anything was read. Never rejects. */
  async latest(): Promise<Reading<Value> | undefined> {
    if (!this.#isFresh()) {
      this.#reading ??= this.#readAnew()
      await withinMilliseconds(this.#reading, this.#options.wait)
    }
    return this.#latest
  }

  get isReading(): boolean {
    return this.#reading !== undefined
  }

  #isFresh(): boolean {
    return this.#latest !== undefined && performance.now() - this.#latest.at < this.#options.fresh
  }

  async #readAnew(): Promise<void> {
    try {
      this.#latest = { value: await this.#read(), at: performance.now() }
    } catch (error) {
      this.#options.onError(error)
    } finally {
      this.#reading = undefined
    }
  }
}
