import cluster from 'node:cluster'
import { poolShare } from '../commands/pool-share.ts'
import { stopOnSignals } from '../commands/stop-on-signals.ts'
import type { Config } from '../config/config.ts'
import { openLogDestination } from '../config/log-format.ts'
import { createLogger, type Logger } from '../config/logger.ts'
import type { ProcessMetric } from '../http/metrics/metric.ts'
import { openLinkBus } from '../live/link-bus.ts'
import { startServer, type Server } from '../server.ts'
import type { Siblings } from '../siblings.ts'
import { findOutage } from '../store/engine/outage.ts'
import { openStore, type Store } from '../store/open-store.ts'
import type { PrimaryMessage, WorkerMessage } from './messages.ts'
import { createPrimaryExpiringSet } from './primary-set.ts'
import { Questions } from './questions.ts'
import type { Seat } from './seat.ts'

/** How often a worker says that it is alive, in milliseconds. */
const aliveMilliseconds = 1000

/** Starts a server that shares its port and its work with the other workers. It stops in order when the primary says so, or is gone. */
export async function startWorker(seat: Seat, all: Config): Promise<void> {
  const config = { ...all, DATABASE_POOL: poolShare(all.DATABASE_POOL, seat.count) }
  const logger = createLogger(config.LOG_LEVEL, {
    findOutage,
    base: { worker: seat.worker },
    destination: await openLogDestination(config),
  })
  let server: Server | undefined
  let store: Store | undefined
  const stop = stopOnSignals(logger, () => server && { close: (options) => closeAll(server!, options) })
  const worker = cluster.worker!
  worker.once('disconnect', () => {
    // It was this process that ended the channel, which says itself why.
    if (worker.exitedAfterDisconnect) return
    // Else Node ends the process at once.
    worker.exitedAfterDisconnect = true
    stop({ reason: 'the primary process is gone' }, false)
  })
  const siblings = new WorkerSiblings(seat, logger, (immediate) =>
    stop({ reason: 'the primary process stops' }, immediate),
  )
  try {
    store = await openStore(config)
    server = await startServer(config, logger, store, {
      siblings,
      // All workers are of one version: the primary, which stops them in order, is told by the one that leads.
      onOutdated: (refusal) => {
        logger.fatal({ err: refusal }, 'stopping: this version is too old for the database')
        send({ type: 'outdated' })
      },
    })
  } catch (error) {
    // A channel that is open keeps the process from ending.
    siblings.close()
    await store?.close()
    throw error
  }
  siblings.announce(server.url)
  async function closeAll(closing: Server, options: { readonly immediate: boolean }): Promise<void> {
    await closing.close(options)
    siblings.close()
  }
}

/** The other workers, as the primary and the link make them known. */
class WorkerSiblings implements Siblings {
  readonly #seat: Seat
  readonly #logger: Logger
  readonly #onStop: (immediate: boolean) => void
  readonly #questions = new Questions((questions, onRead) => send({ type: 'questions', questions }, onRead))
  readonly #timer = setInterval(() => send({ type: 'alive' }), aliveMilliseconds)
  #leads: boolean
  #readMetrics: () => Promise<readonly ProcessMetric[]> = async () => []

  constructor(seat: Seat, logger: Logger, onStop: (immediate: boolean) => void) {
    this.#seat = seat
    this.#logger = logger
    this.#onStop = onStop
    this.#leads = seat.leads
    this.#timer.unref()
    process.on('message', (message: PrimaryMessage) => this.#onMessage(message))
  }

  #onMessage(message: PrimaryMessage): void {
    switch (message.type) {
      case 'answers':
        return this.#questions.onAnswers(message.answers)
      case 'leads':
        this.#leads = message.leads
        return
      case 'metricsAsked':
        return void this.#answerMetrics(message.number)
      case 'stop':
        return this.#onStop(message.immediate)
    }
  }

  get worker(): number {
    return this.#seat.worker
  }

  readonly leads = (): boolean => this.#leads

  async openLive() {
    const { worker, count, directory } = this.#seat
    const onError = (error: unknown): void => this.#logger.error({ err: error }, 'the link between workers is broken')
    const bus = await openLinkBus({ directory: directory!, worker, count, onError })
    const expiringSet = createPrimaryExpiringSet(this.#questions)
    return { bus, expiringSet, isRedisAway: () => false, close: () => bus.close() }
  }

  readonly metrics = {
    collect: async () => {
      const silence = { metrics: [], silent: this.#seat.count - 1 }
      return this.#questions.ask({ ask: 'metrics' }).catch(() => silence) as Promise<{
        metrics: readonly (readonly ProcessMetric[])[]
        silent: number
      }>
    },
    onAsked: (read: () => Promise<readonly ProcessMetric[]>): void => {
      this.#readMetrics = read
    },
  }

  /** A worker whose metrics cannot be read counts as one that does not answer. */
  async #answerMetrics(number: number): Promise<void> {
    try {
      send({ type: 'metrics', number, metrics: await this.#readMetrics() })
    } catch (error) {
      this.#logger.error({ err: error }, 'metrics cannot be read')
    }
  }

  /** The server takes connections. */
  announce(url: string): void {
    send({ type: 'ready', url })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#questions.close()
    const worker = cluster.worker!
    worker.exitedAfterDisconnect = true
    if (process.connected) process.disconnect()
  }
}

/** Drops what a primary that is gone cannot get. */
function send(message: WorkerMessage, onRead: () => void = () => {}): void {
  if (process.connected) process.send!(message, undefined, undefined, onRead)
  else onRead()
}
