import { open } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finding } from '../../src/model/finding.ts'
import { inspectDatabase } from '../../src/store/doctor/doctor.ts'
import { openDb, type Db } from '../../src/store/engine/db.ts'
import { migrateDb } from '../../src/store/migration.ts'
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.ts'
import { waitFor } from '../support/wait.ts'

/** What the doctor finds of a whole server of Postgres, which has to be broken for it: one of its own. */
const settings = { fsync: 'off', full_page_writes: 'off', max_prepared_transactions: '2' }
const stack = new AsyncDisposableStack()
let server: PostgresServer
let db: Db

beforeAll(async () => {
  server = stack.use(await startPostgresServer(settings))
  db = openDb(server.url(), { poolSize: 2 })
  stack.defer(() => db.close())
  await migrateDb(db)
})
afterAll(() => stack.disposeAsync())

async function inspect(patience = 1): Promise<readonly Finding[]> {
  const { findings } = await inspectDatabase(db, { isEmbedded: false, silenceSeconds: 60, patience })
  // The Postgres of the specs is fast, and not safe.
  return findings.filter(({ code }) => code !== 'postgres.setting')
}

const run = (statement: string): Promise<unknown> => db.runScript(statement)

test('a prepared transaction that nobody ends is found, with its name', async () => {
  expect(await inspect(0)).toEqual([])
  await run(`BEGIN; SELECT FROM accounts; PREPARE TRANSACTION 'left behind'`)
  const found = await inspect(0)
  await run(`ROLLBACK PREPARED 'left behind'`)
  expect(found).toMatchObject([{ code: 'transaction.prepared', severity: 'error', subject: 'left behind' }])
  expect(await inspect(0)).toEqual([])
})

test('transactions that grow too old are found before Postgres stops to take writes', async () => {
  const [{ made } = { made: '' }] = await db.run<{ made: string }>(
    `SELECT datfrozenxid::text AS made FROM pg_database WHERE datname = current_database()`,
    [],
  )
  const agedBy = async (age: number): Promise<readonly Finding[]> => {
    const xid = `((pg_current_xact_id()::text::bigint + 4294967296 - ${age}) % 4294967296)::text::xid`
    await run(`UPDATE pg_database SET datfrozenxid = ${xid} WHERE datname = current_database()`)
    return inspect()
  }
  const [young, old, critical] = [await agedBy(900_000_000), await agedBy(1_100_000_000), await agedBy(1_700_000_000)]
  await run(`UPDATE pg_database SET datfrozenxid = '${made}' WHERE datname = current_database()`)
  expect(young).toEqual([])
  expect(old).toMatchObject([{ code: 'wraparound.near', severity: 'warning' }])
  expect(critical).toMatchObject([{ code: 'wraparound.near', severity: 'error' }])
  expect(await inspect()).toEqual([])
})

