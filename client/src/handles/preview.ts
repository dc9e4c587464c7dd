import { isLastMessageKnown } from '../store/channel-list.ts'
import type { HandleContext } from './context.ts'
import { readMessages } from './read-messages.ts'

/** Reads the newest message of a channel where its removal has left that unknown. */
export async function readPreview(context: HandleContext, channelId: string): Promise<void> {
  const { host, store, log } = context
  const known = store.getSnapshot().channels.get(channelId)
  if (!host.isLeader || !known || isLastMessageKnown(known)) return
  try {
    await readMessages(context, channelId, { variables: { last: 1 } })
  } catch (error) {
    log.write('debug', 'the newest message of a channel was not read', error)
  }
}
