import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import {
  noNotification,
  notificationKinds,
  type NotificationKind,
  type NotificationSettings,
} from '../../model/notification.ts'
import type { UserLimits, UserRateKind } from '../../model/rate-limit.ts'
import { addressOf, type Service } from '../../model/service.ts'
import {
  isPreEvent,
  toConstantCase,
  type WebhookBodyFormat,
  type WebhookEvent,
  type WebhookMethod,
  type WebhookTargets,
} from '../../model/webhook.ts'
import type { ServiceChange } from '../../store/service.ts'
import {
  parseCount,
  parseLanguageTag,
  parseRate,
  parseText,
  parseWebhookUrl,
  requireFriendlyName,
  type RateInput,
} from '../validation.ts'

type Optional<Value> = Value | null | undefined

/** Settings of a service. What is left out stays; null removes a value that is optional. */
export interface ServiceSettings {
  readonly friendlyName?: Optional<string>
  readonly defaultServiceRoleId?: Optional<string>
  readonly defaultChannelRoleId?: Optional<string>
  readonly defaultChannelCreatorRoleId?: Optional<string>
  readonly readStatusEnabled?: Optional<boolean>
  readonly readReceiptsMaxMembers?: Optional<number>
  readonly reachabilityEnabled?: Optional<boolean>
  readonly userDirectory?: Optional<Service['userDirectory']>
  readonly language?: Optional<string>
  readonly editHistory?: Optional<Service['editHistory']>
  readonly typingIndicatorTimeout?: Optional<number>
  readonly consumptionReportInterval?: Optional<number>
  readonly limits?: Optional<LimitSettings>
  readonly webhooks?: Optional<WebhookSettings>
  readonly notifications?: Optional<NotificationInput>
}

interface LimitSettings {
  readonly channelMembers?: Optional<number>
  readonly userChannels?: Optional<number>
  readonly userSends?: Optional<RateInput>
  readonly userOperations?: Optional<RateInput>
  readonly userTyping?: Optional<RateInput>
  readonly userSockets?: Optional<number>
  readonly userSubscriptions?: Optional<number>
}

interface WebhookSettings {
  readonly preUrl?: Optional<string>
  readonly postUrl?: Optional<string>
  readonly method?: Optional<WebhookMethod>
  readonly bodyFormat?: Optional<WebhookBodyFormat>
  readonly filters?: Optional<readonly WebhookEvent[]>
  readonly targets?: Optional<readonly TargetInput[]>
  readonly enabled?: Optional<boolean>
  readonly apiEnabled?: Optional<boolean>
  readonly preTimeoutMilliseconds?: Optional<number>
  readonly preRequired?: Optional<boolean>
}

interface TargetInput {
  readonly event: WebhookEvent
  readonly url?: Optional<string>
  readonly method?: Optional<WebhookMethod>
}

type NotificationInput = Readonly<
  Partial<
    Record<NotificationKind, Optional<{ readonly enabled?: Optional<boolean>; readonly template?: Optional<string> }>>
  >
>

interface WebhookRules {
  /** Accepts webhooks that would never be called. */
  readonly mayBeIdle: boolean
  /** Says why an address could never be called; undefined when it could. */
  findFault(url: string): string | undefined
}

