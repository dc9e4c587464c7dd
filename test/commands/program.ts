import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../src/fonechat.ts', import.meta.url))

/** A command under way. */
export interface RunningCommand {
  kill(): void
  /** Its exit code, or the signal that ended it, with all that it has printed. */
  readonly ended: Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }>
}

/** Runs `fonechat` with these words and settings, and no others. */
export function beginCommand(words: readonly string[], settings: Readonly<Record<string, string>>): RunningCommand {
  const env = { PATH: process.env['PATH'], ...settings }
  const child = spawn(process.execPath, [program, ...words], {
    env,
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code, signal], stdout, stderr]) => ({ code: (signal ?? code) as number | string, stdout, stderr }),
  )
  return { kill: () => void child.kill('SIGKILL'), ended }
}
