import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from './config/logger.ts'

/** How long closing everything may take in all, in milliseconds, after connections were asked to leave. */
const closingMilliseconds = 3800

/** The same once somebody hurries: what was accepted is still written. */
const hurriedMilliseconds = 1500

export interface ShutdownStep {
  /** As the log names it when it is not done in time. */
  readonly name: string
  /** What it gets at least, in milliseconds, however long those before it took. What they leave it may use besides. */
  readonly reserve: number
  readonly run: () => unknown
  /** Gives up what is not done in time. */
  readonly giveUp?: () => void
}

/**
 * Closes what was started, in the reverse order, one step after the other. Each has a deadline, so that a database that hangs keeps neither the
 * process nor the steps that do not need it.
 */
export class Shutdown implements AsyncDisposable {
  readonly #logger: Logger
  readonly #steps: ShutdownStep[] = []
  readonly #hurry = new AbortController()
  #endsAt = Infinity
  /** Moves the deadline of the step under way. */
  #onHurry = (): void => {}

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Registers what closes a part that was started. */
  defer(step: ShutdownStep): void {
    this.#steps.push(step)
  }

  /** Aborted once somebody hurries. */
  get hurried(): AbortSignal {
    return this.#hurry.signal
  }

  /** Shortens what is left of the time. */
  hurry(): void {
    if (this.hurried.aborted) return
    this.#endsAt = Math.min(this.#endsAt, performance.now() + hurriedMilliseconds)
    this.#hurry.abort()
    this.#onHurry()
  }

  /** Runs all steps. One that fails does not keep the others; what they threw is thrown at the end. */
  async run(): Promise<void> {
    this.#endsAt = Math.min(this.#endsAt, performance.now() + closingMilliseconds)
    const errors: unknown[] = []
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await this.#runInTime(step)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} steps of the stop failed`)
    if (errors.length > 0) throw errors[0]
  }

  /** What those behind a step do not need is its own; where time is short all have less, in proportion. */
  #deadlineOf({ reserve }: ShutdownStep): number {
    const now = performance.now()
    const left = Math.max(0, this.#endsAt - now)
    const later = this.#steps.reduce((sum, step) => sum + step.reserve, 0)
    return now + Math.max(left - later, (left * reserve) / (reserve + later))
  }

  async #runInTime(step: ShutdownStep): Promise<void> {
    const began = performance.now()
    const late = Promise.withResolvers<'late'>()
    let timer: NodeJS.Timeout | undefined
    const arm = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => late.resolve('late'), this.#deadlineOf(step) - performance.now())
    }
    arm()
    this.#onHurry = arm
    try {
      const running = Promise.resolve(step.run())
      if ((await Promise.race([running, late.promise])) !== 'late') return
      running.catch((error: unknown) => this.#logger.warn({ err: error, step: step.name }, 'a step of the stop failed'))
      const milliseconds = Math.round(performance.now() - began)
      this.#logger.warn({ step: step.name, milliseconds }, 'a step of the stop was not done in time')
      step.giveUp?.()
    } finally {
      this.#onHurry = () => {}
      clearTimeout(timer)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.run()
  }
}

/** Waits so many milliseconds, or until somebody hurries. */
export async function pause(milliseconds: number, hurried: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal: hurried }).catch(() => {})
}
