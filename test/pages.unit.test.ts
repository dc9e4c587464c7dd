import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'PROMISES.md',
  'SECURITY.md',
  'WEBHOOKS.md',
  'bench/README.md',
  'client/README.md',
  'client/SPEC.md',
  'web/README.md',
  'schema/README.md',
  ...globSync('docs/*.md', { cwd: root }),
]

const fence = /^```[^]*?^```$/gm

const codeOf = (page: string): string[] =>
  Array.from(
    read(page)
      .replaceAll(fence, '')
      .matchAll(/`([^`\n]+)`/g),
    ([, code]) => code!,
  )

/** The paths that a code span or a drawing names. Those of addresses begin with a slash. */
const pathsIn = (text: string): string[] =>
  text.match(
    /(?<![\w/:.…])[\w.*@-][\w./*{},@<>-]*\.(?:tsx?|css|md|json|graphql|sql|svg)\b(?!\()|(?<![\w/:.…])[\w-]+(?:\/[\w-]+)*\/(?=$|\s)/g,
  ) ?? []

/** `a/{b,c}.ts` is two paths, and `<concept>` any name. */
const spelledOut = (path: string): string[] => {
  const [, before = '', names, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? []
  return (names?.split(',').map((name) => before + name + after) ?? [path]).map((each) => each.replace(/<\w+>/, '*'))
}

const files = globSync('{src,test,schema,bench,web,client}/**', {
  cwd: root,
  exclude: (file) => file.includes('node_modules'),
})

/** A bare name may be any file’s: the sentence says of which folder. Kinds of specs are named by how their files end. */
function isThere(path: string, page: string): boolean {
  const beside = [join(root, dirname(page)), join(root, dirname(page), 'src')]
  // The first release makes it.
  if (path.endsWith('released.graphql')) return true
  if (!path.includes('/') && !path.startsWith('*')) {
    const isBeside = [root, ...beside].some((folder) => existsSync(join(folder, path)))
    return isBeside || files.some((file) => file.endsWith(`/${path}`))
  }
  const pattern = path.startsWith('*') ? `{test,client/test,web/test}/**/${path}` : path
  return [root, join(root, 'src'), ...beside].some((cwd) => globSync(pattern, { cwd }).length > 0)
}

test.each(pages)('every path that %s names is there', (page) => {
  const drawings = page === 'ARCHITECTURE.md' ? (read(page).match(fence) ?? []) : []
  const paths = [...codeOf(page), ...drawings].flatMap(pathsIn).flatMap(spelledOut)
  expect(paths.filter((path) => !isThere(path, page))).toEqual([])
})

const commentsOf = (code: string): string[] => code.match(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm) ?? []

test('every file that a comment of the code names is there', () => {
  const named = globSync('{src,web/src,client/src}/**/*.{ts,tsx,css}', { cwd: root }).flatMap((file) =>
    commentsOf(read(file))
      .flatMap(pathsIn)
      .flatMap(spelledOut)
      .filter((path) => !path.endsWith('/') && !path.includes('*'))
      .map((path) => ({ file, path: path.replace(/^(?:\.{1,2}\/)+/, '') })),
  )
  expect(named.length).toBeGreaterThan(15)
  const isFile = (path: string): boolean =>
    existsSync(join(root, path)) || files.some((file) => file.endsWith(`/${path}`))
  expect(named.filter(({ path }) => !isFile(path))).toEqual([])
})

test.each(pages)('every link of %s within the repository leads to a file', (page) => {
  const links = Array.from(read(page).matchAll(/\]\((?!https?:)([^)#]+)/g), ([, link]) => link!)
  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
})

/** As GitHub makes the anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')

test.each(pages)('every link of %s to a part of a page leads to a heading', (page) => {
  const links = Array.from(read(page).matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g))
  const lost = links.filter(([, link, anchor]) => {
    const target = link === '' ? page : join(dirname(page), link!)
    const headings = Array.from(read(target).matchAll(/^#+ (.+)$/gm), ([, heading]) => anchorOf(heading!.trim()))
    return !headings.includes(anchor!)
  })
  expect(lost.map(([link]) => link)).toEqual([])
})

test('every text that docs/troubleshooting.md quotes is one of the server’s', () => {
  const code = globSync('src/**/*.ts', { cwd: root })
    .map(read)
    .join('\n')
    .replaceAll(/\$\{[^{}]*\}/g, '…')
  // Texts have three words or more; what differs in them stands as `…`. Fields of GraphQL are in braces, statements of SQL begin in capitals.
  const quoted = codeOf('docs/troubleshooting.md').filter(
    (text) => /\S \S+ \S/.test(text) && !/\{|^SELECT|^VACUUM/.test(text),
  )
  expect(quoted.length).toBeGreaterThan(30)
  const pieces = quoted.flatMap((text) => text.split('…').map((piece) => piece.trim()))
  expect(pieces.filter((piece) => !code.includes(piece))).toEqual([])
})

test('every operation of the pages is valid', () => {
  const schema = buildSchema(read('schema/schema.graphql'))
  const operations = pages.flatMap((page) =>
    Array.from(read(page).matchAll(/^```graphql\n([^]*?)^```$/gm), ([, text]) => ({ page, text: text! })),
  )
  expect(operations.length).toBeGreaterThan(12)
  const wrong = operations.flatMap(({ page, text }) =>
    validate(schema, parse(text)).map(({ message }) => `${page}: ${message}`),
  )
  expect(wrong).toEqual([])
})

/** Words of others, which the page explains and the code does not use. */
const foreign = new Set([
  'Fetch',
  'Site',
  'DO',
  'NOTHING',
  'FOR',
  'SHARE',
  'key_strict_fifo',
  'NOTIFY',
  'SyncRepWaitForLSN',
])

test('every identifier that ARCHITECTURE.md names is in the code', () => {
  const code = globSync(
    ['{src,test,schema/operations,client/src,web/src}/**/*.{ts,graphql}', 'drizzle/*.sql', 'schema/schema.graphql'],
    {
      cwd: root,
    },
  )
  const texts = [...code.filter((file) => !file.includes('pages.unit')), 'package.json', 'oxlint.config.ts'].map(read)
  const words = new Set(texts.join('\n').match(/\w+/g))
  const named = codeOf('ARCHITECTURE.md').flatMap((span) =>
    pathsIn(span).length > 0 ? [] : (span.match(/\w+/g) ?? []),
  )
  expect(named.length).toBeGreaterThan(150)
  expect([...new Set(named)].filter((word) => !words.has(word) && !foreign.has(word))).toEqual([])
})
