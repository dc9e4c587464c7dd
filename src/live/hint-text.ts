const datePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** A date in JSON, as it ends a key that holds one. A look for it costs a fraction of a walk through all keys. */
const dateMark = 'At":"'

/** Reads a hint that travelled as JSON. Only keys that end in `At` hold dates, so no message body turns into one. */
export function parseHint(text: string): unknown {
  const hint: unknown = JSON.parse(text)
  if (text.includes(dateMark)) reviveDates(hint)
  return hint
}

function reviveDates(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  const fields = value as Record<string, unknown>
  for (const key in fields) {
    const field = fields[key]
    if (typeof field === 'object') reviveDates(field)
    else if (key.endsWith('At') && typeof field === 'string' && datePattern.test(field)) fields[key] = new Date(field)
  }
}
