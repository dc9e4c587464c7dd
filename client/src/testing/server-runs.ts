import { randomBytes } from 'node:crypto'
import { cp, lstat, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runServerCommand, startServerProcess, type ServerProcess } from './server-process.ts'

/** The runs of one server on one data directory, one after the other. */
export class ServerRuns {
  readonly authToken = randomBytes(16).toString('hex')
  readonly data: string
  readonly #backup: string
  readonly #server: string | undefined
  readonly #environment: Readonly<Record<string, string>>
  #current: ServerProcess | undefined

  constructor(
    directory: string,
    {
      server,
      settings,
    }: { readonly server?: string | undefined; readonly settings?: Readonly<Record<string, string>> | undefined },
  ) {
    this.data = join(directory, 'data')
    this.#backup = join(directory, 'backup')
    this.#server = server
    this.#environment = { ...settings, DATA_DIR: this.data, AUTH_TOKEN: this.authToken }
  }

  /** @throws While the server does not run. */
  get current(): ServerProcess {
    if (!this.#current) throw new Error('the server does not run: it was stopped, or starts again at this moment')
    return this.#current
  }

  get port(): number | undefined {
    return this.#current?.port
  }

  async start(): Promise<void> {
    await mkdir(this.data, { recursive: true })
    this.#current = await startServerProcess(this.#server, this.#environment)
  }

  async kill(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    await current?.kill()
  }

  async gap(work: () => Promise<unknown>): Promise<void> {
    await this.kill()
    await copyData(this.data, this.#backup)
    await this.start()
    await work()
    await this.kill()
    await rm(this.data, { recursive: true })
    await copyData(this.#backup, this.data)
    await rm(this.#backup, { recursive: true })
    await runServerCommand('restored', this.#server, this.#environment)
    await this.start()
  }
}

/** Copies a data directory of a server that does not run. Node does not copy the socket that one which was killed leaves in it. */
export async function copyData(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, filter: async (path) => !(await lstat(path)).isSocket() })
}
