import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ViewerDocument } from '../../schema/generated/graphql.ts'
import type { FaultProxy, Link } from '../support/fault-proxy.ts'
import { pickOne, seededRandom } from '../support/seeded-random.ts'
import { waitFor } from '../support/wait.ts'
import { Caller, Tally } from './caller.ts'
import { makeClock, type Clock } from './clock.ts'
import { CursorFollower } from './follower.ts'
import { openIssuer, type Issuer } from './issuer.ts'
import { SlotTaker } from './slot-taker.ts'
import { onlooker, startStand, type Stand, type StandOptions } from './stand.ts'
import { Trial, type Outcome } from './trial.ts'
import { mountVolume } from './volume.ts'

/** Everything random follows from it: `SEED=… npm run test:faults` repeats a run. */
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

/** So many trials run at once, each on a stand of its own; the machine has no more to give. */
const stands: Stand[] = []
const free: Stand[] = []
const waiting: ((stand: Stand) => void)[] = []
const standCount = 2

// Most of it waits for a stand.
vi.setConfig({ testTimeout: 600_000 })

const all = new AsyncDisposableStack()
const outcomes: Outcome[] = []

beforeAll(async () => {
  process.stdout.write(`SEED=${seed}\n`)
  stands.push(...(await Promise.all(Array.from({ length: standCount }, () => startStand()))))
  for (const stand of stands) all.use(stand)
  free.push(...stands)
})
afterAll(async () => {
  printOutcomes(await Promise.all(outcomes.map(async (outcome) => ({ ...outcome, told: await outcome.webhooks }))))
  await all.disposeAsync()
})

function take(): Promise<Stand> {
  const stand = free.pop()
  return stand ? Promise.resolve(stand) : new Promise((resolve) => waiting.push(resolve))
}

function giveBack(stand: Stand): void {
  const next = waiting.shift()
  if (next) next(stand)
  else free.push(stand)
}

type Strike = (trial: Trial) => Promise<void>

interface Conditions {
  /** A stand of its own, while one of the others rests. */
  readonly stand?: () => Promise<Stand>
  /** Does not wait for one of the others to rest, since it does little itself. */
  readonly isLight?: boolean
  readonly channels?: number
}

let trials = 0

/** Strikes while everything flows, and expects that nobody was told what is not so. */
async function survive(name: string, strike: Strike, { stand: makeStand, isLight, channels }: Conditions = {}) {
  const random = seededRandom(seed + ++trials)
  const shared = isLight ? undefined : await take()
  let stand: Stand | undefined
  let outcome: Outcome | undefined
  try {
    stand = makeStand ? all.use(await makeStand()) : shared!
    outcome = await new Trial(name, stand, { random, channels }).run(strike)
    outcomes.push(outcome)
    expect(toVerdict(outcome)).toEqual(flawless)
  } finally {
    const isSpoilt =
      !outcome || Object.values(toVerdict(outcome)).some((verdict) => verdict === false) || outcome.unanswered > 0
    if (shared && stand === shared) await stand.clean({ isSpoilt })
    if (shared) giveBack(shared)
  }
}

const flawless = { deaths: [], unanswered: 0, untrue: [], internal: [], isCaughtUp: true, isRecovered: true }

function toVerdict({ deaths, unanswered, untrue, internal, catchUp, recovery }: Outcome): typeof flawless {
  const some = (list: readonly string[]) => list.slice(0, 10) as never[]
  return {
    deaths: some(deaths),
    unanswered,
    untrue: some(untrue),
    internal: some(internal),
    isCaughtUp: catchUp < 5000,
    isRecovered: recovery < 15_000,
  }
}

/** Does it over and over for so long. */
async function repeatedly(milliseconds: number, interval: number, work: () => unknown): Promise<void> {
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    await work()
    await delay(interval)
  }
}

function linksOf({ stand }: Trial): Link[] {
  return stand.proxies.flatMap(({ links }) => links)
}

async function onProxies({ stand }: Trial, work: (proxy: FaultProxy) => unknown): Promise<void> {
  await Promise.all(stand.proxies.map(work))
}

/** The backends of the processes under trial. */
async function backendsOf({ stand }: Trial): Promise<number[]> {
  const rows = await stand.sql(
    `SELECT pid FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND application_name <> '${onlooker}' ORDER BY pid`,
  )
  return rows.map(({ pid }) => Number(pid))
}

async function terminate(trial: Trial, count: number): Promise<void> {
  const pids = await backendsOf(trial)
  const picked = Array.from({ length: count }, () => pickOne(pids, trial.random)).filter((pid) => pid !== undefined)
  await trial.stand.sql(`SELECT pg_terminate_backend(pid) FROM unnest('{${picked.join()}}'::int[]) AS pid`)
}

