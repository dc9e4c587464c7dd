import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Certificates } from './certificates.ts'
import { freePort } from './free-port.ts'
import { startRedisServer, toPortSettings, type RedisServer } from './redis-server.ts'
import { makeScratch } from './scratch.ts'
import { startServerProcess } from './server-process.ts'
import { redisCommand } from './system-command.ts'
import { waitFor } from './wait.ts'

/** Two real Redis servers, and three real sentinels that make one of them the primary. */
export interface RedisSentinels extends AsyncDisposable {
  readonly servers: readonly [RedisServer, RedisServer]
  readonly sentinels: readonly Sentinel[]
  /** What `REDIS_URL` takes. */
  readonly url: string
  /** The server that the sentinels agree to be the primary, with the other one as its replica, and both well. */
  settled(): Promise<{ readonly primary: RedisServer; readonly replica: RedisServer }>
}

export interface Sentinel extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly pid: number
}

export const primaryName = 'fone'

export interface SentinelOptions {
  /** Asked of clients by the servers. */
  readonly password?: string | undefined
  /** Asked of clients by the sentinels. */
  readonly sentinelPassword?: string | undefined
  /** All speak TLS and nothing else, with clients and with each other. */
  readonly certificates?: Certificates | undefined
}

export async function startRedisSentinels({
  password,
  sentinelPassword,
  certificates,
}: SentinelOptions = {}): Promise<RedisSentinels> {
  await using started = new AsyncDisposableStack()
  const authentication = password === undefined ? [] : ['--requirepass', password, '--masterauth', password]
  // Replicas are copied to at once.
  const args = ['--repl-diskless-sync', 'yes', '--repl-diskless-sync-delay', '0', ...authentication]
  const first = started.use(await startRedisServer({ certificates, args }))
  const second = started.use(
    await startRedisServer({ certificates, args: [...args, '--replicaof', '127.0.0.1', String(first.port)] }),
  )
  const start = async () => started.use(await startSentinel(first.port, { password, sentinelPassword, certificates }))
  const sentinels = await Promise.all([start(), start(), start()])
  const servers = [first, second] as const
  const settled = async () => {
    const port = await waitFor(() => agreedPrimary(sentinels, sentinelPassword, certificates), {
      timeout: 30_000,
      interval: 100,
    })
    const [primary, replica] = port === first.port ? servers : [second, first]
    return { primary, replica }
  }
  await settled()
  const query = sentinelPassword === undefined ? '' : `?sentinel_password=${sentinelPassword}`
  const credentials = password === undefined ? '' : `:${password}@`
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')
  const all = started.move()
  return {
    servers,
    sentinels,
    url: `${certificates ? 'rediss' : 'redis'}+sentinel://${credentials}${hosts}/${primaryName}${query}`,
    settled,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

async function startSentinel(primaryPort: number, options: SentinelOptions): Promise<Sentinel> {
  const scratch = await makeScratch()
  try {
    const port = await freePort()
    const file = join(scratch.path, 'sentinel.conf')
    const { password, sentinelPassword, certificates } = options
    const lines = [
      ...toPortSettings(port, certificates).map((setting) => setting.join(' ')),
      'bind 127.0.0.1',
      `dir ${scratch.path}`,
      `sentinel monitor ${primaryName} 127.0.0.1 ${primaryPort} 2`,
      `sentinel down-after-milliseconds ${primaryName} 1000`,
      `sentinel failover-timeout ${primaryName} 3000`,
      ...(password === undefined ? [] : [`sentinel auth-pass ${primaryName} ${password}`]),
      ...(sentinelPassword === undefined ? [] : [`requirepass ${sentinelPassword}`]),
    ]
    await writeFile(file, `${lines.join('\n')}\n`)
    const args = [file, '--sentinel']
    const server = await startServerProcess({ scratch, command: redisCommand(), args, ready: '+monitor' })
    return {
      port,
      url: `${certificates ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
      pid: server.pid,
      [Symbol.asyncDispose]: async () => {
        await server.end('SIGKILL')
        await scratch[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await scratch[Symbol.asyncDispose]()
    throw error
  }
}

/** The port that all sentinels name, once each of them knows the two others, and the replica follows that primary. */
async function agreedPrimary(
  sentinels: readonly Sentinel[],
  password: string | undefined,
  certificates: Certificates | undefined,
): Promise<number | undefined> {
  const views = await Promise.all(sentinels.map(({ port }) => viewOf(port, password, certificates)))
  const [first] = views
  const isSettled = views.every(
    ({ primary, flags, others, replicas }) =>
      primary === first!.primary &&
      flags === 'master' &&
      others === 2 &&
      replicas.length === 1 &&
      replicas[0]!.flags === 'slave' &&
      replicas[0]!.link === 'ok' &&
      replicas[0]!.primary === primary,
  )
  return isSettled ? first!.primary : undefined
}

async function viewOf(port: number, password: string | undefined, certificates: Certificates | undefined) {
  const tls = certificates && { tls: { ca: certificates.authority } }
  const sentinel = new Redis({ port, host: '127.0.0.1', ...(password !== undefined && { password }), ...tls })
  try {
    const primary = toRecord(await sentinel.call('SENTINEL', 'MASTER', primaryName))
    const replicas = ((await sentinel.call('SENTINEL', 'REPLICAS', primaryName)) as unknown[]).map(toRecord)
    return {
      primary: Number(primary['port']),
      flags: primary['flags'],
      others: Number(primary['num-other-sentinels']),
      replicas: replicas.map((each) => ({
        flags: each['flags'],
        link: each['master-link-status'],
        primary: Number(each['master-port']),
      })),
    }
  } finally {
    sentinel.disconnect()
  }
}

function toRecord(fields: unknown): Record<string, string> {
  const list = fields as string[]
  return Object.fromEntries(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1]!]] : [])))
}
