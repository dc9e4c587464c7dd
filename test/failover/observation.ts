import { setTimeout as delay } from 'node:timers/promises'
import type { Trial } from '../faults/trial.ts'
import { waitFor } from '../support/wait.ts'
import type { ChatStand } from './chat.ts'

export type FailoverTrial = Trial<ChatStand>

/** What was measured while something broke. Milliseconds. */
export interface Observed {
  /** From the break until the database took writes again. */
  readonly promotion: number
  /** The longest time in which no write at all was acknowledged, and in which no send of one channel was. */
  readonly silence: number
  readonly channelSilence: number
  /** From there until every channel had an acknowledged send. */
  readonly beyond: number
  /** From the promotion until every reader had everything. */
  readonly readers: number
  /** For how long in all `/readyz` of a process said no, or nothing. */
  readonly notReady: number
}

/** How often a process is asked whether it is ready. */
const readyInterval = 100

/** Longer than any of this may take; what is slower fails by its own limit. */
const limit = 60_000

/** Watches what callers, readers and balancers see while something breaks. */
export class Observation {
  readonly #trial: FailoverTrial
  readonly #brokeAt = performance.now()
  readonly #watching: Promise<number>[]
  #isDone = false

  /** Begins with the break. */
  constructor(trial: FailoverTrial) {
    this.#trial = trial
    this.#watching = trial.stand.processes.map(({ url }) => this.#watchReadiness(url))
  }

  /** Ends when everything flows again. `writableAt` is when the database took writes again. */
  async end(writableAt: number): Promise<Observed> {
    const { channels } = this.#trial.workload
    const resumedAt = (): number | undefined => {
      const firsts = channels.map(
        ({ acknowledged }) => acknowledged.find(({ what, at }) => what === 'send' && at >= writableAt)?.at,
      )
      return firsts.includes(undefined) ? undefined : Math.max(...(firsts as number[]))
    }
    const resumed = await waitFor(resumedAt, { timeout: limit })
    const readers = await this.#trial.catchUp(writableAt)
    await waitFor(() => this.#areReady(), { timeout: limit })
    this.#isDone = true
    const now = performance.now()
    const times = channels
      .flatMap(({ acknowledged }) => acknowledged.map(({ at }) => at))
      .filter((at) => at > this.#brokeAt)
      .toSorted((one, other) => one - other)
    const silence = Math.max(...[this.#brokeAt, ...times].map((at, number) => (times[number] ?? now) - at))
    return {
      promotion: writableAt - this.#brokeAt,
      silence,
      channelSilence: Math.max(...channels.map((channel) => channel.longestSilence(this.#brokeAt, now))),
      beyond: resumed - writableAt,
      readers,
      notReady: Math.max(...(await Promise.all(this.#watching))),
    }
  }

  async #areReady(): Promise<boolean> {
    const ready = await Promise.all(this.#trial.stand.processes.map(({ url }) => isReady(url)))
    return ready.every(Boolean)
  }

  async #watchReadiness(url: string): Promise<number> {
    let notReady = 0
    while (!this.#isDone) {
      const since = performance.now()
      const ready = await isReady(url)
      await delay(readyInterval)
      if (!ready) notReady += performance.now() - since
    }
    return notReady
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) })
    return ok
  } catch {
    return false
  }
}
