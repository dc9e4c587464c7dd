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
import { payloadOf } from '../payload.ts'
import { ApiKey, Node } from '../refs.ts'
import { Rate, RateInput } from './rate-limit.ts'

ApiKey.implement({
  description: 'A key and secret with which a program signs in as the backend. Its secret also signs access tokens.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', {
      nullable: true,
      description: 'A name for people; null when the key has none.',
    }),
    rate: t.field({
      type: Rate,
      nullable: true,
      description:
        'The rate at which fields of Query, Mutation and Subscription may be asked for with this key, over GraphQL and REST and from all processes together. One ' +
        'more is refused (RATE_LIMITED). Null sets no limit.',
      resolve: (key) => key.rate,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time at which the key was created.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The time at which the key, or a token signed by it, was last used; null when it never was. Accurate to one minute.',
    }),
  }),
})

const ApiKeyConnection = builder.connectionObject(
  { type: ApiKey, name: 'ApiKeyConnection', description: 'A page of API keys.' },
  { name: 'ApiKeyEdge', description: 'An API key and its position in the list.' },
)

builder.queryFields((t) => ({
  apiKey: t.field({
    type: ApiKey,
    nullable: true,
    description: 'Backend only: the API key with this SID; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'SID of the API key.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findOwnApiKey(app, actor, id)),
  }),
  apiKeys: t.connection(
    {
      type: ApiKey,
      description:
        'Backend only: the API keys of the account, oldest first. `first` or `last` is from 1 to 1,000, by default 25.',
      complexity: connectionCost,
      resolve: async (_root, args, { app, actor }) => toConnection(await listApiKeys(app, actor, args), ({ id }) => id),
    },
    ApiKeyConnection,
  ),
}))

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'Input of `createApiKey`.',
  fields: (t) => ({
    friendlyName: t.string({ required: false, description: 'A name for people, of at most 64 characters.' }),
    rate: t.field({
      type: RateInput,
      required: false,
      description:
        'The rate at which fields may be asked for with this key. There is no limit when this is left out or null.',
    }),
  }),
})

const UpdateApiKeyInput = builder.inputType('UpdateApiKeyInput', {
  description: 'Input of `updateApiKey`. Fields that are left out keep their values.',
  fields: (t) => ({
    apiKeyId: t.id({ required: true, description: 'SID of the API key to change.' }),
    friendlyName: t.string({
      required: false,
      description: 'The new name for people, of at most 64 characters. Null removes it.',
    }),
    rate: t.field({
      type: RateInput,
      required: false,
      description:
        'The rate at which fields may be asked for with this key, on every process within 5 seconds. Null removes the limit.',
    }),
  }),
})

const DeleteApiKeyInput = builder.inputType('DeleteApiKeyInput', {
  description: 'Input of `deleteApiKey`.',
  fields: (t) => ({ apiKeyId: t.id({ required: true, description: 'SID of the API key to revoke.' }) }),
})

const payload = payloadOf('apiKey', ApiKey)

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: builder.simpleObject('CreateApiKeyPayload', {
      description: 'Payload of `createApiKey`.',
      fields: (f) => ({
        apiKey: f.field({ type: ApiKey, description: 'The created API key.' }),
        secret: f.string({
          extensions: { isSecret: true },
          description: 'The secret of the key. It is returned only here and cannot be read again.',
        }),
      }),
    }),
    description: 'Backend only: creates an API key.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The API key to create.' }) },
    resolve: (_root, { input }, { app, actor }) => createApiKey(app, actor, input),
  }),
  rotateSigningKey: t.field({
    type: builder.simpleObject('RotateSigningKeyPayload', {
      description: 'Payload of `rotateSigningKey`.',
      fields: (f) => ({
        previousAcceptedUntil: f.field({
          type: 'DateTime',
          description:
            'The time until which tokens signed by the previous key are accepted, a little later than the last of them expires.',
        }),
      }),
    }),
    description:
      'Backend only: replaces the key that signs the tokens of `createAccessToken`. Existing tokens stay valid until they expire.',
    resolve: (_root, _args, { app, actor }) => rotateSigningKey(app, actor),
  }),
  updateApiKey: t.field({
    type: payload('updateApiKey', 'The changed API key.'),
    description: 'Backend only: changes the name or the rate of an API key.',
    args: { input: t.arg({ type: UpdateApiKeyInput, required: true, description: 'The API key and its changes.' }) },
    resolve: async (_root, { input: { apiKeyId, ...settings } }, { app, actor }) => ({
      apiKey: await updateApiKey(app, actor, apiKeyId, settings),
    }),
  }),
  deleteApiKey: t.field({
    type: payload('deleteApiKey', 'The revoked API key.'),
    description:
      'Backend only: revokes an API key. The key and the tokens that it has signed are refused from now on, and the connections ' +
      'that use them are closed with 4403 within 3 seconds on every process.',
    args: { input: t.arg({ type: DeleteApiKeyInput, required: true, description: 'The API key to revoke.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ apiKey: await deleteApiKey(app, actor, input.apiKeyId) }),
  }),
}))
