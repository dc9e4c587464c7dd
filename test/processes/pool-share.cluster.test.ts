import { expect, inject, onTestFinished, test } from 'vitest'
import { assertConnectionsFit, poolShare } from '../../src/commands/pool-share.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { openDb } from '../../src/store/engine/db.ts'

test('the pool is divided among the workers, and none has fewer than three', () => {
  expect([poolShare(10, 1), poolShare(10, 2), poolShare(10, 4), poolShare(10, 64)]).toEqual([10, 5, 3, 3])
  expect([poolShare(1, 2), poolShare(100, 8)]).toEqual([3, 12])
})

test('more connections than Postgres has are refused with a sentence; behind a pooler only those past it count', async () => {
  const { postgresUrl } = inject('cluster')!
  const db = openDb(postgresUrl, { poolSize: 1 })
  onTestFinished(() => db.close())
  const settings = { DATABASE_URL: postgresUrl, SECRET_KEY: 'cd'.repeat(32), DATABASE_POOL: '1000' }
  await expect(assertConnectionsFit(db, readConfig(settings), 2)).rejects.toThrow(
    /^PROCESSES: 2 workers with 502 connections each need 1004, and Postgres gives \d+; set fewer PROCESSES/,
  )
  const pooled = { ...settings, DATABASE_POOLER: 'transaction', DATABASE_DIRECT_URL: postgresUrl }
  await assertConnectionsFit(db, readConfig(pooled), 2)
  await assertConnectionsFit(db, readConfig({ ...settings, DATABASE_POOL: '6' }), 2)
})
