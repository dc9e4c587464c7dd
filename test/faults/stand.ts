import connect from 'postgres'
import { FaultProxy } from '../support/fault-proxy.ts'
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.ts'
import { startRedisServer } from '../support/redis-server.ts'
import { waitFor } from '../support/wait.ts'
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { SupervisedProcess } from './supervised-process.ts'
import { silenceSeconds } from './text-writer.ts'

const accountId = `AC${'5a'.repeat(16)}`
const authToken = 'the-token-of-the-fault-tests'

/** What the backend of every stand signs in with. */
export const backendAuthorization = `Basic ${btoa(`${accountId}:${authToken}`)}`

/** What a process of a stand is started with, and nothing besides that it could do without. */
export function settingsOf(databaseUrl: string, redisUrl: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    SECRET_KEY: 'cd'.repeat(32),
    ACCOUNT_SID: accountId,
    AUTH_TOKEN: authToken,
    WEBHOOK_NETWORKS: '127.0.0.0/8',
    STREAM_SILENCE_SECONDS: String(silenceSeconds),
    LOG_LEVEL: 'fatal',
  }
}

const unsynced = { fsync: 'off', full_page_writes: 'off' }

/** Few enough that others can take them all. */
const max_connections = '60'

export interface StandOptions {
  /** Where Postgres keeps its data. */
  readonly volume?: string
  readonly hasStandby?: boolean
  /** The program of both processes, where it is not that of this version. */
  readonly main?: string
  /** For both processes, or for each. */
  readonly environment?: Readonly<Record<string, string>> | readonly Readonly<Record<string, string>>[]
}

/** Two processes that are one server, each with a proxy of its own before Postgres, and a receiver of webhooks. */
export interface Stand extends AsyncDisposable {
  /** The one that is written to. */
  readonly postgres: PostgresServer
  /** Another one that has all that `postgres` has acknowledged. */
  readonly standby: PostgresServer | undefined
  readonly processes: readonly [SupervisedProcess, SupervisedProcess]
  readonly proxies: readonly [FaultProxy, FaultProxy]
  readonly receiver: Receiver
  readonly authorization: string
  /** Runs a statement on Postgres itself, past the proxies and whatever it may be set to. */
  sql(statement: string): Promise<Record<string, unknown>[]>
  /** Runs a statement in a transaction that stays open until the answer is called. */
  hold(statement: string): Promise<() => Promise<void>>
  /** Postgres is the standby from now on. */
  moveToStandby(): void
  /** Ends what faults have left behind; processes that have come to no good are new ones then. */
  clean(options: { readonly isSpoilt: boolean }): Promise<void>
}

/** What the stand's own connections are called, to be left alone by the faults. */
export const onlooker = 'faults'

export async function startStand({
  volume,
  hasStandby = false,
  environment = {},
  main,
}: StandOptions = {}): Promise<Stand> {
  await using started = new AsyncDisposableStack()
  const [server, redis, receiver] = await Promise.all([
    startPostgresServer({ ...unsynced, max_connections }, { volume }),
    startRedisServer(),
    openReceiver(),
  ])
  for (const each of [server, redis, receiver]) started.use(each)
  const standby = hasStandby ? started.use(await startStandby(server)) : undefined
  let postgres = server
  const start = async (at: number) => {
    const proxy = started.use(await FaultProxy.open({ host: '127.0.0.1', port: server.port }))
    const own = Array.isArray(environment) ? environment[at] : environment
    const databaseUrl = `postgres://postgres@127.0.0.1:${proxy.port}/postgres`
    const chat = await SupervisedProcess.start({ ...settingsOf(databaseUrl, redis.url), ...own }, main)
    started.use(chat)
    return { proxy, chat }
  }
  // One after the other: the first migrates.
  const pairs = [await start(0), await start(1)] as const
  const processes = [pairs[0].chat, pairs[1].chat] as const
  const all = started.move()
  return {
    get postgres() {
      return postgres
    },
    standby,
    processes,
    proxies: [pairs[0].proxy, pairs[1].proxy],
    receiver,
    authorization: backendAuthorization,
    sql: (statement) => runStatement(postgres.url(), statement),
    hold: async (statement) => {
      const client = openOnlooker(postgres.url())
      await client.unsafe(`BEGIN; ${statement}`)
      return () => client.end({ timeout: 0 })
    },
    moveToStandby: () => {
      postgres = standby!
    },
    clean: async ({ isSpoilt }) => {
      for (const { proxy, chat } of pairs) {
        if (isSpoilt) await chat.end('SIGKILL')
        await proxy.heal({ isLost: true })
        for (const link of proxy.links) if (isSpoilt || link.isSwallowed) link.reset()
        if (isSpoilt) await chat.start()
      }
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** It follows at once, and the primary acknowledges nothing that it does not have. */
async function startStandby(primary: PostgresServer): Promise<PostgresServer> {
  await primary.stop()
  const standby = await startPostgresServer({ ...unsynced, max_connections }, { standbyOf: primary })
  await primary.start()
  await runStatement(primary.url(), "ALTER SYSTEM SET synchronous_standby_names = '*'")
  await runStatement(primary.url(), 'SELECT pg_reload_conf()')
  await waitFor(async () => {
    const [row] = await runStatement(primary.url(), 'SELECT sync_state FROM pg_stat_replication')
    return row?.['sync_state'] === 'sync'
  })
  return standby
}

function openOnlooker(url: string): connect.Sql {
  return connect(url, {
    max: 1,
    onnotice: () => {},
    // Else a read-only database could not be made writable again.
    connection: {
      application_name: onlooker,
      options: '-c default_transaction_read_only=off',
      statement_timeout: 15_000,
    },
    connect_timeout: 5,
  })
}

export async function runStatement(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = openOnlooker(url)
  try {
    return await client.unsafe(statement)
  } finally {
    await client.end({ timeout: 1 })
  }
}
