import { LRUCache } from 'lru-cache'

/** Statements of the query builder differ by the number of their parameters. */
const names = new LRUCache<string, string>({ max: 2000 })

const maxCharacters = 120

/** Tables that are written. `UPDATE` may also follow `FOR` or `DO`, and then no table follows it. */
const written =
  /\b(insert)\s+into\s+"?([a-z_]\w*)\b|\b(update)\s+"?(?!set\b|of\b|skip\b|nowait\b)([a-z_]\w*)\b|\b(delete)\s+from\s+"?([a-z_]\w*)\b/

/** Tables that are read: what is followed by a parenthesis is a function. */
const read = /(?<!distinct\s|delete\s)\b(?:from|join)\s+"?([a-z_]\w*)\b"?(?!\s*\()/

const actions = new RegExp(`${written.source}|${read.source}`, 'gi')

/** The names that a statement gives to its own parts. */
const parts = /\b(\w+)(?:\s*\([\w\s,]*\))?\s+as\s+(?:materialized\s+)?\(/gi

/** A short name of a statement: what it does to which tables, in their order, such as `UPDATE channels INSERT messages`. */
export function nameStatement(statement: string): string {
  let name = names.get(statement)
  if (name === undefined) {
    name = toName(statement)
    names.set(statement, name)
  }
  return name
}

function toName(statement: string): string {
  const own = new Set(Array.from(statement.matchAll(parts), ([, part]) => part))
  const steps = new Set<string>()
  for (const [, insert, inserted, update, updated, remove, removed, selected] of statement.matchAll(actions)) {
    const table = inserted ?? updated ?? removed ?? selected!
    if (!own.has(table)) steps.add(`${(insert ?? update ?? remove ?? 'select').toUpperCase()} ${table}`)
  }
  const name = steps.size > 0 ? [...steps].join(' ') : (/\w+/.exec(statement)?.[0].toUpperCase() ?? 'statement')
  return name.slice(0, maxCharacters)
}
