import type { ExpiringSet } from './expiring-set.ts'
import type { RedisConnections } from './redis.ts'

/** A sorted set each, scored by when the entry expires; the key itself expires with its last entry. */
export function createRedisExpiringSet({ commands, onError }: RedisConnections): ExpiringSet {
  const reported = async <Result>(command: Promise<Result>): Promise<Result> => {
    try {
      return await command
    } catch (error) {
      onError(error)
      throw error
    }
  }
  return {
    add: async (set, entry, milliseconds) => {
      const now = Date.now()
      await reported(
        Promise.all([
          commands.zadd(set, now + milliseconds, entry),
          commands.zremrangebyscore(set, '-inf', now),
          commands.pexpire(set, milliseconds),
        ]),
      )
    },
    remove: async (set, entry) => {
      await reported(commands.zrem(set, entry))
    },
    isInhabited: async (set) => (await reported(commands.zcount(set, `(${Date.now()}`, '+inf'))) > 0,
  }
}
