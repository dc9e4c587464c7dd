import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const program = fileURLToPath(new URL('../../src/fonechat.ts', import.meta.url))

/** What a command prints; of one that fails its exit code, and all that it prints. */
export async function runProgram(args: readonly string[], settings: Record<string, string>): Promise<string> {
  const env = { PATH: process.env['PATH'], ...settings }
  return promisify(execFile)(process.execPath, [program, ...args], { env, timeout: 120_000 }).then(
    ({ stdout }) => stdout,
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => `${code} ${stdout}${stderr}`,
  )
}

/** A command under way. */
export interface RunningProgram {
  kill(): void
  /** Its exit code, or the signal that ended it, with all that it has printed. */
  readonly ended: Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }>
}

/** Begins a command, for those who look at it while it runs. */
export function beginProgram(args: readonly string[], settings: Record<string, string>): RunningProgram {
  const env = { PATH: process.env['PATH'], ...settings }
  const child = spawn(process.execPath, [program, ...args], {
    env,
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code, signal], stdout, stderr]) => ({ code: (signal ?? code) as number | string, stdout, stderr }),
  )
  return { kill: () => void child.kill('SIGKILL'), ended }
}

/** The answer of a server to the user of a token. */
export async function askAs<Data>(url: string, token: string, query: string): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = (await response.json()) as { data?: Data; errors?: unknown }
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data!
}

export interface Sent {
  readonly id: string
  readonly index: number
}

/** Sends a message to the demo's channel. */
export async function sendAs(url: string, token: string, clientMessageId: string): Promise<Sent> {
  const input = `{channelId: "general", body: "${'x'.repeat(500)}", clientMessageId: "${clientMessageId}"}`
  const query = `mutation { sendMessage(input: ${input}) { message { id index } } }`
  return (await askAs<{ sendMessage: { message: Sent } }>(url, token, query)).sendMessage.message
}
