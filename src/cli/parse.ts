import { parseArgs } from 'node:util'
import { suggest } from '../model/suggest.ts'
import type { Entry } from './entry.ts'

/** A call that the program does not know. Its message is a sentence for whoever typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** The command whose usage helps. */
  readonly entry: Entry | undefined

  constructor(message: string, entry?: Entry) {
    super(message)
    this.entry = entry
  }
}

export interface Call {
  readonly isHelp: boolean
  readonly values: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
}

/** The command that the words begin with, by the most words, and what follows it. */
export function findEntry(
  words: readonly string[],
  table: readonly Entry[],
): { entry: Entry; rest: readonly string[] } {
  const [first = '', second = ''] = words
  const entry = table.find(({ name }) => name === `${first} ${second}`) ?? table.find(({ name }) => name === first)
  if (entry) return { entry, rest: words.slice(entry.name.split(' ').length) }
  const ways = table.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name)
  if (ways.length > 0) throw new UsageError(`${first} is one of: ${ways.join(', ')}`)
  const names = new Set(table.map(({ name }) => name.split(' ')[0]!))
  const meant = suggest(first, [...names])
  throw new UsageError(`there is no command ${first}${meant === undefined ? '' : `; did you mean ${meant}?`}`)
}

/** What the words after the command are, by what the command takes. */
export function parseCall(entry: Entry, words: readonly string[]): Call {
  const kinds = Object.entries(entry.options).map(([name, { value }]) => {
    return [name, { type: value === undefined ? 'boolean' : 'string' }] as const
  })
  const known = Object.fromEntries([...kinds, ['help', { type: 'boolean', short: 'h' }] as const])
  const { tokens } = parseArgs({ args: [...words], options: known, strict: false, tokens: true })
  const values: string[] = []
  const options: Record<string, string | boolean | undefined> = {}
  for (const token of tokens) {
    if (token.kind === 'positional') values.push(token.value)
    if (token.kind !== 'option') continue
    const kind = known[token.name]?.type
    if (kind === undefined) throw unknownOption(entry, token.rawName, Object.keys(known))
    if (kind === 'boolean' && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`, entry)
    if (kind === 'string' && !token.value) throw new UsageError(`${token.rawName} needs a value`, entry)
    if (kind === 'string' && options[token.name] !== undefined) {
      throw new UsageError(`${token.rawName} is there more than once`, entry)
    }
    options[token.name] = token.value ?? true
  }
  const isHelp = options['help'] === true
  if (!isHelp) assertCount(entry, values)
  for (const [name, { type }] of kinds) if (type === 'boolean') options[name] ??= false
  return { isHelp, values, options }
}

function unknownOption(entry: Entry, name: string, known: readonly string[]): UsageError {
  const meant = suggest(name.replace(/^-+/, ''), known)
  return new UsageError(
    `${entry.name} has no option ${name}${meant === undefined ? '' : `; did you mean --${meant}?`}`,
    entry,
  )
}

function assertCount(entry: Entry, values: readonly string[]): void {
  // Empty is what a variable of a shell is that was not set.
  const missing = entry.arguments.find((_, at) => !values[at])
  if (missing) throw new UsageError(`${entry.name} needs <${missing.name}>`, entry)
  const extra = values[entry.arguments.length]
  if (extra !== undefined) throw new UsageError(`${entry.name} does not take ${JSON.stringify(extra)}`, entry)
}
