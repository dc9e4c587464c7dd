import { subscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import { isMainThread, type Worker } from 'node:worker_threads'

/**
 * Loaded into every server of the bench before its own code, with `--import`: answers the load generator how much processor time the
 * server has used and when it published what. It changes nothing else.
 */
export interface Cpu {
  /** Seconds in user and in system mode. */
  readonly user: number
  readonly system: number
}

export interface Reading {
  /** All threads of the process. */
  readonly process: Cpu
  /** The worker threads that the server started: in fonechat the embedded database, in the others none. */
  readonly workers: Cpu
  readonly residentBytes: number
  /** Of the main thread, after a collection. */
  readonly heapBytes: number
  /** When each message was handed to the fan-out, in milliseconds of the machine's monotonic clock; cleared when read. */
  readonly published: readonly (readonly [index: number, at: number])[]
}

const workers = new Set<Worker>()
let published: [number, number][] = []

/** Milliseconds of the machine's monotonic clock, the same in all processes. */
const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now()
export const monotonicNow = (): number => performance.now() + offset

export function recordPublished(index: number): void {
  published.push([index, monotonicNow()])
}

async function read(collect: boolean): Promise<Reading> {
  if (collect) for (let time = 0; time < 3; time++) globalThis.gc!()
  const used = await Promise.all([...workers].map((worker) => worker.cpuUsage()))
  const all = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  const reading = {
    process: { user: all.user / 1e6, system: all.system / 1e6 },
    workers: {
      user: used.reduce((sum, { user }) => sum + user, 0) / 1e6,
      system: used.reduce((sum, { system }) => sum + system, 0) / 1e6,
    },
    residentBytes: rss,
    heapBytes: heapUsed + external,
    published,
  }
  published = []
  return reading
}

/** The product hands a committed message to its bus; from there on it is fan-out, as `publish` is in the other servers. */
function watchBus(): void {
  const require = createRequire(new URL('../package.json', import.meta.url))
  for (const [name, member] of [
    ['graphql-subscriptions', 'PubSub'],
    ['graphql-redis-subscriptions', 'RedisPubSub'],
  ] as const) {
    const { prototype } = require(name)[member]
    const publish = prototype.publish as (
      topic: string,
      event: { type?: string; message?: { index: number } },
    ) => unknown
    prototype.publish = function (...args: Parameters<typeof publish>) {
      const [, event] = args
      if (event.type === 'messageAdded') recordPublished(event.message!.index)
      return publish.apply(this, args)
    }
  }
}

if (isMainThread && process.send) {
  subscribe('worker_threads', (message) => {
    const { worker } = message as { worker: Worker }
    workers.add(worker)
    worker.once('exit', () => workers.delete(worker))
  })
  process.on('message', (message: { read?: number; collect?: boolean }) => {
    const { read: id, collect = false } = message
    if (id !== undefined) void read(collect).then((reading) => process.send!({ id, reading }))
  })
  // A server does not outlive the bench, nor does the bench keep it from stopping.
  process.on('disconnect', () => process.exit())
  process.channel?.unref()
  if (process.env['BENCH_BUS']) watchBus()
}
