import { gql } from '@urql/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AddMemberDocument,
  DeleteMessageDocument,
  PinMessageDocument,
  RemoveMemberDocument,
  ServiceDocument,
  UnpinMessageDocument,
  UpdateMessageDocument,
  UpdateServiceDocument,
} from '../../../schema/generated/graphql.ts'
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

const Pinned = gql`
  query Pinned($id: ID!, $first: Int, $after: String) {
    channel(id: $id) {
      id
      pinnedMessages(first: $first, after: $after) {
        nodes {
          id
          channelId
          revision
          body
          pinnedAt
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`

const Edits = gql`
  query Edits($id: ID!, $first: Int, $after: String) {
    message(id: $id) {
      id
      edits(first: $first, after: $after) {
        nodes {
          version
          body
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

  const bodyOf = ({ body }: { readonly body: string }): string => body

  test('pages of pinned messages are one list, which follows who pins, unpins and deletes', async () => {
    await using opened = new AsyncDisposableStack()
    const alice = await kit.user('alice')
    const { id } = await kit.channel([alice])
    const sent = new Map<string, string>()
    for (const body of ['a', 'b', 'c', 'd', 'e']) sent.set(body, (await alice.send(id, body)).id)
    const pin = (
      body: string,
      document: typeof PinMessageDocument | typeof UnpinMessageDocument = PinMessageDocument,
    ) => kit.backend.request(document as typeof PinMessageDocument, { input: { messageId: sent.get(body)! } })
    for (const body of ['a', 'b', 'c']) await pin(body)
    const list = openFor(
      opened,
      alice,
      Pinned,
      { id, first: 2 },
      (data: { readonly channel: { readonly pinnedMessages: Page<{ readonly body: string }> } }) =>
        data.channel.pinnedMessages,
    )
    await list.shows(bodyOf, ['c', 'b'])
    await list.readToEnd()
    await list.shows(bodyOf, ['c', 'b', 'a'])
    await list.isLive()
    await pin('b', UnpinMessageDocument)
    await list.shows(bodyOf, ['c', 'a'])
    await pin('e')
    await waitFor(() => bodyOf(list.page().nodes[0]!) === 'e')
    await list.readToEnd()
    await list.shows(bodyOf, ['e', 'c', 'a'])
    await kit.backend.request(DeleteMessageDocument, { input: { messageId: sent.get('c')! } })
    await list.shows(bodyOf, ['e', 'a'])
    expect(list.errors).toEqual([])
  })

  test('pages of the versions of a message are one list, which has what was before the newest edit', async () => {
    await using opened = new AsyncDisposableStack()
    const { service } = await kit.backend.request(ServiceDocument, {})
    await kit.backend.request(UpdateServiceDocument, { input: { serviceId: service!.id, editHistory: 'ALL' } })
    const alice = await kit.user('alice')
    const channel = await kit.channel([alice])
    const { id } = await alice.send(channel.id, 'version 1')
    const edit = (body: string) => alice.request(UpdateMessageDocument, { input: { messageId: id, body } })
    for (const version of [2, 3, 4]) await edit(`version ${version}`)
    const list = openFor(
      opened,
      alice,
      Edits,
      { id, first: 2 },
      (data: { readonly message: { readonly edits: Page<{ readonly body: string }> } }) => data.message.edits,
    )
    await list.shows(bodyOf, ['version 3', 'version 2'])
    await list.readToEnd()
    await list.shows(bodyOf, ['version 3', 'version 2', 'version 1'])
    await list.isLive()
    await edit('version 5')
    await waitFor(() => bodyOf(list.page().nodes[0]!) === 'version 4')
    await list.readToEnd()
    await list.shows(bodyOf, ['version 4', 'version 3', 'version 2', 'version 1'])
    expect(list.errors).toEqual([])
  })
})
