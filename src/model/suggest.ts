/** The word that was probably meant: one that begins so, or the nearest of those that at most a third of their letters keep apart from it. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const longer = word.length > 1 ? known.find((each) => each.startsWith(word)) : undefined
  if (longer !== undefined) return longer
  const near = known
    .map((each) => ({ each, distance: distanceOf(word.slice(0, 40), each) }))
    .filter(({ each, distance }) => distance <= Math.ceil(each.length / 3))
  return near.toSorted((a, b) => a.distance - b.distance)[0]?.each
}

/** Letters to insert, remove or replace (Levenshtein). */
export function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === b[j] ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1)!
}
