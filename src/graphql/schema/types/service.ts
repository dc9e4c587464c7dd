import { nullIfHidden, requireService } from '../../../domain/access/authority.ts'
import { listRoles } from '../../../domain/access/role.ts'
import { createService, deleteService, listServices, updateService } from '../../../domain/access/service.ts'
import { limits } from '../../../model/limits.ts'
import type { UserLimits } from '../../../model/rate-limit.ts'
import { userLimit, type Service as ServiceModel } from '../../../model/service.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { connectionCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { KeywordRule, Node, Role, Service } from '../refs.ts'
import { NotificationSettings, NotificationSettingsInput } from './notification.ts'
import { Rate, RateInput } from './rate-limit.ts'
import { roleConnection } from './role.ts'
import { WebhookSettings, WebhookSettingsInput } from './webhook.ts'

const UserDirectory = builder.enumType('UserDirectory', {
  description: 'The users whom the users of a service find.',
  values: {
    OFF: { value: 'off', description: 'Users find those with whom they share a channel, and themselves.' },
    ALL: { value: 'all', description: 'Users find all users of the service.' },
  } as const,
})

const EditHistory = builder.enumType('EditHistory', {
  description: 'The former versions of edited messages that a service keeps.',
  values: {
    NONE: { value: 'none', description: 'The text that an edit replaces is gone.' },
    LAST: { value: 'last', description: 'The version before the last edit.' },
    ALL: { value: 'all', description: 'All versions since the setting was made, the newest 100 of each message.' },
  } as const,
})

const limitOf =
  <Kind extends keyof UserLimits>(kind: Kind) =>
  (service: ServiceModel): UserLimits[Kind] =>
    userLimit(service, kind)

const Limits = builder.objectRef<ServiceModel>('ServiceLimits').implement({
  description: 'The upper limits of a service.',
  fields: (t) => ({
    channelMembers: t.exposeInt('channelMembersLimit', {
      description: 'The largest number of members of one channel. One more is refused (50403).',
    }),
    userChannels: t.exposeInt('userChannelsLimit', {
      description:
        'The largest number of channels that one user may have joined or been added to by the backend. One more is refused (50208). ' +
        'Channels to which other users have added the user are counted separately, against the same limit.',
    }),
    userSends: t.field({
      type: Rate,
      description:
        'The rate at which one user may call `sendMessage` in one process: 60 times in 3 seconds by default. One more is refused (RATE_LIMITED 51002).',
      resolve: limitOf('sends'),
    }),
    userOperations: t.field({
      type: Rate,
      description:
        'The rate at which one user may ask one process for other fields of Query and Mutation, each alias counted: 200 in 4 seconds by default. One more is ' +
        'refused (RATE_LIMITED 51002).',
      resolve: limitOf('operations'),
    }),
    userTyping: t.field({
      type: Rate,
      description:
        'The rate at which one user may call `startTyping` in one process: 20 times in 4 seconds by default. One more has no effect, and no error.',
      resolve: limitOf('typing'),
    }),
    userSockets: t.int({
      description:
        'The largest number of WebSockets that one user may have open in one process, 20 by default. A further one is closed with 4412.',
      resolve: limitOf('sockets'),
    }),
    userSubscriptions: t.int({
      description:
        'The largest number of subscriptions that one user may have open in one process, 200 by default. One more is refused (RATE_LIMITED 51001).',
      resolve: limitOf('subscriptions'),
    }),
  }),
})

const defaultRole =
  (name: 'defaultServiceRoleId' | 'defaultChannelRoleId' | 'defaultChannelCreatorRoleId') =>
  async (service: ServiceModel, _args: object, { loaders }: Context) =>
    (await loaders.role().load(service[name]))!

