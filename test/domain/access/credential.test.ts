import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CreateCredentialDocument,
  CredentialDocument,
  CredentialsDocument,
  DeleteCredentialDocument,
  NodesDocument,
  UpdateCredentialDocument,
  type CreateCredentialInput,
  type UpdateCredentialInput,
} from '../../../schema/generated/graphql.ts'
import { newSid, type CredentialId } from '../../../src/model/sid.ts'
import { credentials } from '../../../src/store/tables/credential.ts'
import { makeAccount } from '../../support/authority.ts'
import { openKit, type Kit } from '../../support/kit.ts'
import { pem } from '../../support/pem.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const wrong = { code: 'BAD_USER_INPUT' }

async function make(input: CreateCredentialInput) {
  return (await kit.backend.request(CreateCredentialDocument, { input })).createCredential.credential
}

async function change(input: UpdateCredentialInput) {
  return (await kit.backend.request(UpdateCredentialDocument, { input })).updateCredential.credential
}

/** What stands in the table, as the server would use it. */
async function secretsOf(id: string) {
  const [row] = await kit.store.db.orm
    .select()
    .from(credentials)
    .where(eq(credentials.id, id as CredentialId))
  const { certificate, privateKey, apiKey, secret } = row!
  const open = (sealed: string | null) => (sealed === null ? null : kit.server.app.secrets.open(sealed))
  return {
    stored: JSON.stringify(row),
    opened: {
      certificate: open(certificate),
      privateKey: open(privateKey),
      apiKey: open(apiKey),
      secret: open(secret),
    },
  }
}

const none = { certificate: null, privateKey: null, apiKey: null, secret: null }

test('what the push service is called with is stored encrypted, and can be read again by the server only', async () => {
  const apn = await make({ type: 'APN', ...pem.one })
  expect(apn).toMatchObject({ type: 'APN', sandbox: false, friendlyName: null })
  const gcm = await make({ type: 'GCM', apiKey: 'an API key' })
  const fcm = await make({ type: 'FCM', secret: 'a server key' })
  expect([gcm.sandbox, fcm.sandbox]).toEqual([null, null])
  const kept = [await secretsOf(apn.id), await secretsOf(gcm.id), await secretsOf(fcm.id)]
  expect(kept.map(({ opened }) => opened)).toEqual([
    { ...none, ...pem.one },
    { ...none, apiKey: 'an API key' },
    { ...none, secret: 'a server key' },
  ])
  const stored = kept.map((row) => row.stored).join('')
  for (const secret of ['BEGIN', 'an API key', 'a server key']) expect(stored).not.toContain(secret)
})

test.each<[string, CreateCredentialInput]>([
  ['a certificate that is none', { type: 'APN', certificate: 'certificate', privateKey: pem.one.privateKey }],
  ['a private key that is none', { type: 'APN', ...pem.one, privateKey: pem.one.certificate }],
  ['a certificate that was cut off', { type: 'APN', certificate: pem.one.certificate.slice(0, 200) }],
  ['the key of another certificate', { type: 'APN', ...pem.one, privateKey: pem.other.privateKey }],
  ['an API key for Apple', { type: 'APN', apiKey: 'x' }],
  ['a certificate for Google', { type: 'GCM', certificate: pem.one.certificate }],
  ['a sandbox for Google', { type: 'FCM', sandbox: true }],
  ['an API key for the newer service of Google', { type: 'FCM', apiKey: 'x' }],
  ['an empty secret', { type: 'FCM', secret: '' }],
  ['a secret that is too long', { type: 'FCM', secret: 'x'.repeat(16 * 1024 + 1) }],
])('a credential with %s is refused', async (_what, input) => {
  const before = await kit.backend.request(CredentialsDocument, { first: 1000 })
  expect(await refusalOf(kit.backend, CreateCredentialDocument, { input })).toEqual(wrong)
  expect(await kit.backend.request(CredentialsDocument, { first: 1000 })).toEqual(before)
})

