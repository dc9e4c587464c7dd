import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seed } from '../support/seed.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { startStand, type Stand, type StandOptions } from './stand.ts'
import { prepareStrikes, type Strike } from './strikes.ts'
import { Trial, type Outcome } from './trial.ts'

/** Trials that run at once; two processors have no more to give. */
const lanes = 2

/** `STRIKE='for ever'` lets only those break that have this in their names. */
const wanted = process.env['STRIKE'] ?? ''

const own = new AsyncDisposableStack()
const strikes = (await prepareStrikes(own)).filter(({ name }) => name.includes(wanted))
const trials = new Map(strikes.map(({ name }) => [name, Promise.withResolvers<Outcome>()]))
const names = [...trials.keys()]

beforeAll(() => {
  // Each is awaited by its test.
  for (const { promise } of trials.values()) promise.catch(() => {})
  const waiting = strikes.filter(({ isLight }) => !isLight)
  for (const strike of strikes.filter(({ isLight }) => isLight)) void runAll([strike])
  for (let lane = 0; lane < lanes; lane++) void runAll(waiting)
})
afterAll(async () => {
  await printOutcomes(await endedTrials())
  await own.disposeAsync()
})

/** Takes one after the other, on one stand where they need none of their own. */
async function runAll(waiting: Strike[]): Promise<void> {
  let shared: Stand | undefined
  for (let strike = waiting.shift(); strike; strike = waiting.shift()) {
    const { resolve, reject } = trials.get(strike.name)!
    const random = seededRandom(seed + names.indexOf(strike.name))
    try {
      if (!strike.stand) shared ??= await openStand()
      const stand = strike.stand ? await openStand(await strike.stand()) : shared!
      const outcome = await new Trial(strike.name, stand, {
        random,
        channels: strike.channels,
        mayGoBack: strike.mayGoBack,
      }).run(strike.strike)
      resolve(outcome)
      if (stand === shared) await stand.clean({ isSpoilt: !isFlawless(outcome) })
    } catch (error) {
      reject(error)
      shared = undefined
    }
  }
}

/** It ends with the last of all tests: the webhooks that are still due go on meanwhile. */
async function openStand(options?: StandOptions): Promise<Stand> {
  return own.use(await startStand(options))
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
    // What was asked just before the end of the fault has ten seconds.
    isRecovered: recovery < 12_000,
  }
}

function isFlawless(outcome: Outcome): boolean {
  return isDeepStrictEqual(toVerdict(outcome), flawless)
}

test.for(names)('P1 P2 P3 P6: %s', { timeout: 600_000 }, async (name) => {
  expect(toVerdict(await trials.get(name)!.promise)).toEqual(flawless)
})

test('P7: webhooks received everything, once or more, in order', { timeout: 120_000 }, async () => {
  const faults: Record<string, readonly string[]> = {}
  for (const { name, webhooks } of await endedTrials()) {
    const audited = await webhooks
    if (audited.faults.length > 0) faults[name] = audited.faults.slice(0, 10)
  }
  expect(faults).toEqual({})
})

async function endedTrials(): Promise<Outcome[]> {
  const ended = await Promise.allSettled([...trials.values()].map(({ promise }) => promise))
  return ended.flatMap((trial) => (trial.status === 'fulfilled' ? [trial.value] : []))
}

async function printOutcomes(outcomes: readonly Outcome[]): Promise<void> {
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
  const width = Math.max(0, ...outcomes.map(({ name }) => name.length))
  const line = (name: string, cells: readonly (string | number)[]): string =>
    `${name.padEnd(width)} ${cells.map((cell) => String(cell).padStart(9)).join('')}\n`
  let table = line(`SEED=${seed}`, columns)
  for (const outcome of outcomes) {
    const { name, operations, unavailable, lost, deaths, unanswered, internal, untrue, catchUp, recovery } = outcome
    const { milliseconds } = await outcome.webhooks
    const counts = [operations, unavailable, lost, deaths.length, unanswered, internal.length, untrue.length]
    table += line(name, [...counts, ...[catchUp, recovery, milliseconds].map(Math.round)])
  }
  process.stdout.write(`\n${table}\n`)
}
