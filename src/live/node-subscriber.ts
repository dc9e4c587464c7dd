import { ReplyError, type Redis } from 'ioredis'
import { replace } from './redis-node.ts'

/** Topics subscribed at once after a reconnect. Each batch has the time limit of one command. */
const batchSize = 1000

/** How long to wait after a refused subscription, in milliseconds. */
const refusedMilliseconds = 1000

export interface SubscriberParts {
  readonly onError: (error: unknown) => void
  /** Called when messages may have been lost, once new ones arrive again. */
  readonly onGap: () => void
}

/**
 * One connection that subscribes. The topics are kept and subscribed again here: the client's own way leaves rejected promises
 * unhandled and miscounts answers that were cut off (ioredis 5.11).
 */
export class NodeSubscriber {
  readonly #connection: Redis
  readonly #command: 'subscribe' | 'ssubscribe'
  readonly #parts: SubscriberParts
  readonly #topics = new Set<string>()

  /** The connection must not subscribe again by itself. `ssubscribe` is for nodes of a cluster. */
  constructor(connection: Redis, command: 'subscribe' | 'ssubscribe', parts: SubscriberParts) {
    this.#connection = connection
    this.#command = command
    this.#parts = parts
    // On an open connection it says that answers and commands no longer match, as after a slot of the cluster has moved.
    connection.on('error', (error: unknown) => (this.#isOpen() ? replace(connection) : parts.onError(error)))
    connection.on('ready', () => void this.#begin())
  }

  get connection(): Redis {
    return this.#connection
  }

  on(event: string, listener: (topic: string, message: string) => void): void {
    this.#connection.on(event, listener)
  }

  async #begin(): Promise<void> {
    const topics = [...this.#topics]
    try {
      for (let at = 0; at < topics.length; at += batchSize) {
        await Promise.all(topics.slice(at, at + batchSize).map((topic) => this.#request(topic)))
      }
      // Answered after all subscriptions of the meantime: nothing can slip between this gap and the first message.
      await this.#connection.ping()
    } catch (error) {
      this.#giveUp(error)
      return
    }
    this.#parts.onGap()
  }

  async #request(topic: string): Promise<void> {
    try {
      await this.#connection[this.#command](topic)
    } catch (error) {
      // A topic that was unsubscribed meanwhile, or that another node owns now, is refused: no error.
      if (this.#topics.has(topic)) throw error
    }
  }

  #giveUp(error: unknown): void {
    // A lost connection reconnects by itself.
    if (!this.#isOpen()) return
    this.#parts.onError(error)
    if (error instanceof ReplyError) setTimeout(() => replace(this.#connection), refusedMilliseconds).unref()
    else replace(this.#connection)
  }

  #isOpen(): boolean {
    return this.#connection.status === 'ready' && this.#connection.stream.writable
  }

  /** Resolves when the subscription has taken effect; where it cannot now, it takes effect before the next gap. */
  async subscribe(topic: string): Promise<void> {
    this.#topics.add(topic)
    if (!this.#isOpen()) return
    try {
      await this.#request(topic)
    } catch (error) {
      this.#giveUp(error)
    }
  }

  unsubscribe(topic: string): void {
    this.#topics.delete(topic)
    if (!this.#isOpen()) return
    const command = this.#command === 'subscribe' ? 'unsubscribe' : 'sunsubscribe'
    // Where this fails the connection has, and its successor does not ask for the topic.
    this.#connection[command](topic).catch(() => {})
  }

  close(): void {
    this.#connection.disconnect()
  }
}
