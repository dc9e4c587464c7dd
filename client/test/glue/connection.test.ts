import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, type Kit, type User } from '../../../test/support/kit.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { createConnection, type Connection } from '../../src/glue/connection.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

/** A user whose events begin with `Ready`: they do for whoever is in a channel. */
async function member(): Promise<User> {
  const alice = await kit.user('alice')
  await kit.channel([alice])
  return alice
}

function open(token: () => string | Promise<string>): Connection & AsyncDisposable {
  const connection = createConnection({ url: `${kit.server.url}/graphql`, token })
  return { ...connection, [Symbol.asyncDispose]: () => connection.close() }
}

function subscribe(connection: Connection, next = (_value: unknown) => {}) {
  const [values, errors] = [[] as unknown[], [] as unknown[]]
  const stop = connection.subscribe(
    { query: 'subscription { events { __typename } }' },
    {
      next: (value) => {
        values.push(value)
        next(value)
      },
      error: (error) => errors.push(error),
      complete: () => {},
    },
  )
  return { values, errors, stop }
}

const ask = (connection: Connection) =>
  connection.fetch(connection.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ viewer { identity } }"}',
  })

test('a refused token is fetched anew, once for all that ask', async () => {
  const alice = await member()
  let calls = 0
  await using connection = open(async () => (calls++ === 0 ? 'an old one' : alice.token))
  const answers = await Promise.all([ask(connection), ask(connection)])
  expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(
    Array.from({ length: 2 }, () => ({ data: { viewer: { identity: alice.identity } } })),
  )
  const { values } = subscribe(connection)
  await waitFor(() => values.length > 0)
  expect(calls).toBe(2)
})

test('a subscription whose new token is refused too ends, and does not try for ever', async () => {
  let calls = 0
  await using connection = open(() => `wrong ${calls++}`)
  const { errors } = subscribe(connection)
  await waitFor(() => errors.length > 0)
  expect(errors).toMatchObject([{ code: 4403 }])
  expect(calls).toBe(2)
  expect((await ask(connection)).status).toBe(401)
})

test('a backend that gives no token for a while is asked again', async () => {
  const alice = await member()
  let calls = 0
  await using connection = open(() => {
    if (calls++ < 2) throw new Error('the backend is away')
    return alice.token
  })
  const { values, errors } = subscribe(connection)
  await waitFor(() => values.length > 0, { timeout: 15_000 })
  expect(errors).toEqual([])
})

test('a listener that throws ends its subscription alone', async () => {
  const alice = await member()
  await using connection = open(() => alice.token)
  const fault = new Error('in the application')
  const other = subscribe(connection)
  const failing = subscribe(connection, () => {
    throw fault
  })
  await waitFor(() => failing.errors.length > 0 && other.values.length > 0)
  await kit.channel([alice])
  await waitFor(() => other.values.length > 1)
  expect([failing.errors, failing.values.length, other.errors]).toEqual([[fault], 1, []])
})
