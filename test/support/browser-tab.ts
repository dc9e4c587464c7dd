import { Worker } from 'node:worker_threads'
import { waitFor, within } from './wait.ts'

export interface TabOptions {
  readonly token: string
  /** What its `sessionStorage` begins with: that of the tab it was duplicated from, or its own from before it was closed. */
  readonly storage: Readonly<Record<string, string>>
  /** How often the token cannot be fetched at first. */
  readonly tokenFailures: number
}

type EventName = 'connecting' | 'connected' | 'error' | 'closed' | 'asked' | 'answered'

export type TabReport =
  | { readonly data: unknown }
  | { readonly failure: string }
  | { readonly stored: Readonly<Record<string, string>> }
  | { readonly ticked: true }
  | { readonly event: EventName; readonly code?: number }

/** How long the network of a test takes at most, in milliseconds. */
const timeout = 20_000

/**
 * A page in a tab: a thread of its own, which has the process's Web Locks in common with the others and lets go of its own when it
 * is closed. Its clock moves only by `tick`; its network is real.
 */
export class BrowserTab<Data> implements AsyncDisposable {
  readonly received: Data[] = []
  /** With which the subscription has ended. */
  readonly failures: string[] = []
  readonly closings: number[] = []
  storage: Readonly<Record<string, string>>
  connections = 0
  attempts = 0
  readonly #worker: Worker
  #isConnecting = true
  #isAsking = false
  #ticked = Promise.withResolvers<void>()

  /** `code` is a module of JavaScript that exports its graphql-ws `client`, and writes what it receives to the console. */
  constructor(code: string, options: Partial<TabOptions> & Pick<TabOptions, 'token'>) {
    this.storage = options.storage ?? {}
    this.#worker = new Worker(new URL('./browser-tab-worker.ts', import.meta.url), {
      workerData: { storage: {}, tokenFailures: 0, ...options, code },
      execArgv: [],
    })
    this.#worker.on('message', (report: TabReport) => this.#take(report))
    this.#worker.on('error', (error) => this.failures.push(String(error)))
  }

  #take(report: TabReport): void {
    if ('ticked' in report) this.#ticked.resolve()
    if ('data' in report) this.received.push(report.data as Data)
    if ('failure' in report) this.failures.push(report.failure)
    if ('stored' in report) this.storage = report.stored
    if (!('event' in report)) return
    const { event, code } = report
    if (event === 'asked' || event === 'answered') {
      this.#isAsking = event === 'asked'
      return
    }
    this.#isAsking = false
    this.#isConnecting = event === 'connecting'
    if (event === 'connecting') this.attempts++
    if (event === 'connected') this.connections++
    if (event === 'closed' && code !== undefined) this.closings.push(code)
  }

  /** Waits until nothing is under way: neither a connection nor a ping. */
  async settled(): Promise<void> {
    await waitFor(() => !this.#isConnecting && !this.#isAsking, { timeout, interval: 1 })
  }

  /** Moves its clock. */
  async tick(milliseconds: number): Promise<void> {
    this.#ticked = Promise.withResolvers<void>()
    this.#worker.postMessage(milliseconds)
    await within(this.#ticked.promise, timeout, 'a tick')
  }

  /** Waits until it has received something of which this holds. */
  async receives(matches: (data: Data) => boolean): Promise<void> {
    await waitFor(() => this.received.some(matches), { timeout })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
