import { findUser } from '../../../domain/access/authority.ts'
import {
  createUser,
  deleteUser,
  isUserNotifiable,
  isUserOnline,
  listUserChannels,
  listUsers,
  updateUser,
} from '../../../domain/chat/user.ts'
import { JsonText } from '../../../model/json-text.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { OrderDirection, orderDescription } from '../order.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { Node, Role, User } from '../refs.ts'
import { UserChannel, UserChannelConnection, UserChannelEdge } from './user-channel.ts'

User.implement({
  description: 'A person, as one service knows it.',
  interfaces: [Node],
  fields: (t) => ({
    identity: t.exposeString('identity', { description: 'Unique within the service; at most 256 characters.' }),
    friendlyName: t.exposeString('friendlyName', { nullable: true, description: 'For people; at most 64 characters.' }),
    attributes: t.field({
      type: 'JSON',
      description:
        'Whatever the application keeps with the user; at most 4 KiB as JSON. `{}` when there are none, or what is stored cannot be read.',
      complexity: points.userAttributes,
      resolve: (user) => new JsonText(user.attributes),
    }),
    role: t.field({
      type: Role,
      description: 'What the user may do in the service.',
      resolve: async (user, _args, { loaders }) => (await loaders.role().load(user.roleId))!,
    }),
    serviceId: t.exposeID('serviceId', { description: 'SID of the service that knows it.' }),
    isOnline: t.boolean({
      nullable: true,
      description:
        'Whether the user has an open connection. False at most 30 seconds after its process died; null when it cannot be known, ' +
        'and while the service has reachability off.',
      resolve: (user, _args, { app }) => isUserOnline(app, user),
    }),
    isNotifiable: t.boolean({
      nullable: true,
      description: 'Whether a push notification would reach it; null while the service has reachability off.',
      resolve: (user, _args, { app }) => isUserNotifiable(app, user),
    }),
    joinedChannelsCount: t.int({
      description: 'Channels it is a member of.',
      resolve: async (user, _args, { loaders }) => (await loaders.joinedChannelsCount().load(user.id)) ?? 0,
    }),
    channels: t.connection(
      {
        type: UserChannel,
        description:
          'The channels it is in or invited to, oldest first; only its own and the backend’s to see (FORBIDDEN). `first` or ' +
          '`last` from 1 to 100 (backend: 1,000), 25 by default.',
        complexity: pageCost(points.channel),
        extensions: { perViewer: true },
        resolve: async (user, args, { app, viewer }) =>
          toConnection(await listUserChannels(app, viewer, user, args), ({ channel }) => channel.id),
      },
      UserChannelConnection,
      UserChannelEdge,
    ),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first seen.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})

const UserConnection = builder.connectionObject(
  { type: User, name: 'UserConnection', description: 'A page of users.' },
  { name: 'UserEdge', description: 'A user and its place in the list.' },
)

const userId = { required: true, description: 'SID, or identity within the caller’s service.' } as const

const UserOrder = builder.inputType('UserOrder', {
  description: 'An order of users.',
  fields: (t) => ({
    field: t.field({
      type: builder.enumType('UserOrderField', {
        description: 'What users can be listed by.',
        values: {
          CREATED_AT: { value: 'createdAt', description: 'The time when they were made.' },
          IDENTITY: { value: 'identity', description: 'Their identity, by its bytes in UTF-8.' },
        } as const,
      }),
      required: true,
      description: 'What the list is ordered by.',
    }),
    direction: t.field({ type: OrderDirection, required: true, description: 'The direction.' }),
  }),
})

const UserFilter = builder.inputType('UserFilter', {
  description: 'Which users are listed.',
  fields: (t) => ({
    identityPrefix: t.string({
      required: false,
      description: 'Only those whose identity begins with this, in this case. The list is then ordered by IDENTITY.',
    }),
  }),
})

builder.queryFields((t) => ({
  user: t.field({
    type: User,
    nullable: true,
    description: 'One user, or null when it does not exist for the caller.',
    args: { id: t.arg.id(userId) },
    resolve: (_root, { id }, { app, actor }) => findUser(app, actor, id),
  }),
  users: t.connection(
    {
      type: User,
      description:
        'Backend only: the users of a service, oldest first unless another order is named. `first` or `last` from 1 to 1,000, 25 by default.',
      complexity: pageCost(points.user),
      args: {
        serviceId: t.arg.id({ required: false, description: 'Another service than the default one.' }),
        filter: t.arg({ type: UserFilter, required: false, description: 'Which users are listed. All by default.' }),
        orderBy: t.arg({ type: UserOrder, required: false, description: orderDescription }),
      },
      resolve: async (_root, args, { app, actor }) => {
        const page = await listUsers(app, actor, args)
        return toConnection(page, page.cursorOf)
      },
    },
    UserConnection,
  ),
}))

const payload = (name: string, description: string, state = 'As it is now.') =>
  builder.simpleObject(name, { description, fields: (t) => ({ user: t.field({ type: User, description: state }) }) })

const CreateUserInput = builder.inputType('CreateUserInput', {
  description: 'Who it is.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: 'By default the account’s default one.' }),
    identity: t.string({
      required: true,
      description:
        'At most 256 characters (50207), not empty (50204), not shaped like a user SID (50206), not `system` (50203).',
    }),
    roleId: t.id({ required: false, description: 'A deployment role (50102); by default the service’s.' }),
    friendlyName: t.string({ required: false, description: 'At most 64 characters (50003).' }),
    attributes: t.field({ type: 'JSON', required: false, description: 'At most 4 KiB.' }),
  }),
})

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'What to change; what is left out stays.',
  fields: (t) => ({
    userId: t.id(userId),
    roleId: t.id({ required: false, description: 'Backend only (50205): a deployment role (50102).' }),
    friendlyName: t.string({ required: false, description: 'At most 64 characters (50003); null takes it away.' }),
    attributes: t.field({ type: 'JSON', required: false, description: 'Replaces all; at most 4 KiB.' }),
  }),
})

const DeleteUserInput = builder.inputType('DeleteUserInput', {
  description: 'Which user.',
  fields: (t) => ({ userId: t.id(userId) }),
})

builder.mutationFields((t) => ({
  createUser: t.field({
    type: payload('CreateUserPayload', 'The new user.'),
    description: 'Backend only: makes a user before it first comes with a token. A known identity is CONFLICT 50201.',
    args: { input: t.arg({ type: CreateUserInput, required: true, description: 'Who it is.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ user: await createUser(app, actor, input) }),
  }),
  updateUser: t.field({
    type: payload('UpdateUserPayload', 'The changed user.'),
    description: 'Changes a user: oneself (editOwnUserInfo) or any (editAnyUserInfo), and as the backend its role.',
    args: { input: t.arg({ type: UpdateUserInput, required: true, description: 'What to change.' }) },
    resolve: async (_root, { input: { userId: id, ...change } }, { app, actor }) => ({
      user: await updateUser(app, actor, { id, ...change }),
    }),
  }),
  deleteUser: t.field({
    type: payload('DeleteUserPayload', 'The deleted user.', 'What is left of it.'),
    description:
      'Backend only: deletes a user. It leaves all of its channels, its invites are gone, its sockets are closed, and tokens issued ' +
      'until now are refused. What it has said stays.',
    args: { input: t.arg({ type: DeleteUserInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ user: await deleteUser(app, actor, input.userId) }),
  }),
}))
