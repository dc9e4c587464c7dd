import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MessageAddedDocument, ProcessesDocument } from '../../../schema/generated/graphql.ts'
import { describeThisProcess } from '../../../src/domain/this-process.ts'
import { ProcessMinutes } from '../../../src/workers/process-minutes.ts'
import { makeAccount } from '../../support/authority.ts'
import { openKit, record, type Kit } from '../../support/kit.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const minute = 60_000

const list = async (since?: number) =>
  (await kit.backend.request(ProcessesDocument, since === undefined ? {} : { since: new Date(since).toISOString() }))
    .processes

async function find(id: string, since?: number) {
  const found = (await list(since)).find((each) => each.id === id)
  if (!found) throw new Error(`no process ${id}`)
  return found
}

/** A process whose clock the spec moves, and which counts with the instruments of the server. */
async function startCounting(start: number) {
  const process = describeThisProcess(3)
  const { app } = kit.server
  const clock = { time: start, now: () => clock.time }
  const minutes = new ProcessMinutes({ db: kit.store.db, clock, process, logger: app.logger })
  await minutes.start({ app, sweep: { ageSeconds: 2 }, transports: [] })
  const moveTo = async (time: number): Promise<void> => {
    clock.time = time
    await minutes.tick()
  }
  return { id: process.id, minutes, moveTo }
}

/** The beginning of a minute that is so many minutes ago. */
const minutesAgo = (count: number): number => (Math.floor(Date.now() / minute) - count) * minute

test('a process is listed from its start on, with the minute that is under way', async () => {
  const { id, version, startedAt } = kit.server.app.process
  const [own, ...others] = await list()
  expect(others).toEqual([])
  expect(own).toMatchObject({ id, pid: process.pid, worker: null, version, state: 'RUNNING', isAnswering: true })
  expect(own!.startedAt).toBe(startedAt.toISOString())
  expect(own!.latest).toMatchObject({ connections: 0, sends: 0, deliveries: 0, deliveryP50Ms: null, refusals: [] })
  expect(own!.latest!.memoryBytes).toBeGreaterThan(1e7)
  expect(own!.latest!.poolSize).toBe(kit.store.db.figures.size)
  expect(own!.history).toEqual([own!.latest])
})

test('two processes on one database are listed; one that stops in order says so, with what it did until then', async () => {
  const other = await kit.another({ DEVICE_DAYS: '31' })
  const alice = (await kit.user('alice')).at(other)
  const channel = await kit.channel([alice])
  const client = alice.connect()
  const events = record(client, MessageAddedDocument, { channelId: channel.id })
  // The first are read from the store, while the subscription begins.
  await waitFor(async () => {
    await alice.send(channel.id, 'begun')
    return other.app.instruments.deliverySeconds.count > 0
  })
  const sent = (await alice.send(channel.id, 'last')).index + 1
  await waitFor(() => events.items.at(-1)?.messageAdded.index === sent - 1)
  expect(await find(other.app.process.id)).toMatchObject({ state: 'RUNNING', isAnswering: false })
  await other.close({ immediate: true })
  const { state, latest, history } = await find(other.app.process.id)
  expect(state).toBe('STOPPED')
  // A minute may have ended meanwhile.
  const sum = (of: 'sends' | 'deliveries'): number => history.reduce((total, each) => total + each[of], 0)
  expect(sum('sends')).toBe(sent)
  expect(sum('deliveries')).toBe(events.items.length)
  expect(latest).toMatchObject({ connections: 0, subscriptions: 0, poolWaiting: 0 })
  const p50 = history.map(({ deliveryP50Ms }) => deliveryP50Ms ?? 0)
  expect(Math.max(...p50)).toBeGreaterThan(0)
  await client.dispose()
})

