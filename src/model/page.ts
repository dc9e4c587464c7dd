import type { Actor } from './actor.ts'
import { badInput } from './error.ts'
import { limits } from './limits.ts'
import { isSid, type Sid, type SidPrefix } from './sid.ts'

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

/** One page of items in ascending key order. Whether there is more on either side is read only when it is selected. */
export interface PageOf<Item> {
  readonly items: readonly Item[]
  hasNextPage(): Promise<boolean>
  hasPreviousPage(): Promise<boolean>
}

/** Checks the arguments of a page. A size out of range is an error: a caller that wants 5,000 would believe that 1,000 are all there are. */
export function parsePage<Key>(
  actor: Actor,
  args: PageArgs,
  parseKey: (cursor: string, field: string) => Key,
): Page<Key> {
  if (args.first != null && args.last != null) throw badInput('first and last cannot be used together', 'last')
  const size = args.first ?? args.last ?? limits.pageSize
  const max = actor.kind === 'backend' ? limits.backendPageSize : limits.userPageSize
  if (size < 1 || size > max) {
    throw badInput(`a page size must be from 1 to ${max}`, args.first == null ? 'last' : 'first')
  }
  return {
    size,
    backwards: args.last != null,
    after: args.after == null ? undefined : parseKey(args.after, 'after'),
    before: args.before == null ? undefined : parseKey(args.before, 'before'),
  }
}

/** Reads the cursors of a list that is in the order of SIDs. */
export function sidCursor<Prefix extends SidPrefix>(prefix: Prefix): (cursor: string, field: string) => Sid<Prefix> {
  return (cursor, field) => {
    if (!isSid(prefix, cursor)) throw badInput('the cursor is malformed', field)
    return cursor
  }
}

/** The cursor of a list that is in the order of a number. */
export const toNumberCursor = (number: number): string => number.toString(36)

export function parseNumberCursor(cursor: string, field: string): number {
  const number = /^[0-9a-z]{1,11}$/.test(cursor) ? Number.parseInt(cursor, 36) : Number.NaN
  if (!Number.isSafeInteger(number)) throw badInput('the cursor is malformed', field)
  return number
}

export function byId<Id extends Sid>({ id }: { readonly id: Id }): Id {
  return id
}

/**
 * Reads a page. `read` answers `size + 1` rows in the direction of the page: the extra row says that there is more. Whether there is more on the
 * other side takes another read, of one row.
 */
export async function readPage<Item, Key>(
  page: Page<Key>,
  read: (page: Page<Key>) => Promise<Item[]>,
  keyOf: (item: Item) => Key,
): Promise<PageOf<Item>> {
  const rows = await read(page)
  const hasMore = rows.length > page.size
  const items = hasMore ? rows.slice(0, page.size) : rows
  if (page.backwards) items.reverse()
  const [first, last] = [items[0], items.at(-1)]
  const isThere = async (beyond: Pick<Page<Key>, 'after' | 'before'>): Promise<boolean> =>
    (await read({ size: 0, backwards: !page.backwards, ...beyond })).length > 0
  const { after, before } = page
  return {
    items,
    hasNextPage: async () => {
      if (!page.backwards) return hasMore
      return before !== undefined && isThere({ after: last === undefined ? after : keyOf(last), before: undefined })
    },
    hasPreviousPage: async () => {
      if (page.backwards) return hasMore
      return after !== undefined && isThere({ after: undefined, before: first === undefined ? before : keyOf(first) })
    },
  }
}
