import type { Interval } from './state.ts'

/** Adds an interval. Those that touch become one. */
export function cover(intervals: readonly Interval[], [from, to]: Interval): readonly Interval[] {
  if (to < from) return intervals
  if (intervals.some((known) => known[0] <= from && to <= known[1])) return intervals
  const apart = intervals.filter((known) => known[1] + 1 < from || to + 1 < known[0])
  const touching = intervals.filter((known) => !apart.includes(known))
  const joined: Interval = [
    Math.min(from, ...touching.map((known) => known[0])),
    Math.max(to, ...touching.map((known) => known[1])),
  ]
  return [...apart, joined].toSorted((one, other) => one[0] - other[0])
}

/** The interval that has this index; undefined when the index is not covered. */
export function intervalAt(intervals: readonly Interval[], index: number): Interval | undefined {
  return intervals.find(([from, to]) => from <= index && index <= to)
}
