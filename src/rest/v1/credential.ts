import {
  RestCreateCredentialDocument,
  RestCredentialsDocument,
  RestDeleteCredentialDocument,
  RestFetchCredentialDocument,
  RestUpdateCredentialDocument,
  type RestCredentialFragment,
} from '../../../schema/generated/graphql.ts'
import { limits } from '../../model/limits.ts'
import * as form from '../form.ts'
import { create, fetch, list, remove, update } from '../operation.ts'
import { accountSid, date, field, oneOf, nullable, sid, textOrNull, url, type Resource } from '../resource.ts'

const types = { gcm: 'GCM', apn: 'APN', fcm: 'FCM' } as const

const credential: Resource<RestCredentialFragment> = {
  name: 'credential',
  fields: {
    sid: sid('CR', ({ id }) => id),
    account_sid: accountSid,
    friendly_name: textOrNull(({ friendlyName }) => friendlyName),
    type: oneOf(Object.keys(types), ({ type }) => type),
    /** A text, as v1 has it. */
    sandbox: field(nullable({ type: 'string', enum: ['True', 'False', null] }), ({ sandbox }) =>
      sandbox === null ? null : sandbox ? 'True' : 'False',
    ),
    date_created: date(({ createdAt }) => createdAt),
    date_updated: date(({ updatedAt }) => updatedAt),
    url: url(({ id }) => `/Credentials/${id}`),
  },
}

const secret = { maxLength: limits.credentialBytes }

const given = {
  FriendlyName: form.text('A name for people.', { maxLength: 64 }),
  Certificate: form.text('APN only: the certificate in PEM.', secret),
  PrivateKey: form.text('APN only: the private key of the certificate in PEM, without a passphrase.', secret),
  Sandbox: form.flag('APN only: whether the credential is for Apple’s sandbox; false by default.'),
  ApiKey: form.text('GCM only: the API key.', secret),
  Secret: form.text('FCM only: the server key.', secret),
}

const toInput = (values: form.Values<typeof given>) => ({
  friendlyName: values.FriendlyName,
  certificate: values.Certificate,
  privateKey: values.PrivateKey,
  sandbox: values.Sandbox,
  apiKey: values.ApiKey,
  secret: values.Secret,
})

export const credentials = {
  list: list(credential, {
    name: 'ListCredential',
    summary: 'Lists the push credentials of the account, oldest first.',
    document: RestCredentialsDocument,
    variables: ({ page }) => page,
    key: 'credentials',
    from: (data) => data.credentials,
  }),
  create: create(credential, {
    name: 'CreateCredential',
    summary: 'Stores the credentials of a push service. Their secrets are never returned.',
    parameters: {
      Type: form.required(form.oneOf('The push service: GCM or FCM of Google, APN of Apple.', types)),
      ...given,
    },
    document: RestCreateCredentialDocument,
    variables: ({ given }) => ({ input: { type: given.Type, ...toInput(given) } }),
    from: (data) => data.createCredential.credential,
  }),
  fetch: fetch(credential, {
    name: 'FetchCredential',
    summary: 'Returns one push credential, without its secrets.',
    document: RestFetchCredentialDocument,
    variables: ({ path }) => ({ id: path.Sid }),
    from: (data) => data.credential,
  }),
  update: update(credential, {
    name: 'UpdateCredential',
    summary: 'Changes a push credential. Parameters that are left out keep their values.',
    parameters: given,
    document: RestUpdateCredentialDocument,
    variables: ({ path, given }) => ({ input: { credentialId: path.Sid, ...toInput(given) } }),
    from: (data) => data.updateCredential.credential,
  }),
  remove: remove({
    name: 'DeleteCredential',
    summary: 'Deletes a push credential.',
    document: RestDeleteCredentialDocument,
    variables: ({ path }) => ({ input: { credentialId: path.Sid } }),
  }),
}
