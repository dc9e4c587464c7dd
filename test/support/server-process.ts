import { spawn } from 'node:child_process'
import type { Scratch } from './scratch.ts'
import { within } from './wait.ts'

export interface ServerProcess {
  readonly pid: number
  /** Answers the last of what it printed once it has ended, however that came. */
  readonly exited: Promise<string>
  /** Sends the signal and waits until the process has gone; one that takes longer is killed, and this throws. */
  end(signal: NodeJS.Signals, milliseconds?: number): Promise<void>
}

export interface ServerCommand {
  readonly scratch: Scratch
  readonly command: string
  readonly args: readonly string[]
  /** What the server prints once it takes connections. */
  readonly ready: string
  /** The system user to run as, for servers that refuse root. */
  readonly user?: number | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
}

/** What is kept of a server's output, for the error of one that does not start. */
const outputLimit = 16_384

export async function startServerProcess({
  scratch,
  command,
  args,
  ready,
  user,
  environment,
}: ServerCommand): Promise<ServerProcess> {
  const child = spawn(command, args, {
    cwd: scratch.path,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user !== undefined && { uid: user, gid: user }),
    ...(environment && { env: { ...process.env, ...environment } }),
  })
  let output = ''
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      scratch.guard(undefined)
      resolve()
    })
  })
  const exited = new Promise<string>((resolve) => child.once('close', () => resolve(output)))
  const isReady = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-outputLimit)
        if (output.includes(ready)) resolve()
      })
    }
    child.once('error', reject)
    child.once('close', (code, signal) => reject(new Error(`${command} ended with ${signal ?? code}:\n${output}`)))
  })
  const { pid } = child
  if (pid !== undefined) scratch.guard(pid)
  const end = async (signal: NodeJS.Signals, milliseconds = 10_000): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    try {
      await within(gone, milliseconds, `end of ${command}`)
    } catch (error) {
      child.kill('SIGKILL')
      await gone
      throw error
    }
  }
  try {
    await within(isReady, 30_000, `start of ${command}`)
  } catch (error) {
    if (pid !== undefined) await end('SIGKILL')
    throw error
  }
  return { pid: pid!, exited, end }
}
