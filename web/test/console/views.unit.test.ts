import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { views } from '../../src/console/shell/views.ts'
import { shellTexts } from '../../src/console/texts/en/shell.ts'

test('docs/console.md has the views in their groups, in the order of the navigation', () => {
  const page = readFileSync(new URL('../../../docs/console.md', import.meta.url), 'utf8')
  const table = /\n\| group \| view \|.*\n\| --- .*\n((?:\|.*\n)+)/.exec(page)![1]!
  const rows = table
    .trim()
    .split('\n')
    .map((row) =>
      row
        .split('|')
        .slice(1, 3)
        .map((cell) => cell.trim()),
    )
  const navigation = Object.entries(shellTexts.groups).flatMap(([group, name]) =>
    views.filter((view) => view.group === group).map(({ title }) => [name, title]),
  )
  expect(rows).toEqual(navigation)
})
