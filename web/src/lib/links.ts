/** A piece of a message: text, or a link with where it goes. */
export interface Piece {
  readonly text: string
  readonly href?: string
}

const link = /https?:\/\/[^\s<>"]+/giu

/** Splits a text at its links. Punctuation that ends a sentence, and a bracket opened before the link, are no part of it. */
export function pieces(text: string): readonly Piece[] {
  const found: Piece[] = []
  let end = 0
  for (const match of text.matchAll(link)) {
    const url = trimmed(match[0])
    if (!URL.canParse(url)) continue
    if (match.index > end) found.push({ text: text.slice(end, match.index) })
    found.push({ text: url.replace(/^https?:\/\//iu, ''), href: url })
    end = match.index + url.length
  }
  if (end < text.length) found.push({ text: text.slice(end) })
  return found
}

function trimmed(url: string): string {
  let end = url.length
  for (;;) {
    const last = url[end - 1] ?? ''
    const opens = url.slice(0, end).split('(').length
    const closes = url.slice(0, end).split(')').length
    if ('.,:;!?\'"…'.includes(last) || (last === ')' && closes > opens)) end -= 1
    else return url.slice(0, end)
  }
}
