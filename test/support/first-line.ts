import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'

/** The first line that a process prints, or an error with its complaints if it ends before. */
export async function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  for await (const line of createInterface(child.stdout)) return line
  throw new Error(`${child.spawnargs.join(' ')} ended without a line: ${complaints}`)
}
