/** Replaces each text, all of which must be there: otherwise the file says something else than the caller expects. */
export function substitute(file: string, text: string, replacements: Readonly<Record<string, string>>): string {
  let result = text
  for (const [from, to] of Object.entries(replacements)) {
    if (!result.includes(from)) throw new Error(`${file} no longer has "${from}"`)
    result = result.replaceAll(from, to)
  }
  return result
}
