const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const dayAndDate = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

/** `14:03`. */
export const formatTime = (at: Date): string => time.format(at)

/** `14:03:07.118`. */
export const formatClock = (at: Date): string => clock.format(at)

/** All of it, for a title. */
export const formatWhole = (at: Date): string => whole.format(at)

/** A number that differs between two days of this time zone, and grows by one a day. */
export function dayNumber(at: Date): number {
  return Math.floor((at.getTime() - at.getTimezoneOffset() * 60_000) / 86_400_000)
}

/** `14:03` today, `Tue` within a week, else `3 Mar`. */
export function formatShort(at: Date, now: Date): string {
  const days = dayNumber(now) - dayNumber(at)
  if (days <= 0) return formatTime(at)
  return days < 7 ? weekday.format(at) : date.format(at)
}

/** `Today`, `Yesterday`, else the weekday and the date. */
export function formatDay(at: Date, now: Date): string {
  const days = dayNumber(now) - dayNumber(at)
  if (days <= 0) return 'Today'
  return days === 1 ? 'Yesterday' : dayAndDate.format(at)
}

/** `today 14:03`, `tomorrow 09:00`, `Mon 09:00` within a week, else `8 Jan 09:00`, with the year where it is another. */
export function formatAhead(at: Date, now: Date): string {
  const days = dayNumber(at) - dayNumber(now)
  const day =
    days === 0 ? 'today' : days === 1 ? 'tomorrow' : days > 1 && days < 7 ? weekday.format(at) : dateIn(at, now)
  return `${day} ${formatTime(at)}`
}

const dateIn = (at: Date, now: Date): string =>
  at.getFullYear() === now.getFullYear() ? date.format(at) : `${date.format(at)} ${at.getFullYear()}`

/** `+3.1 ms`, `+240 ms`, `+4.2 s`, `+3 min`. */
export function formatSpan(ms: number): string {
  if (ms < 100) return `+${ms.toFixed(1)} ms`
  if (ms < 1000) return `+${Math.round(ms)} ms`
  if (ms < 60_000) return `+${(ms / 1000).toFixed(1)} s`
  return `+${Math.round(ms / 60_000)} min`
}

/** `12 s`, `3 min`, `2 h`. */
export function formatSince(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h`
}

/** `1 message`, `3 messages`. */
export const counted = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString()} ${count === 1 ? one : more}`

/** `Alice`, `Alice and Mira`, `Alice, Mira and 3 more`. */
export function formatNames(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? ''
  if (names.length === 2) return `${names[0]} and ${names[1]}`
  return names.length === 3
    ? `${names[0]}, ${names[1]} and ${names[2]}`
    : `${names[0]}, ${names[1]} and ${names.length - 2} more`
}
