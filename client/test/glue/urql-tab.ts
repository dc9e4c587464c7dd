import { Client } from '@urql/core'
import type { Connection } from '../../src/glue/connection.ts'
import { createFonechatExchanges } from '../../src/urql/index.ts'
import { Edit, Live, Page, Remove, Send, type PageData } from './documents.ts'
import type { ChatTab } from './tab.ts'

export function openUrqlTab(connection: Connection, identity: string, channelId: string): ChatTab {
  const exchanges = createFonechatExchanges(connection, { authorIdentity: identity })
  const client = new Client({
    url: connection.url,
    fetch: connection.fetch as never,
    preferGetMethod: false,
    exchanges,
  })
  const shown: (readonly string[])[] = []
  const errors: unknown[] = []
  let page: PageData['channel'] = null
  const watching = client.query(Page, { id: channelId, last: 5 }).subscribe(({ data, error }) => {
    if (error) errors.push(error)
    if (!data?.channel) return
    page = data.channel
    shown.push(page.messages.nodes.map(({ text }) => text))
  })
  const following = client.subscription(Live, {}).subscribe(({ error }) => {
    if (error) errors.push(error)
  })
  const mutate = async (document: typeof Send | typeof Edit, input: unknown): Promise<void> => {
    const { error } = await client.mutation(document, { input }).toPromise()
    if (error) throw error
  }
  const readNewest = async (): Promise<void> => {
    await client.query(Page, { id: channelId, last: 5 }, { requestPolicy: 'network-only' }).toPromise()
  }
  return {
    shown,
    errors,
    messages: () => page?.messages.nodes ?? [],
    loadOlder: async () => {
      const { startCursor } = page!.messages.pageInfo
      await client.query(Page, { id: channelId, last: 5, before: startCursor }).toPromise()
    },
    readAround: async (index) => {
      const { data } = await client.query(Page, { id: channelId, first: 4, around: { index } }).toPromise()
      return data!.channel!.messages.nodes.map(({ text }) => text)
    },
    readBeside: readNewest,
    readAgain: readNewest,
    send: (text, clientMessageId) => mutate(Send, { channelId, body: text, clientMessageId }),
    edit: ({ id }, text) => mutate(Edit, { messageId: id, body: text }),
    remove: ({ id }) => mutate(Remove as typeof Edit, { messageId: id }),
    close: async () => {
      following.unsubscribe()
      watching.unsubscribe()
      await connection.close()
    },
  }
}
