import { execFileSync } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { settings, type Setting } from '../../src/config/config.ts'
import { inspectConfig, readConfig } from '../../src/config/read-config.ts'
import { makeScratch } from '../support/scratch.ts'

let scratch: Awaited<ReturnType<typeof makeScratch>>
beforeEach(async () => {
  scratch = await makeScratch()
})
afterEach(() => scratch[Symbol.asyncDispose]())

const key = 'ab'.repeat(32)
const token = 'x'.repeat(16)

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(scratch.path, name)
  await writeFile(path, content)
  return path
}

const faultsOf = (environment: Record<string, string>): string[] =>
  inspectConfig(environment).faults.map(({ setting, text }) => `${setting}: ${text}`)

test('every secret may come in a file, without the end of its line', async () => {
  const secrets = Object.entries<Setting>(settings).filter(([, { isSecret }]) => isSecret)
  expect(secrets.map(([name]) => name).filter((name) => /KEY|TOKEN|DATABASE.*URL|REDIS/.test(name))).toHaveLength(5)
  const values: Record<string, string> = {
    DATABASE_URL: 'postgres://user:password@host/database',
    DATABASE_DIRECT_URL: 'postgres://user:password@host/direct',
    REDIS_URL: 'redis://:password@host:6379',
    AUTH_TOKEN: token,
    SECRET_KEY: key,
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret',
  }
  const ends = ['', '\n', '\r\n']
  for (const [at, [name]] of secrets.entries()) {
    const path = await file(name, `${values[name]}${ends[at % ends.length]}`)
    const rest = { ...values }
    delete rest[name]
    expect(readConfig({ ...rest, [`${name}_FILE`]: path })).toEqual(readConfig(values))
  }
  const target = await file('target', ` ${token}\n\n`)
  await symlink(target, join(scratch.path, 'link'))
  expect(readConfig({ AUTH_TOKEN_FILE: join(scratch.path, 'link') }).AUTH_TOKEN).toBe(` ${token}\n`)
  expect(readConfig({ AUTH_TOKEN_FILE: '', AUTH_TOKEN: token }).AUTH_TOKEN).toBe(token)
  expect(readConfig({ AUTH_TOKEN_FILE: target, AUTH_TOKEN: '' }).AUTH_TOKEN).toBe(` ${token}\n`)
})

test('a file that gives no value is named with the reason, and its content never', async () => {
  const pipe = join(scratch.path, 'pipe')
  execFileSync('mkfifo', [pipe])
  const paths = {
    [join(scratch.path, 'nothing')]: 'cannot be read (ENOENT)',
    [scratch.path]: 'is no file',
    [pipe]: 'is no file',
    [await file('empty', '\n')]: 'is empty',
    [await file('large', 'a'.repeat(64 * 1024 + 1))]: 'has more than 65536 bytes',
    [await file('bytes', Uint8Array.of(0xff, 0xfe))]: 'is no text in UTF-8',
  }
  for (const [path, reason] of Object.entries(paths)) {
    expect(faultsOf({ SECRET_KEY_FILE: path })).toEqual([`SECRET_KEY_FILE: ${path} ${reason}`])
  }
  const wrong = await file('wrong', 'hunter2')
  expect(faultsOf({ AUTH_TOKEN_FILE: wrong })).toEqual(['AUTH_TOKEN: expected at least 16 characters'])
})

test('a secret comes in one way, and one that cannot be read is not missed as well', async () => {
  const path = await file('key', key)
  expect(faultsOf({ SECRET_KEY: key, SECRET_KEY_FILE: path })).toEqual([
    'SECRET_KEY: expected either SECRET_KEY or SECRET_KEY_FILE, not both',
  ])
  const nowhere = join(scratch.path, 'nowhere')
  const DATABASE_URL = 'postgres://user:password@host/database'
  expect(faultsOf({ DATABASE_URL, SECRET_KEY_FILE: nowhere })).toHaveLength(1)
  expect(faultsOf({ DATABASE_URL_FILE: nowhere, SECRET_KEY: key, PROCESSES: '2' })).toHaveLength(1)
})
