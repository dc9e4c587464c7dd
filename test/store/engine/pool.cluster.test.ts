import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDb, type Db, type DbOptions, type Tx } from '../../../src/store/engine/db.ts'
import { isOutcomeUnknown, isUnavailable } from '../../../src/store/engine/fault.ts'
import { openTestStore, type TestStore } from '../../support/engine.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { freePort } from '../../support/free-port.ts'
import { seed } from '../../support/seed.ts'
import { pickOne, seededRandom } from '../../support/seeded-random.ts'
import { waitFor } from '../../support/wait.ts'

/** A driver that is left alone with its faults ends the process: vitest fails when anything is thrown into the void. */

let store: TestStore
let proxy: FaultProxy
let db: Db

const quick = { connect: 2000, pool: 1000, lock: 300, statement: 500, total: 4000 }

function open(options: Partial<DbOptions> = {}, ...ports: number[]): Db {
  const url = new URL(store.databaseUrl!)
  const hosts = (ports.length > 0 ? ports : [proxy.port]).map((port) => `127.0.0.1:${port}`).join()
  return openDb(`postgres://${url.username}@${hosts}${url.pathname}`, { poolSize: 4, timeouts: quick, ...options })
}

beforeAll(async () => {
  store = await openTestStore()
  await store.db.runScript(
    'CREATE TABLE things (id int PRIMARY KEY, n int NOT NULL); INSERT INTO things VALUES (1, 0), (2, 0)',
  )
})
afterAll(() => store.close())
beforeEach(async () => {
  const url = new URL(store.databaseUrl!)
  proxy = await FaultProxy.open({ host: url.hostname, port: Number(url.port) })
  db = open()
})
afterEach(async () => {
  await proxy.heal()
  await db.close()
  await proxy[Symbol.asyncDispose]()
})

const one = () => db.run<{ one: number }>('SELECT 1 AS one', [])
const sleep = (seconds: number, on: Db = db) => on.run('SELECT pg_sleep($1)', [seconds])
const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  )

test('a statement that fails after it has sent rows leaves none of them to the next', async () => {
  const single = open({ poolSize: 1 })
  const failing = (): Promise<unknown> =>
    outcome(single.run("SELECT repeat('x', 3000), 1 / (5 - n) FROM generate_series(1, 9) n", []))
  expect(await failing()).toMatchObject({ code: '22012' })
  expect(await single.run('SELECT 7 AS seven', [])).toEqual([{ seven: 7 }])
  await failing()
  expect(await single.orm.execute(sql`SELECT 8 AS eight`)).toEqual([{ eight: 8 }])
  await failing()
  expect(await single.transaction((tx) => tx.run('SELECT 9 AS nine', []))).toEqual([{ nine: 9 }])
  await single.close()
})

