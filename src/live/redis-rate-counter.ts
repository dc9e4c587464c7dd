import { RateLimiterMemory, RateLimiterRedis, RLWrapperTimeouts } from 'rate-limiter-flexible'
import { byRate, optionsOf, orNothing, toCount } from './memory-rate-counter.ts'
import type { RateCounter } from './rate-counter.ts'
import type { RedisConnections } from './redis.ts'

/** How long an answer may take, in milliseconds. Then this process counts by itself. */
const answerMilliseconds = 100

/**
 * Shared by all processes. While Redis is away or too slow each counts in its own memory: nothing is refused for that, and nothing waits longer than for
 * one answer.
 */
export function createRedisRateCounter(
  { commands }: Pick<RedisConnections, 'commands'>,
  timeoutMs = answerMilliseconds,
): RateCounter {
  const limiterOf = byRate(({ limit, seconds }) => {
    const options = optionsOf(limit, seconds)
    const limiter = new RateLimiterRedis({
      ...options,
      // A changed rate counts anew: what an earlier one has counted may be beyond the new limit for a minute.
      keyPrefix: `rate:${limit}:${seconds}`,
      storeClient: commands,
      rejectIfRedisNotReady: true,
    })
    return new RLWrapperTimeouts({
      limiter,
      timeoutMs,
      insuranceLimiter: new RateLimiterMemory(options),
    })
  })
  return {
    count: (key, rate) => limiterOf(rate).consume(key).catch(toCount),
    read: (key, rate) => limiterOf(rate).get(key).then(orNothing),
  }
}
