import type { RequestOptions } from '../graphql/document.ts'
import { MessagesDocument } from '../graphql/generated/documents.ts'
import type { MessagesQuery, MessagesQueryVariables } from '../graphql/generated/types.ts'
import { messagePageChanges, type MessagePage } from '../sync/page-changes.ts'
import type { HandleContext } from './context.ts'

/** What page is asked for, and the indexes that it ends before and begins after, where it is not read from an end. */
export interface PageBounds extends Partial<Pick<MessagePage, 'before' | 'after'>> {
  readonly variables: Omit<MessagesQueryVariables, 'channelId'>
}

/** Reads a page of messages into the state, and resolves with it; null where there is no such channel of the user. */
export async function readMessages(
  { host, store }: HandleContext,
  channelId: string,
  { variables, before = null, after = null }: PageBounds,
  options?: RequestOptions,
): Promise<MessagesQuery['channel']> {
  const head = store.getSnapshot().channels.get(channelId)?.head ?? -1
  const { channel } = await host.request(MessagesDocument, { channelId, ...variables }, options)
  if (channel) host.apply(messagePageChanges({ channelId, before, after, head }, channel))
  return channel
}
