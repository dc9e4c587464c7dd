import { getNullableType, isInputObjectType, type GraphQLInputObjectType, type GraphQLObjectType } from 'graphql'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  AuditEntriesDocument,
  ConnectionsDocument,
  CreateAccessTokenDocument,
  CreateUserDocument,
  DeleteUserDocument,
  ReplayWebhookDeliveriesDocument,
  UpdateServiceDocument,
  UpdateUserDocument,
  ViewerDocument,
  WebhookDeliveriesDocument,
  type AuditEntriesQueryVariables,
  type WebhookSettingsInput,
} from '../../../schema/generated/graphql.ts'
import { recordChange } from '../../../src/domain/access/audit.ts'
import { schema } from '../../../src/graphql/schema.ts'
import { maxAuditBytes, personalFields } from '../../../src/model/audit-entry.ts'
import { openKit, uniqueName, User, type Kit } from '../../support/kit.ts'
import { inAnHour, MutationInputs, mutationOf, type Values } from '../../support/mutation-inputs.ts'
import { Operator } from '../../support/operator.ts'
import { waitFor } from '../../support/wait.ts'
import { openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { webhookEnvironment } from '../../support/webhooks.ts'

let kit: Kit
let operator: Operator
let alice: User
let receiver: Receiver
let inputs: MutationInputs
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  operator = new Operator(kit)
  alice = await kit.user('alice')
  await alice.request(ViewerDocument)
  receiver = await openReceiver()
  inputs = new MutationInputs(kit, alice)
  const { serviceId } = kit.server.account
  const webhooks: WebhookSettingsInput = { postUrl: receiver.url, filters: ['ON_MESSAGE_SENT'] }
  await kit.backend.request(UpdateServiceDocument, { input: { serviceId, webhooks } })
})
afterEach(() => kit.store.maintenance.run('DELETE FROM audit_entries', []))
afterAll(async () => {
  await kit.close()
  await receiver.close()
})

async function list(variables: AuditEntriesQueryVariables = {}) {
  const { auditEntries } = await kit.backend.request(AuditEntriesDocument, variables)
  return auditEntries.edges.map(({ node }) => node)
}

const mutations = Object.values(schema.getMutationType()!.getFields())

/** The SIDs that an input gives as fields of its own. */
const named = (input: Values): unknown[] =>
  Object.entries(input).flatMap(([name, value]) => (name.endsWith('Id') && anySid.test(String(value)) ? [value] : []))
const anySid = /^[A-Z]{2}[0-9a-f]{32}$/

test.each(mutations)('$name: what is recorded names what it is about', async ({ name, args }) => {
  const [argument] = args
  const given = argument ? await inputs.inputOf(name, argument.type) : {}
  const document = argument ? mutationOf(name, '__typename') : `mutation { ${name} { __typename } }`
  await operator.ask(document, argument ? { input: given } : {})
  const entries = await list()
  expect(entries).toMatchObject([{ mutation: name, consoleSessionId: operator.actor.consoleSessionId }])
  const { state, errorCode, subjectId, input } = entries[0]!
  const isMade = state === 'DONE'
  // Those that only a user can call, and the one that only a WebSocket can.
  const refusal = name === 'renewToken' ? 'BAD_USER_INPUT' : 'FORBIDDEN'
  expect([name, state, errorCode]).toEqual([name, isMade ? 'DONE' : 'FAILED', isMade ? null : refusal])
  expect([name, anySid.test(subjectId ?? '')]).toEqual([name, isMade || subjectId !== null])
  const ofThatKind = named(input as Values).filter((sid) => subjectId?.startsWith(String(sid).slice(0, 2)))
  expect(ofThatKind).toEqual(ofThatKind.map(() => subjectId))
  expect(Object.keys(input as Values).sort()).toEqual(Object.keys(given).sort())
})

