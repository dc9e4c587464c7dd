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
import { Credential, Node } from '../refs.ts'

const CredentialType = builder.enumType('CredentialType', {
  description: 'The push service that a credential is for.',
  values: {
    APN: { value: 'apn', description: 'Apple Push Notification service: certificate and private key.' },
    FCM: { value: 'fcm', description: 'Firebase Cloud Messaging: secret.' },
    GCM: { value: 'gcm', description: 'Google Cloud Messaging, the one before: API key.' },
  } as const,
})

Credential.implement({
  description: 'How the server signs in at a push service. What it signs in with is kept encrypted and never told.',
  interfaces: [Node],
  fields: (t) => ({
    friendlyName: t.exposeString('friendlyName', { nullable: true, description: 'For people; at most 64 characters.' }),
    type: t.field({ type: CredentialType, description: 'Never changes.', resolve: ({ type }) => type }),
    sandbox: t.exposeBoolean('sandbox', {
      nullable: true,
      description: 'APN only: whether it is for Apple’s sandbox. Null for the others.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
})

const CredentialConnection = builder.connectionObject(
  { type: Credential, name: 'CredentialConnection', description: 'A page of credentials.' },
  { name: 'CredentialEdge', description: 'A credential and its place in the list.' },
)

builder.queryFields((t) => ({
  credential: t.field({
    type: Credential,
    nullable: true,
    description: 'Backend only: one credential, or null when there is none with this SID.',
    args: { id: t.arg.id({ required: true, description: 'SID of the credential.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findCredential(app, actor, id)),
  }),
  credentials: t.connection(
    {
      type: Credential,
      description:
        'Backend only: the account’s credentials, oldest first. `first` or `last` from 1 to 1,000, 25 by default.',
      complexity: connectionCost,
      resolve: async (_root, args, { app, actor }) =>
        toConnection(await listCredentials(app, actor, args), (credential) => credential.id),
    },
    CredentialConnection,
  ),
}))

const payload = (name: string, description: string, state: string) =>
  builder.simpleObject(name, {
    description,
    fields: (t) => ({ credential: t.field({ type: Credential, description: state }) }),
  })

const secret = (what: string) => ({ required: false, description: `${what}; at most 16 KiB.` }) as const
const certificate = secret('APN only: the certificate in PEM')
const privateKey = secret('APN only: the private key of the certificate in PEM, without a passphrase')
const sandbox = {
  required: false,
  description: 'APN only: whether it is for Apple’s sandbox; false by default.',
} as const
const apiKey = secret('GCM only: the API key')
const serverKey = secret('FCM only: the server key')
const friendlyName = { required: false, description: 'For people; at most 64 characters (50003).' } as const

const CreateCredentialInput = builder.inputType('CreateCredentialInput', {
  description: 'What the server signs in with, as the push service has given it. What another one takes is refused.',
  fields: (t) => ({
    type: t.field({ type: CredentialType, required: true, description: 'The push service.' }),
    friendlyName: t.string(friendlyName),
    certificate: t.string(certificate),
    privateKey: t.string(privateKey),
    sandbox: t.boolean(sandbox),
    apiKey: t.string(apiKey),
    secret: t.string(serverKey),
  }),
})

const UpdateCredentialInput = builder.inputType('UpdateCredentialInput', {
  description: 'What to change; what is left out stays.',
  fields: (t) => ({
    credentialId: t.id({ required: true, description: 'SID of the credential.' }),
    friendlyName: t.string(friendlyName),
    certificate: t.string(certificate),
    privateKey: t.string(privateKey),
    sandbox: t.boolean(sandbox),
    apiKey: t.string(apiKey),
    secret: t.string(serverKey),
  }),
})

const DeleteCredentialInput = builder.inputType('DeleteCredentialInput', {
  description: 'Which credential.',
  fields: (t) => ({ credentialId: t.id({ required: true, description: 'SID of the credential.' }) }),
})

builder.mutationFields((t) => ({
  createCredential: t.field({
    type: payload('CreateCredentialPayload', 'The new credential.', 'As it was made.'),
    description: 'Backend only: keeps what a push service is called with.',
    args: { input: t.arg({ type: CreateCredentialInput, required: true, description: 'What.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ credential: await createCredential(app, actor, input) }),
  }),
  updateCredential: t.field({
    type: payload('UpdateCredentialPayload', 'The changed credential.', 'As it is now.'),
    description: 'Backend only: changes a credential.',
    args: { input: t.arg({ type: UpdateCredentialInput, required: true, description: 'What to change.' }) },
    resolve: async (_root, { input: { credentialId: id, ...change } }, { app, actor }) => ({
      credential: await updateCredential(app, actor, { id, ...change }),
    }),
  }),
  deleteCredential: t.field({
    type: payload('DeleteCredentialPayload', 'The deleted credential.', 'As it was.'),
    description: 'Backend only: forgets a credential.',
    args: { input: t.arg({ type: DeleteCredentialInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({
      credential: await deleteCredential(app, actor, input.credentialId),
    }),
  }),
}))
