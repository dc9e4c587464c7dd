import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import { fromPglite } from 'pg-boss'
import type { TestProject } from 'vitest/node'
import { installWebhookJobs } from '../../src/store/webhooks/webhook-job.ts'
import { makeScratch } from './scratch.ts'

/** Once per run, for the project `embedded`: a migrated data directory as an archive, which opens in a tenth of the time. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.use(await makeScratch())
  const image = join(scratch.path, 'image.tar')
  await writeFile(image, await makeImage())
  project.provide('embedded', { image })
  const kept = stack.move()
  return () => kept.disposeAsync()
}

async function makeImage(): Promise<Uint8Array> {
  const engine = await PGlite.create({ initDbStartParams: ['--wal-segsize=1'] })
  try {
    // Memory that each database would fill with zeros when it opens: more of its work than all the rest.
    await engine.exec("ALTER SYSTEM SET shared_buffers = '16MB'")
    await migrate(drizzle(engine), { migrationsFolder: 'drizzle' })
    await installWebhookJobs(fromPglite(engine))
    await dropTemplates(engine)
    return await (await engine.dumpDataDir('none')).bytes()
  } finally {
    await engine.close()
  }
}

/** They are half of what every database would begin with, and nobody makes another one from them. */
async function dropTemplates(engine: PGlite): Promise<void> {
  await engine.exec('UPDATE pg_database SET datistemplate = false')
  for (const template of ['template0', 'template1']) await engine.exec(`DROP DATABASE ${template}`)
}
