import type { App } from '../domain/app.ts'
import { claimDueMessages, sendDueMessage } from '../domain/chat/due-message.ts'
import { remindOfSaved } from '../domain/chat/saved-message.ts'
import { withinMilliseconds } from '../domain/retry.ts'
import { isUnavailable } from '../store/engine/fault.ts'
import { readNextDue, type ClaimedMessage } from '../store/scheduled-message.ts'
import { tracing } from '../tracing/tracing.ts'

/**
 * How often it looks for what other processes were told of, in milliseconds. What this process was told of it knows the time of. Less than the 5
 * seconds within which a message is sent, so that it may die.
 */
const pollMilliseconds = 4000

/** How often a process that does not lead asks whether it does by now, in milliseconds. That takes no statement. */
const idleMilliseconds = 1000

/** How long it waits at least before it looks again, in milliseconds: what is due may be locked. */
const minMilliseconds = 100

/** How many messages this process sends at once. */
const maxSends = 64

/** How many reminders are read at once. */
const batchReminders = 200

/** How long a stopping server waits for sends that are under way. Those that are cut off are tried again when their claim ends. */
const closeMilliseconds = 1000

/**
 * Sends scheduled messages and reminds of saved ones, each at its time: those that this process was told of shortly before, and where `leads` all
 * others. Any number of processes may do so at once. While nothing is due, a poll is one statement.
 */
export class ScheduledMessages {
  readonly #app: App
  readonly #leads: () => boolean
  readonly #sends = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  /** When the timer ends, by the app's clock. */
  #wakesAt = Number.POSITIVE_INFINITY
  /** When something is due that may be too soon for the polls of the process that leads. */
  #expectedAt = Number.POSITIVE_INFINITY
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(app: App, leads = () => true) {
    this.#app = app
    this.#leads = leads
    this.#sleep(0)
  }

  /** Something is due at this time. */
  expect(at: Date): void {
    const milliseconds = at.getTime() - this.#app.clock.now()
    if (!this.#leads()) {
      // The one that leads finds it in time.
      if (milliseconds > pollMilliseconds) return
      this.#expectedAt = Math.min(this.#expectedAt, at.getTime())
    }
    if (at.getTime() < this.#wakesAt) this.#sleep(Math.max(0, milliseconds))
  }

  #sleep(milliseconds: number): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    const bounded = Math.min(milliseconds, this.#leads() ? pollMilliseconds : idleMilliseconds)
    this.#wakesAt = this.#app.clock.now() + bounded
    this.#timer = setTimeout(() => this.#wake(), bounded)
    this.#timer.unref()
  }

  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY
    const now = this.#app.clock.now()
    if (!this.#leads() && now < this.#expectedAt) return this.#sleep(this.#expectedAt - now)
    this.#expectedAt = Number.POSITIVE_INFINITY
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Never throws. */
  async #run(): Promise<void> {
    const { db, clock } = this.#app
    let wait = pollMilliseconds
    try {
      const next = await readNextDue(db)
      const isDue = next !== undefined && next.getTime() <= clock.now()
      if (isDue) await this.#work()
      if (next) wait = isDue ? minMilliseconds : Math.max(minMilliseconds, next.getTime() - clock.now())
    } catch (error) {
      this.#warn(error)
    }
    // What was expected meanwhile may come sooner.
    if (clock.now() + wait < this.#wakesAt) this.#sleep(wait)
  }

  async #work(): Promise<void> {
    const room = maxSends - this.#sends.size
    const claimed = room > 0 ? await claimDueMessages(this.#app, room) : []
    for (const due of claimed) {
      const send = this.#send(due)
        .catch((error: unknown) => this.#warn(error))
        .finally(() => this.#sends.delete(send))
      this.#sends.add(send)
    }
    await remindOfSaved(this.#app, batchReminders)
  }

  #send(due: ClaimedMessage): Promise<void> {
    const send = () => sendDueMessage(this.#app, due)
    return tracing ? tracing.root('send scheduled message', {}, send) : send()
  }

  #warn(error: unknown): void {
    if (this.#isClosed && isUnavailable(error)) return
    this.#app.logger.warn({ err: error }, 'a scheduled message or a reminder was interrupted')
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
    await withinMilliseconds(Promise.all(this.#sends), closeMilliseconds)
  }
}
