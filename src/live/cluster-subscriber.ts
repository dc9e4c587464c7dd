import { Command, type Cluster, type Redis } from 'ioredis'
import { NodeSubscriber, type SubscriberParts } from './node-subscriber.ts'

type Listener = (topic: string, message: string) => void

/**
 * Subscribes on a Redis Cluster: a connection to each node that has slots, and each topic on the node that owns it (sharded pub/sub),
 * as the client of the commands knows it. The client's own sharded subscribers do not notice a connection that is dead without having
 * been closed, and may wait for ever when all nodes are lost at once (ioredis 5.11).
 */
export class ClusterSubscriber {
  readonly #cluster: Cluster
  readonly #open: (node: string) => Redis
  readonly #parts: SubscriberParts
  readonly #nodes = new Map<string, NodeSubscriber>()
  /** The node at which each topic is subscribed. */
  readonly #topics = new Map<string, NodeSubscriber | undefined>()
  readonly #listeners: (readonly [event: string, listener: Listener])[] = []
  #owners: readonly (string | undefined)[] = []

  /** The client must be ready. `open` connects to a node, named as the client does. */
  constructor(cluster: Cluster, open: (node: string) => Redis, parts: SubscriberParts) {
    this.#cluster = cluster
    this.#open = open
    this.#parts = parts
    this.#place()
    cluster.on('refresh', () => this.#place())
  }

  get connections(): readonly Redis[] {
    return Array.from(this.#nodes.values(), ({ connection }) => connection)
  }

  /** Follows slots to their owners. */
  #place(): void {
    const owners = Array.from(this.#cluster.slots, (nodes) => nodes?.[0])
    if (owners.length === this.#owners.length && owners.every((node, slot) => node === this.#owners[slot])) return
    this.#owners = owners
    const named = new Set(owners)
    for (const [name, node] of this.#nodes) {
      if (named.has(name)) continue
      node.close()
      this.#nodes.delete(name)
    }
    for (const name of named)
      if (name !== undefined && !this.#nodes.has(name)) this.#nodes.set(name, this.#connect(name))
    const moves: Promise<void>[] = []
    for (const [topic, before] of this.#topics) {
      const after = this.#ownerOf(topic)
      if (after === before) continue
      before?.unsubscribe(topic)
      this.#topics.set(topic, after)
      if (after) moves.push(after.subscribe(topic))
    }
    if (moves.length > 0) void Promise.all(moves).then(this.#parts.onGap)
  }

  #connect(name: string): NodeSubscriber {
    const connection = this.#open(name)
    // The client keeps this answer to itself, and a lost node says that a replica may own its slots by now: each failing attempt
    // to reach it looks again.
    for (const event of ['moved', 'close']) connection.on(event, () => this.#cluster.refreshSlotsCache())
    const node = new NodeSubscriber(connection, 'ssubscribe', this.#parts)
    for (const [event, listener] of this.#listeners) node.on(event, listener)
    return node
  }

  #ownerOf(topic: string): NodeSubscriber | undefined {
    const owner = this.#owners[new Command('ssubscribe', [topic]).getSlot()!]
    return owner === undefined ? undefined : this.#nodes.get(owner)
  }

  on(event: string, listener: Listener): void {
    this.#listeners.push([event, listener])
    for (const node of this.#nodes.values()) node.on(event, listener)
  }

  async subscribe(topic: string): Promise<void> {
    const node = this.#ownerOf(topic)
    this.#topics.set(topic, node)
    await node?.subscribe(topic)
  }

  unsubscribe(topic: string): void {
    this.#topics.get(topic)?.unsubscribe(topic)
    this.#topics.delete(topic)
  }

  close(): void {
    for (const node of this.#nodes.values()) node.close()
  }
}
