import type { Db } from '../store/engine/db.ts'

/** Also tells what time it is there. */
export const heartbeatStatement = 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS heartbeat'

/** How often, in milliseconds. */
const heartbeatMilliseconds = 3000

/** After how long without an answer the database counts as away, in milliseconds: longer than it takes to restart. */
const awayMilliseconds = 15_000

/** Asks the database whether it is there, so that who wants to know reads memory. */
export class Heartbeat {
  readonly #db: Db
  readonly #onBeat: (error: unknown, databaseTime?: number) => void
  readonly #now: () => number
  readonly #timer: NodeJS.Timeout
  #answeredAt: number
  #beat: Promise<void> | undefined

  /**
   * Wants a connection that nothing else uses, or a full pool would look like a database that is away; on the embedded engine, which
   * has one, whatever takes it stays below the limit. The clock must not be one that is set. `onBeat` hears of each answer and
   * the time that it brings, or of the error that came instead.
   */
  constructor(
    db: Db,
    onBeat: (error: unknown, databaseTime?: number) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#db = db
    this.#onBeat = onBeat
    this.#now = now
    // It has just been migrated.
    this.#answeredAt = now()
    this.#timer = setInterval(() => void this.beat(), heartbeatMilliseconds)
    this.#timer.unref()
  }

  /** One statement at a time: the engine sees to it that each ends. */
  beat(): Promise<void> {
    this.#beat ??= this.#db
      .run<{ heartbeat: number }>(heartbeatStatement, [])
      .then(
        ([row]) => {
          this.#answeredAt = this.#now()
          this.#onBeat(undefined, row!.heartbeat)
        },
        // That it is away is seen by how long it has not answered.
        (error: unknown) => this.#onBeat(error),
      )
      .finally(() => {
        this.#beat = undefined
      })
    return this.#beat
  }

  get isAlive(): boolean {
    return this.#now() - this.#answeredAt < awayMilliseconds
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
