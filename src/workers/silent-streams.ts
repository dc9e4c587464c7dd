import type { App } from '../domain/app.ts'
import { interruptSilent } from '../domain/chat/stream-end.ts'
import { withinMilliseconds } from '../domain/retry.ts'
import { isUnavailable } from '../store/engine/fault.ts'

/** How often it looks at this process's own texts, and at those of others, in milliseconds. */
const ownMilliseconds = 500
const pollMilliseconds = 3000

/** How long a stopping server waits for what is under way. */
const closeMilliseconds = 1000

/** Ends texts whose writers are silent: its own, and where `leads` those of others. Any number of processes may do so at once. A poll is one statement. */
export class SilentStreams {
  readonly #app: App
  readonly #leads: () => boolean
  readonly #timer: NodeJS.Timeout
  #polledAt = performance.now()
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(app: App, leads = () => true) {
    this.#app = app
    this.#leads = leads
    this.#timer = setInterval(() => this.#wake(), ownMilliseconds)
    this.#timer.unref()
  }

  #wake(): void {
    const now = performance.now()
    const isDue = now - this.#polledAt >= pollMilliseconds && this.#leads()
    if (this.#running || (!isDue && this.#app.streams.size === 0)) return
    if (isDue) this.#polledAt = now
    this.#running = interruptSilent(this.#app, isDue)
      .catch((error: unknown) => {
        if (!this.#isClosed && !isUnavailable(error))
          this.#app.logger.warn({ err: error }, 'a text was not interrupted')
      })
      .finally(() => {
        this.#running = undefined
      })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    if (this.#running) await withinMilliseconds(this.#running, closeMilliseconds)
  }
}
