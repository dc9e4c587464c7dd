import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { startHaproxy } from '../support/haproxy.ts'
import { makeScratch } from '../support/scratch.ts'
import { startServerProcess } from '../support/server-process.ts'

/** The addresses of this machine at which the containers of these names are. */
export type Places = Readonly<Record<string, string>>

/** The proxy of compose.yaml and the DNS that Docker has, on ports of their own. All containers are at one port, each at its address. */
export async function startProxy(places: Places, port: number): Promise<AsyncDisposable & { readonly url: string }> {
  await using stack = new AsyncDisposableStack()
  const dnsPort = await startDns(places, stack)
  const ownPort = await freePort()
  let settings = await readFile(fileURLToPath(new URL('../../deploy/compose/haproxy.cfg', import.meta.url)), 'utf8')
  const replacements = {
    // This machine may not allow more.
    'maxconn 20000': 'maxconn 1000',
    'bind :8080': `bind 127.0.0.1:${ownPort}`,
    '127.0.0.11:53': `127.0.0.1:${dnsPort}`,
    ...Object.fromEntries(Object.keys(places).map((name) => [`${name}:4000`, `${name}:${port}`])),
  }
  for (const [from, to] of Object.entries(replacements)) {
    if (settings.split(from).length !== 2) throw new Error(`${from} is not once in haproxy.cfg`)
    settings = settings.replace(from, to)
  }
  stack.use(await startHaproxy(settings))
  const started = stack.move()
  return { url: `http://127.0.0.1:${ownPort}`, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

async function startDns(places: Places, stack: AsyncDisposableStack): Promise<number> {
  const scratch = stack.use(await makeScratch())
  const port = await freePort()
  const server = await startServerProcess({
    scratch,
    command: '/usr/sbin/dnsmasq',
    args: [
      '--keep-in-foreground',
      '--log-facility=-',
      '--no-resolv',
      '--no-hosts',
      '--conf-file=/dev/null',
      '--user=',
      '--listen-address=127.0.0.1',
      '--bind-interfaces',
      `--port=${port}`,
      '--pid-file=',
      ...Object.entries(places).map(([name, address]) => `--address=/${name}/${address}`),
    ],
    ready: 'started, version',
  })
  stack.defer(() => server.end('SIGTERM'))
  return port
}
