import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { request, type OutgoingHttpHeaders } from 'node:http'
import { dirname, join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHttpServer, createResponseCounts } from '../../src/http/http.ts'
import { listen } from '../../src/http/listen.ts'
import { createPage } from '../../src/http/page.ts'
import { makeScratch } from '../support/scratch.ts'

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

const script = `export const words = '${'word '.repeat(500)}'`

/** A page as Vite builds it, with more beside it than it may show. */
async function buildPage(): Promise<string> {
  const { path } = stack.use(await makeScratch())
  const files: Record<string, string | Buffer> = {
    'secret.txt': 'secret',
    'dist/index.html': '<!doctype html><title>chat</title>',
    'dist/console.html': '<!doctype html><title>console</title>',
    'dist/icon.svg': '<svg/>',
    'dist/assets/main-B1.js': script,
    'dist/assets/main-B1.js.br': brotliCompressSync(script),
    'dist/assets/main-B1.js.gz': gzipSync(script),
    'dist/assets/inter-A2.woff2': Buffer.from([0, 255]),
    'dist/.vite/manifest.json': '{}',
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), content)
  }
  await symlink('../secret.txt', join(path, 'dist/link.txt'))
  return join(path, 'dist')
}

async function serve(directory: string | undefined) {
  const server = createHttpServer({
    graphql: () => {},
    rest: () => {},
    metrics: () => {},
    demoTokens: () => {},
    console: undefined,
    page: await createPage(directory),
    unreadiness: () => undefined,
    responses: createResponseCounts(),
  })
  const port = await listen(server, 0, '127.0.0.1')
  stack.defer(() => void server.close())
  /** As it is written: `fetch` would resolve the dots of a path and ask for encodings. */
  return (path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') =>
    new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers as never, body: Buffer.concat(chunks) }),
        )
      })
        .on('error', reject)
        .end()
    })
}

const navigation = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

test('the page is at / and at addresses that only it knows, and is asked for again each time', async () => {
  const get = await serve(await buildPage())
  const { status, headers, body } = await get('/?from=a%20bookmark')
  expect([status, body.toString()]).toEqual([200, '<!doctype html><title>chat</title>'])
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-length': String(body.length),
    'content-security-policy': expect.stringMatching(/^default-src 'self';.* frame-ancestors 'none'/),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  })
  for (const path of ['/chat/general', '/chat/CH0/42?at=1', '/chat/a.b']) {
    expect(await get(path, navigation)).toMatchObject({ status: 200, body })
  }
  const head = await get('/', {}, 'HEAD')
  expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, String(body.length)])
  const again = await get('/', { 'if-none-match': headers['etag'] })
  expect([again.status, again.body.length, again.headers['etag']]).toEqual([304, 0, headers['etag']])
  expect(again.headers['content-security-policy']).toBe(headers['content-security-policy'])
})

test('the console is at /console and at addresses below it that a browser opens', async () => {
  const get = await serve(await buildPage())
  const { status, headers, body } = await get('/console?open=1')
  expect([status, body.toString()]).toEqual([200, '<!doctype html><title>console</title>'])
  expect(headers['content-security-policy']).toMatch(/^default-src 'self'/)
  for (const path of ['/console/', '/console/keys', '/console/services/IS0?service=IS0']) {
    expect(await get(path, navigation)).toMatchObject({ status: 200, body })
  }
  // Neither what a script asks for below it nor what only begins like it.
  expect((await get('/console/keys', { accept: 'application/json' })).status).toBe(404)
  expect((await get('/consoles', navigation)).body.toString()).toBe('<!doctype html><title>chat</title>')
  const without = await serve(undefined)
  expect((await without('/console', navigation)).status).toBe(404)
})

test('its policy lets nothing come from elsewhere and no script stand in the page', async () => {
  const { headers } = await (await serve(await buildPage()))('/')
  expect(headers['content-security-policy']).not.toMatch(/https?:|wss?:|data:|blob:|unsafe|\*/)
})

test('its assets are kept for good, in the encoding that was asked for', async () => {
  const get = await serve(await buildPage())
  const plain = await get('/assets/main-B1.js')
  expect(plain).toMatchObject({ status: 200, body: Buffer.from(script) })
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  })
  expect(plain.headers).not.toHaveProperty('content-encoding')
  const br = await get('/assets/main-B1.js', { 'accept-encoding': 'gzip, deflate, br, zstd' })
  expect([br.headers['content-encoding'], brotliDecompressSync(br.body).toString()]).toEqual(['br', script])
  const gzip = await get('/assets/main-B1.js', { 'accept-encoding': 'gzip' })
  expect([gzip.headers['content-encoding'], gunzipSync(gzip.body).toString()]).toEqual(['gzip', script])
  expect(new Set([plain, br, gzip].map(({ headers }) => headers['etag'])).size).toBe(3)
  // Nothing was compressed ahead for it.
  const font = await get('/assets/inter-A2.woff2', { 'accept-encoding': 'gzip, br' })
  expect([font.headers['content-type'], font.headers['content-encoding']]).toEqual(['font/woff2', undefined])
  expect(font.body).toEqual(Buffer.from([0, 255]))
  expect((await get('/icon.svg')).headers).toMatchObject({
    'cache-control': 'no-cache',
    'content-type': 'image/svg+xml',
  })
})

test('nothing else is there: no missing asset, nothing beside the page, no other method', async () => {
  const get = await serve(await buildPage())
  const paths = [
    '/assets/main-A0.js',
    '/assets/',
    '/assets/main-B1.js.br',
    '/.vite/manifest.json',
    '/link.txt',
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/chat/general',
    '/__proto__',
  ]
  for (const path of paths) {
    const { status, headers, body } = await get(path)
    expect([path, status, body.toString()]).toEqual([path, 404, '{"error":"not found"}'])
    expect(headers['cache-control']).toBe('no-store')
  }
  for (const path of ['/assets/main-A0.js', '//x', '//index.html', '//healthz']) {
    expect([path, (await get(path, navigation)).status]).toEqual([path, 404])
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    expect((await get('/', navigation, method)).status).toBe(404)
    expect((await get('/assets/main-B1.js', navigation, method)).status).toBe(404)
  }
})

test('what the server itself answers is not the page’s, however it is asked for', async () => {
  const get = await serve(await buildPage())
  expect((await get('/healthz', navigation)).body.toString()).toBe('{"status":"ok"}')
  expect((await get('/readyz', navigation)).body.toString()).toBe('{"status":"ok"}')
})

test('without the page / says what is here, and where it is only not built, how to build it', async () => {
  const off = await (await serve(undefined))('/', navigation)
  expect([off.status, off.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
  expect(off.body.toString()).not.toContain('npm')
  const { path } = stack.use(await makeScratch())
  const get = await serve(join(path, 'dist'))
  const missing = await get('/', navigation)
  expect(missing.body.toString()).toBe(
    `${off.body.toString()}The page is not built: run npm ci, or npm run build --workspace web, and start the server again.\n`,
  )
  expect((await get('/chat/general', navigation)).status).toBe(404)
})

test('a page without its first file, or one that is too large, is refused', async () => {
  const { path } = stack.use(await makeScratch())
  await expect(createPage(path)).rejects.toThrow('has no index.html')
  await mkdir(join(path, 'many'))
  await Promise.all(Array.from({ length: 2001 }, (_, at) => writeFile(join(path, `many/${at}.js`), '')))
  await expect(createPage(join(path, 'many'))).rejects.toThrow('has more than 2000 files')
})
