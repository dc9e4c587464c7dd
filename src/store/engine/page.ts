import { and, asc, desc, gt, lt, sql, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { OrderKey } from '../../model/list-order.ts'
import type { Page } from '../../model/page.ts'
import { sidToUuid } from '../../model/sid.ts'

/** Selects the rows between a page's cursors, by the column that orders the list. */
export function isInPage<Key>(column: PgColumn, { after, before }: Page<Key>): SQL | undefined {
  return and(after === undefined ? undefined : gt(column, after), before === undefined ? undefined : lt(column, before))
}

export function pageOrder<Key>(column: PgColumn, { backwards }: Page<Key>): SQL {
  return backwards ? desc(column) : asc(column)
}

/** The page of a list that is newest first, for the column whose numbers grow: what comes after a cursor has lower ones. */
export function newestFirst<Key>(page: Page<Key>): Page<Key> {
  return { ...page, after: page.before, before: page.after, backwards: !page.backwards }
}

/** The order of an indexed expression and, where that is the same, of the id. */
export function listOrder<Key>(expression: SQL, id: PgColumn, { backwards }: Page<Key>): SQL[] {
  return backwards ? [desc(expression), desc(id)] : [asc(expression), asc(id)]
}

/** Selects the rows between a page's cursors in that order. */
export function isInOrder(
  expression: SQL,
  type: 'text' | 'timestamptz' | 'integer',
  id: PgColumn,
  { after, before }: Page<OrderKey>,
): SQL | undefined {
  const key = (at: OrderKey) => sql`(${at.value}::text::${sql.raw(type)}, ${sidToUuid(at.id)}::uuid)`
  return and(
    after && sql`(${expression}, ${id}) > ${key(after)}`,
    before && sql`(${expression}, ${id}) < ${key(before)}`,
  )
}

/**
 * By bytes, as the index is. A cursor within the range of a prefix replaces the bound on its side: with two on one side the planner
 * expects so few rows that it would sort them.
 */
export function beginsWith(
  expression: SQL,
  prefix: string | undefined,
  { after, before }: Page<OrderKey>,
): SQL | undefined {
  if (prefix === undefined) return undefined
  const end = endOf(prefix)
  return and(
    after ? undefined : sql`${expression} >= ${prefix}::text`,
    before || end === undefined ? undefined : sql`${expression} < ${end}::text`,
  )
}

/** The first text after all that begin with a prefix: its last character is the next one. Undefined when there is no next one. */
export function endOf(prefix: string): string | undefined {
  const characters = Array.from(prefix)
  while (characters.length > 0) {
    const code = characters.pop()!.codePointAt(0)!
    // Between these two are the halves of surrogate pairs, which no text has.
    if (code < 0x10ffff) return characters.join('') + String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1)
  }
  return undefined
}
