import { ChannelDocument, HistoryDocument, MembersDocument } from '../../schema/generated/graphql.ts'
import type { Kit } from './kit.ts'

/** All that the backend can read of a channel: the same before and after says that nothing has changed. */
export async function readingOf({ backend }: Kit, channelId: string) {
  const { channel } = await backend.request(ChannelDocument, { id: channelId })
  const { channel: history } = await backend.request(HistoryDocument, { channelId, first: 1000 })
  const { channel: membership } = await backend.request(MembersDocument, { channelId, first: 1000 })
  return { channel, messages: history?.messages.edges, members: membership?.members.edges }
}
