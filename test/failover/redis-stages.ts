import { startRedisCluster } from '../support/redis-cluster.ts'
import { startRedisSentinels } from '../support/redis-sentinel.ts'

/** Something of Redis that breaks. Each has a Redis of its own. */
export interface RedisStage {
  readonly name: string
  start(): Promise<BreakableRedis>
}

interface BreakableRedis extends AsyncDisposable {
  readonly url: string
  break(): unknown
}

export const redisStages: readonly RedisStage[] = [
  {
    name: 'Redis: a node of the cluster killed',
    start: async () => {
      const cluster = await startRedisCluster({ replicas: true })
      return {
        url: cluster.url,
        break: () => cluster.nodes[1].crash(),
        [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
      }
    },
  },
  {
    name: 'Redis: the primary of sentinels killed',
    start: async () => {
      const sentinels = await startRedisSentinels()
      const { primary } = await sentinels.settled()
      return {
        url: sentinels.url,
        break: () => primary.crash(),
        [Symbol.asyncDispose]: () => sentinels[Symbol.asyncDispose](),
      }
    },
  },
]
