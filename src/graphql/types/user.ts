import { isReachableNow } from '../../domain/reachability.ts'
import { Node, Role, User } from '../refs.ts'

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
        'Whether the user has an open connection. False at most 30 seconds after its process died; null when it cannot be known, ' +
        'and where `reachabilityEnabled` of the service is off.',
      resolve: (user, _args, { app }) => isReachableNow(app, user),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first seen.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})
