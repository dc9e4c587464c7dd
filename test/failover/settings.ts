import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../docs/failover.md', import.meta.url), 'utf8')

/** A file that the page shows: what operators copy is what is run here. */
export function readSettings(language: 'yaml' | 'haproxy'): string {
  const [, text] = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
  if (text === undefined) throw new Error(`docs/failover.md shows no ${language}`)
  return text
}
