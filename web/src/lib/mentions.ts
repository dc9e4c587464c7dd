/** Somebody whom a text may name, by a name or an identity. */
export interface Name {
  readonly name: string
  /** Who it is. */
  readonly key: string
}

/** A piece of a text: as it stands there, and whom it names. */
export interface NamedPiece {
  readonly text: string
  readonly key?: string
}

/** Signs that are looked at: whoever writes decides how many there are, and everybody's page reads them. */
const maxSigns = 500

const isOfWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)

/** Splits a text at the `@name`s in it. Of two names that stand at one place the longer counts: `@Ann Lee` is not `@Ann`. */
export function namedPieces(text: string, names: readonly Name[]): readonly NamedPiece[] {
  const longestFirst = names.filter(({ name }) => name !== '').toSorted((a, b) => b.name.length - a.name.length)
  const found: NamedPiece[] = []
  let end = 0
  let at = longestFirst.length === 0 ? -1 : text.indexOf('@')
  for (let signs = 0; at >= 0 && signs < maxSigns; signs++) {
    const start = at + 1
    const isFree = !isOfWord(text[at - 1])
    const named = isFree && longestFirst.find(({ name }) => isAt(text, start, name))
    if (named) {
      if (at > end) found.push({ text: text.slice(end, at) })
      end = start + named.name.length
      found.push({ text: text.slice(at, end), key: named.key })
    }
    at = text.indexOf('@', Math.max(start, end))
  }
  if (end < text.length) found.push({ text: text.slice(end) })
  return found
}

const isAt = (text: string, start: number, name: string): boolean =>
  text.slice(start, start + name.length).toLowerCase() === name.toLowerCase() && !isOfWord(text[start + name.length])

/** Whom a text names, each once. */
export const namedIn = (text: string, names: readonly Name[]): ReadonlySet<string> =>
  new Set(namedPieces(text, names).flatMap(({ key }) => key ?? []))

/** What is being typed behind an `@`. */
export interface Naming {
  /** Where the `@` stands. */
  readonly at: number
  readonly query: string
}

const maxQuery = 40

/** Whether somebody is being named right before the caret. A name may have one space. */
export function namingAt(text: string, caret: number): Naming | null {
  const match = /(?:^|[^\p{L}\p{N}_@])@([^\s@]*(?: [^\s@]+)?)$/u.exec(text.slice(Math.max(0, caret - maxQuery), caret))
  const query = match?.[1]
  return query === undefined ? null : { at: caret - query.length - 1, query }
}
