import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import { engineName } from '../support/engine.ts'
import { freePort } from '../support/free-port.ts'
import { startPostgresServer } from '../support/postgres-server.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer } from '../support/server-binary.ts'

// Every test starts processes.
vi.setConfig({ testTimeout: 300_000 })

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

const key = (digits: string) => ({ SECRET_KEY: digits.repeat(32) })

/** A start that cannot succeed says so in one line, which begins with the setting. */
async function expectSentence(settings: Record<string, string>, sentence: RegExp): Promise<void> {
  const server = stack.use(await spawnServer(settings))
  expect(await server.exited()).toBe(1)
  const lines = server
    .complaints()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Making the database'))
  expect(lines).toEqual([expect.stringMatching(new RegExp(`^fonechat cannot start: ${sentence.source}`))])
}

async function emptyDirectory(): Promise<string> {
  return join(stack.use(await makeScratch()).path, 'data')
}

test.runIf(engineName === 'embedded')('mistakes on the embedded engine', async () => {
  const DATA_DIR = await emptyDirectory()
  const given = { DATA_DIR, ...key('ab') }
  const first = stack.use(await spawnServer(given))
  await first.ready()
  await expectSentence(given, /DATA_DIR: .* is in use by another process/)
  first.kill('SIGTERM')
  expect(await first.exited()).toBe(0)
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  stack.defer(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  await expectSentence(
    { ...given, PORT: `${port}` },
    /PORT: another process listens on port \d+ of 127\.0\.0\.1 already/,
  )
  await expectSentence({ ...given, HOST: '203.0.113.1' }, /HOST: 203\.0\.113\.1 is no address of this machine/)
  const redis = `redis://:hidden@127.0.0.1:${await freePort()}`
  await expectSentence({ ...given, REDIS_URL: redis }, /REDIS_URL: the server does not answer \(connect ECONNREFUSED/)
  await expectSentence(
    { DATA_DIR, ...key('cd') },
    /SECRET_KEY: not the key that the secrets in this database were written with$/,
  )
  await expectSentence({ ...given, ACCOUNT_SID: `AC${'0'.repeat(32)}` }, /ACCOUNT_SID: expected AC/)
  const file = join(stack.use(await makeScratch()).path, 'file')
  await writeFile(file, '')
  await expectSentence({ DATA_DIR: file }, /DATA_DIR: .* cannot be made/)
  await expectSentence({ DATA_DIR: join(file, 'data') }, /DATA_DIR: .* cannot be made/)
  if (process.platform === 'linux') await expectSentence({ DATA_DIR: '/proc/none/data' }, /DATA_DIR: .* cannot be made/)
})

test.runIf(engineName === 'cluster')('mistakes with Postgres and Redis', async () => {
  const { postgresUrl, redisUrl } = inject('cluster')!
  const name = `start_${process.pid}`
  const admin = postgres(postgresUrl, { max: 1 })
  stack.defer(() => admin.end())
  await admin.unsafe(`CREATE DATABASE ${name}`)
  await admin.unsafe(`CREATE ROLE ${name} LOGIN`)
  stack.defer(async () => {
    await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
    await admin.unsafe(`DROP ROLE ${name}`)
  })
  const at = (change: Partial<Record<'pathname' | 'username' | 'password' | 'port' | 'hostname', string>>) => ({
    DATABASE_URL: Object.assign(new URL(postgresUrl), { pathname: `/${name}`, ...change }).href,
    ...key('ab'),
  })
  await expectSentence(at({ pathname: '/missing' }), /DATABASE_URL: the database does not exist; create it/)
  await expectSentence(at({ username: 'nobody' }), /DATABASE_URL: Postgres refuses the user or its password/)
  await expectSentence(at({ username: name }), /DATABASE_URL: the user lacks a privilege/)
  await admin.unsafe(`ALTER ROLE ${name} CONNECTION LIMIT 0`)
  await expectSentence(at({ username: name }), /DATABASE_URL: Postgres has no connection left \(too many connections/)
  await expectSentence(
    at({ port: `${await freePort()}` }),
    /DATABASE_URL: nothing listens there \(connect ECONNREFUSED/,
  )
  await expectSentence(
    at({ hostname: 'no-such-host.invalid' }),
    /DATABASE_URL: (?:no host is known by the name of no-such-host\.invalid|nobody has answered in time)/,
  )
  const redis = Object.assign(new URL(redisUrl), { username: 'nobody', password: 'hidden' }).href
  await expectSentence({ ...at({}), REDIS_URL: redis }, /REDIS_URL: the server refuses the user or its password/)
  const strict = stack.use(await startPostgresServer())
  await writeFile(join(strict.data, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n')
  await strict.stop()
  await strict.start().catch(() => {})
  const locked = Object.assign(new URL(strict.url()), { password: 'wrong' }).href
  await expectSentence(
    { DATABASE_URL: locked, ...key('ab') },
    /DATABASE_URL: Postgres refuses the user or its password/,
  )
})
