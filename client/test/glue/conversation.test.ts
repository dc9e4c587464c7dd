import { ApolloClient } from '@apollo/client'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { Client } from '@urql/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AddReactionDocument,
  DeleteMessageDocument,
  RemoveReactionDocument,
  SendMessageDocument,
} from '../../../schema/generated/graphql.ts'
import { openKit, type Kit, type User } from '../../../test/support/kit.ts'
import { openTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { createFonechatCache, createFonechatLink, followEvents, pendingMessage } from '../../src/apollo/index.ts'
import { createConnection } from '../../src/glue/connection.ts'
import { createFonechatExchanges } from '../../src/urql/index.ts'
import { GatedConnection } from './gated.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

interface Row {
  readonly body: string
  readonly replyCount: number
  readonly deletedAt: string | null
  readonly reactions: readonly {
    readonly reaction: string
    readonly count: number
    readonly viewerHasReacted: boolean
  }[]
}

interface List {
  readonly nodes: readonly Row[]
  readonly pageInfo: { readonly startCursor: string | null; readonly hasPreviousPage: boolean }
}

const documentOf = <Data>(text: string) => parse(text) as unknown as TypedDocumentNode<Data, Record<string, unknown>>

const row = 'id channelId index revision clientMessageId isShownInChannel body streamState replyCount deletedAt'
const live = `${row} reactions { reaction count }`
const own = `${row} reactions { reaction count viewerHasReacted }`
const pageInfo = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'
const parent = 'parent { id revision replyCount deletedAt }'

const Messages = documentOf<{ channel: { messages: List } }>(
  `query Messages($id: ID!) { channel(id: $id) { id messages(last: 5) { nodes { ${own} } ${pageInfo} } } }`,
)
const Thread = documentOf<{ message: { replyCount: number; replies: List } }>(
  `query Thread($id: ID!, $before: String) { message(id: $id) {
    id channelId index revision replyCount replies(last: 3, before: $before) { nodes { ${own} } ${pageInfo} }
  } }`,
)
const Live = documentOf<object>(`subscription Live { events {
  ... on Ready { cursor cursors { cursor channel { id } } }
  ... on Gap { cursor }
  ... on MessageAdded { cursor message { ${live} ${parent} } }
  ... on MessageUpdated { cursor changes message { ${live} } }
  ... on MessageRemoved { cursor message { id channelId index revision body replyCount deletedAt ${parent} } }
  ... on ReactionsUpdated { cursor added { reaction identity } removed { reaction identity } message { id channelId revision reactions { reaction count } } }
  ... on MessageAppended { cursor messageId offset text }
  ... on MessageFinished { cursor message { ${live} } }
} }`)
const Send = documentOf<object>(
  `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { cursor message { ${own} parent { id } } } }`,
)
const React = documentOf<object>(
  `mutation React($input: AddReactionInput!) { addReaction(input: $input) { cursor message { id channelId revision reactions { reaction count viewerHasReacted } } } }`,
)

/** A stock client with the glue. */
interface Stock {
  readonly errors: readonly unknown[]
  /** Answers what the query shows now. */
  watch<Data>(query: TypedDocumentNode<Data, Record<string, unknown>>, variables: object): () => Data | undefined
  more(query: TypedDocumentNode<unknown, Record<string, unknown>>, variables: Record<string, unknown>): Promise<unknown>
  send(input: Record<string, unknown>): Promise<unknown>
  react(input: object): Promise<unknown>
  close(): Promise<void>
}

function openApollo(connection: GatedConnection, { identity }: User): Stock {
  const client = new ApolloClient({ link: createFonechatLink(connection), cache: createFonechatCache({ identity }) })
  const errors: unknown[] = []
  const watched = new Map<unknown, { fetchMore(options: object): Promise<unknown> }>()
  const stop = followEvents(client, { query: Live as never, onError: (error) => errors.push(error) })
  return {
    errors,
    watch: (query, variables) => {
      let shown: unknown
      const observed = client.watchQuery({ query, variables } as never)
      watched.set(query, observed as never)
      observed.subscribe(({ data, error, dataState }) => {
        if (error) errors.push(error)
        if (dataState === 'complete') shown = data
      })
      return () => shown as never
    },
    more: (query, { before }) => watched.get(query)!.fetchMore({ variables: { before } }),
    send: async (input) => {
      const message = pendingMessage({
        ...(input as { channelId: string; body: string; clientMessageId: string }),
        authorIdentity: identity,
      })
      const optimisticResponse = { sendMessage: { __typename: 'SendMessagePayload', cursor: '', message } }
      return client.mutate({ mutation: Send as never, variables: { input }, optimisticResponse } as never)
    },
    react: (input) => client.mutate({ mutation: React, variables: { input } } as never),
    close: async () => {
      stop()
      client.stop()
      await connection.close()
    },
  }
}

function openUrql(connection: GatedConnection, { identity }: User): Stock {
  const exchanges = createFonechatExchanges(connection, { authorIdentity: identity })
  const client = new Client({
    url: connection.url,
    fetch: connection.fetch as never,
    preferGetMethod: false,
    exchanges,
  })
  const errors: unknown[] = []
  const subscriptions = [
    client.subscription(Live, {}).subscribe(({ error }) => {
      if (error) errors.push(error)
    }),
  ]
  return {
    errors,
    watch: (query, variables) => {
      let shown: unknown
      subscriptions.push(
        client.query(query, variables as never).subscribe(({ data, error }) => {
          if (error) errors.push(error)
          if (data) shown = data
        }),
      )
      return () => shown as never
    },
    more: (query, variables) => client.query(query, variables).toPromise(),
    send: (input) => client.mutation(Send, { input }).toPromise(),
    react: (input) => client.mutation(React, { input }).toPromise(),
    close: async () => {
      for (const { unsubscribe } of subscriptions) unsubscribe()
      await connection.close()
    },
  }
}

const libraries = [
  ['Apollo Client', openApollo],
  ['urql', openUrql],
] as const

describe.each(libraries)('with %s', (_name, open) => {
  async function setUp(opened: AsyncDisposableStack) {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const { id: channelId } = await kit.channel([alice, bob])
    const { id: parentId } = await bob.send(channelId, 'parent')
    const proxy = opened.use(await openTcpProxy({ host: '127.0.0.1', port: kit.server.port }))
    const url = `http://127.0.0.1:${proxy.port}/graphql`
    const connection = new GatedConnection(createConnection({ url, token: () => alice.token }))
    const stock = opened.adopt(open(connection, alice), (one) => one.close())
    const page = stock.watch(Messages, { id: channelId })
    const rows = () => page()?.channel.messages.nodes ?? []
    const sees = async (is: () => boolean) => {
      await waitFor(is).catch((error: unknown) => {
        throw new Error(`${JSON.stringify(rows())} ${String(stock.errors)}`, { cause: error })
      })
    }
    await waitFor(() => connection.events.some((event) => event.includes('"Ready"')))
    await sees(() => rows().length === 1)
    const reply = async (body: string, more: object = {}) => {
      const input = { channelId, parentId, body, ...more }
      return (await bob.request(SendMessageDocument, { input })).sendMessage.message.id
    }
    return { alice, bob, channelId, parentId, proxy, connection, stock, rows, sees, reply }
  }
  const bodies = (list: readonly Row[] | undefined) => (list ?? []).map(({ body }) => body).join()

  test('a thread is live beside its channel, which shows no reply of it and counts them', async () => {
    await using opened = new AsyncDisposableStack()
    const { bob, channelId, parentId, proxy, connection, stock, rows, sees, reply } = await setUp(opened)
    for (const body of ['1', '2', '3', '4']) await reply(body)
    const data = stock.watch(Thread, { id: parentId })
    const thread = () => data()?.message.replies.nodes
    await sees(() => bodies(thread()) === '2,3,4' && rows()[0]!.replyCount === 4)
    const last = await reply('5')
    const shown = await reply('6', { showInChannel: true })
    await sees(() => bodies(thread()) === '2,3,4,5,6' && bodies(rows()) === 'parent,6' && rows()[0]!.replyCount === 6)
    await stock.more(Thread, { id: parentId, before: data()!.message.replies.pageInfo.startCursor })
    await sees(() => bodies(thread()) === '1,2,3,4,5,6')
    // Its own reply shows at once, in the thread alone.
    connection.hold('answers', 'events')
    const sending = stock.send({ channelId, parentId, body: 'mine', clientMessageId: 'own' })
    await sees(() => bodies(thread()) === '1,2,3,4,5,6,mine')
    expect(bodies(rows())).toBe('parent,6')
    connection.release('events')
    connection.release('answers')
    await sending
    await sees(() => rows()[0]!.replyCount === 7)
    expect(bodies(thread())).toBe('1,2,3,4,5,6,mine')
    await bob.request(DeleteMessageDocument, { input: { messageId: last } })
    await sees(() => bodies(thread()) === '1,2,3,4,6,mine' && rows()[0]!.replyCount === 6)
    // What was missed is read again.
    await proxy.cut()
    await kit.backend.request(DeleteMessageDocument, { input: { messageId: shown } })
    await reply('7')
    await bob.send(channelId, 'after')
    await proxy.restore()
    await sees(() => bodies(thread()) === '1,2,3,4,mine,7' && bodies(rows()) === 'parent,after')
    // A deleted message keeps its place while it has replies.
    const { id: other } = await bob.send(channelId, 'other')
    const only = await reply('only', { parentId: other })
    await sees(() => rows()[2]?.replyCount === 1)
    await bob.request(DeleteMessageDocument, { input: { messageId: other } })
    await sees(() => rows()[2]!.deletedAt !== null && rows()[2]!.body === '')
    await bob.request(DeleteMessageDocument, { input: { messageId: only } })
    await sees(() => bodies(rows()) === 'parent,after')
    expect(stock.errors).toEqual([])
  })

  test('reactions are live, and say what the user itself has, also from another device', async () => {
    await using opened = new AsyncDisposableStack()
    const { alice, bob, parentId, proxy, stock, rows, sees } = await setUp(opened)
    const groups = () =>
      rows()[0]!
        .reactions.map(({ reaction, count, viewerHasReacted }) => `${reaction}${count}${viewerHasReacted ? '!' : ''}`)
        .join()
    const thumb = { messageId: parentId, reaction: '👍' }
    const party = { messageId: parentId, reaction: 'party' }
    await bob.request(AddReactionDocument, { input: thumb })
    await sees(() => groups() === '👍1')
    await stock.react(thumb)
    await sees(() => groups() === '👍2!')
    await alice.request(AddReactionDocument, { input: party })
    await sees(() => groups() === '👍2!,party1!')
    await bob.request(RemoveReactionDocument, { input: thumb })
    await sees(() => groups() === '👍1!,party1!')
    await alice.request(RemoveReactionDocument, { input: thumb })
    await bob.request(AddReactionDocument, { input: thumb })
    await sees(() => groups() === 'party1!,👍1')
    // What the user did meanwhile elsewhere no event says: it is read again.
    await proxy.cut()
    await alice.request(RemoveReactionDocument, { input: party })
    await alice.request(AddReactionDocument, { input: thumb })
    await bob.request(AddReactionDocument, { input: party })
    await proxy.restore()
    await sees(() => groups() === '👍2!,party1')
    expect(stock.errors).toEqual([])
  })

  test('a text that streams grows as it is written, and ends as it was finished', async () => {
    await using opened = new AsyncDisposableStack()
    const { bob, channelId, proxy, stock, rows, sees } = await setUp(opened)
    const run = (text: string) => kit.backend.request<Record<string, { message: { id: string } }>, object>(text)
    const { sendMessage } = await run(
      `mutation { sendMessage(input: { channelId: "${channelId}", body: "", isStreaming: true }) { message { id } } }`,
    )
    const { id } = sendMessage!.message
    const append = (offset: number, text: string) =>
      run(`mutation { appendToMessage(input: { messageId: "${id}", offset: ${offset}, text: "${text}" }) { length } }`)
    await append(0, 'To be')
    await sees(() => rows()[1]?.body === 'To be')
    await append(5, ', or')
    await sees(() => rows()[1]!.body === 'To be, or')
    await proxy.cut()
    await append(9, ' not')
    await proxy.restore()
    await append(13, ' to be')
    await sees(() => rows()[1]!.body === 'To be, or not to be')
    await run(`mutation { finishMessage(input: { messageId: "${id}", offset: 19 }) { message { id } } }`)
    await bob.send(channelId, 'after')
    await sees(() => bodies(rows()) === 'parent,To be, or not to be,after')
    expect(stock.errors).toEqual([])
  })
})
