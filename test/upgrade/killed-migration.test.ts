import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDb, type Db } from '../../src/store/engine/db.ts'
import { migrateDb } from '../../src/store/migration.ts'
import { Killed, copyMigrations, mortal, readShape } from '../support/migrations.ts'
import { startPostgresServer } from '../support/postgres-server.ts'
import { makeScratch } from '../support/scratch.ts'

test('each migration that is shipped and online can die after any statement, and ends in the same schema', async () => {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.use(await makeScratch()).path
  const server = stack.use(await startPostgresServer())
  const open = async (name: string): Promise<Db> => {
    const admin = openDb(server.url(), { poolSize: 1 })
    await admin.run(`CREATE DATABASE ${name} TEMPLATE template0`, [])
    await admin.close()
    const db = openDb(server.url(name), { poolSize: 1 })
    stack.defer(() => db.close())
    return db
  }
  const [whole, broken] = [await open('whole'), await open('broken')]
  await migrateDb(whole)
  await migrateDb(broken, { folder: await copyMigrations(join(scratch, 'first'), 2) })
  const seen = new Set<string>()
  for (let isOver = false; !isOver;) {
    const isNew = (statement: string): boolean => {
      if (/^\s*(SELECT|SET|RESET|COMMIT|INSERT)\b|pgboss/.test(statement) || seen.has(statement)) return false
      seen.add(statement)
      return true
    }
    isOver = await migrateDb(mortal(broken, isNew)).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof Killed)) throw error
        return false
      },
    )
  }
  expect(seen.size).toBeGreaterThan(100)
  expect(await readShape(broken)).toEqual(await readShape(whole))
})
