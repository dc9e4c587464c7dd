/** The events of webhooks. A pre-event is sent before something happens and can refuse it, a post-event afterwards. */
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

/** Whether the event is sent before something happens. */
export function isPreEvent(event: WebhookEvent): boolean {
  return !/(ed|ent)$/.test(event)
}

/** `onMessageSend` as enums have it: ON_MESSAGE_SEND. */
export function toConstantCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

export type WebhookMethod = 'GET' | 'POST'

/** The format of a POST body. A GET has no body. */
export type WebhookBodyFormat = 'form' | 'json'

/** The address and method of a single event, if they are not the service's own. */
export interface WebhookTarget {
  readonly url: string | null
  /** Null means the service's own method. */
  readonly method: WebhookMethod | null
}

export type WebhookTargets = Readonly<Partial<Record<WebhookEvent, WebhookTarget>>>

/** The parameters of a webhook request, by their names in Programmable Chat. */
export type WebhookParameters = Readonly<Record<string, string>>
