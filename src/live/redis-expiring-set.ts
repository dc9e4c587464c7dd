import type { ExpiringSet } from './expiring-set.ts'
import type { RedisConnections } from './redis.ts'

/** A sorted set each, scored by when the entry expires; the key itself expires with its last entry. */
export function createRedisExpiringSet({ commands }: RedisConnections): ExpiringSet {
  return {
    add: async (set, entry, milliseconds) => {
      const now = Date.now()
      await Promise.all([
        commands.zadd(set, now + milliseconds, entry),
        commands.zremrangebyscore(set, '-inf', now),
        commands.pexpire(set, milliseconds),
      ])
    },
    remove: async (set, entry) => {
      await commands.zrem(set, entry)
    },
    isInhabited: async (set) => (await commands.zcount(set, `(${Date.now()}`, '+inf')) > 0,
  }
}
