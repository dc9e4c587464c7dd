/** Where a text has to be changed to become another one, and what follows there. */
export interface TextDifference {
  /** In UTF-16 code units, and never within a pair. */
  readonly offset: number
  readonly text: string
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

/** The end of one text that makes it the other; undefined where they are the same. Mostly one continues the other. */
export function differenceOf(from: string, to: string): TextDifference | undefined {
  if (from === to) return undefined
  let offset = from.length
  if (!to.startsWith(from)) {
    offset = 0
    while (offset < to.length && from.charCodeAt(offset) === to.charCodeAt(offset)) offset++
    if (offset > 0 && isHighSurrogate(to.charCodeAt(offset - 1))) offset--
  }
  return { offset, text: to.slice(offset) }
}