Service.implement({
  description: 'A separate space within the account, with users, roles and channels of its own.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', { description: 'A name for people, from 1 to 64 characters.' }),
    isDefault: t.exposeBoolean('isDefault', {
      description:
        'Whether this is the service of callers that name no service. An account has one default service, which cannot be deleted.',
    }),
    defaultServiceRole: t.field({
      type: Role,
      description: 'The deployment role of new users.',
      resolve: defaultRole('defaultServiceRoleId'),
    }),
    defaultChannelRole: t.field({
      type: Role,
      description: 'The channel role of new members.',
      resolve: defaultRole('defaultChannelRoleId'),
    }),
    defaultChannelCreatorRole: t.field({
      type: Role,
      description: 'The channel role of a user in channels that the user creates.',
      resolve: defaultRole('defaultChannelCreatorRoleId'),
    }),
    readStatusEnabled: t.exposeBoolean('readStatusEnabled', {
      description:
        'Whether members have a read horizon, the index up to which they have read. While off, `lastReadIndex` cannot be set and is null.',
    }),
    readReceiptsMaxMembers: t.exposeInt('readReceiptsMaxMembers', {
      description: 'The largest number of members of a channel in which receipts are reported. 0 reports none.',
    }),
    reachabilityEnabled: t.exposeBoolean('reachabilityEnabled', {
      description: 'Whether `isOnline` and `isNotifiable` of users are reported.',
    }),
    userDirectory: t.field({
      type: UserDirectory,
      description: 'The users whom users find with `users`, `presence` and `quickSwitcher`; OFF by default.',
      resolve: (service) => service.userDirectory,
    }),
    editHistory: t.field({
      type: EditHistory,
      description: 'The former versions of messages that are kept, which `Message.edits` shows; NONE by default.',
      resolve: (service) => service.editHistory,
    }),
    language: t.exposeString('language', {
      description: 'The language in which most people write in the service, as a BCP 47 language tag; `en` by default.',
    }),
    typingIndicatorTimeout: t.exposeInt('typingIndicatorTimeout', {
      description: 'The number of seconds after which typing ends unless it is repeated.',
    }),
    consumptionReportInterval: t.exposeInt('consumptionReportInterval', {
      description:
        'The length in seconds of the intervals of the clock in each of which the reads of one member cause at most one `onMemberUpdated` webhook.',
    }),
    limits: t.field({
      type: Limits,
      description: 'The upper limits of the service.',
      resolve: (service) => service,
    }),
    webhooks: t.field({
      type: WebhookSettings,
      nullable: true,
      description: 'The webhooks of the service. Null for users.',
      extensions: { perViewer: true },
      resolve: (service, _args, { viewer }) => (viewer.kind === 'backend' ? service : null),
    }),
    keywordRules: t.field({
      type: [KeywordRule],
      nullable: true,
      description: 'The keyword rules of the service, in the order in which they are applied. Null for users.',
      complexity: { field: 1, multiplier: limits.keywordRules },
      extensions: { perViewer: true },
      resolve: (service, _args, { viewer }) => (viewer.kind === 'backend' ? [...service.keywordRules] : null),
    }),
    notifications: t.field({
      type: NotificationSettings,
      nullable: true,
      description: 'The push notifications that the devices of users receive. Null for users.',
      extensions: { perViewer: true },
      resolve: (service, _args, { viewer }) => (viewer.kind === 'backend' ? service.notifications : null),
    }),
    roles: t.connection(
      {
        type: Role,
        description:
          'The roles of the service, oldest first. `first` or `last` is from 1 to 100 (backend: 1,000), by default 25.',
        complexity: connectionCost,
        resolve: async (service, args, { app, actor }) =>
          toConnection(await listRoles(app, actor, service.id, args), (role) => role.id),
      },
      ...roleConnection,
    ),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which the service was created.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'The time at which the service last changed.' }),
  }),
})

const ServiceConnection = builder.connectionObject(
  { type: Service, name: 'ServiceConnection', description: 'A page of services.' },
  { name: 'ServiceEdge', description: 'A service and its position in the list.' },
)

builder.queryFields((t) => ({
  service: t.field({
    type: Service,
    nullable: true,
    description: 'The service with this SID; null when it does not exist for the caller.',
    args: {
      id: t.arg.id({
        required: false,
        description:
          'SID of the service. By default that of the access token, and for the backend the account’s default service.',
      }),
    },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => requireService(app, actor, id)),
  }),
  services: t.connection(
    {
      type: Service,
      description:
        'Backend only: the services of the account, oldest first. `first` or `last` is from 1 to 1,000, by default 25.',
      complexity: connectionCost,
      resolve: async (_root, args, { app, actor }) =>
        toConnection(await listServices(app, actor, args), (service) => service.id),
    },
    ServiceConnection,
  ),
}))

const CreateServiceInput = builder.inputType('CreateServiceInput', {
  description: 'Input of `createService`. All other settings have their default values.',
  fields: (t) => ({
    friendlyName: t.string({
      required: true,
      description: 'A name for people, from 1 to 64 characters (50000, 50003).',
    }),
  }),
})

const ServiceLimitsInput = builder.inputType('ServiceLimitsInput', {
  description:
    'Changes to the upper limits of a service. Fields that are left out keep their values. Members and channels above a new limit ' +
    'stay.',
  fields: (t) => ({
    channelMembers: t.int({
      required: false,
      description: 'The largest number of members of one channel, from 1 to 1,000 (50061).',
    }),
    userChannels: t.int({
      required: false,
      description: 'The largest number of channels of one user, from 1 to 1,000 (50060).',
    }),
    userSends: t.field({
      type: RateInput,
      required: false,
      description: 'The rate at which one user may call `sendMessage` in one process. Null brings the default back.',
    }),
    userOperations: t.field({
      type: RateInput,
      required: false,
      description:
        'The rate at which one user may ask one process for other fields of Query and Mutation. Null brings the default back.',
    }),
    userTyping: t.field({
      type: RateInput,
      required: false,
      description: 'The rate at which one user may call `startTyping` in one process. Null brings the default back.',
    }),
    userSockets: t.int({
      required: false,
      description:
        'The largest number of WebSockets that one user may have open in one process, from 1 to 1,000. Null brings the default back. Open ones stay.',
    }),
    userSubscriptions: t.int({
      required: false,
      description:
        'The largest number of subscriptions that one user may have open in one process, from 1 to 10,000. Null brings the default back. Open ones stay.',
    }),
  }),
})

