import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { makeScratch } from './scratch.ts'
import { startServerProcess } from './server-process.ts'
import { systemCommand } from './system-command.ts'
import { unprivilegedUser as user } from './unprivileged-user.ts'

/** A real PgBouncer that pools transactions, as Debian has it, before every database of a server. */
export interface Pooler extends AsyncDisposable {
  readonly port: number
}

export async function startPooler(postgres: { readonly port: number }): Promise<Pooler> {
  const command = systemCommand(['pgbouncer', '/usr/sbin/pgbouncer'], 'pgbouncer')
  const scratch = await makeScratch()
  try {
    const port = await freePort()
    const settings = join(scratch.path, 'pgbouncer.ini')
    // Few connections for many clients: a session is another one nearly every time.
    await writeFile(
      settings,
      `[databases]
* = host=127.0.0.1 port=${postgres.port} user=postgres pool_size=4
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
`,
    )
    if (user !== undefined) {
      await chmod(scratch.path, 0o711)
      await chmod(settings, 0o644)
    }
    const server = await startServerProcess({ scratch, command, args: [settings], ready: 'process up', user })
    return {
      port,
      [Symbol.asyncDispose]: async () => {
        await server.end('SIGINT')
        await scratch[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await scratch[Symbol.asyncDispose]()
    throw error
  }
}
