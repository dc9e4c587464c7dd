import { ApolloClient, InMemoryCache, type ApolloCache } from '@apollo/client'
import { Client, fetchExchange, gql, type Exchange } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openKit, type Kit } from '../../../test/support/kit.ts'
import { createFonechatCache, createFonechatLink } from '../../src/apollo/index.ts'
import { createConnection, type Connection } from '../../src/glue/connection.ts'
import { createFonechatExchanges } from '../../src/urql/index.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())
afterEach(() => {
  vi.restoreAllMocks()
})

/** Which types an interface stands for is not in the answer: a cache must know it. */
const ById = gql`
  query ById($id: ID!) {
    node(id: $id) {
      ... on Node {
        sid: id
      }
    }
  }
`

const readWithApollo = (connection: Connection, cache: ApolloCache, id: string) =>
  new ApolloClient({ link: createFonechatLink(connection), cache }).query({ query: ById, variables: { id } })

const readWithUrql = ({ url, fetch }: Connection, exchanges: Exchange[], id: string) =>
  new Client({ url, fetch: fetch as never, exchanges, preferGetMethod: false }).query(ById, { id }).toPromise()

const libraries = [
  [
    'Apollo Client',
    (connection: Connection, id: string) => readWithApollo(connection, new InMemoryCache(), id),
    (connection: Connection, id: string) => readWithApollo(connection, createFonechatCache(), id),
  ],
  [
    'urql',
    (connection: Connection, id: string) => readWithUrql(connection, [cacheExchange({}), fetchExchange], id),
    (connection: Connection, id: string) =>
      readWithUrql(connection, createFonechatExchanges(connection, { authorIdentity: 'alice' }), id),
  ],
] as const

test.each(libraries)('%s complains of a fragment on an interface, and does not with the glue', async (...library) => {
  const [, readStock, read] = library
  const alice = await kit.user('alice')
  const { id } = await kit.channel([alice])
  const connection = createConnection({ url: `${kit.server.url}/graphql`, token: () => alice.token })
  const warnings: unknown[] = []
  for (const method of ['warn', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => void warnings.push(words))
  }
  await readStock(connection, id)
  expect(warnings).not.toEqual([])
  warnings.length = 0
  const { data } = await read(connection, id)
  expect(data).toMatchObject({ node: { sid: id } })
  expect(warnings).toEqual([])
})
