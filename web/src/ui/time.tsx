import { formatShort, formatTime, formatWhole } from '../lib/format.ts'

/** A point in time; its title has all of it. `short` names the day when it was not today. */
export function Time({
  at,
  short = false,
  now,
}: {
  readonly at: string
  readonly short?: boolean
  readonly now?: number
}) {
  const date = new Date(at)
  return (
    <time dateTime={at} title={formatWhole(date)}>
      {short ? formatShort(date, new Date(now ?? Date.now())) : formatTime(date)}
    </time>
  )
}
