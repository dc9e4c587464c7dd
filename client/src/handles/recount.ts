import { ChatError } from '../errors.ts'
import { ViewerMemberDocument } from '../graphql/generated/documents.ts'
import type { HandleContext } from './context.ts'

/** Readings until the count is taken as it is: between two of them something has happened each time. */
const maxTries = 5
/** Milliseconds before another reading, so that what has happened has arrived. */
const pause = 250

/**
 * Reads the count of a channel again. Its answer counts when nothing was removed since it was asked for, and nothing was sent that had not arrived then: the
 * server counts before it reads which message is the newest.
 */
export async function recount(context: HandleContext, channelId: string): Promise<void> {
  const { host, store, log, env } = context
  if (!host.isLeader) return
  try {
    for (let tries = 1; tries <= maxTries; tries++) {
      const { channels, viewerCursor: asOf } = store.getSnapshot()
      const known = channels.get(channelId)
      if (!known?.counted.isStale) return
      const { identity } = known.membership
      const { member } = await host.request(ViewerMemberDocument, { channelId, identity })
      if (!member) return
      const { channel, ...membership } = member
      const now = store.getSnapshot().channels.get(channelId)
      const head = channel.lastMessage?.index ?? -1
      const isCertain =
        now?.removed === known.removed && now.channel.firstIndex === known.channel.firstIndex && head <= known.head
      // An event of the user that came meanwhile is newer: then it is asked again.
      if (isCertain || tries === maxTries) host.apply([{ kind: 'membership', membership, head, asOf, isRecount: true }])
      else await new Promise<void>((resolve) => env.clock.after(pause, resolve))
    }
  } catch (error) {
    // It is tried again when the client is live again.
    const isLost = error instanceof ChatError && (error.code === 'OFFLINE' || error.code === 'CLOSED')
    log.write(isLost ? 'debug' : 'warn', 'a count was not read', error)
  }
}

/** Reads all stale counts again, one after the other. */
export async function recountAll(context: HandleContext): Promise<void> {
  const { channels } = context.store.getSnapshot()
  for (const [id, { counted }] of channels) if (counted.isStale) await recount(context, id)
}