const own =
  (options: StandOptions): (() => Promise<Stand>) =>
  () =>
    startStand(options)

test.concurrent('P1 P2 P3 P6: a process is stopped for 40 seconds', ({ task }) =>
  survive(
    task.name,
    async (trial) => {
      const [stopped, other] = trial.stand.processes
      trial.urls = [other.url]
      // What it was asked already it answers.
      await delay(1000)
      stopped.signal('SIGSTOP')
      await delay(40_000)
      stopped.signal('SIGCONT')
      trial.urls = [stopped.url, other.url]
    },
    { stand: own({}), isLight: true, channels: 2 },
  ))

test.concurrent('P1 P2 P3 P6: nothing breaks', ({ task }) => survive(task.name, () => delay(2000)))

test.concurrent('P1 P2 P3 P6: four backends are terminated every 0.4 seconds', ({ task }) =>
  survive(task.name, (trial) => repeatedly(20_000, 400, () => terminate(trial, 4))))

test.concurrent('P1 P2 P3 P6: connections are cut', ({ task }) =>
  survive(task.name, (trial) => repeatedly(8000, 25, () => pickOne(linksOf(trial), trial.random)?.cut())))

test.concurrent('P1 P2 P3 P6: connections are reset', ({ task }) =>
  survive(task.name, (trial) => repeatedly(8000, 25, () => pickOne(linksOf(trial), trial.random)?.reset())))

test.concurrent('P1 P2 P3 P6: connections are reset in the middle of a message', ({ task }) =>
  survive(task.name, async (trial) => {
    await onProxies(trial, (proxy) => {
      proxy.resetAfter(() => 500 + Math.floor(trial.random() * 20_000))
      for (const link of proxy.links) link.reset()
    })
    await delay(8000)
    await onProxies(trial, (proxy) => proxy.heal())
  }))

test.concurrent('P1 P2 P3 P6: all connections are swallowed, and what was held back arrives late', ({ task }) =>
  survive(task.name, async (trial) => {
    await onProxies(trial, (proxy) => {
      proxy.welcome('swallow')
      for (const link of proxy.links) link.swallow()
    })
    await delay(7000)
    await onProxies(trial, (proxy) => proxy.heal())
  }))

test.concurrent('P1 P2 P3 P6: all established connections are swallowed for ever', ({ task }) =>
  survive(task.name, async (trial) => {
    for (const link of linksOf(trial)) link.swallow()
    await delay(8000)
  }))

test.concurrent('P1 P2 P3 P6: new connections are accepted and closed', ({ task }) =>
  survive(task.name, async (trial) => {
    const before = trial.stand.proxies.map(({ connectionsCount }) => connectionsCount)
    await onProxies(trial, (proxy) => {
      proxy.welcome('close')
      for (const link of proxy.links) link.cut()
    })
    await delay(6000)
    await onProxies(trial, (proxy) => proxy.heal())
    const attempts = trial.stand.proxies.map(({ connectionsCount }, at) => connectionsCount - before[at]!)
    // Ten connections of one process that each try every 0.1 seconds.
    if (Math.max(...attempts) > 600) trial.tally.accuse(`${attempts.join(' and ')} connections were tried`)
  }))

test.concurrent('P1 P2 P3 P6: new connections are refused', ({ task }) =>
  survive(task.name, async (trial) => {
    await onProxies(trial, async (proxy) => {
      await proxy.refuse()
      for (const link of proxy.links) link.reset()
    })
    await delay(4000)
    await onProxies(trial, (proxy) => proxy.heal())
  }))

test.concurrent('P1 P2 P3 P6: the network is slow', ({ task }) =>
  survive(task.name, async (trial) => {
    await onProxies(trial, (proxy) => {
      proxy.delay = 50
      proxy.bytesPerSecond = 100_000
    })
    await delay(6000)
    await onProxies(trial, (proxy) => proxy.heal())
  }))

test.concurrent('P1 P2 P3 P6: one channel is locked for 8 seconds', ({ task }) =>
  survive(task.name, async (trial) => {
    const [locked, ...others] = trial.workload.channels
    const from = performance.now()
    const release = await trial.stand.hold(`SELECT 1 FROM channels WHERE id = '${locked!.id.slice(2)}' FOR UPDATE`)
    await delay(8000)
    const to = performance.now()
    await release()
    for (const other of others) {
      const silence = other.longestSilence(from, to)
      if (silence > 3000) trial.tally.accuse(`another channel stood still for ${Math.round(silence)} ms`)
    }
  }))

