import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { findPostgresBinaries } from './postgres-binaries.ts'
import { isRunning } from './process-sockets.ts'
import { makeScratch } from './scratch.ts'
import { startServerProcess } from './server-process.ts'

/** A real Postgres of its own, on a free port and in a temporary folder. */
export interface PostgresServer extends AsyncDisposable {
  readonly port: number
  /** Where its data is. */
  readonly data: string
  /** Of the main process; another one after every start. */
  readonly pid: number
  /** The address of a database, of the maintenance database when none is named. */
  url(database?: string): string
  /** Starts it again after `stop` or `crash`, on the same port with the same data. */
  start(): Promise<void>
  /** The same where it may have given up by itself. */
  startIfStopped(): Promise<void>
  /** Cuts every connection and shuts down in order. */
  stop(): Promise<void>
  /** Starts it after `stop` as after a restore from an archive, or as a standby that becomes the primary: on another timeline. */
  recover(): Promise<void>
  /** Ends every process at once, as a crash does; the next start recovers from the log. */
  crash(): Promise<void>
}

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  /** An archive with nothing in it. */
  restore_command: 'false',
}

/** What was committed survives the death of the process, though not of the machine: the system has it. */
const unsynced = { fsync: 'off', full_page_writes: 'off' }

interface PostgresPlace {
  /** An existing directory, in the place of a temporary one, for its data. */
  readonly volume?: string | undefined
  /** Begins as a copy of this one, which must be stopped while it is made, and follows it from then on. */
  readonly standbyOf?: PostgresServer | undefined
}

export async function startPostgresServer(
  more: Readonly<Record<string, string>> = unsynced,
  { volume, standbyOf }: PostgresPlace = {},
): Promise<PostgresServer> {
  const scratch = await makeScratch()
  try {
    const { initdb, postgres, user } = await findPostgresBinaries(scratch)
    const data = join(volume ?? scratch.path, 'data')
    if (user !== undefined) await chmod(scratch.path, 0o711)
    if (standbyOf) {
      await promisify(execFile)('cp', ['--archive', standbyOf.data, data])
      await writeFile(join(data, 'standby.signal'), '')
    } else {
      await mkdir(data, { mode: 0o700 })
      if (user !== undefined) await chown(data, user, user)
      await promisify(execFile)(
        initdb,
        [`--pgdata=${data}`, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
        { cwd: scratch.path, ...(user !== undefined && { uid: user, gid: user }) },
      )
    }
    const port = await freePort()
    const following = standbyOf && { primary_conninfo: `host=127.0.0.1 port=${standbyOf.port} user=postgres` }
    const options = Object.entries({ ...settings, ...more, ...following }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    const start = () =>
      startServerProcess({
        scratch,
        command: postgres,
        args: ['-D', data, '-p', String(port), ...options],
        // One that recovers announces read-only connections first.
        ready: `ready to accept ${existsSync(join(data, 'standby.signal')) ? 'read-only ' : ''}connections`,
        user,
      })
    let server = await start()
    return {
      port,
      data,
      get pid() {
        return server.pid
      },
      url: (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`,
      start: async () => {
        server = await start()
      },
      startIfStopped: async () => {
        if (!isRunning(server.pid)) server = await start()
      },
      stop: () => server.end('SIGINT'),
      recover: async () => {
        await writeFile(join(data, 'recovery.signal'), '', { mode: 0o644 })
        server = await start()
      },
      crash: () => server.end('SIGQUIT'),
      [Symbol.asyncDispose]: async () => {
        await server.end('SIGQUIT')
        await scratch[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await scratch[Symbol.asyncDispose]()
    throw error
  }
}
