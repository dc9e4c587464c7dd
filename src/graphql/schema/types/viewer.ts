import { createAccessToken } from '../../../domain/access/access-token.ts'
import { requireService } from '../../../domain/access/authority.ts'
import { findNode, findNodes } from '../../../domain/chat/node.ts'
import { renewToken } from '../../../domain/chat/sign-in.ts'
import type { Actor } from '../../../model/actor.ts'
import { badInput } from '../../../model/error.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost } from '../pagination.ts'
import { Node, Service, User } from '../refs.ts'

type ViewerModel = Exclude<Actor, { kind: 'audience' }>

const ViewerKind = builder.enumType('ViewerKind', {
  description: 'The two kinds of caller.',
  values: {
    BACKEND: { value: 'backend', description: 'By account SID and auth token, or by API key: may do anything.' },
    USER: { value: 'user', description: 'By access token: may do what its roles permit.' },
  } as const,
})

const Viewer = builder.objectRef<ViewerModel>('Viewer').implement({
  description: 'Who the server thinks the caller is.',
  fields: (t) => ({
    kind: t.field({ type: ViewerKind, description: 'Which kind.', resolve: (viewer) => viewer.kind }),
    accountId: t.exposeID('accountId', { description: 'SID of the account.' }),
    identity: t.string({
      nullable: true,
      description: 'The user’s identity; null for the backend.',
      resolve: (viewer) => (viewer.kind === 'user' ? viewer.identity : null),
    }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'The user; null for the backend.',
      resolve: (viewer, _args, { loaders }) => (viewer.kind === 'user' ? loaders.user().load(viewer.userId) : null),
    }),
    service: t.field({
      type: Service,
      description: 'Where the caller is when it names no service.',
      resolve: (viewer, _args, { app }) => requireService(app, viewer, undefined),
    }),
    deviceId: t.string({
      nullable: true,
      description: 'The device the client named when it connected.',
      resolve: (viewer) => (viewer.kind === 'user' ? viewer.deviceId : null),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the token ends; null for the backend.',
      resolve: (viewer) => (viewer.kind === 'user' ? new Date(viewer.expiresAt) : null),
    }),
  }),
})

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    description: 'Who the server thinks I am.',
    extensions: { perViewer: true },
    resolve: (_root, _args, { viewer }) => viewer,
  }),
  node: t.field({
    type: Node,
    nullable: true,
    description: 'Whatever a SID names, or null when it does not exist for the caller.',
    args: { id: t.arg.id({ required: true, description: 'A SID.' }) },
    resolve: (_root, { id }, { app, actor }) => findNode(app, actor, id),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: 'The same for at most 100 SIDs, in their order.',
    complexity: ({ ids }) => pageCost(points.message)({ first: ids.length }),
    args: { ids: t.arg.idList({ required: true, description: 'SIDs.' }) },
    resolve: (_root, { ids }, { app, actor }) => findNodes(app, actor, ids),
  }),
}))

const CreateAccessTokenInput = builder.inputType('CreateAccessTokenInput', {
  description: 'For whom.',
  fields: (t) => ({
    identity: t.string({
      required: true,
      description: 'At most 256 characters. An unknown one becomes a user on first use.',
    }),
    serviceId: t.id({ required: false, description: 'The account’s default service when left out.' }),
    ttlSeconds: t.int({ required: false, description: 'From 1 to 86,400; 3,600 by default.' }),
  }),
})

const RenewTokenInput = builder.inputType('RenewTokenInput', {
  description: 'The token that takes over.',
  fields: (t) => ({ token: t.string({ required: true, description: 'Of the same user and service.' }) }),
})

builder.mutationFields((t) => ({
  renewToken: t.field({
    type: builder.simpleObject('RenewTokenPayload', {
      description: 'Until when the connection may stay.',
      fields: (f) => ({ expiresAt: f.field({ type: 'DateTime', description: 'When the new token ends.' }) }),
    }),
    description:
      'WebSocket only: goes on with a new token on the open connection. The server pings with `{ tokenExpiresAt }` a minute ' +
      'before a token ends, and closes with 4411 when it has ended.',
    args: { input: t.arg({ type: RenewTokenInput, required: true, description: 'The new token.' }) },
    resolve: async (_root, { input }, { app, viewer, session }) => {
      if (!session) throw badInput('renewToken works over WebSocket only')
      const actor = await renewToken(app, viewer, input.token)
      session.renew(actor)
      return { expiresAt: new Date(actor.expiresAt) }
    },
  }),
  createAccessToken: t.field({
    type: builder.simpleObject('CreateAccessTokenPayload', {
      description: 'A token for one user.',
      fields: (f) => ({
        token: f.string({ description: 'A JWT for `Authorization: Bearer …` or `connectionParams: { token }`.' }),
        expiresAt: f.field({ type: 'DateTime', description: 'When it ends.' }),
      }),
    }),
    description: 'Backend only: makes an access token.',
    args: { input: t.arg({ type: CreateAccessTokenInput, required: true, description: 'For whom.' }) },
    resolve: (_root, { input }, { app, actor }) => createAccessToken(app, actor, input),
  }),
}))
