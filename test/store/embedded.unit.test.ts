import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstLine } from '../support/first-line.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'

let scratch: Scratch
beforeAll(async () => {
  scratch = await makeScratch()
})
afterAll(() => scratch[Symbol.asyncDispose]())

const script = fileURLToPath(import.meta.resolve('../support/open-directory.ts'))

/**
 * Every opening is a process of its own, as every start of the server is one. Opened again and again within one process,
 * WebAssembly code that comes and goes can make V8 abort (https://github.com/nodejs/node/issues/64500).
 */
function openInProcess(directory: string, mode: 'finish' | 'interrupt') {
  return spawn(process.execPath, [script, directory, mode])
}

/** Answers whether an earlier start left something behind, having closed the directory in order or killed its process. */
async function startOnce(directory: string, mode: 'finish' | 'interrupt', end: 'close' | 'kill'): Promise<string> {
  const child = openInProcess(directory, mode)
  const exited = once(child, 'exit')
  const found = await firstLine(child)
  if (end === 'kill') child.kill('SIGKILL')
  else child.stdin.end()
  await exited
  return found
}

describe('a data directory', () => {
  test('whose first start was interrupted begins again from nothing, and is kept once that is complete', async () => {
    const directory = join(scratch.path, 'interrupted')
    expect(await startOnce(directory, 'interrupt', 'kill')).toBe('new')
    expect(await startOnce(directory, 'finish', 'kill')).toBe('new')
    expect(await startOnce(directory, 'interrupt', 'close')).toBe('used')
  }, 60_000)

  test.runIf(process.platform === 'linux')('is worked on by a thread that gives way to the others', async () => {
    const child = openInProcess(join(scratch.path, 'priority'), 'finish')
    const exited = once(child, 'exit')
    await firstLine(child)
    const priorities = new Map(
      readdirSync(`/proc/${child.pid}/task`).map((threadId) => [Number(threadId), getPriority(Number(threadId))]),
    )
    child.stdin.end()
    await exited
    expect(priorities.get(child.pid!)).toBe(getPriority())
    expect([...priorities.values()].filter((priority) => priority === 10)).toHaveLength(1)
  })

  test('that is open is refused to a second process, and free again when closed', async () => {
    const directory = join(scratch.path, 'shared')
    const first = openInProcess(directory, 'finish')
    const firstExited = once(first, 'exit')
    await firstLine(first)
    const second = openInProcess(directory, 'interrupt')
    const [complaint, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')])
    expect(complaint).toContain(`${directory} is in use by process ${first.pid}; stop it, or choose another DATA_DIR`)
    expect(code).toBe(1)
    first.stdin.end()
    expect(await firstExited).toEqual([0, null])
    expect(await startOnce(directory, 'interrupt', 'close')).toBe('used')
  }, 60_000)
})
