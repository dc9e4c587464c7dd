import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../docs/failover.md', import.meta.url), 'utf8')

/** A file that the page shows: what operators copy is what is run here. */
export function readSettings(language: 'yaml' | 'haproxy'): string {
  const [, text] = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
  if (text === undefined) throw new Error(`docs/failover.md shows no ${language}`)
  return text
}

/** Replaces each text, all of which must be there: otherwise the page shows something else than this expects. */
export function substitute(text: string, replacements: Readonly<Record<string, string>>): string {
  let result = text
  for (const [from, to] of Object.entries(replacements)) {
    if (!result.includes(from)) throw new Error(`docs/failover.md no longer has "${from}"`)
    result = result.replaceAll(from, to)
  }
  return result
}
