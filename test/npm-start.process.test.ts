import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockDirectory } from '../src/store/engine/directory-lock.ts'
import { makeScratch, type Scratch } from './support/scratch.ts'
import { waitFor, within } from './support/wait.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Its data stay, since a first start takes seconds. */
let scratch: Scratch
beforeAll(async () => {
  scratch = await makeScratch()
})
afterAll(() => scratch[Symbol.asyncDispose]())

/** The environment of an operator, and not that of the npm which runs the tests. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST)/i.test(name)),
)

test('what production installs has the runtime that the scripts run on, and its scripts are let run', async () => {
  const { dependencies, allowScripts, scripts } = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as {
    [key: string]: Record<string, unknown>
  }
  expect(dependencies).toHaveProperty('node', expect.stringMatching(/^\^24\./))
  expect(allowScripts).toHaveProperty('node', true)
  // Without it a shell stands between npm and the server, and ends without passing on a signal.
  expect(scripts!['start']).toMatch(/^exec node /)
})

test.each([
  ['SIGTERM', 'npm'],
  ['SIGINT', 'all, as Ctrl-C does'],
] as const)(
  '%s to %s stops npm start in order and frees the port',
  async (signal, to) => {
    const npm = spawn('npm', ['start'], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, DATA_DIR: `${scratch.path}/data`, PORT: '0' },
    })
    const exited = once(npm, 'exit')
    let said = ''
    for (const stream of [npm.stdout, npm.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    try {
      await waitFor(() => said.includes('fonechat is ready') || npm.exitCode !== null, { timeout: 60_000 })
      const [url] = /http:\/\/[\w.:]+/.exec(said) ?? [said]
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
      process.kill(to === 'npm' ? npm.pid! : -npm.pid!, signal)
      expect(await within(exited, 10_000, 'end of npm')).toEqual([0, null])
      expect(said).toContain('"msg":"stopped"')
      expect(said).not.toContain('ended by')
      await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
    } finally {
      if (npm.exitCode === null && npm.signalCode === null) process.kill(-npm.pid!, 'SIGKILL')
      await exited
    }
  },
  120_000,
)

// A terminal of its own, from util-linux.
const hasTerminals = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0

test.runIf(hasTerminals)(
  'a server whose terminal is closed ends, though it cannot say so',
  async () => {
    const terminal = spawn('script', ['-qec', `exec "${process.execPath}" "${root}/src/main.ts"`, '/dev/null'], {
      cwd: scratch.path,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], PORT: '0' },
    })
    const exited = once(terminal, 'exit')
    let said = ''
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    try {
      await waitFor(() => said.includes('fonechat is ready'), { timeout: 60_000 })
    } finally {
      terminal.kill('SIGKILL')
      await exited
    }
    // It keeps the lock for as long as it lives.
    const isFree = waitFor(() => {
      lockDirectory(`${scratch.path}/data`)()
      return true
    })
    await expect(isFree).resolves.toBe(true)
  },
  120_000,
)
