import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from 'ioredis'
import { retryStrategy } from './redis-retry.ts'

type Listener = (topic: string, message: string) => void

/**
 * Subscribes on a Redis Cluster: the client holds a connection to each node that owns a topic, and subscribes again when one was lost or
 * slots have moved. A client that has given up all nodes is not used again but replaced: one of ioredis that does so while it is
 * connecting to a node waits for that connection for ever, and subscribes to nothing any more (5.11).
 */
export class ClusterSubscriber {
  readonly #open: () => Cluster
  readonly #onError: (error: unknown) => void
  readonly #topics = new Set<string>()
  readonly #listeners: (readonly [event: string, listener: Listener])[] = []
  readonly #gapListeners: (() => void)[] = []
  #cluster!: Cluster
  #ended!: Promise<never>
  #isClosed = false

  /** `open` makes a client that does not connect again by itself once it has given up. */
  constructor(open: () => Cluster, onError: (error: unknown) => void) {
    this.#open = open
    this.#onError = onError
    this.#begin()
  }

  #begin(): void {
    const cluster = this.#open()
    cluster.on('error', this.#onError)
    cluster.on('subscribersReady', () => this.#tellGap())
    for (const [event, listener] of this.#listeners) cluster.on(event, listener)
    this.#cluster = cluster
    this.#ended = new Promise((_resolve, reject) => {
      cluster.once('end', () => {
        reject(new Error('the Redis Cluster does not answer'))
        if (!this.#isClosed) void this.#renew()
      })
    })
    this.#ended.catch(() => {})
  }

  async #renew(): Promise<void> {
    await delay(retryStrategy(1), undefined, { ref: false })
    if (this.#isClosed) return
    this.#begin()
    const cluster = this.#cluster
    await Promise.all(Array.from(this.#topics, (topic) => this.#ask(topic)))
    if (cluster === this.#cluster) this.#tellGap()
  }

  #tellGap(): void {
    for (const listener of this.#gapListeners) listener()
  }

  /** Resolves when the subscription has taken effect, however long that takes, or nobody asks for it any more. */
  async #ask(topic: string): Promise<void> {
    for (let attempt = 1; !this.#isClosed && this.#topics.has(topic); attempt++) {
      try {
        await Promise.race([this.#cluster.ssubscribe(topic), this.#ended])
        return
      } catch (error) {
        this.#onError(error)
        await delay(retryStrategy(attempt), undefined, { ref: false })
      }
    }
  }

  on(event: string, listener: Listener): void {
    this.#listeners.push([event, listener])
    this.#cluster.on(event, listener)
  }

  subscribe(topic: string, done: () => void): void {
    this.#topics.add(topic)
    void this.#ask(topic).then(() => {
      if (!this.#isClosed) done()
    })
  }

  unsubscribe(topic: string): void {
    this.#topics.delete(topic)
    void this.#cluster.sunsubscribe(topic).catch(this.#onError)
  }

  /** Patterns are not used; it is called all the same. */
  punsubscribe(): void {}

  /** Calls back when messages may have been lost, once new ones arrive again. */
  onGap(listener: () => void): void {
    this.#gapListeners.push(listener)
  }

  close(): void {
    this.#isClosed = true
    this.#cluster.disconnect()
  }
}
