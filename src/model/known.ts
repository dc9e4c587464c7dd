/**
 * A word that a row or another process has, as this version knows it. While a server is upgraded, newer processes write words that older ones do not know:
 * those are null here, so the compiler asks each reader what it does then.
 */
export const known = <Word extends string>(words: readonly Word[], word: string): Word | null =>
  words.includes(word as Word) ? (word as Word) : null
