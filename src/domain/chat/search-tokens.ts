import type { Phrase, SearchQuery } from '../../model/search-query.ts'
import type { Token } from '../../model/search-text.ts'
import type { ServiceId } from '../../model/sid.ts'

/** Limits of Postgres's `tsvector`: the last position, and positions of one token. */
const lastPosition = 16_383
const maxPositions = 255

/** Tokens of a service begin with its mark. Two services may share one: every hit is compared with its message. */
const markOf = (serviceId: ServiceId): string => serviceId.slice(-4)

/** A token that no text has, of messages that are too long for all of their positions. */
const long = '*'

/** Tokens have letters, digits, marks and symbols, so none needs an escape. */
const quote = (token: string): string => `'${token}'`

/** What a message is found by, as Postgres writes a `tsvector`. */
export function toVector(serviceId: ServiceId, tokens: readonly Token[]): string {
  const mark = markOf(serviceId)
  const positions = new Map<string, number[]>()
  let isLong = tokens.length > lastPosition
  for (const [at, { text }] of tokens.entries()) {
    const before = positions.get(text)
    if (at >= lastPosition || (before && before.length >= maxPositions)) {
      isLong = true
      if (!before) positions.set(text, [])
    } else if (before) before.push(at + 1)
    else positions.set(text, [at + 1])
  }
  if (isLong) positions.set(long, [])
  return Array.from(positions, ([text, at]) => quote(mark + text) + (at.length > 0 ? `:${at.join()}` : '')).join(' ')
}

/**
 * A `tsquery` that every matching message meets. Others may meet it too: in messages that are too long for positions, phrases are not looked
 * for, and what is excluded is not left out.
 */
export function toTsquery(serviceId: ServiceId, { wanted, excluded }: SearchQuery): string {
  const mark = markOf(serviceId)
  const isLong = quote(mark + long)
  const lexemes = ({ tokens, isPrefix }: Phrase): string[] =>
    tokens.map((texts, at) => {
      const end = isPrefix && at === tokens.length - 1 ? ':*' : ''
      const any = texts.map((text) => quote(mark + text) + end)
      return any.length === 1 ? any[0]! : `(${any.join(' | ')})`
    })
  const have = wanted.map((phrase) => {
    const parts = lexemes(phrase)
    return parts.length === 1 ? parts[0]! : `((${parts.join(' <-> ')}) | (${[...parts, isLong].join(' & ')}))`
  })
  const lack = excluded.map((phrase) => {
    const parts = lexemes(phrase)
    return parts.length === 1 ? `!${parts[0]!}` : `(!(${parts.join(' <-> ')}) | ${isLong})`
  })
  return [...have, ...lack].join(' & ')
}
