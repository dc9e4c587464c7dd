import { execFile } from 'node:child_process'
import { appendFile, chmod, chown, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../support/free-port.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { installPackages } from '../support/system-command.ts'
import { findSystemPostgres } from '../support/system-postgres.ts'
import { unprivilegedUser as user } from '../support/unprivileged-user.ts'

/** The folder of the tools for backups. */
function findTools(): string {
  const find = () => findSystemPostgres('pg_basebackup')
  const found = find()
  if (found !== undefined) return found
  installPackages(['postgresql'], 'the specs of restores need pg_basebackup and pg_dump')
  return find()!
}

/** A Postgres whose log goes to an archive, as docs/backup.md sets it up, in `folder`. */
export class ArchivedPostgres implements AsyncDisposable {
  readonly folder: string
  readonly port: number
  readonly #tools: string
  readonly #scratch: Scratch
  #server: ServerProcess | undefined

  private constructor(scratch: Scratch, port: number, tools: string) {
    this.#scratch = scratch
    this.folder = scratch.path
    this.port = port
    this.#tools = tools
  }

  static async start(): Promise<ArchivedPostgres> {
    const postgres = new ArchivedPostgres(await makeScratch(), await freePort(), findTools())
    try {
      await chmod(postgres.folder, 0o711)
      for (const name of ['data', 'wal', 'base', 'dumps']) {
        await mkdir(join(postgres.folder, name), { mode: 0o700 })
        if (user !== undefined) await chown(join(postgres.folder, name), user, user)
      }
      await postgres.run(
        'initdb',
        `--pgdata=${postgres.path('data')}`,
        '--username=postgres',
        '--auth=trust',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
      )
      await postgres.#begin('data')
      return postgres
    } catch (error) {
      await postgres[Symbol.asyncDispose]()
      throw error
    }
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  url(database = 'postgres'): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`
  }

  async #begin(data: string): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
      archive_mode: 'on',
      archive_command: `test ! -f ${this.path('wal')}/%f && cp %p ${this.path('wal')}/%f`,
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    this.#server = await startServerProcess({
      scratch: this.#scratch,
      command: join(this.#tools, 'postgres'),
      args: ['-D', this.path(data), '-p', String(this.port), ...options],
      ready: 'ready to accept connections',
      user,
    })
  }

  /** Runs one of Postgres's tools, as its user, and answers what it prints. */
  async run(tool: string, ...args: string[]): Promise<string> {
    const as = user === undefined ? {} : { uid: user, gid: user }
    const { stdout } = await promisify(execFile)(join(this.#tools, tool), args, { cwd: this.folder, ...as })
    return stdout.trim()
  }

  sql(database: string, statement: string): Promise<string> {
    return this.run('psql', '--no-psqlrc', '--tuples-only', '--no-align', '--command', statement, this.url(database))
  }

  /** Restores the base backup to a moment, in the place of the server that is lost, and starts it. */
  async recoverTo(moment: string): Promise<void> {
    await this.#server!.end('SIGQUIT')
    const restored = this.path('restored')
    await cp(this.path('base'), restored, { recursive: true })
    const lines = [
      `restore_command = 'cp ${this.path('wal')}/%f %p'`,
      `recovery_target_time = '${moment}'`,
      `recovery_target_action = 'promote'`,
    ]
    await appendFile(join(restored, 'postgresql.auto.conf'), `${lines.join('\n')}\n`)
    await writeFile(join(restored, 'recovery.signal'), '')
    if (user !== undefined) await promisify(execFile)('chown', ['-R', `${user}:${user}`, restored])
    await chmod(restored, 0o700)
    await this.#begin('restored')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.end('SIGQUIT')
    await this.#scratch[Symbol.asyncDispose]()
  }
}
