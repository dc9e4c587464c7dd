import { LRUCache } from 'lru-cache'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import type { Rate } from '../model/rate-limit.ts'
import type { RateCount, RateCounter } from './rate-counter.ts'

/** Different rates that are kept. A rate beyond that begins anew. */
const maxRates = 1000

/** In one process. What was counted of a key goes by itself when its window ends. */
export function createMemoryRateCounter(): RateCounter {
  const limiterOf = byRate(({ limit, seconds }) => new RateLimiterMemory(optionsOf(limit, seconds)))
  return {
    count: (key, rate) => limiterOf(rate).consume(key).catch(toCount),
    read: (key, rate) => limiterOf(rate).get(key).then(orNothing),
  }
}

export const optionsOf = (points: number, duration: number) => ({ points, duration, keyPrefix: '' })

/** A limiter is of one rate. */
export function byRate<Limiter extends {}>(open: (rate: Rate) => Limiter): (rate: Rate) => Limiter {
  const limiters = new LRUCache<number, Limiter>({ max: maxRates })
  return (rate) => {
    const key = rate.limit * 1000 + rate.seconds
    let limiter = limiters.get(key)
    if (limiter === undefined) limiters.set(key, (limiter = open(rate)))
    return limiter
  }
}

/** The library rejects with what it has counted where that is more than the limit. */
export const toCount = (count: unknown): RateCount => {
  if (count instanceof Error) throw count
  return count as RateCount
}

const nothing: RateCount = { consumedPoints: 0, msBeforeNext: 0 }

export const orNothing = (count: RateLimiterRes | null): RateCount =>
  count && count.msBeforeNext > 0 ? count : nothing
