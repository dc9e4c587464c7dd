import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
} from 'graphql'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  AuditEntriesDocument,
  AuditEntryDocument,
  CreateApiKeyDocument,
  CreateChannelDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  NodeDocument,
  RemoveMemberDocument,
  SendMessageDocument,
  UpdateChannelDocument,
  UpdateServiceDocument,
  type AuditEntriesQueryVariables,
} from '../../../schema/generated/graphql.ts'
import { schema } from '../../../src/graphql/schema.ts'
import { maxThingBytes } from '../../../src/model/audit-entry.ts'
import { sidToUuid, timeOfSid, uuidToSid, type AuditEntryId } from '../../../src/model/sid.ts'
import { Cleanup } from '../../../src/workers/cleanup.ts'
import { withoutTable } from '../../support/hidden-table.ts'
import { openKit, uniqueName, type Kit } from '../../support/kit.ts'
import { Operator } from '../../support/operator.ts'
import { ok, openReceiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../../support/webhooks.ts'

let kit: Kit
let operator: Operator
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  operator = new Operator(kit)
})
afterEach(() => kit.store.maintenance.run('DELETE FROM audit_entries', []))
afterAll(() => kit.close())

async function list(variables: AuditEntriesQueryVariables = {}) {
  const { auditEntries } = await kit.backend.request(AuditEntriesDocument, variables)
  return auditEntries.edges.map(({ node }) => node)
}

const newest = async () => (await list())[0]!

test('an entry says who, when, what, and the thing before and after', async () => {
  const { id } = await kit.channel([], { friendlyName: 'old', attributes: { color: 'red' } })
  expect(await list()).toEqual([])
  const begunAt = Date.now()
  const input = { channelId: id, friendlyName: 'new' }
  await operator.request(UpdateChannelDocument, { input })
  const entry = await newest()
  expect(entry).toMatchObject({
    mutation: 'updateChannel',
    subjectId: id,
    consoleSessionId: operator.actor.consoleSessionId,
    credentialId: kit.server.account.accountId,
    address: '203.0.113.7',
    state: 'DONE',
    errorCode: null,
    before: { id, friendlyName: 'old', attributes: { color: 'red' }, isFrozen: false },
    after: { id, friendlyName: 'new', attributes: { color: 'red' }, isFrozen: false },
  })
  for (const at of [entry.startedAt, entry.endedAt!]) expect(Math.abs(Date.parse(at) - begunAt)).toBeLessThan(10_000)
  const { auditEntry } = await kit.backend.request(AuditEntryDocument, { id: entry.id })
  expect(auditEntry).toEqual(entry)
  const { node } = await kit.backend.request(NodeDocument, { id: entry.id })
  expect(node).toEqual({ __typename: 'AuditEntry', id: entry.id })
})

test('what is made has no before, what is deleted has no after, and a thing may be named as the mutation allows it', async () => {
  const alice = await kit.user('alice')
  const uniqueChannel = uniqueName('audited')
  const { createChannel } = await operator.request(CreateChannelDocument, { input: { uniqueName: uniqueChannel } })
  const { id } = createChannel.channel
  const name = { channelId: uniqueChannel, identity: alice.identity }
  const { addMember } = await operator.request(AddMemberDocument, { input: name })
  await operator.request(RemoveMemberDocument, { input: name })
  const { sendMessage } = await operator.request(SendMessageDocument, { input: { channelId: id, body: 'said' } })
  await operator.request(DeleteMessageDocument, { input: { messageId: sendMessage.message.id } })
  await operator.request(DeleteChannelDocument, { input: { channelId: uniqueChannel } })
  const member = {
    id: addMember.member.id,
    identity: alice.identity,
    channelId: id,
    role: { friendlyName: 'channel user' },
  }
  const message = { id: sendMessage.message.id, body: 'said', authorIdentity: 'system' }
  expect((await list()).reverse()).toMatchObject([
    { mutation: 'createChannel', subjectId: id, before: null, after: { id, uniqueName: uniqueChannel } },
    { mutation: 'addMember', subjectId: member.id, before: null, after: member },
    { mutation: 'removeMember', subjectId: member.id, before: member, after: null },
    { mutation: 'sendMessage', subjectId: message.id, before: null, after: message },
    { mutation: 'deleteMessage', subjectId: message.id, before: message, after: null },
    { mutation: 'deleteChannel', subjectId: id, before: { id, uniqueName: uniqueChannel }, after: null },
  ])
})

