import { Redis } from 'ioredis'
import { startRedisServer, type RedisServer } from './redis-server.ts'
import { waitFor } from './wait.ts'

/** A real Redis Cluster of three nodes, each of which owns a third of the slots. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly [RedisServer, RedisServer, RedisServer]
  /** One of each node, in their order, where they were asked for. */
  readonly replicas: readonly RedisServer[]
  /** Names one node: the others are found. */
  readonly url: string
}

const slotCount = 16_384

export interface RedisClusterOptions {
  /** Gives each node a replica, which takes its slots over when it has been silent for a second. */
  readonly replicas?: boolean
}

export async function startRedisCluster({ replicas = false }: RedisClusterOptions = {}): Promise<RedisCluster> {
  await using started = new AsyncDisposableStack()
  const args = replicas ? ['--cluster-node-timeout', '1000', '--repl-diskless-sync-delay', '0'] : []
  const start = async () => started.use(await startRedisServer({ cluster: true, args }))
  const [followers, ...nodes] = await Promise.all([
    replicas ? Promise.all([start(), start(), start()]) : [],
    start(),
    start(),
    start(),
  ])
  await shareSlots(nodes)
  await Promise.all(followers.map((follower, at) => follow(follower, nodes[at]!)))
  if (replicas) await waitFor(() => areReplicated(nodes))
  const all = started.move()
  return { nodes, replicas: followers, url: nodes[0].url, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Makes a node of its own a replica of one in the cluster. */
async function follow(follower: RedisServer, node: RedisServer): Promise<void> {
  const [client, leader] = [new Redis(follower.url), new Redis(node.url)]
  try {
    await client.call('CLUSTER', 'FLUSHSLOTS')
    await client.call('CLUSTER', 'RESET', 'HARD')
    const [, busPort] = (await leader.config('GET', 'cluster-port')) as [string, string]
    await client.call('CLUSTER', 'MEET', '127.0.0.1', String(node.port), busPort)
    const id = String(await leader.call('CLUSTER', 'MYID'))
    await waitFor(async () => (await client.call('CLUSTER', 'REPLICATE', id)) === 'OK')
  } finally {
    client.disconnect()
    leader.disconnect()
  }
}

/** Whether every node has a replica that all nodes know of. */
async function areReplicated(nodes: readonly RedisServer[]): Promise<boolean> {
  const views = await Promise.all(
    nodes.map(async ({ url }) => {
      const client = new Redis(url)
      try {
        const replication = await client.info('replication')
        return { slots: await client.cluster('SLOTS'), isFollowed: replication.includes('state=online') }
      } finally {
        client.disconnect()
      }
    }),
  )
  return views.every(
    ({ slots, isFollowed }) => isFollowed && slots.length === 3 && slots.every((each) => each.length === 4),
  )
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
