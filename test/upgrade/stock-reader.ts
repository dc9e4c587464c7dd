import { print } from 'graphql'
import { createClient, type Client, type ClientOptions } from 'graphql-ws'
import { WebSocket } from 'ws'
import { MessageBodiesDocument } from '../../schema/generated/graphql.ts'

interface ReaderOptions {
  readonly url: string
  readonly identity: string
  readonly token: string
  readonly channelId: string
  /** When to try again and how often, where a server is away for longer than it is patient by itself. */
  readonly retries?: Pick<ClientOptions, 'shouldRetry' | 'retryAttempts' | 'retryWait'>
}

/** A client of graphql-ws as it comes, which names its device and mostly sets nothing else. */
export class StockReader implements AsyncDisposable {
  readonly indexes: number[] = []
  /** How many it had when each of its connections began. */
  readonly #connections: number[] = []
  readonly #client: Client
  #end: string | undefined

  constructor({ url, identity, token, channelId, retries }: ReaderOptions) {
    this.#client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      ...retries,
      connectionParams: { token, deviceId: identity },
      on: { connected: () => this.#connections.push(this.indexes.length) },
    })
    this.#client.subscribe<{ messageAdded: { index: number } }>(
      { query: print(MessageBodiesDocument), variables: { channelId } },
      {
        next: ({ data, errors }) => {
          if (data) this.indexes.push(data.messageAdded.index)
          else this.#end = JSON.stringify(errors)
        },
        error: (error) => {
          this.#end = JSON.stringify(error)
        },
        complete: () => {
          this.#end ??= 'it completed'
        },
      },
    )
  }

  /** What it lacks, or got in another order. A connection may begin with what the one before has not confirmed. */
  findFaults(count: number): string[] {
    const faults = this.#end === undefined ? [] : [`the stock client ended: ${this.#end}`]
    const seen = new Set(this.indexes)
    for (let index = 0; index < count; index++) if (!seen.has(index)) faults.push(`the stock client lacks ${index}`)
    this.indexes.forEach((index, at) => {
      const isFirst = this.#connections.includes(at)
      if (at > 0 && !isFirst && index !== this.indexes[at - 1]! + 1)
        faults.push(`it got ${index} after ${this.indexes[at - 1]}`)
    })
    return faults
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end ??= 'disposed'
    await this.#client.dispose()
  }
}
