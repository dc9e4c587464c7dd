import { nullIfHidden } from '../../../domain/access/authority.ts'
import {
  createCredential,
  deleteCredential,
  findCredential,
  listCredentials,
  updateCredential,
} from '../../../domain/access/credential.ts'
import { builder } from '../builder.ts'
import { connectionCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { Credential, Node } from '../refs.ts'

const CredentialType = builder.enumType('CredentialType', {
  description: 'The push service to which a credential belongs.',
  values: {
    APN: {
      value: 'apn',
      description: 'Apple Push Notification service. Its credentials have a certificate and a private key.',
    },
    FCM: { value: 'fcm', description: 'Firebase Cloud Messaging. Its credentials have a server key, in `secret`.' },
    GCM: {
      value: 'gcm',
      description:
        'Google Cloud Messaging, the predecessor of Firebase Cloud Messaging. Its credentials have an API key.',
    },
  } as const,
})

Credential.implement({
  description:
    'Credentials with which the server signs in at a push service. Their secrets are stored encrypted and never returned.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', {
      nullable: true,
      description: 'A name for people, of at most 64 characters; null when the credential has none.',
    }),
    type: t.field({
      type: CredentialType,
      description: 'The push service. It never changes.',
      resolve: ({ type }) => type,
    }),
    sandbox: t.exposeBoolean('sandbox', {
      nullable: true,
      description: 'APN only: whether the credential is for Apple’s sandbox. Null for other push services.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'The time at which the credential was created.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'The time at which the credential last changed.',
    }),
  }),
})

const CredentialConnection = builder.connectionObject(
  { type: Credential, name: 'CredentialConnection', description: 'A page of credentials.' },
  { name: 'CredentialEdge', description: 'A credential and its position in the list.' },
)

builder.queryFields((t) => ({
  credential: t.field({
    type: Credential,
    nullable: true,
    description: 'Backend only: the credential with this SID; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'SID of the credential.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findCredential(app, actor, id)),
  }),
  credentials: t.connection(
    {
      type: Credential,
      description:
        'Backend only: the credentials of the account, oldest first. `first` or `last` is from 1 to 1,000, by default 25.',
      complexity: connectionCost,
      resolve: async (_root, args, { app, actor }) =>
        toConnection(await listCredentials(app, actor, args), (credential) => credential.id),
    },
    CredentialConnection,
  ),
}))

const payload = payloadOf('credential', Credential)

const secret = (what: string) =>
  ({ extensions: { isSecret: true }, required: false, description: `${what}; at most 16 KiB.` }) as const
const certificate = secret('APN only: the certificate in PEM')
const privateKey = secret('APN only: the private key of the certificate in PEM, without a passphrase')
const sandbox = {
  required: false,
  description: 'APN only: whether the credential is for Apple’s sandbox. False by default.',
} as const
const apiKey = secret('GCM only: the API key')
const serverKey = secret('FCM only: the server key')
const friendlyName = { required: false, description: 'A name for people, of at most 64 characters (50003).' } as const

const CreateCredentialInput = builder.inputType('CreateCredentialInput', {
  description:
    'Input of `createCredential`: what the push service has issued. A field that belongs to another push service is refused ' +
    '(BAD_USER_INPUT).',
  fields: (t) => ({
    type: t.field({
      type: CredentialType,
      required: true,
      description: 'The push service to which the credential belongs.',
    }),
    friendlyName: t.string(friendlyName),
    certificate: t.string(certificate),
    privateKey: t.string(privateKey),
    sandbox: t.boolean(sandbox),
    apiKey: t.string(apiKey),
    secret: t.string(serverKey),
  }),
})

const UpdateCredentialInput = builder.inputType('UpdateCredentialInput', {
  description: 'Input of `updateCredential`. Fields that are left out keep their values.',
  fields: (t) => ({
    credentialId: t.id({ required: true, description: 'SID of the credential to change.' }),
    friendlyName: t.string(friendlyName),
    certificate: t.string(certificate),
    privateKey: t.string(privateKey),
    sandbox: t.boolean(sandbox),
    apiKey: t.string(apiKey),
    secret: t.string(serverKey),
  }),
})

const DeleteCredentialInput = builder.inputType('DeleteCredentialInput', {
  description: 'Input of `deleteCredential`.',
  fields: (t) => ({ credentialId: t.id({ required: true, description: 'SID of the credential to delete.' }) }),
})

builder.mutationFields((t) => ({
  createCredential: t.field({
    type: payload('createCredential', 'The created credential.'),
    description: 'Backend only: stores the credentials of a push service.',
    args: { input: t.arg({ type: CreateCredentialInput, required: true, description: 'The credential to create.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ credential: await createCredential(app, actor, input) }),
  }),
  updateCredential: t.field({
    type: payload('updateCredential', 'The changed credential.'),
    description: 'Backend only: changes a credential.',
    args: {
      input: t.arg({ type: UpdateCredentialInput, required: true, description: 'The credential and its changes.' }),
    },
    resolve: async (_root, { input: { credentialId: id, ...change } }, { app, actor }) => ({
      credential: await updateCredential(app, actor, { id, ...change }),
    }),
  }),
  deleteCredential: t.field({
    type: payload('deleteCredential', 'The deleted credential, as it was before.'),
    description: 'Backend only: deletes a credential.',
    args: { input: t.arg({ type: DeleteCredentialInput, required: true, description: 'The credential to delete.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      credential: await deleteCredential(app, actor, input.credentialId),
    }),
  }),
}))
