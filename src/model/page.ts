import type { Actor } from './actor.ts'
import { badInput } from './error.ts'
import { limits } from './limits.ts'

/** Relay paging arguments, as a caller gives them. */
export interface PageArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** A checked page: `size` items above `after` and below `before`, from the front or, when `backwards`, from the end. */
export interface Page<Key> {
  readonly size: number
  readonly backwards: boolean
  readonly after: Key | undefined
  readonly before: Key | undefined
}

/** One page of items in ascending key order. The flags mean what Relay's PageInfo says. */
export interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

/** A page size out of range is an error, never a silent cut: a caller that asked for 5,000 would take 1,000 for all. */
export function parsePage<Key>(actor: Actor, args: PageArgs, parseKey: (cursor: string) => Key): Page<Key> {
  if (args.first != null && args.last != null) throw badInput('first and last cannot be used together')
  const size = args.first ?? args.last ?? limits.pageSize
  const most = actor.kind === 'backend' ? limits.backendPageSize : limits.userPageSize
  if (size < 1 || size > most) throw badInput(`a page size must be from 1 to ${most}`)
  return {
    size,
    backwards: args.last != null,
    after: args.after == null ? undefined : parseKey(args.after),
    before: args.before == null ? undefined : parseKey(args.before),
  }
}

/** Turns `size + 1` rows, read in page direction, into a page: the extra row only tells that there is more. */
export function toPage<Item>(page: Page<unknown>, rows: Item[]): PageOf<Item> {
  const more = rows.length > page.size
  const items = more ? rows.slice(0, page.size) : rows
  if (page.backwards) items.reverse()
  return {
    items,
    hasNextPage: page.backwards ? page.before !== undefined : more,
    hasPreviousPage: page.backwards ? more : page.after !== undefined,
  }
}
