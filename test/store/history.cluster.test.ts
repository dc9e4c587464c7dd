import { expect, test } from 'vitest'
import { readMovedCounters } from '../../src/store/counter.ts'
import { openDb } from '../../src/store/engine/db.ts'
import { readHistories } from '../../src/store/history.ts'
import { migrateDb } from '../../src/store/migration.ts'
import { startPostgresServer } from '../support/postgres-server.ts'

const nothing = { channels: [], users: [], accounts: [], serviceIds: [], keyIds: [] }

test('another timeline of Postgres is another history, once, and an ordinary role sees it', async () => {
  await using postgres = await startPostgresServer()
  const admin = openDb(postgres.url(), { poolSize: 1 })
  await admin.run('CREATE ROLE plain LOGIN', [])
  await admin.run('CREATE DATABASE chat OWNER plain', [])
  await admin.close()
  const url = postgres.url('chat').replace('postgres@', 'plain@')
  const before = openDb(url, { poolSize: 1 })
  await migrateDb(before)
  const { beginnings: first, now } = await readHistories(before)
  expect(first).toHaveLength(1)
  expect(await readMovedCounters(before, nothing)).toMatchObject({ historyBeganAt: first[0] })
  await before.close()
  await postgres.stop()
  await postgres.start()
  const restarted = openDb(url, { poolSize: 1 })
  expect((await readHistories(restarted)).beginnings).toEqual(first)
  await restarted.close()
  await postgres.stop()
  await postgres.recover()
  const [one, other] = [openDb(url, { poolSize: 1 }), openDb(url, { poolSize: 1 })]
  expect(await readMovedCounters(one, nothing)).toMatchObject({ historyBeganAt: undefined })
  const seenAt = new Date(now)
  const found = await Promise.all([one, other].map((db) => readHistories(db, { seenAt })))
  const { beginnings } = await readHistories(one)
  expect(beginnings).toEqual([first[0], Math.max(now, first[0]! + 1)])
  for (const seen of found) expect(seen.beginnings).toEqual(beginnings)
  expect(await readMovedCounters(other, nothing)).toMatchObject({ historyBeganAt: beginnings[1] })
  await one.close()
  await other.close()
})
