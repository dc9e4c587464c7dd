import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Load } from './load.ts'
import { monotonicNow, type Cpu } from './probe.ts'
import { canPin } from './processes.ts'
import { chart, median, percentile, table } from './report.ts'
import { body, Fonechat, startPeer, type Bench } from './servers.ts'

/**
 * What a delivery costs, beside what others pay for it: processor seconds of the server per million deliveries, the latency at
 * ten messages a second, and the memory of a connection that only listens. All servers run in one go, in alternating
 * rounds, and the medians count. Every delivery is counted: one that is missing, doubled or out of order ends the run.
 */
const isQuick = process.argv.includes('--quick')
const rounds = isQuick ? 1 : 5
const sizes = isQuick ? [100] : [100, 1000]
const idleSize = isQuick ? 500 : 5000
/** Deliveries of one measured phase. */
const phase = isQuick ? 20_000 : 200_000
const names = ['fonechat', 'ws', 'socket.io', 'graphql-ws', 'yoga', 'mercurius'] as const
type Name = (typeof names)[number]

interface Cost extends Cpu {
  /** What fonechat's database adds, which runs in a thread of its own; the others have none. */
  readonly database: number
  readonly perSecond: number
}

interface Round {
  readonly one: Cost
  readonly eight: Cost
  /** Of fonechat's cost of one message per turn: what its sending takes when nobody listens. */
  readonly sending: number
  /** Milliseconds from the publishing to a delivery, and to the last delivery of a message. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly last: number }
}

/** Processor seconds of what runs meanwhile, per million of `deliveries`. */
async function measure(bench: Bench, deliveries: number, run: () => Promise<void>): Promise<Cost> {
  const [before, began] = [await bench.read(), performance.now()]
  await run()
  const [after, seconds] = [await bench.read(), (performance.now() - began) / 1000]
  const spent = (key: keyof Cpu): number => after.process[key] - before.process[key]
  const inWorkers = (key: keyof Cpu): number => after.workers[key] - before.workers[key]
  const perMillion = (value: number): number => (value / deliveries) * 1e6
  return {
    user: perMillion(spent('user') - inWorkers('user')),
    system: perMillion(spent('system') - inWorkers('system')),
    database: perMillion(inWorkers('user') + inWorkers('system')),
    perSecond: deliveries / seconds,
  }
}

const total = ({ user, system }: Cpu): number => user + system

async function measureRound(bench: Bench, name: Name, size: number): Promise<Round> {
  const load = new Load(body)
  try {
    await load.connect(bench.port, await bench.protocols(size))
    let sent = 0
    const deliver = async (count: number, burst: number): Promise<void> => {
      for (let done = 0; done < count; done += burst) await load.deliver(burst, () => bench.publish(burst))
      sent += Math.ceil(count / burst) * burst
    }
    const count = Math.ceil(phase / size / 8) * 8
    // What is measured is what a server does that has run for a while.
    await deliver(count, 8)
    await deliver(Math.ceil(count / 4), 1)
    const one = await measure(bench, count * size, () => deliver(count, 1))
    const eight = await measure(bench, count * size, () => deliver(count, 8))
    const sending =
      name === 'fonechat'
        ? await measure(bench, count * size, async () => {
            for (let done = 0; done < count; done++) await bench.publish(1, 'nobody')
          })
        : undefined
    const latency = await measureLatency(bench, load, size)
    load.check(sent + latency.sent)
    return { one, eight, sending: sending ? total(sending) : 0, latency }
  } finally {
    load.close()
  }
}

async function measureLatency(bench: Bench, load: Load, size: number) {
  const count = isQuick ? 10 : 30
  const all: number[] = []
  const last: number[] = []
  const offset = monotonicNow() - performance.now()
  await bench.read()
  for (let at = 0; at < count; at++) {
    const arrivals: number[] = []
    load.arrivals = arrivals
    await Promise.all([load.deliver(1, () => bench.publish(1)), delay(100)])
    const { published } = await bench.read()
    const [, publishedAt] = published.at(-1)!
    const waits = arrivals.map((arrival) => arrival + offset - publishedAt)
    if (waits.length !== size) throw new Error(`${waits.length} arrivals of ${size}`)
    for (const wait of waits) all.push(wait)
    last.push(Math.max(...waits))
  }
  load.arrivals = undefined
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), last: percentile(last, 0.99), sent: count }
}

/** Kilobytes of resident memory for each connection that is subscribed and idle. */
async function measureIdle(bench: Bench): Promise<number> {
  const load = new Load(body)
  try {
    const protocols = await bench.protocols(idleSize)
    // The first hundred pay for what all share.
    await load.connect(bench.port, protocols.slice(0, 100))
    await delay(1000)
    const before = await bench.read(true)
    await load.connect(bench.port, protocols.slice(100))
    await delay(2000)
    const after = await bench.read(true)
    await load.deliver(1, () => bench.publish(1))
    return (after.residentBytes - before.residentBytes) / 1024 / (idleSize - 100)
  } finally {
    load.close()
  }
}

