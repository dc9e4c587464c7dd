import { createConnection, createFonechatExchanges, createId, isPending } from '@fonechat/client/urql'
import { Client } from '@urql/core'
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

/** A channel by urql. */
export function makeSource({ channelId, identity, token }: GlueOptions): GlueSource {
  const state = new GlueState(identity)
  const connection = createConnection({ url: `${location.origin}/graphql`, token })
  const client = new Client({
    url: connection.url,
    fetch: connection.fetch as typeof fetch,
    exchanges: createFonechatExchanges(connection, { authorIdentity: identity }),
    preferGetMethod: false,
  })
  const following = client.subscription(eventsText, {}).subscribe(({ error }) => {
    if (error) state.set({ isLive: false, problem: wordsOf(error) })
    else state.set({ isLive: true })
  })
  const list = client.query<MessagesData>(messagesText, { channelId, last: pageSize }).subscribe(({ data, error }) => {
    if (error) state.set({ problem: wordsOf(error) })
    state.show(data, isPending)
  })
  return {
    subscribe: state.subscribe,
    getSnapshot: state.getSnapshot,
    send: async (body) => {
      const input = { channelId, body, clientMessageId: createId() }
      const { error } = await client.mutation(sendText, { input }).toPromise()
      if (error) throw error
    },
    loadOlder: () => client.query(messagesText, { channelId, last: pageSize, before: state.startCursor }).toPromise(),
    close: () => {
      following.unsubscribe()
      list.unsubscribe()
      void connection.close()
      state.set({ isLive: false })
    },
  }
}
