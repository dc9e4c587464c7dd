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

/** Looks at each character once: whoever writes to a channel decides how long a link is, and everybody's page reads it. */
function trimmed(url: string): string {
  let end = url.length
  let unopened = count(url, ')') - count(url, '(')
  for (; end > 0; end -= 1) {
    const last = url[end - 1] ?? ''
    if (last === ')' && unopened > 0) unopened -= 1
    else if (!'.,:;!?\'"…'.includes(last)) break
  }
  return url.slice(0, end)
}

function count(text: string, char: string): number {
  let found = 0
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) found += 1
  return found
}
