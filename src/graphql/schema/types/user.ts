import type { InputFieldBuilder } from '@pothos/core'
import { findUser, seesOwn } from '../../../domain/access/authority.ts'
import { listUsers } from '../../../domain/chat/directory.ts'
import { currentStatus } from '../../../domain/chat/profile.ts'
import { createUser, deleteUser, isUserNotifiable, listUserChannels, updateUser } from '../../../domain/chat/user.ts'
import { JsonText } from '../../../model/json-text.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { OrderDirection, orderDescription } from '../order.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { Node, Role, User } from '../refs.ts'
import { UserChannel, UserChannelConnection, UserChannelEdge } from './user-channel.ts'

const UserStatus = builder.simpleObject('UserStatus', {
  description: 'The status of a user, which it sets for others to read.',
  fields: (t) => ({
    text: t.string({ nullable: true, description: 'The text, of at most 100 characters; null when there is none.' }),
    emoji: t.string({
      nullable: true,
      description:
        'An emoji, or its name as the application knows it, of at most 64 characters; null when there is none.',
    }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The time at which the status ends by itself, without an event; null when it stays until it is changed.',
    }),
  }),
})

User.implement({
  description: 'A user of one service. The same person in two services is two users.',
  interfaces: [Node],
  fields: (t) => ({
    identity: t.exposeString('identity', {
      description: 'The application’s name for the user, unique within the service, of at most 256 characters.',
    }),
    friendlyName: t.exposeString('friendlyName', {
      nullable: true,
      description: 'A name for people, of at most 64 characters; null when the user has none.',
    }),
    attributes: t.field({
      type: 'JSON',
      description:
        'Data of the application, at most 4 KiB as JSON. `{}` when there is none, or when the stored value cannot be read.',
      complexity: points.userAttributes,
      resolve: (user) => new JsonText(user.attributes),
    }),
    avatarUrl: t.exposeString('avatarUrl', {
      nullable: true,
      description: 'The http or https URL of the user’s picture, of at most 2,048 characters; null when there is none.',
    }),
    status: t.field({
      type: UserStatus,
      nullable: true,
      description: 'The present status of the user; null when there is none, or when it has ended.',
      resolve: (user, _args, { app }) => currentStatus(user, app.clock.now()),
    }),
    locale: t.exposeString('locale', {
      nullable: true,
      description: 'The language of the user as a BCP 47 language tag, such as `pt-BR`; null when it is not known.',
    }),
    timeZone: t.exposeString('timeZone', {
      nullable: true,
      description:
        'The time zone of the user as a name of the IANA time zone database, such as `Europe/Berlin`; null when it is not known.',
    }),
    isInvisible: t.boolean({
      nullable: true,
      description:
        'Whether the user is shown as offline to other users, and its `lastSeenAt` stands still. Null for other users.',
      extensions: { perViewer: true },
      resolve: (user, _args, { viewer }) => (seesOwn(viewer, user.id) ? user.isInvisible : null),
    }),
    readReceiptsEnabled: t.boolean({
      nullable: true,
      description: 'Whether other users see what the user has read. Null for other users.',
      extensions: { perViewer: true },
      resolve: (user, _args, { viewer }) => (seesOwn(viewer, user.id) ? user.readReceiptsEnabled : null),
    }),
    role: t.field({
      type: Role,
      description: 'The deployment role, which says what the user may do in the service.',
      resolve: async (user, _args, { loaders }) => (await loaders.role().load(user.roleId))!,
    }),
    serviceId: t.exposeID('serviceId', { description: 'SID of the user’s service.' }),
    isOnline: t.boolean({
      nullable: true,
      description:
        'Whether the user has an open connection; false while it is invisible, but for the backend and the user itself.' +
        ' In events that several users receive it is false for itself, too. When a process dies, its users count as offline within 30 seconds. Null when it ' +
        'cannot be known, while the service’s `reachabilityEnabled` is off, and for a user whom the caller does not find, as `users` has ' +
        'it; in events that several users receive, for one who is not in the channel unless `userDirectory` is ALL.',
      resolve: async (user, _args, { loaders }) => (await loaders.presence().load(user))?.isOnline,
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The time at which the user was last seen connected, to the minute while it is. It stands still while the user is invisible. ' +
        'Null before the first time, and where `isOnline` is null because the user is not found or presence is not reported.',
      resolve: async (user, _args, { loaders }) => (await loaders.presence().load(user))?.lastSeenAt,
    }),
    isNotifiable: t.boolean({
      nullable: true,
      description:
        'Whether a push notification would reach the user. Null while the service’s `reachabilityEnabled` is off.',
      resolve: (user, _args, { app }) => isUserNotifiable(app, user),
    }),
    joinedChannelsCount: t.int({
      description: 'The number of channels of which the user is a member.',
      resolve: async (user, _args, { loaders }) => (await loaders.joinedChannelsCount().load(user.id)) ?? 0,
    }),
    channels: t.connection(
      {
        type: UserChannel,
        description:
          'The channels of which the user is a member or to which the user is invited, oldest first. FORBIDDEN for other users. `first` ' +
          'or `last` is from 1 to 100 (backend: 1,000), by default 25.',
        complexity: pageCost(points.channel),
        extensions: { perViewer: true },
        resolve: async (user, args, { app, viewer }) =>
          toConnection(await listUserChannels(app, viewer, user, args), ({ channel }) => channel.id),
      },
      UserChannelConnection,
      UserChannelEdge,
    ),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which the user was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description:
        'The time at which the user last changed. `isInvisible` and `readReceiptsEnabled`, which others do not see, do not count.',
    }),
  }),
})