describe('connections that end', () => {
  test.each(['reset', 'cut'] as const)(
    'all the time (%s) give no answer that is untrue and leave nobody without one',
    async (how) => {
      const ends = performance.now() + 3000
      const random = seededRandom(seed)
      let wrong = 0
      let answered = 0
      const caller = async (number: number): Promise<void> => {
        while (performance.now() < ends) {
          try {
            const rows = await db.run<{ number: number }>('SELECT $1::int AS number FROM things', [number])
            if (rows.length !== 2 || rows.some((row) => row.number !== number)) wrong++
            answered++
          } catch (error) {
            if (!isUnavailable(error)) throw error
          }
        }
      }
      const callers = Promise.all(Array.from({ length: 32 }, (_, number) => caller(number)))
      while (performance.now() < ends) {
        // All have been opened by then, so some have answered.
        if (proxy.links.length === 4) pickOne(proxy.links, random)![how]()
        await delay(25)
      }
      await callers
      expect(wrong).toBe(0)
      expect(answered).toBeGreaterThan(0)
      await waitFor(async () => (await one().catch(() => [])).length === 1)
    },
  )

  test('in the middle of an answer leave its outcome unknown', async () => {
    proxy.resetAfter(() => 5000)
    expect(await outcome(db.run(`SELECT repeat('x', 1000000) AS text`, []))).toMatchObject({
      code: 'CONNECTION_LOST',
      outcome: 'unknown',
    })
  })

  test.each([
    ['written by hand', (tx: Tx) => tx.run('SELECT 1 AS one', [])],
    ['of the query builder', (tx: Tx) => tx.orm.execute(sql`SELECT 1 AS one`)],
  ])('within a transaction have changed nothing, and it is run again: statements %s', async (_name, statement) => {
    const before = await store.db.run<{ n: number }>('SELECT n FROM things WHERE id = 1', [])
    let runs = 0
    await db.transaction(async (tx) => {
      await tx.run('UPDATE things SET n = n + 1 WHERE id = 1', [])
      if (runs++ === 0) proxy.links[0]!.reset()
      await statement(tx)
    })
    expect(runs).toBe(2)
    expect(await store.db.run('SELECT n FROM things WHERE id = 1', [])).toEqual([{ n: before[0]!.n + 1 }])
  })

  test('at the commit leave its outcome unknown, and nothing is run again', async () => {
    await one()
    let runs = 0
    const swallowed = proxy.swallowAt(/COMMIT\0/)
    const work = outcome(
      db.transaction(async (tx) => {
        runs++
        await tx.run('UPDATE things SET n = n + 1 WHERE id = 2', [])
      }),
    )
    ;(await swallowed).reset()
    const error = await work
    expect(isOutcomeUnknown(error)).toBe(true)
    expect(runs).toBe(1)
  })
})

describe('connections that fall silent', () => {
  test('cost one call its deadline, and the next go on', async () => {
    await Promise.all(Array.from({ length: 4 }, () => sleep(0.05)))
    expect(proxy.links).toHaveLength(4)
    for (const link of proxy.links) link.swallow()
    const started = performance.now()
    expect(await outcome(one())).toMatchObject({ code: 'DEADLINE', outcome: 'unknown' })
    // A second more than the server has for a statement.
    expect(performance.now() - started).toBeGreaterThan(1400)
    expect(await one()).toEqual([{ one: 1 }])
  })

  test('and new ones that are as silent answer every caller in time', async () => {
    proxy.welcome('swallow')
    const started = performance.now()
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(one())))
    for (const error of outcomes) expect(error).toMatchObject({ outcome: 'none' })
    expect(performance.now() - started).toBeLessThan(3000)
    await proxy.heal()
    await waitFor(async () => (await one().catch(() => [])).length === 1)
  })
})

test('who accepts and closes is not stormed', async () => {
  proxy.welcome('close')
  const ends = performance.now() + 2000
  while (performance.now() < ends) {
    await Promise.all(Array.from({ length: 8 }, () => outcome(one())))
    await delay(5)
  }
  expect(proxy.connectionsCount).toBeLessThan(20)
  await proxy.heal()
  await waitFor(async () => (await one().catch(() => [])).length === 1)
})

describe('several hosts', () => {
  test('are tried until one answers, a silent one half a second', async () => {
    const silent = await FaultProxy.open({ host: '127.0.0.1', port: 1 })
    silent.welcome('swallow')
    const several = open({}, await freePort(), silent.port, proxy.port)
    const started = performance.now()
    expect(await several.run('SELECT 1 AS one', [])).toEqual([{ one: 1 }])
    // Of the second that there is for all of them together.
    expect(performance.now() - started).toBeLessThan(2500)
    // The one that has answered is asked first from then on.
    const silentBefore = silent.connectionsCount
    for (const link of proxy.links) link.reset()
    await waitFor(async () => (await several.run('SELECT 1 AS one', []).catch(() => [])).length === 1)
    expect(silent.connectionsCount).toBe(silentBefore)
    await several.close()
    await silent[Symbol.asyncDispose]()
  })
})

