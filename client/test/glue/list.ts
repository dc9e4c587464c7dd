import { ApolloClient } from '@apollo/client'
import { Client, type TypedDocumentNode } from '@urql/core'
import { waitFor } from '../../../test/support/wait.ts'
import { createFonechatCache, createFonechatLink, followEvents } from '../../src/apollo/index.ts'
import type { Connection } from '../../src/glue/connection.ts'
import { createFonechatExchanges } from '../../src/urql/index.ts'
import { Live } from './documents.ts'
import { GatedConnection } from './gated.ts'

type Variables = Record<string, unknown>

/** A list on a stock client with the glue, and events. */
export interface ListTab {
  readonly errors: readonly unknown[]
  data(): unknown
  readMore(after: string): Promise<void>
  readAgain(): Promise<void>
  /** Resolves when the events have begun. */
  isLive(): Promise<void>
  close(): Promise<void>
}

const liveness = (connection: GatedConnection) => async (): Promise<void> => {
  await waitFor(() => connection.events.some((event) => event.includes('"Ready"')))
}

export function openApolloList(
  inner: Connection,
  _identity: string,
  query: TypedDocumentNode,
  variables: Variables,
): ListTab {
  const connection = new GatedConnection(inner)
  const client = new ApolloClient({ link: createFonechatLink(connection), cache: createFonechatCache() })
  const errors: unknown[] = []
  let shown: unknown
  const observed = client.watchQuery<unknown>({ query, variables })
  const watching = observed.subscribe(({ data, error, dataState }) => {
    if (error) errors.push(error)
    if (dataState === 'complete') shown = data
  })
  const stop = followEvents(client, { query: Live, onError: (error) => errors.push(error) })
  return {
    errors,
    data: () => shown,
    readMore: async (after) => {
      await observed.fetchMore({ variables: { after } })
    },
    readAgain: async () => {
      await observed.refetch()
    },
    isLive: liveness(connection),
    close: async () => {
      stop()
      watching.unsubscribe()
      client.stop()
      await connection.close()
    },
  }
}

export function openUrqlList(
  inner: Connection,
  authorIdentity: string,
  query: TypedDocumentNode,
  variables: Variables,
): ListTab {
  const connection = new GatedConnection(inner)
  const exchanges = createFonechatExchanges(connection, { authorIdentity })
  const client = new Client({
    url: connection.url,
    fetch: connection.fetch as never,
    preferGetMethod: false,
    exchanges,
  })
  const errors: unknown[] = []
  let shown: unknown
  const watching = client.query(query, variables).subscribe(({ data, error }) => {
    if (error) errors.push(error)
    if (data) shown = data
  })
  const following = client.subscription(Live, {}).subscribe(({ error }) => {
    if (error) errors.push(error)
  })
  return {
    errors,
    data: () => shown,
    readMore: async (after) => {
      await client.query(query, { ...variables, after }).toPromise()
    },
    readAgain: async () => {
      const before = shown
      await client.query(query, variables, { requestPolicy: 'network-only' }).toPromise()
      await waitFor(() => shown !== before)
    },
    isLive: liveness(connection),
    close: async () => {
      following.unsubscribe()
      watching.unsubscribe()
      await connection.close()
    },
  }
}
