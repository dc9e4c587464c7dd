import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { UserId } from '../../src/model/sid.ts'
import { Heartbeat } from '../../src/workers/heartbeat.ts'
import { serverBehindProxy } from '../support/database-proxy.ts'
import { engineName } from '../support/engine.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'
import { waitFor } from '../support/wait.ts'

/** How far the clock that is never set has been moved; back it never goes, or what waits by it would wait so much longer. */
let moved = 0
const { now } = performance

let kit: Kit
beforeAll(async () => {
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + moved)
  kit = await openKit()
})
afterAll(() => kit.close())

async function ask(path: string, { url }: { readonly url: string } = kit.server) {
  const response = await fetch(url + path)
  return { status: response.status, body: (await response.json()) as unknown }
}

const ready = { status: 200, body: { status: 'ok' } }
const away = { status: 503, body: { status: 'unavailable', reason: 'database' } }

test('a server is ready, and says so without a statement', async () => {
  using probe = vi.spyOn(Heartbeat.prototype, 'probe')
  const statements = await kit.store.statementsOf(async () => {
    for (let at = 0; at < 200; at++) expect(await ask('/readyz')).toEqual(ready)
  })
  // A start has some of its own to send.
  expect(statements.length + probe.mock.calls.length).toBeLessThan(50)
})

test.runIf(engineName === 'cluster')(
  'a database that is away makes it unready after 15 seconds, not unwell',
  async () => {
    await using behind = await serverBehindProxy(kit, 1)
    const { server, proxy } = behind
    await proxy.cut()
    expect(await ask('/readyz', server)).toEqual(ready)
    moved += 15_000
    expect(await ask('/readyz', server)).toEqual(away)
    expect(await ask('/healthz', server)).toEqual(ready)
    await proxy.restore()
    await waitFor(async () => (await ask('/readyz', server)).status === 200)
  },
)

test.runIf(engineName === 'cluster')('a full pool is ready', async () => {
  const full = Promise.withResolvers<void>()
  let taken = 0
  const holders = Array.from({ length: 10 }, () =>
    kit.store.db.transaction(async (tx) => {
      await tx.run('SELECT 1', [])
      taken++
      await full.promise
    }),
  )
  await waitFor(() => taken === 10)
  moved += 15_000
  // Until it has beaten again.
  await waitFor(async () => (await ask('/readyz')).status === 200)
  expect(taken).toBe(10)
  full.resolve()
  await Promise.all(holders)
})

test.runIf(engineName === 'embedded')(
  'a transaction that holds the only connection leaves it ready for 15 seconds',
  async () => {
    const over = Promise.withResolvers<void>()
    const held = kit.store.db.transaction(async (tx) => {
      await tx.run('SELECT 1', [])
      moved += 11_000
      expect(await ask('/readyz')).toEqual(ready)
      await over.promise
    })
    over.resolve()
    await held
    moved += 15_000
    await waitFor(async () => (await ask('/readyz')).status === 200)
  },
)

test.runIf(engineName === 'cluster')('Redis does not count', async () => {
  const { hostname, port } = new URL(kit.store.redisUrl!)
  await using proxy = await openTcpProxy({ host: hostname, port: Number(port) })
  const server = await kit.another({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` })
  for (const fault of [async () => proxy.stall(), () => proxy.cut()]) {
    await fault()
    await waitFor(async () => (await server.app.presence.isOnline('nobody' as UserId)) === undefined)
    expect(await ask('/readyz', server)).toEqual(ready)
  }
})
