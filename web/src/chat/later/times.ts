/** A time that is offered for what is to happen later. */
export interface Choice {
  readonly label: string
  readonly at: Date
}

const minute = 60_000
const morning = 9
const monday = 1

/** In twenty minutes, and the next mornings at which one begins to work, by the clock of this device. */
export function choices(now: Date): readonly Choice[] {
  const tomorrow = morningIn(now, 1)
  const days = (monday - now.getDay() + 7) % 7 || 7
  return [
    { label: 'In 20 minutes', at: new Date(now.getTime() + 20 * minute) },
    { label: 'Tomorrow', at: tomorrow },
    // On a Sunday that is the same.
    ...(days > 1 ? [{ label: 'Monday', at: morningIn(now, days) }] : []),
  ]
}

/** By the calendar, so that it is nine also where the clocks are set meanwhile. */
function morningIn(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, morning)
}

/** As a field of date and time has it: `2027-01-08T09:00`, in the zone of this device. */
export function toField(at: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** What a field of date and time has; null where that is none. */
export function fromField(text: string): Date | null {
  const at = new Date(text)
  return text === '' || Number.isNaN(at.getTime()) ? null : at
}

/** Why nothing can happen at this time, in words; null where it can: in the future, and at most a year ahead. */
export function refusalOf(at: Date | null, now: Date): string | null {
  if (!at) return 'Choose a date and a time.'
  if (at <= now) return 'This time has passed.'
  const lastDay = new Date(now)
  lastDay.setFullYear(now.getFullYear() + 1)
  return at > lastDay ? 'At most a year ahead.' : null
}
