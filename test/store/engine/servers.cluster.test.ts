import { chmod, chown, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDb } from '../../../src/store/engine/db.ts'
import { isOutcomeUnknown, isUnavailable } from '../../../src/store/engine/fault.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { pem } from '../../support/pem.ts'
import { startPostgresServer, type PostgresServer } from '../../support/postgres-server.ts'
import { waitFor } from '../../support/wait.ts'

let one: PostgresServer
let other: PostgresServer
beforeAll(async () => {
  ;[one, other] = await Promise.all([startPostgresServer(), startPostgresServer()])
})
afterAll(async () => {
  await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()])
})

async function ask<Row extends Record<string, unknown>>(url: string, statement: string): Promise<Row[]> {
  const db = openDb(url, { poolSize: 1 })
  try {
    return await db.run<Row>(statement, [])
  } finally {
    await db.close()
  }
}

const originOf = (work: Promise<unknown>): Promise<string> => work.then(String, (error: unknown) => String(error))

test('a database that cannot hold every text is refused by a sentence', async () => {
  await ask(one.url(), `CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`)
  expect(await originOf(ask(one.url('latin'), 'SELECT 1'))).toContain('must be UTF8, and is LATIN1')
})

test('a standby is refused, and the primary beside it found, wherever it stands in the list', async () => {
  const [{ folder } = { folder: '' }] = await ask<{ folder: string }>(
    one.url(),
    `SELECT current_setting('data_directory') AS folder`,
  )
  await one.stop()
  await writeFile(join(folder, 'standby.signal'), '')
  await one.start()
  const refused = ask(one.url(), 'SELECT 1').catch((error: unknown) => error)
  expect(String(await refused)).toContain('is a standby')
  expect(isUnavailable(await refused)).toBe(true)
  const ports = [one.port, other.port]
  for (const [first, second] of [ports, ports.toReversed()]) {
    const url = `postgres://postgres@127.0.0.1:${first},127.0.0.1:${second}/postgres`
    expect(await ask(url, `SELECT current_setting('port')::int AS port`)).toEqual([{ port: other.port }])
  }
  await one.stop()
  await rm(join(folder, 'standby.signal'))
  await one.start()
  expect(await ask(one.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('P1: a primary that its standbys have left is left, too, for another one of the list', async () => {
  const url = `postgres://postgres@127.0.0.1:${one.port},127.0.0.1:${other.port}/postgres`
  const db = openDb(url, { poolSize: 3, timeouts: { statement: 1500 } })
  const read = () => db.run<{ port: number }>(`SELECT current_setting('port')::int AS port FROM pg_sleep(0.01)`, [])
  const readThree = async () => new Set((await Promise.all([read(), read(), read()])).map(([row]) => row!.port))
  expect(await readThree()).toEqual(new Set([one.port]))
  await ask(one.url(), `ALTER SYSTEM SET synchronous_standby_names = 'promoted'`)
  await ask(one.url(), 'SELECT pg_reload_conf()')
  try {
    const write = () => db.run(`SELECT pg_logical_emit_message(true, 'test', '')`, [])
    await waitFor(async () => {
      const error: unknown = await write().catch((fault: unknown) => fault)
      return error instanceof Error && isOutcomeUnknown(error)
    })
    expect(await readThree()).toEqual(new Set([other.port]))
    await write()
  } finally {
    await db.close()
    await ask(one.url(), 'ALTER SYSTEM RESET synchronous_standby_names')
    await ask(one.url(), 'SELECT pg_reload_conf()')
  }
})

test('what is wrong with an address is said without its password', async () => {
  const url = `postgres://nobody:secret@127.0.0.1:${one.port}/missing`
  const cause = await originOf(ask(url, 'SELECT 1'))
  expect(cause).toMatch(/does not exist/)
  expect(cause).not.toContain('secret')
  const unencrypted = await originOf(ask(`${one.url()}?sslmode=require`, 'SELECT 1'))
  expect(unencrypted).toContain('the server speaks no TLS')
})

test('connections are encrypted as sslmode says, and a server that falls silent within is not waited for', async () => {
  const { data } = other
  const files = { 'server.crt': pem.one.certificate, 'server.key': pem.one.privateKey }
  const { uid, gid } = await stat(data)
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(data, name), content)
    await chmod(join(data, name), 0o600)
    await chown(join(data, name), uid, gid)
  }
  await ask(other.url(), 'ALTER SYSTEM SET ssl TO on')
  await ask(other.url(), 'SELECT pg_reload_conf()')
  const encrypted = `SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`
  await waitFor(async () => (await ask<{ ssl: boolean }>(`${other.url()}?sslmode=prefer`, encrypted))[0]!.ssl)
  expect(await ask(`${other.url()}?sslmode=require`, encrypted)).toEqual([{ ssl: true }])
  expect(await ask(`${other.url()}?sslmode=disable`, encrypted)).toEqual([{ ssl: false }])
  const root = encodeURIComponent(join(data, 'server.crt'))
  expect(await ask(`${other.url()}?sslmode=verify-ca&sslrootcert=${root}`, encrypted)).toEqual([{ ssl: true }])
  expect(await originOf(ask(`${other.url()}?sslmode=verify-ca`, encrypted))).toContain('self-signed certificate')
  expect(await originOf(ask(`${other.url()}?sslmode=verify-full&sslrootcert=${root}`, encrypted))).toContain(
    "does not match certificate's",
  )
  await using silent = await FaultProxy.open({ host: '127.0.0.1', port: other.port })
  // The server says that it speaks TLS, and nothing else.
  const swallowed = silent.swallowAt(new RegExp(`^${Buffer.from([0x16, 3]).toString('latin1')}`))
  const asked = originOf(ask(`postgres://postgres@127.0.0.1:${silent.port}/postgres?sslmode=require`, encrypted))
  await swallowed
  expect(await asked).toMatch(/it does not answer|became free in time/)
})
