import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { childrenOf } from '../test/support/process-sockets.ts'
import type { GeneratorAnswer, GeneratorMessage } from './generator.ts'
import { measureHints } from './hint-costs.ts'
import { at, canPin, end, firstOf } from './processes.ts'
import { table } from './report.ts'
import { credentialsOf, prepareDatabase, productEnvironment } from './servers.ts'

/**
 * What more workers of one machine give: sends a second without readers, and deliveries a second to readers, on one hot channel and on many; and
 * what a hint costs between two processes. Nothing is pinned: server, Postgres and the processes that send and read share the processors, and the
 * tables say how much of them each took.
 */
const isQuick = process.argv.includes('--quick')
const seconds = isQuick ? 2 : 10
const readers = isQuick ? 100 : 400
const manyChannels = isQuick ? 20 : 100
// The other benches have the load on one core.
if (canPin) execFileSync('taskset', ['-cp', `0-${cpus().length - 1}`, String(process.pid)], { stdio: 'ignore' })
const processors = availableParallelism()
const generatorCount = Math.max(2, Math.ceil(processors / 4))
const underWay = 64

/** 1, 2, 4 … and all. */
const workerCounts = [...new Set([...[1, 2, 4, 8, 16, 32, 64].filter((count) => count <= processors), processors])]
if (processors === 1) workerCounts.push(2)

class Generator {
  readonly #child: ChildProcess = fork(at('generator.ts'), [], { env: { ...process.env, NODE_ENV: 'production' } })
  readonly #exited = new AbortController()
  processor = 0

  constructor() {
    this.#child.once('exit', () => this.#exited.abort(new Error('a generator has ended')))
  }

  async ask(message: GeneratorMessage): Promise<GeneratorAnswer> {
    const answered = once(this.#child, 'message', { signal: this.#exited.signal })
    this.#child.send(message)
    const [answer] = (await answered) as [GeneratorAnswer]
    this.processor = answer.processor
    return answer
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}

const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor time of processes, in seconds. */
function processorOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) / ticks
  }, 0)
}

interface Rate {
  readonly perSecond: number
  /** Shares of all processors. */
  readonly server: number
  readonly primary: number
  readonly generators: number
}

async function measureRate(pid: number, generators: readonly Generator[], run: () => Promise<number>): Promise<Rate> {
  const workers = childrenOf(pid)
  for (const generator of generators) await generator.ask({ count: true })
  const spent = () => generators.reduce((sum, { processor }) => sum + processor, 0)
  const before = { server: processorOf([pid, ...workers]), primary: processorOf([pid]), generators: spent() }
  const began = performance.now()
  const count = await run()
  const took = (performance.now() - began) / 1000
  for (const generator of generators) await generator.ask({ count: true })
  const share = (now: number, then: number): number => (now - then) / took / processors
  return {
    perSecond: count / took,
    server: share(processorOf([pid, ...workers]), before.server),
    primary: workers.length > 0 ? share(processorOf([pid]), before.primary) : 0,
    generators: share(spent(), before.generators),
  }
}

async function measureWorkers(count: number, channels: number, postgresUrl: string, directory: string) {
  const environment = productEnvironment(directory, {
    DATABASE_URL: postgresUrl,
    PROCESSES: String(count),
    DATABASE_POOL: String(10 * count),
  })
  await prepareDatabase({ ...environment, PROCESSES: '1' })
  const child = spawn(process.execPath, [at('../src/main.ts')], {
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const generators = Array.from({ length: generatorCount }, () => new Generator())
  try {
    const port = await firstOf(child, (seen) => {
      const found = typeof seen === 'string' ? /Subscriptions\s+ws:\/\/[^/]+:(\d+)\//.exec(seen) : undefined
      return found ? Number(found[1]) : undefined
    })
    // Those that are only sent to come first: a member gets all that was sent since it has joined.
    const sizes = Array.from({ length: 2 * channels }, (_, at) => (at < channels ? 0 : readers / channels))
    const connection = { port, authorization: credentialsOf(environment) }
    const { made = [] } = await generators[0]!.ask({ make: sizes, ...connection })
    await Promise.all(generators.slice(1).map((generator) => generator.ask({ make: [], ...connection })))
    const ids = made.map(({ channelId }) => channelId)
    const sendAll = async (to: readonly string[]): Promise<number> => {
      const answers = await Promise.all(
        generators.map((generator) => generator.ask({ send: to, seconds, underWay: underWay / generators.length })),
      )
      return answers.reduce((sum, { sent = 0 }) => sum + sent, 0)
    }
    const [alone, read] = [ids.slice(0, channels), ids.slice(channels)]
    await sendAll(alone)
    const sends = await measureRate(child.pid!, generators, () => sendAll(alone))
    const members = made.flatMap((channel) => channel.members)
    const parts = generators.map((_, number) => members.filter((__, at) => at % generators.length === number))
    await Promise.all(generators.map((generator, number) => generator.ask({ read: parts[number]! })))
    const deliveries = await measureRate(child.pid!, generators, async () => {
      const sent = await sendAll(read)
      const expected = (sent * readers) / channels
      for (const deadline = performance.now() + 30_000; ;) {
        const answers = await Promise.all(generators.map((generator) => generator.ask({ count: true })))
        const received = answers.reduce((sum, answer) => sum + (answer.received ?? 0), 0)
        if (received === expected) return received
        await delay(10)
        if (received > expected || performance.now() > deadline) {
          throw new Error(`${received} deliveries, expected ${expected}`)
        }
      }
    })
    return { sends, deliveries }
  } finally {
    for (const generator of generators) generator.end()
    await end(child, 'SIGTERM')
  }
}

const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
const percent = (share: number): string => `${Math.round(100 * share)} %`
const cells = ({ perSecond, server, primary, generators }: Rate): string[] => [
  perSecond.toFixed(0),
  `${percent(server)} (${percent(primary)})`,
  percent(generators),
]
try {
  process.stdout.write(`${processors} processors, ${cpus()[0]?.model ?? 'unknown'}, ${generatorCount} generators\n\n`)
  for (const [title, channels] of [
    ['One hot channel', 1],
    [`${manyChannels} channels`, manyChannels],
  ] as const) {
    const rows: string[][] = []
    for (const count of workerCounts) {
      await using postgres = await startPostgresServer({
        fsync: 'on',
        synchronous_commit: 'on',
        max_connections: '1000',
      })
      const { sends, deliveries } = await measureWorkers(count, channels, postgres.url(), directory)
      rows.push([String(count), ...cells(sends), ...cells(deliveries)])
      process.stderr.write(`${title}, ${count} workers: ${JSON.stringify({ sends, deliveries })}\n`)
    }
    const shares = ['server (primary)', 'generators']
    const header = ['workers', 'sends/s', ...shares, `deliveries/s, ${readers} readers`, ...shares]
    process.stdout.write(`### ${title}\n\n${table([header, ...rows])}\n`)
  }
  const costs = await measureHints(isQuick ? 40_000 : 400_000)
  const rows = costs.map(({ way, send, receive }) => [way, send.toFixed(1), receive.toFixed(1)])
  process.stdout.write(
    `### A hint, microseconds of processor time\n\n${table([['way', 'to send', 'to receive'], ...rows])}\n`,
  )
} finally {
  await rm(directory, { recursive: true, force: true })
}
