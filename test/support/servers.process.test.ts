import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { openDb } from '../../src/store/engine/db.ts'
import { firstLine } from './first-line.ts'
import { startPostgresServer } from './postgres-server.ts'
import { startRedisServer } from './redis-server.ts'
import { waitFor } from './wait.ts'

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a Postgres server of a test', () => {
  test('keeps what was committed through a crash and a stop, on the same port', async () => {
    await using server = await startPostgresServer()
    const db = openDb(server.url(), { poolSize: 1 })
    await db.run('CREATE TABLE kept (number int)', [])
    await db.run('INSERT INTO kept VALUES (1)', [])
    await server.crash()
    await server.start()
    await waitFor(() => db.run('INSERT INTO kept VALUES (2)', []))
    await server.stop()
    await server.start()
    expect(await waitFor(() => db.run('SELECT number FROM kept', []))).toEqual([{ number: 1 }, { number: 2 }])
    await db.close()
  })
})

describe('a Redis server of a test', () => {
  test('comes back empty on the same port after a crash', async () => {
    await using server = await startRedisServer()
    const redis = new Redis(server.url, { maxRetriesPerRequest: null })
    redis.on('error', () => {})
    await redis.set('key', 'value')
    expect(await redis.get('key')).toBe('value')
    await server.crash()
    await server.start()
    expect(await redis.get('key')).toBeNull()
    redis.disconnect()
  })

  test('serves every slot as a cluster, also after it was started again', async () => {
    await using server = await startRedisServer({ cluster: true })
    await server.stop()
    await server.start()
    const redis = new Redis(server.url)
    expect(await redis.info('cluster')).toContain('cluster_enabled:1')
    expect(await redis.spublish('a topic', 'a message')).toBe(0)
    redis.disconnect()
  })
})

describe('the servers of a test', () => {
  test('and their folder end with the process that started them, even when it is killed', async () => {
    const script = `
      import { startRedisServer } from ${JSON.stringify(import.meta.resolve('./redis-server.ts'))}
      import { startPostgresServer } from ${JSON.stringify(import.meta.resolve('./postgres-server.ts'))}
      import { readlinkSync } from 'node:fs'
      const pids = [await startRedisServer(), await startPostgresServer()].map((server) => server.pid)
      console.log(JSON.stringify(pids.map((pid) => ({ pid, folder: readlinkSync('/proc/' + pid + '/cwd') }))))
      setInterval(() => {}, 1000)
    `
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', script])
    const servers = JSON.parse(await firstLine(owner)) as { pid: number; folder: string }[]
    expect(servers.map(({ pid, folder }) => isRunning(pid) && existsSync(folder))).toEqual([true, true])
    owner.kill('SIGKILL')
    await waitFor(() => servers.every(({ pid, folder }) => !isRunning(pid) && !existsSync(folder)))
  })
})
