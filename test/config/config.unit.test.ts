import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { countProcesses, settings, type Setting } from '../../src/config/config.ts'
import { ConfigError, readConfig } from '../../src/config/read-config.ts'

function faultsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message
      .split('\n')
      .slice(1)
      .map((fault) => fault.trim())
  }
}

const key = 'ab'.repeat(32)
const databaseUrl = 'postgres://user:password@host/database'

test('without any setting everything has its default', () => {
  expect(readConfig({})).toEqual({
    PORT: 4000,
    HOST: '127.0.0.1',
    PROCESSES: 1,
    DATABASE_POOL: 10,
    DATABASE_POOLER: 'none',
    DATABASE_PREPARE: true,
    DATABASE_CONNECT_TIMEOUT: 3000,
    DATABASE_POOL_TIMEOUT: 2000,
    DATABASE_LOCK_TIMEOUT: 2000,
    DATABASE_STATEMENT_TIMEOUT: 5000,
    DATABASE_IDLE_TIMEOUT: 5000,
    DATABASE_TOTAL_TIMEOUT: 10_000,
    DATA_DIR: './data',
    TRUST_PROXY: 0,
    PERSISTED_DOCUMENTS_ONLY: false,
    GRAPHIQL: true,
    SOCKET_BUFFER_BYTES: 1024 * 1024,
    STREAM_SILENCE_SECONDS: 60,
    DRAIN_DELAY: 2,
    DRAIN_SECONDS: 3,
    DEVICE_DAYS: 30,
    WEBHOOK_RETRY_HOURS: 24,
    WEBHOOK_LOG_DAYS: 7,
    AUDIT_DAYS: 365,
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'auto',
    OTEL_SERVICE_NAME: 'fonechat',
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    OTEL_TRACES_SAMPLER_ARG: 1,
  })
})

test('a setting has a default, or says what happens without one', () => {
  const config = readConfig({})
  for (const [name, { unset }] of Object.entries<Setting>(settings)) {
    expect([name, unset === undefined]).toEqual([name, config[name as keyof typeof config] !== undefined])
  }
})

test('empty counts as unset, for every setting', () => {
  const empty = Object.fromEntries(Object.keys(settings).map((name) => [name, '']))
  expect(readConfig(empty)).toEqual(readConfig({}))
})

