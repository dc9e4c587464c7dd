/** A field of a thing, before and after a change. */
export interface FieldChange {
  readonly name: string
  /** JSON as lines; undefined where there is none. */
  readonly before: string | undefined
  readonly after: string | undefined
  readonly isChanged: boolean
}

/** Change with every change, and say nothing. */
const counters = new Set(['revision', 'updatedAt', 'version'])

/** The fields of both, by their paths: `webhooks.preUrl`. Lists and attributes stay whole. */
export function differenceOf(before: unknown, after: unknown): FieldChange[] {
  const [old, young] = [flatten(before), flatten(after)]
  const names = [...new Set([...old.keys(), ...young.keys()])].filter(
    (name) => (old.get(name) ?? young.get(name)) !== undefined,
  )
  return names.map((name) => {
    const values = [old.get(name), young.get(name)] as const
    return {
      name,
      before: values[0],
      after: values[1],
      isChanged: values[0] !== values[1] && !counters.has(name),
    }
  })
}

/** Its values by their paths; undefined for null. */
export function flatten(
  thing: unknown,
  path = '',
  into = new Map<string, string | undefined>(),
): Map<string, string | undefined> {
  if (thing === null || typeof thing !== 'object') return into
  for (const [name, value] of Object.entries(thing)) {
    const own = path === '' ? name : `${path}.${name}`
    const isGroup = value !== null && typeof value === 'object' && !Array.isArray(value) && name !== 'attributes'
    if (isGroup) flatten(value, own, into)
    else if (value === null) into.set(own, undefined)
    else into.set(own, typeof value === 'string' ? value : JSON.stringify(value, null, 1))
  }
  return into
}
