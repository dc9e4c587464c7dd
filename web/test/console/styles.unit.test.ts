import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../../src/console/views', import.meta.url))

test('no two views style one class: what one has loaded stays while the other is shown', () => {
  const filesOf = new Map<string, Set<string>>()
  for (const file of globSync('**/*.css', { cwd: folder })) {
    const rules = readFileSync(`${folder}/${file}`, 'utf8').matchAll(/^ *(\.[a-z-]+)[^{}]*,?\n?[^{}]*\{/gm)
    for (const [, name = ''] of rules) filesOf.set(name, (filesOf.get(name) ?? new Set()).add(basename(file)))
  }
  expect(filesOf.size).toBeGreaterThan(50)
  // Those of the kit, within a view.
  const ofKit = ['.view-page', '.setting-control', '.list', '.detail-body', '.card']
  expect([...filesOf].filter(([name, files]) => files.size > 1 && !ofKit.includes(name))).toEqual([])
})
