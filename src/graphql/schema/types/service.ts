import { nullIfHidden, requireService } from '../../../domain/access/authority.ts'
import { listRoles } from '../../../domain/access/role.ts'
import { createService, deleteService, listServices, updateService } from '../../../domain/access/service.ts'
import { limits } from '../../../model/limits.ts'
import type { Service as ServiceModel } from '../../../model/service.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { connectionCost, toConnection } from '../pagination.ts'
import { KeywordRule, Node, Role, Service } from '../refs.ts'
import { NotificationSettings, NotificationSettingsInput } from './notification.ts'
import { roleConnection } from './role.ts'
import { WebhookSettings, WebhookSettingsInput } from './webhook.ts'

const Limits = builder.objectRef<ServiceModel>('ServiceLimits').implement({
  description: 'How much there may be of something.',
  fields: (t) => ({
    channelMembers: t.exposeInt('channelMembersLimit', {
      description: 'Members of one channel; one more is refused (50403).',
    }),
    userChannels: t.exposeInt('userChannelsLimit', {
      description:
        'Channels that one user has joined or the backend has added it to; one more is refused (50208). Those that other users have ' +
        'added it to count for themselves, against the same limit.',
    }),
  }),
})

const defaultRole =
  (name: 'defaultServiceRoleId' | 'defaultChannelRoleId' | 'defaultChannelCreatorRoleId') =>
  async (service: ServiceModel, _args: object, { loaders }: Context) =>
    (await loaders.role().load(service[name]))!

Service.implement({
  description: 'A space of its own within the account: its users, roles and channels.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', { description: 'For people.' }),
    isDefault: t.exposeBoolean('isDefault', {
      description: 'Whether it is where callers are that name no service. One per account; it cannot be deleted.',
    }),
    defaultServiceRole: t.field({
      type: Role,
      description: 'What new users get.',
      resolve: defaultRole('defaultServiceRoleId'),
    }),
    defaultChannelRole: t.field({
      type: Role,
      description: 'What new members get.',
      resolve: defaultRole('defaultChannelRoleId'),
    }),
    defaultChannelCreatorRole: t.field({
      type: Role,
      description: 'What a user gets in a channel it makes.',
      resolve: defaultRole('defaultChannelCreatorRoleId'),
    }),
    readStatusEnabled: t.exposeBoolean('readStatusEnabled', {
      description: 'Whether members have a read horizon. Off, none is set and none is told.',
    }),
    reachabilityEnabled: t.exposeBoolean('reachabilityEnabled', {
      description: 'Whether users are told to be online or not.',
    }),
    typingIndicatorTimeout: t.exposeInt('typingIndicatorTimeout', {
      description: 'Seconds after which typing ends by itself.',
    }),
    consumptionReportInterval: t.exposeInt('consumptionReportInterval', {
      description: 'Seconds between what old clients report of reading. Only told.',
    }),
    limits: t.field({
      type: Limits,
      description: 'How much there may be of something.',
      resolve: (service) => service,
    }),
    webhooks: t.field({
      type: WebhookSettings,
      nullable: true,
      description: 'Where it tells of what happens. Null to users.',
      extensions: { perViewer: true },
      resolve: (service, _args, { viewer }) => (viewer.kind === 'backend' ? service : null),
    }),
    keywordRules: t.field({
      type: [KeywordRule],
      nullable: true,
      description: 'What messages are tried on before they are sent, in this order. Null to users.',
      complexity: { field: 1, multiplier: limits.keywordRules },
      extensions: { perViewer: true },
      resolve: (service, _args, { viewer }) => (viewer.kind === 'backend' ? [...service.keywordRules] : null),
    }),
    notifications: t.field({
      type: NotificationSettings,
      nullable: true,
      description: 'What the users’ devices are notified of. Null to users.',
      extensions: { perViewer: true },
      resolve: (service, _args, { viewer }) => (viewer.kind === 'backend' ? service.notifications : null),
    }),
    roles: t.connection(
      {
        type: Role,
        description: 'Its roles, oldest first. `first` or `last` from 1 to 100 (backend: 1,000), 25 by default.',
        complexity: connectionCost,
        resolve: async (service, args, { app, actor }) =>
          toConnection(await listRoles(app, actor, service.id, args), (role) => role.id),
      },
      ...roleConnection,
    ),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})

const ServiceConnection = builder.connectionObject(
  { type: Service, name: 'ServiceConnection', description: 'A page of services.' },
  { name: 'ServiceEdge', description: 'A service and its place in the list.' },
)

