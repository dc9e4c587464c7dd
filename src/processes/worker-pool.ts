import cluster, { type Worker } from 'node:cluster'
import type { Logger } from '../config/logger.ts'
import { closeLostConnections } from './lost-connections.ts'
import type { PrimaryMessage, WorkerMessage } from './messages.ts'
import { seatVariable, type Seat } from './seat.ts'

/** How long a worker may take until it listens, in milliseconds. */
const readyMilliseconds = 60_000

/** After how long without a word a worker is killed, in milliseconds: its clients wait, and whoever asks for the health of the server asks others. */
const hungMilliseconds = 60_000

/** How long the workers have to stop, in milliseconds, once they have drained: as long as one takes at most, and a second. */
const closingMilliseconds = 5000

/** So many deaths in this time end all, in milliseconds. A start that fails while others work is none: it is tried again. */
const maxDeaths = 5
const deathMilliseconds = 60_000

/** How long the replacement waits after the second death or failed start, in milliseconds, twice as long after each further one, and at most. */
const backoffMilliseconds = 200
const maxBackoffMilliseconds = 10_000

/** After how long without a word another worker leads, in milliseconds. Each says each second that it is alive. */
const silentMilliseconds = 2500

/** How often the workers are looked at, in milliseconds. */
const lookMilliseconds = 1000

interface Place {
  readonly number: number
  worker: Worker | undefined
  isReady: boolean
  aliveAt: number
  /** Starts in a row that have failed. */
  failedStarts: number
}

export interface WorkerPoolParts {
  readonly count: number
  /** The folder of the link; undefined with Redis. */
  readonly directory: string | undefined
  readonly logger: Logger
  /** How long workers may take to drain, in milliseconds. */
  readonly drainMilliseconds: number
  readonly onMessage: (worker: number, message: WorkerMessage) => void
  /** Workers die again and again: all have ended. */
  readonly onGivenUp: (reason: string) => void
}

/** The workers of a primary. One that dies is replaced, in its number. One of them leads: the first that says that it is alive. */
export class WorkerPool {
  readonly #parts: WorkerPoolParts
  readonly #places: readonly Place[]
  readonly #timer: NodeJS.Timeout
  #deaths: number[] = []
  #leader: number | undefined
  #isStarted = false
  #isStopping = false
  #ending: Promise<void> | undefined
  /** Kills what has not stopped by then. */
  #stopTimer: NodeJS.Timeout | undefined
  #lookedAt = performance.now()
  #onChange = (): void => {}

