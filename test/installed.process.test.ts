import { cp, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
