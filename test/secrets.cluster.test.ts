import { inject, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { UpdateServiceDocument } from '../schema/generated/graphql.ts'
import { freePort } from './support/free-port.ts'
import { Caller } from './support/kit.ts'
import { makeScratch } from './support/scratch.ts'
import { spawnServer } from './support/server-binary.ts'
import { waitFor } from './support/wait.ts'

// Every test starts processes.
vi.setConfig({ testTimeout: 120_000 })

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

const password = 'pass-of-this-test'
const secretKey = 'c0ffee'.repeat(11).slice(0, 64)
const authToken = 'the-token-that-the-operator-gave'

/** Starts a server with these settings, lets `use` make it fail, and answers all that it has ever said. */
async function everythingSaid(
  settings: Record<string, string>,
  use: (backend: Caller, serviceId: string, said: () => string) => Promise<unknown> = async () => {},
) {
  const scratch = stack.use(await makeScratch())
  const server = stack.use(
    await spawnServer({
      DATA_DIR: `${scratch.path}/data`,
      LOG_LEVEL: 'trace',
      AUTH_TOKEN: authToken,
      SECRET_KEY: secretKey,
      ...settings,
    }),
  )
  const greeting = await server.ready().catch(() => undefined)
  if (greeting) {
    await use(
      new Caller(greeting, `Basic ${btoa(`${greeting.accountId}:${greeting.authToken}`)}`),
      greeting.serviceId,
      server.output,
    )
    server.kill('SIGTERM')
  }
  const code = await server.exited()
  return { code, text: server.output() + server.complaints() }
}

/** Settings that hold a secret and are wrong in some way, by what is wrong; and what the server must say of it. */
const wrongStarts: [string, (port: number) => Record<string, string>, RegExp][] = [
  ['no Postgres', (port) => ({ DATABASE_URL: `postgres://user:${password}@127.0.0.1:${port}/name` }), /ECONNREFUSED/],
  [
    'a host that is none',
    () => ({ DATABASE_URL: `postgres://user:${password}@host.invalid/name` }),
    /ENOTFOUND|EAI_AGAIN/,
  ],
  ['a URL that is none', () => ({ DATABASE_URL: `mysql://user:${password}@host/name` }), /DATABASE_URL: expected/],
  [
    'no Redis',
    (port) => ({ REDIS_URL: `redis://user:${password}@127.0.0.1:${port}` }),
    /REDIS_URL: the server does not answer/,
  ],
  ['a Redis URL that is none', () => ({ REDIS_URL: `http://user:${password}@host` }), /REDIS_URL: expected/],
  [
    'keys behind a password',
    () => ({ JWKS_URL: `https://user:${password}@host/keys`, JWT_ISSUER: 'x', JWT_AUDIENCE: 'x' }),
    /JWKS_URL: expected .* without credentials/,
  ],
  [
    'links with a password',
    () => ({ PUBLIC_URL: `https://user:${password}@host` }),
    /PUBLIC_URL: expected .* without credentials/,
  ],
  ['a short key', () => ({ SECRET_KEY: password }), /SECRET_KEY: expected/],
  ['a short token', () => ({ AUTH_TOKEN: password.slice(0, 12) }), /AUTH_TOKEN: expected/],
]

function expectNoSecret(text: string): void {
  for (const secret of [password, password.slice(0, 12), authToken, secretKey]) expect(text).not.toContain(secret)
}

test.each(wrongStarts)('a start that fails shows no secret: %s', async (_name, settings, complaint) => {
  const { code, text } = await everythingSaid(settings(await freePort()))
  expect(code).toBe(1)
  expect(text).toMatch(complaint)
  expectNoSecret(text)
})

test('a start that is refused by Postgres and Redis shows no secret', async () => {
  const { postgresUrl, redisUrl } = inject('cluster')!
  const withPassword = (url: string, username: string): string =>
    Object.assign(new URL(url), { username, password }).href
  const postgres = await everythingSaid({ DATABASE_URL: withPassword(postgresUrl, 'nobody-of-this-test') })
  expect(postgres.text).toContain('nobody-of-this-test')
  const redis = await everythingSaid({ REDIS_URL: withPassword(redisUrl, 'nobody-of-this-test') })
  expect(redis.text).toContain('REDIS_URL: the server refuses the user or its password')
  for (const { code, text } of [postgres, redis]) {
    expect(code).toBe(1)
    expectNoSecret(text)
  }
})

test('a server that was given its secrets never shows them, nor those of its webhooks and its token issuer', async () => {
  const port = await freePort()
  const { code, text } = await everythingSaid(
    {
      WEBHOOK_NETWORKS: '127.0.0.0/8',
      JWKS_URL: `http://127.0.0.1:${port}/keys?api_key=${password}`,
      JWT_ISSUER: 'issuer',
      JWT_AUDIENCE: 'audience',
    },
    async (backend, serviceId, said) => {
      const url = `http://user:${password}@127.0.0.1:${port}/hook?token=${password}`
      await backend.request(UpdateServiceDocument, {
        input: { serviceId, webhooks: { preUrl: url, postUrl: url, filters: ['ON_CHANNEL_ADD', 'ON_CHANNEL_ADDED'] } },
      })
      await backend.request('mutation { createChannel(input: {}) { channel { id } } }')
      const foreign = [{ alg: 'RS256', kid: 'x' }, { iss: 'issuer', aud: 'audience', sub: 'x', exp: 9e9 }, password]
      const token = foreign.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
      const { errors } = await new Caller(backend.server, `Bearer ${token}`).ask('{ viewer { kind } }')
      expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
      await waitFor(() => said().includes('a webhook delivery did not arrive and will be tried again'))
    },
  )
  expect(code).toBe(0)
  expect(text).toContain('the keys of the token issuer cannot be read')
  expect(text).toContain('a webhook delivery did not arrive and will be tried again')
  expectNoSecret(text)
})

test('a token that was made is shown once, whatever the log level', async () => {
  const scratch = stack.use(await makeScratch())
  const settings = { DATA_DIR: `${scratch.path}/data`, LOG_LEVEL: 'silent' }
  const said: string[] = []
  let made = ''
  for (let start = 0; start < 2; start++) {
    const server = stack.use(await spawnServer(settings))
    const { authToken: shown } = await server.ready()
    made ||= shown
    server.kill('SIGTERM')
    await server.exited()
    said.push(server.output() + server.complaints())
  }
  expect(said.map((text) => text.split(made).length - 1)).toEqual([1, 0])
  expect(said[1]).toContain('as before; set AUTH_TOKEN to replace it')
})
