import type { App } from '../app.ts'
import type { Actor } from '../model/actor.ts'
import { findService, requireInside, requireUser } from './authority.ts'
import { publishChannelEvent } from './publication.ts'

/**
 * Says that the caller is typing, until the service's timeout. Again within that time it only prolongs it: the feeds tell
 * their subscribers when it begins and when it ends.
 */
export async function startTyping(app: App, actor: Actor, channelId: string): Promise<Date> {
  const { userId } = requireUser(actor)
  const { channel, member } = await requireInside(app, actor, channelId)
  const service = (await findService(app, channel.serviceId))!
  const expiresAt = new Date(Date.now() + service.typingIndicatorTimeout * 1000)
  publishChannelEvent(app, channel.id, {
    type: 'typingStarted',
    typing: { channelId: channel.id, member: member!, expiresAt },
    except: userId,
  })
  return expiresAt
}
