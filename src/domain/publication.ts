import type { App } from '../app.ts'
import { topics, type Bus } from '../live/bus.ts'
import type { ChannelEvent, UserEvent } from '../model/event.ts'
import type { Message } from '../model/message.ts'

/** Tells the channel's feeds what has been committed. Never awaited: the feeds find out by themselves if it gets lost. */
export function publishChannelEvent(app: App, channelId: string, event: ChannelEvent): void {
  app.bus.publish(topics.channel(channelId), event)
}

export function publishUserEvent(app: App, userId: string, event: UserEvent): void {
  app.bus.publish(topics.user(userId), event)
}

export function publishMessage(bus: Bus, message: Message): void {
  const event: ChannelEvent = { type: 'messageAdded', seq: message.seq, message }
  bus.publish(topics.channel(message.channelId), event)
}