describe('each minute', () => {
  test('has a row of what was done in it, also where the process counted on', async () => {
    const alice = await kit.user('alice')
    const channel = await kit.channel([alice])
    const start = minutesAgo(10)
    const { id, minutes, moveTo } = await startCounting(start + 30_000)
    await alice.send(channel.id, 'one')
    await alice.send(channel.id, 'two')
    kit.server.app.rateCounters.refusals.counts.sends += 5
    await moveTo(start + minute + 10)
    await alice.send(channel.id, 'three')
    await moveTo(start + minute + 30_000)
    await moveTo(start + 2 * minute)
    await moveTo(start + 3 * minute)
    await minutes.close()
    // As a newer version may write it, which runs beside this one.
    await kit.store.maintenance.run(
      `UPDATE process_minutes SET refusals = '{"of_tomorrow": 3}' WHERE process_id = $1::uuid AND minute = $2::timestamptz`,
      [id, new Date(start + minute).toISOString()],
    )
    const { history, latest, state, worker } = await find(id)
    expect(history.map((each) => [each.minute, each.sends, each.refusals])).toEqual([
      [new Date(start).toISOString(), 2, [{ kind: 'SENDS', count: 5 }]],
      [new Date(start + minute).toISOString(), 1, []],
      [new Date(start + 2 * minute).toISOString(), 0, []],
      [new Date(start + 3 * minute).toISOString(), 0, []],
    ])
    expect([state, worker, latest?.minute, latest?.sweepAgeMs]).toEqual([
      'STOPPED',
      3,
      new Date(start + 3 * minute).toISOString(),
      2000,
    ])
    const later = await find(id, start + 2 * minute + 59_999)
    expect(later.history.map((each) => each.minute)).toEqual(history.slice(2).map((each) => each.minute))
  })

  test('is left out while the database is away, and what follows is written in time', async () => {
    const start = minutesAgo(30)
    const { id, minutes, moveTo } = await startCounting(start)
    await moveTo(start + minute)
    minutes.onHeartbeat(false)
    await moveTo(start + 2 * minute)
    await moveTo(start + 3 * minute)
    const written = async () => (await find(id)).history.map((each) => Date.parse(each.minute) - start)
    expect(await written()).toEqual([0])
    minutes.onHeartbeat(true)
    await expect.poll(written).toEqual([0, 3 * minute])
    await minutes.close()
    expect(await written()).toEqual([0, 3 * minute])
  })

  test('costs one statement', async () => {
    const start = minutesAgo(40)
    const { minutes, moveTo } = await startCounting(start)
    const sent = await kit.store.statementsOf(() => moveTo(start + minute))
    expect(sent.filter(({ statement }) => statement.includes('process_minutes'))).toHaveLength(1)
    await minutes.close()
  })
})

test('a history begins an hour ago unless another time is given, and 25 hours ago at the earliest', async () => {
  const { id, minutes, moveTo } = await startCounting(minutesAgo(26 * 60))
  for (const ago of [25 * 60 + 2, 24 * 60, 61, 30]) await moveTo(minutesAgo(ago))
  await minutes.close()
  const ages = async (since?: number) => {
    const now = Date.now()
    const { processes } = await kit.backend.request<
      {
        readonly processes: readonly { readonly id: string; readonly history: readonly { readonly minute: string }[] }[]
      },
      object
    >('query ($since: DateTime) { processes { id history(since: $since) { minute } } }', {
      ...(since !== undefined && { since: new Date(since).toISOString() }),
    })
    return processes
      .find((each) => each.id === id)!
      .history.map((each) => Math.round((now - Date.parse(each.minute)) / minute))
  }
  const near = (minutesOf: number) => expect.closeTo(minutesOf, -0.5)
  expect(await ages()).toEqual([near(30)])
  expect(await ages(0)).toEqual([near(24 * 60), near(61), near(30)])
  expect(await ages(Date.now() + 3_600_000)).toEqual([])
})

test('a process without a row for long is silent; after an hour it is not listed', async () => {
  const { id, minutes } = await startCounting(minutesAgo(5))
  const setSeen = (seconds: number) =>
    kit.store.db.run(
      `UPDATE processes SET seen_at = now() - $2::int * interval '1 second', stopped_at = NULL WHERE id = $1::uuid`,
      [id, seconds],
    )
  await minutes.close()
  await setSeen(120)
  expect((await find(id)).state).toBe('RUNNING')
  await setSeen(300)
  expect((await find(id)).state).toBe('SILENT')
  await setSeen(3700)
  expect((await list()).map((each) => each.id)).not.toContain(id)
})

test('only the backend of the account that the server was started for may ask', async () => {
  const alice = await kit.user('alice')
  const { backend: stranger } = await makeAccount(kit)
  for (const caller of [alice, stranger]) {
    await caller.expectRefusal('{ processes { id } }', {}, 'FORBIDDEN', 50107)
    await caller.expectRefusal('{ deployment { findings { checkedAt } } }', {}, 'FORBIDDEN', 50107)
  }
})
