import type { Config } from './config/config.ts'
import type { Logger } from './config/logger.ts'
import type { OtherMetrics } from './http/metrics/gather.ts'
import type { Bus } from './live/bus.ts'
import type { ExpiringSet } from './live/expiring-set.ts'
import { createMemoryBus } from './live/memory-bus.ts'
import { createMemoryExpiringSet } from './live/memory-expiring-set.ts'
import type { RateCounter } from './live/rate-counter.ts'
import { createRedisBus } from './live/redis-bus.ts'
import { createRedisExpiringSet } from './live/redis-expiring-set.ts'
import { readRedisInfo, type RedisInfo } from './live/redis-info.ts'
import { createRedisRateCounter } from './live/redis-rate-counter.ts'
import { openRedis } from './live/redis.ts'

/** What a process may lose, and shares with those that are one server with it. */
export interface Live {
  readonly bus: Bus
  readonly expiringSet: ExpiringSet
  /** Whether there is a Redis that does not answer now. */
  readonly isRedisAway: () => boolean
  /** What Redis is like; undefined without it. */
  readonly readRedis?: () => Promise<RedisInfo>
  /** Undefined without Redis: each process counts by itself. */
  readonly rateCounter?: RateCounter
  close(): Promise<void>
}

/** The other processes of this machine that are one server with this one. */
export interface Siblings {
  /** Which of the workers this process is, from 1. */
  readonly worker: number
  /** Where there is no Redis. */
  openLive(): Promise<Live>
  /** Whether this process does what one of them does for all. May change at any time, and two may do it at once. */
  readonly leads: () => boolean
  readonly metrics: OtherMetrics
}

/** Opens what may be lost: in Redis if it is set, otherwise between the processes of this machine, or in this one. */
export async function openLive(config: Config, logger: Logger, siblings: Siblings | undefined): Promise<Live> {
  const { REDIS_URL: url } = config
  if (url === undefined) {
    if (siblings) return siblings.openLive()
    const [bus, expiringSet] = [createMemoryBus(), createMemoryExpiringSet()]
    return { bus, expiringSet, isRedisAway: () => false, close: async () => {} }
  }
  let isAway = false
  const redis = await openRedis(url, {
    away: (error) => {
      isAway = true
      logger.warn({ err: error }, 'Redis is away: events come late, and presence is not known')
    },
    back: () => {
      isAway = false
      logger.info('Redis is back')
    },
  })
  return {
    bus: createRedisBus(redis),
    expiringSet: createRedisExpiringSet(redis),
    isRedisAway: () => isAway,
    readRedis: () => readRedisInfo(url, redis.commands),
    rateCounter: createRedisRateCounter(redis),
    close: async () => redis.close(),
  }
}
