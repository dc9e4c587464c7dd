import { ApolloClient } from '@apollo/client'
import { waitFor } from '../../../test/support/wait.ts'
import { createFonechatCache, createFonechatLink, followEvents, pendingMessage } from '../../src/apollo/index.ts'
import type { Connection } from '../../src/glue/connection.ts'
import { Edit, Live, Page, Remove, Send, type PageData, type PageVariables, type ShownMessage } from './documents.ts'
import type { ChatTab } from './tab.ts'

export function openApolloTab(connection: Connection, identity: string, channelId: string): ChatTab {
  const client = new ApolloClient({ link: createFonechatLink(connection), cache: createFonechatCache() })
  const shown: (readonly string[])[] = []
  const errors: unknown[] = []
  let page: PageData['channel'] = null
  const observed = client.watchQuery<PageData, PageVariables>({ query: Page, variables: { id: channelId, last: 5 } })
  const watching = observed.subscribe(({ data, error }) => {
    if (error) errors.push(error)
    if (!data?.channel) return
    page = data.channel as PageData['channel']
    shown.push(page!.messages.nodes.map(({ text }) => text))
  })
  const stop = followEvents(client, { query: Live, onError: (error) => errors.push(error) })
  const row = (message: ShownMessage, text: string) => ({ ...message, text, body: text })
  return {
    shown,
    errors,
    messages: () => page?.messages.nodes ?? [],
    loadOlder: async () => {
      const { startCursor } = page!.messages.pageInfo
      await observed.fetchMore({ variables: { before: startCursor } })
      // Apollo shows it in a later turn, and loses it when the next page is asked for before.
      await waitFor(() => page!.messages.pageInfo.startCursor !== startCursor)
    },
    readAround: async (index) => {
      const { data } = await client.query<PageData, PageVariables>({
        query: Page,
        variables: { id: channelId, first: 4, around: { index } },
      })
      return data!.channel!.messages.nodes.map(({ text }) => text)
    },
    readBeside: async () => {
      await client.query({ query: Page, variables: { id: channelId, last: 5 }, fetchPolicy: 'network-only' })
    },
    readAgain: async () => {
      await observed.refetch()
    },
    send: async (text, clientMessageId) => {
      const message = pendingMessage({ channelId, body: text, clientMessageId, authorIdentity: identity })
      await client.mutate({
        mutation: Send,
        variables: { input: { channelId, body: text, clientMessageId } },
        optimisticResponse: {
          post: { __typename: 'SendMessagePayload', cursor: '', message: { ...message, text } },
        } as never,
      })
    },
    edit: async (message, text) => {
      await client.mutate({
        mutation: Edit,
        variables: { input: { messageId: message.id, body: text } },
        optimisticResponse: {
          updateMessage: { __typename: 'UpdateMessagePayload', cursor: '', message: row(message, text) },
        } as never,
      })
    },
    remove: async (message) => {
      await client.mutate({
        mutation: Remove,
        variables: { input: { messageId: message.id } },
        optimisticResponse: {
          deleteMessage: { __typename: 'DeleteMessagePayload', cursor: '', message },
        } as never,
      })
    },
    close: async () => {
      stop()
      watching.unsubscribe()
      client.stop()
      await connection.close()
    },
  }
}
