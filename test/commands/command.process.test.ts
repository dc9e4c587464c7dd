import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { freePort } from '../support/free-port.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer } from '../support/server-binary.ts'

// Every test starts processes.
vi.setConfig({ testTimeout: 300_000 })

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

const program = fileURLToPath(new URL('../../src/fonechat.ts', import.meta.url))
const [older, newer] = ['ab', 'cd'].map((byte) => byte.repeat(32)) as [string, string]

/** What a command says when it succeeds, and on stderr when it does not. */
async function run(command: string, settings: Record<string, string>, ...options: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], ...settings }
  return promisify(execFile)(process.execPath, [program, command, ...options], { env, timeout: 120_000 }).then(
    ({ stdout }) => stdout,
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => `${code} ${stdout}${stderr}`,
  )
}

test.each(['reseal', 'restored'])('`fonechat %s` says in one sentence which setting is wrong', async (command) => {
  const { path } = stack.use(await makeScratch())
  const file = join(path, 'file')
  await writeFile(file, '')
  await mkdir(join(path, 'empty'))
  const url = `postgres://someone:hidden@127.0.0.1:${await freePort()}/name`
  const wrong: [Record<string, string>, RegExp][] = [
    [{ DATA_DIR: file }, /DATA_DIR: \S+ cannot be made \(EEXIST/],
    [{ DATA_DIR: join(path, 'new') }, /DATA_DIR: \S+new does not exist; name the folder of the server/],
    [{ DATA_DIR: join(path, 'empty') }, /DATA_DIR: the database in \S+ is empty; start the server instead/],
    [{ DATABASE_URL: url, SECRET_KEY: older }, /DATABASE_URL: nothing listens there \(connect ECONNREFUSED/],
    [{ DATABASE_URL: url }, /wrong settings:\n {2}SECRET_KEY: expected/],
  ]
  for (const [settings, sentence] of wrong) {
    const said = await run(command, settings)
    expect(said).toMatch(new RegExp(`^1 fonechat ${command} has failed: ${sentence.source}.*\n$`))
    expect(said).not.toContain('hidden')
  }
  expect(await readdir(path)).not.toContain('new')
  expect(await readdir(join(path, 'empty'))).toEqual(['lock'])
})

test('the program says what it is, and what it does not know', async () => {
  expect(await run('--version', {})).toBe(`${packageJson.version}\n`)
  const { version, node } = JSON.parse(await run('version', {}, '--json')) as { version: string; node: string }
  expect({ version, node }).toEqual({ version: packageJson.version, node: process.versions.node })
  expect(await run('help', {})).toMatch(/^fonechat, .*\n\nUsage: fonechat /)
  const help = await run('help', {}, 'backup')
  expect(help).toMatch(/^Usage: fonechat backup <folder>/)
  expect(await run('backup', {}, '--help')).toBe(help)
  expect((await run('keys', {}, '--help')).match(/^Usage: .*/gm)).toEqual([
    'Usage: fonechat keys list [--json]',
    'Usage: fonechat keys create [--name <name>] [--json]',
    'Usage: fonechat keys delete <sid> [--json]',
  ])
  expect(await run('keys', {})).toMatch(/^2 fonechat: keys is one of: keys list, keys create, keys delete\n/)
  expect(await run('backpu', {})).toMatch(/^2 fonechat: there is no command backpu; did you mean backup\?\n/)
  expect(await run('--json', {})).toMatch(/^2 fonechat: there is no option --json without a command\n/)
  expect(await run('backup', {}, '')).toMatch(/^2 fonechat: backup needs <folder>\n/)
})

test('with the embedded engine the key of the folder is replaced as docs/security.md says', async () => {
  const DATA_DIR = join(stack.use(await makeScratch()).path, 'data')
  const first = stack.use(await spawnServer({ DATA_DIR }))
  await first.ready()
  expect(await run('reseal', { DATA_DIR })).toMatch(/^1 fonechat reseal has failed: DATA_DIR: .* is in use .*\n$/)
  first.kill('SIGTERM')
  expect(await first.exited()).toBe(0)
  const nothing = 'The database is up to date: there is nothing to run.\n'
  expect(await run('migrate', { DATA_DIR })).toBe(nothing)
  expect(await run('migrate', { DATA_DIR }, '--dry-run')).toBe(nothing)
  expect(JSON.parse(await run('migrate', { DATA_DIR }, '--dry-run', '--json'))).toEqual({ planned: [] })
  expect(JSON.parse(await run('migrate', { DATA_DIR }, '--json'))).toEqual({ run: [] })
  expect(await run('migrate', { DATA_DIR }, '--dry')).toMatch(
    /^2 fonechat: migrate has no option --dry; did you mean --dry-run\?\nusage: fonechat migrate /,
  )
  const unread = spawn(process.execPath, [program, 'migrate'], { env: { ...process.env, DATA_DIR }, stdio: 'pipe' })
  for (const output of [unread.stdout, unread.stderr]) output.destroy()
  expect(await once(unread, 'exit')).toEqual([0, null])
  const old = (await readFile(join(DATA_DIR, 'secret-key'), 'utf8')).trim()
  expect(await run('reseal', { DATA_DIR, SECRET_KEY: newer })).toMatch(/^1 .* has failed: SECRET_KEY: .*\n$/)
  expect(await run('reseal', { DATA_DIR, SECRET_KEY: `${newer},${old}` })).toMatch(/^[1-9]\d* secrets were sealed/)
  expect(await run('reseal', { DATA_DIR, SECRET_KEY: `${newer},${old}` })).toMatch(/^0 secrets were sealed/)
  const second = stack.use(await spawnServer({ DATA_DIR, SECRET_KEY: newer }))
  expect((await second.ready()).authToken).toBe('')
})
