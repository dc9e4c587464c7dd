import type { Db, Tx } from './engine/db.ts'

/** Every column that holds a secret sealed with `SECRET_KEY`. */
const columns = [
  ['accounts', 'auth_token'],
  ['api_keys', 'secret'],
  ['auth_tokens', 'token'],
  ['credentials', 'certificate'],
  ['credentials', 'private_key'],
  ['credentials', 'api_key'],
  ['credentials', 'secret'],
  ['services', 'webhook_secret'],
] as const

export type SealedColumn = (typeof columns)[number]

export const sealedColumns: readonly SealedColumn[] = columns

export interface SealedValue {
  readonly id: string
  readonly sealed: string
}

/** Secrets that do not end with the mark, by id, above the given one. */
export async function readSealed(
  db: Db | Tx,
  [table, column]: SealedColumn,
  mark: string,
  after: string,
  size: number,
): Promise<SealedValue[]> {
  const statement = `
SELECT id::text AS id, ${column} AS sealed FROM ${table}
WHERE id > $1::uuid AND ${column} IS NOT NULL AND right(${column}, length($2::text)) <> $2::text ORDER BY ${table}.id LIMIT $3`
  return db.run<SealedValue & Record<string, unknown>>(statement, [after, mark, size])
}

/** Replaces a secret, unless it has changed meanwhile. */
export async function replaceSealed(
  db: Db | Tx,
  [table, column]: SealedColumn,
  { id, sealed }: SealedValue,
  resealed: string,
): Promise<void> {
  await db.run(`UPDATE ${table} SET ${column} = $3 WHERE id = $1::uuid AND ${column} = $2`, [id, sealed, resealed])
}
