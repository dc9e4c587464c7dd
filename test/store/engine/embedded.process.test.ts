import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstLine } from '../../support/first-line.ts'
import { makeScratch, type Scratch } from '../../support/scratch.ts'

let scratch: Scratch
beforeAll(async () => {
  scratch = await makeScratch()
})
afterAll(() => scratch[Symbol.asyncDispose]())

const script = fileURLToPath(import.meta.resolve('../../support/open-directory.ts'))

/**
 * Every opening is a process of its own, as every start of the server is one. Opened again and again within one process,
 * WebAssembly code that comes and goes can make V8 abort (https://github.com/nodejs/node/issues/64500).
 */
function openInProcess(directory: string, mode: 'finish' | 'interrupt', ...table: string[]) {
  return spawn(process.execPath, [script, directory, mode, ...table])
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

// The first spec leaves it complete: making one takes seconds.
const directory = () => join(scratch.path, 'begun')

/** A copy of the complete one. */
async function copyDirectory(name: string): Promise<string> {
  if (!existsSync(directory())) await startOnce(directory(), 'finish', 'close')
  const copy = join(scratch.path, name)
  await cp(directory(), copy, { recursive: true })
  return copy
}

describe('a data directory', () => {
  test('whose first start was interrupted begins again from nothing, and is kept once that is complete', async () => {
    expect(await startOnce(directory(), 'interrupt', 'kill')).toBe('new')
    expect(await startOnce(directory(), 'finish', 'kill')).toBe('new')
    expect(await startOnce(directory(), 'interrupt', 'close')).toBe('used')
  }, 60_000)

  test.runIf(process.platform === 'linux')(
    'is worked on by a thread that gives way to the others',
    async () => {
      const child = openInProcess(directory(), 'finish')
      const exited = once(child, 'exit')
      await firstLine(child)
      const priorities = new Map(
        readdirSync(`/proc/${child.pid}/task`).map((threadId) => [Number(threadId), getPriority(Number(threadId))]),
      )
      child.stdin.end()
      await exited
      expect(priorities.get(child.pid!)).toBe(getPriority())
      expect([...priorities.values()].filter((priority) => priority === 10)).toHaveLength(1)
    },
    60_000,
  )

  test('that is open is refused to a second process, and free again when closed', async () => {
    const first = openInProcess(directory(), 'finish')
    const firstExited = once(first, 'exit')
    await firstLine(first)
    const second = openInProcess(directory(), 'interrupt')
    const [complaint, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')])
    expect(complaint).toContain(`${directory()} is in use by another process`)
    expect(code).toBe(1)
    first.stdin.end()
    expect(await firstExited).toEqual([0, null])
    expect(await startOnce(directory(), 'interrupt', 'close')).toBe('used')
  }, 60_000)
})

test('a server whose database cannot be migrated says so and ends', async () => {
  const strangeDirectory = await copyDirectory('strange')
  const strange = openInProcess(strangeDirectory, 'finish', 'accounts')
  strange.stdin.end()
  await once(strange, 'exit')
  const server = spawn(process.execPath, [fileURLToPath(import.meta.resolve('../../../src/main.ts'))], {
    env: { DATA_DIR: strangeDirectory, PORT: '0' },
  })
  const [complaint, [code]] = await Promise.all([text(server.stderr), once(server, 'exit')])
  expect(complaint).toContain('relation "accounts" already exists')
  expect(code).toBe(1)
}, 60_000)
