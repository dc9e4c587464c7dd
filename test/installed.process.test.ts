import { execFile } from 'node:child_process'
import { cp, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startFonechat } from '../client/src/testing/index.ts'
import { makeScratch } from './support/scratch.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

test('a server that is installed below node_modules starts, and answers from its engine', async () => {
  await using scratch = await makeScratch()
  const server = join(scratch.path, 'node_modules/fonechat')
  await mkdir(server, { recursive: true })
  for (const name of ['package.json', 'bin', 'drizzle', 'schema', 'src'])
    await cp(join(root, name), join(server, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(server, 'node_modules'))
  await using fonechat = await startFonechat({ server, settings: { PAGE: 'false' } })
  const { createChannel } = await fonechat.backend<{ createChannel: { channel: { uniqueName: string } } }>(
    `mutation { createChannel(input: { uniqueName: "hall" }) { channel { uniqueName } } }`,
  )
  expect(createChannel.channel.uniqueName).toBe('hall')
}, 120_000)

// As Node 20 is, which an operator may have: it has no way to be replaced by another program either.
const older = 'Object.defineProperty(process.versions, "node", { value: "20.1.0" }); process.execve = undefined'

test('on an older Node the program runs on the one that was installed with it, or says how to get that', async () => {
  await using scratch = await makeScratch()
  const call = (bin: string) =>
    promisify(execFile)(process.execPath, [
      '--import',
      `data:text/javascript,${older}`,
      join(bin, 'fonechat.js'),
      'version',
    ])
  expect(await call(join(root, 'bin'))).toMatchObject({
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  })
  await cp(join(root, 'bin'), join(scratch.path, 'bin'), { recursive: true })
  await mkdir(join(scratch.path, 'node_modules/node'), { recursive: true })
  await cp(join(root, 'node_modules/node/package.json'), join(scratch.path, 'node_modules/node/package.json'))
  await expect(call(join(scratch.path, 'bin'))).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^fonechat needs Node 24, and this is .* `npm install-scripts approve node/),
  })
})
