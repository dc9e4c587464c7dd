import { LRUCache } from 'lru-cache'

/** The types of answers. Among types with equal weights, the first is used. */
const offered = ['application/json', 'application/graphql-response+json', 'text/event-stream'] as const

interface Range {
  readonly type: string
  readonly weight: number
  readonly at: number
}

/** Clients send the same few headers. */
const known = new LRUCache<string, readonly string[]>({ max: 100 })

/**
 * The types of an `Accept` header that can be answered, without weights: by weight, then in the order of the header. Neither GraphQL server
 * reads weights or a quoted charset. Undefined where there are none.
 */
export function toAcceptable(accept: string | undefined): string | undefined {
  const header = accept?.trim() || '*/*'
  let types = known.get(header)
  if (!types) {
    types = findAcceptable(header)
    known.set(header, types)
  }
  return types.length > 0 ? types.join(', ') : undefined
}

function findAcceptable(header: string): string[] {
  const ranges = header.split(',').flatMap(parseRange)
  const liked = offered.flatMap((type) => {
    const range = findRange(ranges, type)
    return range && range.weight > 0 ? [{ type, ...range }] : []
  })
  liked.sort((one, other) => other.weight - one.weight || one.at - other.at)
  return liked.map(({ type }) => type)
}

/** A range with another charset than UTF-8 accepts none of the types. */
function parseRange(text: string, at: number): Range[] {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  let weight = 1
  for (const parameter of parameters) {
    const [name, value = ''] = parameter.split('=').map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    if (name === 'q') weight = Number(value) || 0
    if (name === 'charset' && !/^utf-?8$/.test(value)) return []
  }
  return [{ type, weight, at }]
}

/** The most specific range of a type counts. A stream must be accepted by name. */
function findRange(ranges: readonly Range[], type: (typeof offered)[number]): Omit<Range, 'type'> | undefined {
  const names = type === 'text/event-stream' ? [type, 'text/*'] : [type, 'application/*', '*/*']
  for (const name of names) {
    const range = ranges.find((one) => one.type === name)
    if (range) return { weight: range.weight, at: range.at }
  }
  return undefined
}
