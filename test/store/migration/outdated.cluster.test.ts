import { expect, test } from 'vitest'
import { createLogger } from '../../../src/config/logger.ts'
import { readConfig } from '../../../src/config/read-config.ts'
import { startServer } from '../../../src/server.ts'
import { readOwnSchema } from '../../../src/store/migration.ts'
import { openTestStore } from '../../support/engine.ts'
import { waitFor } from '../../support/wait.ts'

test('a server notices while it runs that the database has outgrown it, and names both versions', async () => {
  await using store = await openTestStore()
  const found: unknown[] = []
  const config = readConfig({
    PORT: '0',
    SECRET_KEY: 'ab'.repeat(32),
    LOG_LEVEL: 'silent',
    DATABASE_URL: 'postgres://localhost/unused',
  })
  const { db, maintenance } = store
  const close = async (): Promise<void> => {}
  const parts = {
    db,
    maintenance,
    heartbeat: maintenance,
    withInspection: () => Promise.reject(new Error('nobody looks')),
    isEmbedded: false,
    finishFirstStart: close,
    close,
  }
  await using _server = await startServer(config, createLogger('silent'), parts, {
    onOutdated: (refusal) => found.push(refusal),
  })
  const raise = (version: number, lowest: number) =>
    maintenance.run(`INSERT INTO schema_versions VALUES ($1::int, 'made', $2::int, '9.9.9')`, [version, lowest])
  const own = await readOwnSchema()
  await raise(own + 8, own)
  await raise(own + 9, own + 9)
  await waitFor(() => found.length > 0)
  expect(found.map(String)).toEqual([
    expect.stringMatching(
      new RegExp(`fonechat \\d\\S+ \\(schema ${own}\\) is too old .* fonechat 9\\.9\\.9 has raised it`),
    ),
  ])
})
