/**
 * A text in pieces between which its lines may break: words without end are cut. In a font with kerning a browser is busy for many seconds until it has found
 * the lines of a word of 30,000 letters.
 */
export const breakable = (text: string): readonly string[] => {
  const pieces = text.split(/(\S{100})(?=\S)/u).filter((piece) => piece !== '')
  return pieces.length === 0 ? [text] : pieces
}
