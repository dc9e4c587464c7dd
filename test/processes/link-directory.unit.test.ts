import { existsSync, mkdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeLinkDirectory } from '../../src/processes/link-directory.ts'
import { makeScratch } from '../support/scratch.ts'

async function openTemporary(): Promise<string> {
  const scratch = await makeScratch()
  onTestFinished(() => scratch[Symbol.asyncDispose]())
  vi.stubEnv('TMPDIR', scratch.path)
  onTestFinished(() => void vi.unstubAllEnvs())
  return scratch.path
}

/** Made so long ago that no start can be under way in it. */
const age = (path: string): void => utimesSync(path, new Date(0), new Date(0))

test('a start removes the folder of a primary that was killed, and leaves those of others that run or start', async () => {
  const temporary = await openTemporary()
  const [abandoned, starting] = ['fonechat-link-abandoned', 'fonechat-link-starting'].map((name) =>
    join(temporary, name),
  ) as [string, string]
  mkdirSync(abandoned)
  age(abandoned)
  mkdirSync(starting)
  const running = await makeLinkDirectory()
  expect(existsSync(abandoned)).toBe(false)
  age(running.path)
  const next = await makeLinkDirectory()
  expect([starting, running.path, next.path].map((path) => existsSync(path))).toEqual([true, true, true])
  expect(statSync(next.path).mode & 0o777).toBe(0o700)
  next.remove()
  running.remove()
  expect([running.path, next.path].map((path) => existsSync(path))).toEqual([false, false])
})

test('a temporary folder whose path is too long for sockets is refused, and nothing is left there', async () => {
  const temporary = join(await openTemporary(), 'x'.repeat(100))
  mkdirSync(temporary)
  vi.stubEnv('TMPDIR', temporary)
  await expect(makeLinkDirectory()).rejects.toThrow(`TMPDIR: ${temporary} is too long a path for sockets`)
})