test('no secret that is given to a mutation is kept, whether it is made or refused', async () => {
  const planted = 'planted-secret'
  const secretFields = mutations.flatMap(({ name, args }) => {
    const [argument] = args
    const type = argument && getNullableType(argument.type)
    if (!isInputObjectType(type)) return []
    const secrets = Object.values(type.getFields()).filter(({ extensions }) => extensions['isSecret'] === true)
    return secrets.map((field) => ({ name, field: field.name, type: argument!.type }))
  })
  for (const { name, field, type } of secretFields) {
    const input = { ...(await inputs.inputOf(name, type)), [field]: planted }
    await operator.ask(mutationOf(name, '__typename'), { input })
    const [entry] = await list()
    expect(entry).toMatchObject({ mutation: name, input: { [field]: '(secret, not kept)' } })
  }
  expect(await keptOf(planted)).toBe(secretFields.length)
  await operator.request(UpdateServiceDocument, {
    input: {
      serviceId: kit.server.account.serviceId,
      webhooks: { postUrl: receiver.url.replace('//', `//name:${planted}@`) },
    },
  })
  expect((await list())[0]).toMatchObject({ input: { webhooks: { postUrl: expect.stringContaining('//…@') } } })
  await keptOf(planted)
})

/** How many entries there are, none of which has this anywhere. */
async function keptOf(text: string): Promise<number> {
  const rows = await kit.store.maintenance.run<{ row: string }>(
    'SELECT audit_entries::text AS row FROM audit_entries',
    [],
  )
  expect(rows.filter(({ row }) => row.includes(text))).toEqual([])
  return rows.length
}

test('no entry has the text of a message: neither what is sent, nor what is refused, nor what is shown of the thing', async () => {
  const planted = 'planted-text'
  const { id: channelId } = await kit.channel([alice])
  const said = { body: planted, attributes: { note: planted } }
  const { id: messageId } = await alice.send(channelId, planted, { attributes: { note: planted } })
  const scheduled = await alice.request<{ scheduleMessage: { scheduledMessage: { id: string } } }, Values>(
    mutationOf('scheduleMessage', 'scheduledMessage { id }'),
    { input: { channelId, ...said, sendAt: inAnHour() } },
  )
  await waitFor(() => receiver.received.some(({ parameters }) => parameters['Body'] === planted))
  const streaming = await inputs.make('sendMessage', 'message', { channelId, body: '', isStreaming: true })
  const { webhookDeliveries } = await kit.backend.request(WebhookDeliveriesDocument, { first: 2 })
  const changes: readonly (readonly [string, Values])[] = [
    ['sendMessage', { channelId, ...said }],
    ['sendMessage', { channelId: 'nowhere', ...said }],
    ['updateMessage', { messageId, ...said }],
    ['appendToMessage', { messageId: streaming, offset: 0, text: planted }],
    ['pinMessage', { messageId }],
    ['saveDraft', { channelId, ...said, clientMessageId: 'draft' }],
    ['scheduleMessage', { channelId, ...said, sendAt: inAnHour() }],
    ['cancelScheduledMessage', { scheduledMessageId: scheduled.scheduleMessage.scheduledMessage.id }],
    ...webhookDeliveries!.edges.map(
      ({ node }) => ['replayWebhookDelivery', { webhookDeliveryId: node.id }] as [string, Values],
    ),
    ['deleteMessage', { messageId }],
  ]
  for (const [name, input] of changes) await operator.ask(mutationOf(name, '__typename'), { input })
  expect(await keptOf(planted)).toBe(changes.length)
  const entries = (await list()).reverse()
  const shown = { body: '(not kept: 12 bytes)', attributes: '(not kept: 23 bytes)' }
  expect(entries[0]).toMatchObject({ mutation: 'sendMessage', state: 'DONE', input: { channelId, ...shown } })
  expect(entries[1]).toMatchObject({ state: 'FAILED', errorCode: 'NOT_FOUND', input: { ...shown } })
  expect(entries.at(-1)).toMatchObject({
    mutation: 'deleteMessage',
    subjectId: messageId,
    identity: alice.identity,
    before: { id: messageId, authorIdentity: alice.identity, wasEdited: true },
  })
})

