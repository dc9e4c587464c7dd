import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { WebSocket } from 'ws'
import { freePort } from '../support/free-port.ts'
import { Caller } from '../support/kit.ts'
import { startPostgresServer } from '../support/postgres-server.ts'
import { startRedisServer } from '../support/redis-server.ts'
import { makeScratch } from '../support/scratch.ts'
import { waitFor } from '../support/wait.ts'
import { Podman, type Container } from './podman.ts'
import { startProxy } from './proxy.ts'
import { repository } from './system.ts'

const image = 'localhost/fonechat'
const accountId = `AC${'ab'.repeat(16)}`
const account = { ACCOUNT_SID: accountId, AUTH_TOKEN: 'the-token-of-the-backend' }
const own = new AsyncDisposableStack()
let podman: Podman

beforeAll(async () => {
  const scratch = own.use(await makeScratch())
  podman = new Podman(scratch.path)
  own.defer(() => podman.removeAll())
  // In the place of the one that a registry has.
  const nodeImage = 'localhost/node'
  const containerfile = join(scratch.path, 'Containerfile')
  await writeFile(containerfile, 'FROM scratch\nCOPY . /\n')
  await podman.build(nodeImage, [`--file=${containerfile}`, inject('system')])
  await podman.build(image, [`--build-arg=NODE_IMAGE=${nodeImage}`, repository])
}, 900_000)

afterAll(() => own.disposeAsync(), 120_000)

const backendOf = (url: string): Caller =>
  new Caller({ url }, `Basic ${btoa(`${account.ACCOUNT_SID}:${account.AUTH_TOKEN}`)}`)

async function ask<Data>(caller: Caller, query: string): Promise<Data> {
  const { data, errors } = await caller.ask<Data, object>(query)
  if (errors) throw new Error(JSON.stringify(errors))
  return data!
}

const send = (caller: Caller, body: string): Promise<unknown> =>
  ask(caller, `mutation { sendMessage(input: {channelId: "hall", body: "${body}"}) { message { index } } }`)

async function makeHall(caller: Caller): Promise<string> {
  const made = await ask<{ createAccessToken: { token: string } }>(
    caller,
    `mutation {
      createChannel(input: {uniqueName: "hall"}) { channel { id } }
      addMember(input: {channelId: "hall", identity: "ada"}) { member { id } }
      createAccessToken(input: {identity: "ada"}) { token }
    }`,
  )
  return made.createAccessToken.token
}

/** A stock client. It connects again when its WebSocket is closed, and goes on with what it has not confirmed. */
function listen(url: string, token: string) {
  const codes: number[] = []
  const bodies: string[] = []
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token, deviceId: 'one' },
    shouldRetry: () => true,
    retryAttempts: 100,
    retryWait: (attempt) => new Promise((resolve) => setTimeout(resolve, Math.min(attempt, 5) * 100)),
    on: { closed: (event) => codes.push((event as { code: number }).code) },
  })
  client.subscribe<{ messageAdded: { body: string } }>(
    { query: 'subscription { messageAdded { body } }' },
    { next: ({ data }) => bodies.push(data!.messageAdded.body), error: () => {}, complete: () => {} },
  )
  return { codes, bodies, [Symbol.asyncDispose]: async () => client.dispose() }
}

const isReady = async (url: string): Promise<boolean> => (await fetch(`${url}/readyz`)).status === 200

async function started(container: Container, url: string): Promise<void> {
  await waitFor(() => isReady(url), { timeout: 120_000 }).catch(async (error: unknown) => {
    throw new Error(`it does not become ready:\n${await container.logs()}`, { cause: error })
  })
}

test('the image is below 200 MB, not of root, and has neither a shell nor npm', async () => {
  const [{ Size, Config }] = JSON.parse(await podman.run(['inspect', image])) as [
    { Size: number; Config: { User: string; Entrypoint: string[] } },
  ]
  process.stderr.write(`the image has ${(Size / 1e6).toFixed(1)} MB\n`)
  expect(Size).toBeLessThan(200e6)
  expect(Config).toMatchObject({ User: '65532:65532', Entrypoint: ['/usr/local/bin/fonechat'] })
  const listing = `fs.globSync('{bin,usr/bin,usr/local/bin,sbin}/*', { cwd: '/' }).join()`
  const files = await podman.once(image, '/usr/local/bin/node', ['--print', listing])
  expect(files.split(',').toSorted()).toEqual(['usr/local/bin/fonechat', 'usr/local/bin/node'])
})