test('right values are taken as they are', () => {
  const environment = {
    PORT: '0',
    HOST: '::1',
    DATABASE_URL: databaseUrl,
    PROCESSES: '64',
    DATABASE_POOL: '3',
    DATABASE_POOLER: 'transaction',
    DATABASE_DIRECT_URL: databaseUrl,
    DATABASE_PREPARE: 'false',
    DATABASE_CONNECT_TIMEOUT: '100',
    DATABASE_POOL_TIMEOUT: '101',
    DATABASE_LOCK_TIMEOUT: '102',
    DATABASE_STATEMENT_TIMEOUT: '103',
    DATABASE_IDLE_TIMEOUT: '104',
    DATABASE_TOTAL_TIMEOUT: '105',
    REDIS_URL: 'rediss://host:6379',
    DATA_DIR: '/var/lib/fonechat',
    ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    AUTH_TOKEN: 'x'.repeat(16),
    SECRET_KEY: key.toUpperCase(),
    PUBLIC_URL: 'https://chat.example.com',
    TRUST_PROXY: '2',
    JWKS_URL: 'https://id.example.com/jwks.json',
    JWT_ISSUER: 'https://id.example.com',
    JWT_AUDIENCE: 'chat',
    PERSISTED_DOCUMENTS: './persisted-documents.json',
    PERSISTED_DOCUMENTS_ONLY: 'true',
    GRAPHIQL: 'false',
    PAGE: 'true',
    SOCKET_BUFFER_BYTES: '65536',
    STREAM_SILENCE_SECONDS: '8',
    DRAIN_DELAY: '0',
    DRAIN_SECONDS: '30',
    DEVICE_DAYS: '1',
    WEBHOOK_NETWORKS: '10.0.0.0/8, ::1',
    WEBHOOK_RETRY_HOURS: '48',
    WEBHOOK_LOG_DAYS: '1',
    AUDIT_DAYS: '30',
    LOG_LEVEL: 'silent',
    LOG_FORMAT: 'pretty',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret, tenant=a%20b',
    OTEL_SERVICE_NAME: 'chat',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=production',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  }
  expect(Object.keys(environment).sort()).toEqual(Object.keys(settings).sort())
  const switches = {
    PERSISTED_DOCUMENTS_ONLY: true,
    GRAPHIQL: false,
    PAGE: true,
    DATABASE_PREPARE: false,
  }
  const timeouts = {
    DATABASE_CONNECT_TIMEOUT: 100,
    DATABASE_POOL_TIMEOUT: 101,
    DATABASE_LOCK_TIMEOUT: 102,
    DATABASE_STATEMENT_TIMEOUT: 103,
    DATABASE_IDLE_TIMEOUT: 104,
    DATABASE_TOTAL_TIMEOUT: 105,
  }
  const hooks = { WEBHOOK_RETRY_HOURS: 48, WEBHOOK_LOG_DAYS: 1, AUDIT_DAYS: 30 }
  const sizes = {
    SOCKET_BUFFER_BYTES: 65536,
    STREAM_SILENCE_SECONDS: 8,
    DRAIN_DELAY: 0,
    DRAIN_SECONDS: 30,
    DEVICE_DAYS: 1,
    OTEL_TRACES_SAMPLER_ARG: 0.25,
  }
  const numbers = { PORT: 0, PROCESSES: 64, DATABASE_POOL: 3, TRUST_PROXY: 2, ...sizes, ...hooks, ...timeouts }
  const config = readConfig({ ...environment, UNKNOWN: 'is not ours' })
  expect(config).toEqual({ ...environment, ...switches, ...numbers })
})

test.for([
  [
    'PORT',
    ['x', '-1', '65536', '4000.5', '4000x', ' ', ' 1', '0x10', '1e3', 'Infinity'],
    'a whole number from 0 to 65535',
  ],
  ['DATABASE_URL', ['host/database', 'mysql://host/database', 'http://host'], 'a URL such as postgres://'],
  ['DATABASE_DIRECT_URL', ['host/database', 'postgres://host/database?colour=blue'], 'a URL '],
  ['DATABASE_POOLER', ['session', 'true'], 'none or transaction'],
  ['DATABASE_PREPARE', ['yes', '0'], 'true or false'],
  ['DATABASE_STATEMENT_TIMEOUT', ['99', '5s', '3600001'], 'a whole number from 100 to 3600000'],
  ['GRAPHIQL', ['off', '1'], 'true or false'],
  ['PROCESSES', ['0', '65', 'all', '1.5', 'AUTO'], 'auto or a whole number from 1 to 64'],
  ['DATABASE_POOL', ['0', '1001', '-5', 'many'], 'a whole number from 1 to 1000'],
  ['REDIS_URL', ['host:6379', 'http://host', 'localhost', 'redis://one:1,two:x'], 'a URL such as redis://'],
  [
    'REDIS_URL',
    ['redis+sentinel://', 'redis+sentinel://host', 'redis+sentinel://host:0/name', 'redis+sentinel://:%@host/name'],
    'a URL such as redis+sentinel://',
  ],
  ['ACCOUNT_SID', ['AC', `AC${'G'.repeat(32)}`, `AC${'A'.repeat(32)}`, `SK${'0'.repeat(32)}`], 'AC and 32 hex digits'],
  ['AUTH_TOKEN', ['short', 'x'.repeat(15)], 'at least 16 characters'],
  ['SECRET_KEY', ['secret', 'ab'.repeat(31), 'xy'.repeat(32), `${key}\n`], '64 hex digits'],
  [
    'PUBLIC_URL',
    ['chat.example.com', 'ftp://chat.example.com', 'https://user:secret@chat.example.com'],
    'a URL such as https://',
  ],
  [
    'TRUST_PROXY',
    ['yes', 'TRUE', '-1', '33', '1.5', '1,2', ',', 'localhost', '10.0.0.0/33', '10.0.0.0/8,private'],
    'a number of proxies from 0 to 32, or networks such as 10.0.0.0/8',
  ],
  ['PERSISTED_DOCUMENTS_ONLY', ['yes'], 'true or false'],
  ['JWKS_URL', ['id.example.com', 'file:///keys', 'https://user@id.example.com/keys'], 'a URL such as https://'],
  ['STREAM_SILENCE_SECONDS', ['0', '1m', '86401'], 'a whole number from 1 to 86400'],
  ['SOCKET_BUFFER_BYTES', ['0', '65535', '1MB'], 'a whole number from 65536'],
  ['DRAIN_DELAY', ['-1', '5s', '3601'], 'a whole number from 0 to 3600'],
  ['DEVICE_DAYS', ['0', '3651', 'week'], 'a whole number from 1 to 3650'],
  ['WEBHOOK_NETWORKS', ['localhost', '10.0.0.0/33', '10.0.0.0-10.0.0.9'], 'networks such as 10.0.0.0/8'],
  ['WEBHOOK_RETRY_HOURS', ['0', '721', 'day'], 'a whole number from 1 to 720'],
  ['WEBHOOK_LOG_DAYS', ['0', '3651'], 'a whole number from 1 to 3650'],
  ['AUDIT_DAYS', ['0', '3651'], 'a whole number from 1 to 3650'],
  ['LOG_LEVEL', ['verbose', 'INFO', 'true'], 'trace, debug, info, warn, error, fatal, silent'],
  ['LOG_FORMAT', ['text', 'JSON'], 'auto, json or pretty'],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    ['localhost:4318', 'https://user:secret@host'],
    'a URL such as http://localhost:4318',
  ],
  ['OTEL_EXPORTER_OTLP_HEADERS', ['secret', 'a=1,b', '=1'], 'names and values such as api-key=secret'],
  ['OTEL_RESOURCE_ATTRIBUTES', ['production', 'a=1;b=2'], 'names and values such as deployment.environment.name='],
  ['OTEL_TRACES_SAMPLER', ['always', 'jaeger_remote'], 'always_on, always_off, traceidratio, parentbased_always_on'],
  ['OTEL_TRACES_SAMPLER_ARG', ['-1', '1.1', 'half', '1e-3', '.5'], 'a number from 0 to 1'],
] as const)('a wrong %s is answered with its name and what is expected', ([name, wrong, expected]) => {
  for (const value of wrong) {
    const faults = faultsOf({ [name]: value })
    expect([value, faults.length]).toEqual([value, 1])
    expect(faults[0]).toMatch(new RegExp(`^${name}: expected `))
    expect(faults[0]).toContain(expected)
  }
})

