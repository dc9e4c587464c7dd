import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectSettings } from '../../src/commands/check.ts'
import { inspectInUse } from '../../src/commands/doctor.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { Finding } from '../../src/model/finding.ts'
import { freePort } from '../support/free-port.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { pem } from '../support/pem.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'

let kit: Kit
let scratch: Scratch
let right: Record<string, string>

beforeAll(async () => {
  kit = await openKit()
  scratch = await makeScratch()
  right = {
    DATABASE_URL: kit.store.databaseUrl!,
    REDIS_URL: kit.store.redisUrl!,
    SECRET_KEY: 'ab'.repeat(32),
    PORT: String(await freePort()),
    LOG_LEVEL: 'warn',
  }
})
afterAll(async () => {
  await kit.close()
  await scratch[Symbol.asyncDispose]()
})

interface Report {
  readonly findings: readonly Finding[]
  readonly database: { readonly postgres: string } | null
  readonly redis: { readonly version: string; readonly mode: string } | null
}

/** What is found with some settings that are other than right, as `--json` prints it. */
async function check(changed: Record<string, string> = {}): Promise<Report & { readonly codes: readonly string[] }> {
  const { data, text } = await inspectSettings({ ...right, ...changed })
  const report = JSON.parse(JSON.stringify(data)) as Report
  for (const { text: sentence, remedy } of report.findings) {
    expect(sentence).toMatch(/\.$/)
    expect(remedy).toMatch(/^[A-Z`a-z].*\.$/)
    expect(text).toContain(sentence)
  }
  return { ...report, codes: report.findings.map(({ code }) => code) }
}

test('right settings lead to a database and a Redis that are named, and to no finding', async () => {
  const { findings, database, redis } = await check()
  expect(findings).toEqual([])
  expect(database?.postgres).toMatch(/^PostgreSQL \d+/)
  expect(redis).toMatchObject({ mode: 'server', version: expect.stringMatching(/^\d+\./) })
})

test('what is wrong is found all at once, and no secret is in it', async () => {
  const nowhere = await freePort()
  const report = await check({
    PORT: String(kit.server.port),
    LOG_LEVEL: 'silent',
    DRAIN_DELAY: 'x',
    SECRET_KEY: 'cd'.repeat(32),
    ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    REDIS_URL: `redis://:hidden@127.0.0.1:${nowhere}`,
    PERSISTED_DOCUMENTS: join(scratch.path, 'none.json'),
    JWKS_URL: `http://127.0.0.1:${nowhere}/jwks`,
    JWT_ISSUER: 'x',
    JWT_AUDIENCE: 'y',
    PUBLIC_URL: 'http://fonechat.invalid',
    WEBHOOK_NETWORKS: '0.0.0.0/0',
    DATABASE_POLO: '3',
    PORT_FILE: '/run/port',
  })
  expect(report.codes.toSorted()).toEqual(
    [
      'account.other',
      'secret-key.other',
      'setting.wrong',
      'redis.unreachable',
      'documents.unreadable',
      'jwks.unreachable',
      'public-url.plain',
      'public-url.unknown',
      'server.running',
      'setting.unknown',
      'setting.unknown',
      'webhooks.networks',
      'log.level',
    ].toSorted(),
  )
  expect(JSON.stringify(report)).not.toContain('hidden')
  const severities = report.findings.map(({ severity }) => severity)
  expect(severities).toEqual(severities.toSorted((a, b) => 'ewn'.indexOf(a[0]!) - 'ewn'.indexOf(b[0]!)))
})

test('a setting that is wrong is one finding', async () => {
  for (const name of ['PROCESSES', 'LOG_LEVEL', 'PUBLIC_URL', 'DATABASE_POOLER']) {
    expect((await check({ [name]: 'x' })).codes).toEqual(['setting.wrong'])
  }
})

test('a proxy that is not believed is found', async () => {
  const https = { PUBLIC_URL: 'https://localhost' }
  expect((await check(https)).codes).toEqual(['proxy.untrusted'])
  expect((await check({ ...https, TRUST_PROXY: '1' })).codes).toEqual([])
})

test('a database that does not answer, or does not fit, is told with the setting', async () => {
  const url = new URL(right['DATABASE_URL']!)
  const other = (changed: Partial<URL>): string => Object.assign(new URL(url), changed).href
  expect(await check({ DATABASE_URL: other({ pathname: '/nothing' }) })).toMatchObject({
    findings: [
      {
        code: 'database.unreachable',
        text: expect.stringMatching(/^DATABASE_URL: the database does not exist/),
        remedy: expect.stringMatching(/^Give the processes /),
      },
    ],
    database: null,
  })
  const closed = other({ port: String(await freePort()), password: 'hidden' })
  const { findings } = await check({ DATABASE_DIRECT_URL: closed })
  expect(findings).toMatchObject([{ code: 'database.unreachable', subject: 'DATABASE_DIRECT_URL' }])
  expect(JSON.stringify(findings)).not.toContain('hidden')
  const account = { SECRET_KEY: 'cd'.repeat(32), ACCOUNT_SID: `AC${'0'.repeat(32)}`, DATABASE_POOL: '1000' }
  expect((await check(account)).codes.toSorted()).toEqual(['account.other', 'database.connections', 'secret-key.other'])
})

