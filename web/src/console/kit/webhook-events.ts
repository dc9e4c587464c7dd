import type { WebhookEvent } from '../generated/types.ts'

/** All events, by the names with which receivers get them. */
const names: Readonly<Record<WebhookEvent, string>> = {
  ON_MESSAGE_SEND: 'onMessageSend',
  ON_MESSAGE_SENT: 'onMessageSent',
  ON_MESSAGE_UPDATE: 'onMessageUpdate',
  ON_MESSAGE_UPDATED: 'onMessageUpdated',
  ON_MESSAGE_REMOVE: 'onMessageRemove',
  ON_MESSAGE_REMOVED: 'onMessageRemoved',
  ON_CHANNEL_ADD: 'onChannelAdd',
  ON_CHANNEL_ADDED: 'onChannelAdded',
  ON_CHANNEL_UPDATE: 'onChannelUpdate',
  ON_CHANNEL_UPDATED: 'onChannelUpdated',
  ON_CHANNEL_DESTROY: 'onChannelDestroy',
  ON_CHANNEL_DESTROYED: 'onChannelDestroyed',
  ON_MEMBER_ADD: 'onMemberAdd',
  ON_MEMBER_ADDED: 'onMemberAdded',
  ON_MEMBER_UPDATED: 'onMemberUpdated',
  ON_MEMBER_REMOVE: 'onMemberRemove',
  ON_MEMBER_REMOVED: 'onMemberRemoved',
  ON_USER_ADDED: 'onUserAdded',
  ON_USER_UPDATE: 'onUserUpdate',
  ON_USER_UPDATED: 'onUserUpdated',
}

export const eventName = (event: WebhookEvent): string => names[event]

/** Those that are sent after something has happened, and are delivered until they arrive. */
export const postEvents: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(names).filter(([, name]) => /(?:ed|Sent)$/u.test(name)),
)
