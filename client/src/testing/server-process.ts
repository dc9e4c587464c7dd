import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** How long a start and an end may take, in milliseconds. */
const deadlines = { start: 60_000, end: 10_000 }

/** What is kept of the output, for the error of a server that does not start. */
const outputLimit = 16_384

/**
 * Loaded into the server before its own code. The pipe ends when this process does, be it by SIGKILL, and nobody else would end the
 * server and remove its data then. Its threads load it too.
 */
const guard = `data:text/javascript,${encodeURIComponent(`
  import { spawn } from 'node:child_process'
  import { dirname } from 'node:path'
  import { isMainThread } from 'node:worker_threads'
  const remove = \`
    const [, pid, path] = process.argv
    try { process.kill(Number(pid), 'SIGKILL') } catch {}
    require('node:fs').rmSync(path, { recursive: true, force: true, maxRetries: 10 })
  \`
  const end = () => {
    const args = ['--eval', remove, String(process.pid), dirname(process.env.DATA_DIR)]
    spawn(process.execPath, args, { cwd: '/', detached: true, stdio: 'ignore' }).unref()
  }
  if (isMainThread) process.stdin.on('end', end).on('error', end).resume().unref()
`)}`

/** What the server prints when it takes connections. */
interface Greeting {
  readonly port: number
  readonly accountId: string
  readonly serviceId: string
}

export interface ServerProcess extends Greeting {
  /** Ends it at once, as a crash does, and waits until it has gone. */
  kill(): Promise<void>
}

/**
 * Starts the package `fonechat` on a free port of the loopback address.
 * @param packagePath The package's folder; the one that the working directory's project has installed when left out.
 */
export async function startServerProcess(
  packagePath: string | undefined,
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const { node, program } = findServer(packagePath)
  const child = spawn(node, ['--import', guard, program], {
    cwd: environment['DATA_DIR'],
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      LOG_LEVEL: 'fatal',
      ...environment,
      HOST: '127.0.0.1',
      PORT: '0',
      PUBLIC_URL: undefined,
    },
  })
  const exited = once(child, 'exit').catch(() => {})
  const kill = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await within(exited, deadlines.end, 'the end of fonechat')
  }
  try {
    return { ...(await within(greetingOf(child), deadlines.start, 'the start of fonechat')), kill }
  } catch (error) {
    await kill()
    throw error
  }
}

/** Runs one of the server's commands to its end, such as `restored`. Rejects with its output when it fails. */
export async function runServerCommand(
  command: string,
  packagePath: string | undefined,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const { node, program } = findServer(packagePath)
  const child = spawn(node, [program, command], {
    cwd: environment['DATA_DIR'],
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...environment },
  })
  const output = collect(child)
  try {
    const [code] = (await within(once(child, 'close'), deadlines.start, `fonechat ${command}`)) as [number | null]
    if (code !== 0) throw new Error(`fonechat ${command} failed:\n${output()}`)
  } finally {
    child.kill('SIGKILL')
  }
}

/** The promise's result, or an error that says what did not happen in time. */
async function within<Result>(promise: Promise<Result>, milliseconds: number, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

const greeting = /:(\d+)\/graphql[^]*?Account SID +(\w+)[^]*?Service SID +(\w+)\s/

function greetingOf(child: ChildProcess): Promise<Greeting> {
  const output = collect(child)
  return new Promise((answer, reject) => {
    child.stdout!.on('data', () => {
      const [, port, accountId, serviceId] = greeting.exec(output()) ?? []
      if (port && accountId && serviceId) answer({ port: Number(port), accountId, serviceId })
    })
    child.once('error', reject)
    child.once('close', (code, signal) => reject(new Error(`fonechat ended with ${signal ?? code}:\n${output()}`)))
  })
}

/** Reads on for as long as the process runs: a full pipe would stop it. */
function collect(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-outputLimit)))
  }
  return () => output
}

/** The package brings the Node that it runs on; the one of this process may be older. */
function findServer(packagePath: string | undefined): { node: string; program: string } {
  const from = packagePath === undefined ? `${process.cwd()}/` : `${resolve(packagePath)}/`
  const require = createRequire(pathToFileURL(from))
  const manifestPath = find(require, packagePath === undefined ? 'fonechat/package.json' : './package.json')
  if (manifestPath === undefined) {
    throw new Error(
      `fonechat is not installed in ${packagePath ?? process.cwd()}: install it as a development dependency, or name its folder as \`server\``,
    )
  }
  const { bin } = require(manifestPath) as { bin: { fonechat: string } }
  const program = join(dirname(manifestPath), bin.fonechat)
  const node = find(createRequire(manifestPath), 'node/package.json')
  return { node: node === undefined ? process.execPath : join(dirname(node), 'bin/node'), program }
}

function find(require: NodeJS.Require, specifier: string): string | undefined {
  try {
    return require.resolve(specifier)
  } catch {
    return undefined
  }
}
