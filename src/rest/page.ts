import type { RestEndsFragment } from '../../schema/generated/graphql.ts'
import { limits } from '../model/limits.ts'
import { RestError } from './errors.ts'
import type { Form } from './form.ts'

const defaultSize = 50

/** The page that a query names. */
export interface PageRequest {
  readonly size: number
  /** Counted by the client and sent back in `meta`. Where the page begins, only the token says. */
  readonly number: number
  readonly start: PageStart | undefined
}

/** After or before the item with this cursor, in the order of GraphQL. */
interface PageStart {
  readonly side: 'after' | 'before'
  readonly cursor: string
}

/** A size beyond the maximum becomes the maximum: helper libraries send whatever limit their caller has. */
export function readPage(query: Form, max: number = limits.backendPageSize): PageRequest {
  const size = readNumber(query, 'PageSize') ?? defaultSize
  const token = query.get('PageToken')?.at(-1)
  return {
    size: Math.min(Math.max(size, 1), max),
    number: readNumber(query, 'Page') ?? 0,
    start: token ? parseToken(token) : undefined,
  }
}

function readNumber(query: Form, name: string): number | undefined {
  const sent = query.get(name)?.at(-1)
  if (!sent) return undefined
  if (!/^\d{1,15}$/.test(sent)) throw new RestError(400, 20001, `Invalid parameter ${name}: expected a whole number`)
  return Number(sent)
}

function toToken({ side, cursor }: PageStart): string {
  return Buffer.from(`${side}:${cursor}`).toString('base64url')
}

function parseToken(token: string): PageStart {
  const [, side, cursor] = /^(after|before):(.+)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (side === undefined || cursor === undefined) {
    throw new RestError(400, 20001, 'Invalid parameter PageToken: expected one from a link of this list')
  }
  return { side: side as PageStart['side'], cursor }
}

export type Order = 'asc' | 'desc'

/** The arguments of a GraphQL connection for this page. */
export function toArguments({ size, start }: PageRequest, order: Order = 'asc') {
  const side = start?.side ?? (order === 'asc' ? 'after' : 'before')
  return side === 'after' ? { first: size, after: start?.cursor } : { last: size, before: start?.cursor }
}

/** The `meta` of a list: the addresses of this page and of its neighbours, each with the filters of the list. */
export function toMeta(
  { size, number, start }: PageRequest,
  order: Order,
  { key, address, filters, ends }: { key: string; address: string; filters: readonly string[]; ends: RestEndsFragment },
) {
  const link = (page: number, to: PageStart | undefined): string => {
    const token = to ? [`PageToken=${toToken(to)}`] : []
    return `${address}?${[...filters, `PageSize=${size}`, `Page=${page}`, ...token].join('&')}`
  }
  const above = ends.hasNextPage && ends.endCursor ? { side: 'after' as const, cursor: ends.endCursor } : undefined
  const below =
    ends.hasPreviousPage && ends.startCursor ? { side: 'before' as const, cursor: ends.startCursor } : undefined
  const [next, previous] = order === 'asc' ? [above, below] : [below, above]
  return {
    page: number,
    page_size: size,
    key,
    url: link(number, start),
    first_page_url: link(0, undefined),
    previous_page_url: previous ? link(Math.max(number - 1, 0), previous) : null,
    next_page_url: next ? link(number + 1, next) : null,
  }
}
