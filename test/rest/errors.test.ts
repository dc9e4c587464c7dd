import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelId } from '../../src/model/sid.ts'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { openRest, type FormValue, type Rest } from '../support/rest.ts'

/** Each number with which v1 can refuse, provoked. */
let kit: Kit
let rest: Rest
let channelId: ChannelId
let taken: string
beforeAll(async () => {
  kit = await openKit()
  rest = await openRest(kit)
  taken = uniqueName('taken')
  channelId = (await kit.channel([await kit.user('member', { exactly: true })], { uniqueName: taken })).id
  await kit.backend.send(channelId, 'first')
})
afterAll(() => kit.close())

type Form = Readonly<Record<string, FormValue>>

interface Refusal {
  readonly code: number
  readonly message: string
  readonly more_info: string
  readonly status: number
}

async function expectRefusal(
  status: number,
  code: number,
  method: string,
  path: string,
  form?: Form,
): Promise<Refusal> {
  const answer = await rest.call<Refusal>(method, path, form)
  expect(answer).toMatchObject({
    status,
    body: { code, status, more_info: `https://www.twilio.com/docs/errors/${code}` },
  })
  expect(Object.keys(answer.body)).toEqual(['code', 'message', 'more_info', 'status'])
  return answer.body
}

const nobody = (prefix: string): string => prefix + '0'.repeat(32)

test.each<[number, number, string, Form]>([
  [400, 50003, 'a friendly name that is too long', { FriendlyName: 'x'.repeat(65) }],
  [400, 50004, 'a unique name that is too long', { UniqueName: 'x'.repeat(65) }],
  [400, 50303, 'attributes that are too long', { Attributes: JSON.stringify('x'.repeat(16 * 1024)) }],
  [400, 50304, 'attributes that are no JSON', { Attributes: '{' }],
  [400, 50306, 'a unique name that looks like a SID', { UniqueName: nobody('CH') }],
  [400, 20001, 'a type that is none', { Type: 'secret' }],
  [400, 20001, 'a name with U+0000', { FriendlyName: 'a\0b' }],
])('%i %i: a channel with %s', async (status, code, _what, form) => {
  await expectRefusal(status, code, 'POST', rest.in('/Channels'), form)
})

test('409 50307: a unique name that is taken', async () => {
  await expectRefusal(409, 50307, 'POST', rest.in('/Channels'), { UniqueName: taken })
})

test('400 50347: a change of a channel without a parameter', async () => {
  await expectRefusal(400, 50347, 'POST', rest.in(`/Channels/${channelId}`), {})
})

test.each<[number, number, string, Form]>([
  [400, 50000, 'an empty friendly name', { FriendlyName: '' }],
  [400, 50003, 'a friendly name that is too long', { FriendlyName: 'x'.repeat(65) }],
  [400, 50052, 'a report interval of nothing', { ConsumptionReportInterval: 0 }],
  [400, 50052, 'a report interval that is no number', { ConsumptionReportInterval: 'often' }],
  [400, 50053, 'a typing timeout of nothing', { TypingIndicatorTimeout: 0 }],
  [400, 50053, 'a typing timeout that is too long', { TypingIndicatorTimeout: 601 }],
  [400, 50053, 'no typing timeout', { TypingIndicatorTimeout: '' }],
  [400, 50055, 'a webhook method that is none', { WebhookMethod: 'PUT' }],
  [400, 50055, "an event's method that is none", { 'Webhooks.OnMessageSend.Method': 'post' }],
  [400, 50058, 'a template that is too long', { 'Notifications.NewMessage.Template': 'x'.repeat(2049) }],
  [400, 50060, 'a limit of channels that is too high', { 'Limits.UserChannels': 1001 }],
  [400, 50061, 'a limit of members that is too high', { 'Limits.ChannelMembers': 1001 }],
  [404, 50101, 'a default channel role that does not exist', { DefaultChannelRoleSid: nobody('RL') }],
  [404, 50102, 'a default service role that does not exist', { DefaultServiceRoleSid: nobody('RL') }],
  [404, 50106, 'a default creator role that does not exist', { DefaultChannelCreatorRoleSid: nobody('RL') }],
  [400, 20001, 'a webhook address that is none', { PreWebhookUrl: 'example.com' }],
  [400, 20001, 'a webhook address of another kind', { 'Webhooks.OnMessageSend.Url': 'ftp://example.com' }],
  [400, 20001, 'a filter that is none', { WebhookFilters: ['onMessageSend', 'onSunrise'] }],
  [400, 20001, 'a flag that is none', { ReadStatusEnabled: 'maybe' }],
  [400, 20001, 'no flag', { ReachabilityEnabled: '' }],
  [400, 20001, 'nothing', {}],
])('%i %i: a service with %s', async (status, code, _what, form) => {
  const path = `/Services/${rest.serviceId}`
  const before = await rest.get(path)
  await expectRefusal(status, code, 'POST', path, form)
  expect((await rest.get(path)).body).toEqual(before.body)
})

