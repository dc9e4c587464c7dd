import { ApolloClient, gql } from '@apollo/client'
import {
  createConnection,
  createFonechatCache,
  createFonechatLink,
  createId,
  followEvents,
  isPending,
  pendingMessage,
} from '@fonechat/client/apollo'
import {
  eventsText,
  GlueState,
  messagesText,
  pageSize,
  sendText,
  wordsOf,
  type GlueOptions,
  type GlueSource,
  type MessagesData,
} from './source.ts'

const Messages = gql(messagesText)
const Send = gql(sendText)
const Events = gql(eventsText)

/** A channel by Apollo Client. */
export function makeSource({ channelId, identity, token }: GlueOptions): GlueSource {
  const state = new GlueState(identity)
  const connection = createConnection({ url: `${location.origin}/graphql`, token })
  const client = new ApolloClient({ link: createFonechatLink(connection), cache: createFonechatCache() })
  const fail = (error: unknown): void => state.set({ isLive: false, problem: wordsOf(error) })
  const list = client.watchQuery<MessagesData>({ query: Messages, variables: { channelId, last: pageSize } })
  const reading = list.subscribe({
    next: ({ data }) => {
      state.show(data as MessagesData | undefined, isPending)
      if (data) state.set({ isLive: true })
    },
    error: fail,
  })
  const stop = followEvents(client, { query: Events, onError: fail })
  return {
    subscribe: state.subscribe,
    getSnapshot: state.getSnapshot,
    send: (body) => {
      const input = { channelId, body, clientMessageId: createId() }
      const message = pendingMessage({ ...input, authorIdentity: identity })
      const optimisticResponse = { sendMessage: { __typename: 'SendMessagePayload', cursor: '', message } }
      return client.mutate({ mutation: Send, variables: { input }, optimisticResponse })
    },
    loadOlder: () => list.fetchMore({ variables: { before: state.startCursor } }),
    close: () => {
      stop()
      reading.unsubscribe()
      client.stop()
      void connection.close()
      state.set({ isLive: false })
    },
  }
}
