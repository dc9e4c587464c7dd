import type { Actor } from '../../model/actor.ts'
import { notFound } from '../../model/error.ts'
import type { TypingParent } from '../../model/event.ts'
import type { ChannelId } from '../../model/sid.ts'
import { assertMaySend } from '../access/action-rules.ts'
import { assertNotFrozen, findService, requireMembership, requireUser } from '../access/authority.ts'
import { exceedsTypingRate } from '../access/rate-limits.ts'
import type { App } from '../app.ts'
import { publishChannelEvent } from '../realtime/publication.ts'
import { requireParent } from './message-links.ts'

/** Where a user types. */
export interface TypingInput {
  readonly channelId: string
  /** SID of the message that it replies to. */
  readonly parentId?: string | null | undefined
}

/**
 * Announces that the caller is typing in a channel or in a thread of it, until the service's timeout. Calling it again within that time prolongs it: subscribers hear
 * only of the beginning and the end. Answers when it ends. Beyond the service's rate nothing happens, and nothing is checked.
 * Needs a user that is a member, and `sendMessage`; in a frozen channel also `sendToFrozenChannel`. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function startTyping(app: App, actor: Actor, { channelId, parentId }: TypingInput): Promise<Date> {
  const user = requireUser(actor)
  const service = await findService(app, user.serviceId)
  if (!service) throw notFound('the service', 50050)
  const milliseconds = service.typingIndicatorTimeout * 1000
  if (await exceedsTypingRate(app, user, service)) return new Date(Date.now() + milliseconds)
  const access = await requireMembership(app, actor, channelId)
  assertMaySend(access)
  assertNotFrozen(access)
  const { channel, member } = access
  const parent = parentId == null ? undefined : await findParent(app, channel.id, parentId)
  const hint = { type: 'typing', member: member!, parent, milliseconds, isAnswer: false } as const
  // Held while it lasts, so that subscriptions that begin meanwhile report it.
  const feed = await app.feeds.hold(channel.id)
  feed.typists.start(hint, () => app.feeds.release(feed))
  publishChannelEvent(app, channel.id, hint)
  return new Date(Date.now() + milliseconds)
}

/** Looked up once for many calls: whoever writes a reply calls every few seconds. */
async function findParent(app: App, channelId: ChannelId, parentId: string): Promise<TypingParent | undefined> {
  return app.caches.parents.read(channelId + parentId, async () => {
    const { id, index } = await requireParent(app, channelId, parentId)
    return { id, index }
  })
}