const UpdateServiceInput = builder.inputType('UpdateServiceInput', {
  description: 'Input of `updateService`. Fields that are left out keep their values.',
  fields: (t) => ({
    serviceId: t.id({ required: true, description: 'SID of the service to change.' }),
    friendlyName: t.string({
      required: false,
      description: 'A name for people, from 1 to 64 characters (50000, 50003).',
    }),
    defaultServiceRoleId: t.id({
      required: false,
      description: 'SID of the service role (type DEPLOYMENT) of new users, which must be of this service (50102).',
    }),
    defaultChannelRoleId: t.id({
      required: false,
      description: 'SID of the channel role of new members, which must be of this service (50101).',
    }),
    defaultChannelCreatorRoleId: t.id({
      required: false,
      description:
        'SID of the channel role of a user in channels that the user creates, which must be of this service (50106).',
    }),
    readStatusEnabled: t.boolean({
      required: false,
      description: 'Whether members have a read horizon, the index up to which they have read.',
    }),
    readReceiptsMaxMembers: t.int({
      required: false,
      description:
        'The largest number of members of a channel in which receipts are reported, from 0 (in none) to 250. 100 by default.',
    }),
    reachabilityEnabled: t.boolean({
      required: false,
      description: 'Whether `isOnline` and `isNotifiable` of users are reported.',
    }),
    userDirectory: t.field({
      type: UserDirectory,
      required: false,
      description: 'The users whom users find with `users`, `presence` and `quickSwitcher`.',
    }),
    editHistory: t.field({
      type: EditHistory,
      required: false,
      description:
        'The former versions of messages that are kept from now on. What a narrower setting does not show stays stored until the next edit, ' +
        'or the deletion, of its message.',
    }),
    language: t.string({
      required: false,
      description:
        'The language in which most people write in the service, as a BCP 47 language tag of at most 64 characters, which is stored in ' +
        'its canonical form.',
    }),
    typingIndicatorTimeout: t.int({
      required: false,
      description: 'The number of seconds after which typing ends unless it is repeated, from 1 to 600 (50053).',
    }),
    consumptionReportInterval: t.int({
      required: false,
      description:
        'The length in seconds of the intervals in each of which the reads of one member cause at most one webhook, from 1 to 86,400 (50052).',
    }),
    limits: t.field({ type: ServiceLimitsInput, required: false, description: 'Changes to the upper limits.' }),
    webhooks: t.field({ type: WebhookSettingsInput, required: false, description: 'Changes to the webhooks.' }),
    notifications: t.field({
      type: NotificationSettingsInput,
      required: false,
      description: 'Changes to the push notifications.',
    }),
  }),
})

const payload = payloadOf('service', Service)

builder.mutationFields((t) => ({
  createService: t.field({
    type: payload('createService', 'The created service.'),
    description:
      'Backend only: creates a service with the roles `service admin`, `service user`, `channel admin` and `channel user`. The last ' +
      'three are its default roles of users, channel creators and members.',
    args: { input: t.arg({ type: CreateServiceInput, required: true, description: 'The service to create.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ service: await createService(app, actor, input) }),
  }),
  updateService: t.field({
    type: payload('updateService', 'The changed service.'),
    description: 'Backend only: changes the settings of a service, on every process within 5 seconds.',
    args: { input: t.arg({ type: UpdateServiceInput, required: true, description: 'The service and its changes.' }) },
    resolve: async (_root, { input: { serviceId, ...settings } }, { app, actor, isPrepared }) => ({
      // Programmable Chat takes an address without filters, and so does REST.
      service: await updateService(app, actor, serviceId, settings, { mayBeIdle: isPrepared }),
    }),
  }),
  deleteService: t.field({
    type: payload('deleteService', 'The deleted service, as it was before.'),
    description:
      'Backend only: deletes a service with all its contents. Its access tokens are refused, and its open subscriptions end with ' +
      'NOT_FOUND 50050. The account’s default service cannot be deleted (CONFLICT).',
    args: {
      input: t.arg({
        required: true,
        description: 'The service to delete.',
        type: builder.inputType('DeleteServiceInput', {
          description: 'Input of `deleteService`.',
          fields: (f) => ({ serviceId: f.id({ required: true, description: 'SID of the service to delete.' }) }),
        }),
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      service: await deleteService(app, actor, input.serviceId),
    }),
  }),
}))
