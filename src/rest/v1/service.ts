import {
  RestCreateServiceDocument,
  RestDeleteServiceDocument,
  RestFetchServiceDocument,
  RestServicesDocument,
  RestUpdateServiceDocument,
  type RestServiceFragment,
} from '../../../schema/generated/graphql.ts'
import { notificationKinds } from '../../model/notification.ts'
import { toConstantCase } from '../../model/webhook.ts'
import * as form from '../form.ts'
import { create, fetch, list, remove, update } from '../operation.ts'
import {
  accountSid,
  closed,
  date,
  field,
  flag,
  integer,
  links,
  nullable,
  sid,
  text,
  textListSchema,
  textOrNull,
  url,
  type Resource,
} from '../resource.ts'
import { settings, toFilterName, toUpdateInput } from './service-settings.ts'

/** The largest page of services in v1. */
const maxPageSize = 100

const path = ({ id }: { readonly id: string }): string => `/Services/${id}`

const textOrNullSchema = nullable({ type: 'string' })

/** `newMessage` is new_message. */
const keyOf = (name: string): string => toConstantCase(name).toLowerCase()

const notificationSchema = closed({ enabled: { type: 'boolean' }, template: textOrNullSchema })

const service: Resource<RestServiceFragment> = {
  name: 'service',
  fields: {
    sid: sid('IS', ({ id }) => id),
    account_sid: accountSid,
    friendly_name: text(({ friendlyName }) => friendlyName),
    date_created: date(({ createdAt }) => createdAt),
    date_updated: date(({ updatedAt }) => updatedAt),
    default_service_role_sid: sid('RL', ({ defaultServiceRole }) => defaultServiceRole.id),
    default_channel_role_sid: sid('RL', ({ defaultChannelRole }) => defaultChannelRole.id),
    default_channel_creator_role_sid: sid('RL', ({ defaultChannelCreatorRole }) => defaultChannelCreatorRole.id),
    read_status_enabled: flag(({ readStatusEnabled }) => readStatusEnabled),
    reachability_enabled: flag(({ reachabilityEnabled }) => reachabilityEnabled),
    typing_indicator_timeout: integer(({ typingIndicatorTimeout }) => typingIndicatorTimeout),
    consumption_report_interval: integer(({ consumptionReportInterval }) => consumptionReportInterval),
    limits: field(
      closed({ channel_members: { type: 'integer' }, user_channels: { type: 'integer' } }),
      ({ limits: { channelMembers, userChannels } }) => ({
        channel_members: channelMembers,
        user_channels: userChannels,
      }),
    ),
    webhooks: field(
      {
        type: 'object',
        additionalProperties: closed({ url: textOrNullSchema, method: textOrNullSchema }),
        description: 'The events with an address or a method of their own, by names such as on_message_send.',
      },
      ({ webhooks }) =>
        Object.fromEntries(
          webhooks!.targets.map(({ event, url: address, method }) => [event.toLowerCase(), { url: address, method }]),
        ),
    ),
    pre_webhook_url: textOrNull(({ webhooks }) => webhooks!.preUrl),
    post_webhook_url: textOrNull(({ webhooks }) => webhooks!.postUrl),
    webhook_method: text(({ webhooks }) => webhooks!.method),
    webhook_filters: field(textListSchema, ({ webhooks }) => webhooks!.filters.map(toFilterName)),
    notifications: field(
      closed({
        log_enabled: { type: 'boolean', const: false },
        ...Object.fromEntries(notificationKinds.map((kind) => [keyOf(kind), notificationSchema])),
      }),
      ({ notifications }) => ({
        log_enabled: false,
        ...Object.fromEntries(
          notificationKinds.map((kind) => {
            const { enabled, template } = notifications![kind]
            return [keyOf(kind), { enabled, template }]
          }),
        ),
      }),
    ),
    url: url(path),
    links: links({
      channels: (source) => `${path(source)}/Channels`,
      users: (source) => `${path(source)}/Users`,
      roles: (source) => `${path(source)}/Roles`,
    }),
  },
}

export const services = {
  list: list(service, {
    name: 'ListService',
    summary: 'Lists the services of the account, oldest first.',
    document: RestServicesDocument,
    variables: ({ page }) => page,
    key: 'services',
    maxPageSize,
    from: (data) => data.services,
  }),
  create: create(service, {
    name: 'CreateService',
    summary: 'Creates a service with four roles.',
    parameters: { FriendlyName: form.required(settings.FriendlyName) },
    document: RestCreateServiceDocument,
    variables: ({ given }) => ({ input: { friendlyName: given.FriendlyName } }),
    from: (data) => data.createService.service,
  }),
  fetch: fetch(service, {
    name: 'FetchService',
    summary: 'Returns one service.',
    document: RestFetchServiceDocument,
    variables: ({ path: { Sid } }) => ({ id: Sid }),
    from: (data) => data.service,
  }),
  update: update(service, {
    name: 'UpdateService',
    summary: 'Changes the settings of a service. Parameters that are left out keep their values.',
    parameters: settings,
    document: RestUpdateServiceDocument,
    variables: ({ path: { Sid }, given }) => ({ input: toUpdateInput(Sid, given) }),
    from: (data) => data.updateService.service,
  }),
  remove: remove({
    name: 'DeleteService',
    summary: 'Deletes a service with all its contents. The account’s default service cannot be deleted.',
    document: RestDeleteServiceDocument,
    variables: ({ path: { Sid } }) => ({ input: { serviceId: Sid } }),
  }),
}
