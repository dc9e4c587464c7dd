import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { startHaproxy } from '../support/haproxy.ts'
import { makeScratch } from '../support/scratch.ts'
import { startServerProcess } from '../support/server-process.ts'
import { substitute } from '../support/substitute.ts'
import { installPackages } from '../support/system-command.ts'

/** Seconds of silence after which the proxies of the specs close a connection: more than fonechat's pings are apart, less than a test takes. */
export const idleSeconds = 20

/** A proxy of the reference settings, with its addresses for HTTPS and for plain HTTP. */
export interface Proxy extends AsyncDisposable {
  readonly url: string
  readonly plainUrl: string
}

export interface Upstreams {
  /** Host and port of two processes. */
  readonly addresses: readonly [string, string]
  readonly certificate: Certificate
  /** Whether the upstreams are proxies, and so speak TLS. */
  readonly isTls?: boolean
}

export interface Certificate {
  readonly certificate: string
  readonly privateKey: string
}

export function prepareProxies(): void {
  const missing = ['nginx', 'haproxy'].filter((name) => !existsSync(`/usr/sbin/${name}`))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) throw new Error(`the specs of proxies need ${missing.join(' and ')} in /usr/sbin`)
  installPackages(missing, 'the specs of proxies need nginx and HAProxy')
}

const read = (file: string): Promise<string> => readFile(new URL(`../../${file}`, import.meta.url), 'utf8')

export async function startNginx({ addresses, certificate }: Upstreams): Promise<Proxy> {
  const file = 'deploy/nginx/fonechat.conf'
  const [port, plainPort] = [await freePort(), await freePort()]
  const scratch = await makeScratch()
  const at = (name: string): string => join(scratch.path, name)
  await writeFile(at('certificate.pem'), certificate.certificate)
  await writeFile(at('certificate.key'), certificate.privateKey)
  await mkdir(at('temporary'))
  const site = substitute(file, await read(file), {
    '10.0.0.41:4000': addresses[0],
    '10.0.0.42:4000': addresses[1],
    'listen 80;': `listen 127.0.0.1:${plainPort};`,
    'listen [::]:80;': '',
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    'listen [::]:443 ssl http2;': '',
    '/etc/nginx/certs/chat.example.com.pem': at('certificate.pem'),
    '/etc/nginx/certs/chat.example.com.key': at('certificate.key'),
    'proxy_read_timeout 60s': `proxy_read_timeout ${idleSeconds}s`,
    'proxy_send_timeout 60s': `proxy_send_timeout ${idleSeconds}s`,
  })
  await writeFile(at('site.conf'), site)
  // What Debian's nginx.conf has around it, without what needs a system of its own.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${at(`temporary/${kind}`)};`)
    .join('\n')
  const main = `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off;
    worker_processes 2;
    pid ${at('nginx.pid')};
    error_log stderr notice;
    events { worker_connections 1024; }
    http { access_log off; ${temporary} include ${at('site.conf')}; }`
  await writeFile(at('nginx.conf'), main)
  const args = ['-p', scratch.path, '-e', 'stderr', '-c', at('nginx.conf')]
  const server = await startServerProcess({ scratch, command: '/usr/sbin/nginx', args, ready: 'start worker process' })
  return {
    url: `https://127.0.0.1:${port}`,
    plainUrl: `http://127.0.0.1:${plainPort}`,
    [Symbol.asyncDispose]: async () => {
      await server.end('SIGTERM')
      await scratch[Symbol.asyncDispose]()
    },
  }
}

export async function startHaproxyWith({ addresses, certificate, isTls = false }: Upstreams): Promise<Proxy> {
  const file = 'deploy/haproxy/haproxy.cfg'
  const [port, plainPort, statsPort] = [await freePort(), await freePort(), await freePort()]
  const scratch = await makeScratch()
  const pem = join(scratch.path, 'chat.pem')
  await writeFile(pem, certificate.certificate + certificate.privateKey)
  const tls = isTls ? ' ssl verify none' : ''
  const haproxy = await startHaproxy(
    substitute(file, await read(file), {
      '10.0.0.41:4000': `${addresses[0]}${tls}`,
      '10.0.0.42:4000': `${addresses[1]}${tls}`,
      'bind :80': `bind 127.0.0.1:${plainPort}`,
      'bind :443': `bind 127.0.0.1:${port}`,
      'bind 127.0.0.1:8404': `bind 127.0.0.1:${statsPort}`,
      '/etc/haproxy/certs/chat.example.com.pem': pem,
      'log /dev/log local0': '',
      'maxconn 20000': 'maxconn 1000',
      'timeout client 60s': `timeout client ${idleSeconds}s`,
      'timeout server 60s': `timeout server ${idleSeconds}s`,
      'timeout tunnel 60s': `timeout tunnel ${idleSeconds}s`,
    }),
  )
  return {
    url: `https://127.0.0.1:${port}`,
    plainUrl: `http://127.0.0.1:${plainPort}`,
    [Symbol.asyncDispose]: async () => {
      await haproxy[Symbol.asyncDispose]()
      await scratch[Symbol.asyncDispose]()
    },
  }
}
