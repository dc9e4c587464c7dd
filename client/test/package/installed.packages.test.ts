import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { makeScratch } from '../../../test/support/scratch.ts'
import { makeRegistryProject, node, packClient, packServer, run } from './package.ts'

test('a project that has installed server and client starts the one and runs the other, and both end', async () => {
  await using scratch = await makeScratch()
  const packages = [await packServer(scratch.path), await packClient(scratch.path)]
  const folder = await makeRegistryProject(`${scratch.path}/installed`, packages, {
    'package.json': '{ "name": "project", "private": true, "type": "module" }',
    'program.ts': await readFile(new URL('./installed.program.ts', import.meta.url), 'utf8'),
  })
  expect(await run(node, ['program.ts'], folder)).toBe('all of it\n')
}, 1_200_000)