await using fonechat = await Fonechat.prepare({ environment: {} }, [...sizes, idleSize])
const start = (name: Name, size: number): Promise<Bench> =>
  name === 'fonechat' ? fonechat.start(size) : startPeer(name)

async function withServer<Result>(name: Name, size: number, run: (bench: Bench) => Promise<Result>): Promise<Result> {
  const bench = await start(name, size)
  try {
    return await run(bench)
  } finally {
    await bench.close()
  }
}

const log = (line: string): void => void process.stderr.write(`${line}\n`)
if (!canPin) log('taskset is missing: servers and load share the processors')

const results = new Map<number, Map<Name, Round[]>>()
for (const size of sizes) {
  const bySize = new Map(names.map((name) => [name, [] as Round[]]))
  results.set(size, bySize)
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      const result = await withServer(name, size, (bench) => measureRound(bench, name, size))
      bySize.get(name)!.push(result)
      log(`${size} subscribers, round ${round}, ${name}: ${JSON.stringify(result)}`)
    }
  }
}

const idle = new Map<Name, number[]>(names.map((name) => [name, []]))
for (let round = 0; round < Math.min(rounds, 3); round++) {
  for (const name of ['fonechat', 'ws', 'socket.io'] as const) {
    const kilobytes = await withServer(name, idleSize, measureIdle)
    idle.get(name)!.push(kilobytes)
    log(`${idleSize} idle, ${name}: ${kilobytes.toFixed(1)} KB each`)
  }
}

const of = (size: number, name: Name, pick: (round: Round) => number): number =>
  median(results.get(size)!.get(name)!.map(pick))
const cell = (value: number): string => value.toFixed(1)

for (const size of sizes) {
  const rows = names.map((name) => {
    const pick = (choose: (round: Round) => number): string => cell(of(size, name, choose))
    return [
      name,
      `${pick(({ one }) => total(one))} (${pick(({ one }) => one.user)})`,
      `${pick(({ eight }) => total(eight))} (${pick(({ eight }) => eight.user)})`,
      pick(({ one }) => one.database),
      Math.round(of(size, name, ({ one }) => one.perSecond) / 1000) + 'k',
      `${pick(({ latency }) => latency.p50)} / ${pick(({ latency }) => latency.p99)} / ${pick(({ latency }) => latency.last)}`,
    ]
  })
  const header = [
    'server',
    'one per turn (user)',
    'bursts of 8 (user)',
    'database',
    'deliveries/s',
    'p50 / p99 / p99 of the last, ms',
  ]
  process.stdout.write(`### ${size} subscribers\n\n${table([header, ...rows])}\n`)
  const sending = of(size, 'fonechat', (round) => round.sending)
  process.stdout.write(`Of fonechat's one per turn, ${cell(sending)} is the sending itself.\n\n`)
}

const size = sizes.at(-1)!
const cost = (name: Name, key: 'one' | 'eight'): number => of(size, name, (round) => total(round[key]))
const idleOf = (name: Name): number => median(idle.get(name)!)
const last = (name: Name): number => of(size, name, ({ latency }) => latency.last)
const goals: [string, number, number][] = [
  ['one per turn ÷ ws', cost('fonechat', 'one') / cost('ws', 'one'), 0.8],
  ['one per turn ÷ socket.io', cost('fonechat', 'one') / cost('socket.io', 'one'), 1],
  ['one per turn ÷ yoga', cost('fonechat', 'one') / cost('yoga', 'one'), 1 / 4],
  ['one per turn ÷ mercurius', cost('fonechat', 'one') / cost('mercurius', 'one'), 1 / 4],
  ['one per turn ÷ graphql-ws', cost('fonechat', 'one') / cost('graphql-ws', 'one'), 1 / 2.7],
  ['one per turn, seconds in user mode', of(size, 'fonechat', ({ one }) => one.user), 3.5],
  ['bursts of 8 ÷ ws', cost('fonechat', 'eight') / cost('ws', 'eight'), 0.35],
  ['bursts of 8 ÷ socket.io', cost('fonechat', 'eight') / cost('socket.io', 'eight'), 0.5],
  ['p99 of the last receiver ÷ socket.io', last('fonechat') / last('socket.io'), 0.75],
  [`memory of one of ${idleSize} idle connections ÷ ws`, idleOf('fonechat') / idleOf('ws'), 1.3],
]
const goalRows = goals.map(([goal, value, most]) => [
  goal,
  most.toFixed(2),
  value.toFixed(2),
  value <= most ? 'yes' : 'no',
])
process.stdout.write(`${table([[`${size} subscribers`, 'goal: at most', 'measured', 'met'], ...goalRows])}\n`)
process.stdout.write(
  `Idle, KB each: ${(['fonechat', 'ws', 'socket.io'] as const).map((name) => `${name} ${cell(idleOf(name))}`).join(', ')}\n`,
)
if (!isQuick) {
  const bars = names.map((name) => ({ name, value: cost(name, 'one'), dark: of(size, name, ({ one }) => one.user) }))
  const title = `Processor seconds per million deliveries, ${size} subscribers, one message per turn (dark: user mode)`
  await writeFile(new URL('fanout.svg', import.meta.url), chart(title, bars))
}
