import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Load } from './load.ts'
import { startFonechat, startPeer, type Bench, type Cpu } from './servers.ts'

/**
 * What a delivery costs, beside what others pay for it: processor seconds of the delivering thread per million deliveries,
 * and the latency at ten messages a second. All servers run in one go, in alternating rounds; the medians count. Every
 * delivery is counted, and one that is missing, doubled or out of order ends the run.
 */
const isQuick = process.argv.includes('--quick')
const rounds = isQuick ? 1 : 5
const sizes = isQuick ? [100] : [100, 1000]
const names = ['fonechat', 'ws', 'socket-io', 'graphql-ws', 'yoga', 'mercurius']

execFileSync('taskset', ['-cp', '1', String(process.pid)], { stdio: 'ignore' })

const text = 'x'.repeat(180)
const body = (): string => `t=${performance.now().toFixed(3)} ${text}`

interface Cost extends Cpu {
  readonly process: number
  readonly perSecond: number
}

async function measureBursts(bench: Bench, load: Load, subscribers: number, burst: number): Promise<Cost> {
  const bursts = Math.max(3, Math.ceil((isQuick ? 10_000 : 100_000) / subscribers / burst))
  const [before, processBefore, began, received] = [bench.cpu(), bench.processCpu(), performance.now(), load.received]
  for (let at = 0; at < bursts; at++) {
    const all = load.expect(subscribers * burst)
    await bench.publish(Array.from({ length: burst }, body))
    await all
  }
  const deliveries = (load.received - received) / 1e6
  const [after, processAfter] = [bench.cpu(), bench.processCpu()]
  return {
    user: (after.user - before.user) / deliveries,
    system: (after.system - before.system) / deliveries,
    process: (processAfter.user + processAfter.system - processBefore.user - processBefore.system) / deliveries,
    perSecond: deliveries / ((performance.now() - began) / 1e9),
  }
}

/** p50 and p99 over all deliveries, and p99 of the last receiver, in milliseconds. */
async function measureLatency(bench: Bench, load: Load, subscribers: number) {
  const all: number[] = []
  const last: number[] = []
  for (let at = 0; at < (isQuick ? 5 : 20); at++) {
    load.latencies.length = 0
    const arrived = load.expect(subscribers)
    await Promise.all([bench.publish([body()]), arrived, delay(100)])
    all.push(...load.latencies)
    last.push(Math.max(...load.latencies))
  }
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), last: percentile(last, 0.99) }
}

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

const median = (values: number[]): number => percentile(values, 0.5)

interface Round {
  readonly one: Cost
  readonly eight: Cost
  readonly latency: Awaited<ReturnType<typeof measureLatency>>
}

async function runRound(name: string, subscribers: number): Promise<Round> {
  const bench = name === 'fonechat' ? await startFonechat() : await startPeer(name)
  const load = new Load()
  try {
    await bench.subscribe(load, subscribers)
    await delay(500)
    // Warm up: what is measured is what a running server does.
    await measureBursts(bench, load, subscribers, 8)
    const one = await measureBursts(bench, load, subscribers, 1)
    const eight = await measureBursts(bench, load, subscribers, 8)
    const latency = await measureLatency(bench, load, subscribers)
    if (load.faults > 0) throw new Error(`${name}: ${load.faults} deliveries missing, doubled or out of order`)
    return { one, eight, latency }
  } finally {
    load.close()
    await bench.close()
  }
}

const results = new Map<number, Map<string, Round[]>>()
for (const subscribers of sizes) {
  const bySize = new Map(names.map((name) => [name, [] as Round[]]))
  results.set(subscribers, bySize)
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const result = await runRound(name, subscribers)
      bySize.get(name)!.push(result)
      process.stderr.write(`${subscribers} ${round + 1}/${rounds} ${name}: ${JSON.stringify(result)}\n`)
    }
  }
}

const of = (subscribers: number, name: string, pick: (round: Round) => number): number =>
  median(results.get(subscribers)!.get(name)!.map(pick))
const total = ({ user, system }: Cpu): number => user + system
const number = (value: number): string => value.toFixed(1)

const tables = sizes.map((subscribers) => {
  const rows = names.map((name) => {
    const cell = (pick: (round: Round) => number): string => number(of(subscribers, name, pick))
    return `| ${name} | ${cell(({ one }) => total(one))} (${cell(({ one }) => one.user)}) | ${cell(({ one }) => one.process)} | ${cell(({ eight }) => total(eight))} (${cell(({ eight }) => eight.user)}) | ${cell(({ latency }) => latency.p50)} / ${cell(({ latency }) => latency.p99)} / ${cell(({ latency }) => latency.last)} |`
  })
  return [
    `### ${subscribers} subscribers`,
    '',
    '| server | one message per turn (user) | whole process | bursts of 8 (user) | at 10/s: p50 / p99 / p99 of the last, ms |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
})
const size = sizes.at(-1)!
const cost = (name: string, key: 'one' | 'eight'): number => of(size, name, (round) => total(round[key]))
const ours = cost('fonechat', 'one')
const goals: [string, number, number][] = [
  ['one per turn ÷ bare ws', ours / cost('ws', 'one'), 0.8],
  ['one per turn ÷ socket.io', ours / cost('socket-io', 'one'), 1],
  ['one per turn ÷ Yoga', ours / cost('yoga', 'one'), 1 / 4],
  ['one per turn ÷ mercurius', ours / cost('mercurius', 'one'), 1 / 4],
  ['one per turn ÷ graphql-ws', ours / cost('graphql-ws', 'one'), 1 / 2.7],
  ['one per turn, user seconds', of(size, 'fonechat', ({ one }) => one.user), 3.5],
  ['bursts of 8 ÷ bare ws', cost('fonechat', 'eight') / cost('ws', 'eight'), 0.35],
  ['bursts of 8 ÷ socket.io', cost('fonechat', 'eight') / cost('socket-io', 'eight'), 0.5],
  [
    'p99 of the last receiver ÷ socket.io',
    of(size, 'fonechat', ({ latency }) => latency.last) / of(size, 'socket-io', ({ latency }) => latency.last),
    0.75,
  ],
]
const goalTable = [
  `| goal, ${size} subscribers | at most | measured | |`,
  '| --- | --- | --- | --- |',
  ...goals.map(
    ([name, value, most]) =>
      `| ${name} | ${most.toFixed(2)} | ${value.toFixed(2)} | ${value <= most ? 'met' : 'not met'} |`,
  ),
  '',
].join('\n')
process.stdout.write([...tables, goalTable].join('\n'))
if (!isQuick) await writeFile(new URL('fanout.svg', import.meta.url), chart())

/** Bars of the cost of one message per turn. */
function chart(): string {
  const most = Math.max(...names.map((name) => cost(name, 'one')))
  const bars = names.map((name, at) => {
    const [user, all] = [of(size, name, ({ one }) => one.user), cost(name, 'one')]
    const [y, scale] = [40 + at * 34, 480 / most]
    return `<text x="110" y="${y + 16}" text-anchor="end">${name}</text><rect x="120" y="${y}" width="${(all * scale).toFixed(1)}" height="22" fill="#9bb8d3"/><rect x="120" y="${y}" width="${(user * scale).toFixed(1)}" height="22" fill="#2f6690"/><text x="${(126 + all * scale).toFixed(1)}" y="${y + 16}">${number(all)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="680" height="${60 + names.length * 34}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/><text x="12" y="22" font-weight="bold">Processor seconds per million deliveries, ${size} subscribers, one message per turn (dark: user mode)</text>${bars.join('')}</svg>\n`
}
