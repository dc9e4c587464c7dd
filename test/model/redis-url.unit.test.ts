import { expect, test } from 'vitest'
import { parseRedisUrl } from '../../src/model/redis-url.ts'

const plain = { user: '', password: '', sentinelUser: '', sentinelPassword: '', isEncrypted: false }

test.for(['redis://host', 'redis://user:secret@host:1/2', 'rediss://[::1]:6379'])('%s is taken as it is', (url) => {
  expect(parseRedisUrl(url)).toEqual({ urls: [url] })
})

test('nodes of a cluster have the same credentials', () => {
  expect(parseRedisUrl('rediss://chat:a%2Cb@one:1,two,[::1]:3/0')).toEqual({
    urls: ['rediss://chat:a%2Cb@one:1/0', 'rediss://chat:a%2Cb@two/0', 'rediss://chat:a%2Cb@[::1]:3/0'],
  })
})

test('sentinels are named with their ports, the primary by its name', () => {
  expect(parseRedisUrl('redis+sentinel://one:1,two,[::1]:3/fone')).toEqual({
    ...plain,
    sentinels: [
      { host: 'one', port: 1 },
      { host: 'two', port: 26379 },
      { host: '::1', port: 3 },
    ],
    name: 'fone',
  })
})

test('the servers and the sentinels each have their password', () => {
  const parameters = 'sentinel_username=guard&sentinel_password=p%3Dq%26r'
  expect(parseRedisUrl(`rediss+sentinel://chat:a%40b:c@one:1/name%2dhere?${parameters}`)).toEqual({
    sentinels: [{ host: 'one', port: 1 }],
    name: 'name-here',
    user: 'chat',
    password: 'a@b:c',
    sentinelUser: 'guard',
    sentinelPassword: 'p=q&r',
    isEncrypted: true,
  })
  expect(parseRedisUrl('redis+sentinel://:secret@one/fone')).toMatchObject({ user: '', password: 'secret' })
})

test.for([
  ['redis+sentinel://one:1,two:2', 'ends with what the sentinels call the primary'],
  ['redis+sentinel://one:1/fone/0', 'without a number of a database'],
  ['redis+sentinel://one:1/fone?db=1', 'without the parameter db'],
  ['redis+sentinel://one:70000/fone', 'a URL such as redis+sentinel://'],
  ['redis+sentinel://one,,two/fone', 'a URL such as redis+sentinel://'],
  ['redis+sentinel://:a@b@one/fone', 'a URL such as redis+sentinel://'],
  ['redis+sentinel://:%zz@one/fone', 'percent-encoded'],
  ['redis+cluster://one:1', 'a URL such as redis+sentinel://'],
  ['redis://one:1,two:x', 'a URL such as redis://'],
  ['redis://one:1,,two', 'a URL such as redis://'],
  ['redis://one:1/name', 'at most the number of a database'],
  ['redis://one:1/0/1', 'at most the number of a database'],
  ['redis://:%zz@one:1', 'percent-encoded'],
] as const)('%s is answered with what is expected', ([url, expected]) => {
  expect(() => parseRedisUrl(url)).toThrow(expected)
})

test('the secret of a wrong URL is in no message', () => {
  const wrong = [
    'redis+sentinel://:hidden@one',
    'redis+sentinel://:hidden@one:0/x',
    'redis://:hidden@one:x',
    // Passwords that begin with a number and are not percent-encoded: what comes first looks like a host with its port.
    'redis+sentinel://chat:1/hidden@one/name',
    'redis+sentinel://chat:1/2?hidden@one/name',
    'redis://chat:1/hidden@one',
  ]
  for (const url of wrong) expect(() => parseRedisUrl(url)).toThrow(/^(?!.*hidden)/)
})