builder.queryFields((t) => ({
  service: t.field({
    type: Service,
    nullable: true,
    description: 'One service, or null when it does not exist for the caller.',
    args: {
      id: t.arg.id({ required: false, description: 'By default the token’s own, or the account’s default one.' }),
    },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => requireService(app, actor, id)),
  }),
  services: t.connection(
    {
      type: Service,
      description:
        'Backend only: the services of the account, oldest first. `first` or `last` from 1 to 1,000, 25 by default.',
      complexity: connectionCost,
      resolve: async (_root, args, { app, actor }) =>
        toConnection(await listServices(app, actor, args), (service) => service.id),
    },
    ServiceConnection,
  ),
}))

const CreateServiceInput = builder.inputType('CreateServiceInput', {
  description: 'What a new service is; its settings are the usual ones until they are changed.',
  fields: (t) => ({
    friendlyName: t.string({ required: true, description: 'From 1 to 64 characters (50000, 50003).' }),
  }),
})

const ServiceLimitsInput = builder.inputType('ServiceLimitsInput', {
  description: 'What to change; what is left out stays. What is there already stays too.',
  fields: (t) => ({
    channelMembers: t.int({ required: false, description: 'From 1 to 1,000 (50061).' }),
    userChannels: t.int({ required: false, description: 'From 1 to 1,000 (50060).' }),
  }),
})

const UpdateServiceInput = builder.inputType('UpdateServiceInput', {
  description: 'What to change; what is left out stays.',
  fields: (t) => ({
    serviceId: t.id({ required: true, description: 'SID of the service.' }),
    friendlyName: t.string({ required: false, description: 'From 1 to 64 characters (50000, 50003).' }),
    defaultServiceRoleId: t.id({ required: false, description: 'A deployment role of the service (50102).' }),
    defaultChannelRoleId: t.id({ required: false, description: 'A channel role of the service (50101).' }),
    defaultChannelCreatorRoleId: t.id({ required: false, description: 'A channel role of the service (50106).' }),
    readStatusEnabled: t.boolean({ required: false, description: 'Whether members have a read horizon.' }),
    reachabilityEnabled: t.boolean({ required: false, description: 'Whether users are told to be online or not.' }),
    typingIndicatorTimeout: t.int({ required: false, description: 'Seconds, from 1 to 600 (50053).' }),
    consumptionReportInterval: t.int({ required: false, description: 'Seconds, from 1 to 86,400 (50052).' }),
    limits: t.field({ type: ServiceLimitsInput, required: false, description: 'How much there may be.' }),
    webhooks: t.field({ type: WebhookSettingsInput, required: false, description: 'Where it tells what happens.' }),
    notifications: t.field({
      type: NotificationSettingsInput,
      required: false,
      description: 'What users’ devices are notified of.',
    }),
  }),
})

const payload = (name: string, description: string, state: string) =>
  builder.simpleObject(name, {
    description,
    fields: (t) => ({ service: t.field({ type: Service, description: state }) }),
  })

builder.mutationFields((t) => ({
  createService: t.field({
    type: payload('CreateServicePayload', 'The new service.', 'As it was made.'),
    description:
      'Backend only: makes a service with the roles `service admin`, `service user`, `channel admin` and `channel user`; ' +
      'the last three are its defaults for users, channel creators and members.',
    args: { input: t.arg({ type: CreateServiceInput, required: true, description: 'What it is.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ service: await createService(app, actor, input) }),
  }),
  updateService: t.field({
    type: payload('UpdateServicePayload', 'The changed service.', 'As it is now.'),
    description: 'Backend only: changes settings, everywhere within 5 seconds.',
    args: { input: t.arg({ type: UpdateServiceInput, required: true, description: 'What to change.' }) },
    resolve: async (_root, { input: { serviceId, ...settings } }, { app, actor, isPrepared }) => ({
      // Programmable Chat takes an address without filters, and so does REST.
      service: await updateService(app, actor, serviceId, settings, { mayBeIdle: isPrepared }),
    }),
  }),
  deleteService: t.field({
    type: payload('DeleteServicePayload', 'The deleted service.', 'As it was.'),
    description:
      'Backend only: deletes a service and all that is in it. Its tokens open nothing any more, and open subscriptions ' +
      'end with NOT_FOUND 50050. The account’s default service cannot be deleted (CONFLICT).',
    args: {
      input: t.arg({
        required: true,
        description: 'Which.',
        type: builder.inputType('DeleteServiceInput', {
          description: 'Which service to delete.',
          fields: (f) => ({ serviceId: f.id({ required: true, description: 'SID of the service.' }) }),
        }),
      }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({
      service: await deleteService(app, actor, input.serviceId),
    }),
  }),
}))
