import type { Actor } from '../../model/actor.ts'
import { assertNotFrozen, findService, requireMembership, requireUser } from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishChannelEvent } from '../realtime/publication.ts'

/**
 * Announces that the caller is typing, until the service's timeout. Calling it again within that time prolongs it: subscribers hear
 * only of the beginning and the end. Answers when it ends.
 * Needs a user that is a member; in a frozen channel also `sendToFrozenChannel`. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function startTyping(app: App, actor: Actor, channelId: string): Promise<Date> {
  requireUser(actor)
  const access = await requireMembership(app, actor, channelId)
  assertNotFrozen(access)
  const { channel, member } = access
  const service = (await findService(app, channel.serviceId))!
  const milliseconds = service.typingIndicatorTimeout * 1000
  const hint = { type: 'typing', member: member!, milliseconds, isAnswer: false } as const
  // Held while it lasts, so that subscriptions that begin meanwhile report it.
  const feed = await app.feeds.hold(channel.id)
  feed.typists.start(hint, () => app.feeds.release(feed))
  publishChannelEvent(app, channel.id, hint)
  return new Date(Date.now() + milliseconds)
}
