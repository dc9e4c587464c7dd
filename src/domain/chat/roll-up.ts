import { performance } from 'node:perf_hooks'

/** How long what was appended waits for more, in milliseconds: while there is time, and while there is none. */
const waits = { idle: 40, busy: 100 }

/** Between these shares of its time that the event loop is busy, the wait grows from one to the other. */
const load = { idle: 0.5, busy: 0.9 }

/**
 * Rolls up what is appended to many texts: all that have something new are published in one turn, so that a reader of several gets one write. It waits
 * between turns, the longer the busier the event loop was since the last one. While nothing is appended, no timer runs.
 */
export class RollUp<Stream> {
  readonly #publish: (stream: Stream) => void
  readonly #waiting = new Set<Stream>()
  #timer: NodeJS.Timeout | undefined
  #measured = performance.eventLoopUtilization()

  constructor(publish: (stream: Stream) => void) {
    this.#publish = publish
  }

  add(stream: Stream): void {
    this.#waiting.add(stream)
    this.#timer ??= setTimeout(() => this.#run(), this.#nextWait())
  }

  delete(stream: Stream): void {
    this.#waiting.delete(stream)
  }

  #nextWait(): number {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#measured)
    this.#measured = now
    const share = Math.min(1, Math.max(0, (utilization - load.idle) / (load.busy - load.idle)))
    return waits.idle + share * (waits.busy - waits.idle)
  }

  #run(): void {
    this.#timer = undefined
    const streams = [...this.#waiting]
    this.#waiting.clear()
    for (const stream of streams) this.#publish(stream)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#waiting.clear()
  }
}
