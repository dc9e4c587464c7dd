import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeScratch, type Scratch } from '../../../test/support/scratch.ts'
import { clientFolder, filesOf, makeProject, node, packClient, program, readManifest, run } from './package.ts'

let scratch: Scratch
let tarball: string
beforeAll(async () => {
  scratch = await makeScratch()
  tarball = await packClient(scratch.path)
}, 120_000)
afterAll(() => scratch[Symbol.asyncDispose]())

const packed = () => join(scratch.path, 'package')

/** What a user writes first, with every entry that needs no other library. */
const core = `
import { ChatError, createClient, type ChannelState, type Client } from '@fonechat/client'

export const client: Client = createClient({ url: 'http://127.0.0.1:1', identity: 'alice', token: () => Promise.resolve('') })
export const isError = (error: unknown): boolean => error instanceof ChatError
export type State = ChannelState
`

const component = `
import { ChatProvider, useConnection } from '@fonechat/client/react'
import { client } from './core.ts'

function Words() {
  return <p>{useConnection().status}</p>
}

export function App() {
  return <ChatProvider client={client}><Words /></ChatProvider>
}
`

const compilerOptions = {
  target: 'es2022',
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  jsx: 'react-jsx',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: [],
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
}

test('npm pack builds first, so that the tarball has every entry', async () => {
  const copy = join(scratch.path, 'checkout')
  await mkdir(copy)
  for (const name of ['package.json', 'README.md', 'src', 'tsconfig.json', 'tsconfig.build.json']) {
    await cp(join(clientFolder, name), join(copy, 'client', name), { recursive: true })
  }
  await cp(join(clientFolder, '../tsconfig.json'), join(copy, 'tsconfig.json'))
  await symlink(program(''), join(copy, 'node_modules'))
  await run('npm', ['pack', '--dry-run'], join(copy, 'client'))
  const { exports } = await readManifest(clientFolder)
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? target : Object.values(target),
  )
  expect(targets.filter((path) => !existsSync(join(copy, 'client', path)))).toEqual([])
}, 120_000)

test('publint and are-the-types-wrong find nothing', async () => {
  const manifest = await readManifest(packed())
  const { messages } = await publint({ pkgDir: packed(), strict: true, pack: false })
  expect(messages.map((message) => formatMessage(message, manifest as never, { color: false }))).toEqual([])
  const attw = program('@arethetypeswrong/cli/dist/index.js')
  await run(node, [attw, tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii'], scratch.path)
}, 120_000)

test('the tarball has what its entries name, and hooks say that they are for browsers', async () => {
  const files = await filesOf(packed())
  for (const target of Object.values((await readManifest(packed())).exports)) {
    for (const path of typeof target === 'string' ? [target] : Object.values(target))
      expect(files).toContain(path.slice(2))
  }
  const unmarked: string[] = []
  for (const file of files.filter((name) => /^dist\/.*\.js$/.test(name))) {
    const text = await readFile(join(packed(), file), 'utf8')
    const usesHooks = /\buse(State|Effect|Context|SyncExternalStore|Ref|Memo|Callback)\b/.test(text)
    if (usesHooks && !text.startsWith("'use client'")) unmarked.push(file)
  }
  expect(unmarked).toEqual([])
})

test('an empty Vite project installs it, checks its types and builds', async () => {
  const folder = join(scratch.path, 'vite')
  await makeProject(folder, tarball, ['react', 'react-dom', '@types/react', '@types/react-dom'], {
    'core.ts': core,
    'app.tsx': component,
    'main.tsx': `
      import { createRoot } from 'react-dom/client'
      import { App } from './app.tsx'
      createRoot(document.body).render(<App />)
    `,
    'index.html': '<!doctype html><title>project</title><script type="module" src="/main.tsx"></script>',
    'tsconfig.json': JSON.stringify({
      compilerOptions: { ...compilerOptions, module: 'esnext', moduleResolution: 'bundler' },
    }),
  })
  await run(node, [program('typescript/bin/tsc'), '-p', '.'], folder)
  await run(node, [program('vite/bin/vite.js'), 'build'], folder)
  // The page’s, and the part of tabs and copy that it loads.
  expect((await filesOf(join(folder, 'dist'))).filter((name) => name.endsWith('.js'))).toHaveLength(2)
}, 120_000)

test('an empty Node project installs it, checks its types, runs and ends; hooks render on a server', async () => {
  const folder = join(scratch.path, 'node')
  await makeProject(folder, tarball, ['react', 'react-dom', '@types/react', '@types/react-dom', '@types/node'], {
    'core.ts': core,
    'types.tsx': component,
    // Its types are those of Node.
    'testing.ts': `
      import { startFonechat } from '@fonechat/client/testing'
      export const start = () => startFonechat({ settings: { PAGE: 'false' } })
    `,
    'main.js': `
      import * as client from '@fonechat/client'
      import * as testing from '@fonechat/client/testing'
      import { ChatProvider, useConnection } from '@fonechat/client/react'
      import { createElement } from 'react'
      import { renderToString } from 'react-dom/server'
      console.log(typeof client.createClient, typeof testing.startFonechat)
      const chat = client.createClient({ url: 'http://127.0.0.1:1', identity: 'alice', token: async () => '' })
      const Words = () => createElement('p', null, useConnection().status)
      console.log(renderToString(createElement(ChatProvider, { client: chat }, createElement(Words))))
      await chat.close()
    `,
    'tsconfig.json': JSON.stringify({
      compilerOptions: { ...compilerOptions, types: ['node'], module: 'nodenext', moduleResolution: 'nodenext' },
    }),
  })
  await run(node, [program('typescript/bin/tsc'), '-p', '.'], folder)
  expect(await run(node, ['main.js'], folder)).toBe('function function\n<p>connecting</p>\n')
}, 120_000)