test('a change that is refused is an entry with its code, and one that exists already keeps its thing', async () => {
  const { id } = await kit.channel([], { uniqueName: uniqueName('taken') })
  const other = await kit.channel([], { uniqueName: uniqueName('other') })
  const { errors } = await operator.ask(UpdateChannelDocument, {
    input: { channelId: id, uniqueName: other.uniqueName },
  })
  expect(errors).toHaveLength(1)
  expect(await newest()).toMatchObject({
    subjectId: id,
    state: 'FAILED',
    errorCode: 'CONFLICT',
    before: { id },
    after: null,
  })
  await operator.ask(DeleteChannelDocument, { input: { channelId: 'nowhere' } })
  expect(await newest()).toMatchObject({ subjectId: null, state: 'FAILED', errorCode: 'NOT_FOUND', before: null })
})

test('it is written that a change begins before it is made; where that is impossible, nothing is changed', async () => {
  const { id } = await kit.channel([], { friendlyName: 'kept' })
  const refused = await withoutTable(kit.store, 'audit_entries', () =>
    operator.ask(UpdateChannelDocument, { input: { channelId: id, friendlyName: 'lost' } }),
  )
  expect(refused.errors).toHaveLength(1)
  await operator.request(UpdateChannelDocument, { input: { channelId: id, friendlyName: 'found' } })
  expect(await newest()).toMatchObject({ before: { friendlyName: 'kept' }, after: { friendlyName: 'found' } })
})

test('a change of which nobody can say how it ended stays STARTED', async () => {
  const receiver = await openReceiver()
  const service = await hookService(kit, receiver, { apiEnabled: true })
  const { id } = await service.channel()
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  receiver.answer = async (received, response) => {
    onAsked()
    await answered
    ok(received, response)
  }
  const change = operator.ask(UpdateChannelDocument, { input: { channelId: id, friendlyName: 'changed' } })
  await asked
  expect(await newest()).toMatchObject({ mutation: 'updateChannel', state: 'STARTED', endedAt: null, subjectId: id })
  // As if the process had ended in between.
  await withoutTable(kit.store, 'audit_entries', async () => {
    answer()
    expect((await change).errors).toBeUndefined()
  })
  expect(await newest()).toMatchObject({ mutation: 'updateChannel', state: 'STARTED', endedAt: null, after: null })
  await receiver.close()
})