test('what a user has said of itself goes from the entries about it when it is deleted, and what was done stays', async () => {
  const identity = uniqueName('carol')
  const planted = 'planted-name'
  const profile = {
    friendlyName: planted,
    attributes: { note: planted },
    avatarUrl: `https://example.com/${planted}`,
    status: { text: planted, emoji: planted },
    locale: 'de-x-planted',
    timeZone: 'Europe/Berlin',
  }
  const { createUser } = await operator.request(CreateUserDocument, { input: { identity, ...profile } })
  const { id: userId } = createUser.user
  await operator.request(UpdateUserDocument, { input: { userId, friendlyName: `${planted}s` } })
  // Refused, since there is one.
  await operator.ask(CreateUserDocument, { input: { identity, ...profile } })
  const { id: channelId } = await kit.channel()
  await operator.ask(mutationOf('addMember', '__typename'), { input: { channelId, identity } })
  const { createAccessToken } = await operator.request(CreateAccessTokenDocument, { input: { identity } })
  const client = new User(kit.server, identity, createAccessToken.token).connect({
    lazy: false,
    onNonLazyError: () => {},
    deviceId: 'planted-device',
  })
  onTestFinished(() => void client.dispose())
  const open = async () => (await kit.backend.request(ConnectionsDocument, { identity })).connections!.nodes
  await waitFor(async () => (await open()).length > 0)
  const [{ id: connectionId, address } = { id: '', address: '' }] = await open()
  await operator.ask(mutationOf('closeConnection', '__typename'), { input: { connectionId } })

  const about = { subjectId: userId, identity }
  const [closed, token, joined, refused, changed, created] = await list({ identity })
  expect(created).toMatchObject({ mutation: 'createUser', ...about, input: profile, after: profile })
  expect(changed).toMatchObject({ before: { friendlyName: planted }, after: { friendlyName: `${planted}s` } })
  expect(refused).toMatchObject({ mutation: 'createUser', errorCode: 'CONFLICT', identity, input: profile })
  expect(joined).toMatchObject({ mutation: 'addMember', identity, input: { channelId, identity } })
  expect(token).toMatchObject({ mutation: 'createAccessToken', identity, input: { identity } })
  expect(closed).toMatchObject({
    mutation: 'closeConnection',
    ...about,
    input: { connectionId },
    before: { id: connectionId, userId, address, deviceId: 'planted-device', protocol: 'WEBSOCKET' },
    after: null,
  })
  expect(await list({ subjectId: userId })).toEqual([closed, changed, created])

  // By whomever.
  await kit.backend.request(DeleteUserDocument, { input: { userId } })
  const late = { userId, friendlyName: planted }
  await operator.ask(UpdateUserDocument, { input: late })
  expect(await list({ subjectId: userId })).toMatchObject([
    { errorCode: 'NOT_FOUND', subjectId: userId, input: { userId, friendlyName: '(erased)' } },
    {},
    {},
    {},
  ])
  const others = await list({ identity })
  await keptOf('planted')
  const none = { friendlyName: '(erased)', attributes: '(erased)', status: '(erased)', locale: '(erased)' }
  expect(others).toMatchObject([
    { mutation: 'closeConnection', before: { id: connectionId, address: '(erased)', deviceId: '(erased)' } },
    { mutation: 'createAccessToken', input: { identity } },
    { mutation: 'addMember', input: { channelId, identity } },
    { errorCode: 'CONFLICT', input: { identity, ...none } },
    { input: { userId, friendlyName: '(erased)' }, before: none, after: none },
    { input: { identity, ...none }, before: null, after: none },
  ])
  expect(others.map(({ startedAt, endedAt }) => [startedAt, endedAt])).toEqual(
    [closed, token, joined, refused, changed, created].map((entry) => [entry!.startedAt, entry!.endedAt]),
  )
})

