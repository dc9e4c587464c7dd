import type { TestProject } from 'vitest/node'
import { startPostgresServer } from './postgres-server.ts'
import { startRedisServer } from './redis-server.ts'
import { createTemplateDatabase } from './template-database.ts'

/** Once per run, for the project `cluster`: one Postgres with the template database, and one Redis. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using servers = new AsyncDisposableStack()
  const { postgres, redis } = await startCluster(servers)
  project.provide('cluster', { postgresUrl: postgres.url(), redisUrl: redis.url })
  const running = servers.move()
  return () => running.disposeAsync()
}

export async function startCluster(servers: AsyncDisposableStack) {
  const [postgres, redis] = await Promise.all([
    startPostgresServer().then((server) => servers.use(server)),
    startRedisServer().then((server) => servers.use(server)),
  ])
  await createTemplateDatabase(postgres.url())
  return { postgres, redis }
}
