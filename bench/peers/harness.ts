import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { recordPublished } from '../probe.ts'

export { createServer }

/** What the other servers publish: the same that fonechat's subscription selects. */
export interface Message {
  readonly id: string
  readonly index: number
  readonly body: string
  readonly authorIdentity: string
  readonly createdAt: string
}

export const typeDefs = /* GraphQL */ `
  type Message {
    id: ID!
    index: Int!
    body: String!
    authorIdentity: String!
    createdAt: String!
  }
  type Query {
    ok: Boolean
  }
  type Subscription {
    messageAdded: Message!
  }
`

let index = 0

/** Listens on a free port, reports it to the parent, and publishes what the parent requests, each burst in one turn. */
export function serve(server: Server, publish: (message: Message) => void): void {
  process.on('message', ({ publish: count, body }: { publish?: number; body: string }) => {
    for (let at = 0; at < (count ?? 0); at++) {
      recordPublished(index)
      publish({
        id: 'IM01a205cf573b741683d21a00b73b320b',
        index: index++,
        body,
        authorIdentity: 'system',
        createdAt: new Date().toISOString(),
      })
    }
  })
  server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
}
