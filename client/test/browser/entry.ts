import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { build, defaultClientConditions, type Rolldown } from 'vite'

/** Where a page with a script of a spec stands beside the server's own paths. */
export const entryPath = '/spec/'

/** A front of a server that also serves a page with a script of a spec, on the same origin. */
export interface Front extends AsyncDisposable {
  readonly port: number
}

type Files = ReadonlyMap<string, string>

const bundles = new Map<string, Promise<Files>>()

/** The bundle of a script, which is made once. */
function bundleOf(entry: URL, isInstalled: boolean): Promise<Files> {
  const made = bundles.get(entry.href) ?? bundle(entry, isInstalled)
  bundles.set(entry.href, made)
  return made
}

/** Bundles a script as an application does, from the client's source or from the package that is installed beside the script. */
async function bundle(entry: URL, isInstalled: boolean): Promise<Files> {
  const result = (await build({
    configFile: false,
    root: fileURLToPath(new URL('.', entry)),
    base: entryPath,
    logLevel: 'warn',
    resolve: { conditions: [...(isInstalled ? [] : ['@fonechat/source']), ...defaultClientConditions] },
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: { entry: fileURLToPath(entry) },
        // `'use client'` means nothing to a bundle for browsers alone.
        onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
      },
    },
  })) as Rolldown.RolldownOutput
  // A browser asks for it at times, and would write to the console that there is none.
  const files = new Map([['/favicon.ico', '']])
  for (const file of result.output) {
    if (file.type !== 'chunk') continue
    files.set(entryPath + file.fileName, file.code)
    if (file.isEntry) files.set(entryPath, pageOf(entryPath + file.fileName))
  }
  return files
}

const pageOf = (script: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>spec</title>` +
  `<div id="root"></div><script type="module" src="${script}"></script></html>`

/** Everything but the page goes on to the server, WebSockets included. */
export async function openFront(
  entry: URL,
  serverUrl: string,
  { isInstalled = false }: { readonly isInstalled?: boolean } = {},
): Promise<Front> {
  const serverPort = Number(new URL(serverUrl).port)
  const files = await bundleOf(entry, isInstalled)
  const front = createServer((incoming, outgoing) => {
    const file = files.get(incoming.url?.split('?')[0] ?? '')
    if (file === undefined) return forward(incoming, outgoing, serverPort)
    const type = file.startsWith('<') ? 'text/html' : 'text/javascript'
    outgoing.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(file)
  })
  front.on('upgrade', (incoming, socket, head) => upgrade(incoming, socket, head, serverPort))
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  return {
    port: (front.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(front, 'close')
      front.close()
      front.closeAllConnections()
      await closed
    },
  }
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, port: number): void {
  const { method, url, headers } = incoming
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
}

function upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, port: number): void {
  const onward = connect(port, '127.0.0.1')
  const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`]
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`)
  }
  onward.write(`${lines.join('\r\n')}\r\n\r\n`)
  onward.write(head)
  onward.on('error', () => socket.destroy()).on('close', () => socket.destroy())
  socket.on('error', () => onward.destroy()).on('close', () => onward.destroy())
  socket.pipe(onward).pipe(socket)
}
