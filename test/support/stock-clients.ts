import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, type OperationVariables } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { Client as UrqlClient, fetchExchange, subscriptionExchange } from '@urql/core'
import { OperationTypeNode } from 'graphql'
import { createClient, type ClientOptions } from 'graphql-ws'
import type { Succeeded } from '../../schema/succeeded.ts'
import { record, Recording, requestOver, type User } from './kit.ts'

/** A client library as its documentation sets it up: requests over HTTP, subscriptions over WebSocket. */
export interface StockClient {
  request<Data, Variables extends OperationVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Succeeded<Data>>
  subscribe<Data, Variables extends OperationVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Recording<Data>
  close(): Promise<void>
}

export type OpenStockClient = (user: User, deviceId: string, options?: Partial<ClientOptions>) => StockClient

/** The WebSocket that all three use is the platform's own, where the options name no other. */
function openWebSocket({ server, token }: User, deviceId: string, options: Partial<ClientOptions> = {}) {
  return createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    connectionParams: { token, deviceId },
    ...options,
  })
}

const openApollo: OpenStockClient = (user, deviceId, options) => {
  const webSocket = openWebSocket(user, deviceId, options)
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(webSocket),
      new HttpLink({ uri: `${user.server.url}/graphql`, headers: { authorization: user.authorization } }),
    ),
    cache: new InMemoryCache(),
  })
  return {
    request: async (document, variables) => {
      const isQuery = document.definitions.some(
        (node) => node.kind === 'OperationDefinition' && node.operation === OperationTypeNode.QUERY,
      )
      const { data } = isQuery
        ? await client.query({ query: document, variables } as never)
        : await client.mutate({ mutation: document, variables } as never)
      return data as never
    },
    subscribe: <Data, Variables extends OperationVariables>(
      document: TypedDocumentNode<Data, Variables>,
      variables: Variables,
    ) => {
      const recording = new Recording<Data>()
      const subscription = client.subscribe<Data>({ query: document, variables }).subscribe({
        next: ({ data, error }) => {
          if (error) recording.errors.push(error)
          else recording.items.push(data as Data)
        },
        error: (error) => recording.errors.push(error),
      })
      recording.stop = () => subscription.unsubscribe()
      return recording
    },
    close: async () => {
      client.stop()
      await webSocket.dispose()
    },
  }
}

const openUrql: OpenStockClient = (user, deviceId, options) => {
  const webSocket = openWebSocket(user, deviceId, options)
  const client = new UrqlClient({
    url: `${user.server.url}/graphql`,
    fetchOptions: { headers: { authorization: user.authorization } },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: webSocket.subscribe({ ...request, query: request.query ?? '' }, sink as never),
          }),
        }),
      }),
    ],
  })
  return {
    request: async (document, variables) => {
      const isQuery = document.definitions.some(
        (node) => node.kind === 'OperationDefinition' && node.operation === OperationTypeNode.QUERY,
      )
      const { data, error } = await (
        isQuery ? client.query(document, variables) : client.mutation(document, variables)
      ).toPromise()
      if (error) throw error
      return data as never
    },
    subscribe: <Data, Variables extends OperationVariables>(
      document: TypedDocumentNode<Data, Variables>,
      variables: Variables,
    ) => {
      const recording = new Recording<Data>()
      const { unsubscribe } = client.subscription(document, variables).subscribe(({ data, error }) => {
        if (error) recording.errors.push(error)
        else if (data) recording.items.push(data)
      })
      recording.stop = unsubscribe
      return recording
    },
    close: async () => webSocket.dispose(),
  }
}

/** Without a library on top, everything goes over the one socket. */
const openGraphqlWs: OpenStockClient = (user, deviceId, options) => {
  const client = openWebSocket(user, deviceId, options)
  return {
    request: (document, variables) => requestOver(client, document, variables),
    subscribe: (document, variables) => record(client, document, variables),
    close: async () => client.dispose(),
  }
}

export const stockClients: readonly (readonly [name: string, open: OpenStockClient])[] = [
  ['Apollo Client', openApollo],
  ['urql', openUrql],
  ['graphql-ws', openGraphqlWs],
]
