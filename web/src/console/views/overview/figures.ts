/** `0`, `0.4`, `12`, `1.2k`, `3.4M`. */
export function formatCount(value: number): string {
  const size = Math.abs(value)
  if (size >= 999_500) return `${short(value / 1e6)}M`
  if (size >= 9_995) return `${short(value / 1000)}k`
  return size >= 100 ? Math.round(value).toLocaleString('en') : short(value)
}

/** Two digits at least, and no zeros behind the point. */
const short = (value: number): string => String(Number(value.toPrecision(Math.abs(value) >= 100 ? 3 : 2)))

/** `0.4`, `12`, `1,200`: milliseconds without their unit. */
export const formatMs = (ms: number): string => (ms >= 100 ? Math.round(ms).toLocaleString('en') : short(ms))

/** `812 kB`, `96 MB`, `1.4 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${short(bytes / 1e9)} GB`
  return bytes >= 1e6 ? `${short(bytes / 1e6)} MB` : `${short(bytes / 1000)} kB`
}

/** Fewer seconds say little of what happens in one. */
const minSeconds = 5

/** How often a second; null when too little time was counted. */
export const rateOf = (count: number, seconds: number): number | null => (seconds < minSeconds ? null : count / seconds)