test('a role that may not migrate, and a schema that is older or newer, are found', async () => {
  const { maintenance } = kit.store
  const role = `checked_${process.pid}`
  await maintenance.runScript(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT SELECT ON ALL TABLES IN SCHEMA public, drizzle, pgboss TO ${role};
    GRANT USAGE ON SCHEMA drizzle, pgboss TO ${role}`)
  try {
    const DATABASE_URL = Object.assign(new URL(right['DATABASE_URL']!), { username: role, password: 'x' }).href
    const { findings } = await check({ DATABASE_URL })
    expect(findings).toMatchObject([{ code: 'database.rights', subject: role }])
    expect(findings[0]!.text).toMatch(/may not make schemas in the database, nor .*belong to somebody else/)
    await maintenance.runScript(`ALTER ROLE ${role} CONNECTION LIMIT 5`)
    expect((await check({ DATABASE_URL })).codes).toContain('database.connections')
    await maintenance.runScript(`ALTER ROLE ${role} CONNECTION LIMIT 0`)
    expect((await check({ DATABASE_URL })).findings).toMatchObject([
      {
        code: 'database.unreachable',
        text: expect.stringMatching(/Postgres has no connection left/),
        remedy: expect.stringMatching(/^Lower DATABASE_POOL/),
      },
    ])
  } finally {
    await maintenance.runScript(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
  const newer = `INSERT INTO schema_versions (version, name, lowest, application) VALUES (999, 'x', 999, '99.0.0')`
  await maintenance.runScript(newer)
  expect((await check()).codes).toEqual(['schema.newer'])
  await maintenance.runScript('DELETE FROM schema_versions WHERE version = 999')
  const flip = 'UPDATE drizzle.__drizzle_migrations SET created_at = -created_at WHERE id = 1'
  await maintenance.runScript(flip)
  expect((await check()).codes).toEqual(['schema.behind'])
  await maintenance.runScript(flip)
})

test('a port that another program has, an issuer without keys and files that are not what they should be', async () => {
  const issuer = createServer((_request, response) => response.end('{"keys":[]}')).listen(0, '127.0.0.1')
  await once(issuer, 'listening')
  const { port } = issuer.address() as AddressInfo
  const certificate = join(scratch.path, 'certificate.pem')
  await writeFile(certificate, pem.one.certificate)
  const documents = join(scratch.path, 'documents.json')
  await writeFile(documents, '[]')
  const withRoot = (path: string): string => `${right['DATABASE_URL']}?sslmode=disable&sslrootcert=${path}`
  try {
    const found = await check({
      PORT: String(port),
      JWKS_URL: `http://127.0.0.1:${port}`,
      JWT_ISSUER: 'x',
      JWT_AUDIENCE: 'y',
      PERSISTED_DOCUMENTS: documents,
      DATABASE_URL: withRoot(documents),
    })
    const expected = ['certificate.unreadable', 'documents.unreadable', 'jwks.empty', 'port.taken']
    expect(found.codes.toSorted()).toEqual(expected)
    expect((await check({ DATABASE_URL: withRoot(certificate) })).codes).toEqual([])
  } finally {
    issuer.closeAllConnections()
    issuer.close()
  }
})

test('the doctor looks at the database, at Redis and at the server', async () => {
  const environment = { ...right, PORT: String(kit.server.port) }
  const inspect = async (changed: Record<string, string> = {}): Promise<Report> => {
    const never = (): never => {
      throw new Error('the embedded engine')
    }
    const { data } = await inspectInUse(
      readConfig({ ...environment, ...changed }),
      { ...environment, ...changed },
      never,
    )
    return data as Report
  }
  const ofSpecs = ({ findings }: Report): string[] =>
    findings.filter(({ code }) => code !== 'postgres.setting').map(({ code }) => code)
  expect(ofSpecs(await inspect())).toEqual([])
  const name = `empty_${process.pid}`
  await kit.store.maintenance.runScript(`CREATE DATABASE ${name}`)
  const empty = Object.assign(new URL(right['DATABASE_URL']!), { pathname: `/${name}` }).href
  expect(ofSpecs(await inspect({ DATABASE_URL: empty }))).toEqual(['schema.behind'])
  await kit.store.maintenance.runScript(`DROP DATABASE ${name}`)
  const closed = Object.assign(new URL(right['DATABASE_URL']!), { port: String(await freePort()) }).href
  const away = await inspect({ DATABASE_URL: closed, REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
  expect(ofSpecs(away)).toEqual(['database.unreachable', 'redis.unreachable'])
})