test("409 20409: the deletion of the account's default service", async () => {
  await expectRefusal(409, 20409, 'DELETE', `/Services/${rest.serviceId}`)
})

test.each<[number, number, string, Form]>([
  [400, 50000, 'an empty friendly name', { FriendlyName: '' }],
  [400, 50003, 'a friendly name that is too long', { FriendlyName: 'x'.repeat(65) }],
  [400, 50104, 'a permission that is none', { Permission: ['sendMessage', 'flyAway'] }],
  [400, 50104, 'a permission of the other type', { Permission: ['createChannel'] }],
  [400, 50105, 'a type that is none', { Type: 'service' }],
  [400, 20001, 'no permission', { Permission: undefined }],
])('%i %i: a role with %s', async (status, code, _what, form) => {
  const role = { FriendlyName: 'refused', Type: 'channel', Permission: ['sendMessage'] }
  await expectRefusal(status, code, 'POST', rest.in('/Roles'), { ...role, ...form })
})

test('409 20409: the deletion of a role that is a default', async () => {
  const { body } = await rest.get<{ default_channel_role_sid: string }>(`/Services/${rest.serviceId}`)
  await expectRefusal(409, 20409, 'DELETE', rest.in(`/Roles/${body.default_channel_role_sid}`))
})

test.each<[number, number, string, Form]>([
  [400, 50204, 'with an empty identity', { Identity: '' }],
  [400, 50203, 'with a reserved identity', { Identity: 'system' }],
  [400, 50206, 'with an identity that looks like a SID', { Identity: nobody('US') }],
  [400, 50207, 'with an identity that is too long', { Identity: 'x'.repeat(257) }],
  [404, 50101, 'with a role that does not exist', { Identity: 'x', RoleSid: nobody('RL') }],
  [409, 50404, 'twice', { Identity: 'member' }],
])('%i %i: adding a member %s', async (status, code, _what, form) => {
  const identity = form['Identity'] === 'member' ? await memberIdentity() : form['Identity']
  await expectRefusal(status, code, 'POST', rest.in(`/Channels/${channelId}/Members`), { ...form, Identity: identity })
})

test.each<[number, number, string, Form]>([
  [400, 50204, 'an empty identity', { Identity: '' }],
  [400, 50203, 'a reserved identity', { Identity: 'system' }],
  [400, 50206, 'an identity that looks like a SID', { Identity: nobody('US') }],
  [400, 50207, 'an identity that is too long', { Identity: 'x'.repeat(257) }],
  [400, 50003, 'a friendly name that is too long', { Identity: 'x', FriendlyName: 'x'.repeat(65) }],
  [400, 20001, 'attributes that are no JSON', { Identity: 'x', Attributes: '{' }],
  [400, 20001, 'attributes that are too long', { Identity: 'x', Attributes: JSON.stringify('x'.repeat(4096)) }],
  [404, 50102, 'a role that does not exist', { Identity: 'x', RoleSid: nobody('RL') }],
  [409, 50201, 'an identity that is taken', { Identity: 'member' }],
])('%i %i: a user with %s', async (status, code, _what, form) => {
  const identity = form['Identity'] === 'member' ? await memberIdentity() : form['Identity']
  await expectRefusal(status, code, 'POST', rest.in('/Users'), { ...form, Identity: identity })
})

test.each<[number, number, string, Form]>([
  [400, 50204, 'nobody', { Identity: '' }],
  [404, 20404, 'an identity that the service does not know', { Identity: 'stranger' }],
  [404, 50101, 'a role that does not exist', { Identity: 'member', RoleSid: nobody('RL') }],
  [409, 50404, 'a member', { Identity: 'member' }],
  [409, 50212, 'who is invited', { Identity: 'invited' }],
])('%i %i: an invite for %s', async (status, code, _what, form) => {
  if (form['Identity'] === 'invited') {
    await rest.post(rest.in('/Users'), { Identity: 'invited' })
    await rest.post(rest.in(`/Channels/${channelId}/Invites`), { Identity: 'invited' })
  }
  const identity = form['Identity'] === 'member' ? await memberIdentity() : form['Identity']
  await expectRefusal(status, code, 'POST', rest.in(`/Channels/${channelId}/Invites`), { ...form, Identity: identity })
})

