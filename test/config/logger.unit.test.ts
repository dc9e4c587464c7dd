import { DrizzleQueryError } from 'drizzle-orm'
import { symbols } from 'pino'
import { expect, test } from 'vitest'
import { Outage, createLogger, hideCredentials, printError } from '../../src/config/logger.ts'

const secret = 'S3cr3t-of-this-test'

/** Errors as libraries make them, with a secret in every place where they keep what they were given. */
const errors = {
  statement: new DrizzleQueryError('insert into "t" values ($1)', [secret], new Error('relation "t" does not exist')),
  driver: Object.assign(new Error('syntax error'), {
    code: '42601',
    query: 'select $1',
    parameters: [secret],
    args: [secret],
  }),
  redis: Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['user', secret] } }),
  url: Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: `redis://:${secret}@host` }),
  fetch: new TypeError(
    `Request cannot be constructed from a URL that includes credentials: http://user:${secret}@host/`,
  ),
  connection: new Error('connect failed', { cause: new Error(`postgres://user:${secret}@host:5432/name refuses`) }),
  several: new AggregateError([Object.assign(new Error('one'), { password: secret })], 'all failed'),
}

function logged(error: unknown): string {
  const logger = createLogger('trace')
  let log = ''
  Object.assign(logger, { [symbols.streamSym]: { write: (line: string) => (log += line) } })
  logger.error({ err: error }, 'failed')
  return log
}

test.each(Object.entries(errors))('nothing secret of an error is logged: %s', (_name, error) => {
  for (const text of [logged(error), printError(error)]) expect(text).not.toContain(secret)
})

test('what helps to find the fault is logged: messages, codes, positions, causes', () => {
  const line = JSON.parse(logged(errors.statement).split('\n')[0]!) as { err: { stack: string } }
  expect(line).toMatchObject({
    msg: 'failed',
    err: { message: 'Failed query: insert into "t" values ($1)', cause: { message: 'relation "t" does not exist' } },
  })
  expect(line.err.stack).toContain('logger.unit.test.ts')
  expect(logged(errors.driver)).toContain('"code":"42601"')
  const text = printError(errors.connection)
  expect(text).toMatch(/^Error: connect failed\n +at .*logger\.unit/)
  expect(text).toContain('caused by Error: postgres://[secret]@host:5432/name refuses')
  expect(printError(errors.several)).toContain('caused by Error: one')
})

test('an error whose cause is itself is logged once', () => {
  const error = new Error('round')
  error.cause = error
  expect(logged(error).length).toBeLessThan(50_000)
  expect(printError('text')).toBe('string: text')
})

test('a long text is searched in a time that grows with its length alone', () => {
  const start = performance.now()
  hideCredentials(`${'key'.repeat(50_000)}=`.repeat(3))
  expect(performance.now() - start).toBeLessThan(1000)
})

test.each([
  [`https://user:${secret}@host/path`, 'https://[secret]@host/path'],
  [`at https://user:${secret}@word@host`, 'at https://[secret]@host'],
  [`redis://:${secret}@host`, 'redis://[secret]@host'],
  [`https://host/hook?a=1&api_key=${secret}&b=2`, 'https://host/hook?a=1&api_key=[secret]&b=2'],
  [`{"url":"https://host/?password=${secret}"}`, '{"url":"https://host/?password=[secret]"}'],
  ['https://host/@name?page=2', 'https://host/@name?page=2'],
  ['see node:internal/a?b, someone@host', 'see node:internal/a?b, someone@host'],
])('the credentials of a URL are hidden: %s', (text, hidden) => {
  expect(hideCredentials(text)).toBe(hidden)
})

test('a lasting outage is logged every 30 seconds at most', () => {
  let now = Date.UTC(2026, 0, 1)
  const outage = new Outage(() => now)
  const reason = { code: 'CONNECT_FAILED', reason: 'nothing listens' }
  expect(outage.end()).toBeUndefined()
  expect(outage.failed(reason)).toEqual(reason)
  for (let second = 1; second < 30; second++) {
    now += 1000
    expect(outage.failed(reason)).toBeUndefined()
  }
  now += 1000
  const since = '2026-01-01T00:00:00.000Z'
  expect(outage.failed(reason)).toEqual({ ...reason, since, seconds: 30, failures: 31 })
  expect(outage.failed(reason)).toBeUndefined()
  now += 5000
  expect(outage.end()).toEqual({ since, seconds: 30, failures: 32 })
  expect(outage.end()).toBeUndefined()
  expect(outage.failed(reason)).toEqual(reason)
})

test('an outage in which some statements are answered is one', () => {
  let now = Date.UTC(2026, 0, 1)
  const outage = new Outage(() => now)
  const reason = { code: '55P03', reason: 'canceling statement due to lock timeout' }
  expect(outage.failed(reason)).toEqual(reason)
  for (let second = 3; second < 30; second += 3) {
    now += 2000
    expect(outage.failed(reason)).toBeUndefined()
    now += 1000
    expect(outage.end()).toBeUndefined()
  }
  now += 4000
  expect(outage.end()).toEqual({ since: '2026-01-01T00:00:00.000Z', seconds: 26, failures: 10 })
})
