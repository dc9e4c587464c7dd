import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreateApiKeyDocument, DeleteApiKeyDocument, ViewerDocument } from '../../schema/generated/graphql.ts'
import { captureLog } from '../support/captured-log.ts'
import { openKit, openSocket, requestOver, type Kit } from '../support/kit.ts'
import { webSocketFrom } from '../support/refusal.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let account: string
beforeAll(async () => {
  kit = await openKit({ TRUST_PROXY: '1' })
  account = kit.server.account.accountId
})
afterAll(() => kit.close())

let addresses = 0
/** Wrong passwords of one test must not count in another. */
const newAddress = (): string => `192.0.2.${++addresses}`

const basic = (name: string, password: string): string => `Basic ${btoa(`${name}:${password}`)}`

interface Answer {
  readonly status: number
  readonly retryAfter?: string | null
}

type Way = (address: string, authorization: string) => Promise<Answer>

function over(path: string, init: RequestInit = {}, more: Record<string, string> = {}): Way {
  return async (address, authorization) => {
    const response = await fetch(kit.server.url + path, {
      ...init,
      headers: { authorization, 'x-forwarded-for': `203.0.113.1, ${address}`, ...more },
    })
    const text = await response.text()
    const retryAfter = response.headers.get('retry-after')
    if (path === '/graphql' && retryAfter !== null)
      expect(text).toContain(`"retryAfterMs":${Number(retryAfter) * 1000}`)
    return { status: response.status, retryAfter }
  }
}

const json = { 'content-type': 'application/json' }
const post = over('/graphql', { method: 'POST', body: '{"query":"{ viewer { kind } }"}' }, json)
const stream = { method: 'POST', body: '{"query":"subscription { events(channelId: \\"none\\") { __typename } }"}' }

const ways: Readonly<Record<string, Way>> = {
  POST: post,
  GET: over('/graphql?query={viewer{kind}}'),
  'Server-Sent Events': over('/graphql', stream, { ...json, accept: 'text/event-stream' }),
  WebSocket: async (address, authorization) => {
    const client = openSocket(kit.server, { authorization }, { webSocketImpl: webSocketFrom(address) })
    const closed = new Promise<CloseEvent>((resolve) =>
      client.on('closed', (event) => resolve(event as unknown as CloseEvent)),
    )
    requestOver(client, ViewerDocument).then(
      () => client.dispose(),
      () => {},
    )
    const { code, reason } = await closed
    if (code === 1000) return { status: 200 }
    if (code === 4403) return { status: 401 }
    return code === 1013 && reason === 'Too many wrong passwords' ? { status: 429, retryAfter: '5' } : { status: code }
  },
  REST: over('/v1/Services'),
  metrics: over('/metrics'),
}

test('P12: each way in delays the answer to a wrong password, and all are counted together', async () => {
  const address = newAddress()
  const { passwords } = kit.server.app
  let [count, expected] = [passwords.wrong, 50]
  for (const [name, way] of Object.entries(ways)) {
    const since = performance.now()
    expect([name, await way(address, basic(account, `wrong over ${name}`))]).toMatchObject([name, { status: 401 }])
    // 100 ms for the first two, then twice as long each time; timers may be a little early.
    expected = Math.max(100, expected * (name === 'GET' ? 1 : 2))
    expect([name, performance.now() - since]).toEqual([name, expect.toSatisfy((took: number) => took > expected - 5)])
    expect([name, passwords.wrong]).toEqual([name, ++count])
    expect([name, await way(address, kit.backend.authorization)]).toMatchObject([name, { status: 200 }])
  }
  expect(expected).toBe(1600)
})

