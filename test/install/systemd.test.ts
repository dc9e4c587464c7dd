import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { Caller } from '../support/kit.ts'
import { startPostgresServer } from '../support/postgres-server.ts'
import { startRedisServer } from '../support/redis-server.ts'
import { waitFor } from '../support/wait.ts'
import { Machine } from './machine.ts'
import { run } from './system.ts'

let machine: Machine
let url: string
let port: number

// The commands of docs/systemd.md.
beforeAll(async () => {
  machine = await Machine.make(inject('system'))
  port = await freePort()
  url = `http://127.0.0.1:${port}`
  await run('npm', ['pack', '--pack-destination', join(machine.root, 'root')], 300_000)
  const tarball = (await readdir(join(machine.root, 'root'))).find((name) => name.endsWith('.tgz'))!
  await machine.change('npm', ['install', '--prefix', '/opt/fonechat', `/root/${tarball}`])
  const unit = '/opt/fonechat/node_modules/fonechat/deploy/systemd/fonechat.service'
  await machine.change('install', ['-m', '644', unit, '/etc/systemd/system/'])
  await mkdir(join(machine.root, 'etc/fonechat'))
  await settings('')
  await machine.boot()
}, 1_200_000)

afterAll(() => machine[Symbol.asyncDispose](), 120_000)

/** Nothing spreads: these are about what systemd does. */
const settings = (more: string): Promise<void> =>
  writeFile(
    join(machine.root, 'etc/fonechat/settings'),
    `PORT=${port}\nPAGE=false\nDRAIN_DELAY=1\nDRAIN_SECONDS=1\n${more}`,
  )

const journal = (): Promise<string> => machine.run('journalctl', '--unit=fonechat', '--output=cat', '--no-pager')
const journalOfRun = async (): Promise<string> => {
  const run = `_SYSTEMD_INVOCATION_ID=${await property('InvocationID')}`
  return machine.run('journalctl', run, '--output=cat', '--no-pager')
}
const property = (name: string): Promise<string> =>
  machine.run('systemctl', 'show', `--property=${name}`, '--value', 'fonechat')

async function started(): Promise<void> {
  // With several processes the first one answers before all are there.
  const isReady = async (): Promise<boolean> =>
    (await journalOfRun()).includes('fonechat is ready') && (await fetch(`${url}/readyz`)).ok
  await waitFor(isReady, { timeout: 60_000 }).catch(async (error: unknown) => {
    throw new Error(`it does not become ready:\n${await journal()}`, { cause: error })
  })
}

async function ask<Data>(caller: Caller, query: string): Promise<Data> {
  const { data, errors } = await caller.ask<Data, object>(query)
  if (errors) throw new Error(JSON.stringify(errors))
  return data!
}

const backendOf = (accountId: string, token: string): Caller =>
  new Caller({ url }, `Basic ${btoa(`${accountId}:${token}`)}`)
const send = `mutation { sendMessage(input: {channelId: "hall", body: "here"}) { message { index } } }`
const make = `mutation { createChannel(input: {uniqueName: "hall"}) { channel { id } } }`
const read = `{ channel(id: "hall") { messages(last: 5) { nodes { body } } } }`
const here = { channel: { messages: { nodes: [{ body: 'here' }] } } }

test('the unit is one that systemd takes, and leaves the service little that it could do', async () => {
  expect(await machine.run('systemd-analyze', 'verify', '/etc/systemd/system/fonechat.service')).toBe('')
  // In tenths, of 10 at most. It fails above.
  const report = await machine.run('systemd-analyze', 'security', '--threshold=15', '--no-pager', 'fonechat.service')
  process.stderr.write(`${report.split('\n').at(-1)}\n`)
})

let accountId: string
let token: string

