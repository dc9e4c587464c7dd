import type { KeywordRule } from './keyword-rule.ts'
import type { NotificationSettings } from './notification.ts'
import type { Permission, RoleType } from './permission.ts'
import { defaultUserLimits, type UserLimits } from './rate-limit.ts'
import type { AccountId, RoleId, ServiceId } from './sid.ts'
import {
  isPreEvent,
  type WebhookBodyFormat,
  type WebhookEvent,
  type WebhookMethod,
  type WebhookTargets,
} from './webhook.ts'

export interface Service {
  readonly id: ServiceId
  readonly accountId: AccountId
  readonly friendlyName: string
  readonly isDefault: boolean
  readonly defaultServiceRoleId: RoleId
  readonly defaultChannelRoleId: RoleId
  readonly defaultChannelCreatorRoleId: RoleId
  readonly readStatusEnabled: boolean
  /** Channels with more members report no receipts. */
  readonly readReceiptsMaxMembers: number
  /** Whom users find: nobody but those that they share a channel with, or all. */
  readonly userDirectory: 'off' | 'all'
  /** A BCP 47 language tag: how names and messages are folded for searching. */
  readonly language: string
  /** How many of a message's former versions are kept: none, the last one, or all up to a bound. */
  readonly editHistory: 'none' | 'last' | 'all'
  readonly reachabilityEnabled: boolean
  /** Seconds. */
  readonly typingIndicatorTimeout: number
  /** Seconds. Only clients use it. */
  readonly consumptionReportInterval: number
  readonly channelMembersLimit: number
  readonly userChannelsLimit: number
  /** Those that differ from the default. */
  readonly userLimits: Partial<UserLimits>
  readonly preWebhookUrl: string | null
  readonly postWebhookUrl: string | null
  readonly webhookMethod: WebhookMethod
  readonly webhookBodyFormat: WebhookBodyFormat
  /** The events that are sent to the service's own addresses. */
  readonly webhookFilters: readonly WebhookEvent[]
  readonly webhookTargets: WebhookTargets
  /** Whether any webhook is called. */
  readonly webhooksEnabled: boolean
  /** Whether webhooks are called for what the backend does, too. */
  readonly apiWebhooksEnabled: boolean
  /** Milliseconds that a pre-event waits for its answer. */
  readonly preWebhookTimeout: number
  /** Whether an operation is refused when its pre-event gets no answer. */
  readonly preWebhookRequired: boolean
  /** Signs webhooks as Standard Webhooks defines it; sealed. Null when an earlier version made the service. */
  readonly webhookSecret: string | null
  /** Applied to every message, in this order. */
  readonly keywordRules: readonly KeywordRule[]
  readonly notifications: NotificationSettings
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly deletedAt: Date | null
}

export interface Role {
  readonly id: RoleId
  readonly serviceId: ServiceId
  readonly friendlyName: string
  readonly type: RoleType
  readonly permissions: readonly Permission[]
  readonly createdAt: Date
  readonly updatedAt: Date
  /** A deleted role stays as a tombstone, because memberships that have ended refer to it. */
  readonly deletedAt: Date | null
}

export function userLimit<Kind extends keyof UserLimits>(
  service: Pick<Service, 'userLimits'> | undefined,
  kind: Kind,
): UserLimits[Kind] {
  return service?.userLimits[kind] ?? defaultUserLimits[kind]
}

/** The address that an event is sent to, or null. An address of the event itself wins over the service's, and needs no filter. */
export function addressOf(service: Service, event: WebhookEvent): string | null {
  const common = isPreEvent(event) ? service.preWebhookUrl : service.postWebhookUrl
  return service.webhookTargets[event]?.url ?? (service.webhookFilters.includes(event) ? common : null)
}
