import { Redis } from 'ioredis'
import { startRedisServer, type RedisServer } from './redis-server.ts'
import { waitFor } from './wait.ts'

/** A real Redis Cluster of three nodes, each of which owns a third of the slots. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly [RedisServer, RedisServer, RedisServer]
  /** Names one node: the others are found. */
  readonly url: string
}

const slotCount = 16_384

export async function startRedisCluster(): Promise<RedisCluster> {
  await using started = new AsyncDisposableStack()
  const start = async () => started.use(await startRedisServer({ cluster: true }))
  const nodes = [await start(), await start(), await start()] as const
  await shareSlots(nodes)
  const all = started.move()
  return { nodes, url: nodes[0].url, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Each node has every slot when it starts; an epoch of its own keeps any two from claiming the same afterwards. */
async function shareSlots(nodes: readonly RedisServer[]): Promise<void> {
  const clients = nodes.map(({ url }) => new Redis(url))
  try {
    for (const [at, client] of clients.entries()) {
      const [from, to] = [at, at + 1].map((part) => Math.ceil((slotCount * part) / nodes.length))
      await client.call('CLUSTER', 'FLUSHSLOTS')
      await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to! - 1))
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1))
    }
    const [first, ...others] = clients
    for (const [at, client] of others.entries()) {
      const [, busPort] = (await client.config('GET', 'cluster-port')) as [string, string]
      await first!.call('CLUSTER', 'MEET', '127.0.0.1', String(nodes[at + 1]!.port), busPort)
    }
    const infos = () => Promise.all(clients.map(async (client) => String(await client.call('CLUSTER', 'INFO'))))
    await waitFor(async () =>
      (await infos()).every((info) => info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')),
    )
  } finally {
    for (const client of clients) client.disconnect()
  }
}
