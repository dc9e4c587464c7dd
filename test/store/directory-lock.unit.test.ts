import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockDirectory } from '../../src/store/directory-lock.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'

let scratch: Scratch
beforeAll(async () => {
  scratch = await makeScratch()
})
afterAll(() => scratch[Symbol.asyncDispose]())

async function directoryLockedBy(name: string, holder: string): Promise<string> {
  const directory = join(scratch.path, name)
  await mkdir(join(directory, 'locks'), { recursive: true })
  await writeFile(join(directory, 'locks', 'lock.1'), holder)
  return directory
}

function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!
}

describe('the lock of a data directory', () => {
  test('refuses while the process that holds it lives, and passes to the next when it has died', async () => {
    const holder = spawn('sleep', ['60'])
    const exited = once(holder, 'exit')
    const directory = await directoryLockedBy('other', `${holder.pid} ${startOf(holder.pid!)}`)
    try {
      await expect(lockDirectory(directory)).rejects.toThrow(`is in use by process ${holder.pid}`)
    } finally {
      holder.kill('SIGKILL')
      await exited
    }
    await lockDirectory(directory)
    expect(await readFile(join(directory, 'locks', 'lock.2'), 'utf8')).toBe(`${process.pid} ${startOf(process.pid)}`)
  })

  test('is taken over when another process has been given the number of the one that held it', async () => {
    const directory = await directoryLockedBy('reused', `${process.pid} 1`)
    await lockDirectory(directory)
    expect(await readFile(join(directory, 'locks', 'lock.2'), 'utf8')).toBe(`${process.pid} ${startOf(process.pid)}`)
  })

  test('is taken over when its writer died before it wrote who it is', async () => {
    const directory = await directoryLockedBy('empty', '')
    await lockDirectory(directory)
    await expect(lockDirectory(directory)).rejects.toThrow('is in use')
  })

  test('goes to exactly one of many who find a stale one at once', async () => {
    for (let time = 0; time < 50; time++) {
      const directory = await directoryLockedBy(`stale-${time}`, '4194305 1')
      const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => lockDirectory(directory)))
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
  })

  test('goes to exactly one of many who take it at once', async () => {
    const directory = join(scratch.path, 'contended')
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory)))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('is free again after it was given back', async () => {
    const directory = join(scratch.path, 'returned')
    await mkdir(directory)
    const unlock = await lockDirectory(directory)
    await unlock()
    await expect(lockDirectory(directory)).resolves.toBeTypeOf('function')
  })
})