/** Checks the settings and answers what they change of the service. Default roles are checked elsewhere. */
export function toServiceChange(service: Service, settings: ServiceSettings, rules: WebhookRules): ServiceChange {
  const { friendlyName, readStatusEnabled, reachabilityEnabled, limits: limitSettings, webhooks } = settings
  const { readReceiptsMaxMembers, typingIndicatorTimeout, consumptionReportInterval, notifications } = settings
  const { userDirectory, language, editHistory } = settings
  return {
    ...(friendlyName !== undefined && { friendlyName: requireFriendlyName(friendlyName) }),
    ...(readStatusEnabled !== undefined && { readStatusEnabled: requireFlag('readStatusEnabled', readStatusEnabled) }),
    ...(readReceiptsMaxMembers !== undefined && {
      readReceiptsMaxMembers: parseCount(
        'readReceiptsMaxMembers',
        readReceiptsMaxMembers,
        limits.receiptMembers,
        undefined,
        0,
      ),
    }),
    ...(reachabilityEnabled !== undefined && {
      reachabilityEnabled: requireFlag('reachabilityEnabled', reachabilityEnabled),
    }),
    ...(userDirectory != null && { userDirectory }),
    ...(editHistory != null && { editHistory }),
    ...(language != null && { language: parseLanguageTag('language', language) }),
    ...(typingIndicatorTimeout !== undefined && {
      typingIndicatorTimeout: parseCount('typingIndicatorTimeout', typingIndicatorTimeout, limits.typingSeconds, 50053),
    }),
    ...(consumptionReportInterval !== undefined && {
      consumptionReportInterval: parseCount(
        'consumptionReportInterval',
        consumptionReportInterval,
        limits.reportSeconds,
        50052,
      ),
    }),
    ...(limitSettings && toLimitChange(service, limitSettings)),
    ...(webhooks && toWebhookChange(service, webhooks, rules)),
    ...(notifications && { notifications: mergeNotifications(service.notifications, notifications) }),
  }
}

function requireFlag(name: string, value: boolean | null): boolean {
  if (value === null) throw badInput(`${name} must be true or false`, name)
  return value
}

function toLimitChange(service: Service, settings: LimitSettings): ServiceChange {
  const { channelMembers, userChannels, ...ofUsers } = settings
  return {
    ...(Object.values(ofUsers).some((value) => value !== undefined) && {
      userLimits: mergeUserLimits(service.userLimits, ofUsers),
    }),
    ...(channelMembers !== undefined && {
      channelMembersLimit: parseCount('limits.channelMembers', channelMembers, limits.channelMembers, 50061),
    }),
    ...(userChannels !== undefined && {
      userChannelsLimit: parseCount('limits.userChannels', userChannels, limits.userChannels, 50060),
    }),
  }
}

type UserLimitSettings = Omit<LimitSettings, 'channelMembers' | 'userChannels'>

/** Null brings the default back. */
function mergeUserLimits(before: Partial<UserLimits>, settings: UserLimitSettings): Partial<UserLimits> {
  const rate = (kind: UserRateKind, name: 'userSends' | 'userOperations' | 'userTyping'): Partial<UserLimits> => {
    const input = settings[name]
    if (input === undefined) return {}
    return { [kind]: input === null ? undefined : parseRate(`limits.${name}`, input) }
  }
  const count = (kind: 'sockets' | 'subscriptions', name: 'userSockets' | 'userSubscriptions'): Partial<UserLimits> => {
    const input = settings[name]
    if (input === undefined) return {}
    return { [kind]: input === null ? undefined : parseCount(`limits.${name}`, input, limits[name]) }
  }
  return {
    ...before,
    ...rate('sends', 'userSends'),
    ...rate('operations', 'userOperations'),
    ...rate('typing', 'userTyping'),
    ...count('sockets', 'userSockets'),
    ...count('subscriptions', 'userSubscriptions'),
  }
}