test('commits that wait for a standby that is not there are found, by statements that commit nothing', async () => {
  await run(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`)
  await run('SELECT pg_reload_conf()')
  await waitFor(async () => (await inspect()).length > 0)
  const found = await inspect()
  await run('ALTER SYSTEM RESET synchronous_standby_names')
  await run('SELECT pg_reload_conf()')
  expect(found).toMatchObject([{ code: 'replication.no-standby', severity: 'error' }])
  await waitFor(async () => (await inspect()).length === 0)
})

test('a page that a disk has spoilt is found once Postgres has read it', async () => {
  await run('CREATE TABLE spoilt AS SELECT number FROM generate_series(1, 1000) AS number')
  const [{ path } = { path: '' }] = await db.run<{ path: string }>(`SELECT pg_relation_filepath('spoilt') AS path`, [])
  expect(await db.run('SHOW data_checksums', [])).toEqual([{ data_checksums: 'on' }])
  await server.stop()
  await using file = await open(join(server.data, path), 'r+')
  await file.write(Buffer.alloc(64, 7), 0, 64, 4096)
  await server.start()
  const reading = () => db.run('SELECT count(*) FROM spoilt', [])
  await waitFor(() => reading().catch((error: unknown) => /invalid page/.test(String(error))))
  await waitFor(async () => (await inspect()).some(({ code }) => code === 'postgres.damaged'))
  await run('DROP TABLE spoilt')
  await run('SELECT pg_stat_reset()')
})

test('a standby that falls behind is found, with what it lacks', async () => {
  await server.stop()
  const standby = stack.use(await startPostgresServer(settings, { standbyOf: server }))
  await server.start()
  // Ours refuses a standby.
  const ofStandby = stack.adopt(postgres(standby.url(), { max: 1 }), (each) => each.end())
  const state = () => db.run(`SELECT FROM pg_stat_replication WHERE state = 'streaming'`, [])
  await waitFor(async () => (await state().catch(() => [])).length === 1, { timeout: 20_000 })
  expect(await inspect()).toEqual([])
  await ofStandby`SELECT pg_wal_replay_pause()`
  // Each switch leaves 16 MB of the log behind; what was not written to is not switched.
  for (let segment = 0; segment < 17; segment++) {
    await run(`SELECT pg_logical_emit_message(true, 'spec', 'x')`)
    await run('SELECT pg_switch_wal()')
  }
  const found = await waitFor(async () => {
    const findings = await inspect()
    return findings.length > 0 && findings
  })
  expect(found).toMatchObject([{ code: 'replication.lag', severity: 'warning' }])
  expect(found[0]!.text).toMatch(/^The standby \S+ lacks 2[6-9]\d MB of what the primary has written/)
  await ofStandby`SELECT pg_wal_replay_resume()`
  await waitFor(async () => (await inspect()).length === 0, { timeout: 20_000 })
})

test('a role without the rights of pg_monitor learns who holds it up, and what it may not see', async () => {
  await run(`CREATE ROLE plain LOGIN CONNECTION LIMIT 20; GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA public, drizzle, pgboss TO plain;
    GRANT USAGE ON SCHEMA drizzle, pgboss TO plain`)
  const url = Object.assign(new URL(server.url()), { username: 'plain' }).href
  const plain = openDb(url, { poolSize: 2 })
  const look = async (): Promise<readonly Finding[]> => {
    const { findings } = await inspectDatabase(plain, { isEmbedded: false, silenceSeconds: 60, patience: 0.1 })
    return findings.filter(({ code }) => /^(transaction|lock|sessions|connections)/.test(code))
  }
  try {
    await db.transaction(async (tx) => {
      await tx.run('LOCK TABLE message_flags', [])
      const [holder] = await tx.run<{ pid: number }>('SELECT pg_backend_pid() AS pid', [])
      const waiting = plain.run('SELECT FROM message_flags LIMIT 1', [])
      waiting.catch(() => {})
      const found = await waitFor(async () => {
        const findings = await look()
        return findings.length > 1 && findings
      })
      expect(found).toMatchObject([
        {
          code: 'lock.waiting',
          subject: String(holder!.pid),
          remedy: expect.stringContaining('pg_terminate_backend('),
        },
        { code: 'sessions.hidden', severity: 'notice', remedy: expect.stringContaining('GRANT pg_monitor TO plain') },
      ])
    })
    await run('GRANT pg_monitor TO plain; ALTER ROLE plain CONNECTION LIMIT 3')
    expect(await look()).toEqual([])
    await run('ALTER ROLE plain CONNECTION LIMIT 2')
    // Both connections of the pool.
    await Promise.all([plain.run('SELECT pg_sleep(0.1)', []), plain.run('SELECT pg_sleep(0.1)', [])])
    expect(await look()).toMatchObject([
      { code: 'connections.few', text: expect.stringContaining('2 of 2 connections of the role plain are in use') },
    ])
    await run('ALTER ROLE plain SET default_transaction_read_only = on; ALTER ROLE plain CONNECTION LIMIT 3')
    const reader = openDb(url, { poolSize: 1 })
    const { findings } = await inspectDatabase(reader, { isEmbedded: false, silenceSeconds: 60 })
    await reader.close()
    expect(findings.filter(({ code }) => code === 'postgres.setting')).toContainEqual(
      expect.objectContaining({ severity: 'error', subject: 'default_transaction_read_only' }),
    )
    await run('ALTER ROLE plain CONNECTION LIMIT 2')
    // One more is refused, which the alert FonechatDatabaseOutOfResources is about.
    const another = openDb(url, { poolSize: 1 })
    await expect(another.run('SELECT 1', [])).rejects.toThrow('too many connections for role')
    const { outcomes } = another.figures.statements
    await another.close()
    expect(outcomes.of({ outcome: 'resources' }).value).toBeGreaterThan(0)
    expect(outcomes.of({ outcome: 'connect_failed' }).value).toBe(0)
  } finally {
    await plain.close()
    await run('DROP OWNED BY plain; DROP ROLE plain')
  }
})
