import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { makeScratch } from './scratch.ts'
import { waitFor, within } from './wait.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** The server as a process of its own, as an operator starts it. It ends with this process, however that ends. */
export interface ServerBinary extends AsyncDisposable {
  readonly pid: number
  /** All that it has printed. */
  output(): string
  complaints(): string
  /** What it says once it takes connections; an error with its complaints when it ends before. */
  ready(): Promise<Greeting>
  /** Waits until the process has gone, and answers its exit code, or the signal that ended it. */
  exited(): Promise<number | NodeJS.Signals>
  kill(signal: NodeJS.Signals): void
}

export interface Greeting {
  readonly url: string
  readonly accountId: string
  readonly serviceId: string
  /** The one of the settings, or the one that this start has made and shown; else empty. */
  readonly authToken: string
  /** Shown with one that was made, on the embedded engine. */
  readonly aliceToken: string
}

/** Starts it with these settings and no others, in an empty working directory. */
export async function spawnServer(settings: Readonly<Record<string, string>>): Promise<ServerBinary> {
  const scratch = await makeScratch()
  const child = spawn(process.execPath, [main], {
    cwd: scratch.path,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'fatal', PORT: '0', DRAIN_DELAY: '0', ...settings },
  })
  scratch.guard(child.pid)
  let output = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const closed = once(child, 'close').then(([code, signal]) => {
    scratch.guard(undefined)
    return (signal ?? code) as number | NodeJS.Signals
  })
  let end: number | NodeJS.Signals | undefined
  void closed.then((how) => (end = how))
  const exited = (): Promise<number | NodeJS.Signals> => within(closed, 30_000, 'end of the server')
  return {
    pid: child.pid!,
    output: () => output,
    complaints: () => complaints,
    ready: async () => {
      await waitFor(() => output.includes('fonechat is ready') || end !== undefined, { timeout: 60_000 })
      if (end !== undefined) throw new Error(`the server ended with ${end}:\n${output}${complaints}`)
      return readGreeting(output, settings['AUTH_TOKEN'])
    },
    exited,
    kill: (signal) => void child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      if (end === undefined) child.kill('SIGKILL')
      await exited()
      await scratch[Symbol.asyncDispose]()
    },
  }
}

function readGreeting(output: string, givenToken: string | undefined): Greeting {
  const shown = (name: string): string => new RegExp(`^export .*\\b${name}=(\\S+)`, 'm').exec(output)?.[1] ?? ''
  const valueOf = (name: string): string => {
    const [, value] = new RegExp(`${name} +(\\S+)`).exec(output) ?? []
    if (value === undefined) throw new Error(`nothing says what the ${name} is:\n${output}`)
    return value
  }
  return {
    url: valueOf('GraphQL and GraphiQL').replace(/\/graphql$/, ''),
    accountId: valueOf('Account SID'),
    serviceId: valueOf('Service SID'),
    authToken: givenToken ?? shown('TOKEN'),
    aliceToken: shown('ALICE'),
  }
}
