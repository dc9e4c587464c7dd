import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'
import { expect, test, vi } from 'vitest'
import { makeScratch } from '../../../test/support/scratch.ts'
import { buildWeb } from '../../../web/build.ts'
import { clientFolder, packClient, webFolder } from './package.ts'

/**
 * In kilobytes of 1,000 bytes, minified and gzipped, with all dependencies but React, the list’s virtualizer and the libraries that the glue is for.
 * `tabs` is what the core loads by itself in a browser: the code of tabs and copy. What modules share between tabs, such as drafts, has 100 bytes of the core.
 * Threads, own reactions and texts that stream are 800 bytes of the glue for each library.
 * The console has its frame and no view: a view is loaded when it is shown. Four of its kilobytes keep what was typed: through dialogs whose thing is gone, an ended session, another person who signs in.
 * The page grew by fifteen with threads, quotes, mentions and what is kept for later (half a kilobyte counts what is unread of threads, 0.9 keep in drafts what is quoted and who is named); their panels and lists are loaded when they are opened.
 */
const budgets = { core: 28.5, tabs: 11.2, hooks: 3, parts: 8, apollo: 8, urql: 8.2, page: 216, console: 154 }

/** What the application brings along. */
const peers = [/^react($|\/)/, '@tanstack/react-virtual', /^@apollo\/client/, /^@urql\//, 'graphql', 'graphql-ws']

const kilobytes = (bytes: number): number => Math.round(bytes / 100) / 10

const gzipped = (text: string | Uint8Array): number => gzipSync(text, { level: 9 }).length

/** Of everything that these entries of the built package export: what is loaded with them, and what they load later. */
async function sizeOf(
  folder: string,
  entries: readonly string[],
): Promise<{ readonly loaded: number; readonly later: number }> {
  const input = join(folder, `to ${entries.at(-1)!.replaceAll('/', '-')}`)
  await writeFile(input, entries.map((entry, at) => `export * as entry${at} from './dist/${entry}'\n`).join(''))
  const [{ output }] = (await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      // As a library: else Vite's own loader for `import()`, which an application has once, is among what is measured.
      lib: { entry: input, formats: ['es'] },
      rolldownOptions: {
        // What both parts use stays in the first: it may export more than its entries do.
        preserveEntrySignatures: 'allow-extension',
        external: peers,
        output: { minify: true },
      },
    },
  })) as [Rolldown.RolldownOutput]
  const chunks = output.filter((file) => file.type === 'chunk')
  const sum = (isLater: boolean): number =>
    chunks.reduce((bytes, { code, isDynamicEntry }) => bytes + (isDynamicEntry === isLater ? gzipped(code) : 0), 0)
  return { loaded: sum(false), later: sum(true) }
}

interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
  readonly assets?: readonly string[]
}

/** What a browser loads before the page shows: the document, its scripts and styles, and of the fonts the Latin one. */
async function sizeOfPage(outDir: string, document: string, name: string): Promise<number> {
  const manifest = JSON.parse(await readFile(join(outDir, `.vite/${name}.json`), 'utf8')) as Record<string, Chunk>
  const files = new Set<string>([document])
  const add = (chunk: Chunk): void => {
    const fonts = (chunk.assets ?? []).filter((asset) => /inter-latin-wght-normal/.test(asset))
    for (const file of [chunk.file, ...(chunk.css ?? []), ...fonts]) files.add(file)
    for (const name of chunk.imports ?? []) if (!files.has(manifest[name]!.file)) add(manifest[name]!)
  }
  add(manifest[document]!)
  const sizes = await Promise.all([...files].map(async (file) => gzipped(await readFile(join(outDir, file)))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

test('what is built stays within its budgets, which are those of the README', async () => {
  // Vite takes what it finds: with that of specs, React and the client would be measured as in development.
  vi.stubEnv('NODE_ENV', 'production')
  await using scratch = await makeScratch()
  const tarball = await packClient(scratch.path)
  const folder = join(tarball, '../package')
  const entries = [['index.js'], ['react/index.js'], ['react/parts/index.js', 'react/parts/virtual.js']]
  const sums = [0]
  for (const at of entries.keys()) sums.push((await sizeOf(folder, entries.slice(0, at + 1).flat())).loaded)
  const { later: tabs } = await sizeOf(folder, ['index.js'])
  const [core, hooks, parts] = sums.slice(1).map((sum, at) => sum - sums[at]!)
  const glue = await Promise.all(['apollo', 'urql'].map((name) => sizeOf(folder, [`${name}/index.js`])))
  const [apollo, urql] = glue.map(({ loaded }) => loaded)
  const outDir = join(scratch.path, 'web')
  await buildWeb({ outDir: relative(webFolder, outDir) })
  const page = await sizeOfPage(outDir, 'index.html', 'manifest')
  const consolePage = await sizeOfPage(outDir, 'console.html', 'console')
  const sizes = {
    core: core!,
    tabs,
    hooks: hooks!,
    parts: parts!,
    apollo: apollo!,
    urql: urql!,
    page,
    console: consolePage,
  }
  const rows = Object.entries(sizes).map(
    ([name, bytes]) =>
      `${name.padEnd(7)} ${String(kilobytes(bytes)).padStart(6)} of ${budgets[name as keyof typeof budgets]} KB`,
  )
  process.stdout.write(`${rows.join('\n')}\n`)
  for (const [name, bytes] of Object.entries(sizes)) {
    expect.soft(kilobytes(bytes), name).toBeLessThanOrEqual(budgets[name as keyof typeof budgets])
  }
  const readme = await readFile(join(clientFolder, 'README.md'), 'utf8')
  expect(readme).toContain(`the core at most ${budgets.core} KB, the code of tabs and copy ${budgets.tabs} KB more`)
  expect(readme).toContain(`the hooks ${budgets.hooks} KB, the parts ${budgets.parts} KB`)
  expect(readme).toContain(`Apollo Client ${budgets.apollo} KB, for urql ${budgets.urql} KB`)
}, 240_000)
