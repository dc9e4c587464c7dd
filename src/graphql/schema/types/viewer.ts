import { createAccessToken } from '../../../domain/access/access-token.ts'
import { requireService } from '../../../domain/access/authority.ts'
import { findConsoleSession } from '../../../domain/access/console-session.ts'
import { readRateLimits } from '../../../domain/access/rate-limits.ts'
import { findNode, findNodes } from '../../../domain/chat/node.ts'
import { readUnreadTotalsOf } from '../../../domain/chat/read-horizon.ts'
import { renewToken } from '../../../domain/chat/sign-in.ts'
import type { Actor } from '../../../model/actor.ts'
import { badInput } from '../../../model/error.ts'
import type { UnreadTotals } from '../../../model/user-channel.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost } from '../pagination.ts'
import { ConsoleSession, Node, Service, User } from '../refs.ts'
import { RateLimit } from './rate-limit.ts'

type ViewerModel = Exclude<Actor, { kind: 'audience' }>

const ViewerKind = builder.enumType('ViewerKind', {
  description: 'The two kinds of caller.',
  values: {
    BACKEND: {
      value: 'backend',
      description:
        'A program that signs in with the account SID and auth token, or with an API key. It may do everything.',
    },
    USER: {
      value: 'user',
      description: 'A user who signs in with an access token, and may do what the user’s roles permit.',
    },
  } as const,
})

export const UnreadCounts = builder.objectRef<UnreadTotals>('UnreadCounts').implement({
  description:
    'Totals of the messages that a user has not read. Channels that the user has muted, archived or hidden are left out.',
  fields: (t) => ({
    messages: t.exposeInt('messages', {
      description: 'The number of unread messages in all of the user’s channels: the sum of `unreadCount`.',
    }),
    channels: t.exposeInt('channels', {
      description: 'The number of channels with unread messages, direct channels included.',
    }),
    directChannels: t.exposeInt('directChannels', {
      description: 'The number of direct channels with unread messages.',
    }),
  }),
})

export const Viewer = builder.objectRef<ViewerModel>('Viewer').implement({
  description: 'The caller, as the server has authenticated it.',
  fields: (t) => ({
    id: t.id({
      description:
        'Names the caller for the caches of clients: the same for one user, or one account, in every session. No operation takes it.',
      // One that only this type has: some caches know objects by their id alone.
      resolve: (viewer) => `VW${(viewer.kind === 'user' ? viewer.userId : viewer.accountId).slice(2)}`,
    }),
    kind: t.field({ type: ViewerKind, description: 'The kind of caller.', resolve: (viewer) => viewer.kind }),
    accountId: t.exposeID('accountId', { description: 'SID of the account.' }),
    identity: t.string({
      nullable: true,
      description: 'Identity of the user; null for the backend.',
      resolve: (viewer) => (viewer.kind === 'user' ? viewer.identity : null),
    }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'The user who calls; null for the backend.',
      resolve: (viewer, _args, { loaders }) => (viewer.kind === 'user' ? loaders.user().load(viewer.userId) : null),
    }),
    service: t.field({
      type: Service,
      description: 'The service that is used when the caller names none.',
      resolve: (viewer, _args, { app }) => requireService(app, viewer, undefined),
    }),
    unreadCounts: t.field({
      type: UnreadCounts,
      nullable: true,
      description:
        'Totals of the messages that the user has not read. Null for the backend, and while the service’s `readStatusEnabled` is off.',
      resolve: (viewer, _args, { app }) => (viewer.kind === 'user' ? readUnreadTotalsOf(app, viewer) : null),
    }),
    deviceId: t.string({
      nullable: true,
      description: 'Name of the device, as the client gave it when it connected; null when it gave none.',
      resolve: (viewer) => (viewer.kind === 'user' ? viewer.deviceId : null),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time at which the access token expires; null for the backend.',
      resolve: (viewer) => (viewer.kind === 'user' ? new Date(viewer.expiresAt) : null),
    }),
    consoleSession: t.field({
      type: ConsoleSession,
      nullable: true,
      description: 'The session of the console through which the backend calls; null for all other callers.',
      resolve: (viewer, _args, { app }) =>
        viewer.kind === 'backend' && viewer.consoleSessionId !== undefined
          ? findConsoleSession(app, viewer, viewer.consoleSessionId)
          : null,
    }),
    rateLimits: t.field({
      type: [RateLimit],
      description: 'The limits of the user, or of the API key. Empty for a backend without any.',
      resolve: (viewer, _args, { app }) => readRateLimits(app, viewer),
    }),
  }),
})

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    description: 'The caller, as the server has authenticated it.',
    extensions: { perViewer: true },
    resolve: (_root, _args, { viewer }) => viewer,
  }),
  node: t.field({
    type: Node,
    nullable: true,
    description: 'The object with this SID; null when it does not exist for the caller.',
    args: { id: t.arg.id({ required: true, description: 'SID of the object.' }) },
    resolve: (_root, { id }, { app, actor }) => findNode(app, actor, id),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description:
      'The objects with these SIDs, at most 100, in the order of the argument. An item is null when it does not exist for the ' +
      'caller.',
    complexity: ({ ids }) => pageCost(points.message)({ first: ids.length }),
    args: { ids: t.arg.idList({ required: true, description: 'SIDs of the objects, at most 100.' }) },
    resolve: (_root, { ids }, { app, actor }) => findNodes(app, actor, ids),
  }),
}))