const UserConnection = builder.connectionObject(
  { type: User, name: 'UserConnection', description: 'A page of users.' },
  { name: 'UserEdge', description: 'A user and its position in the list.' },
)

const userId = { required: true, description: 'SID of the user, or its identity within the caller’s service.' } as const

const UserOrder = builder.inputType('UserOrder', {
  description: 'The order of a list of users.',
  fields: (t) => ({
    field: t.field({
      type: builder.enumType('UserOrderField', {
        description: 'The fields by which users can be ordered.',
        values: {
          CREATED_AT: { value: 'createdAt', description: 'The time at which the user was created.' },
          IDENTITY: { value: 'identity', description: 'The identity, compared by its bytes in UTF-8.' },
        } as const,
      }),
      required: true,
      description: 'The field by which the list is ordered.',
    }),
    direction: t.field({ type: OrderDirection, required: true, description: 'The direction of the order.' }),
  }),
})

const UserFilter = builder.inputType('UserFilter', {
  description: 'A filter for a list of users.',
  fields: (t) => ({
    identityPrefix: t.string({
      required: false,
      description:
        'Only users whose identity begins with this text, in the same case. The list is then ordered by IDENTITY.',
    }),
    search: t.string({
      required: false,
      description:
        'Only users of whose friendly name or identity some word begins with each word of this text, of at most 100 characters. Case, ' +
        'width and accents make no difference; in scripts without spaces any two characters that follow each other are a word. The user ' +
        'with this very identity comes first, then the others by the word that matches. Cannot be combined with `orderBy`. A page ' +
        'is found among the next 10,000 names that begin with the longest word, and may be short for that.',
    }),
  }),
})

