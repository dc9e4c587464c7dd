import type { KeywordRule } from './keyword-rule.ts'
import type { NotificationSettings } from './notification.ts'
import type { Permission, RoleType } from './permission.ts'
import {
  isPreEvent,
  type WebhookBodyFormat,
  type WebhookEvent,
  type WebhookMethod,
  type WebhookTargets,
} from './webhook.ts'

export interface Service {
  readonly id: string
  readonly accountId: string
  readonly friendlyName: string
  readonly isDefault: boolean
  readonly defaultServiceRoleId: string
  readonly defaultChannelRoleId: string
  readonly defaultChannelCreatorRoleId: string
  readonly readStatusEnabled: boolean
  readonly reachabilityEnabled: boolean
  /** Seconds. */
  readonly typingIndicatorTimeout: number
  /** Seconds. Only told to clients. */
  readonly consumptionReportInterval: number
  readonly channelMembersLimit: number
  readonly userChannelsLimit: number
  readonly preWebhookUrl: string | null
  readonly postWebhookUrl: string | null
  readonly webhookMethod: WebhookMethod
  readonly webhookBodyFormat: WebhookBodyFormat
  /** The events that are sent; of all others nothing is told. */
  readonly webhookFilters: readonly WebhookEvent[]
  readonly webhookTargets: WebhookTargets
  /** Off, nothing is asked and nothing told. */
  readonly webhooksEnabled: boolean
  /** Whether what the backend does is asked and told, too. */
  readonly apiWebhooksEnabled: boolean
  /** Milliseconds that a pre-event waits for its answer. */
  readonly preWebhookTimeout: number
  /** Whether what cannot be asked is refused. */
  readonly preWebhookRequired: boolean
  /** Signs its webhooks, in the form of Standard Webhooks; sealed. Null where an earlier version has made the service. */
  readonly webhookSecret: string | null
  /** Tried on every message in this order. */
  readonly keywordRules: readonly KeywordRule[]
  readonly notifications: NotificationSettings
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly deletedAt: Date | null
}

export interface Role {
  readonly id: string
  readonly serviceId: string
  readonly friendlyName: string
  readonly type: RoleType
  readonly permissions: readonly Permission[]
  readonly createdAt: Date
  readonly updatedAt: Date
  /** A deleted role stays as a tombstone: memberships that have ended still name it. */
  readonly deletedAt: Date | null
}

/** Where an event is sent. Its own address wins over the service's, and needs no filter. */
export function addressOf(service: Service, event: WebhookEvent): string | null {
  const common = isPreEvent(event) ? service.preWebhookUrl : service.postWebhookUrl
  return service.webhookTargets[event]?.url ?? (service.webhookFilters.includes(event) ? common : null)
}
