import {
  createApiKey,
  deleteApiKey,
  findOwnApiKey,
  listApiKeys,
  rotateSigningKey,
  updateApiKey,
} from '../../../domain/access/api-key.ts'
import { nullIfHidden } from '../../../domain/access/authority.ts'
import { builder } from '../builder.ts'
import { connectionCost, toConnection } from '../pagination.ts'
import { ApiKey, Node } from '../refs.ts'

ApiKey.implement({
  description: 'A second way to sign in as the backend, and what signs access tokens.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', { nullable: true, description: 'For people.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When a caller last came with it, or with a token that it signed; null for never. Written at most once a minute.',
    }),
  }),
})

const ApiKeyConnection = builder.connectionObject(
  { type: ApiKey, name: 'ApiKeyConnection', description: 'A page of API keys.' },
  { name: 'ApiKeyEdge', description: 'An API key and its place in the list.' },
)

builder.queryFields((t) => ({
  apiKey: t.field({
    type: ApiKey,
    nullable: true,
    description: 'Backend only: one API key, or null when there is none with this SID.',
    args: { id: t.arg.id({ required: true, description: 'SID of the key.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findOwnApiKey(app, actor, id)),
  }),
  apiKeys: t.connection(
    {
      type: ApiKey,
      description:
        'Backend only: the account’s API keys, oldest first. `first` or `last` from 1 to 1,000, 25 by default.',
      complexity: connectionCost,
      resolve: async (_root, args, { app, actor }) => toConnection(await listApiKeys(app, actor, args), ({ id }) => id),
    },
    ApiKeyConnection,
  ),
}))

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'What the key is for.',
  fields: (t) => ({ friendlyName: t.string({ required: false, description: 'For people; at most 64 characters.' }) }),
})

const UpdateApiKeyInput = builder.inputType('UpdateApiKeyInput', {
  description: 'A new name for a key.',
  fields: (t) => ({
    apiKeyId: t.id({ required: true, description: 'SID of the key.' }),
    friendlyName: t.string({ required: false, description: 'For people; at most 64 characters. None when left out.' }),
  }),
})

const DeleteApiKeyInput = builder.inputType('DeleteApiKeyInput', {
  description: 'The key to revoke.',
  fields: (t) => ({ apiKeyId: t.id({ required: true, description: 'SID of the key.' }) }),
})

const payload = (name: string, description: string, state: string) =>
  builder.simpleObject(name, {
    description,
    fields: (t) => ({ apiKey: t.field({ type: ApiKey, description: state }) }),
  })

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: builder.simpleObject('CreateApiKeyPayload', {
      description: 'The new key.',
      fields: (f) => ({
        apiKey: f.field({ type: ApiKey, description: 'The key.' }),
        secret: f.string({ description: 'Its secret: shown here and never again.' }),
      }),
    }),
    description: 'Backend only: makes an API key.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'What it is for.' }) },
    resolve: (_root, { input }, { app, actor }) => createApiKey(app, actor, input),
  }),
  rotateSigningKey: t.field({
    type: builder.simpleObject('RotateSigningKeyPayload', {
      description: 'A new key signs.',
      fields: (f) => ({
        previousAcceptedUntil: f.field({
          type: 'DateTime',
          description: 'Until when tokens of the key before are accepted: a little longer than any of them lives.',
        }),
      }),
    }),
    description:
      'Backend only: replaces the key that signs what `createAccessToken` makes. Tokens that there are stay good until they end.',
    resolve: (_root, _args, { app, actor }) => rotateSigningKey(app, actor),
  }),
  updateApiKey: t.field({
    type: payload('UpdateApiKeyPayload', 'The renamed key.', 'As it is now.'),
    description: 'Backend only: gives an API key another name.',
    args: { input: t.arg({ type: UpdateApiKeyInput, required: true, description: 'The key and its name.' }) },
    resolve: async (_root, { input: { apiKeyId: id, friendlyName } }, { app, actor }) => ({
      apiKey: await updateApiKey(app, actor, { id, friendlyName: friendlyName ?? null }),
    }),
  }),
  deleteApiKey: t.field({
    type: payload('DeleteApiKeyPayload', 'The revoked key.', 'As it was.'),
    description:
      'Backend only: revokes an API key. It signs nobody in any more, the tokens that it signed are refused, and what is connected by ' +
      'either is closed (4403), on every process within 3 seconds.',
    args: { input: t.arg({ type: DeleteApiKeyInput, required: true, description: 'The key.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ apiKey: await deleteApiKey(app, actor, input.apiKeyId) }),
  }),
}))
