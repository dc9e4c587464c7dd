import type { App } from '../domain/app.ts'
import { runNextJob } from '../domain/chat/job-run.ts'
import { withinMilliseconds } from '../domain/retry.ts'
import { isUnavailable } from '../store/engine/fault.ts'
import { readNextJobDue } from '../store/job.ts'

/** How often it looks for jobs of other processes, in milliseconds. Those that this process was asked for it begins at once. */
const pollMilliseconds = 3000

/** How long a stopping server waits for the thing that is being changed. What it could not store is done again when the claim has ended. */
const closeMilliseconds = 1000

/** Works on jobs, one at a time: those that this process was asked for, and where `leads` all others. A job is claimed, so any number of processes may do so. */
export class Jobs {
  readonly #app: App
  readonly #leads: () => boolean
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #isWoken = false
  #isClosed = false

  constructor(app: App, leads = () => true) {
    this.#app = app
    this.#leads = leads
    this.#timer = setInterval(() => {
      if (this.#leads()) this.wake()
    }, pollMilliseconds)
    this.#timer.unref()
  }

  /** There may be a job. */
  wake(): void {
    if (this.#isClosed) return
    this.#isWoken = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Never throws. */
  async #run(): Promise<void> {
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false
        const next = await readNextJobDue(this.#app.db)
        // The clocks of processes differ; the statement that claims goes by the database's.
        if (next === undefined) continue
        while (!this.#isClosed && (await runNextJob(this.#app, () => this.#isClosed)));
      }
    } catch (error) {
      if (!this.#isClosed || !isUnavailable(error)) this.#app.logger.warn({ err: error }, 'no job could be claimed')
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    if (this.#running) await withinMilliseconds(this.#running, closeMilliseconds)
  }
}
