import { readFile, writeFile } from 'node:fs/promises'
import { helpOf, helpOfAll } from './help.ts'
import { table } from './table.ts'

/** Writes the help of every command into `docs/cli.md`, behind its heading. With --check, only fails when one is not current. */
const file = new URL('../../docs/cli.md', import.meta.url)

const helps = new Map([
  ['All of them', helpOfAll(table)],
  ...table.map((entry) => [entry.name, helpOf(entry)] as const),
])

const text = await readFile(file, 'utf8')
const missing = [...helps.keys()].filter((name) => !text.includes(`\n## ${name}\n\n\`\`\`text\n`))
const current = text.replaceAll(/^## (.+)\n\n```text\n[^]*?^```$/gm, (block, name: string) => {
  const help = helps.get(name)
  return help === undefined ? block : `## ${name}\n\n\`\`\`text\n${help}\`\`\``
})
if (missing.length > 0) {
  process.stderr.write(`docs/cli.md has no heading with a block \`\`\`text for: ${missing.join(', ')}\n`)
  process.exitCode = 1
} else if (!process.argv.includes('--check')) {
  await writeFile(file, current)
} else if (text !== current) {
  process.stderr.write('the help in docs/cli.md is not current: npm run help\n')
  process.exitCode = 1
}
