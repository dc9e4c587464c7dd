import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeScratch, type Scratch } from '../../../test/support/scratch.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { cleanEnvironment, makeRegistryProject, node, packClient, patience, readManifest, run } from './package.ts'

let scratch: Scratch
let tarball: string
beforeAll(async () => {
  scratch = await makeScratch()
  tarball = await packClient(scratch.path)
}, 120_000)
afterAll(() => scratch[Symbol.asyncDispose]())

const chat = `
import { createClient } from '@fonechat/client'
import { ChatProvider, useChannel, useConnection, useMessages, useOutbox, useTyping } from '@fonechat/client/react'
`

test(
  'a Next project builds with a page that uses the hooks, and renders it on its server',
  { timeout: 2 * patience },
  async () => {
    const folder = await makeRegistryProject(join(scratch.path, 'next'), ['next', 'react', 'react-dom', tarball], {
      'app/layout.js': `
      export default function Layout({ children }) {
        return <html lang="en"><body>{children}</body></html>
      }
    `,
      // Rendered for each request, not at the build.
      'app/page.js': `
      import { Chat } from './chat.js'
      export const dynamic = 'force-dynamic'
      export default function Page() {
        return <main><Chat /></main>
      }
    `,
      'app/chat.js': `
      'use client'
      ${chat}
      const client = createClient({ url: 'http://127.0.0.1:1', identity: 'alice', token: () => '' })
      function Channel({ id }) {
        const { rows } = useMessages(id)
        const words = [useConnection().status, useChannel(id) ? 'known' : 'unknown', rows.length, useTyping(id).length]
        return <p>{[...words, useOutbox(id).length].join(' ')}</p>
      }
      export function Chat() {
        return <ChatProvider client={client}><Channel id="CH00000000000000000000000000000000" /></ChatProvider>
      }
    `,
    })
    const next = join(folder, 'node_modules/next/dist/bin/next')
    await run(node, [next, 'build'], folder, patience)
    await using server = await startNext(next, folder)
    const answer = await fetch(server.url, { signal: AbortSignal.timeout(30_000) })
    expect(await answer.text()).toContain('<main><p>connecting unknown 0 0 0</p></main>')
  },
)

/** Metro takes what React Native takes; nothing of this is run on a device. */
test('Metro bundles the client for React Native by its own condition', { timeout: 2 * patience }, async () => {
  const folder = await makeRegistryProject(
    join(scratch.path, 'native'),
    ['react-native', 'react', '@react-native/metro-config', '@react-native/babel-preset', tarball],
    {
      'babel.config.js': `module.exports = { presets: ['module:@react-native/babel-preset'] }`,
      'metro.config.js': `module.exports = require('@react-native/metro-config').getDefaultConfig(__dirname)`,
      'index.js': `
        ${chat}
        import { AppRegistry, Text } from 'react-native'
        const client = createClient({ url: 'http://127.0.0.1:1', identity: 'alice', token: () => '' })
        const Words = () => <Text>{useConnection().status}</Text>
        AppRegistry.registerComponent('project', () => () => <ChatProvider client={client}><Words /></ChatProvider>)
      `,
    },
  )
  const metro = join(folder, 'node_modules/metro/src/cli.js')
  const args = [
    'build',
    'index.js',
    '--platform',
    'ios',
    '--out',
    'bundle.js',
    '--source-map',
    '--config',
    'metro.config.js',
  ]
  await run(node, [metro, ...args], folder, patience)
  const map = JSON.parse(await readFile(join(folder, 'bundle.map'), 'utf8')) as SourceMap
  const sources = map.sections.flatMap((section) => section.map.sources)
  const ours = sources.flatMap((path) => /@fonechat\/client\/(.*)$/.exec(path)?.[1] ?? [])
  const entry = (await readManifest(join(scratch.path, 'package'))).exports['.'] as Readonly<Record<string, string>>
  expect(ours).toEqual(expect.arrayContaining([entry['react-native']?.slice(2), 'dist/react/index.js']))
})

interface SourceMap {
  readonly sections: readonly { readonly map: { readonly sources: readonly string[] } }[]
}

interface Next extends AsyncDisposable {
  readonly url: string
}

async function startNext(next: string, cwd: string): Promise<Next> {
  const child = spawn(node, [next, 'start', '--hostname', '127.0.0.1', '--port', '0'], {
    cwd,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let output = ''
  child.stdout.on('data', (text: Buffer) => (output += String(text)))
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  try {
    const url = await waitFor(() => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0], { timeout: 60_000 })
    return { url, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw new Error(`Next does not start: ${output}`, { cause: error })
  }
}
