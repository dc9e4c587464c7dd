import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import { ChannelsDocument, MembersDocument, ViewerDocument } from '../schema/generated/graphql.ts'
import { roles, services } from '../src/store/tables/service.ts'
import { engineName } from './support/engine.ts'
import { freePort } from './support/free-port.ts'
import { Caller, openKit } from './support/kit.ts'
import { RawSocket } from './support/raw-socket.ts'
import { makeScratch } from './support/scratch.ts'
import { spawnServer, type Greeting, type ServerBinary } from './support/server-binary.ts'
import { waitFor } from './support/wait.ts'

// Every test starts processes.
vi.setConfig({ testTimeout: 120_000 })

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

const ofAll = new AsyncDisposableStack()
afterAll(() => ofAll.disposeAsync())

async function spawn(settings: Record<string, string>): Promise<ServerBinary> {
  return stack.use(await spawnServer(settings))
}

async function emptyDirectory(owner: AsyncDisposableStack): Promise<string> {
  const scratch = owner.use(await makeScratch())
  return join(scratch.path, 'data')
}

const inUse = 'is in use by another process, perhaps in another container; stop it, or choose another folder'

function backendOf({ url, accountId, authToken }: Greeting): Caller {
  return new Caller({ url }, `Basic ${btoa(`${accountId}:${authToken}`)}`)
}

async function channelNames(backend: Caller): Promise<(string | null | undefined)[]> {
  const { channels } = await backend.request(ChannelsDocument, { first: 100 })
  return channels.edges.map(({ node }) => node.uniqueName)
}

/** Settings for a start on whatever engine this project is for, on nothing that was there before. */
async function freshSettings(owner = stack): Promise<Record<string, string>> {
  if (engineName === 'embedded') return { DATA_DIR: await emptyDirectory(owner) }
  const { postgresUrl, redisUrl } = inject('cluster')!
  const name = `main_${randomUUID().replaceAll('-', '')}`
  const maintenance = postgres(postgresUrl, { max: 1 })
  await maintenance.unsafe(`CREATE DATABASE ${name}`)
  owner.defer(async () => {
    await maintenance.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
    await maintenance.end()
  })
  return {
    DATABASE_URL: Object.assign(new URL(postgresUrl), { pathname: `/${name}` }).href,
    REDIS_URL: redisUrl,
    SECRET_KEY: 'cd'.repeat(32),
  }
}

interface Begun {
  readonly settings: Record<string, string>
  readonly greeting: Greeting
  readonly output: string
  readonly complaints: string
}

/** Settings that a server has been started with before, and what it said then: a first start takes seconds, most of them embedded. */
let begun: Promise<Begun> | undefined
const begin = (): Promise<Begun> =>
  (begun ??= freshSettings(ofAll).then(async (settings) => {
    const first = await spawn(settings)
    const greeting = await first.ready()
    await expectBeginning(greeting)
    first.kill('SIGTERM')
    expect(await first.exited()).toBe(0)
    return { settings, greeting, output: first.output(), complaints: first.complaints() }
  }))

test('the first start makes an account and, embedded, an example channel, and shows their tokens, alice’s for a day; a later one keeps them', async () => {
  const { settings, greeting, output, complaints } = await begin()
  const isEmbedded = engineName === 'embedded'
  expect(greeting).toEqual({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    accountId: expect.stringMatching(/^AC[0-9a-f]{32}$/),
    authToken: expect.stringMatching(/^\S{16,}$/),
    serviceId: expect.stringMatching(/^IS[0-9a-f]{32}$/),
    aliceToken: expect.stringMatching(isEmbedded ? /^\S{100,}$/ : /^$/),
  })
  expect(output).toContain(`${greeting.url.replace('http', 'ws')}/graphql`)
  expect(output).toMatch(
    new RegExp(`^export SID=${greeting.accountId} TOKEN=\\S+${isEmbedded ? ' ALICE=\\S+' : ''}$`, 'm'),
  )
  expect(complaints).toBe(
    isEmbedded ? `Making the database in ${settings['DATA_DIR']}. The first start takes a few seconds …\n` : '',
  )

  const second = await spawn(settings)
  const { url, accountId, serviceId, authToken, aliceToken } = await second.ready()
  expect(greeting).toMatchObject({ accountId, serviceId })
  expect([authToken, aliceToken, second.complaints()]).toEqual(['', '', ''])
  expect(second.output()).not.toContain(greeting.authToken)
  await expectBeginning({ ...greeting, url })
  if (isEmbedded) await expectAliceForADay(url, greeting)
})

