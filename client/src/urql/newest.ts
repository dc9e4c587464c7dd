import { mapExchange, type Exchange } from '@urql/core'
import type { ResultObject } from '../glue/results.ts'

/** Objects whose newest state is remembered. */
const maxObjects = 5000

/** The newest states that were seen, by the key of the object. */
export type NewestObjects = Map<string, ResultObject>

/** Never lets an older state of a message, member or channel reach the cache: a page may have been under way while events arrived. */
export function newestExchange(newest: NewestObjects): Exchange {
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace)
    if (typeof value !== 'object' || value === null) return value
    const object = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replace(one)])) as ResultObject
    const { __typename, id, revision } = object
    if (typeof id !== 'string' || typeof revision !== 'number') return object
    const key = `${__typename}:${id}`
    const known = newest.get(key)
    // What was seen last is the last to go.
    newest.delete(key)
    const isOlder = known !== undefined && (known['revision'] as number) > revision
    newest.set(key, isOlder ? { ...object, ...known } : { ...known, ...object })
    if (newest.size > maxObjects) newest.delete(newest.keys().next().value!)
    if (!isOlder) return object
    return Object.fromEntries(
      Object.entries(object).map(([name, one]) => [name, Object.hasOwn(known, name) ? known[name] : one]),
    )
  }
  return mapExchange({ onResult: (result) => ({ ...result, data: replace(result.data) as never }) })
}