test('one container on the embedded engine: nothing but its data can be written, SIGTERM drains it, and a restart keeps all', async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = { ...account, HOST: '127.0.0.1', PORT: String(port), DRAIN_DELAY: '2', DRAIN_SECONDS: '1' }
  const container = await podman.start(image, {
    name: 'alone',
    settings,
    volumes: { '/data': 'data', '/backups': 'backups' },
  })
  expect(await container.isHealthy()).toBe(false)
  await started(container, url)
  expect(await container.isHealthy()).toBe(true)

  const status = await readFile(`/proc/${await container.pid()}/status`, 'utf8')
  expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m)
  expect(status).toMatch(/^CapEff:\t0+$/m)
  expect(status).toMatch(/^NoNewPrivs:\t1$/m)
  const writing = `try { fs.writeFileSync('/app/x', ''); console.log('written') } catch (e) { console.log(e.code) }`
  expect(await container.exec('node', '-e', writing)).toBe('EROFS')

  const backend = backendOf(url)
  const token = await makeHall(backend)
  await using reader = listen(url, token)
  await send(backend, 'one')
  await waitFor(() => reader.bodies.includes('one'))
  // Its own commands work beside it, without a shell.
  expect(await container.exec('fonechat', 'backup', '/backups/one')).toContain('/backups/one is a copy of /data')

  const stopped = container.stop(20)
  // It takes sends while it is not ready.
  await waitFor(async () => !(await isReady(url)))
  await send(backend, 'two')
  await stopped
  expect(await container.exitCode()).toBe(0)
  expect(await container.logs()).toMatch(/"signal":"SIGTERM","msg":"stopping"[^]*"msg":"stopped"/)
  expect(reader.codes).toContain(1012)

  await container.start()
  await started(container, url)
  const read = `{ channel(id: "hall") { messages(last: 5) { nodes { body } } } }`
  expect(await ask(backend, read)).toEqual({
    channel: { messages: { nodes: [{ body: 'one' }, { body: 'two' }] } },
  })
  await waitFor(() => reader.bodies.includes('two'))
  expect(reader.bodies).toEqual(['one', 'two'])
}, 240_000)

test('two containers on Postgres and Redis behind the proxy of compose.yaml: one is replaced, and nothing is refused or lost', async () => {
  await using servers = new AsyncDisposableStack()
  const postgres = servers.use(await startPostgresServer())
  const redis = servers.use(await startRedisServer())
  const port = await freePort()
  // As make-secrets.sh has them: a folder that the server's user cannot enter, with files that it can read.
  const scratch = servers.use(await makeScratch())
  const secrets = { database_url: postgres.url(), secret_key: 'cd'.repeat(32), auth_token: account.AUTH_TOKEN }
  const settings = {
    ACCOUNT_SID: account.ACCOUNT_SID,
    DATABASE_URL_FILE: '/run/secrets/database_url',
    SECRET_KEY_FILE: '/run/secrets/secret_key',
    AUTH_TOKEN_FILE: '/run/secrets/auth_token',
    REDIS_URL: redis.url,
    PORT: String(port),
    TRUST_PROXY: '1',
    DRAIN_DELAY: '3',
    DRAIN_SECONDS: '2',
  }
  for (const [name, value] of Object.entries(secrets)) await writeFile(join(scratch.path, name), value, { mode: 0o644 })
  const volumes = Object.fromEntries(
    Object.keys(secrets).map((name) => [`/run/secrets/${name}:ro`, join(scratch.path, name)]),
  )
  const places = { 'fonechat-a': '127.0.0.2', 'fonechat-b': '127.0.0.3' }
  // At once, on an empty database: one of them makes it.
  // In the second one work two processes.
  const [a, b] = await Promise.all([
    podman.start(image, { name: 'a', volumes, settings: { ...settings, HOST: places['fonechat-a'] } }),
    podman.start(image, { name: 'b', volumes, settings: { ...settings, HOST: places['fonechat-b'], PROCESSES: '2' } }),
  ])
  const proxy = servers.use(await startProxy(places, port))
  await Promise.all([started(a, `http://127.0.0.2:${port}`), started(b, `http://127.0.0.3:${port}`)])
  await waitFor(() => isReady(proxy.url), { timeout: 20_000 })

  const backend = backendOf(proxy.url)
  await using reader = listen(proxy.url, await makeHall(backend))
  const sent: string[] = []
  let isSending = true
  const sending = (async () => {
    for (let n = 0; isSending; n++) {
      await send(backend, `m${n}`)
      sent.push(`m${n}`)
    }
  })()
  await waitFor(() => reader.bodies.length > 10, { timeout: 30_000 })
  // As `docker compose up` replaces them, one after the other.
  for (const [container, address] of [
    [a, places['fonechat-a']],
    [b, places['fonechat-b']],
  ] as const) {
    await container.stop(30)
    expect(await container.exitCode()).toBe(0)
    await container.start()
    await started(container, `http://${address}:${port}`)
    // The proxy asks every second.
    const count = sent.length
    await waitFor(() => sent.length > count + 20, { timeout: 30_000 })
  }
  isSending = false
  await sending
  await waitFor(() => reader.bodies.length >= sent.length, { timeout: 30_000 })
  expect(reader.bodies).toEqual(sent)
  expect(reader.codes).toContain(1012)
  expect(reader.codes.filter((code) => code !== 1012)).toEqual([])
  // Its address is that of the client, as the proxy has written it.
  const links = await fetch(`${proxy.url}/v1/Services`, { headers: { authorization: backend.authorization } })
  expect(JSON.stringify(await links.json())).toContain(`"url":"${proxy.url}/v1/Services/IS`)
}, 240_000)
