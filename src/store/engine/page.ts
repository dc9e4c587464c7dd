import { and, asc, desc, gt, lt, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Page } from '../../model/page.ts'

/** Selects the rows between a page's cursors, by the column that orders the list. */
export function isInPage<Key>(column: PgColumn, { after, before }: Page<Key>): SQL | undefined {
  return and(after === undefined ? undefined : gt(column, after), before === undefined ? undefined : lt(column, before))
}

export function pageOrder<Key>(column: PgColumn, { backwards }: Page<Key>): SQL {
  return backwards ? desc(column) : asc(column)
}
