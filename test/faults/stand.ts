import postgres from 'postgres'
import { FaultProxy } from '../support/fault-proxy.ts'
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.ts'
import { startRedisServer } from '../support/redis-server.ts'
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { SupervisedProcess } from './supervised-process.ts'

const accountId = `AC${'5a'.repeat(16)}`
const authToken = 'the-token-of-the-fault-tests'

export interface StandOptions {
  readonly postgres?: Readonly<Record<string, string>>
  /** Where Postgres keeps its data. */
  readonly volume?: string
  /** For both processes, or for each. */
  readonly environment?: Readonly<Record<string, string>> | readonly Readonly<Record<string, string>>[]
}

/** Two processes that are one server, each with a proxy of its own before Postgres, and a receiver of webhooks. */
export interface Stand extends AsyncDisposable {
  readonly postgres: PostgresServer
  readonly processes: readonly [SupervisedProcess, SupervisedProcess]
  readonly proxies: readonly [FaultProxy, FaultProxy]
  readonly receiver: Receiver
  readonly authorization: string
  /** Runs a statement on Postgres itself, past the proxies and whatever it may be set to. */
  sql(statement: string): Promise<Record<string, unknown>[]>
  /** Runs a statement in a transaction that stays open until the answer is called. */
  hold(statement: string): Promise<() => Promise<void>>
  /** Processes that are new, whatever the old ones had come to. */
  restartProcesses(): Promise<void>
}

/** What the stand's own connections are called, to be left alone by the faults. */
export const onlooker = 'faults'

export async function startStand({ volume, environment = {}, ...options }: StandOptions = {}): Promise<Stand> {
  await using started = new AsyncDisposableStack()
  const [server, redis, receiver] = await Promise.all([
    startPostgresServer(
      { fsync: 'off', full_page_writes: 'off', max_connections: '60', ...options.postgres },
      { volume },
    ),
    startRedisServer(),
    openReceiver(),
  ])
  for (const each of [server, redis, receiver]) started.use(each)
  const start = async (at: number) => {
    const proxy = started.use(await FaultProxy.open({ host: '127.0.0.1', port: server.port }))
    const own = Array.isArray(environment) ? environment[at] : environment
    const chat = await SupervisedProcess.start({
      DATABASE_URL: `postgres://postgres@127.0.0.1:${proxy.port}/postgres`,
      REDIS_URL: redis.url,
      SECRET_KEY: 'cd'.repeat(32),
      ACCOUNT_SID: accountId,
      AUTH_TOKEN: authToken,
      WEBHOOK_NETWORKS: '127.0.0.0/8',
      LOG_LEVEL: 'fatal',
      ...own,
    })
    started.use(chat)
    return { proxy, chat }
  }
  // One after the other: the first migrates.
  const pairs = [await start(0), await start(1)] as const
  const processes = [pairs[0].chat, pairs[1].chat] as const
  const all = started.move()
  return {
    postgres: server,
    processes,
    proxies: [pairs[0].proxy, pairs[1].proxy],
    receiver,
    authorization: `Basic ${btoa(`${accountId}:${authToken}`)}`,
    sql: (statement) => runStatement(server.url(), statement),
    hold: async (statement) => {
      const client = openOnlooker(server.url())
      await client.unsafe(`BEGIN; ${statement}`)
      return () => client.end({ timeout: 0 })
    },
    restartProcesses: async () => {
      await Promise.all(
        processes.map(async (chat) => {
          await chat.end('SIGKILL')
          await chat.start()
        }),
      )
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

function openOnlooker(url: string): postgres.Sql {
  return postgres(url, {
    max: 1,
    onnotice: () => {},
    // Else a read-only database could not be made writable again.
    connection: { application_name: onlooker, default_transaction_read_only: false },
  })
}

async function runStatement(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = openOnlooker(url)
  try {
    return await client.unsafe(statement)
  } finally {
    await client.end({ timeout: 1 })
  }
}