test('all faults are reported at once', () => {
  const faults = faultsOf({ PORT: 'x', LOG_LEVEL: 'loud', SECRET_KEY: 'short', REDIS_URL: 'nowhere' })
  expect(faults.map((fault) => fault.split(':')[0])).toEqual(['PORT', 'REDIS_URL', 'SECRET_KEY', 'LOG_LEVEL'])
})

test('a wrong secret is not repeated in the answer', () => {
  const faults = faultsOf({ AUTH_TOKEN: 'hunter2', SECRET_KEY: 'hunter2', DATABASE_URL: 'hunter2' })
  expect(faults).toHaveLength(3)
  expect(faults.join(' ')).not.toContain('hunter2')
})

test('a database needs a secret key', () => {
  expect(faultsOf({ DATABASE_URL: databaseUrl })).toEqual([
    expect.stringContaining('SECRET_KEY: expected 64 hex digits'),
  ])
  expect(faultsOf({ DATABASE_URL: databaseUrl, PORT: 'x' })).toHaveLength(2)
  expect(faultsOf({ DATABASE_URL: databaseUrl, SECRET_KEY: key })).toEqual([])
})

test('the embedded engine is one process, and `auto` counts the processors', () => {
  expect(faultsOf({ PROCESSES: '2' })).toEqual([
    'PROCESSES: expected 1 or auto, since the embedded engine is one process; more need DATABASE_URL',
  ])
  const countOf = (environment: Record<string, string>) => countProcesses(readConfig(environment))
  expect([countOf({}), countOf({ PROCESSES: '1' }), countOf({ PROCESSES: 'auto' })]).toEqual([1, 1, 1])
  const onPostgres = { DATABASE_URL: databaseUrl, SECRET_KEY: key }
  expect([countOf(onPostgres), countOf({ ...onPostgres, PROCESSES: '3' })]).toEqual([1, 3])
  expect(countOf({ ...onPostgres, PROCESSES: 'auto' })).toBe(Math.min(64, availableParallelism()))
})

test('the keys of an issuer need its name and an audience', () => {
  const JWKS_URL = 'https://id.example.com/jwks.json'
  const both = 'JWT_ISSUER and JWT_AUDIENCE: expected both, since JWKS_URL is set'
  expect(faultsOf({ JWKS_URL })).toEqual([both])
  expect(faultsOf({ JWKS_URL, JWT_ISSUER: 'x' })).toEqual([both])
  expect(faultsOf({ JWKS_URL, JWT_AUDIENCE: 'x' })).toEqual([both])
  expect(faultsOf({ JWKS_URL, JWT_ISSUER: 'x', JWT_AUDIENCE: 'y' })).toEqual([])
})

test('only known documents are answered where there are some', () => {
  const fault = 'PERSISTED_DOCUMENTS: expected a file, since PERSISTED_DOCUMENTS_ONLY is set'
  expect(faultsOf({ PERSISTED_DOCUMENTS_ONLY: 'true' })).toEqual([fault])
  expect(faultsOf({ PERSISTED_DOCUMENTS_ONLY: 'true', PERSISTED_DOCUMENTS: './documents.json' })).toEqual([])
})