describe('a statement', () => {
  test('that takes too long is ended by the server, and the connection goes on', async () => {
    expect(await outcome(sleep(5))).toMatchObject({ code: '57014' })
    expect(await one()).toEqual([{ one: 1 }])
    expect(proxy.connectionsCount).toBe(1)
  })

  test('is not late for the time in which this process could not listen', async () => {
    await one()
    const answer = one()
    await delay(1)
    for (const end = performance.now() + 2500; performance.now() < end;);
    expect(await answer).toEqual([{ one: 1 }])
  })

  test('whose table was changed since it was prepared runs all the same, in a transaction too', async () => {
    const read = () => db.run('SELECT * FROM things WHERE id = 2', [])
    const inTransaction = () => db.transaction((tx) => tx.run('SELECT * FROM things WHERE id = $1', [2]))
    await read()
    await inTransaction()
    for (const column of ['a', 'b', 'c']) {
      await store.db.runScript(`ALTER TABLE things ADD COLUMN ${column} int`)
      expect(Object.keys((await inTransaction())[0]!)).toContain(column)
      expect(Object.keys((await read())[0]!)).toContain(column)
    }
  })

  test('that its connection has forgotten is prepared anew, also where a transaction has many', async () => {
    const read = (tx: Tx) => async (n: number) => (await tx.run<{ n: number }>(`SELECT $1::int + ${n} AS n`, [n]))[0]!.n
    const readAll = (on: Db) =>
      on.transaction(async (tx) => {
        const answers: number[] = []
        for (const n of [1, 2, 3, 4, 5]) answers.push(await read(tx)(n))
        return answers
      })
    const single = open({ poolSize: 1 })
    await readAll(single)
    await single.runScript('DEALLOCATE ALL')
    expect(await readAll(single)).toEqual([2, 4, 6, 8, 10])
    await single.close()
  })

  test('that all connections have forgotten fails with its own error', async () => {
    const divide = (by: number, number: number) =>
      db.run(`SELECT ${number} / $1::int AS whole FROM pg_sleep(0.01)`, [by])
    const numbers = Array.from({ length: 30 }, (_, number) => number)
    for (const number of numbers) await Promise.all([1, 1, 1, 1].map((by) => divide(by, number)))
    expect(proxy.links).toHaveLength(4)
    await Promise.all(proxy.links.map(() => db.runScript('DEALLOCATE ALL; SELECT pg_sleep(0.05)')))
    // Each may come to another connection whenever it is tried again.
    const errors = await Promise.all(numbers.map((number) => outcome(divide(0, number))))
    expect(new Set(errors.map((error) => (error as { code: string }).code))).toEqual(new Set(['22012']))
  })

  test('waits no longer for a lock than is set, and no longer for a connection', async () => {
    const locked = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const held = store.db.transaction(async (tx) => {
      await tx.run('SELECT id FROM things WHERE id = 1 FOR UPDATE', [])
      locked.resolve()
      await released.promise
    })
    await locked.promise
    expect(await outcome(db.run('UPDATE things SET n = 0 WHERE id = 1', []))).toMatchObject({ code: '55P03' })
    released.resolve()
    await held
    const single = open({ poolSize: 1, timeouts: { ...quick, pool: 200, statement: 3000 } })
    const long = outcome(sleep(1, single))
    expect(await outcome(single.run('SELECT 1 AS one', []))).toMatchObject({ code: 'POOL_TIMEOUT', outcome: 'none' })
    expect(await long).toBe('done')
    await single.close()
  })
})

describe('a transaction', () => {
  test('that others were in the way of is run again', async () => {
    const patient = open({ timeouts: { ...quick, lock: 5000, statement: 5000, total: 10_000 } })
    let runs = 0
    let held = 0
    const both = [1, 2].map((first) =>
      patient.transaction(async (tx) => {
        runs++
        await tx.run('UPDATE things SET n = n + 1 WHERE id = $1', [first])
        held++
        await waitFor(() => held >= 2)
        await tx.run('UPDATE things SET n = n + 1 WHERE id = $1', [3 - first])
      }),
    )
    await Promise.all(both)
    // Each has waited for the other until the server has ended one of them.
    expect(runs).toBe(3)
    await patient.close()
  })

  test('a statement of which has failed unnoticed is not said to be committed', async () => {
    const work = db.transaction(async (tx) => {
      await tx.run('INSERT INTO things (id, n) VALUES (77, 0)', [])
      await tx.run('SELECT 1 / 0', []).catch(() => {})
    })
    await expect(work).rejects.toThrow('rolled back')
    expect(await store.db.run('SELECT id FROM things WHERE id = 77', [])).toEqual([])
  })

  test('takes one statement at a time', async () => {
    const work = db.transaction((tx) => Promise.all([tx.run('SELECT 1 AS one', []), tx.run('SELECT 1 AS one', [])]))
    await expect(work).rejects.toThrow('one statement at a time')
    expect(await one()).toEqual([{ one: 1 }])
  })
})

