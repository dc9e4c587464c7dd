import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Db, Tx } from '../../src/store/engine/db.ts'

const shipped = new URL('../../drizzle/', import.meta.url)

interface Journal {
  readonly entries: { readonly idx: number; readonly when: number; readonly tag: string }[]
}

async function readJournal(): Promise<Journal> {
  return JSON.parse(await readFile(new URL('meta/_journal.json', shipped), 'utf8')) as Journal
}

/** Writes a folder of migrations that come after those that are shipped. */
export async function writeMigrations(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  const { entries } = await readJournal()
  const { idx, when } = entries.at(-1)!
  const made = Object.keys(files).map((tag, at) => ({ idx: idx + 1 + at, when: when + 1 + at, tag }))
  await writeFolder(folder, made, (tag) => files[tag]!)
  return folder
}

/** Copies the first migrations that are shipped, changed by `edit`. */
export async function copyMigrations(folder: string, count: number, edit = (text: string) => text): Promise<string> {
  const { entries } = await readJournal()
  const texts = new Map<string, string>()
  for (const { tag } of entries) texts.set(tag, edit(await readFile(new URL(`${tag}.sql`, shipped), 'utf8')))
  await writeFolder(folder, entries.slice(0, count), (tag) => texts.get(tag)!)
  return folder
}

async function writeFolder(folder: string, entries: Journal['entries'], read: (tag: string) => string): Promise<void> {
  await mkdir(join(folder, 'meta'), { recursive: true })
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ entries }))
  await Promise.all(entries.map(({ tag }) => writeFile(join(folder, `${tag}.sql`), read(tag))))
}

/** What a call of `mortal` throws when its time has come, and every call after it. */
export class Killed extends Error {}

/** A database whose process dies when `isLast` answers true to a statement that has just run: within a transaction, nothing of it stands. */
export function mortal(db: Db, isLast: (statement: string) => boolean): Db {
  let isDead = false
  const live = async <Result>(statement: string, run: () => Promise<Result>): Promise<Result> => {
    if (isDead) throw new Killed()
    const result = await run()
    isDead = isLast(statement)
    if (isDead) throw new Killed()
    return result
  }
  return {
    ...db,
    run: (statement, parameters) => live(statement, () => db.run(statement, parameters)),
    runScript: (script) => live(script, () => db.runScript(script)),
    transaction: (work) =>
      live('COMMIT', () =>
        db.transaction((tx) => {
          const run: Tx['run'] = (statement, parameters) => live(statement, () => tx.run(statement, parameters))
          return work({ ...tx, run })
        }),
      ),
  }
}

/** Everything that migrations make, but for what the runner keeps for itself. */
export async function readShape(db: Db): Promise<string[]> {
  const rows = await db.run<{ line: string }>(
    `SELECT line FROM (
      SELECT concat_ws(' ', table_name, column_name, ordinal_position, udt_name, is_nullable, column_default) AS line
        FROM information_schema.columns WHERE table_schema = 'public'
      UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL SELECT concat_ws(' ', indexrelid::regclass, 'is invalid') FROM pg_index WHERE NOT indisvalid
      UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
      UNION ALL SELECT concat_ws(' ', relname, reloptions) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    ) AS made WHERE line NOT LIKE '%schema_versions%' ORDER BY line`,
    [],
  )
  return rows.map(({ line }) => line)
}