test('it starts, keeps its data where systemd has a folder for it, and can do nothing else', async () => {
  await machine.run('systemctl', 'enable', '--now', 'fonechat')
  await started()
  ;[, accountId, token] = /SID=(AC\w+) TOKEN=(\S+)/.exec(await journal()) as unknown as [string, string, string]
  await ask(backendOf(accountId, token), make)
  await ask(backendOf(accountId, token), send)
  const status = await machine.run('cat', `/proc/${await property('MainPID')}/status`)
  expect(status).not.toMatch(/^Uid:\t0/m)
  expect(status).toMatch(/^CapEff:\t0+$/m)
  expect(status).toMatch(/^NoNewPrivs:\t1$/m)
  expect(status).toMatch(/^Seccomp:\t2$/m)
  expect(await machine.run('ls', '/var/lib/private/fonechat')).toContain('secret-key')
  const options = ['--pipe', '--wait', '--collect', '--property=EnvironmentFile=-/etc/fonechat/settings']
  const program = ['/opt/fonechat/node_modules/.bin/node', '/opt/fonechat/node_modules/.bin/fonechat']
  const backup = [...program, 'backup', '/var/backups/fonechat']
  await machine.run('systemd-run', ...options, '--setenv=DATA_DIR=/var/lib/fonechat', ...backup)
  expect(await machine.run('ls', '/var/backups/fonechat')).toContain('pgdata.complete')
}, 120_000)

test('a stop drains, a start has everything again, and a process that dies is started anew', async () => {
  await machine.run('systemctl', 'stop', 'fonechat')
  expect(await property('Result')).toBe('success')
  expect(await journal()).toMatch(/"signal":"SIGTERM","msg":"stopping"[^]*"msg":"stopped"/)
  await machine.run('systemctl', 'start', 'fonechat')
  await started()
  expect(await ask(backendOf(accountId, token), read)).toEqual(here)
  const pid = await property('MainPID')
  await machine.run('systemctl', 'kill', '--signal=SIGKILL', 'fonechat')
  await waitFor(async () => !['0', pid].includes(await property('MainPID')), { timeout: 30_000 })
  await started()
  expect(await ask(backendOf(accountId, token), read)).toEqual(here)
}, 180_000)

test('secrets come as credentials that only the service can read, with Postgres, Redis and two processes', async () => {
  await using servers = new AsyncDisposableStack()
  const postgres = servers.use(await startPostgresServer())
  const redis = servers.use(await startRedisServer())
  const secrets = {
    database_url: postgres.url(),
    redis_url: redis.url,
    secret_key: 'ab'.repeat(32),
    auth_token: 'the-token-of-the-backend',
  }
  for (const [name, value] of Object.entries(secrets))
    await writeFile(join(machine.root, 'etc/fonechat', name), `${value}\n`, { mode: 0o600 })
  await settings('PROCESSES=2\n')
  const dropIn = '/opt/fonechat/node_modules/fonechat/deploy/systemd/postgres.conf'
  await machine.run('install', '-D', '-m', '644', dropIn, '/etc/systemd/system/fonechat.service.d/postgres.conf')
  await machine.run('systemctl', 'daemon-reload')
  await machine.run('systemctl', 'restart', 'fonechat')
  await started()
  const [, sid] = /Account SID +(AC\w+)/.exec(await journalOfRun()) as unknown as [string, string]
  const backend = backendOf(sid, secrets.auth_token)
  await ask(backend, make)
  await ask(backend, send)
  expect(await ask(backend, read)).toEqual(here)
  // Nothing of it stands in the environment of the process, which other tools show.
  const environment = await machine.run('sh', '-c', `tr '\\0' '\\n' < /proc/${await property('MainPID')}/environ`)
  expect(environment).toContain('SECRET_KEY_FILE=')
  for (const secret of Object.values(secrets)) expect(environment).not.toContain(secret)
  // Commands beside it have the same files.
  const files = Object.keys(secrets).map((name) => `--setenv=${name.toUpperCase()}_FILE=/etc/fonechat/${name}`)
  const options = ['--pipe', '--wait', '--collect', '--property=EnvironmentFile=-/etc/fonechat/settings', ...files]
  const program = ['/opt/fonechat/node_modules/.bin/node', '/opt/fonechat/node_modules/.bin/fonechat']
  const report = await machine.run('systemd-run', ...options, ...program, 'check')
  expect(report).toMatch(/^PostgreSQL .*\nRedis /m)
  await machine.run('systemctl', 'stop', 'fonechat')
  expect(await property('Result')).toBe('success')
}, 180_000)
