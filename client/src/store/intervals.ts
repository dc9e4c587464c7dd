import type { Interval } from './state.ts'

/** Adds an interval. Those that touch become one. */
export function cover(intervals: readonly Interval[], [from, to]: Interval): readonly Interval[] {
  if (to < from || isCovered(intervals, [from, to])) return intervals
  const apart: Interval[] = []
  let [first, last] = [from, to]
  for (const known of intervals) {
    if (known[1] + 1 < from || to + 1 < known[0]) apart.push(known)
    else [first, last] = [Math.min(first, known[0]), Math.max(last, known[1])]
  }
  return [...apart, [first, last] as const].toSorted((one, other) => one[0] - other[0])
}

/** The interval that has this index; undefined when the index is not covered. */
export function intervalAt(intervals: readonly Interval[], index: number): Interval | undefined {
  return intervals.find(([from, to]) => from <= index && index <= to)
}

export function isCovered(intervals: readonly Interval[], [from, to]: Interval): boolean {
  return intervals.some((known) => known[0] <= from && to <= known[1])
}

/** What is left of the intervals between two indexes, both included. */
export function within(intervals: readonly Interval[], [from, to]: Interval): readonly Interval[] {
  if (intervals.every((known) => from <= known[0] && known[1] <= to)) return intervals
  return intervals
    .map((known): Interval => [Math.max(from, known[0]), Math.min(to, known[1])])
    .filter((known) => known[0] <= known[1])
}
