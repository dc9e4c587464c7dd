import { describe, expect, test } from 'vitest'
import { DatabaseUrlError, parseDatabaseUrl } from '../../src/model/database-url.ts'

const usual = {
  hosts: [{ host: 'db.example.com', port: 5432 }],
  user: 'me',
  password: 'secret',
  database: 'chat',
  tls: 'prefer',
  rootCertificate: undefined,
  mustWrite: false,
  searchPath: '"$user", public',
  applicationName: 'fonechat',
  isPooled: false,
}

describe('an address of a database', () => {
  test.each<[string, string, object]>([
    ['with everything usual', 'postgres://me:secret@db.example.com:5432/chat', {}],
    ['by its other name and without a port', 'postgresql://me:secret@db.example.com/chat', {}],
    ['without a database has the user’s', 'postgres://me:secret@db.example.com', { database: 'me' }],
    [
      'has special characters percent-encoded',
      'postgres://m%40e:s%2Fe%3Fc%25@db.example.com/ch%20at',
      { user: 'm@e', password: 's/e?c%', database: 'ch at' },
    ],
    ['may have an @ in its password', 'postgres://me:se@cret@db.example.com/chat', { password: 'se@cret' }],
    [
      'may have several hosts',
      'postgres://me:secret@one:5433,[::1]:5434,three/chat',
      {
        hosts: [
          { host: 'one', port: 5433 },
          { host: '::1', port: 5434 },
          { host: 'three', port: 5432 },
        ],
      },
    ],
    [
      'on this machine is not encrypted',
      'postgres://me:secret@127.0.0.1/chat',
      { hosts: [{ host: '127.0.0.1', port: 5432 }], tls: 'disable' },
    ],
    [
      'may name the folder of a socket',
      'postgres://me:secret@/chat?host=/run/postgresql',
      { hosts: [{ host: '/run/postgresql', port: 5432 }], tls: 'disable' },
    ],
    [
      'says how it is encrypted',
      'postgres://me:secret@db.example.com/chat?sslmode=verify-full&sslrootcert=ca.pem',
      { tls: 'verify-full', rootCertificate: 'ca.pem' },
    ],
    ['may say so as other tools do', 'postgres://me:secret@db.example.com/chat?ssl=true', { tls: 'require' }],
    [
      'asks for a primary that writes',
      'postgres://me:secret@db.example.com/chat?target_session_attrs=read-write',
      { mustWrite: true },
    ],
    [
      'has a schema and a pooler, as Prisma says it',
      'postgres://me:secret@db.example.com/chat?schema=my"chat&pgbouncer=true',
      { searchPath: '"my""chat"', isPooled: true },
    ],
    ['may bind channels where it can', 'postgres://me:secret@db.example.com/chat?channel_binding=prefer', {}],
    [
      'names the application',
      'postgres://me:secret@db.example.com/chat?application_name=chat-1',
      { applicationName: 'chat-1' },
    ],
  ])('%s', (_, url, differing) => {
    expect(parseDatabaseUrl(url)).toEqual({ ...usual, ...differing })
  })

  test.each([
    ['another protocol', 'mysql://me:secret@db/chat', 'postgres://user:password@host/database'],
    ['a port that is none', 'postgres://me:secret@db:99999/chat', 'postgres://user:password@host/database'],
    ['a host that is none', 'postgres://me:secret@d[b/chat', 'postgres://user:password@host/database'],
    ['a lone %', 'postgres://me:se%cret@db/chat', 'percent-encoded'],
    ['a question mark in its password', 'postgres://me:5432/x?secret@db/chat', 'percent-encoded'],
    ['an unknown sslmode', 'postgres://me:secret@db/chat?sslmode=maybe', 'verify-full'],
    ['a standby', 'postgres://me:secret@db/chat?target_session_attrs=standby', 'primary'],
    ['what cannot be bound', 'postgres://me:secret@db/chat?channel_binding=require', 'channel_binding'],
    ['what is a setting', 'postgres://me:secret@db/chat?connection_limit=5', 'DATABASE_POOL'],
    ['an unknown parameter', 'postgres://me:secret@db/chat?colour=blue', 'colour'],
  ])('with %s is refused by a sentence without its password', (_, url, expected) => {
    const parse = () => parseDatabaseUrl(url)
    expect(parse).toThrow(DatabaseUrlError)
    expect(parse).toThrow(expected)
    expect(parse).not.toThrow(/se%?cret/)
  })
})