test.each<[number, number, string, Form]>([
  [400, 20001, 'no type', { ApiKey: 'x' }],
  [400, 20001, 'a type that is none', { Type: 'x' }],
  [400, 20001, 'a certificate that is none', { Type: 'apn', Certificate: 'x' }],
  [400, 20001, 'a private key that is none', { Type: 'apn', PrivateKey: 'x' }],
  [400, 20001, 'a sandbox that is neither', { Type: 'apn', Sandbox: 'x' }],
  [400, 20001, 'what another service takes', { Type: 'gcm', Secret: 'x' }],
  [400, 50003, 'a friendly name that is too long', { Type: 'fcm', FriendlyName: 'x'.repeat(65) }],
])('%i %i: a credential with %s', async (status, code, _what, form) => {
  await expectRefusal(status, code, 'POST', '/Credentials', form)
})

async function memberIdentity(): Promise<string> {
  const { body } = await rest.get<{ members: { identity: string }[] }>(rest.in(`/Channels/${channelId}/Members`))
  return body.members[0]!.identity
}

test.each(['1', '-1', 'one', '99999999999'])('400 50406: a last consumed index of %s', async (index) => {
  const { body } = await rest.get<{ members: { sid: string }[] }>(rest.in(`/Channels/${channelId}/Members`))
  const path = rest.in(`/Channels/${channelId}/Members/${body.members[0]!.sid}`)
  await expectRefusal(400, 50406, 'POST', path, { LastConsumedMessageIndex: index })
})

test('400 50504: a body that is too long', async () => {
  await expectRefusal(400, 50504, 'POST', rest.in(`/Channels/${channelId}/Messages`), { Body: '🦉'.repeat(8193) })
})

test.each([
  ['/Channels/:channel/Members', 'Identity'],
  ['/Roles', 'FriendlyName'],
  ['/Channels/:channel/Messages', 'Body'],
  ['/Channels/:channel/Invites', 'Identity'],
  ['/Users', 'Identity'],
])('400 20001: %s without %s', async (path, name) => {
  const { message } = await expectRefusal(400, 20001, 'POST', rest.in(path.replace(':channel', channelId)), { X: '' })
  expect(message).toBe(`Missing required parameter ${name} in the post body`)
})

test.each([
  '/Channels/nothing',
  '/Roles/RL',
  '/Channels/:none/Members',
  '/Channels/:none/Messages',
  '/Channels/:channel/Members/MB',
  '/Channels/:channel/Messages/IM',
  '/Channels/:none/Invites',
  '/Channels/:channel/Invites/IN',
  '/Users/US',
  '/Users/nobody',
  '/Users/US/Channels',
])('404 20404: %s, which is not there', async (template) => {
  const path = rest.in(
    template
      .replace(':none', nobody('CH'))
      .replace(':channel', channelId)
      .replace(/(?<=\/)[A-Z]{2}(?=$|\/)/, nobody),
  )
  const { message } = await expectRefusal(404, 20404, 'GET', path)
  expect(message).toBe(`The requested resource ${path} was not found`)
})

test('404 20404: what is in another channel, or in another service', async () => {
  const other = await kit.channel([])
  const { id } = await kit.backend.send(other.id, 'elsewhere')
  for (const [method, form] of [['GET'], ['POST', { Body: 'changed' }], ['DELETE']] as [string, Form?][]) {
    await expectRefusal(404, 20404, method, rest.in(`/Channels/${channelId}/Messages/${id}`), form)
    await expectRefusal(404, 20404, method, `/Services/${nobody('IS')}/Channels/${other.id}/Messages/${id}`, form)
  }
  expect(await rest.get(rest.in(`/Channels/${other.id}/Messages/${id}`))).toMatchObject({
    status: 200,
    body: { body: 'elsewhere', was_edited: false },
  })
})

test.each([
  ['no credentials', undefined],
  ['a wrong password', 'wrong'],
  ['no password', ''],
])('401 20003: %s', async (_what, password) => {
  const { accountId } = kit.server.account
  const authorization = password === undefined ? '' : `Basic ${btoa(`${accountId}:${password}`)}`
  const answer = await rest.call('GET', rest.in('/Channels'), undefined, { authorization })
  expect(answer).toMatchObject({
    status: 401,
    body: {
      code: 20003,
      message: 'Authenticate',
      more_info: 'https://www.twilio.com/docs/errors/20003',
      status: 401,
    },
  })
  expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
})

test("401 20003: a user's token, which opens GraphQL and nothing here", async () => {
  const { authorization } = await kit.user()
  expect(await rest.call('GET', rest.in('/Channels'), undefined, { authorization })).toMatchObject({
    status: 401,
    body: { code: 20003 },
  })
})