test.concurrent('P1 P2 P3 P6: the table of messages is locked for 6 seconds', ({ task }) =>
  survive(task.name, async (trial) => {
    const release = await trial.stand.hold('LOCK TABLE messages IN ACCESS EXCLUSIVE MODE')
    await delay(6000)
    await release()
  }))

test.concurrent('P1 P2 P3 P6: a column is altered and altered back', ({ task }) =>
  survive(task.name, async (trial) => {
    for (const type of ['varchar(300)', 'text', 'varchar(300)', 'text']) {
      await trial.stand.sql(`ALTER TABLE messages ALTER COLUMN author TYPE ${type}`)
      await delay(1000)
    }
  }))

test.concurrent('P1 P2 P3 P6: the database is read-only', ({ task }) =>
  survive(task.name, async (trial) => {
    await trial.stand.sql('ALTER DATABASE postgres SET default_transaction_read_only = on')
    await terminate(trial, 100)
    await delay(6000)
    await trial.stand.sql('ALTER DATABASE postgres RESET default_transaction_read_only')
  }))

test.concurrent('P1 P2 P3 P6: other clients have taken all connections', ({ task }) =>
  survive(task.name, async (trial) => {
    const taker = new SlotTaker(trial.stand.postgres.port)
    await repeatedly(6000, 100, () => pickOne(linksOf(trial), trial.random)?.reset())
    taker.release()
  }))

test.concurrent('Postgres crashes and recovers', ({ task }) =>
  survive(task.name, async (trial) => {
    await trial.stand.postgres.crash()
    await delay(1500)
    await trial.stand.postgres.start()
    await delay(2500)
    const pid = pickOne(await backendsOf(trial), trial.random)
    // All others are ended with it, and it recovers by itself.
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    await delay(1000)
  }))

test.concurrent('P1 P2 P3 P6: processes are killed', ({ task }) =>
  survive(task.name, async (trial) => {
    for (const chat of [...trial.stand.processes, ...trial.stand.processes]) {
      await chat.end('SIGKILL')
      await delay(500)
      await chat.start()
      await delay(500)
    }
  }))

test.concurrent('P1 P2 P3 P6: a process is cut off within a transaction', ({ task }) =>
  survive(task.name, async (trial) => {
    const [proxy] = trial.stand.proxies
    const swallowed = proxy.swallowAt(/\bcommit\b/i)
    await Promise.race([
      swallowed,
      delay(5000).then(() => {
        throw new Error('no transaction was committed')
      }),
    ])
    const from = performance.now()
    proxy.welcome('swallow')
    for (const link of proxy.links) link.swallow()
    trial.urls = [trial.stand.processes[1].url]
    await delay(9000)
    for (const channel of trial.workload.channels) {
      const silence = channel.longestSilence(from, performance.now())
      if (silence > 6000) trial.tally.accuse(`a channel could not be written for ${Math.round(silence)} ms`)
    }
    await proxy.heal({ isLost: true })
    trial.urls = trial.stand.processes.map(({ url }) => url)
  }))

test.concurrent('P1 P2 P3 P6: the synchronous standby is gone', ({ task }) =>
  survive(task.name, async (trial) => {
    const { sql } = trial.stand
    await sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    await sql('SELECT pg_reload_conf()')
    await delay(500)
    const from = performance.now()
    await delay(2500)
    await terminate(trial, 4)
    await repeatedly(4500, 500, () => pickOne(linksOf(trial), trial.random)?.reset())
    const to = performance.now()
    await sql('ALTER SYSTEM RESET synchronous_standby_names')
    await sql('SELECT pg_reload_conf()')
    for (const { acknowledged } of trial.workload.channels) {
      for (const { what, askedAt, at } of acknowledged) {
        if (askedAt > from && at < to) trial.tally.accuse(`a ${what} was acknowledged that was not replicated`)
      }
    }
  }))

test.concurrent('P1 P2 P3 P6: the disk is full', ({ task }) =>
  survive(
    task.name,
    async (trial) => {
      volume!.fill()
      await delay(5000)
      // The next segment of the log does not fit either: Postgres gives up.
      await trial.stand.sql('SELECT pg_switch_wal()').catch(() => {})
      await delay(1500)
      volume!.makeRoom()
      await trial.stand.postgres.startIfStopped()
    },
    {
      stand: async () => {
        volume = all.use(await mountVolume(160))
        return startStand({ volume: volume.path })
      },
    },
  ))
let volume: Awaited<ReturnType<typeof mountVolume>> | undefined