  constructor(parts: WorkerPoolParts) {
    this.#parts = parts
    this.#places = Array.from({ length: parts.count }, (_, at) => ({
      number: at + 1,
      worker: undefined,
      isReady: false,
      aliveAt: 0,
      failedStarts: 0,
    }))
    this.#timer = setInterval(() => this.#look(), lookMilliseconds)
  }

  /** Resolves when all listen. The first starts alone: what is wrong with the settings is said once, and ends the start. */
  async start(): Promise<void> {
    const [first, ...others] = this.#places as [Place, ...Place[]]
    this.#fork(first)
    await this.#until(() => first.isReady || !first.worker)
    if (!first.isReady) throw new WorkerEndedError()
    for (const place of others) this.#fork(place)
    await this.#until(() => this.#isStopping || this.#places.every(({ isReady }) => isReady))
    this.#isStarted = true
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => {
        if (condition()) resolve()
      }
      this.#onChange()
    })
  }

  #fork(place: Place): void {
    const { count, directory } = this.#parts
    const { number } = place
    this.#leader ??= number
    const seat: Seat = { worker: number, count, directory, leads: this.#leader === number }
    const worker = cluster.fork({ [seatVariable]: JSON.stringify(seat) })
    closeLostConnections(worker)
    place.worker = worker
    place.isReady = false
    const deadline = setTimeout(() => {
      this.#parts.logger.error({ worker: number }, 'a worker does not get ready, and is killed')
      worker.process.kill('SIGKILL')
    }, readyMilliseconds)
    worker.on('message', (message: WorkerMessage) => {
      place.aliveAt = performance.now()
      if (message.type === 'ready') {
        clearTimeout(deadline)
        place.isReady = true
        place.failedStarts = 0
        // What was said while it was loading it has not heard.
        this.send(number, { type: 'leads', leads: this.#leader === number })
      }
      this.#parts.onMessage(number, message)
      if (message.type === 'ready') this.#onChange()
    })
    // Its channel broke, which its end follows.
    worker.on('error', () => {})
    worker.once('exit', (code, signal) => {
      clearTimeout(deadline)
      place.worker = undefined
      const wasReady = place.isReady
      place.isReady = false
      this.#onExit(place, code, signal, wasReady)
    })
  }

  #onExit(place: Place, code: number, signal: string, wasReady: boolean): void {
    const { number } = place
    if (!this.#isStopping && this.#isBegun(number, wasReady)) {
      const isInOrder = code === 0 && !signal
      const now = performance.now()
      this.#deaths = this.#deaths.filter((at) => now - at < deathMilliseconds)
      if (this.#isFailedStart(wasReady, signal)) place.failedStarts++
      else if (!isInOrder) this.#deaths.push(now)
      const level = isInOrder ? 'info' : 'error'
      const { failedStarts } = place
      this.#parts.logger[level](
        { worker: number, code, signal, deaths: this.#deaths.length, failedStarts },
        'a worker has ended',
      )
      if (this.#deaths.length >= maxDeaths) this.#giveUp(number, signal || code)
      else setTimeout(() => this.#replace(place), this.#backoff(place))
    }
    this.#lead()
    this.#onChange()
  }

  /** The end of the first worker before it was ready is the end of the start. */
  #isBegun(number: number, wasReady: boolean): boolean {
    return number > 1 || wasReady || this.#deaths.length > 0 || this.#places.some(({ worker }) => worker !== undefined)
  }

  /** What a worker needs to start may be away for a while, as the database: no reason to end those that are connected and wait for it. */
  #isFailedStart(wasReady: boolean, signal: string): boolean {
    return this.#isStarted && !wasReady && !signal && this.#places.some(({ isReady }) => isReady)
  }

  #backoff({ failedStarts }: Place): number {
    const many = Math.max(this.#deaths.length, failedStarts)
    return many < 2 ? 0 : Math.min(backoffMilliseconds * 2 ** (many - 2), maxBackoffMilliseconds)
  }

  #replace(place: Place): void {
    if (!this.#isStopping && !place.worker) this.#fork(place)
  }

  #giveUp(number: number, how: string | number): void {
    this.#isStopping = true
    this.kill()
    this.#parts.onGivenUp(`${maxDeaths} workers have died within a minute; the last, worker ${number}, with ${how}`)
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    // This process stood still itself, and has not read yet what they say.
    const hasStoodStill = now - this.#lookedAt > silentMilliseconds
    this.#lookedAt = now
    for (const place of this.#places) {
      if (hasStoodStill) place.aliveAt = now
      if (!place.isReady || now - place.aliveAt < hungMilliseconds) continue
      this.#parts.logger.error({ worker: place.number }, 'a worker hangs, and is killed')
      place.worker?.process.kill('SIGKILL')
    }
    this.#lead()
  }

  /** While none says that it is alive, the one that led goes on. */
  #lead(): void {
    const since = performance.now() - silentMilliseconds
    const next = this.#places.find(({ isReady, aliveAt }) => isReady && aliveAt > since)?.number
    if (next === undefined) {
      // A worker that starts in this state leads from its start.
      if (!this.#places.some(({ worker }) => worker)) this.#leader = undefined
      return
    }
    if (next === this.#leader) return
    const last = this.#leader
    this.#leader = next
    if (last !== undefined) this.send(last, { type: 'leads', leads: false })
    this.send(next, { type: 'leads', leads: true })
  }

  /** Those that listen, but for one. */
  othersThan(number: number): readonly number[] {
    return this.#places.filter((place) => place.isReady && place.number !== number).map((place) => place.number)
  }

  /** Whether it has said lately that it is alive: what is sent to one that stands still would pile up. */
  isAlive(number: number): boolean {
    return performance.now() - this.#places[number - 1]!.aliveAt < silentMilliseconds
  }

  send(number: number, message: PrimaryMessage): void {
    const worker = this.#places[number - 1]!.worker
    // What cannot be sent goes to one that ends.
    if (worker?.isConnected()) worker.send(message, () => {})
  }

  /** Lets all stop in order, or hurries them. Resolves when they have ended. */
  close({ immediate }: { readonly immediate: boolean }): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#timer)
    for (const { number, worker, isReady } of this.#places) {
      this.send(number, { type: 'stop', immediate })
      // One that is loading does not hear it, and has nothing to finish.
      if (!isReady) worker?.process.kill('SIGTERM')
    }
    clearTimeout(this.#stopTimer)
    const milliseconds = (immediate ? 0 : this.#parts.drainMilliseconds) + closingMilliseconds
    this.#stopTimer = setTimeout(() => {
      this.#parts.logger.warn('workers that do not stop are killed')
      this.kill()
    }, milliseconds)
    this.#ending ??= this.#until(() => this.#places.every(({ worker }) => !worker)).then(() =>
      clearTimeout(this.#stopTimer),
    )
    return this.#ending
  }

  kill(): void {
    for (const { worker } of this.#places) worker?.process.kill('SIGKILL')
  }
}

/** The first worker has ended before it was ready, and has said why. */
export class WorkerEndedError extends Error {
  override readonly name = 'WorkerEndedError'
}