test('P12: while ten wrong ones wait, each way in refuses what comes from there, and nothing from elsewhere', async () => {
  const address = newAddress()
  const { createApiKey: key } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  const { passwords } = kit.server.app
  const guessTen = () =>
    Promise.all(Array.from({ length: 10 }, () => post(address, basic(account, crypto.randomUUID()))))
  // The first ten make the answers to all later ones wait for 5 seconds.
  await guessTen()
  const before = passwords.wrong
  const waiting = guessTen()
  await waitFor(() => passwords.wrong === before + 10)
  const tooMany = { status: 429, retryAfter: '5' }
  const answers = Object.entries(ways).map(async ([name, way]) => [name, await way(address, basic(account, name))])
  expect(await Promise.all(answers)).toEqual(Object.keys(ways).map((name) => [name, tooMany]))
  expect(await post(address, kit.backend.authorization)).toEqual(tooMany)
  expect(await post(address, basic(key.apiKey.id, key.secret))).toMatchObject({ status: 200 })
  expect(await post(newAddress(), kit.backend.authorization)).toMatchObject({ status: 200 })
  expect(passwords.wrong).toBe(before + 10)
  expect((await waiting).map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 401))
})

test('P12: of 2000 wrong passwords, 500 at once, a handful is checked, and the log says so in a line', async () => {
  const address = newAddress()
  const { app } = kit.server
  const { level } = app.logger
  const log = captureLog(app.logger)
  const before = app.passwords.wrong
  const since = performance.now()
  // More connections at once than a busy machine uses within 10 seconds would be closed as unused.
  const guesses = Array.from({ length: 500 }, async (_, at) => {
    const statuses: number[] = []
    for (let guess = at; guess < 2000; guess += 500)
      statuses.push((await post(address, basic(account, `secret guess ${guess}`))).status)
    return statuses
  })
  const other = post(newAddress(), kit.backend.authorization)
  expect(await other).toMatchObject({ status: 200 })
  const answers = Map.groupBy((await Promise.all(guesses)).flat(), (status) => status)
  const seconds = (performance.now() - since) / 1000
  const wrong = answers.get(401)!.length
  // Ten at once; while delays are still short their places are taken once more, then every five seconds.
  expect(wrong).toBeLessThanOrEqual(10 * (2 + Math.ceil(seconds / 5)))
  expect(app.passwords.wrong - before).toBe(wrong)
  expect(answers.get(429)!.length).toBe(2000 - wrong)
  app.logger.level = level
  const lines = log.lines.filter((line) => line.includes('wrong passwords'))
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 40, address, sid: account }])
  expect(log.text).not.toContain('secret guess')
}, 60_000)

test('P12: a right password does not wait behind a trickle of wrong ones', async () => {
  const address = newAddress()
  for (let guess = 0; guess < 5; guess++) {
    const wrong = post(address, basic(account, 'an old token')).then(({ status }) => status)
    const right = post(address, kit.backend.authorization).then(({ status }) => status)
    expect(await right).toBe(200)
    expect(await wrong).toBe(401)
  }
})

test('P12: a key that was deleted is a wrong name, which is logged; a wrong token is none', async () => {
  const address = newAddress()
  const { app } = kit.server
  const { createApiKey: key } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  const authorization = basic(key.apiKey.id, key.secret)
  expect(await post(address, authorization)).toMatchObject({ status: 200 })
  await kit.backend.request(DeleteApiKeyDocument, { input: { apiKeyId: key.apiKey.id } })
  const before = app.passwords.wrong
  const log = captureLog(app.logger)
  for (let time = 0; time < 5; time++) expect(await post(address, authorization)).toMatchObject({ status: 401 })
  expect(app.passwords.wrong).toBe(before + 5)
  expect(log.lines.map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({ address, sid: key.apiKey.id, wrong: 5 }),
  )
  expect(log.text).not.toContain(key.secret)
  expect(await post(address, `Bearer ${(await kit.user()).token}x`)).toMatchObject({ status: 401 })
  expect(app.passwords.wrong).toBe(before + 5)
})

test('P12: without a trusted proxy nobody gets another address by naming one', async () => {
  const server = await kit.another({ TRUST_PROXY: '0' })
  const log = captureLog(server.app.logger)
  for (let guess = 0; guess < 5; guess++) {
    const answer = await fetch(`${server.url}/metrics`, {
      headers: { authorization: basic(account, `wrong ${guess}`), 'x-forwarded-for': newAddress() },
    })
    expect(answer.status).toBe(401)
  }
  expect(log.lines.map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({ address: '127.0.0.1', sid: account, wrong: 5 }),
  )
})
