import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDb } from '../../src/store/engine/db.ts'
import { Trial, type Outcome } from '../faults/trial.ts'
import { startPostgresServer } from '../support/postgres-server.ts'
import { seed } from '../support/seed.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { startChat, type ChatStand } from './chat.ts'
import { DatabaseCluster } from './cluster.ts'
import { Observation, type Observed } from './observation.ts'
import { redisStages } from './redis-stages.ts'
import { stages, type Stage } from './stages.ts'
import { printRedisTable, printTable } from './table.ts'

/** `STAGE='killed'` runs only those that have this in their names. */
const wanted = process.env['STAGE'] ?? ''

/** How long after the promotion nothing may be acknowledged, in milliseconds. */
const maxBeyond = 15_000

/** Without Redis sends go on, and readers have the sweep, which comes every two seconds. In milliseconds. */
const maxLate = 10_000

/** As many channels have twelve senders. */
const channels = 6

let cluster: DatabaseCluster | undefined
const own = new AsyncDisposableStack()
const measured: { stage: Stage; observed: Observed; outcome: Outcome }[] = []
const measuredOfRedis: { name: string; observed: Observed; outcome: Outcome }[] = []

afterAll(async () => {
  if (measured.length > 0) printTable(measured)
  if (measuredOfRedis.length > 0) printRedisTable(measuredOfRedis)
  await own.disposeAsync()
}, 60_000)

const chosen = stages.filter(({ name, way }) => `${name} ${way}`.includes(wanted))

describe.for(Array.from(new Set(chosen.map(({ way }) => way))))('by %s', (way) => {
  let databases: DatabaseCluster
  let chat: ChatStand

  beforeAll(async () => {
    cluster ??= own.use(await DatabaseCluster.start())
    databases = cluster
    chat = await startChat(databases.url(way), (statement) => databases.sql(statement))
  }, 300_000)
  afterAll(() => chat[Symbol.asyncDispose]())

  test.for(chosen.filter((stage) => stage.way === way))(
    'P1 P2 P3 P6 P8 P9: $name',
    { timeout: 300_000 },
    async (stage) => {
      await databases.waitUntilWhole()
      const random = seededRandom(seed + stages.indexOf(stage))
      const trial = new Trial(stage.name, chat, {
        random,
        channels,
        isNamed: true,
        mayGoBack: true,
        mayLose: stage.isAsynchronous,
      })
      let observed: Observed | undefined
      const outcome = await trial.run(async () => {
        observed = await stage.run(databases, trial)
      })
      measured.push({ stage, observed: observed!, outcome })
      const { deaths, unanswered, untrue, internal, forgotten } = outcome
      expect({ deaths, unanswered, untrue: untrue.slice(0, 10), internal: internal.slice(0, 10) }).toEqual({
        deaths: [],
        unanswered: 0,
        untrue: [],
        internal: [],
      })
      expect(observed!.beyond).toBeLessThan(maxBeyond)
      expect(observed!.readers).toBeLessThan(maxBeyond)
      // Without synchronous replication, a stage that loses nothing shows nothing.
      expect(forgotten > 0).toBe(stage.isAsynchronous === true)
      if (stage.isAsynchronous) return
      const webhooks = await outcome.webhooks
      expect(webhooks.faults.slice(0, 10)).toEqual([])
    },
  )
})

test.for(redisStages.filter(({ name }) => name.includes(wanted)))(
  'P1 P2 P3 P5 P6: $name',
  { timeout: 300_000 },
  async ({ name, start }) => {
    await using postgres = await startPostgresServer()
    await using redis = await start()
    const db = openDb(postgres.url(), { poolSize: 1 })
    await using chat = await startChat(postgres.url(), (statement) => db.run(statement, []), redis.url)
    const trial = new Trial(name, chat, { random: seededRandom(seed), channels, isNamed: true })
    let observed: Observed | undefined
    const outcome = await trial.run(async () => {
      const observation = new Observation(trial)
      await redis.break()
      observed = await observation.end(performance.now())
    })
    measuredOfRedis.push({ name, observed: observed!, outcome })
    const { deaths, unanswered, untrue, internal, forgotten } = outcome
    expect({ deaths, unanswered, untrue: untrue.slice(0, 10), internal: internal.slice(0, 10), forgotten }).toEqual({
      deaths: [],
      unanswered: 0,
      untrue: [],
      internal: [],
      forgotten: 0,
    })
    expect(observed!.channelSilence).toBeLessThan(maxLate)
    expect(observed!.readers).toBeLessThan(maxLate)
    expect((await outcome.webhooks).faults.slice(0, 10)).toEqual([])
    await db.close()
  },
)
