import type { Db } from '../../store/engine/db.ts'
import { readSealed, replaceSealed, sealedColumns } from '../../store/sealed.ts'
import type { SecretBox } from './secret.ts'

const batchSize = 500

const beforeAll = '00000000-0000-0000-0000-000000000000'

/** Seals with the first key what another one has sealed, and answers how much that was. Servers go on meanwhile. */
export async function reseal(db: Db, secrets: SecretBox): Promise<number> {
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
