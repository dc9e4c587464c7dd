import { fetchExchange, mapExchange, subscriptionExchange, type Exchange, type Operation } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import type { Connection } from '../glue/connection.ts'
import { Positions, type StreamEvent } from '../glue/positions.ts'
import { createConfig, type Sender } from './config.ts'
import { MessageLists } from './lists.ts'
import { newestExchange, type NewestObjects } from './newest.ts'

/**
 * The exchanges of a client: the cache, HTTP with the token of the connection, and subscriptions over its WebSocket. A subscription of `events` keeps
 * the cache as it is on the server, also over broken connections. One is enough, since it covers all channels of the user. The client itself
 * takes `url` and `fetch` of the connection.
 */
export function createFonechatExchanges(connection: Connection, sender: Sender): Exchange[] {
  const lists = new MessageLists()
  const queries = new ActiveQueries()
  const newest: NewestObjects = new Map()
  return [
    queries.exchange,
    cacheExchange(createConfig(lists, sender)),
    readAgainExchange(lists, queries, newest),
    newestExchange(newest),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({
          unsubscribe: connection.subscribe({ query, variables: variables as never }, sink as never),
        }),
      }),
    }),
  ]
}

/** The queries that are shown, and which of them have an answer. */
class ActiveQueries {
  readonly #active = new Map<number, Operation>()
  readonly #answered = new Set<number>()

  readonly exchange = mapExchange({
    onOperation: (operation) => {
      if (operation.kind === 'query') this.#active.set(operation.key, operation)
      if (operation.kind !== 'teardown') return
      this.#active.delete(operation.key)
      this.#answered.delete(operation.key)
    },
    onResult: ({ operation, stale }) => {
      if (this.#active.has(operation.key) && !stale) this.#answered.add(operation.key)
    },
  })

  all(): readonly Operation[] {
    return [...this.#active.values()]
  }

  unanswered(): readonly Operation[] {
    return this.all().filter(({ key }) => !this.#answered.has(key))
  }
}

/** Reads again what a stream of `events` has missed. It stands on the side of the network, where events have their type names. */
function readAgainExchange(lists: MessageLists, queries: ActiveQueries, newest: NewestObjects): Exchange {
  const streams = new Map<number, Positions>()
  return (input) => {
    const { client } = input
    const readAgain = (operations: readonly Operation[]): void => {
      for (const operation of operations) {
        const context = { ...operation.context, requestPolicy: 'network-only' as const }
        client.reexecuteOperation(client.createRequestOperation('query', operation, context))
      }
    }
    return mapExchange({
      onOperation: ({ key, kind }) => {
        if (kind === 'teardown') streams.delete(key)
      },
      onResult: ({ operation, data }) => {
        const name = operation.kind === 'subscription' && eventsName(operation)
        if (!name || !data) return
        const event = (data as Record<string, unknown>)[name] as StreamEvent
        const isFirst = !streams.has(operation.key)
        const positions = streams.get(operation.key) ?? new Positions()
        streams.set(operation.key, positions)
        const missed = positions.take(event).filter((one) => lists.miss(one))
        // What the server has now is right, with whatever revision.
        if (missed.some(({ since }) => since === null)) newest.clear()
        if (missed.length > 0) readAgain(queries.all())
        // What is under way may have been read by the server before the stream began.
        else if (isFirst) readAgain(queries.unanswered())
      },
    })(input)
  }
}

/** What the document calls its `events`, if it has any. */
function eventsName({ query }: Operation): string | undefined {
  for (const definition of query.definitions) {
    if (definition.kind !== 'OperationDefinition') continue
    for (const field of definition.selectionSet.selections) {
      if (field.kind === 'Field' && field.name.value === 'events') return (field.alias ?? field.name).value
    }
  }
  return undefined
}