const CreateAccessTokenInput = builder.inputType('CreateAccessTokenInput', {
  description: 'Input of `createAccessToken`.',
  fields: (t) => ({
    identity: t.string({
      required: true,
      description:
        'Identity of the user, of at most 256 characters. A user with an unknown identity is created when the token is first used.',
    }),
    serviceId: t.id({
      required: false,
      description: 'SID of the service; the account’s default service when left out.',
    }),
    ttlSeconds: t.int({
      required: false,
      description: 'The number of seconds for which the token is valid, from 1 to 86,400; 3,600 by default.',
    }),
  }),
})

const RenewTokenInput = builder.inputType('RenewTokenInput', {
  description: 'Input of `renewToken`.',
  fields: (t) => ({
    token: t.string({
      extensions: { isSecret: true },
      required: true,
      description: 'An access token of the same user and service.',
    }),
  }),
})

builder.mutationFields((t) => ({
  renewToken: t.field({
    type: builder.simpleObject('RenewTokenPayload', {
      description: 'Payload of `renewToken`.',
      fields: (f) => ({
        expiresAt: f.field({ type: 'DateTime', description: 'The time at which the new token expires.' }),
      }),
    }),
    description:
      'WebSocket only: replaces the access token of the open connection. The server sends a ping with `{ tokenExpiresAt }` a minute ' +
      'before a token expires, and closes the connection with 4411 when it has expired.',
    args: { input: t.arg({ type: RenewTokenInput, required: true, description: 'The new access token.' }) },
    resolve: async (_root, { input }, { app, viewer, session }) => {
      if (!session) throw badInput('renewToken works over WebSocket only')
      const actor = await renewToken(app, viewer, input.token)
      session.renew(actor)
      return { expiresAt: new Date(actor.expiresAt) }
    },
  }),
  createAccessToken: t.field({
    type: builder.simpleObject('CreateAccessTokenPayload', {
      description: 'Payload of `createAccessToken`.',
      fields: (f) => ({
        token: f.string({
          extensions: { isSecret: true },
          description:
            'The token, a JWT for the header `Authorization: Bearer …` or for `connectionParams: { token }`.',
        }),
        expiresAt: f.field({ type: 'DateTime', description: 'The time at which the token expires.' }),
      }),
    }),
    description: 'Backend only: creates an access token for one user.',
    args: {
      input: t.arg({
        type: CreateAccessTokenInput,
        required: true,
        description: 'The user of the token and its lifetime.',
      }),
    },
    resolve: (_root, { input }, { app, actor }) => createAccessToken(app, actor, input),
  }),
}))
