import type { UpdateServiceInput, WebhookEvent as WebhookEventName } from '../../../schema/generated/graphql.ts'
import { limits } from '../../model/limits.ts'
import { notificationKinds, type NotificationKind } from '../../model/notification.ts'
import { toConstantCase, webhookEvents, type WebhookEvent } from '../../model/webhook.ts'
import * as form from '../form.ts'

/** The form that changes a service. Nested settings have dotted names. */

const methods = { GET: 'GET', POST: 'POST' } as const

/** v1 has no addresses for the events of users, nor for the event that came later. */
const targetEvents = webhookEvents.filter((event) => !event.startsWith('onUser') && event !== 'onMemberUpdated')

const capital = <Name extends string>(name: Name) => (name[0]!.toUpperCase() + name.slice(1)) as Capitalize<Name>

const eventNames = Object.fromEntries(webhookEvents.map((event) => [event, toConstantCase(event)])) as Record<
  WebhookEvent,
  WebhookEventName
>

type Named<Name extends string, Parameter> = Readonly<Record<Name, Parameter>>
type TextParameter = ReturnType<typeof form.text>
type FlagParameter = ReturnType<typeof form.flag>
type MethodParameter = ReturnType<typeof form.oneOf<'GET' | 'POST', 'GET' | 'POST'>>

const method = (description: string) => form.oneOf(description, methods, 50055)

const targets = Object.fromEntries(
  targetEvents.flatMap((event) => [
    [`Webhooks.${capital(event)}.Url`, form.url(`The address to which ${event} is sent; empty for the service’s own.`)],
    [`Webhooks.${capital(event)}.Method`, method(`The HTTP method with which ${event} is sent.`)],
  ]),
) as Named<`Webhooks.${Capitalize<WebhookEvent>}.Url`, TextParameter> &
  Named<`Webhooks.${Capitalize<WebhookEvent>}.Method`, MethodParameter>

const notifications = Object.fromEntries(
  notificationKinds.flatMap((kind) => [
    [`Notifications.${capital(kind)}.Enabled`, form.flag('Whether users receive this notification; false by default.')],
    [
      `Notifications.${capital(kind)}.Template`,
      form.text('The text of the notification.', { maxLength: limits.notificationTemplateLength }),
    ],
  ]),
) as Named<`Notifications.${Capitalize<NotificationKind>}.Enabled`, FlagParameter> &
  Named<`Notifications.${Capitalize<NotificationKind>}.Template`, TextParameter>

export const settings = {
  FriendlyName: form.text('A name for people.', { minLength: 1, maxLength: 64 }),
  DefaultServiceRoleSid: form.sid('RL', 'SID of the deployment role of new users.'),
  DefaultChannelRoleSid: form.sid('RL', 'SID of the channel role of new members.'),
  DefaultChannelCreatorRoleSid: form.sid('RL', 'SID of the channel role of a user in channels that the user creates.'),
  ReadStatusEnabled: form.flag(
    'Whether members have a read horizon, the index up to which they have read; true by default.',
  ),
  ReachabilityEnabled: form.flag('Whether `is_online` and `is_notifiable` of users are reported; false by default.'),
  TypingIndicatorTimeout: form.integer(
    'The number of seconds after which typing ends unless it is repeated; 5 by default.',
    50053,
    {
      minimum: 1,
      maximum: limits.typingSeconds,
    },
  ),
  ConsumptionReportInterval: form.integer(
    'The number of seconds between two reports of reading by old clients; 10 by default. The server only stores it.',
    50052,
    {
      minimum: 1,
      maximum: limits.reportSeconds,
    },
  ),
  PreWebhookUrl: form.url('The address of pre-events, which are sent before an action; empty for none.'),
  PostWebhookUrl: form.url('The address of post-events, which are sent after an action; empty for none.'),
  WebhookMethod: method('The HTTP method of requests to both addresses; POST by default.'),
  WebhookFilters: form.list(
    form.oneOf(
      'The events that are sent to the two addresses. They replace all previous ones; one empty value is none.',
      eventNames,
    ),
  ),
  'Limits.ChannelMembers': form.integer('The largest number of members of one channel; 100 by default.', 50061, {
    minimum: 1,
    maximum: limits.channelMembers,
  }),
  'Limits.UserChannels': form.integer('The largest number of channels of one user; 250 by default.', 50060, {
    minimum: 1,
    maximum: limits.userChannels,
  }),
  ...targets,
  ...notifications,
}

export function toUpdateInput(serviceId: string, given: form.Values<typeof settings>): UpdateServiceInput {
  const changed = targetEvents.flatMap((event) => {
    const url = given[`Webhooks.${capital(event)}.Url`]
    const how = given[`Webhooks.${capital(event)}.Method`]
    return url === undefined && how === undefined ? [] : [{ event: eventNames[event], url, method: how }]
  })
  const notification = (kind: NotificationKind) => ({
    enabled: given[`Notifications.${capital(kind)}.Enabled`],
    template: given[`Notifications.${capital(kind)}.Template`],
  })
  const isNotificationGiven = Object.keys(given).some((name) => name.startsWith('Notifications.'))
  return {
    serviceId,
    friendlyName: given.FriendlyName,
    defaultServiceRoleId: given.DefaultServiceRoleSid,
    defaultChannelRoleId: given.DefaultChannelRoleSid,
    defaultChannelCreatorRoleId: given.DefaultChannelCreatorRoleSid,
    readStatusEnabled: given.ReadStatusEnabled,
    reachabilityEnabled: given.ReachabilityEnabled,
    typingIndicatorTimeout: given.TypingIndicatorTimeout,
    consumptionReportInterval: given.ConsumptionReportInterval,
    limits: { channelMembers: given['Limits.ChannelMembers'], userChannels: given['Limits.UserChannels'] },
    webhooks: {
      preUrl: given.PreWebhookUrl,
      postUrl: given.PostWebhookUrl,
      method: given.WebhookMethod,
      filters: given.WebhookFilters,
      targets: changed.length > 0 ? changed : undefined,
    },
    notifications: isNotificationGiven
      ? {
          newMessage: notification('newMessage'),
          addedToChannel: notification('addedToChannel'),
          removedFromChannel: notification('removedFromChannel'),
          invitedToChannel: notification('invitedToChannel'),
        }
      : undefined,
  }
}

/** `ON_MESSAGE_SEND` as filters name it. */
export function toFilterName(event: WebhookEventName): string {
  return webhookEvents.find((name) => eventNames[name] === event)!
}
