import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Trial, type Outcome } from '../faults/trial.ts'
import { seed } from '../support/seed.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { startChat, type ChatStand } from './chat.ts'
import { DatabaseCluster } from './cluster.ts'
import type { Observed } from './observation.ts'
import { stages, type Stage } from './stages.ts'
import { printTable } from './table.ts'

/** `STAGE='killed'` runs only those that have this in their names. */
const wanted = process.env['STAGE'] ?? ''

/** How long after the promotion nothing may be acknowledged, in milliseconds. */
const maxBeyond = 15_000

/** As many channels have twelve senders. */
const channels = 6

let cluster: DatabaseCluster
const own = new AsyncDisposableStack()
const measured: { stage: Stage; observed: Observed; outcome: Outcome }[] = []

beforeAll(async () => {
  cluster = own.use(await DatabaseCluster.start())
}, 180_000)
afterAll(async () => {
  printTable(measured)
  await own.disposeAsync()
}, 60_000)

const chosen = stages.filter(({ name, way }) => `${name} ${way}`.includes(wanted))

describe.for(Array.from(new Set(chosen.map(({ way }) => way))))('by %s', (way) => {
  let chat: ChatStand

  beforeAll(async () => {
    chat = await startChat(cluster.url(way), (statement) => cluster.sql(statement))
  }, 120_000)
  afterAll(() => chat[Symbol.asyncDispose]())

  test.for(chosen.filter((stage) => stage.way === way))(
    'P1 P2 P3 P6 P8 P9: $name',
    { timeout: 300_000 },
    async (stage) => {
      await cluster.waitUntilWhole()
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
        observed = await stage.run(cluster, trial)
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
