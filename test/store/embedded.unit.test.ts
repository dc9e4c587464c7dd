import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEmbedded } from '../../src/store/embedded.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'

let scratch: Scratch
beforeAll(async () => {
  scratch = await makeScratch()
})
afterAll(() => scratch[Symbol.asyncDispose]())

/** What a start finds, having left a table behind for the next one. */
async function startOnce(directory: string, { finish }: { readonly finish: boolean }): Promise<'new' | 'used'> {
  const { db, finishFirstStart, close } = await openEmbedded(directory)
  try {
    const [row] = await db.run("SELECT to_regclass('left_behind') IS NOT NULL AS used", [])
    await db.run('CREATE TABLE IF NOT EXISTS left_behind ()', [])
    if (finish) await finishFirstStart()
    return row!['used'] ? 'used' : 'new'
  } finally {
    await close()
  }
}

describe('a data directory', () => {
  test('whose first start was interrupted begins again from nothing, and is kept once that is complete', async () => {
    const directory = join(scratch.path, 'interrupted')
    expect(await startOnce(directory, { finish: false })).toBe('new')
    expect(await startOnce(directory, { finish: true })).toBe('new')
    expect(await startOnce(directory, { finish: false })).toBe('used')
  }, 60_000)

  test('that is open is refused to a second opener, and free again when closed', async () => {
    const directory = join(scratch.path, 'shared')
    const first = await openEmbedded(directory)
    try {
      await expect(openEmbedded(directory)).rejects.toThrow(
        `${directory} is in use by process ${process.pid}; stop it, or choose another DATA_DIR`,
      )
      expect(await first.db.run('SELECT 1 AS one', [])).toEqual([{ one: 1 }])
      await first.finishFirstStart()
    } finally {
      await first.close()
    }
    const second = await openEmbedded(directory)
    await second.close()
  }, 60_000)
})
