/** What a webhook can be told of. The pre-events ask before it happens, the post-events tell that it has. */
export const webhookEvents = [
  'onMessageSend',
  'onMessageSent',
  'onMessageUpdate',
  'onMessageUpdated',
  'onMessageRemove',
  'onMessageRemoved',
  'onChannelAdd',
  'onChannelAdded',
  'onChannelUpdate',
  'onChannelUpdated',
  'onChannelDestroy',
  'onChannelDestroyed',
  'onMemberAdd',
  'onMemberAdded',
  'onMemberUpdated',
  'onMemberRemove',
  'onMemberRemoved',
  'onUserAdded',
  'onUserUpdate',
  'onUserUpdated',
] as const

export type WebhookEvent = (typeof webhookEvents)[number]

/** Whether it is asked before something happens, and not told after. */
export function isPreEvent(event: WebhookEvent): boolean {
  return !/(ed|ent)$/.test(event)
}

/** `onMessageSend` as enums have it: ON_MESSAGE_SEND. */
export function toConstantCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

export type WebhookMethod = 'GET' | 'POST'

/** How the body of a POST is written. A GET has none. */
export type WebhookBodyFormat = 'form' | 'json'

/** Where one event is sent, where that is another place than the service's own. */
export interface WebhookTarget {
  readonly url: string | null
  /** Null is the service's own method. */
  readonly method: WebhookMethod | null
}

export type WebhookTargets = Readonly<Partial<Record<WebhookEvent, WebhookTarget>>>

/** What a webhook is told, by the names that Programmable Chat has for it. */
export type WebhookParameters = Readonly<Record<string, string>>
