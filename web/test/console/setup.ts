import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { startServerProcess } from '../../../client/src/testing/server-process.ts'
import { isSid } from '../../../src/model/sid.ts'
import { maintenanceTimeouts, openDb } from '../../../src/store/engine/db.ts'
import { startPostgresServer } from '../../../test/support/postgres-server.ts'
import { makeScratch } from '../../../test/support/scratch.ts'
import { createTemplateDatabase, templateUrl } from '../../../test/support/template-database.ts'
import { fillService } from './filling.ts'

declare module 'vitest' {
  interface ProvidedContext {
    console: {
      /** Of the maintenance database; the filled one is the template of all others. */
      readonly postgresUrl: string
      readonly secretKey: string
    }
  }
}

const server = fileURLToPath(new URL('../../..', import.meta.url))
const secretKey = 'cd'.repeat(32)

/** Once per run of the project `browser`: a Postgres with a database of 1,000 channels and 100,000 messages, which each file gets a copy of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using stack = new AsyncDisposableStack()
  const postgres = stack.use(await startPostgresServer())
  await createTemplateDatabase(postgres.url())
  await using scratch = await makeScratch()
  const data = join(scratch.path, 'data')
  await mkdir(data)
  const url = templateUrl(postgres.url())
  // Its first start makes the account and the service.
  const first = await startServerProcess(server, { DATA_DIR: data, DATABASE_URL: url, SECRET_KEY: secretKey })
  await first.kill()
  if (!isSid('IS', first.serviceId)) throw new Error(`the server has started with the service ${first.serviceId}`)
  const db = openDb(url, { poolSize: 1, timeouts: maintenanceTimeouts })
  try {
    await fillService(db, first.serviceId)
  } finally {
    await db.close()
  }
  project.provide('console', { postgresUrl: postgres.url(), secretKey })
  const kept = stack.move()
  return () => kept.disposeAsync()
}
