import { findOwnApiKey } from '../../../domain/access/api-key.ts'
import { nullIfHidden } from '../../../domain/access/authority.ts'
import {
  credentialOf,
  endConsoleSession,
  findConsoleSession,
  listConsoleSessions,
} from '../../../domain/access/console-session.ts'
import { limits } from '../../../model/limits.ts'
import { builder } from '../builder.ts'
import { connectionCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { ApiKey, ConsoleSession, Node } from '../refs.ts'

const hours = (seconds: number): number => seconds / 3600

ConsoleSession.implement({
  description:
    `Somebody who has signed in to the console, in one browser. It ends ${hours(limits.consoleSessionSeconds)} hours after signing in, after ` +
    `${hours(limits.consoleIdleSeconds)} hours without a request, by \`endConsoleSession\`, and with the credential that it was opened with.`,
  interfaces: [Node],
  fields: (t) => ({
    credential: t.id({
      description:
        'SID of the API key that it was opened with, or of the account where that was its auth token. It ends when the key is deleted, or when an auth ' +
        'token of the account is retired.',
      resolve: credentialOf,
    }),
    apiKey: t.field({
      type: ApiKey,
      nullable: true,
      description: 'The API key that it was opened with; null where that was the auth token.',
      resolve: ({ apiKeyId }, _args, { app, actor }) =>
        apiKeyId === null ? null : findOwnApiKey(app, actor, apiKeyId),
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: `The header \`User-Agent\` of signing in, of at most ${limits.userAgentLength} characters; null when there was none.`,
    }),
    address: t.exposeString('address', {
      description: 'The IP address from which it was opened, as far as `TRUST_PROXY` lets the server know it.',
    }),
    isCurrent: t.boolean({
      description: 'Whether the caller uses this session.',
      extensions: { perViewer: true },
      resolve: ({ id }, _args, { viewer }) => viewer.kind === 'backend' && viewer.consoleSessionId === id,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time of signing in.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'The time of the last request. Accurate to one minute.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'The time at which the session ends at the latest.',
    }),
  }),
})

const ConsoleSessionConnection = builder.connectionObject(
  { type: ConsoleSession, name: 'ConsoleSessionConnection', description: 'A page of sessions of the console.' },
  { name: 'ConsoleSessionEdge', description: 'A session of the console and its position in the list.' },
)

builder.queryFields((t) => ({
  consoleSession: t.field({
    type: ConsoleSession,
    nullable: true,
    description:
      'Backend only: the session of the console with this SID; null when there is none, or when it has ended.',
    args: { id: t.arg.id({ required: true, description: 'SID of the session.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findConsoleSession(app, actor, id)),
  }),
  consoleSessions: t.connection(
    {
      type: ConsoleSession,
      description:
        `Backend only: the open sessions of the console, oldest first. An account has at most ${limits.consoleSessions}: one more ends the one that was ` +
        'quiet for longest. `first` or `last` is from 1 to 1,000, by default 25.',
      complexity: connectionCost,
      resolve: async (_root, args, { app, actor }) =>
        toConnection(await listConsoleSessions(app, actor, args), ({ id }) => id),
    },
    ConsoleSessionConnection,
  ),
}))

const EndConsoleSessionInput = builder.inputType('EndConsoleSessionInput', {
  description: 'Input of `endConsoleSession`.',
  fields: (t) => ({ consoleSessionId: t.id({ required: true, description: 'SID of the session to end.' }) }),
})

const payload = payloadOf('consoleSession', ConsoleSession)

builder.mutationFields((t) => ({
  endConsoleSession: t.field({
    type: payload('endConsoleSession', 'The session, which has ended.'),
    description:
      'Backend only: ends a session of the console. Its requests are refused on every process within 3 seconds.',
    args: { input: t.arg({ type: EndConsoleSessionInput, required: true, description: 'The session to end.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      consoleSession: await endConsoleSession(app, actor, input.consoleSessionId),
    }),
  }),
}))
