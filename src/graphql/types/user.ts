import { builder } from '../builder.ts'
import { Node, Role, Service, User } from '../refs.ts'

User.implement({
  description: 'A person, as one service knows it.',
  interfaces: [Node],
  fields: (t) => ({
    identity: t.exposeString('identity', { description: 'Unique within the service; at most 256 characters.' }),
    friendlyName: t.exposeString('friendlyName', { nullable: true, description: 'For people.' }),
    attributes: t.field({
      type: 'JSON',
      description: 'Whatever the application keeps with the user.',
      resolve: (user) => JSON.parse(user.attributes) as unknown,
    }),
    role: t.field({
      type: Role,
      description: 'What the user may do in the service.',
      resolve: async (user, _args, { loaders }) => (await loaders.role().load(user.roleId))!,
    }),
    isOnline: t.boolean({
      nullable: true,
      description:
        'Whether the user has an open connection. False at most 30 seconds after its process died; null when it cannot be known.',
      resolve: (user, _args, { app }) => app.presence.isOnline(user.id),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first seen.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})

const RoleType = builder.enumType('RoleType', {
  description: 'What a role is given to.',
  values: {
    CHANNEL: { value: 'channel', description: 'To members of a channel.' },
    DEPLOYMENT: { value: 'deployment', description: 'To users of a service.' },
  } as const,
})

Role.implement({
  description: 'A set of permissions.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', { description: 'For people.' }),
    type: t.field({ type: RoleType, description: 'What it is given to.', resolve: (role) => role.type }),
    permissions: t.stringList({
      description: 'Names such as `sendMessage`, as Programmable Chat v1 has them.',
      resolve: (role) => [...role.permissions],
    }),
  }),
})

Service.implement({
  description: 'A space of its own within the account: its users, roles and channels.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', { description: 'For people.' }),
    typingIndicatorTimeout: t.exposeInt('typingIndicatorTimeout', {
      description: 'Seconds after which typing ends by itself.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})