test('the entry of the deletion itself says whom, and nothing that the user has said of itself', async () => {
  const identity = uniqueName('erin')
  const { createUser } = await kit.backend.request(CreateUserDocument, { input: { identity, friendlyName: 'planted' } })
  const { id: userId } = createUser.user
  await operator.request(DeleteUserDocument, { input: { userId: identity } })
  expect(await keptOf('planted')).toBe(1)
  expect(await list({ subjectId: userId })).toMatchObject([
    {
      mutation: 'deleteUser',
      identity,
      input: { userId: identity },
      before: { id: userId, identity, friendlyName: '(erased)', avatarUrl: null, role: { id: expect.any(String) } },
      after: null,
    },
  ])
})

test('each field of a user either goes with it, or says nothing that it has chosen', () => {
  const fields = (type: string) =>
    Object.keys((schema.getType(type) as GraphQLObjectType | GraphQLInputObjectType).getFields())
  const kept = new Set(
    ['CreateUserInput', 'UpdateUserInput', 'User'].flatMap(fields).filter((name) => !personalFields.includes(name)),
  )
  expect([...kept].sort()).toEqual([
    'channels',
    'createdAt',
    'id',
    'identity',
    'isInvisible',
    'isNotifiable',
    'isOnline',
    'joinedChannelsCount',
    'readReceiptsEnabled',
    'role',
    'roleId',
    'serviceId',
    'updatedAt',
    'userId',
  ])
})

test('a user that is deleted while it is changed leaves nothing either', async () => {
  const identity = uniqueName('dora')
  const { createUser } = await kit.backend.request(CreateUserDocument, { input: { identity } })
  const { id: userId } = createUser.user
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const { app } = kit.server
  const update = recordChange(app, operator.actor, {
    mutation: 'updateUser',
    input: { userId },
    readThing: async () => ({ id: userId, fields: { identity } }),
    run: async () => undefined,
    readChanged: async () => {
      onAsked()
      await answered
      return { id: userId, fields: { identity, friendlyName: 'planted' } }
    },
    subjectOf: () => userId,
  })
  await asked
  await kit.backend.request(DeleteUserDocument, { input: { userId } })
  answer()
  await update
  expect(await keptOf('planted')).toBe(1)
  expect(await list({ identity })).toMatchObject([{ after: { identity, friendlyName: '(erased)' } }])
})

test('what a replay was asked for is recorded, and an input that is no use is bounded', async () => {
  const { serviceId } = kit.server.account
  const since = new Date(0).toISOString()
  await operator.request(ReplayWebhookDeliveriesDocument, { input: { since, status: 'DEAD' } })
  expect((await list())[0]).toMatchObject({ subjectId: serviceId, input: { since, status: 'DEAD' } })
  let deep: unknown = 'core'
  for (let level = 0; level < 5000; level++) deep = [deep]
  const attributes = { deep, ['n\0ul']: '\ud83e', long: 'x'.repeat(50_000) }
  const document = mutationOf('createChannel', '__typename')
  expect((await operator.ask(document, { input: { attributes } })).errors).toHaveLength(1)
  const [entry] = await list()
  expect(entry).toMatchObject({ mutation: 'createChannel', state: 'FAILED', errorCode: 'BAD_USER_INPUT' })
  expect(JSON.stringify(entry!.input)).toMatch(/^{"attributes":.*nested too deeply.*\(cut: 50000 bytes\)/)
  expect(Buffer.byteLength(JSON.stringify(entry!.input))).toBeLessThanOrEqual(maxAuditBytes)
  await operator.ask(mutationOf('addMember', '__typename'), { input: { channelId: 'a\0b', identity: 'c\0d' } })
  expect((await list())[0]).toMatchObject({ state: 'FAILED', errorCode: 'BAD_USER_INPUT', identity: null })
})
