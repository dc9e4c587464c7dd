import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { makeScratch } from './support/scratch.ts'
import { spawnServer } from './support/server-binary.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'web/dist')

/** What npm runs after an installation; where that was done, the page is there already, and others may be reading it. */
const prepare = (directory: string) =>
  spawnSync(process.execPath, ['web/prepare.ts'], { cwd: directory, encoding: 'utf8', timeout: 100_000 })

beforeAll(() => {
  if (existsSync(join(dist, 'index.html'))) return
  const { status, stderr } = prepare(root)
  if (status !== 0) throw new Error(`the page cannot be built: ${stderr}`)
}, 120_000)

/** Without the encodings that `fetch` asks for by itself. */
async function get(url: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>((resolve, reject) => {
    request(url, { headers, agent: false }, (response) => {
      buffer(response).then(
        (body) => resolve({ status: response.statusCode!, headers: response.headers as never, body }),
        reject,
      )
    })
      .on('error', reject)
      .end()
  })
}

test('a start shows the page, with every file of it in every encoding, and signs it in', async () => {
  await using scratch = await makeScratch()
  await using server = await spawnServer({ DATA_DIR: `${scratch.path}/data` })
  const { url } = await server.ready()
  expect(server.output()).toContain(`Page                  ${url}/\n  Console               ${url}/console\n`)
  const page = await get(`${url}/`)
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  const html = page.body.toString()
  // The policy lets nothing run or look like something that stands in the page itself, or comes from elsewhere.
  expect(html).not.toMatch(/<style|\bstyle=|\bon\w+=|<script(?![^>]*\bsrc=)/)
  const asked = [...html.matchAll(/\b(?:src|href)="([^"]+)"/g)].map(([, path]) => path!)
  expect(asked.filter((path) => path.startsWith('/assets/')).length).toBeGreaterThan(0)
  for (const path of asked) expect([path, (await get(url + path)).status]).toEqual([path, 200])

  const files = globSync('assets/**', { cwd: dist, withFileTypes: true }).filter((entry) => entry.isFile())
  const names = files.map(({ name }) => name).filter((name) => !/\.(?:br|gz)$/.test(name))
  expect(names.length).toBeGreaterThan(0)
  for (const name of names) {
    const source = readFileSync(join(dist, 'assets', name))
    const answers = await Promise.all(
      ['br', 'gzip', 'identity'].map((encoding) => get(`${url}/assets/${name}`, { 'accept-encoding': encoding })),
    )
    for (const { status, headers, body } of answers) {
      const encoding = headers['content-encoding']
      const decoded = encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body
      expect([name, status, decoded.equals(source)]).toEqual([name, 200, true])
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
      expect([name, headers['content-type']]).not.toEqual([name, 'application/octet-stream'])
    }
    const encodings = answers.map(({ headers }) => headers['content-encoding'])
    const isCompressed = /\.(?:js|css)$/.test(name) && source.length > 1024
    expect([name, encodings]).toEqual([name, isCompressed ? ['br', 'gzip', undefined] : encodings])
  }

  const tokens = await fetch(`${url}/demo/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: '{}',
  })
  const { users } = (await tokens.json()) as { users: { friendlyName: string; token: string }[] }
  expect(users.map(({ friendlyName }) => friendlyName)).toEqual(['Alice', 'Bob'])
}, 120_000)

test('an installation without Vite, or without the source of the page, prepares nothing and does not fail', async () => {
  await using scratch = await makeScratch()
  await mkdir(join(scratch.path, 'web'))
  await cp(join(root, 'web/prepare.ts'), join(scratch.path, 'web/prepare.ts'))
  expect(prepare(scratch.path)).toMatchObject({ status: 0, stdout: '', stderr: '' })
  await mkdir(join(scratch.path, 'node_modules/vite'), { recursive: true })
  expect(prepare(scratch.path)).toMatchObject({ status: 0, stdout: '', stderr: '' })
})

test('the packed server has the built page and all that it reads, and neither its source nor specs', () => {
  const { status, stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect(status).toBe(0)
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  const packed = new Set(files.map(({ path }) => path))
  const needed = [
    'web/dist/index.html',
    'web/dist/console.html',
    'schema/generated/console-documents.json',
    'schema/generated/client-documents.json',
    'drizzle/meta/_journal.json',
    'src/main.ts',
    'bin/fonechat.js',
    'bin/own-node.js',
    'deploy/haproxy/haproxy.cfg',
    'deploy/kubernetes/fonechat.yaml',
    'deploy/nginx/fonechat.conf',
    'deploy/systemd/fonechat.service',
    'deploy/systemd/postgres.conf',
    'web/prepare.ts',
  ]
  expect(needed.filter((path) => !packed.has(path))).toEqual([])
  expect([...packed].filter((path) => /^(?:web\/src|client|test|bench|node_modules)\//.test(path))).toEqual([])
})
