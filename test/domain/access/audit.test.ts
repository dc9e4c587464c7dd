import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  AuditEntriesDocument,
  AuditEntryDocument,
  CreateAccessTokenDocument,
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
import { maxAuditBytes } from '../../../src/model/audit-entry.ts'
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
  const message = { id: sendMessage.message.id, authorIdentity: 'system' }
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

test('a change that is refused since its thing is gone is listed with the SID that was asked for', async () => {
  const { id: channelId } = await kit.channel()
  await kit.backend.request(DeleteChannelDocument, { input: { channelId } })
  await operator.ask(UpdateChannelDocument, { input: { channelId, friendlyName: 'late' } })
  const gone = { subjectId: channelId, state: 'FAILED', errorCode: 'NOT_FOUND', before: null, after: null }
  expect(await list({ subjectId: channelId })).toMatchObject([{ mutation: 'updateChannel', ...gone }])
  // A SID of something else is none of a channel.
  await operator.ask(UpdateChannelDocument, { input: { channelId: kit.server.account.serviceId, friendlyName: 'no' } })
  expect(await newest()).toMatchObject({ subjectId: null, errorCode: 'NOT_FOUND' })
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
  const attributes = { text: 'a'.repeat(16_300), more: 1 }
  const { id } = await kit.channel([], { friendlyName: 'large', attributes })
  const input = { channelId: id, friendlyName: 'larger', attributes: { ...attributes, more: 22 } }
  await operator.request(UpdateChannelDocument, { input })
  const [entry] = await list()
  const text: unknown = expect.stringMatching(/^a{50,}… \(cut: 16300 bytes\)$/)
  expect(entry).toMatchObject({
    before: { friendlyName: 'large', attributes: { text, more: 1 } },
    after: { friendlyName: 'larger', attributes: { text, more: 22 } },
  })
  for (const kept of [entry!.input, entry!.before, entry!.after])
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(maxAuditBytes)
})

test('the secrets that a change answers with are not kept', async () => {
  const { createApiKey } = await operator.request(CreateApiKeyDocument, { input: { friendlyName: 'console' } })
  const { createAccessToken } = await operator.request(CreateAccessTokenDocument, { input: { identity: 'bob' } })
  const { serviceId } = kit.server.account
  await operator.request(UpdateServiceDocument, { input: { serviceId, friendlyName: 'secretive' } })
  const rows = await kit.store.maintenance.run<{ row: string }>(
    'SELECT audit_entries::text AS row FROM audit_entries',
    [],
  )
  expect(rows).toHaveLength(3)
  const { authToken } = kit.server.account
  for (const secret of [createApiKey.secret, createAccessToken.token, authToken, 'whsec_']) {
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
  expect(await list({ first: 1000 })).toEqual(all)
  expect(await list({ first: 2 })).toEqual(all.slice(0, 2))
  expect(await list({ first: 2, after: all[1]!.id })).toEqual(all.slice(2, 4))
  expect(await list({ last: 2 })).toEqual(all.slice(4))
  expect(await list({ consoleSessionId: other.actor.consoleSessionId })).toEqual(all.slice(0, 3))
  expect(await list({ mutation: 'createChannel' })).toEqual([all[0], all[3]])
  expect(await list({ subjectId: channel.id, first: 3 })).toEqual([all[1], all[2], all[4]])
  expect(await list({ credentialId: kit.server.account.accountId })).toEqual(all)
  expect(await list({ credentialId: `SK${'0'.repeat(32)}` })).toEqual([])
  expect(await list({ identity: 'nobody' })).toEqual([])
  expect(await list({ since: from })).toEqual(all)
  expect(await list({ until: from })).toEqual([])
  const { startedAt } = all[2]!
  expect((await list({ since: startedAt })).map(({ id }) => id)).toContain(all[2]!.id)
  expect((await list({ until: startedAt })).map(({ id }) => id)).not.toContain(all[2]!.id)
  await kit.backend.expectRefusal(AuditEntriesDocument, { after: 'x' }, 'BAD_USER_INPUT')
  await kit.backend.expectRefusal(AuditEntriesDocument, { subjectId: '\0' }, 'BAD_USER_INPUT')
  await kit.backend.expectRefusal(AuditEntriesDocument, { identity: '\0' }, 'BAD_USER_INPUT')
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
