import { LRUCache } from 'lru-cache'

/** What `/graphql` answers with; of what a client likes equally well the first. */
const offered = ['application/json', 'application/graphql-response+json', 'text/event-stream'] as const

interface Range {
  readonly type: string
  readonly weight: number
  readonly at: number
}

/** Clients send a few headers over and over. */
const known = new LRUCache<string, readonly string[]>({ max: 100 })

/**
 * What of its `Accept` header a client can be answered with, best first and without weights: by weight, then as the header has it. Both
 * GraphQL servers read no weights and no quoted charset. Undefined where there is nothing.
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

/** A range in another charset than UTF-8 accepts nothing of ours. */
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

/** The most specific range speaks for a type. A stream is for who asks for one by name. */
function findRange(ranges: readonly Range[], type: (typeof offered)[number]): Omit<Range, 'type'> | undefined {
  const names = type === 'text/event-stream' ? [type, 'text/*'] : [type, 'application/*', '*/*']
  for (const name of names) {
    const range = ranges.find((one) => one.type === name)
    if (range) return { weight: range.weight, at: range.at }
  }
  return undefined
}
