import { Cluster } from 'ioredis'
import { openRedis } from './redis.ts'

export interface RedisInfo {
  readonly version: string
  readonly mode: 'server' | 'cluster' | 'sentinel'
  /** The best of some pings. */
  readonly milliseconds: number
}

const pings = 5

/** Connects as a start does, and asks what is there. Throws a sentence that begins with the setting. */
export async function readRedisInfo(url: string): Promise<RedisInfo> {
  const { commands, close } = await openRedis(url, { away: () => {}, back: () => {} })
  try {
    const node = commands instanceof Cluster ? commands.nodes('master')[0]! : commands
    const info = await node.info('server')
    let milliseconds = Infinity
    for (let at = 0; at < pings; at++) {
      const askedAt = performance.now()
      await node.ping()
      milliseconds = Math.min(milliseconds, performance.now() - askedAt)
    }
    return {
      version: /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown',
      mode: commands instanceof Cluster ? 'cluster' : /^rediss?\+sentinel:/.test(url) ? 'sentinel' : 'server',
      milliseconds: Math.round(milliseconds * 100) / 100,
    }
  } finally {
    close()
  }
}
