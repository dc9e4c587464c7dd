import { setTimeout as delay } from 'node:timers/promises'
import { ViewerDocument } from '../../schema/generated/graphql.ts'
import type { FaultProxy, Link } from '../support/fault-proxy.ts'
import { childrenOf } from '../support/process-sockets.ts'
import { pickOne } from '../support/seeded-random.ts'
import { waitFor } from '../support/wait.ts'
import { Caller, Tally } from './caller.ts'
import { makeClock } from './clock.ts'
import { CursorFollower } from './follower.ts'
import { openIssuer, type Issuer } from './issuer.ts'
import { SlotTaker } from './slot-taker.ts'
import { onlooker, type StandOptions } from './stand.ts'
import type { Trial } from './trial.ts'
import { mountVolume, type Volume } from './volume.ts'

type Break = (trial: Trial) => Promise<void>

/** Something that breaks. It is over when `strike` is done. */
export interface Strike {
  readonly name: string
  readonly strike: Break
  /** Where it needs a stand of its own. */
  readonly stand?: () => StandOptions | Promise<StandOptions>
  /** Goes on beside the others, since it does little itself. */
  readonly isLight?: boolean
  readonly channels?: number
  /** The database begins a new history. */
  readonly mayGoBack?: boolean
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

const waitingForStandby = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' ORDER BY pid"

const strikes: readonly Strike[] = [
  {
    name: 'a process is stopped for 40 seconds',
    strike: async (trial) => {
      const [stopped, other] = trial.stand.processes
      trial.urls = [other.url]
      // What it was asked already it answers.
      await waitFor(() => trial.tally.underWay(stopped.url) === 0)
      stopped.signal('SIGSTOP')
      await delay(40_000)
      stopped.signal('SIGCONT')
      trial.urls = [stopped.url, other.url]
    },
    stand: () => ({}),
    isLight: true,
    channels: 2,
  },
  {
    name: 'nothing breaks',
    strike: () => delay(2000),
  },
  {
    name: 'four backends are terminated every 0.4 seconds',
    strike: (trial) => repeatedly(20_000, 400, () => terminate(trial, 4)),
  },
  {
    name: 'connections are cut',
    strike: (trial) => repeatedly(8000, 25, () => pickOne(linksOf(trial), trial.random)?.cut()),
  },
  {
    name: 'connections are reset',
    strike: (trial) => repeatedly(8000, 25, () => pickOne(linksOf(trial), trial.random)?.reset()),
  },
  {
    name: 'connections are reset in the middle of a message',
    strike: async (trial) => {
      await onProxies(trial, (proxy) => {
        proxy.resetAfter(() => 500 + Math.floor(trial.random() * 20_000))
        for (const link of proxy.links) link.reset()
      })
      await delay(8000)
      await onProxies(trial, (proxy) => proxy.heal())
    },
  },
  {
    name: 'all connections are swallowed, and what was held back arrives late',
    strike: async (trial) => {
      await onProxies(trial, (proxy) => {
        proxy.welcome('swallow')
        for (const link of proxy.links) link.swallow()
      })
      await delay(7000)
      await onProxies(trial, (proxy) => proxy.heal())
    },
  },
  {
    name: 'all established connections are swallowed for ever',
    strike: async (trial) => {
      for (const link of linksOf(trial)) link.swallow()
      await delay(8000)
    },
  },
  {
    name: 'new connections are accepted and closed',
    strike: async (trial) => {
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
    },
  },
  {
    name: 'new connections are refused',
    strike: async (trial) => {
      await onProxies(trial, async (proxy) => {
        await proxy.refuse()
        for (const link of proxy.links) link.reset()
      })
      await delay(4000)
      await onProxies(trial, (proxy) => proxy.heal())
    },
  },
  {
    name: 'the network is slow',
    strike: async (trial) => {
      await onProxies(trial, (proxy) => {
        proxy.delay = 50
        proxy.bytesPerSecond = 100_000
      })
      await delay(6000)
      await onProxies(trial, (proxy) => proxy.heal())
    },
  },
  {
    name: 'one channel is locked for 8 seconds',
    strike: async (trial) => {
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
    },
  },
  {
    name: 'the table of messages is locked for 6 seconds',
    strike: async (trial) => {
      const release = await trial.stand.hold('LOCK TABLE messages IN ACCESS EXCLUSIVE MODE')
      await delay(6000)
      await release()
    },
  },
  {
    name: 'a column is altered and altered back',
    strike: async (trial) => {
      for (const type of ['varchar(300)', 'text', 'varchar(300)', 'text']) {
        await trial.stand.sql(`ALTER TABLE messages ALTER COLUMN author TYPE ${type}`).catch((error: unknown) => {
          trial.tally.accuse(`a table could not be altered: ${String(error)}`)
        })
        await delay(1000)
      }
    },
  },
  {
    name: 'the database is read-only',
    strike: async (trial) => {
      await trial.stand.sql('ALTER DATABASE postgres SET default_transaction_read_only = on')
      await terminate(trial, 100)
      await delay(6000)
      await trial.stand.sql('ALTER DATABASE postgres RESET default_transaction_read_only')
    },
  },
  {
    name: 'other clients have taken all connections',
    strike: async (trial) => {
      const taker = new SlotTaker(trial.stand.postgres.port)
      await repeatedly(6000, 100, () => pickOne(linksOf(trial), trial.random)?.reset())
      taker.release()
    },
  },
  {
    name: 'Postgres crashes and recovers',
    strike: async (trial) => {
      await trial.stand.postgres.crash()
      await delay(1500)
      await trial.stand.postgres.start()
      await delay(2500)
      const pid = pickOne(await backendsOf(trial), trial.random)
      // All others are ended with it, and it recovers by itself.
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
      await delay(1000)
    },
  },
  {
    name: 'processes are killed',
    strike: async (trial) => {
      for (const chat of [...trial.stand.processes, ...trial.stand.processes]) {
        await chat.end('SIGKILL')
        await delay(500)
        await chat.start()
        await delay(500)
      }
    },
  },
  {
    name: 'workers are killed, and no Redis is there',
    strike: async (trial) => {
      // Two servers without Redis do not know of each other: one of them goes on alone.
      const [other, { pid, url }] = trial.stand.processes
      trial.urls = [url]
      await waitFor(() => trial.tally.underWay(other.url) === 0)
      await other.end('SIGTERM')
      const isWhole = async (): Promise<boolean> => {
        const headers = { authorization: trial.stand.authorization, connection: 'close' }
        const response = await fetch(`${url}/metrics`, { headers, signal: AbortSignal.timeout(2000) })
        return (await response.text()).includes('\nfonechat_processes 2\n')
      }
      // One less than what ends all.
      for (let kills = 0; kills < 4; kills++) {
        process.kill(pickOne(childrenOf(pid), trial.random)!, 'SIGKILL')
        await waitFor(isWhole, { timeout: 60_000, interval: 100 })
      }
    },
    stand: () => ({ environment: { PROCESSES: '2', REDIS_URL: '' } }),
  },
  {
    name: 'a process is cut off within a transaction',
    strike: async (trial) => {
      const [proxy] = trial.stand.proxies
      const swallowed = proxy.swallowAt(/\bcommit\b/i)
      await Promise.race([
        swallowed,
        delay(15_000).then(() => {
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
    },
  },
  {
    name: 'the synchronous standby is gone',
    strike: async (trial) => {
      const { sql } = trial.stand
      await sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
      await sql('SELECT pg_reload_conf()')
      // What was committed before has been answered by then; from then on every commit waits.
      await delay(2000)
      const from = performance.now()
      await delay(1000)
      // Both leave a row that is visible and not replicated; the second even says that all is well, with a warning.
      await sql(`SELECT pg_terminate_backend(pid) FROM (${waitingForStandby} LIMIT 3) AS waiting`)
      await sql(`SELECT pg_cancel_backend(pid) FROM (${waitingForStandby} LIMIT 3) AS waiting`)
      await repeatedly(4500, 500, () => pickOne(linksOf(trial), trial.random)?.reset())
      const to = performance.now()
      await sql('ALTER SYSTEM RESET synchronous_standby_names')
      await sql('SELECT pg_reload_conf()')
      for (const { acknowledged } of trial.workload.channels) {
        for (const { what, at } of acknowledged) {
          if (at > from && at < to) trial.tally.accuse(`a ${what} was acknowledged that was not replicated`)
        }
      }
    },
  },
]

/** Those that need something of their own, which ends with the stack. */
export async function prepareStrikes(own: AsyncDisposableStack): Promise<Strike[]> {
  let volume: Volume | undefined
  const clocks = [own.use(await makeClock()), own.use(await makeClock())] as const
  const issuer = own.use(await openIssuer())
  return [
    ...strikes,
    {
      name: 'the disk is full',
      strike: async (trial) => {
        volume!.fill()
        await delay(5000)
        // The next segment of the log does not fit either: Postgres gives up.
        await trial.stand.sql('SELECT pg_switch_wal()').catch(() => {})
        await delay(1500)
        volume!.makeRoom()
        await waitFor(async () => {
          await trial.stand.postgres.startIfStopped()
          return trial.stand.sql('SELECT 1')
        })
      },
      stand: async () => {
        volume = own.use(await mountVolume(160))
        return { volume: volume.path }
      },
    },
    {
      name: 'Postgres is a standby for a while, which is then promoted',
      strike: async ({ stand }) => {
        await stand.postgres.crash()
        stand.moveToStandby()
        for (const proxy of stand.proxies) proxy.redirect(stand.postgres.port)
        await delay(4000)
        await stand.sql('SELECT pg_promote()')
      },
      stand: () => ({ hasStandby: true }),
      mayGoBack: true,
    },
    {
      name: 'clocks go wrong by an hour, each way',
      strike: async () => {
        for (const [one, other] of [
          ['+1h', '-1h'],
          ['-1h', '+1h'],
          ['+0', '+0'],
        ] as const) {
          clocks[0].set(one)
          clocks[1].set(other)
          await delay(3000)
        }
      },
      stand: () => ({ environment: clocks.map(({ environment }) => environment) }),
    },
    {
      name: 'the host of the issuer’s keys swallows what it is asked',
      strike: (trial) => loseIssuer(trial, issuer),
      stand: () => ({ environment: issuer.environment }),
    },
  ]
}

/** Its users wait, or are asked to come again; all others do not notice. */
async function loseIssuer(trial: Trial, { proxy, sign }: Issuer): Promise<void> {
  const channel = trial.workload.channels[0]!
  proxy.welcome('swallow')
  const identity = 'known-to-the-issuer'
  await trial.workload.addMember(channel, identity)
  const token = await sign(identity, channel.serviceId)
  const urls = () => trial.urls
  const issued = new Tally()
  const caller = new Caller(urls, `Bearer ${token}`, issued)
  const askViewer = () => caller.ask(ViewerDocument, {})
  const calls: ReturnType<typeof askViewer>[] = []
  const follower = new CursorFollower({ name: identity, channelId: channel.id, token, urls, random: trial.random })
  await repeatedly(8000, 500, () => void calls.push(askViewer()))
  await proxy.heal()
  const healedAt = performance.now()
  const index = channel.standing.at(-1)!.index!
  await waitFor(async () => (await askViewer()).kind === 'data', { timeout: 15_000 }).catch(() => {})
  await waitFor(() => follower.index >= index, { timeout: 15_000 }).catch(() => {})
  const milliseconds = Math.round(performance.now() - healedAt)
  follower.dispose()
  if (milliseconds > 5000) trial.tally.accuse(`users of the issuer came back after ${milliseconds} ms`)
  for (const answer of await Promise.all(calls)) {
    if (answer.kind === 'refused') trial.tally.accuse(`a valid token was refused with ${answer.code}`)
  }
  for (const complaint of follower.complaints) trial.tally.accuse(`a user of the issuer: ${complaint}`)
  trial.tally.internal.push(...issued.internal)
  trial.tally.unanswered += issued.unanswered
  if (trial.tally.unavailable > 0) trial.tally.accuse('others had to wait')
}
