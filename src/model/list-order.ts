import type { Actor } from './actor.ts'
import { badInput, type ChatError } from './error.ts'
import { byId, parsePage, readPage, sidCursor, type Page, type PageArgs, type PageOf } from './page.ts'
import { isSid, type Sid, type SidPrefix } from './sid.ts'

/** The order of a list, and the filter that goes with it. */
export interface ListOrder<Field extends string> {
  readonly field: Field
  readonly isDescending: boolean
  /** Only what begins with this, by the field of the order. */
  readonly prefix: string | undefined
  /** What else the list is filtered by, as text. */
  readonly filter?: string
}

/** A key of a list: the value of the field, empty where the id alone decides, and the id. */
export interface OrderKey<Id extends Sid = Sid> {
  readonly value: string
  readonly id: Id
}

/** The cursor names its order and filter, since its key means nothing in another list. */
function toOrderCursor<Field extends string>(order: ListOrder<Field>, { value, id }: OrderKey): string {
  return Buffer.from(JSON.stringify([...orderNames(order), value, id])).toString('base64url')
}

function parseOrderCursor<Prefix extends SidPrefix>(
  {
    order,
    sidPrefix,
    isValue = () => true,
  }: Pick<OrderedList<Prefix, never, string>, 'order' | 'sidPrefix' | 'isValue'>,
  cursor: string,
  argument: string,
): OrderKey<Sid<Prefix>> {
  const parts = parseParts(cursor)
  const names = orderNames(order)
  const [value, id] = parts?.slice(names.length) ?? []
  if (!parts || value === undefined || id === undefined || !isSid(sidPrefix, id)) throw malformed(argument)
  if (names.some((name, at) => parts[at] !== name)) {
    throw badInput('the cursor belongs to another order or filter', argument)
  }
  if (!value.startsWith(order.prefix ?? '') || !isValue(value)) throw malformed(argument)
  return { value, id }
}

function malformed(argument: string): ChatError {
  return badInput('the cursor is malformed', argument)
}

function orderNames<Field extends string>({ field, isDescending, prefix, filter }: ListOrder<Field>): string[] {
  return [field, isDescending ? 'desc' : 'asc', filter ?? prefix ?? '']
}

function parseParts(cursor: string): string[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    // Postgres takes no U+0000.
    if (Array.isArray(parts) && parts.length === 5) return parts.map(String).map((part) => part.replaceAll('\0', ''))
  } catch {
    // Not what `toOrderCursor` makes.
  }
  return undefined
}

/** The page of a list that is read from its other end. */
function mirrored<Key>({ size, backwards, after, before }: Page<Key>): Page<Key> {
  return { size, backwards: !backwards, after: before, before: after }
}

/** A page that knows the cursors of its items. */
export interface OrderedPageOf<Item> extends PageOf<Item> {
  cursorOf(item: Item): string
}

interface OrderedList<Prefix extends SidPrefix, Item, Field extends string> {
  readonly order: ListOrder<Field>
  readonly sidPrefix: Prefix
  valueOf(item: Item): string
  /** Whether the value of a cursor is one that an item may have; all are unless this says otherwise. */
  isValue?(value: string): boolean
  /** In ascending order. */
  read(page: Page<OrderKey<Sid<Prefix>>>): Promise<Item[]>
}

/** Reads a page of a list in one of its orders. Its cursors are refused in any other, and with another filter. */
export async function readOrderedPage<
  Prefix extends SidPrefix,
  Item extends { readonly id: Sid<Prefix> },
  Field extends string,
>(actor: Actor, args: PageArgs, list: OrderedList<Prefix, Item, Field>): Promise<OrderedPageOf<Item>> {
  const { order } = list
  const keyOf = (item: Item): OrderKey<Sid<Prefix>> => ({ value: list.valueOf(item), id: item.id })
  const page = parsePage(actor, args, (cursor, argument) => parseOrderCursor(list, cursor, argument))
  const found = await readPage(page, (part) => list.read(order.isDescending ? mirrored(part) : part), keyOf)
  return { ...found, cursorOf: (item) => toOrderCursor(order, keyOf(item)) }
}

/** The same in the order of SIDs, oldest first, whose cursors are SIDs. */
export async function readPageBySid<Prefix extends SidPrefix, Item extends { readonly id: Sid<Prefix> }>(
  actor: Actor,
  args: PageArgs,
  sidPrefix: Prefix,
  read: (page: Page<Sid<Prefix>>) => Promise<Item[]>,
): Promise<OrderedPageOf<Item>> {
  return { ...(await readPage(parsePage(actor, args, sidCursor(sidPrefix)), read, byId)), cursorOf: byId }
}

/** The page by ids alone, for a list whose values are all the same. */
export function pageOfIds<Id extends Sid>({ after, before, ...page }: Page<OrderKey<Id>>): Page<Id> {
  return { ...page, after: after?.id, before: before?.id }
}
