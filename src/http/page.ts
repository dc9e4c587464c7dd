import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { chooseEncoding } from './compression.ts'

/** Where the build of `web` puts the page. */
export const pageDirectory = join(import.meta.dirname, '../../web/dist')

/** What the page may take of memory: the server keeps all of it, compressed forms included. */
const maxFiles = 2000
const maxBytes = 64 * 1024 * 1024

/** Vite names what it puts here by its content, so a name never gets another content. */
const hashedPath = /^\/assets\//

/** Everything comes from this server: the page asks no one else, and shows nothing of others. */
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** The response of `/` without the page, for somebody who checks the address. */
const welcome = `fonechat, a chat server. GraphQL is at /graphql, over HTTP, WebSocket and Server-Sent Events.
REST is at /v1, as /v1/openapi.json describes it.
`
const notBuilt = 'The page is not built: run npm ci, or npm run build --workspace web, and start the server again.\n'

/** Answers a request for the page or one of its files, and says whether it was one. */
export type PageListener = (request: IncomingMessage, response: ServerResponse, path: string) => boolean

interface PageFile {
  readonly headers: OutgoingHttpHeaders
  /** Without the quotes. Each encoding has one of its own that begins with it. */
  readonly etag: string
  readonly plain: Buffer
  readonly br: Buffer | undefined
  readonly gzip: Buffer | undefined
}

/**
 * The page that was built into a directory, which is read into memory once: nothing beside it can be asked for. Without a directory, or
 * where there is none, `/` says what is here. Rejects when the directory cannot be read, has no `index.html`, or is too large.
 */
export async function createPage(directory: string | undefined): Promise<PageListener> {
  const files = directory === undefined ? undefined : await readPage(directory)
  if (!files) return createWelcome(directory === undefined ? welcome : welcome + notBuilt)
  const index = files.get('/index.html')
  if (!index) throw new Error(`${directory} has no index.html`)
  const console = files.get('/console.html')
  return (request, response, path) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    const entry = isOfConsole.test(path) ? console : index
    const isEntry = path === '/' || path === '/console' || isDeepLink(request, path)
    const file = files.get(path) ?? (isEntry ? entry : undefined)
    if (file) sendFile(request, response, file)
    return file !== undefined
  }
}

function createWelcome(text: string): PageListener {
  return ({ method }, response, path) => {
    if (path !== '/' || (method !== 'GET' && method !== 'HEAD')) return false
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
    return true
  }
}

const isOfConsole = /^\/console(?:\/|$)/

/** Whether a browser opens an address that the page itself understands. */
function isDeepLink({ headers }: IncomingMessage, path: string): boolean {
  return !path.startsWith('//') && !hashedPath.test(path) && /\btext\/html\b/.test(headers.accept ?? '')
}

function sendFile({ headers: asked }: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const chosen = chooseEncoding(asked['accept-encoding']?.toString() ?? '')
  const encoding = chosen && file[chosen] ? chosen : undefined
  const etag = `"${file.etag}${encoding ? `-${encoding}` : ''}"`
  const headers = { ...file.headers, etag, ...(encoding && { 'content-encoding': encoding }) }
  if (asked['if-none-match']?.includes(etag)) return void response.writeHead(304, headers).end()
  const body = file[encoding ?? 'plain']!
  response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)
}

/** By the path of its address; undefined where there is no directory. */
async function readPage(directory: string): Promise<ReadonlyMap<string, PageFile> | undefined> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (!entries) return undefined
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    // Vite's manifest is for specs and not for browsers.
    .filter((name) => !name.startsWith('.'))
  if (names.length > maxFiles) throw new Error(`${directory} has more than ${maxFiles} files`)
  const bodies = new Map<string, Buffer>()
  let bytes = 0
  for (const name of names) {
    const body = await readFile(join(directory, name))
    bytes += body.length
    if (bytes > maxBytes) throw new Error(`${directory} has more than ${maxBytes} bytes`)
    bodies.set(name, body)
  }
  const served = names.filter((name) => !/\.(?:br|gz)$/.test(name))
  return new Map(served.map((name) => [`/${name}`, toFile(name, bodies)]))
}

function toFile(name: string, bodies: ReadonlyMap<string, Buffer>): PageFile {
  const plain = bodies.get(name)!
  return {
    headers: {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'cache-control': hashedPath.test(`/${name}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      vary: 'accept-encoding',
    },
    etag: createHash('sha256').update(plain).digest('base64url').slice(0, 22),
    plain,
    br: bodies.get(`${name}.br`),
    gzip: bodies.get(`${name}.gz`),
  }
}
