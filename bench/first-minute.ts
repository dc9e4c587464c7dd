import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { chromiumArguments, chromiumCommand } from '../client/test/browser/chromium.ts'
import { table } from './report.ts'

/**
 * The way of a new user, in a temporary folder: clone this repository as it is committed, `npm ci`, `npm start`, open the page in
 * Chromium, see the first message. Packages come from the registry, or from npm’s cache, whichever npm takes.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

/** Milliseconds that one step may take. */
const limit = 600_000

/** That of a user, and not that of the npm that runs this. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_(?!EXTRA_CA_CERTS))/i.test(name)),
)

const steps: [step: string, seconds: string][] = []
const began = performance.now()
const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1)

async function timed<Result>(step: string, work: () => Promise<Result>): Promise<Result> {
  const since = performance.now()
  const result = await work()
  steps.push([step, seconds(since)])
  process.stderr.write(`${step}: ${seconds(since)} s\n`)
  return result
}

/** The address that the greeting of the server names for the page. */
async function start(cwd: string, stack: AsyncDisposableStack): Promise<string> {
  // A group of its own: npm does not hand every signal on.
  const child = spawn('npm', ['start'], {
    cwd,
    detached: true,
    env: { ...environment, PORT: '0', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  stack.defer(async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGTERM')
    await exited
  })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let output = ''
  child.stdout.on('data', (text: Buffer) => {
    output += String(text)
    const found = /Page\s+(http:\S+)/.exec(output)
    if (found) resolve(found[1]!)
  })
  child.once('error', reject)
  child.once('exit', (code) => reject(new Error(`npm start has ended with ${code}: ${output}`)))
  const timer = setTimeout(() => reject(new Error(`npm start has no page after ${limit} ms: ${output}`)), limit)
  return promise.finally(() => clearTimeout(timer))
}

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'fonechat-first-'))
stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
const clone = join(folder, 'fonechat')
const options = { cwd: clone, env: environment, timeout: limit, maxBuffer: 2 ** 26 }
await timed('git clone', () => run('git', ['clone', '--quiet', root, clone], { ...options, cwd: folder }))
await timed('npm ci', () => run('npm', ['ci'], options))
const url = await timed('npm start, until it says where the page is', () => start(clone, stack))
const page = await timed('Chromium starts', async () => {
  const browser = await chromium.launch({ executablePath: chromiumCommand(), args: chromiumArguments, timeout: limit })
  stack.defer(() => browser.close())
  return browser.newPage()
})
await timed('open the page, until the first message is seen', async () => {
  await page.goto(url, { timeout: limit })
  await page.locator('.message-text').first().waitFor({ timeout: limit })
})
process.stdout.write(`\n${table([['step', 'seconds'], ...steps, ['together', seconds(began)]])}`)
