import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readCommands, type Command } from './command.ts'
import { readMigrations, type Migration } from './journal.ts'

/** Tables of an account, which stay small: a lock or an UPDATE of all of them takes milliseconds. */
const smallTables = new Set([
  'accounts',
  'api_keys',
  'auth_tokens',
  'credentials',
  'database_history',
  'roles',
  'services',
])

/** What the last release cannot work with, and so may only follow when it no longer needs to: `-- lowest:` says that. */
const contractions: readonly (readonly [RegExp, string])[] = [
  [/^DROP TABLE\b/i, 'drops a table'],
  [/^TRUNCATE\b/i, 'empties a table'],
  [/^ALTER TABLE\b.* DROP (?!CONSTRAINT\b|EXPRESSION\b|IDENTITY\b)/i, 'drops a column or a default'],
  [/^ALTER TABLE\b.* RENAME\b/i, 'renames what the last release reads'],
  [/^ALTER TABLE\b.* (?:SET DATA )?TYPE /i, 'changes the type of a column'],
  [/^ALTER TABLE\b.* SET NOT NULL\b/i, 'refuses NULL, which the last release may write'],
  [/^ALTER TABLE\b.* ADD COLUMN (?!.* DEFAULT ).*NOT NULL\b/i, 'adds a column that the last release leaves NULL'],
]

/** What holds up writes on tables that have grown, whoever is running. */
const holdups: readonly (readonly [RegExp, string])[] = [
  [
    /^ALTER TABLE\b.* ADD CONSTRAINT\b(?!.* NOT VALID\b)/i,
    'checks all rows under a lock; add the constraint NOT VALID, and validate it apart',
  ],
  [
    /^ALTER TABLE\b.* ADD COLUMN\b.* (?:UNIQUE|PRIMARY KEY|REFERENCES|CHECK)\b/i,
    'adds a constraint with its column; add it apart',
  ],
  [
    /^ALTER TABLE\b.* ADD COLUMN\b.* (?:GENERATED|DEFAULT (?!now\(\))\w+\(|\w*serial\b)/i,
    'writes all rows anew for a value that is computed',
  ],
]

/**
 * What is wrong with migrations that are newer than those of the last release: what that release could not work with, what stops sends on a table
 * that has grown, and what cannot be repeated though it is online.
 */
export function findHazards(migrations: readonly Migration[], released: number): string[] {
  return migrations
    .filter(({ version }) => version > released)
    .flatMap((migration) => hazardsOf(migration, released).map((hazard) => `${migration.name} ${hazard}`))
}

function hazardsOf({ statements, isOnline, lowest }: Migration, released: number): string[] {
  const texts = statements.map(readCommands)
  const commands = texts.flat()
  const made = new Set(commands.filter(({ kind }) => kind === 'create table').map(({ object }) => object))
  const found = new Set<string>()
  if (lowest > released)
    found.add(`says lowest: ${lowest}, which the last release (${released}) is below: contract a release later`)
  for (const command of commands.filter(({ object }) => !made.has(object))) {
    if (lowest === 0) addMatches(found, contractions, command)
    addMatches(found, holdups, command)
    for (const hazard of locksOf(command, isOnline)) found.add(hazard)
  }
  if (isOnline)
    for (const text of texts)
      for (const command of text) if (!isRepeatable(command, text)) found.add(`cannot be repeated: ${brief(command)}`)
  return [...found]
}

function addMatches(found: Set<string>, rules: typeof contractions, command: Command): void {
  const line = lineOf(command)
  for (const [form, hazard] of rules) if (form.test(line)) found.add(`${hazard}: ${brief(command)}`)
}

function* locksOf(command: Command, isOnline: boolean): Generator<string> {
  const { kind, object = '' } = command
  if (kind === 'create index' && !smallTables.has(object))
    yield `builds an index under a lock; say CONCURRENTLY: ${brief(command)}`
  if (isOnline) return
  const isConcurrent = kind === 'create index concurrently' || kind === 'drop index concurrently'
  if (isConcurrent) yield `needs the head "-- online": ${brief(command)}`
  if (kind === 'validate constraint')
    yield `checks all rows while other locks are held; say "-- online": ${brief(command)}`
  if (kind === 'update' && !smallTables.has(object))
    yield `writes a table at once; say "-- online", which goes block by block: ${brief(command)}`
}

/** Whether a command can be run again when nobody knows whether it has run. */
function isRepeatable(command: Command, text: readonly Command[]): boolean {
  const line = lineOf(command)
  if (/^CREATE (TABLE|INDEX|UNIQUE INDEX)\b/.test(line) && !/\bCONCURRENTLY\b/.test(line))
    return /\bIF NOT EXISTS\b/.test(line)
  if (/^DROP (TABLE|INDEX)\b/.test(line)) return /\bIF EXISTS\b/.test(line)
  if (/\bADD COLUMN\b/.test(line)) return /\bADD COLUMN IF NOT EXISTS\b/.test(line)
  if (/\bDROP (COLUMN|CONSTRAINT)\b/.test(line)) return /\bDROP (COLUMN|CONSTRAINT) IF EXISTS\b/.test(line)
  const [, added] = /\bADD CONSTRAINT "?(\w+)"?/.exec(line) ?? []
  if (added !== undefined)
    return text.some((other) => new RegExp(`DROP CONSTRAINT IF EXISTS "?${added}"?$`).test(lineOf(other)))
  return !/^INSERT\b/.test(line) || /\bON CONFLICT\b/.test(line)
}

/** A command on one line, without what stands in quotes. */
const lineOf = ({ text }: Command): string => text.replaceAll(/'(?:[^']|'')*'/g, "''").replaceAll(/\s+/g, ' ')
const brief = (command: Command): string => lineOf(command).slice(0, 100)

/** Checks the migrations that are not released yet. `drizzle/released` is the version of the schema that the last release has. */
async function main(): Promise<void> {
  const released = Number(await readFile(new URL('../../../drizzle/released', import.meta.url), 'utf8'))
  const hazards = findHazards(await readMigrations(), released)
  if (hazards.length === 0) return
  process.stderr.write(
    `these migrations break the last release or hold up its writes (CONTRIBUTING.md, "A migration"):\n${hazards.map((hazard) => `  ${hazard}\n`).join('')}`,
  )
  process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