builder.queryFields((t) => ({
  user: t.field({
    type: User,
    nullable: true,
    description: 'The user with this SID or identity; null when it does not exist for the caller.',
    args: { id: t.arg.id(userId) },
    resolve: (_root, { id }, { app, actor }) => findUser(app, actor, id),
  }),
  users: t.connection(
    {
      type: User,
      description:
        'The users of a service that the caller finds, by default oldest first: all for the backend and where the service’s ' +
        '`userDirectory` is ALL, and otherwise those with whom the caller shares a channel, and itself. `first` or `last` is from 1 to ' +
        '100 (backend: 1,000), by default 25.',
      complexity: pageCost(points.user),
      args: {
        serviceId: t.arg.id({
          required: false,
          description: 'SID of the service; the caller’s own or the account’s default service when left out.',
        }),
        filter: t.arg({
          type: UserFilter,
          required: false,
          description: 'Only users that match this filter; all by default.',
        }),
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

const payload = payloadOf('user', User)

const UserStatusInput = builder.inputType('UserStatusInput', {
  description: 'A status, which replaces the one before. It must have a text or an emoji.',
  fields: (t) => ({
    text: t.string({ required: false, description: 'The text, of at most 100 characters.' }),
    emoji: t.string({
      required: false,
      description: 'An emoji, or its name as the application knows it, of at most 64 characters.',
    }),
    until: t.field({
      type: 'DateTime',
      required: false,
      description: 'The time at which the status ends by itself, which must be in the future; never when left out.',
    }),
  }),
})

const profileFields = (t: InputFieldBuilder<(typeof builder)['$inferSchemaTypes'], 'InputObject'>) => ({
  avatarUrl: t.string({
    required: false,
    description:
      'The http or https URL of the user’s picture, of at most 2,048 characters and without credentials; null removes it.',
  }),
  status: t.field({
    type: UserStatusInput,
    required: false,
    description: 'The present status of the user; null removes it.',
  }),
  locale: t.string({
    required: false,
    description:
      'The language of the user as a BCP 47 language tag, such as `pt-BR`, which is stored in its canonical form; null removes it.',
  }),
  timeZone: t.string({
    required: false,
    description:
      'The time zone of the user as a name of the IANA time zone database, such as `Europe/Berlin`; null removes it.',
  }),
})

const CreateUserInput = builder.inputType('CreateUserInput', {
  description: 'Input of `createUser`.',
  fields: (t) => ({
    serviceId: t.id({
      required: false,
      description: 'SID of the service; the account’s default service when left out.',
    }),
    identity: t.string({
      required: true,
      description:
        'The application’s name for the user, of at most 256 characters (50207). It must be unique in the service (CONFLICT 50201), ' +
        'not empty (50204), not shaped like a user SID (50206), and not `system` (50203).',
    }),
    roleId: t.id({
      required: false,
      description: 'SID of a deployment role (50102); by default the service’s default role of users.',
    }),
    friendlyName: t.string({ required: false, description: 'A name for people, of at most 64 characters (50003).' }),
    attributes: t.field({
      type: 'JSON',
      required: false,
      description: 'Data of the application, at most 4 KiB as JSON.',
    }),
    ...profileFields(t),
  }),
})

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'Input of `updateUser`. Fields that are left out keep their values.',
  fields: (t) => ({
    userId: t.id(userId),
    roleId: t.id({ required: false, description: 'Backend only (50205): SID of the new deployment role (50102).' }),
    friendlyName: t.string({
      required: false,
      description: 'The new name for people, of at most 64 characters (50003); null removes it.',
    }),
    attributes: t.field({
      type: 'JSON',
      required: false,
      description: 'Data of the application, at most 4 KiB as JSON. It replaces all previous attributes.',
    }),
    ...profileFields(t),
    isInvisible: t.boolean({
      required: false,
      description:
        'Whether the user is shown as offline to other users. Only the user itself and the backend may change it, whatever the roles are.',
    }),
    readReceiptsEnabled: t.boolean({
      required: false,
      description:
        'Whether other users see what the user has read; what it has received they see in either case. Only the user itself and the backend ' +
        'may change it, whatever the roles are.',
    }),
  }),
})

const DeleteUserInput = builder.inputType('DeleteUserInput', {
  description: 'Input of `deleteUser`.',
  fields: (t) => ({ userId: t.id(userId) }),
})

builder.mutationFields((t) => ({
  createUser: t.field({
    type: payload('createUser', 'The created user.'),
    description:
      'Backend only: creates a user before its first access token is used. An existing identity is CONFLICT 50201.',
    args: { input: t.arg({ type: CreateUserInput, required: true, description: 'The user to create.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ user: await createUser(app, actor, input) }),
  }),
  updateUser: t.field({
    type: payload('updateUser', 'The changed user.'),
    description:
      'Changes a user. Needs the permission `editAnyUserInfo`; for oneself `editOwnUserInfo` is enough, and the own settings need ' +
      'none. Only the backend changes the role.',
    args: { input: t.arg({ type: UpdateUserInput, required: true, description: 'The user and its changes.' }) },
    resolve: async (_root, { input: { userId: id, ...change } }, { app, actor }) => ({
      user: await updateUser(app, actor, { id, ...change }),
    }),
  }),
  deleteUser: t.field({
    type: payload('deleteUser', 'The deleted user, with what remains of it.'),
    description:
      'Backend only: deletes a user. The user leaves all channels, its invites end, its connections are closed, and all tokens ' +
      'issued until now are refused. Its messages stay.',
    args: { input: t.arg({ type: DeleteUserInput, required: true, description: 'The user to delete.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ user: await deleteUser(app, actor, input.userId) }),
  }),
}))