test('a friendly name that is too long is refused', async () => {
  const input = { type: 'FCM', friendlyName: 'x'.repeat(65) } as const
  expect(await refusalOf(kit.backend, CreateCredentialDocument, { input })).toEqual({ ...wrong, chatCode: 50003 })
})

test('what is left out stays, and a certificate and its key only change together', async () => {
  const { id: credentialId } = await make({ type: 'APN', friendlyName: 'phones', ...pem.one })
  expect(await change({ credentialId, sandbox: true })).toMatchObject({ friendlyName: 'phones', sandbox: true })
  expect(await change({ credentialId, friendlyName: null })).toMatchObject({ friendlyName: null, sandbox: true })
  expect((await secretsOf(credentialId)).opened).toEqual({ ...none, ...pem.one })
  for (const input of [
    { credentialId, certificate: pem.other.certificate },
    { credentialId, privateKey: pem.other.privateKey },
    { credentialId, secret: 'x' },
    { credentialId, sandbox: null },
    { credentialId },
  ]) {
    expect(await refusalOf(kit.backend, UpdateCredentialDocument, { input })).toEqual(wrong)
  }
  expect((await secretsOf(credentialId)).opened).toEqual({ ...none, ...pem.one })
  await change({ credentialId, ...pem.other })
  expect((await secretsOf(credentialId)).opened).toEqual({ ...none, ...pem.other })
})

test('credentials are the backend’s alone, and another account’s do not exist', async () => {
  const { id: credentialId } = await make({ type: 'FCM', secret: 'ours' })
  const { backend: stranger } = await makeAccount(kit)
  const missing = { code: 'NOT_FOUND' }
  const input = { credentialId, secret: 'theirs' }
  expect((await stranger.request(CredentialDocument, { id: credentialId })).credential).toBeNull()
  expect((await stranger.request(CredentialsDocument, {})).credentials.edges).toEqual([])
  expect((await stranger.request(NodesDocument, { ids: [credentialId] })).nodes).toEqual([null])
  expect(await refusalOf(stranger, UpdateCredentialDocument, { input })).toEqual(missing)
  expect(await refusalOf(stranger, DeleteCredentialDocument, { input: { credentialId } })).toEqual(missing)
  const user = await kit.user()
  const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
  expect((await user.request(CredentialDocument, { id: credentialId })).credential).toBeNull()
  expect((await user.request(NodesDocument, { ids: [credentialId] })).nodes).toEqual([null])
  expect(await refusalOf(user, CredentialsDocument, {})).toEqual(forbidden)
  expect(await refusalOf(user, CreateCredentialDocument, { input: { type: 'FCM' } })).toEqual(forbidden)
  expect(await refusalOf(user, UpdateCredentialDocument, { input })).toEqual(forbidden)
  expect(await refusalOf(user, DeleteCredentialDocument, { input: { credentialId } })).toEqual(forbidden)
  expect((await secretsOf(credentialId)).opened).toEqual({ ...none, secret: 'ours' })
  const { nodes } = await kit.backend.request(NodesDocument, { ids: [credentialId] })
  expect(nodes).toEqual([{ __typename: 'Credential', id: credentialId }])
})

test('a deleted credential is gone', async () => {
  const { id: credentialId } = await make({ type: 'GCM' })
  await kit.backend.request(DeleteCredentialDocument, { input: { credentialId } })
  expect((await kit.backend.request(CredentialDocument, { id: credentialId })).credential).toBeNull()
  for (const id of [credentialId, newSid('CR'), 'CR', '']) {
    const input = { credentialId: id }
    expect(await refusalOf(kit.backend, DeleteCredentialDocument, { input })).toEqual({ code: 'NOT_FOUND' })
    const update = { ...input, friendlyName: 'x' }
    expect(await refusalOf(kit.backend, UpdateCredentialDocument, { input: update })).toEqual({ code: 'NOT_FOUND' })
  }
})
