import type { Logger } from '../config/logger.ts'
import { MinuteCounts, type FigureSources } from '../domain/deployment/minute-figures.ts'
import type { ThisProcess } from '../domain/this-process.ts'
import type { Db } from '../store/engine/db.ts'
import { writeProcessMinute } from '../store/process.ts'

const minuteMilliseconds = 60_000

interface Parts {
  /** Not the pool of the callers: that it is exhausted is what operators want to see. */
  readonly db: Db
  /** The database's time, so that the minutes of all processes are the same. */
  readonly clock: { now(): number }
  readonly process: ThisProcess
  readonly logger: Logger
}

/**
 * Writes each minute what this process did in it: one statement. What cannot be written since the database is away is left out, and the next minute is written
 * in time. A minute that is under way is written as well when the process starts, when the database is back and at the stop, so that all know of it.
 */
export class ProcessMinutes {
  readonly #parts: Parts
  #counts: MinuteCounts | undefined
  #minute = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #isAway = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Begins when there is something to count. Resolves when the first row is written, or cannot be. */
  async start(sources: FigureSources): Promise<void> {
    this.#counts = new MinuteCounts(sources)
    this.#minute = this.#currentMinute()
    this.#sleep()
    await this.#write()
  }

  #currentMinute(): number {
    return Math.floor(this.#parts.clock.now() / minuteMilliseconds)
  }

  #sleep(): void {
    const end = (this.#currentMinute() + 1) * minuteMilliseconds
    this.#timer = setTimeout(() => {
      void this.tick()
      this.#sleep()
    }, end - this.#parts.clock.now())
    this.#timer.unref()
  }

  /** Ends the minute if another one has begun. */
  async tick(): Promise<void> {
    const minute = this.#currentMinute()
    if (!this.#counts || minute <= this.#minute) return
    const written = this.#write()
    this.#counts.begin()
    this.#minute = minute
    await written
  }

  /** The database has answered the heartbeat, or has not. */
  onHeartbeat(hasAnswered: boolean): void {
    const isBack = this.#isAway && hasAnswered
    this.#isAway = !hasAnswered
    if (isBack && this.#counts) void this.#write()
  }

  /** Never throws. Nothing waits behind a write that is under way. */
  async #write(hasStopped = false): Promise<void> {
    if (this.#isAway || (this.#writing && !hasStopped)) return
    const { db, process, logger } = this.#parts
    const minute = new Date(this.#minute * minuteMilliseconds)
    const figures = this.#counts!.read()
    const writing = (this.#writing ?? Promise.resolve())
      .then(() => writeProcessMinute(db, process, minute, figures, hasStopped))
      .catch((error: unknown) => logger.warn({ err: error }, 'what this process did in a minute was not written'))
    this.#writing = writing
    await writing
    if (this.#writing === writing) this.#writing = undefined
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    if (!this.#counts) return
    await this.#write(true)
    this.#counts.close()
  }
}
