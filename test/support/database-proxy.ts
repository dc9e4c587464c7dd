import type { Server } from '../../src/server.ts'
import { openDb } from '../../src/store/engine/db.ts'
import type { Kit } from './kit.ts'
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** Another server of the kit, which reaches the database through a proxy. Only on `cluster`. */
export async function serverBehindProxy(
  kit: Kit,
  poolSize: number,
): Promise<{ readonly server: Server; readonly proxy: TcpProxy } & AsyncDisposable> {
  const url = new URL(kit.store.databaseUrl!)
  const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
  const db = openDb(Object.assign(url, { host: `127.0.0.1:${proxy.port}` }).href, { poolSize })
  const server = await kit.another({}, db)
  return { server, proxy, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() }
}
