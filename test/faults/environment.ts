import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.ts'
import { startRedisServer, type RedisServer } from '../support/redis-server.ts'
import { makeScratch, type Scratch } from '../support/scratch.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { backendAuthorization, settingsOf } from './stand.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** A process of fonechat that can be killed and started again on the same port. */
export class ChatProcess {
  readonly url: string
  readonly #port: number
  readonly #scratch: Scratch
  readonly #environment: Record<string, string>
  #process: ServerProcess | undefined

  constructor(port: number, scratch: Scratch, environment: Record<string, string>) {
    this.url = `http://127.0.0.1:${port}`
    this.#port = port
    this.#scratch = scratch
    this.#environment = environment
  }

  async start(): Promise<void> {
    this.#process = await startServerProcess({
      scratch: this.#scratch,
      command: process.execPath,
      args: [main],
      ready: 'fonechat is ready',
      environment: { ...this.#environment, PORT: String(this.#port) },
    })
  }

  /** Bytes of memory it holds. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#process!.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    await this.#process?.end(signal)
  }
}

/** One Postgres, one Redis and two processes that are one server. */
export interface Environment extends AsyncDisposable {
  readonly postgres: PostgresServer
  readonly redis: RedisServer
  readonly processes: readonly [ChatProcess, ChatProcess]
  readonly authorization: string
}

export async function startEnvironment(): Promise<Environment> {
  await using started = new AsyncDisposableStack()
  const postgres = started.use(await startPostgresServer())
  const redis = started.use(await startRedisServer())
  const start = async (): Promise<ChatProcess> => {
    const scratch = started.use(await makeScratch())
    const chat = new ChatProcess(await freePort(), scratch, settingsOf(postgres.url(), redis.url))
    await chat.start()
    started.defer(() => chat.end('SIGKILL'))
    return chat
  }
  const processes = [await start(), await start()] as const
  const all = started.move()
  return {
    postgres,
    redis,
    processes,
    authorization: backendAuthorization,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