function toWebhookChange(service: Service, settings: WebhookSettings, rules: WebhookRules): ServiceChange {
  const { mayBeIdle, findFault } = rules
  const { preUrl, postUrl, method, bodyFormat, filters, targets } = settings
  const { enabled, apiEnabled, preTimeoutMilliseconds, preRequired } = settings
  const change: ServiceChange = {
    ...(preUrl !== undefined && { preWebhookUrl: parseWebhookUrl('preUrl', preUrl, findFault, 'webhooks.preUrl') }),
    ...(postUrl !== undefined && {
      postWebhookUrl: parseWebhookUrl('postUrl', postUrl, findFault, 'webhooks.postUrl'),
    }),
    ...(method !== undefined && { webhookMethod: method ?? 'POST' }),
    ...(bodyFormat !== undefined && { webhookBodyFormat: bodyFormat ?? 'form' }),
    ...(filters !== undefined && { webhookFilters: [...new Set(filters)] }),
    ...(targets && { webhookTargets: mergeTargets(service.webhookTargets, targets, findFault) }),
    ...(enabled !== undefined && { webhooksEnabled: requireFlag('webhooks.enabled', enabled) }),
    ...(apiEnabled !== undefined && { apiWebhooksEnabled: requireFlag('webhooks.apiEnabled', apiEnabled) }),
    ...(preTimeoutMilliseconds !== undefined && {
      preWebhookTimeout: parseCount(
        'webhooks.preTimeoutMilliseconds',
        preTimeoutMilliseconds,
        limits.webhookMilliseconds,
      ),
    }),
    ...(preRequired !== undefined && { preWebhookRequired: requireFlag('webhooks.preRequired', preRequired) }),
  }
  if (!mayBeIdle) assertUsed({ ...service, ...change }, settings)
  return change
}

/** Throws when something that is set would never be used in the resulting service. A removal may leave the rest unused. */
function assertUsed(service: Service, { preUrl, postUrl, filters, targets }: WebhookSettings): void {
  const filtered = service.webhookFilters.filter((event) => !service.webhookTargets[event]?.url)
  if (preUrl && !filtered.some(isPreEvent)) {
    throw badInput(
      'preUrl would never be called: filters must have an event for it, such as ON_MESSAGE_SEND',
      'webhooks.preUrl',
    )
  }
  if (postUrl && filtered.every(isPreEvent)) {
    throw badInput(
      'postUrl would never be called: filters must have an event for it, such as ON_MESSAGE_SENT',
      'webhooks.postUrl',
    )
  }
  for (const event of filters ?? []) {
    if (addressOf(service, event) !== null) continue
    const common = isPreEvent(event) ? 'preUrl' : 'postUrl'
    throw badInput(
      `filters: ${toConstantCase(event)} would be sent nowhere; set ${common}, or a url for it in targets`,
      'webhooks.filters',
    )
  }
  for (const { event, url, method } of targets ?? []) {
    const name = toConstantCase(event)
    if (url === undefined && method === undefined)
      throw badInput(`targets: ${name} must have a url or a method`, 'webhooks.targets')
    if (method && addressOf(service, event) === null) {
      throw badInput(`targets: ${name} would be sent nowhere; give it a url, or have it in filters`, 'webhooks.targets')
    }
  }
}

/** A target without a URL and a method is removed. */
function mergeTargets(
  before: WebhookTargets,
  inputs: readonly TargetInput[],
  findFault: WebhookRules['findFault'],
): WebhookTargets {
  const after = { ...before }
  for (const { event, url, method } of inputs) {
    const known = after[event] ?? { url: null, method: null }
    const target = {
      url:
        url === undefined
          ? known.url
          : parseWebhookUrl(`targets: ${toConstantCase(event)}`, url, findFault, 'webhooks.targets'),
      method: method === undefined ? known.method : method,
    }
    if (target.url === null && target.method === null) delete after[event]
    else after[event] = target
  }
  return after
}

function mergeNotifications(before: NotificationSettings, input: NotificationInput): NotificationSettings {
  const after = { ...before }
  for (const kind of notificationKinds) {
    const given = input[kind]
    if (!given) continue
    const known = after[kind] ?? noNotification
    after[kind] = {
      enabled:
        given.enabled === undefined ? known.enabled : requireFlag(`notifications.${kind}.enabled`, given.enabled),
      template: given.template === undefined ? known.template : parseTemplate(kind, given.template),
    }
  }
  return after
}

function parseTemplate(kind: NotificationKind, template: string | null): string | null {
  if (template === null || template === '') return null
  return parseText(`notifications.${kind}.template`, template, limits.notificationTemplateLength, 50058)
}
