import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockDirectory } from '../../../src/store/engine/directory-lock.ts'
import { firstLine } from '../../support/first-line.ts'
import { makeScratch, type Scratch } from '../../support/scratch.ts'
import { waitFor } from '../../support/wait.ts'

let scratch: Scratch
beforeAll(async () => {
  scratch = await makeScratch()
})
afterAll(() => scratch[Symbol.asyncDispose]())

const script = fileURLToPath(import.meta.resolve('../../support/lock-directory.ts'))
const inUse = 'is in use by another process, perhaps in another container'

async function newDirectory(name: string): Promise<string> {
  const directory = join(scratch.path, name)
  await mkdir(directory)
  return directory
}

/** Another process that tries to lock the directory; its first line says how that went, and it keeps the lock until its input ends. */
function startLocking(directory: string, before: readonly string[] = []) {
  const [command, ...args] = [...before, process.execPath, script, directory]
  const child = spawn(command!, args)
  return { child, exited: once(child, 'exit'), outcome: firstLine(child) }
}

/** Of a container: neither process numbers nor the network are those of this process. */
const container = ['unshare', '--pid', '--fork', '--mount-proc', '--net', '--kill-child']
const hasContainers = spawnSync(container[0]!, [...container.slice(1), 'true']).status === 0

describe('the lock of a data directory', () => {
  test('refuses another process while its owner lives, be it stopped, and is free once that is killed', async () => {
    const directory = await newDirectory('owned')
    const owner = startLocking(directory)
    expect(await owner.outcome).toBe('locked')
    expect(() => lockDirectory(directory)).toThrow(inUse)

    owner.child.kill('SIGSTOP')
    await waitFor(() => / T /.test(readFileSync(`/proc/${owner.child.pid}/stat`, 'utf8')))
    const other = startLocking(directory)
    expect(await other.outcome).toContain(inUse)
    await other.exited

    owner.child.kill('SIGKILL')
    await owner.exited
    const next = startLocking(directory)
    expect(await next.outcome).toBe('locked')
    next.child.stdin.end()
    await next.exited
  })

  test('is refused to the process that holds it, which does not lose it by that', async () => {
    const directory = await newDirectory('twice')
    const unlock = lockDirectory(directory)
    expect(() => lockDirectory(directory)).toThrow(inUse)
    const other = startLocking(directory)
    expect(await other.outcome).toContain(inUse)
    await other.exited
    unlock()
  })

  test('goes to exactly one of many processes', async () => {
    const directory = await newDirectory('contended')
    const all = Array.from({ length: 5 }, () => startLocking(directory))
    const outcomes = await Promise.all(all.map(({ outcome }) => outcome))
    expect(outcomes.filter((outcome) => outcome === 'locked')).toHaveLength(1)
    for (const { child } of all) child.stdin.end()
    await Promise.all(all.map(({ exited }) => exited))
  })

  test('is free again after it was given back', async () => {
    const directory = await newDirectory('returned')
    lockDirectory(directory)()
    const next = startLocking(directory)
    expect(await next.outcome).toBe('locked')
    next.child.stdin.end()
    await next.exited
    lockDirectory(directory)()
  })

  // Only root may make namespaces everywhere.
  test.runIf(hasContainers)('holds between containers that share the folder, either way round', async () => {
    const directory = await newDirectory('containers')
    for (const [first, second] of [
      [container, []],
      [[], container],
      [container, container],
    ]) {
      const owner = startLocking(directory, first)
      expect(await owner.outcome).toBe('locked')
      const other = startLocking(directory, second)
      expect(await other.outcome).toContain(inUse)
      await other.exited
      owner.child.stdin.end()
      await owner.exited
    }
  })

  test('that cannot be taken refuses with a sentence that says why', async () => {
    expect(() => lockDirectory(join(scratch.path, 'nowhere'))).toThrow(
      'cannot be locked (unable to open database file)',
    )
    const occupied = await newDirectory('occupied')
    await writeFile(join(occupied, 'lock'), 'something else '.repeat(100))
    expect(() => lockDirectory(occupied)).toThrow('cannot be locked (file is not a database)')
  })

  // A lock for reading excludes nobody, and SQLite opens for reading what it cannot write.
  test.runIf(hasContainers)('is refused on a folder that is mounted for reading only', async () => {
    const directory = await newDirectory('read-only')
    lockDirectory(directory)()
    const mounted = 'mount --bind "$3" "$3" && mount -o remount,bind,ro "$3" && exec "$@"'
    const { stdout } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-c', mounted, 'sh', process.execPath, script, directory],
      { encoding: 'utf8' },
    )
    expect(stdout).toContain('cannot be locked (attempt to write a readonly database)')
  })
})
