import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { makeScratch } from '../../../test/support/scratch.ts'
import { waitFor } from '../../../test/support/wait.ts'
import type { Client } from '../../src/index.ts'
import { startFonechat } from '../../src/testing/index.ts'
import { chromiumArguments, chromiumCommand } from '../browser/chromium.ts'
import { entryPath, openFront } from '../browser/entry.ts'
import { cleanEnvironment, makeRegistryProject, node, packClient } from './package.ts'
import type { React18Page } from './react-18.page.ts'

const server = fileURLToPath(new URL('../../..', import.meta.url))
const names = ['react-18.view.ts', 'react-18.page.ts', 'react-18.program.ts']

declare const page: React18Page
declare const alice: Client

interface Rendered {
  readonly id: string
  readonly rendered: readonly string[]
}

test('hooks and parts run on React 18: a page takes over what a server has rendered, and StrictMode follows once', async () => {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.use(await makeScratch())
  const texts = names.map(async (name) => [name, await readFile(new URL(name, import.meta.url), 'utf8')] as const)
  const folder = await makeRegistryProject(
    `${scratch.path}/react-18`,
    ['react@18', 'react-dom@18', '@tanstack/react-virtual', await packClient(scratch.path)],
    {
      'package.json': '{ "name": "project", "private": true, "type": "module" }',
      ...Object.fromEntries(await Promise.all(texts)),
    },
  )
  const fonechat = stack.use(await startFonechat({ server, settings: { PAGE: 'false' } }))
  const token = await fonechat.token('alice')

  const { stdout, stderr } = await promisify(execFile)(node, ['react-18.program.ts', fonechat.url, token], {
    cwd: folder,
    env: cleanEnvironment(),
    timeout: 60_000,
  })
  expect(stderr).toBe('')
  const { id, rendered } = JSON.parse(stdout) as Rendered
  expect(rendered[0]).toContain('connecting, no channels, no presence')
  expect(new Set(rendered)).toHaveLength(1)

  const front = stack.use(
    await openFront(pathToFileURL(`${folder}/react-18.page.ts`), fonechat.url, { isInstalled: true }),
  )
  const browser = await chromium.launch({
    executablePath: chromiumCommand(),
    args: chromiumArguments,
    timeout: 60_000,
  })
  stack.defer(() => browser.close())
  const tab = await browser.newPage()
  tab.setDefaultTimeout(15_000)
  const errors: string[] = []
  tab.on('pageerror', (error) => errors.push(String(error)))
  tab.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  const followed: string[] = []
  tab.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const [, name] = /subscription (ReceiptsUpdated|PresenceChanged)\b/.exec(String(payload)) ?? []
      if (name !== undefined) followed.push(name)
    }),
  )
  await tab.goto(`http://127.0.0.1:${front.port}${entryPath}`)
  expect(await tab.evaluate(() => page.version)).toMatch(/^18\./)
  await tab.evaluate((of) => void Object.assign(globalThis, { alice: page.open('alice', of) }), token)
  await tab.waitForFunction(() => alice.getSnapshot().connection.status === 'live')

  await tab.evaluate(([channelId, html]) => page.hydrate(alice, channelId, html), [id, rendered[0]!] as const)
  await tab.locator('#status', { hasText: 'live, channels, presence' }).waitFor()
  await tab.locator(`[data-channel="${id}"]`).waitFor()
  await tab.locator('#composer textarea').fill('from React 18')
  await tab.locator('#composer textarea').press('Enter')
  await tab.locator('[role=article][data-mine][data-status=sent]', { hasText: 'from React 18' }).waitFor()
  await waitFor(() => followed.includes('ReceiptsUpdated'))
  expect(followed.filter((name) => name === 'ReceiptsUpdated')).toHaveLength(1)
  expect(await tab.evaluate(() => page.complaints)).toEqual([])
  await tab.evaluate(() => alice.close())
  expect(errors).toEqual([])
}, 600_000)
