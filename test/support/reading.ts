import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { ChannelDocument, HistoryDocument, MembersDocument } from '../../schema/generated/graphql.ts'
import type { Kit } from './kit.ts'

/** What others have added to the messages. */
const extrasDocument = parse(
  'query ($id: ID!) { channel(id: $id) { messages(first: 1000) { nodes { id revision pinnedAt pinnedBy reactions { reaction count } } } } }',
) as TypedDocumentNode<{ readonly channel: object | null }, { readonly id: string }>

/** All that the backend can read of a channel: the same before and after says that nothing has changed. */
export async function readingOf({ backend }: Kit, channelId: string) {
  const { channel } = await backend.request(ChannelDocument, { id: channelId })
  const { channel: history } = await backend.request(HistoryDocument, { channelId, first: 1000 })
  const { channel: membership } = await backend.request(MembersDocument, { channelId, first: 1000 })
  const { channel: extras } = await backend.request(extrasDocument, { id: channelId })
  return { channel, extras, messages: history?.messages.edges, members: membership?.members.edges }
}
