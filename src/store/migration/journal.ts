import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A step of the schema, as the journal of `drizzle/` lists it. */
export interface JournalEntry {
  /** The version of the schema that it makes: its place in the journal. */
  readonly version: number
  readonly name: string
  /** What tells it in the database, as drizzle's own migrator writes it. */
  readonly when: number
}

/** A step of the schema with its file. */
export interface Migration extends JournalEntry {
  /** As drizzle's own migrator writes it. */
  readonly hash: string
  /** Whether its statements run one by one outside of transactions, while everybody works. Each of them can be repeated. */
  readonly isOnline: boolean
  /** The lowest version of the schema that a process must know to work with what it leaves. */
  readonly lowest: number
  readonly statements: readonly string[]
}

const migrationsFolder = fileURLToPath(new URL('../../../drizzle', import.meta.url))

/** What a folder has, in its order. */
export async function readJournal(folder = migrationsFolder): Promise<JournalEntry[]> {
  const { entries } = JSON.parse(await readFile(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: { idx: number; when: number; tag: string }[]
  }
  return entries.map(({ idx, when, tag }) => ({ version: idx, name: tag, when }))
}

/** The migrations of a folder in their order. */
export async function readMigrations(folder = migrationsFolder): Promise<Migration[]> {
  const entries = await readJournal(folder)
  return Promise.all(
    entries.map(async (entry) => {
      const text = await readFile(join(folder, `${entry.name}.sql`), 'utf8')
      const hash = createHash('sha256').update(text).digest('hex')
      const statements = text.split('--> statement-breakpoint').filter((statement) => statement.trim() !== '')
      return { ...entry, hash, statements, ...readHead(text) }
    }),
  )
}

/** What the comments say that a file begins with. */
export function readHead(text: string): Pick<Migration, 'isOnline' | 'lowest'> {
  const [head] = /^(?:--(?!>).*\n|\s*\n)*/.exec(text)!
  const [, lowest] = /^-- lowest: (\d+)$/m.exec(head) ?? []
  return { isOnline: /^-- online$/m.test(head), lowest: Number(lowest ?? 0) }
}

interface Snapshot {
  readonly tables: Readonly<
    Record<string, { readonly name: string; readonly indexes: Readonly<Record<string, unknown>> }>
  >
}

/** The tables and indexes that all migrations together make, by their names. Primary keys are none of these indexes. */
export async function readMadeNames(
  folder = migrationsFolder,
): Promise<{ readonly tables: readonly string[]; readonly indexes: readonly string[] }> {
  const version = String((await readJournal(folder)).at(-1)!.version).padStart(4, '0')
  const snapshot = JSON.parse(await readFile(join(folder, `meta/${version}_snapshot.json`), 'utf8')) as Snapshot
  const tables = Object.values(snapshot.tables)
  return { tables: tables.map(({ name }) => name), indexes: tables.flatMap(({ indexes }) => Object.keys(indexes)) }
}
