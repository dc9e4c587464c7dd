import { readFile, writeFile } from 'node:fs/promises'
import { settings, type Setting } from './config.ts'

/** Writes the table of settings into `docs/settings.md`, between its two markers. With --check, only fails when it is not current. */
const file = new URL('../../docs/settings.md', import.meta.url)
const [begin, end] = ['<!-- settings -->\n', '<!-- /settings -->']

const rows = Object.entries<Setting>(settings).map(
  ([name, { schema, unset, isSecret, meaning }]) =>
    `| \`${name}\`${isSecret ? `, \`${name}_FILE\`` : ''} | ${unset ?? `\`${String(schema.parse(undefined))}\``} | ${meaning} |`,
)
const table = ['', '| variable | default | meaning |', '| --- | --- | --- |', ...rows, '', ''].join('\n')

const text = await readFile(file, 'utf8')
const current = text.slice(0, text.indexOf(begin) + begin.length) + table + text.slice(text.indexOf(end))
if (!process.argv.includes('--check')) {
  await writeFile(file, current)
} else if (text !== current) {
  process.stderr.write('the settings in docs/settings.md are not current: npm run settings\n')
  process.exitCode = 1
}
