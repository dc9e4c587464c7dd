import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'

test('every setting has its documented default, and an empty variable counts as unset', () => {
  const config = readConfig({ PORT: '', DATABASE_URL: '', REDIS_URL: '' })
  expect(config).toMatchObject({
    PORT: 4000,
    HOST: '127.0.0.1',
    DATA_DIR: './data',
    LOG_LEVEL: 'info',
    DEVICE_DAYS: 30,
  })
  expect([config.DATABASE_URL, config.REDIS_URL, config.ACCOUNT_SID]).toEqual([undefined, undefined, undefined])
})

test.for([
  ['PORT', '70000', 'a whole number from 0 to 65535'],
  ['PORT', 'http', 'a whole number from 0 to 65535'],
  ['PORT', '1.5', 'a whole number from 0 to 65535'],
  ['DATABASE_URL', 'mysql://host/database', 'a URL such as postgres://'],
  ['DATABASE_POOL', '0', 'a whole number from 1 to 1000'],
  ['REDIS_URL', 'localhost', 'a URL such as redis://'],
  ['ACCOUNT_SID', 'AC123', 'AC and 32 hex digits'],
  ['AUTH_TOKEN', 'short', 'at least 16 characters'],
  ['SECRET_KEY', 'not hex', '64 hex digits'],
  ['PUBLIC_URL', 'ftp://host', 'a URL such as https://'],
  ['JWKS_URL', 'nowhere', 'a URL such as https://'],
  ['SOCKET_BUFFER_BYTES', '1', 'a whole number from 65536'],
  ['DEVICE_DAYS', '-1', 'a whole number from 1'],
  ['LOG_LEVEL', 'loud', 'trace, debug, info, warn, error, fatal, silent'],
] as const)('a wrong %s (%s) is answered with its name and what is expected', ([name, value, expected]) => {
  expect(() => readConfig({ [name]: value })).toThrow(`${name}: expected ${expected}`)
})

test('all wrong settings are named at once', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT: expected[^]*LOG_LEVEL: expected/)
})

test('what depends on another setting is asked for', () => {
  expect(() => readConfig({ DATABASE_URL: 'postgres://host/database' })).toThrow('SECRET_KEY: expected 64 hex digits')
  expect(() => readConfig({ JWKS_URL: 'https://id.example.com/jwks.json' })).toThrow('JWT_ISSUER and JWT_AUDIENCE')
})
