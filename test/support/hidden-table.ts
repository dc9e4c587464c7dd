import type { TestStore } from './engine.ts'

/** Takes a table away while `work` runs, which is a fault that nothing is prepared for. */
export async function withoutTable<Result>(
  { db }: TestStore,
  table: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await db.orm.execute(`ALTER TABLE ${table} RENAME TO hidden`)
  try {
    return await work()
  } finally {
    await db.orm.execute(`ALTER TABLE hidden RENAME TO ${table}`)
  }
}
