import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from '../engine/db.ts'

/** How often the watch looks, in milliseconds: several times while a step waits for a lock. */
const lookMilliseconds = 100

/** How long a step goes on before the watch first looks, and how often it reports, in milliseconds. */
const reportMilliseconds = 5000

/** A session that holds a lock which the migration waits for. */
interface BlockerRow {
  readonly [column: string]: unknown
  readonly pid: number
  readonly application: string
  readonly state: string
  readonly seconds: number
  readonly query: string
}

const blockersStatement = `
SELECT activity.pid, application_name AS application, coalesce(state, 'unknown') AS state,
  coalesce(extract(epoch FROM clock_timestamp() - xact_start), 0)::int AS seconds, left(query, 80) AS query
FROM unnest(pg_blocking_pids($1::int)) AS blocker (pid) JOIN pg_stat_activity AS activity USING (pid)
LIMIT 5`

const progressStatement = `
SELECT phase, CASE WHEN blocks_total > 0 THEN (100 * blocks_done / blocks_total)::int END AS percent
FROM pg_stat_progress_create_index WHERE pid = $1::int`

/** Looks, on a connection of its own, who holds up the session that migrates and how far its index is. */
export class Watch {
  readonly #db: Db
  readonly #onProgress: (sentence: string) => void
  #blockers: readonly BlockerRow[] = []

  constructor(db: Db, onProgress: (sentence: string) => void = () => {}) {
    this.#db = db
    this.#onProgress = onProgress
  }

  /** Runs work of the session `pid`, and looks meanwhile. */
  async during<Result>(pid: number, work: () => Promise<Result>): Promise<Result> {
    const ended = new AbortController()
    const looking = this.#look(pid, ended.signal)
    try {
      return await work()
    } finally {
      ended.abort()
      await looking
    }
  }

  async #look(pid: number, signal: AbortSignal): Promise<void> {
    for (let reportAt = performance.now() + reportMilliseconds; ;) {
      await delay(lookMilliseconds, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      try {
        // What is seen while the session waits stays: its lock timeout ends the waiting.
        const blockers = await this.#db.run<BlockerRow>(blockersStatement, [pid])
        if (blockers.length > 0) this.#blockers = blockers
        if (performance.now() < reportAt) continue
        reportAt = performance.now() + reportMilliseconds
        const waiting = blockers.length > 0 ? `waits for ${this.blockers}` : await this.#readProgress(pid)
        if (waiting !== undefined) this.#onProgress(waiting)
      } catch {
        // The migration goes on without being watched.
      }
    }
  }

  async #readProgress(pid: number): Promise<string | undefined> {
    const [row] = await this.#db.run<{ phase: string; percent: number | null }>(progressStatement, [pid])
    return row && `${row.phase}${row.percent === null ? '' : `, ${row.percent} %`}`
  }

  /** Who has last been seen in the way, as the end of a sentence. */
  get blockers(): string | undefined {
    if (this.#blockers.length === 0) return undefined
    return this.#blockers
      .map(({ pid, application, state, seconds, query }) => {
        const of = application === '' ? '' : ` of ${application}`
        return `process ${pid}${of} (${state}, its transaction is ${seconds} s old: ${query.replaceAll(/\s+/g, ' ')})`
      })
      .join(', ')
  }
}
