import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgresServer } from '../support/postgres-server.ts'
import { childrenOf, isRunning } from '../support/process-sockets.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'
import { spawnServer } from '../support/server-binary.ts'
import { waitFor, within } from '../support/wait.ts'

const own = new AsyncDisposableStack()
let settings: Record<string, string>
let scratch: Scratch

beforeAll(async () => {
  const postgres = own.use(await startPostgresServer())
  scratch = own.use(await makeScratch())
  settings = { DATABASE_URL: postgres.url(), SECRET_KEY: 'cd'.repeat(32), PROCESSES: '2', TMPDIR: scratch.path }
})
afterAll(() => own.disposeAsync())

const linkFolders = (): string[] => readdirSync(scratch.path).filter((name) => name.startsWith('fonechat-link-'))

test('five deaths of workers within a minute end all, with a sentence', async () => {
  const dying = own.use(await spawnServer(settings))
  await dying.ready()
  const dead = new Set<number>()
  while (dead.size < 5) {
    const pid = await waitFor(() => childrenOf(dying.pid).find((each) => !dead.has(each)), { timeout: 20_000 })
    dead.add(pid)
    process.kill(pid, 'SIGKILL')
  }
  expect(await within(dying.exited(), 10_000, 'the end')).toBe(1)
  expect(dying.complaints()).toContain('fonechat ends: 5 workers have died within a minute')
})

test('what keeps a worker from starting is said, and nothing is left', async () => {
  const refused = own.use(await spawnServer({ ...settings, PERSISTED_DOCUMENTS: join(scratch.path, 'missing.json') }))
  expect(await refused.exited()).toBe(1)
  expect(refused.complaints()).toMatch(/^fonechat cannot start: PERSISTED_DOCUMENTS: .* cannot be read/)
  expect(linkFolders()).toEqual([])
})

test('a replacement that cannot start is tried again, and ends none of those that work', async () => {
  const path = join(scratch.path, 'documents.json')
  writeFileSync(path, '{}')
  const running = own.use(await spawnServer({ ...settings, PERSISTED_DOCUMENTS: path, LOG_LEVEL: 'error' }))
  await running.ready()
  const [worker, other] = childrenOf(running.pid)
  rmSync(path)
  process.kill(worker!, 'SIGKILL')
  await waitFor(() => running.output().includes('"failedStarts":2'), { timeout: 60_000 })
  // Five deaths would end all.
  expect(running.output()).toContain('"deaths":1,"failedStarts":2')
  expect(childrenOf(running.pid)).toContain(other)
  running.kill('SIGTERM')
  expect(await running.exited()).toBe(0)
})

test('a stop that is hurried does not wait for a worker that hangs as long as draining would take', async () => {
  const hanging = own.use(await spawnServer({ ...settings, DRAIN_SECONDS: '3600' }))
  await hanging.ready()
  const [worker] = childrenOf(hanging.pid)
  process.kill(worker!, 'SIGSTOP')
  hanging.kill('SIGTERM')
  await waitFor(() => childrenOf(hanging.pid).length === 1, { timeout: 20_000 })
  hanging.kill('SIGINT')
  expect(await within(hanging.exited(), 10_000, 'the end')).toBe(0)
  expect(isRunning(worker!)).toBe(false)
})

test('the workers of a primary that was killed stop, and its port is free at once', async () => {
  const killed = own.use(await spawnServer(settings))
  const { url } = await killed.ready()
  const workers = childrenOf(killed.pid)
  expect(workers).toHaveLength(2)
  killed.kill('SIGKILL')
  expect(await killed.exited()).toBe('SIGKILL')
  // The port was the primary's alone.
  await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
  await waitFor(() => !workers.some(isRunning), { timeout: 20_000 })
})
