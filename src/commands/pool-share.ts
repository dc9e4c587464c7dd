import { isBehindPooler, type Config } from '../config/config.ts'
import { SettingError } from '../model/setting-error.ts'
import { connectionLimits } from '../store/engine/connection-limits.ts'
import type { Db } from '../store/engine/db.ts'

/** Fewer would let one slow statement hold up half of a worker. */
const minPool = 3

/** What a worker has besides its pool: the heartbeat, and maintenance. */
const extraConnections = 2

/** What `DATABASE_POOL` leaves for each of so many workers. */
export function poolShare(pool: number, workers: number): number {
  return Math.max(minPool, Math.floor(pool / workers))
}

/** Throws a sentence when Postgres has not so many connections as the workers take. Behind a pooler, only those past it count. */
export async function assertConnectionsFit(db: Db, config: Config, workers: number): Promise<void> {
  const share = poolShare(config.DATABASE_POOL, workers)
  const each = isBehindPooler(config) ? 1 : share + extraConnections
  const { server, role, database } = connectionLimits
  const [row] = await db.run<{ available: number }>(`SELECT least(${server}, ${role}, ${database}) AS available`, [])
  const { available } = row!
  if (workers * each <= available) return
  throw new SettingError(
    `PROCESSES: ${workers} workers with ${each} connections each need ${workers * each}, and Postgres gives ${available}; ` +
      'set fewer PROCESSES, a smaller DATABASE_POOL, or a larger max_connections of Postgres (or CONNECTION LIMIT of the role or the database)',
  )
}
