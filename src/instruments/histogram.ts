/** Values by fixed upper bounds, as Prometheus takes them: only the sum and counts are kept. */
export class Histogram {
  readonly bounds: readonly number[]
  /** How many values each bound is the first for; the last entry counts those above all of them. */
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  /** `times` is how often the value has occurred. */
  observe(value: number, times = 1): void {
    const { bounds } = this
    let at = 0
    while (at < bounds.length && value > bounds[at]!) at++
    this.counts[at]! += times
    this.sum += value * times
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }
}

/** In seconds: from what a cache answers to what only a fault takes. */
export const secondBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/**
 * The value that such a share of those in a histogram do not exceed, as far as its bounds say; null of none. What is above all bounds counts as the last of
 * them.
 */
export function quantileOf(bounds: readonly number[], counts: Float64Array, share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = share * total
  let below = 0
  for (const [at, bound] of bounds.entries()) {
    const count = counts[at]!
    if (count > 0 && below + count >= rank) {
      const start = bounds[at - 1] ?? 0
      return start + ((bound - start) * (rank - below)) / count
    }
    below += count
  }
  return bounds.at(-1)!
}
