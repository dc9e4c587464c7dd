import { topics } from '../../live/bus.ts'
import type { ChannelHint, ReceiptKind, PresenceHint, UserEvent } from '../../model/event.ts'
import type { Invite } from '../../model/invite.ts'
import type { Member } from '../../model/member.ts'
import type { ChannelId, MemberId, UserId } from '../../model/sid.ts'
import type { FollowedThread } from '../../model/thread.ts'
import type { User } from '../../model/user.ts'
import { tracing, type Tracing } from '../../tracing/tracing.ts'
import type { App } from '../app.ts'

/** Publishes a committed change of a channel to its feeds. Never awaited: a feed that misses it reads it from the store. */
export function publishChannelEvent(app: Pick<App, 'bus'>, channelId: ChannelId, event: ChannelHint): void {
  if (tracing === undefined) app.bus.publish(topics.channel(channelId), event)
  else publishTraced(tracing, app, channelId, event)
}

/** The hint takes the trace along, so that what comes of it in other processes is in it, too. */
function publishTraced(by: Tracing, { bus }: Pick<App, 'bus'>, channelId: ChannelId, event: ChannelHint): void {
  const attributes = { 'fonechat.event': event.type, 'fonechat.channel': channelId }
  by.child('publish', { role: 'producer', attributes }, (span) =>
    bus.publish(topics.channel(channelId), span ? { ...event, traceparent: by.headers().traceparent } : event),
  )
}

/** Publishes a committed change of a user, its memberships or its invites to the user's feeds. */
export function publishUserEvent(app: App, userId: UserId, event: UserEvent): void {
  app.bus.publish(topics.user(userId), event)
}

export function publishMembership(app: App, type: 'memberJoined' | 'memberLeft', member: Member): void {
  const { channelId, userId, userSeq, id } = member
  publishChannelEvent(app, channelId, { type, seq: member.seq, member })
  publishUserEvent(app, userId, {
    type: type === 'memberJoined' ? 'joined' : 'left',
    seq: userSeq,
    channelId,
    memberId: id,
  })
}

/** Publishes that the presence of a user may have changed, to those who watch it. */
export function publishPresence(
  app: Pick<App, 'bus'>,
  { serviceId, identity }: Pick<User, 'serviceId' | 'identity'>,
): void {
  app.bus.publish(topics.presence(serviceId), { identity } satisfies PresenceHint)
}

export function publishInvite(app: App, type: 'inviteAdded' | 'inviteRemoved', invite: Invite): void {
  publishUserEvent(app, invite.userId, { type, seq: invite.userSeq, invite })
}

/**
 * Publishes a committed change of what a user keeps about a channel, has read in it or may do there: its row of `user_channels` has
 * this `seq` and the present `updated_at`. Each row takes a `seq` of its own. Of many rows the last is enough: feeds read the others from the store.
 */
export function publishChannelState(app: App, userId: UserId, seq: number, channelId: ChannelId): void {
  publishUserEvent(app, userId, { type: 'channelStateChanged', seq, channelId })
}

/** Publishes a committed change of what a user keeps about a thread. Of many the last is enough: feeds read the others from the store. */
export function publishThread(app: App, thread: FollowedThread): void {
  publishUserEvent(app, thread.userId, { type: 'threadChanged', seq: thread.userSeq, thread })
}

/** Publishes that members have read or received more, with one hint for each channel. */
export function publishReceipts(
  { bus }: Pick<App, 'bus'>,
  of: ReceiptKind,
  members: readonly { readonly channelId: ChannelId; readonly memberId: MemberId }[],
): void {
  const byChannel = new Map<ChannelId, MemberId[]>()
  for (const { channelId, memberId } of members) {
    const known = byChannel.get(channelId)
    if (known) known.push(memberId)
    else byChannel.set(channelId, [memberId])
  }
  for (const [channelId, memberIds] of byChannel) {
    const hint: ChannelHint = { type: 'receiptsMoved', of, memberIds }
    bus.publish(topics.channel(channelId), hint)
  }
}
