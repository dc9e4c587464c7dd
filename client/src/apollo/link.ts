import { ApolloLink, HttpLink } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { OperationTypeNode } from 'graphql'
import type { Client } from 'graphql-ws'
import type { Connection } from '../glue/connection.ts'

/** A link that sends subscriptions over the WebSocket of a connection, and everything else over HTTP with its token. */
export function createFonechatLink({ url, fetch, subscribe }: Connection): ApolloLink {
  return ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink({ subscribe } as Client),
    new HttpLink({ uri: url, fetch: fetch as typeof globalThis.fetch }),
  )
}
