import { setTimeout as delay } from 'node:timers/promises'
import type { Db, Tx } from '../engine/db.ts'
import { isLockTimeout, isRepeatable } from '../engine/fault.ts'
import { MigrationError } from './error.ts'
import type { Watch } from './watch.ts'

/** A number that nothing else in the database uses for an advisory lock. fonechat 0.1.0 takes it, too. */
const migrationLock = 7_304_115_021

/** How often and how long a process waits for the migration of another one, in milliseconds. */
const pollMilliseconds = 200
const otherMilliseconds = 600_000

/**
 * How long a step may wait for locks that others hold, in milliseconds: what comes to the same table meanwhile, sends among it, waits behind the
 * step. It gives way when this is over and comes again later. Below Postgres’s `deadlock_timeout`, so that sends are not ended for it.
 */
const lockMilliseconds = 300

/** The least that is left of it to a later statement of a transaction. */
const minLockMilliseconds = 20

/** Between two tries to get a lock, in milliseconds: the first pause, which doubles up to the last. */
const firstPause = 100
const lastPause = 5000

/** How long all tries together take at most, and how long a step may wait that holds up nobody. */
const patienceMilliseconds = 600_000

/** Another process has the lock for migrations: ours was lost with its connection. */
class LockLostError extends Error {}

export interface SessionOptions {
  readonly watch?: Watch | undefined
  /** How long a step waits for locks that others hold, in milliseconds, all tries together. */
  readonly patience?: number | undefined
}

/** The connection that migrates, on a pool of one. It holds the lock for migrations, which its death frees. */
export class Session {
  readonly db: Db
  readonly #watch: Watch | undefined
  readonly #patience: number
  #pid = 0

  constructor(db: Db, { watch, patience = patienceMilliseconds }: SessionOptions = {}) {
    this.db = db
    this.#watch = watch
    this.#patience = patience
  }

  /** Polls for the lock: a statement that waits keeps its snapshot, for which an index that is built concurrently would wait. */
  async lock(): Promise<void> {
    const end = performance.now() + otherMilliseconds
    for (; performance.now() < end; await delay(pollMilliseconds)) if (await this.#tryLock(this.db)) return
    throw new MigrationError('another process has been migrating the database for ten minutes')
  }

  /** Takes the lock once more: a session that has it gets it, and one that came in the place of a lost one notices. */
  async #tryLock(db: Db | Tx): Promise<boolean> {
    const [row] = await db.run<{ locked: boolean; pid: number }>(
      'SELECT pg_try_advisory_lock($1::bigint) AS locked, pg_backend_pid() AS pid',
      [migrationLock],
    )
    this.#pid = row!.pid
    return row!.locked
  }

  async unlock(): Promise<void> {
    // The lock ends with the connection in any case, and an earlier error matters more.
    await this.db.runScript('RESET lock_timeout; SELECT pg_advisory_unlock_all()').catch(() => {})
  }

  /** Runs statements in one transaction that gives way to others: again and again until it has got its locks. */
  async transaction(step: string, work: (run: (statement: string) => Promise<void>, tx: Tx) => Promise<void>) {
    await this.#insist(step, () =>
      this.db.transaction(async (tx) => {
        if (!(await this.#tryLock(tx))) throw new LockLostError()
        const begunAt = performance.now()
        let left = 0
        const run = async (statement: string): Promise<void> => {
          const now = lockMilliseconds - (performance.now() - begunAt)
          // What the earlier statements hold, others wait for: all together have the time of one.
          if (left === 0 || now < left / 2) {
            left = Math.max(minLockMilliseconds, Math.round(now))
            await tx.run(`SET LOCAL lock_timeout = ${left}`, [])
          }
          await tx.run(statement, [])
        }
        await work(run, tx)
      }),
    )
  }

  /** Runs a statement outside of a transaction. One that holds up nobody, `isGentle`, waits for its locks as long as it takes. */
  async statement(step: string, statement: string, isGentle: boolean): Promise<void> {
    const run = async (): Promise<void> => {
      if (!(await this.#tryLock(this.db))) throw new LockLostError()
      await this.db.runScript(`SET lock_timeout = ${isGentle ? this.#patience : lockMilliseconds}`)
      await this.db.runScript(statement)
    }
    await this.#insist(step, run, isGentle ? 0 : this.#patience)
  }

  async #insist(step: string, attempt: () => Promise<void>, patience = this.#patience): Promise<void> {
    const end = performance.now() + patience
    const watched = (): Promise<void> => (this.#watch ? this.#watch.during(this.#pid, attempt) : attempt())
    for (let pause = firstPause; ; pause = Math.min(2 * pause, lastPause)) {
      try {
        return await watched()
      } catch (error) {
        if (error instanceof LockLostError) {
          await this.lock()
          continue
        }
        if (!isLockTimeout(error) && !isRepeatable(error)) throw error
        if (performance.now() + pause > end) throw isLockTimeout(error) ? this.#toBlocked(step, error) : error
      }
      await delay(pause * (0.5 + Math.random() / 2))
    }
  }

  #toBlocked(step: string, cause: unknown): MigrationError {
    const blockers = this.#watch?.blockers ?? 'another session'
    const seconds = Math.round(this.#patience / 1000)
    return new MigrationError(
      `step ${step} of the migration has not got its lock for ${seconds} s; in its way is ${blockers}. End that, and start again`,
      { cause },
    )
  }
}
