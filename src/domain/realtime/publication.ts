import { topics, type Bus } from '../../live/bus.ts'
import type { ChannelHint, UserEvent } from '../../model/event.ts'
import type { Invite } from '../../model/invite.ts'
import type { Member } from '../../model/member.ts'
import type { Message } from '../../model/message.ts'
import type { App } from '../app.ts'

/** Tells the channel's feeds what has been committed. Never awaited: the feeds find out by themselves if it gets lost. */
export function publishChannelEvent(app: App, channelId: string, event: ChannelHint): void {
  app.bus.publish(topics.channel(channelId), event)
}

export function publishUserEvent(app: App, userId: string, event: UserEvent): void {
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

export function publishInvite(app: App, type: 'inviteAdded' | 'inviteRemoved', invite: Invite): void {
  publishUserEvent(app, invite.userId, { type, seq: invite.userSeq, invite })
}

export function publishMessage(bus: Bus, message: Message): void {
  const event: ChannelHint = { type: 'messageAdded', seq: message.seq, message }
  bus.publish(topics.channel(message.channelId), event)
}
