import { MessagesDocument } from '../graphql/generated/documents.ts'
import { isLastMessageKnown } from '../store/channel-list.ts'
import { messagePageChanges } from '../sync/page-changes.ts'
import type { HandleContext } from './context.ts'

/** Reads the newest message of a channel where its removal has left that unknown. */
export async function readPreview({ host, store, log }: HandleContext, channelId: string): Promise<void> {
  const known = store.getSnapshot().channels.get(channelId)
  if (!host.isLeader || !known || isLastMessageKnown(known)) return
  const { head } = known
  try {
    const { channel } = await host.request(MessagesDocument, { channelId, last: 1 })
    if (channel) host.apply(messagePageChanges({ channelId, before: null, after: null, head }, channel))
  } catch (error) {
    log.write('debug', 'the newest message of a channel was not read', error)
  }
}
