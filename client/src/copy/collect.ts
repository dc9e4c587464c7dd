import type { Env } from '../env/types.ts'
import type { Log } from '../log.ts'
import { maxItemAge } from '../store/outbox-item.ts'
import type { OutboxItem } from '../store/state.ts'
import { Database, deleteDatabase } from './database.ts'
import { isOfAnother } from './schema.ts'

/**
 * Deletes the copies of other users, and of other formats, of the same server and service (K4). One stays while a tab has its lock, and while its
 * outbox has something that would still be sent. Browsers that cannot list their databases keep them.
 */
export async function collectOthers(
  own: string,
  env: Pick<Env, 'clock' | 'databases' | 'locks'>,
  log: Log,
): Promise<void> {
  const { databases, locks } = env
  const present = (await databases?.databases?.()) ?? []
  for (const { name } of present) {
    if (name === undefined || !isOfAnother(name, own)) continue
    const collect = async (lock: Lock | null): Promise<void> => {
      if (!lock || (await isWaiting(name, env))) return
      const isGone = await deleteDatabase(name, env)
      log.write('info', 'the local copy of another user was removed', { isGone })
    }
    // Without locks nobody can tell whether another tab uses it.
    await locks?.request(name, { ifAvailable: true }, collect)
  }
}

async function isWaiting(name: string, env: Pick<Env, 'clock' | 'databases'>): Promise<boolean> {
  const database = new Database({ name, env })
  try {
    const since = env.clock.now() - maxItemAge
    return await database.run({ stores: ['outbox'], mode: 'readonly' }, ({ store, read }) => {
      let items: readonly OutboxItem[] = []
      read(store('outbox').getAll(), (rows: readonly OutboxItem[]) => (items = rows))
      return () => items.some(({ status, createdAt }) => status !== 'failed' && createdAt > since)
    })
  } catch {
    return false
  } finally {
    await database.close()
  }
}
