import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median, table } from './report.ts'

/**
 * From `npm start` to the first answered query, on the embedded default: a first start and a later one. Beside them what opening
 * PGlite alone takes, and `node` and `npm` with nothing to do.
 */
const rounds = process.argv.includes('--quick') ? 1 : 5
const root = fileURLToPath(new URL('..', import.meta.url))
const query = JSON.stringify({ query: '{ __typename }' })

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}

async function runToEnd(command: string, args: readonly string[]): Promise<void> {
  await once(spawn(command, args, { cwd: root, stdio: 'ignore' }), 'exit')
}

/** What PGlite takes in a process of its own: one that has opened it before takes less. */
async function openPglite(directory: string): Promise<number> {
  const code = `
    import { PGlite } from '@electric-sql/pglite'
    const began = performance.now()
    const pglite = await PGlite.create(${JSON.stringify(directory)})
    await pglite.query('SELECT 1')
    console.log(performance.now() - began)
    await pglite.close()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { cwd: root })
  return Number(stdout)
}

async function start(directory: string, port: number): Promise<number> {
  const environment = { ...process.env, DATA_DIR: directory, PORT: String(port), LOG_LEVEL: 'warn' }
  // A group of its own: npm does not hand every signal on.
  const child = spawn('npm', ['start'], { cwd: root, env: environment, stdio: 'ignore', detached: true })
  const exited = once(child, 'exit')
  try {
    return await timed(async () => {
      for (;;) {
        if (child.exitCode !== null) throw new Error(`the server has ended with ${child.exitCode}`)
        const url = `http://127.0.0.1:${port}/graphql`
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(url, { method: 'POST', headers, body: query }).catch(() => undefined)
        if (answer?.ok) return
        await delay(5)
      }
    })
  } finally {
    process.kill(-child.pid!, 'SIGTERM')
    await exited
  }
}

const results: Record<string, number[]> = {
  node: [],
  npm: [],
  'PGlite, first': [],
  'PGlite, later': [],
  first: [],
  later: [],
}
for (let round = 0; round < rounds; round++) {
  const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
  try {
    results['node']!.push(await timed(() => runToEnd(process.execPath, ['--eval', '0'])))
    results['npm']!.push(await timed(() => runToEnd('npm', ['--version'])))
    for (const name of ['PGlite, first', 'PGlite, later']) {
      results[name]!.push(await openPglite(join(directory, 'pglite')))
    }
    for (const name of ['first', 'later']) {
      const port = 20_000 + Math.floor(Math.random() * 10_000)
      results[name]!.push(await start(join(directory, 'fonechat'), port))
    }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
  process.stderr.write(
    `${JSON.stringify(Object.fromEntries(Object.entries(results).map(([name, all]) => [name, all.at(-1)])))}\n`,
  )
}
const rows = Object.entries(results).map(([name, all]) => [name, median(all).toFixed(0)])
process.stdout.write(table([['start', 'ms'], ...rows]))
const beyond = (name: string): string => (median(results[name]!) - median(results[`PGlite, ${name}`]!)).toFixed(0)
process.stdout.write(
  `\nBeyond opening PGlite: first ${beyond('first')} ms, later ${beyond('later')} ms; the goal is at most 2,000.\n`,
)
