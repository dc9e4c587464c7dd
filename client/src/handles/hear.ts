import type { Emitter } from '../events.ts'
import type { Heard } from '../store/heard.ts'
import { isMentioned } from '../store/mentioned.ts'
import type { Message } from '../store/state.ts'
import type { ChannelEvents } from './channel-events.ts'
import { ChannelHandle } from './channel.ts'
import type { ClientEvents } from './client-events.ts'
import type { HandleContext } from './context.ts'
import { MemberHandle } from './member.ts'
import { mendText } from './mend-text.ts'
import { MessageHandle } from './message.ts'
import { readPreview } from './preview.ts'
import { recount, recountAll } from './recount.ts'

export interface Emitters {
  readonly client: Emitter<ClientEvents>
  readonly channel: (channelId: string) => Emitter<ChannelEvents>
}

/** Emits what has happened to the listeners of its channel or of the client. */
export function hear(context: HandleContext, { client, channel }: Emitters, heard: Heard): void {
  switch (heard.name) {
    case 'messageAdded':
    case 'messageUpdated':
    case 'messageFinished':
    case 'messagePinned':
    case 'messageUnpinned': {
      const { name, channelId } = heard
      const message = new MessageHandle(context, heard.message)
      channel(channelId).emit(name, message)
      if (name === 'messageAdded' || name === 'messageFinished') context.notify(heard.message)
      return
    }
    case 'messageRemoved': {
      const { channelId, index, message } = heard
      void readPreview(context, channelId)
      return channel(channelId).emit('messageRemoved', {
        index,
        message: message && new MessageHandle(context, message),
      })
    }
    case 'memberJoined':
    case 'memberUpdated':
    case 'memberLeft':
    case 'typingStarted':
    case 'typingEnded': {
      const { name, channelId, identity, member } = heard
      return channel(channelId).emit(name, new MemberHandle(channelId, identity, member))
    }
    case 'updated':
    case 'truncated':
      return channel(heard.channelId).emit(heard.name, heard.channel)
    case 'channelJoined':
      return client.emit('channelJoined', new ChannelHandle(context, heard.channelId))
    case 'channelLeft':
      return client.emit('channelLeft', heard.channel)
    case 'invite':
      return client.emit('invite', heard.invite)
    case 'inviteEnded':
      return client.emit('inviteEnded', { id: heard.id })
    case 'connectionState':
      // Counts that could not be read before.
      if (heard.connection.status === 'live') void recountAll(context)
      return client.emit('connectionState', heard.connection)
    case 'textTorn':
      return void mendText(
        context,
        heard.message,
        () => context.store.getSnapshot().channels.get(heard.channelId)?.messages ?? [],
      )
    case 'countStale':
      return void recount(context, heard.channelId)
  }
}

/** By somebody else, not silent, unread, in a channel that is neither muted nor put away nor looked at; in the tab that acts for all. */
export function isToNotify({ host, store, env }: HandleContext, message: Message): boolean {
  const { channelId, authorIdentity, index, isSilent, streamState, body } = message
  const known = store.getSnapshot().channels.get(channelId)
  // A text that is being written is told of when it has ended, unless nothing is left of it.
  if (streamState === 'STREAMING' || (streamState && !body)) return false
  if (!known || !host.isLeader || isSilent || authorIdentity === known.membership.identity) return false
  const { preferences, lastReadIndex } = known.membership
  const { muteEndsAt, isArchived, notificationLevel } = preferences ?? {}
  const isMuted = muteEndsAt != null && Date.parse(muteEndsAt) > env.clock.now()
  const level = notificationLevel ?? 'ALL'
  const isNamed = level === 'MENTIONS' && isMentioned(message, known.membership.identity)
  const isWanted = !isMuted && !isArchived && (level === 'ALL' || isNamed)
  const isSeen = index <= (lastReadIndex ?? -1) || host.isSeen(channelId)
  return isWanted && !isSeen
}