test('what is kept of a thing is bounded, and what is cut says so', async () => {
  const text = 'é'.repeat(maxThingBytes / 2 - 20)
  const { id } = await kit.channel([], { friendlyName: 'large', attributes: { text: 'a'.repeat(16_300), more: 1 } })
  await operator.request(UpdateChannelDocument, { input: { channelId: id, friendlyName: 'larger' } })
  const { sendMessage } = await operator.request(SendMessageDocument, { input: { channelId: id, body: text + text } })
  expect(sendMessage.message.body).toBe(text + text)
  const [message, channel] = await list()
  expect(message!.after).toMatchObject({
    id: sendMessage.message.id,
    body: expect.stringMatching(/^é{50,}… \(cut: \d+ bytes\)$/),
  })
  expect(channel!.after).toMatchObject({
    friendlyName: 'larger',
    attributes: expect.stringMatching(/^{"text":"a+… \(cut: \d+ bytes\)$/),
  })
  for (const { before, after } of [message!, channel!]) {
    for (const thing of [before, after])
      expect(Buffer.byteLength(JSON.stringify(thing))).toBeLessThanOrEqual(maxThingBytes)
  }
})

/** A value that has all required fields. */
function valueOf(type: GraphQLInputType): unknown {
  const inner = getNullableType(type)
  if (isListType(inner)) return [valueOf(inner.ofType)]
  if (isEnumType(inner)) return inner.getValues()[0]!.name
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter((field) => isNonNullType(field.type))
    return Object.fromEntries(fields.map((field) => [field.name, valueOf(field.type)]))
  }
  switch (getNamedType(type).name) {
    case 'Int':
      return 1
    case 'Boolean':
      return true
    case 'DateTime':
      return new Date().toISOString()
    default:
      return 'any'
  }
}

const mutations = Object.values(schema.getMutationType()!.getFields())

test.each(mutations)('$name is recorded when it comes from the console', async ({ name, args }) => {
  const variables = Object.fromEntries(args.map((argument) => [argument.name, valueOf(argument.type)]))
  const definitions = args.map((argument) => `$${argument.name}: ${argument.type.toString()}`).join(', ')
  const given = args.map((argument) => `${argument.name}: $${argument.name}`).join(', ')
  const around = (text: string, inner: string) => (inner === '' ? '' : text.replace('_', inner))
  const document = `mutation ${around('(_)', definitions)} { ${name} ${around('(_)', given)} { __typename } }`
  await operator.ask(document, variables)
  const entries = await list()
  expect(entries).toMatchObject([{ mutation: name, consoleSessionId: operator.actor.consoleSessionId }])
  expect(entries[0]!.state).not.toBe('STARTED')
})

test('no secret is kept', async () => {
  const { createApiKey } = await operator.request(CreateApiKeyDocument, { input: { friendlyName: 'console' } })
  const gcm = `mutation { createCredential(input: { type: GCM, friendlyName: "push", apiKey: "planted-secret" }) { credential { id } } }`
  const fcm = `mutation { createCredential(input: { type: FCM, friendlyName: "push", secret: "planted-secret" }) { credential { id } } }`
  const token = `mutation { createAccessToken(input: { identity: "bob" }) { token } }`
  const tokens: string[] = []
  for (const document of [gcm, fcm, token]) {
    const { data, errors } = await operator.ask(document, {})
    expect(errors).toBeUndefined()
    const made = (data as { createAccessToken?: { token: string } }).createAccessToken
    if (made) tokens.push(made.token)
  }
  const { serviceId } = kit.server.account
  await operator.request(UpdateServiceDocument, { input: { serviceId, friendlyName: 'secretive' } })
  const rows = await kit.store.maintenance.run<{ row: string }>(
    'SELECT audit_entries::text AS row FROM audit_entries',
    [],
  )
  expect(rows).toHaveLength(5)
  const { authToken } = kit.server.account
  for (const secret of [createApiKey.secret, 'planted-secret', authToken, 'whsec_', ...tokens]) {
    expect(rows.filter(({ row }) => row.includes(secret))).toEqual([])
  }
})

test('backends that call the API themselves are not recorded, at the cost of no statement', async () => {
  await kit.backend.request(UpdateServiceDocument, {
    input: { serviceId: kit.server.account.serviceId, friendlyName: 'renamed' },
  })
  expect(await list()).toEqual([])
})

test('entries are filtered and paged, newest first', async () => {
  const other = new Operator(kit)
  const channel = await kit.channel()
  const from = new Date().toISOString()
  for (const by of [operator, other]) {
    for (const friendlyName of ['one', 'two']) {
      await by.request(UpdateChannelDocument, { input: { channelId: channel.id, friendlyName } })
    }
    await by.request(CreateChannelDocument, { input: {} })
  }
  const all = await list()
  expect(all).toHaveLength(6)
  expect(all.map(({ id }) => id)).toEqual(
    all
      .map(({ id }) => id)
      .sort()
      .reverse(),
  )
  expect(await list({ first: 2 })).toEqual(all.slice(0, 2))
  expect(await list({ first: 2, after: all[1]!.id })).toEqual(all.slice(2, 4))
  expect(await list({ last: 2 })).toEqual(all.slice(4))
  expect(await list({ consoleSessionId: other.actor.consoleSessionId })).toEqual(all.slice(0, 3))
  expect(await list({ mutation: 'createChannel' })).toEqual([all[0], all[3]])
  expect(await list({ subjectId: channel.id, first: 3 })).toEqual([all[1], all[2], all[4]])
  expect(await list({ credentialId: kit.server.account.accountId })).toEqual(all)
  expect(await list({ credentialId: `SK${'0'.repeat(32)}` })).toEqual([])
  expect(await list({ since: from })).toEqual(all)
  expect(await list({ until: from })).toEqual([])
  const { startedAt } = all[2]!
  expect((await list({ since: startedAt })).map(({ id }) => id)).toContain(all[2]!.id)
  expect((await list({ until: startedAt })).map(({ id }) => id)).not.toContain(all[2]!.id)
  await kit.backend.expectRefusal(AuditEntriesDocument, { after: 'x' }, 'BAD_USER_INPUT')
  await kit.backend.expectRefusal(AuditEntriesDocument, { subjectId: '\0' }, 'BAD_USER_INPUT')
  await kit.backend.expectRefusal(
    AuditEntriesDocument,
    { since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' },
    'BAD_USER_INPUT',
  )
  const alice = await kit.user('alice')
  await alice.expectRefusal(AuditEntriesDocument, {}, 'FORBIDDEN', 50107)
})

test('old entries are deleted', async () => {
  await operator.request(CreateChannelDocument, { input: {} })
  await operator.request(CreateChannelDocument, { input: {} })
  const [kept, old] = await list()
  const monthOld = uuidToSid('AE', v7({ msecs: Date.now() - 31 * 86_400_000 }))
  await kit.store.maintenance.run('UPDATE audit_entries SET id = $2 WHERE id = $1', [
    sidToUuid(old!.id as AuditEntryId),
    sidToUuid(monthOld),
  ])
  expect((await list())[1]).toMatchObject({ id: monthOld, startedAt: timeOfSid(monthOld).toISOString() })
  await new Cleanup(
    kit.store.maintenance,
    { devices: 30, webhookDeliveries: 7, audit: 30 },
    kit.server.app.logger,
  ).close()
  expect(await list()).toEqual([kept])
})
