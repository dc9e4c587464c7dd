import type { Rate } from '../model/rate-limit.ts'

/** What was counted of a key in the present window. */
export interface RateCount {
  readonly consumedPoints: number
  /** Until the window ends, in milliseconds. */
  readonly msBeforeNext: number
}

/** Counts keys within rates. What is counted may be lost: then a key begins anew. */
export interface RateCounter {
  /** Counts one. More than the limit was counted where it is refused. Never rejects. */
  count(key: string, rate: Rate): Promise<RateCount>
  /** What was counted so far. Never rejects. */
  read(key: string, rate: Rate): Promise<RateCount>
}
