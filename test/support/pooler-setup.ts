import type { TestProject } from 'vitest/node'
import { startCluster } from './cluster-setup.ts'
import { startPooler } from './pgbouncer.ts'

/** As for the project `cluster`, with PgBouncer between. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using servers = new AsyncDisposableStack()
  const { postgres, redis } = await startCluster(servers)
  const pooler = servers.use(await startPooler(postgres))
  project.provide('cluster', { postgresUrl: postgres.url(), redisUrl: redis.url, poolerPort: pooler.port })
  const running = servers.move()
  return () => running.disposeAsync()
}
