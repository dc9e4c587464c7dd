import type { Db } from './db.ts'

/** Rows per statement of the cleanup. It bounds the locks and the time of a statement, however large a table is. */
export const batchRows = 1000

/**
 * Deletes what is older than a time, some rows at a time, and answers how many. The statement takes the time and the number of rows, and returns a row for each
 * that it deletes. What it skips, since somebody has it locked, is left for the next cleanup.
 */
export async function deleteBefore(db: Db, statement: string, before: Date): Promise<number> {
  let count = 0
  for (;;) {
    const { length } = await db.run(statement, [before.toISOString(), batchRows])
    count += length
    if (length < batchRows) return count
  }
}
