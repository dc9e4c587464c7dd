import type { Db, Tx } from '../../store/engine/db.ts'
import { readSealed, replaceSealed, sealedColumns } from '../../store/sealed.ts'
import type { SecretBox } from './secret.ts'

const batchSize = 500

const beforeAll = '00000000-0000-0000-0000-000000000000'

/** Seals with the first key all that another key has sealed. Answers how many secrets that were. Servers can run meanwhile. */
export async function reseal(db: Db | Tx, secrets: SecretBox): Promise<number> {
  let count = 0
  for (const column of sealedColumns) {
    let after: string | undefined = beforeAll
    while (after !== undefined) {
      const values = await readSealed(db, column, secrets.mark, after, batchSize)
      for (const value of values) await replaceSealed(db, column, value, secrets.seal(secrets.open(value.sealed)))
      count += values.length
      after = values.length === batchSize ? values.at(-1)!.id : undefined
    }
  }
  return count
}