async function expectAliceForADay(url: string, { aliceToken }: Greeting): Promise<void> {
  const { viewer } = await new Caller({ url }, `Bearer ${aliceToken}`).request(ViewerDocument)
  expect(viewer).toMatchObject({ kind: 'USER', user: { identity: 'alice' } })
  const { exp } = JSON.parse(Buffer.from(aliceToken.split('.')[1]!, 'base64url').toString()) as { exp: number }
  expect(exp - Date.now() / 1000).toBeGreaterThan(23 * 3600)
}

test('a first start that fails after it has made the account has shown its token, or begins again', async () => {
  const settings = await freshSettings()
  const failed = await spawn({ ...settings, REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
  expect(await failed.exited()).toBe(1)
  expect(failed.complaints()).toContain('REDIS_URL')
  const [, shown] = / TOKEN=(\S+)/.exec(failed.output()) ?? []
  const server = await spawn(settings)
  const greeting = await server.ready()
  expect([greeting.authToken === '', shown !== undefined]).toEqual(
    engineName === 'embedded' ? [false, false] : [true, true],
  )
  await expectBeginning({ ...greeting, authToken: shown ?? greeting.authToken })
})

/** That the credentials work, and what a newcomer finds: on Postgres, which may be shared, nothing. */
async function expectBeginning(greeting: Greeting): Promise<void> {
  const { accountId, serviceId } = greeting
  const backend = backendOf(greeting)
  const { viewer } = await backend.request(ViewerDocument)
  expect(viewer).toMatchObject({ kind: 'BACKEND', accountId, service: { id: serviceId } })
  expect(await channelNames(backend)).toEqual(engineName === 'embedded' ? ['general', 'design', 'support', null] : [])
  const { channel } = await backend.request(MembersDocument, { channelId: 'general' })
  const identities = channel?.members.edges.map(({ node }) => node.identity)
  expect(identities).toEqual(engineName === 'embedded' ? ['alice', 'bob', 'kenji', 'mira', 'nour', 'tomas'] : undefined)
}

test('a start with TRUST_PROXY as it was once spelled goes on, and says what is written now', async () => {
  const { settings } = await begin()
  const server = await spawn({ ...settings, LOG_LEVEL: 'warn', TRUST_PROXY: 'true' })
  await server.ready()
  expect(server.output().match(/TRUST_PROXY=true is read as TRUST_PROXY=1/g)).toHaveLength(1)
})

test('a new server has one default service with its four roles', async () => {
  await using kit = await openKit()
  const made = await kit.store.db.orm.select().from(services)
  expect(made).toMatchObject([{ id: kit.server.account.serviceId, isDefault: true }])
  const names = await kit.store.db.orm.select({ name: roles.friendlyName }).from(roles).orderBy(roles.friendlyName)
  expect(names.map(({ name }) => name)).toEqual(['channel admin', 'channel user', 'service admin', 'service user'])
})

test('a wrong setting ends the start with its name, what is expected, and exit code 1', async () => {
  const { settings } = await begin()
  const server = await spawn({ ...settings, PORT: 'http', AUTH_TOKEN: 'short' })
  expect(await server.exited()).toBe(1)
  expect(server.complaints()).toContain('fonechat cannot start: wrong settings:')
  expect(server.complaints()).toContain('PORT: expected a whole number from 0 to 65535')
  expect(server.complaints()).toContain('AUTH_TOKEN: expected at least 16 characters')
  expect(server.complaints()).not.toContain('short')
  expect(server.output()).toBe('')
})

test('a port that is taken, or no address of this machine, ends a first start before it makes anything', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  stack.defer(() => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const settings = await freshSettings()
  const wrong: [Record<string, string>, string][] = [
    [{ PORT: `${port}` }, `PORT: another process listens on port ${port} of 127.0.0.1 already`],
    [{ HOST: '203.0.113.1' }, 'HOST: 203.0.113.1 is no address of this machine'],
  ]
  for (const [more, sentence] of wrong) {
    const server = await spawn({ ...settings, ...more })
    expect(await server.exited()).toBe(1)
    expect(server.complaints()).toContain(`fonechat cannot start: ${sentence}`)
    expect(server.complaints().trim().split('\n')).toHaveLength(1)
    expect(server.output()).toBe('')
    for (const hasCome of signsOfProgress(settings)) expect(await holds(hasCome)).toBe(false)
  }
  taken.close()
  const server = await spawn({ ...settings, PORT: `${port}` })
  const greeting = await server.ready()
  expect(greeting.authToken).not.toBe('')
  await expectBeginning(greeting)
})

/** Whether a first start has ever come so far. */
async function holds(sign: Sign): Promise<boolean> {
  try {
    return await sign(0)
  } catch {
    return false
  }
}

test('SIGTERM stops it in order: it says so, then what is open is closed with a code that makes clients reconnect', async () => {
  const begun = await begin()
  const server = await spawn({ ...begun.settings, LOG_LEVEL: 'info', DRAIN_DELAY: '1', DRAIN_SECONDS: '1' })
  const { url } = await server.ready()
  const { authorization } = backendOf(begun.greeting)
  const socket = await RawSocket.open({ url }, { authorization })
  const began = performance.now()
  server.kill('SIGTERM')
  const ready = await waitFor(async () => {
    const response = await fetch(`${url}/readyz`)
    return response.status === 503 && response.json()
  })
  expect(ready).toEqual({ status: 'unavailable', reason: 'stopping' })
  expect(await server.exited()).toBe(0)
  expect(performance.now() - began).toBeGreaterThan(1000)
  expect(performance.now() - began).toBeLessThan(10_000)
  expect(socket.closed).toMatchObject({ code: 1012 })
  expect(server.output()).toContain('"msg":"stopped"')
  await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
})

test.each([['SIGINT'], ['SIGHUP'], ['SIGTERM', 'SIGINT']] as const)(
  '%s %s stops it in order without delay',
  async (...signals) => {
    const begun = await begin()
    const server = await spawn({ ...begun.settings, LOG_LEVEL: 'info', DRAIN_DELAY: '60', DRAIN_SECONDS: '60' })
    const { url } = await server.ready()
    const socket = await RawSocket.open({ url }, { authorization: backendOf(begun.greeting).authorization })
    for (const signal of signals) {
      server.kill(signal)
      await waitFor(() => server.output().includes(`"signal":"${signal}"`))
    }
    expect(await server.exited()).toBe(0)
    expect(socket.closed).toMatchObject({ code: 1012 })
    expect(server.output()).toContain('"msg":"stopped"')
  },
)

test('a second signal hurries, a third ends it at once, and one that comes with another counts for nothing', async () => {
  const { settings } = await begin()
  const server = await spawn({ ...settings, LOG_LEVEL: 'info', DRAIN_DELAY: '60' })
  const { url } = await server.ready()
  // It waits seconds for what is being asked.
  const asking = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
  stack.defer(() => void asking.destroy())
  await once(asking, 'connect')
  asking.write('POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{')
  server.kill('SIGTERM')
  server.kill('SIGTERM')
  await waitFor(() => server.output().includes('"msg":"stopping"'))
  // It gets both at once, in any order, and has no time to stop between them.
  for (const signal of ['SIGSTOP', 'SIGINT', 'SIGHUP', 'SIGCONT'] as const) server.kill(signal)
  expect(await server.exited()).toBeOneOf([129, 130])
  expect(server.complaints()).toMatch(/ended by (SIGHUP|SIGINT) while it was stopping/)
  expect(server.output()).toContain('"msg":"stopping sooner"')
  expect(server.output()).not.toContain('"msg":"stopped"')
})

test('a signal before it is ready ends it at once', async () => {
  const settings = await freshSettings()
  const server = await spawn(settings)
  const [hasCome] = signsOfProgress(settings)
  const began = Date.now()
  await waitFor(() => hasCome!(began - 60_000), { timeout: 30_000, interval: 1 })
  server.kill('SIGTERM')
  expect(await server.exited()).toBe(143)
  expect(server.complaints()).toContain('fonechat: ended by SIGTERM before it was ready')
})

test('Postgres without a SECRET_KEY ends the start with an error and exit code 1', async () => {
  const server = await spawn({ DATABASE_URL: 'postgres://127.0.0.1:1/none' })
  expect(await server.exited()).toBe(1)
  expect(server.complaints()).toContain('SECRET_KEY: expected 64 hex digits, since DATABASE_URL is set')
})

test('processes that start at once on nothing make one account; one data directory admits only one of them', async () => {
  const settings = await freshSettings()
  const servers = await Promise.all([spawn(settings), spawn(settings), spawn(settings)])
  const greetings = await Promise.all(servers.map((server) => server.ready().catch(() => undefined)))
  const started = greetings.filter((greeting) => greeting !== undefined)
  expect(started).toHaveLength(engineName === 'embedded' ? 1 : 3)
  const makers = started.filter(({ authToken }) => authToken !== '')
  expect(makers).toHaveLength(1)
  for (const { url, accountId, serviceId } of started) {
    expect(makers[0]).toMatchObject({ accountId, serviceId })
    await expectBeginning({ ...makers[0]!, url })
  }
  for (const [at, server] of servers.entries()) {
    if (greetings[at]) continue
    expect(await server.exited()).toBe(1)
    expect(server.complaints()).toContain(inUse)
  }
})

test('a second process on a data directory in use is refused and does no harm; on Postgres it is the same server', async () => {
  const { settings, greeting: shown } = await begin()
  const first = await spawn(settings)
  const greeting = { ...shown, url: (await first.ready()).url }
  const second = await spawn(settings)
  const refusal = await second.ready().then(() => '', String)
  const isRefused = refusal.includes(inUse)
  expect(isRefused).toBe(engineName === 'embedded')
  if (!isRefused) await expectBeginning({ ...greeting, url: (await second.ready()).url })
  await expectBeginning(greeting)
})

test('a first start that is killed, however far it has come, begins again', async () => {
  const settings = await freshSettings()
  for (const hasCome of signsOfProgress(settings)) {
    const began = Date.now()
    const killed = await spawn(settings)
    await waitFor(() => hasCome(began), { timeout: 30_000, interval: 1 })
    killed.kill('SIGKILL')
    expect(await killed.exited()).toBe('SIGKILL')
    expect(killed.output()).toBe('')
  }
  const server = await spawn(settings)
  await expectBeginning(await server.ready())
})

type Sign = (since: number) => boolean | Promise<boolean>

/** What shows that a first start has come so far: the files it makes, or what it does to the database. */
function signsOfProgress({ DATA_DIR, DATABASE_URL }: Record<string, string>): Sign[] {
  if (DATABASE_URL === undefined) {
    const files = ['pgdata', join('pgdata', 'PG_VERSION'), 'secret-key']
    return files.map((file) => (since) => statSync(join(DATA_DIR!, file)).birthtimeMs >= since)
  }
  const database = postgres(DATABASE_URL, { max: 1 })
  stack.defer(() => database.end())
  const holds = (condition: string): Sign => {
    return async () => (await database.unsafe<{ holds: boolean }[]>(`SELECT ${condition} AS holds`))[0]!.holds
  }
  return [
    holds("EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'fonechat')"),
    holds("to_regclass('accounts') IS NOT NULL"),
  ]
}
