import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEmbedded } from '../../src/store/engine/embedded.ts'
import { readHistories } from '../../src/store/history.ts'
import { askAs, runProgram, sendAs, type Sent } from '../support/program.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer } from '../support/server-binary.ts'
import { waitFor } from '../support/wait.ts'

test('P1 P2 P6: a copy of a folder under load has all that was acknowledged before, and nothing halfway', async () => {
  await using scratch = await makeScratch()
  const folder = scratch.path
  const DATA_DIR = join(folder, 'data')
  await using server = await spawnServer({ DATA_DIR })
  const greeting = await server.ready()
  // The key that signed the token is in the copy, too.
  const send = (url: string, key: string): Promise<Sent> => sendAs(url, greeting.aliceToken, key)
  const acknowledged = new Map<string, Sent>()
  let isRunning = true
  const sendOn = async (sender: number): Promise<void> => {
    for (let at = 0; isRunning; at++) {
      const key = `${sender}-${at}`
      // A slow machine refuses a user that sends all the time; what is refused is sent again, as clients do.
      acknowledged.set(key, await waitFor(() => send(greeting.url, key), { timeout: 60_000 }))
    }
  }
  const senders = Promise.all([0, 1, 2, 3].map(sendOn))
  await waitFor(() => acknowledged.size >= 100, { timeout: 60_000 })
  const before = new Map(acknowledged)
  const copy = join(folder, 'copy')
  expect(await runProgram(['backup', copy], { DATA_DIR })).toMatch(
    /^\S+ is a copy of \S+, [1-9]\d*\.\d MB; the server stood still for \d+ ms\. .*\n$/,
  )
  isRunning = false
  await senders
  expect(acknowledged.size).toBeGreaterThan(before.size)
  expect((await readdir(copy)).sort()).toEqual(['pgdata', 'pgdata.backup', 'pgdata.complete', 'secret-key'])
  expect(await readFile(join(copy, 'secret-key'))).toEqual(await readFile(join(DATA_DIR, 'secret-key')))
  for (const name of ['', 'secret-key', 'pgdata', join('pgdata', 'PG_VERSION')]) {
    expect((await stat(join(copy, name))).mode & 0o077).toBe(0)
  }
  await using restored = await spawnServer({ DATA_DIR: copy })
  const { url } = await restored.ready()
  const { channel } = await askAs<{ channel: { messagesCount: number } }>(
    url,
    greeting.aliceToken,
    '{ channel(id: "general") { messagesCount } }',
  )
  const after = await send(url, 'after')
  expect(after.index).toBe(channel.messagesCount)
  for (const [key, message] of [...before].slice(-40)) expect(await send(url, key)).toEqual(message)
  expect((await send(url, 'the next')).index).toBe(after.index + 1)
  // Its readers may have seen more: the start has begun a new history, once.
  restored.kill('SIGTERM')
  await restored.exited()
  const embedded = await openEmbedded(copy)
  expect((await readHistories(embedded.db)).beginnings.length).toBe(2)
  expect(embedded.isBackup).toBe(false)
  await embedded.close()
}, 300_000)
