import { gql } from '@urql/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AddMemberDocument, RemoveMemberDocument } from '../../../schema/generated/graphql.ts'
import { openKit, type Kit, type User } from '../../../test/support/kit.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { createConnection } from '../../src/glue/connection.ts'
import { openApolloList, openUrqlList } from './list.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

interface Page<Node> {
  readonly nodes: readonly Node[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

const Channels = gql`
  query Channels($first: Int, $after: String, $orderBy: ViewerChannelOrder) {
    viewer {
      id
      channels(first: $first, after: $after, orderBy: $orderBy) {
        nodes {
          id
          channelId
          channel {
            id
            friendlyName
            lastMessage {
              id
              index
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`

const Members = gql`
  query Members($id: ID!, $first: Int, $after: String) {
    channel(id: $id) {
      id
      members(first: $first, after: $after) {
        nodes {
          id
          identity
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`

const libraries = [
  ['Apollo Client', openApolloList],
  ['urql', openUrqlList],
] as const

describe.each(libraries)('lists with %s', (_name, open) => {
  function openFor<Node>(
    opened: AsyncDisposableStack,
    user: User,
    document: typeof Channels,
    variables: Record<string, unknown>,
    pageOf: (data: never) => Page<Node>,
  ) {
    const connection = createConnection({ url: `${kit.server.url}/graphql`, token: () => user.token })
    const list = opened.adopt(open(connection, user.identity, document, variables), (one) => one.close())
    const page = () => pageOf(list.data() as never)
    return {
      ...list,
      page,
      /** Reads the pages that follow. */
      readToEnd: async () => {
        while (page().pageInfo.hasNextPage) {
          const { endCursor } = page().pageInfo
          await list.readMore(endCursor!)
          await waitFor(() => page().pageInfo.endCursor !== endCursor)
        }
      },
      shows: async (of: (node: Node) => string, expected: readonly string[]) => {
        const texts = () => page().nodes.map(of)
        try {
          await waitFor(() => list.data() !== undefined && JSON.stringify(texts()) === JSON.stringify(expected))
        } catch (error) {
          throw new Error(`shows ${JSON.stringify(texts())} instead of ${JSON.stringify(expected)}`, { cause: error })
        }
      },
    }
  }

  interface ChannelNode {
    readonly channel: { readonly friendlyName: string }
  }
  const nameOf = ({ channel }: ChannelNode): string => channel.friendlyName
  const channelsOf = (data: { readonly viewer: { readonly channels: Page<ChannelNode> } }) => data.viewer.channels

  test('pages of channels are one list, each channel once, and the one with news is the first', async () => {
    await using opened = new AsyncDisposableStack()
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const channels = new Map<string, string>()
    for (const friendlyName of ['a', 'b', 'c', 'd', 'e']) {
      const { id } = await kit.channel([alice, bob], { friendlyName })
      channels.set(friendlyName, id)
    }
    for (const name of ['c', 'a', 'e', 'b', 'd']) await bob.send(channels.get(name)!, `in ${name}`)
    const list = openFor(opened, alice, Channels, { first: 2 }, channelsOf)
    const byName = openFor(
      opened,
      alice,
      Channels,
      { first: 50, orderBy: { field: 'NAME', direction: 'ASC' } },
      channelsOf,
    )
    await list.shows(nameOf, ['d', 'b'])
    await list.readToEnd()
    await list.shows(nameOf, ['d', 'b', 'e', 'a', 'c'])
    await list.isLive()
    await byName.isLive()
    await bob.send(channels.get('a')!, 'news')
    await list.shows(nameOf, ['a', 'd', 'b', 'e', 'c'])
    await bob.send(channels.get('c')!, 'more news')
    await list.shows(nameOf, ['c', 'a', 'd', 'b', 'e'])
    await list.readAgain()
    await list.readToEnd()
    await list.shows(nameOf, ['c', 'a', 'd', 'b', 'e'])
    await byName.shows(nameOf, ['a', 'b', 'c', 'd', 'e'])
    expect([...list.errors, ...byName.errors]).toEqual([])
  })

  test('pages of members are one list, which follows who joins and leaves', async () => {
    await using opened = new AsyncDisposableStack()
    const users: User[] = []
    for (let at = 0; at < 6; at++) users.push(await kit.user(`user-${at}`))
    const [alice] = users
    const { id } = await kit.channel(users.slice(0, 5))
    const list = openFor(
      opened,
      alice!,
      Members,
      { id, first: 2 },
      (data: { readonly channel: { readonly members: Page<{ readonly identity: string }> } }) => data.channel.members,
    )
    const identityOf = (node: { readonly identity: string }): string => node.identity
    const identities = users.map(({ identity }) => identity)
    await list.shows(identityOf, identities.slice(0, 2))
    await list.readToEnd()
    await list.shows(identityOf, identities.slice(0, 5))
    await list.isLive()
    await kit.backend.request(RemoveMemberDocument, { input: { channelId: id, identity: identities[1]! } })
    await list.shows(identityOf, [identities[0]!, ...identities.slice(2, 5)])
    await kit.backend.request(AddMemberDocument, { input: { channelId: id, identity: identities[5]! } })
    await list.shows(identityOf, [identities[0]!, ...identities.slice(2)])
    expect(list.errors).toEqual([])
  })
})
