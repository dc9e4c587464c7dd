/** One SQL command of a migration: what it is about, and the lock that it takes. */
export interface Command {
  readonly text: string
  readonly kind: CommandKind
  /** The table, or of `DROP INDEX` and `ALTER INDEX` the index. */
  readonly object: string | undefined
  /** The index that is created. */
  readonly index: string | undefined
  /** In Postgres's words; undefined where the command meets nobody. */
  readonly lock: Lock | undefined
}

export type Lock =
  | 'ACCESS EXCLUSIVE'
  | 'SHARE ROW EXCLUSIVE'
  | 'SHARE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'ROW EXCLUSIVE'
  | 'ACCESS SHARE'

export type CommandKind =
  | 'create table'
  | 'create index'
  | 'create index concurrently'
  | 'drop index'
  | 'drop index concurrently'
  | 'rename index'
  | 'add foreign key'
  | 'validate constraint'
  | 'set parameters'
  | 'alter table'
  | 'update'
  | 'insert'
  | 'other'

/** Waiting for one of these holds up no reads and no writes, so it may take long. */
const gentle: ReadonlySet<CommandKind> = new Set([
  'create index concurrently',
  'drop index concurrently',
  'validate constraint',
  'set parameters',
])

export const isGentle = ({ kind }: Pick<Command, 'kind'>): boolean => gentle.has(kind)

const name = String.raw`(?:"?\w+"?\.)?"?(\w+)"?`
const table = String.raw`^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?${name} `

/** Expressions whose first group is the object. The first that matches counts. */
const forms: readonly (readonly [CommandKind, Lock | undefined, string])[] = [
  ['create table', undefined, `^CREATE TABLE (?:IF NOT EXISTS )?${name}`],
  ['drop index concurrently', 'SHARE UPDATE EXCLUSIVE', `^DROP INDEX CONCURRENTLY (?:IF EXISTS )?${name}`],
  ['drop index', 'ACCESS EXCLUSIVE', `^DROP INDEX (?:IF EXISTS )?${name}`],
  ['rename index', 'SHARE UPDATE EXCLUSIVE', `^ALTER INDEX (?:IF EXISTS )?${name} RENAME TO `],
  ['validate constraint', 'SHARE UPDATE EXCLUSIVE', `${table}VALIDATE CONSTRAINT `],
  ['set parameters', 'SHARE UPDATE EXCLUSIVE', String.raw`${table}SET \(`],
  ['add foreign key', 'SHARE ROW EXCLUSIVE', `${table}ADD CONSTRAINT (?:(?! ADD ).)* FOREIGN KEY `],
  ['alter table', 'ACCESS EXCLUSIVE', table],
  ['update', 'ROW EXCLUSIVE', `^(?:UPDATE|DELETE FROM) (?:ONLY )?${name}`],
  ['insert', 'ROW EXCLUSIVE', `^INSERT INTO ${name}`],
]

const indexForm = new RegExp(
  `^CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(?:IF NOT EXISTS )?${name} ON (?:ONLY )?${name}`,
  'i',
)

/** Reads the commands of a text, without its comments. */
export function readCommands(text: string): Command[] {
  return split(text).map((each) => readCommand(each))
}

function readCommand(text: string): Command {
  const line = text.replaceAll(/\s+/g, ' ')
  const created = indexForm.exec(line)
  if (created) {
    const [, concurrently, index, object] = created
    if (concurrently === undefined) return { text, kind: 'create index', object, index, lock: 'SHARE' }
    return { text, kind: 'create index concurrently', object, index, lock: 'SHARE UPDATE EXCLUSIVE' }
  }
  for (const [kind, lock, form] of forms) {
    const found = new RegExp(form, 'i').exec(line)
    if (found) return { text, kind, object: found[1], index: undefined, lock }
  }
  return { text, kind: 'other', object: undefined, index: undefined, lock: undefined }
}

/** Comments, and the texts in which a semicolon or a parenthesis means nothing. */
const quoted = /--[^\n]*|\/\*.*?\*\/|'(?:[^']|'')*'|"[^"]*"|(\$\w*\$).*?\1/gs

/** The commands of a text, at the semicolons that end them. */
function split(text: string): string[] {
  const bare = text.replaceAll(quoted, (found) => (/^(--|\/\*)/.test(found) ? '' : found))
  const masked = mask(bare)
  const ends = [...masked.matchAll(/;|$/g)].map(({ index }) => index)
  const commands = ends.map((end, at) => bare.slice(at === 0 ? 0 : ends[at - 1]! + 1, end).trim())
  return commands.filter((command) => command !== '')
}

/** The text with all that is quoted as blanks. */
const mask = (text: string): string => text.replaceAll(quoted, (found) => ' '.repeat(found.length))

/** An UPDATE or DELETE cut to the rows of some blocks of its table: the condition of the command itself, and where the row stands. */
export function inBlocks({ text, object }: Command, from: number, to: number): string {
  const blocks = `"${object}"."ctid" >= '(${from},0)'::tid AND "${object}"."ctid" < '(${to},0)'::tid`
  const masked = mask(text)
  let depth = 0
  let where: number | undefined
  for (const { 0: found, index } of masked.matchAll(/[()]|\bWHERE\b/gi)) {
    if (found === '(') depth++
    else if (found === ')') depth--
    else if (depth === 0) where = index
  }
  if (where === undefined) return `${text} WHERE ${blocks}`
  return `${text.slice(0, where)}WHERE (${text.slice(where + 'WHERE'.length)}\n) AND ${blocks}`
}
