import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makeScratch } from './support/scratch.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A repository with the scripts of a release and this changelog, of which 1.0.0 is the version. */
async function makeRepository(path: string, changelog: string) {
  const run = async (command: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(command, args, { cwd: path })).stdout.trim()
  const write = (text: string) => writeFile(join(path, 'CHANGELOG.md'), `# Changelog\n\n${text}`)
  await mkdir(join(path, '.ci'))
  for (const script of ['.ci/release', '.ci/version']) await cp(join(root, script), join(path, script))
  await mkdir(join(path, 'schema'))
  await writeFile(join(path, 'schema/schema.graphql'), 'type Query { version: String }')
  await mkdir(join(path, 'drizzle/meta'), { recursive: true })
  await writeFile(join(path, 'drizzle/meta/_journal.json'), '{ "entries": [{ "idx": 0 }, { "idx": 1 }] }')
  await mkdir(join(path, 'schema/generated'))
  await writeFile(join(path, 'schema/generated/client-documents.json'), '["{ version }"]')
  await writeFile(join(path, 'schema/generated/console-documents.json'), '["{ other: version }"]')
  await writeFile(join(path, 'package.json'), JSON.stringify({ name: 'released', version: '1.0.0' }))
  await write(changelog)
  await run('git', 'init', '--quiet')
  await run('git', 'config', 'user.name', 'a test')
  await run('git', 'config', 'user.email', 'test@example.com')
  await run('git', 'add', '--all')
  await run('git', 'commit', '--quiet', '--message', 'All of it')
  return { run, write }
}

const former = '## 1.0.0 (2026-01-31)\n\n- The former.\n'

test('a release takes its notes from the changelog, which says what the version is', async () => {
  await using scratch = await makeScratch()
  const { run } = await makeRepository(scratch.path, `## Unreleased\n\n- What is new.\n\n${former}`)
  expect(await run('.ci/version')).toBe('1.0.0')
  await run('.ci/release', '1.1.0')
  expect(await run('.ci/version')).toBe('1.1.0')
  expect(await run('git', 'status', '--porcelain')).toBe('')
  expect(await run('git', 'show', 'HEAD:schema/released.graphql')).toBe('type Query { version: String }')
  const documents = await run('git', 'show', 'HEAD:schema/released-documents.json')
  expect(JSON.parse(documents)).toEqual(['{ version }', '{ other: version }'])
  expect(await run('git', 'tag', '--list', '--format', '%(refname:short)\n%(contents)')).toBe(
    'v1.1.0\n1.1.0\n\n- What is new.',
  )
  const changelog = await readFile(join(scratch.path, 'CHANGELOG.md'), 'utf8')
  expect(changelog).toMatch(/^# Changelog\n\n## 1\.1\.0 \(\d{4}-\d\d-\d\d\)\n\n- What is new\.\n\n## 1\.0\.0 /)
})

test('a release without notes is refused, and so is a version that the changelog does not have', async () => {
  await using scratch = await makeScratch()
  const { run, write } = await makeRepository(scratch.path, former)
  await expect(run('.ci/release', '1.1.0')).rejects.toThrow('nothing under "## Unreleased"')
  await expect(run('.ci/release', 'next')).rejects.toThrow('next is no version')
  await write('## 1.0.1 (2026-02-01)\n\n- What is new.\n')
  await expect(run('.ci/version')).rejects.toThrow('package.json says 1.0.0, CHANGELOG.md 1.0.1')
  await write('## Pending\n\n- What is new.\n')
  await expect(run('.ci/version')).rejects.toThrow('begins with "## Pending"')
})
