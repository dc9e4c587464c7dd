import { Redis } from 'ioredis'
import type { Certificates } from './certificates.ts'
import { freePort } from './free-port.ts'
import { makeScratch } from './scratch.ts'
import { startServerProcess } from './server-process.ts'
import { redisCommand } from './system-command.ts'
import { waitFor } from './wait.ts'

/** A real Redis of its own on a free port. It keeps nothing: every start is an empty one. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Another one after every start. */
  readonly pid: number
  /** Starts it again after `stop` or `crash`, on the same port. */
  start(): Promise<void>
  stop(): Promise<void>
  crash(): Promise<void>
}

export interface RedisOptions {
  /** One node that owns every slot of a Redis Cluster, instead of a server that knows of none. */
  readonly cluster?: boolean
  /** Speaks TLS and nothing else. */
  readonly certificates?: Certificates | undefined
  /** More arguments, as in `redis.conf`. */
  readonly args?: readonly string[]
}

/** As in `redis.conf`: the port, over TLS where there are certificates. */
export function toPortSettings(port: number, certificates: Certificates | undefined): [name: string, value: string][] {
  if (!certificates) return [['port', String(port)]]
  return [
    ['port', '0'],
    ['tls-port', String(port)],
    ['tls-cert-file', certificates.certificateFile],
    ['tls-key-file', certificates.keyFile],
    ['tls-ca-cert-file', certificates.authorityFile],
    ['tls-auth-clients', 'no'],
    ['tls-replication', 'yes'],
  ]
}

export async function startRedisServer({
  cluster = false,
  certificates,
  args: more = [],
}: RedisOptions = {}): Promise<RedisServer> {
  const command = redisCommand()
  const scratch = await makeScratch()
  try {
    const port = await freePort()
    const args = [
      ...toPortSettings(port, certificates).flatMap(([name, value]) => [`--${name}`, value]),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      scratch.path,
      ...more,
    ]
    if (cluster) args.push('--cluster-enabled', 'yes', '--cluster-port', String(await freePort()))
    const start = async () => {
      const server = await startServerProcess({ scratch, command, args, ready: 'Ready to accept connections' })
      if (cluster) await waitForSlots(port)
      return server
    }
    let server = await start()
    return {
      port,
      url: `${certificates ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
      get pid() {
        return server.pid
      },
      start: async () => {
        server = await start()
      },
      stop: () => server.end('SIGTERM'),
      crash: () => server.end('SIGKILL'),
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

/** Gives the node every slot where it has none yet, and waits until it serves them. */
async function waitForSlots(port: number): Promise<void> {
  const redis = new Redis(port, '127.0.0.1')
  try {
    const info = async () => String(await redis.call('CLUSTER', 'INFO'))
    if ((await info()).includes('cluster_slots_assigned:0')) await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await waitFor(async () => (await info()).includes('cluster_state:ok'))
  } finally {
    redis.disconnect()
  }
}