test.concurrent('P1 P2 P3 P6: Postgres is a standby for a while, which is then promoted', ({ task }) =>
  survive(
    task.name,
    async (trial) => {
      const { stand } = trial
      await stand.postgres.crash()
      stand.moveToStandby()
      for (const proxy of stand.proxies) proxy.redirect(stand.postgres.port)
      await delay(4000)
      // Its standby is to be this one no more.
      await stand.sql("ALTER SYSTEM SET synchronous_standby_names = ''")
      await stand.sql('SELECT pg_reload_conf()')
      await stand.sql('SELECT pg_promote()')
    },
    { stand: own({ hasStandby: true }) },
  ))

test.concurrent('P1 P2 P3 P6: clocks go wrong by an hour, each way', ({ task }) =>
  survive(
    task.name,
    async () => {
      const [one, other] = clocks
      for (const [first, second] of [
        ['+1h', '-1h'],
        ['-1h', '+1h'],
        ['+0', '+0'],
      ] as const) {
        one!.set(first)
        other!.set(second)
        await delay(3000)
      }
    },
    {
      stand: async () => {
        for (let made = 0; made < 2; made++) clocks.push(all.use(await makeClock()))
        return startStand({ environment: clocks.map((clock) => clock.environment) })
      },
    },
  ))
const clocks: Clock[] = []

test.concurrent('P1 P2 P3 P6: the host of the issuer’s keys swallows what it is asked', ({ task }) =>
  survive(
    task.name,
    async (trial) => {
      const [channel] = trial.workload.channels
      const { proxy } = issuer!
      proxy.welcome('swallow')
      const identity = 'known-to-the-issuer'
      await trial.workload.addMember(channel!, identity)
      const token = await issuer!.sign(identity, channel!.serviceId)
      const urls = () => trial.urls
      const issued = new Tally()
      const caller = new Caller('issued', urls, `Bearer ${token}`, issued)
      const askViewer = () => caller.ask(ViewerDocument, {})
      const calls: ReturnType<typeof askViewer>[] = []
      const follower = new CursorFollower({ name: identity, channelId: channel!.id, token, urls, random: trial.random })
      await repeatedly(8000, 500, () => calls.push(askViewer()))
      await proxy.heal()
      const healedAt = performance.now()
      await waitFor(async () => (await askViewer()).kind === 'data', { timeout: 15_000 })
      const index = channel!.standing.at(-1)!.index!
      await waitFor(() => follower.index >= index, { timeout: 15_000 })
      const milliseconds = Math.round(performance.now() - healedAt)
      if (milliseconds > 5000) trial.tally.accuse(`users of the issuer came back after ${milliseconds} ms`)
      follower.dispose()
      for (const answer of await Promise.all(calls)) {
        if (answer.kind === 'refused') trial.tally.accuse(`a valid token was refused with ${answer.code}`)
      }
      for (const complaint of follower.complaints) trial.tally.accuse(`a user of the issuer: ${complaint}`)
      trial.tally.internal.push(...issued.internal)
      trial.tally.unanswered += issued.unanswered
      if (trial.tally.unavailable > 0) trial.tally.accuse('others had to wait')
    },
    {
      stand: async () => {
        issuer = all.use(await openIssuer())
        return startStand({ environment: issuer.environment })
      },
    },
  ))
let issuer: Issuer | undefined

test('P7: webhooks were told of everything, once or more, in order', { timeout: 120_000 }, async () => {
  const told = await Promise.all(
    outcomes.map(async ({ name, webhooks }) => ({ name, faults: (await webhooks).faults.slice(0, 10) })),
  )
  expect(told.filter(({ faults }) => faults.length > 0)).toEqual([])
})

function printOutcomes(rows: readonly (Outcome & { readonly told: Awaited<Outcome['webhooks']> })[]): void {
  const columns = [
    'calls',
    'unavail.',
    'lost',
    'deaths',
    'unansw.',
    'internal',
    'untrue',
    'catch-up',
    'recovery',
    'webhooks',
  ]
  const width = Math.max(...rows.map(({ name }) => name.length))
  const line = (name: string, cells: readonly (string | number)[]): string =>
    `${name.padEnd(width)} ${cells.map((cell) => String(cell).padStart(9)).join('')}\n`
  const text = rows.map((row) => {
    const { name, operations, unavailable, lost, deaths, unanswered, internal, untrue, catchUp, recovery, told } = row
    const times = [catchUp, recovery, told.milliseconds].map((time) => (time === Infinity ? 'never' : Math.round(time)))
    const counts = [operations, unavailable, lost, deaths.length, unanswered, internal.length, untrue.length]
    return line(name, [...counts, ...times])
  })
  process.stdout.write(`\n${line('SEED=' + seed, columns)}${text.join('')}\n`)
}
