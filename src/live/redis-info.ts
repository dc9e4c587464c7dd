import { Cluster, type Redis } from 'ioredis'
import { openRedis } from './redis.ts'

export interface RedisInfo {
  readonly version: string
  readonly mode: 'server' | 'cluster' | 'sentinel'
  /** The best of some pings. */
  readonly milliseconds: number
  /** The memory that is used; of a cluster, by all of its primaries. */
  readonly bytes: number
  /** The most that it may use; null where there is no limit. */
  readonly maxBytes: number | null
}

const pings = 5

/** What is at the other end of open connections. Each command has its deadline. */
export async function readRedisInfo(url: string, commands: Redis | Cluster): Promise<RedisInfo> {
  const nodes = commands instanceof Cluster ? commands.nodes('master') : [commands]
  const infos = await Promise.all(nodes.map((node) => node.info()))
  let milliseconds = Infinity
  for (let at = 0; at < pings; at++) {
    const askedAt = performance.now()
    await nodes[0]!.ping()
    milliseconds = Math.min(milliseconds, performance.now() - askedAt)
  }
  const sumOf = (field: string): number => infos.reduce((sum, info) => sum + Number(fieldOf(info, field) ?? 0), 0)
  return {
    version: fieldOf(infos[0]!, 'redis_version') ?? 'unknown',
    mode: commands instanceof Cluster ? 'cluster' : /^rediss?\+sentinel:/.test(url) ? 'sentinel' : 'server',
    milliseconds: Math.round(milliseconds * 100) / 100,
    bytes: sumOf('used_memory'),
    maxBytes: sumOf('maxmemory') || null,
  }
}

const fieldOf = (info: string, field: string): string | undefined => new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1]

/** Connects as a start does, and asks what is there; undefined without Redis. It throws a sentence that begins with the setting. */
export function redisReader({ REDIS_URL: url }: { readonly REDIS_URL?: string | undefined }) {
  if (url === undefined) return undefined
  return async (): Promise<RedisInfo> => {
    const { commands, close } = await openRedis(url, { away: () => {}, back: () => {} })
    try {
      return await readRedisInfo(url, commands)
    } finally {
      close()
    }
  }
}
