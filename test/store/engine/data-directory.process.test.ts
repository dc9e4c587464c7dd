import { chmod, chown, lstat, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDataDirectory } from '../../../src/store/engine/data-directory.ts'
import { makeScratch, type Scratch } from '../../support/scratch.ts'
import { spawnServer } from '../../support/server-binary.ts'

let scratch: Scratch
beforeAll(async () => {
  scratch = await makeScratch()
})
afterAll(() => scratch[Symbol.asyncDispose]())

/** Everything in it, and itself, that others than the owner have a permission for. */
async function findOpen(directory: string): Promise<string[]> {
  const names = ['', ...(await readdir(directory, { recursive: true }))]
  const paths = names.map((name) => join(directory, name))
  const modes = await Promise.all(paths.map(async (path) => (await lstat(path)).mode))
  return paths.filter((_path, at) => (modes[at]! & 0o077) !== 0)
}

async function openedBefore(name: string): Promise<string> {
  const directory = join(scratch.path, name)
  await mkdir(join(directory, 'pgdata', 'base'), { recursive: true })
  for (const file of ['pgdata.complete', 'secret-key', 'lock', 'pgdata/PG_VERSION', 'pgdata/base/1']) {
    await writeFile(join(directory, file), '')
    await chmod(join(directory, file), 0o666)
  }
  for (const folder of ['', 'pgdata', 'pgdata/base']) await chmod(join(directory, folder), 0o755)
  return directory
}

test.runIf(process.geteuid?.() === 0)("what a command of root makes in it belongs to the server's user", async () => {
  const directory = await openedBefore('of-a-service')
  const user = 65532
  for (const name of ['', ...(await readdir(directory, { recursive: true }))])
    await chown(join(directory, name), user, user)
  const { data, markMoved, unlock } = await openDataDirectory(directory)
  await writeFile(join(data, 'base', '2'), '')
  markMoved('host:5432/fonechat')
  unlock()
  for (const path of [join(data, 'base', '2'), join(directory, 'pgdata.moved')]) {
    const { uid, gid } = await stat(path)
    expect([uid, gid]).toEqual([user, user])
  }
})

describe('a data directory is for its owner only', () => {
  test('after a first start in a folder that was there, open to all', async () => {
    const directory = join(scratch.path, 'made-before')
    await mkdir(directory)
    await chmod(directory, 0o777)
    await using server = await spawnServer({ DATA_DIR: directory })
    await server.ready()
    expect(await findOpen(directory)).toEqual([])
    expect((await readdir(directory)).sort()).toEqual([
      'backup.sock',
      'lock',
      'pgdata',
      'pgdata.complete',
      'secret-key',
    ])
  }, 120_000)

  test('when it is opened again with what was left open in it', async () => {
    const directory = await openedBefore('left-open')
    const { unlock } = await openDataDirectory(directory)
    unlock()
    expect(await findOpen(directory)).toEqual([])
  })

  test('except for a folder that holds other things too, which keep what they have', async () => {
    const directory = await openedBefore('home')
    const other = join(directory, 'other')
    await writeFile(other, '')
    await chmod(other, 0o644)
    const { unlock } = await openDataDirectory(directory)
    unlock()
    expect(await findOpen(directory)).toEqual([join(directory, ''), other])
    expect((await stat(directory)).mode & 0o777).toBe(0o755)
  })
})

describe('the locks of earlier versions', () => {
  test('are respected: only the operator knows whether their process has ended', async () => {
    const directory = await openedBefore('earlier')
    await mkdir(join(directory, 'locks'))
    await writeFile(join(directory, 'locks', 'lock.7'), '4194305 1')
    const refusal = `remove ${join(directory, 'locks')} and start again`
    await expect(openDataDirectory(directory)).rejects.toThrow(refusal)
    // A refusal keeps no lock.
    await expect(openDataDirectory(directory)).rejects.toThrow(refusal)
  })

  test('are removed where they were given back', async () => {
    const directory = await openedBefore('given-back')
    await mkdir(join(directory, 'locks'))
    const { unlock } = await openDataDirectory(directory)
    unlock()
    expect(await readdir(directory)).not.toContain('locks')
  })
})

test('a data directory is made with all that it is in, wherever it is named from', async () => {
  const deep = join(scratch.path, 'a', 'b', 'c')
  for (const directory of [deep, `${deep}/`, relative(process.cwd(), join(deep, 'd')), join(deep, 'd')]) {
    const { unlock } = await openDataDirectory(directory)
    unlock()
  }
  for (const folder of ['a', 'a/b', 'a/b/c', 'a/b/c/d']) {
    expect((await stat(join(scratch.path, folder))).mode & 0o777).toBe(0o700)
  }
})

test('files of another database are refused and left as they are', async () => {
  const directory = join(scratch.path, 'foreign')
  await mkdir(join(directory, 'pgdata'), { recursive: true, mode: 0o755 })
  await writeFile(join(directory, 'pgdata', 'PG_VERSION'), '17')
  for (let times = 0; times < 2; times++) {
    await expect(openDataDirectory(directory)).rejects.toThrow(/^DATA_DIR: .*pgdata was not made by fonechat/)
  }
  expect(await readdir(directory)).toEqual(['pgdata'])
  expect(await readdir(join(directory, 'pgdata'))).toEqual(['PG_VERSION'])
})

test('a data directory that cannot be made is a sentence', async () => {
  const file = join(scratch.path, 'file')
  await writeFile(file, '')
  await expect(openDataDirectory(join(file, 'data'))).rejects.toThrow(/^DATA_DIR: .*data cannot be made \(ENOTDIR/)
})

test.runIf(process.platform === 'linux').each([
  ['/proc/none', /cannot be made \(E/],
  ['/proc/none/more/data', /cannot be made \(E/],
  ['/sys/none/data', /cannot be made \(E/],
  ['/dev/null', /cannot be made \(EEXIST/],
  ['/dev/null/more/data', /cannot be made \(ENOTDIR/],
  ['/proc', /cannot be locked \(/],
])('nor does %s hold a start up', async (directory, sentence) => {
  await expect(openDataDirectory(directory)).rejects.toThrow(sentence)
})