describe('a session', () => {
  test('has settings of its own, whatever the database and the role say', async () => {
    const { pathname } = new URL(store.databaseUrl!)
    const name = pathname.slice(1)
    for (const setting of [
      `DateStyle TO 'German'`,
      `TimeZone TO 'Asia/Tokyo'`,
      `default_transaction_isolation TO 'serializable'`,
    ]) {
      await store.db.runScript(`ALTER DATABASE ${name} SET ${setting}`)
    }
    const fresh = open()
    expect(
      await fresh.run(
        `SELECT current_setting('DateStyle') AS style, current_setting('transaction_isolation') AS isolation,
           '2026-01-02 03:04:05+00'::timestamptz::text AS moment`,
        [],
      ),
    ).toEqual([{ style: 'ISO, YMD', isolation: 'read committed', moment: '2026-01-02 03:04:05+00' }])
    expect(
      await fresh.transaction((tx) => tx.run(`SELECT current_setting('transaction_isolation') AS isolation`, [])),
    ).toEqual([{ isolation: 'read committed' }])
    await fresh.close()
    await store.db.runScript(`ALTER DATABASE ${name} RESET ALL`)
  })

  test('lets the server know within seconds that the client is gone, in the middle of a statement too', async () => {
    const settings = await db.run("SELECT name, setting FROM pg_settings WHERE name ~ '^tcp_(user|keep)'", [])
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, Number(setting)]))).toEqual({
      tcp_keepalives_count: 3,
      tcp_keepalives_idle: 3,
      tcp_keepalives_interval: 1,
      tcp_user_timeout: 5000,
    })
  })

  test('on a database that became read only refuses writes as unavailable and reads on', async () => {
    const name = new URL(store.databaseUrl!).pathname.slice(1)
    await store.db.runScript(`ALTER DATABASE ${name} SET default_transaction_read_only TO on`)
    const fresh = open()
    const error = await outcome(fresh.run('UPDATE things SET n = 1 WHERE id = 1', []))
    expect(error).toMatchObject({ code: '25006' })
    expect(isUnavailable(error)).toBe(true)
    expect(await fresh.run('SELECT id FROM things WHERE id = 1', [])).toEqual([{ id: 1 }])
    await store.db.runScript(`SET default_transaction_read_only TO off; ALTER DATABASE ${name} RESET ALL`)
    // What is connected to a server that takes no writes is thrown away: it may have been a primary.
    await waitFor(async () => (await outcome(fresh.run('UPDATE things SET n = 1 WHERE id = 1', []))) === 'done', {
      timeout: 10_000,
    })
    await fresh.close()
  })
})

test('closing lets what is under way finish, and answers what comes later', async () => {
  const closing = open()
  const long = outcome(sleep(0.4, closing))
  const active = `SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()`
  await waitFor(async () => (await store.db.run(active, [])).length > 0)
  const closed = closing.close()
  expect(await outcome(closing.run('SELECT 1 AS one', []))).toMatchObject({ code: 'CLOSED' })
  expect(await long).toBe('done')
  await closed
  await waitFor(() => proxy.links.length === 0)
})

test('closing ends what goes on too long, on a connection of its own as well', async () => {
  const closing = open()
  const isActive = `SELECT FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND state = 'active' AND pid <> pg_backend_pid()`
  const long = outcome(
    closing.readReplicated((tx) => tx.run('SELECT count(*) FROM generate_series(1, 1000000000)', [])),
  )
  await waitFor(async () => (await store.db.run(isActive, [])).length > 0)
  for (const link of proxy.links) link.swallow()
  await closing.close()
  expect(await long).toMatchObject({ outcome: 'none' })
  expect(await outcome(closing.readReplicated((tx) => tx.run('SELECT 1', [])))).toMatchObject({ code: 'CLOSED' })
})
