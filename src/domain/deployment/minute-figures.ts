import { monitorEventLoopDelay } from 'node:perf_hooks'
import { quantileOf, type Histogram } from '../../instruments/histogram.ts'
import { refusalKinds, type RefusalKind } from '../../model/rate-limit.ts'
import type { MinuteFigures } from '../../store/process.ts'
import type { App } from '../app.ts'

/** What is open over one transport of subscriptions, and how many events were written to it. */
export interface TransportCounts {
  connectionCount(): number
  subscriptionCount(): number
  readonly figures: { readonly delivered: number }
}

export interface FigureSources {
  readonly app: Pick<App, 'db' | 'instruments' | 'messages' | 'rateCounters'>
  readonly sweep: { readonly ageSeconds: number }
  readonly transports: readonly TransportCounts[]
}

/** How often the delay of the event loop is sampled, in milliseconds. */
const sampleMilliseconds = 20

/** What the instruments said at a moment, which `/metrics` reads, too. */
interface Totals {
  readonly at: number
  readonly sends: number
  readonly deliveries: number
  readonly deliverySeconds: Float64Array
  readonly waitSeconds: Float64Array
  readonly refusals: Readonly<Record<RefusalKind, number>>
}

/** What this process did since the minute began. */
export class MinuteCounts {
  readonly #sources: FigureSources
  /** Not that of `/metrics`, which begins anew whenever it is asked. */
  readonly #loopDelay = monitorEventLoopDelay({ resolution: sampleMilliseconds })
  #base: Totals

  constructor(sources: FigureSources) {
    this.#sources = sources
    this.#base = this.#readTotals()
    this.#loopDelay.enable()
  }

  read(): MinuteFigures {
    const { app, sweep, transports } = this.#sources
    const { size, busy, waiting, statements } = app.db.figures
    const base = this.#base
    const now = this.#readTotals()
    const deliveries = difference(now.deliverySeconds, base.deliverySeconds)
    const waits = difference(now.waitSeconds, base.waitSeconds)
    const quantile = ({ bounds }: Histogram, counts: Float64Array, share: number): number | null => {
      const seconds = quantileOf(bounds, counts, share)
      return seconds === null ? null : seconds * 1000
    }
    const kinds = refusalKinds.flatMap((kind) => {
      const count = now.refusals[kind] - base.refusals[kind]
      return count > 0 ? [[kind, count] as const] : []
    })
    return {
      seconds: (now.at - base.at) / 1000,
      connections: sum(transports, (each) => each.connectionCount()),
      subscriptions: sum(transports, (each) => each.subscriptionCount()),
      sends: now.sends - base.sends,
      deliveries: now.deliveries - base.deliveries,
      deliveryP50Ms: quantile(app.instruments.deliverySeconds, deliveries, 0.5),
      deliveryP99Ms: quantile(app.instruments.deliverySeconds, deliveries, 0.99),
      // It measures from sample to sample. In the first moments there is none.
      eventLoopLagP99Ms:
        this.#loopDelay.count === 0 ? 0 : Math.max(0, this.#loopDelay.percentile(99) / 1e6 - sampleMilliseconds),
      poolSize: size,
      poolInUse: busy,
      poolWaiting: waiting,
      poolLongestWaitMs: quantile(statements.waitSeconds, waits, 1) ?? 0,
      memoryBytes: process.memoryUsage.rss(),
      refusals: Object.fromEntries(kinds),
      sweepAgeMs: sweep.ageSeconds * 1000,
    }
  }

  /** The next minute begins. */
  begin(): void {
    this.#base = this.#readTotals()
    this.#loopDelay.reset()
  }

  #readTotals(): Totals {
    const { app, transports } = this.#sources
    return {
      at: performance.now(),
      sends: app.messages.written,
      deliveries: sum(transports, ({ figures }) => figures.delivered),
      deliverySeconds: app.instruments.deliverySeconds.counts.slice(),
      waitSeconds: app.db.figures.statements.waitSeconds.counts.slice(),
      refusals: { ...app.rateCounters.refusals.counts },
    }
  }

  close(): void {
    this.#loopDelay.disable()
  }
}

const difference = (now: Float64Array, base: Float64Array): Float64Array => now.map((count, at) => count - base[at]!)

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
