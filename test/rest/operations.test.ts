import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreateRoleDocument, RoleDocument } from '../../schema/generated/graphql.ts'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { pem } from '../support/pem.ts'
import { openRest, openTwilio, type Rest } from '../support/rest.ts'
import original from './programmable-chat-v1.json' with { type: 'json' }

/** Everything that the official helper library can do, done with it; each answer is held against the server's OpenAPI. */
let kit: Kit
let rest: Rest
let chat: ReturnType<typeof openTwilio>['chat']['v1']
let service: ReturnType<typeof chat.services>
beforeAll(async () => {
  kit = await openKit()
  rest = await openRest(kit)
  chat = openTwilio(rest).chat.v1
  service = chat.services(rest.serviceId)
})
afterAll(() => kit.close())

const missing = { status: 404, code: 20404 }

test('the helper library makes, reads, lists and deletes a service', async () => {
  const made = await chat.services.create({ friendlyName: 'Ö' })
  expect(made).toMatchObject({
    accountSid: kit.server.account.accountId,
    friendlyName: 'Ö',
    readStatusEnabled: true,
    reachabilityEnabled: false,
    typingIndicatorTimeout: 5,
    consumptionReportInterval: 10,
    limits: { channel_members: 100, user_channels: 250 },
    webhooks: {},
    preWebhookUrl: null,
    postWebhookUrl: null,
    webhookMethod: 'POST',
    webhookFilters: [],
  })
  expect(made.notifications).toMatchObject({ new_message: { enabled: false, template: null } })
  const roles = await chat.services(made.sid).roles.list()
  expect(roles.map(({ friendlyName }) => friendlyName)).toEqual([
    'service admin',
    'service user',
    'channel admin',
    'channel user',
  ])
  const [, serviceUser, channelAdmin, channelUser] = roles
  expect(made).toMatchObject({
    defaultServiceRoleSid: serviceUser!.sid,
    defaultChannelRoleSid: channelUser!.sid,
    defaultChannelCreatorRoleSid: channelAdmin!.sid,
  })
  expect((await chat.services(made.sid).fetch()).toJSON()).toEqual(made.toJSON())
  const sids = async () => (await chat.services.list()).map(({ sid }) => sid)
  expect(await sids()).toEqual([rest.serviceId, made.sid])
  expect(await chat.services(made.sid).remove()).toBe(true)
  expect(await sids()).toEqual([rest.serviceId])
  await expect(chat.services(made.sid).fetch()).rejects.toMatchObject(missing)
  await expect(chat.services(made.sid).roles.list()).rejects.toMatchObject(missing)
})

test('permissions that Programmable Chat does not have are neither shown, given nor removed', async () => {
  const { createRole } = await kit.backend.request(CreateRoleDocument, {
    input: { friendlyName: 'mixed', type: 'CHANNEL', permissions: ['freezeChannel', 'sendMessage', 'editMemberRole'] },
  })
  const { id } = createRole.role
  const { roles } = chat.services(rest.serviceId)
  expect((await roles(id).fetch()).permissions).toEqual(['sendMessage'])
  expect((await roles(id).update({ permission: ['leaveChannel'] })).permissions).toEqual(['leaveChannel'])
  const { role } = await kit.backend.request(RoleDocument, { id })
  expect(role!.permissions.toSorted()).toEqual(['editMemberRole', 'freezeChannel', 'leaveChannel'])
  const unknown = { status: 400, code: 50104 }
  await expect(roles(id).update({ permission: ['truncateChannel'] })).rejects.toMatchObject(unknown)
  const made = { friendlyName: 'refused', type: 'channel', permission: ['truncateChannel'] } as const
  await expect(roles.create({ ...made, permission: [...made.permission] })).rejects.toMatchObject(unknown)
  await roles(id).remove()
})

test('the helper library changes everything that can be set of a service', async () => {
  const made = await chat.services.create({ friendlyName: 'plain' })
  const { roles } = chat.services(made.sid)
  const roleOf = async (type: 'channel' | 'deployment') =>
    (await roles.create({ friendlyName: 'default', type, permission: ['addMember'] })).sid
  const all = ['onMessageSend', 'onMessageUpdate', 'onMessageRemove', 'onMessageSent', 'onMessageUpdated'].concat(
    ['onMessageRemoved', 'onChannelAdd', 'onChannelUpdate', 'onChannelDestroy', 'onMemberAdd', 'onMemberRemove'],
    ['onChannelAdded', 'onChannelUpdated', 'onChannelDestroyed', 'onMemberAdded', 'onMemberRemoved'],
  )
  const kinds = ['newMessage', 'addedToChannel', 'removedFromChannel', 'invitedToChannel'] as const
  const [serviceRole, channelRole, creatorRole] = [
    await roleOf('deployment'),
    await roleOf('channel'),
    await roleOf('channel'),
  ]
  const key = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const changed = await chat.services(made.sid).update({
    friendlyName: 'changed',
    defaultServiceRoleSid: serviceRole,
    defaultChannelRoleSid: channelRole,
    defaultChannelCreatorRoleSid: creatorRole,
    readStatusEnabled: false,
    reachabilityEnabled: true,
    typingIndicatorTimeout: 7,
    consumptionReportInterval: 20,
    'limits.channelMembers': 1000,
    'limits.userChannels': 1,
    preWebhookUrl: 'https://example.com/pre?a=b',
    postWebhookUrl: 'http://example.com/post',
    webhookMethod: 'GET',
    webhookFilters: ['onUserUpdated', 'onMessageSend'],
    ...Object.fromEntries(
      all.flatMap((event) => [
        [`webhooks.${event}.url`, `https://example.com/${event}`],
        [`webhooks.${event}.method`, 'GET'],
      ]),
    ),
    ...Object.fromEntries(
      kinds.flatMap((kind) => [
        [`notifications.${kind}.enabled`, true],
        [`notifications.${kind}.template`, `${kind}!`],
      ]),
    ),
  })
  const expected = {
    sid: made.sid,
    friendlyName: 'changed',
    defaultServiceRoleSid: serviceRole,
    defaultChannelRoleSid: channelRole,
    defaultChannelCreatorRoleSid: creatorRole,
    readStatusEnabled: false,
    reachabilityEnabled: true,
    typingIndicatorTimeout: 7,
    consumptionReportInterval: 20,
    limits: { channel_members: 1000, user_channels: 1 },
    preWebhookUrl: 'https://example.com/pre?a=b',
    postWebhookUrl: 'http://example.com/post',
    webhookMethod: 'GET',
    webhookFilters: ['onUserUpdated', 'onMessageSend'],
    webhooks: Object.fromEntries(
      all.map((event) => [key(event), { url: `https://example.com/${event}`, method: 'GET' }]),
    ),
    notifications: {
      log_enabled: false,
      ...Object.fromEntries(kinds.map((kind) => [key(kind), { enabled: true, template: `${kind}!` }])),
    },
  }
  expect(changed).toMatchObject(expected)
  expect(await chat.services(made.sid).fetch()).toMatchObject(expected)
  const renamed = await chat.services(made.sid).update({ friendlyName: 'again', preWebhookUrl: '' })
  expect(renamed).toMatchObject({ ...expected, friendlyName: 'again', preWebhookUrl: null })
})

test('an address without filters is taken as Programmable Chat takes it, and so are filters without an address', async () => {
  const { sid } = await chat.services.create({ friendlyName: 'idle' })
  const url = 'https://example.com/hook'
  const steps = [
    { preWebhookUrl: url },
    { postWebhookUrl: url },
    { preWebhookUrl: '', webhookFilters: ['onMessageSend'] },
    { 'webhooks.onMessageSent.method': 'GET' },
  ] as const
  for (const step of steps) await chat.services(sid).update(step as never)
  expect(await chat.services(sid).fetch()).toMatchObject({
    preWebhookUrl: null,
    postWebhookUrl: url,
    webhookFilters: ['onMessageSend'],
    webhooks: { on_message_sent: { url: null, method: 'GET' } },
  })
})

test('the helper library makes, reads, changes, lists and deletes a role', async () => {
  const made = await service.roles.create({
    friendlyName: 'guest',
    type: 'channel',
    permission: ['sendMessage', 'leaveChannel'],
  })
  expect(made).toMatchObject({
    accountSid: kit.server.account.accountId,
    serviceSid: rest.serviceId,
    friendlyName: 'guest',
    type: 'channel',
    permissions: ['sendMessage', 'leaveChannel'],
  })
  expect((await service.roles(made.sid).fetch()).toJSON()).toEqual(made.toJSON())
  const changed = await service.roles(made.sid).update({ permission: ['leaveChannel'] })
  expect(changed).toMatchObject({ sid: made.sid, friendlyName: 'guest', permissions: ['leaveChannel'] })
  const sids = async () => (await service.roles.list()).map(({ sid }) => sid)
  expect(await sids()).toHaveLength(5)
  expect(await service.roles(made.sid).remove()).toBe(true)
  expect(await sids()).not.toContain(made.sid)
  await expect(service.roles(made.sid).fetch()).rejects.toMatchObject(missing)
})

test('the helper library makes, reads, changes, lists and deletes a channel', async () => {
  const name = uniqueName('channel')
  const made = await service.channels.create({
    uniqueName: name,
    friendlyName: 'Ö',
    type: 'private',
    attributes: '{"a":[1]}',
  })
  expect(made).toMatchObject({
    accountSid: kit.server.account.accountId,
    serviceSid: rest.serviceId,
    uniqueName: name,
    friendlyName: 'Ö',
    type: 'private',
    attributes: '{"a":[1]}',
    createdBy: 'system',
    membersCount: 0,
    messagesCount: 0,
  })
  expect((await service.channels(name).fetch()).toJSON()).toEqual(made.toJSON())
  const changed = await service.channels(name).update({ friendlyName: 'U', attributes: '[]' })
  expect(changed).toMatchObject({ sid: made.sid, friendlyName: 'U', attributes: '[]', uniqueName: name })
  const sids = async (type: 'public' | 'private') =>
    (await service.channels.list({ type: [type] })).map(({ sid }) => sid)
  expect(await sids('private')).toContain(made.sid)
  expect(await sids('public')).not.toContain(made.sid)
  expect(await service.channels(made.sid).remove()).toBe(true)
  await expect(service.channels(made.sid).fetch()).rejects.toMatchObject(missing)
})

test('the helper library adds, reads, changes, lists and removes a member', async () => {
  const channel = await service.channels.create()
  const { members } = service.channels(channel.sid)
  const identity = uniqueName('member')
  const made = await members.create({ identity })
  expect(made).toMatchObject({ channelSid: channel.sid, identity, lastConsumedMessageIndex: null })
  expect(made.lastConsumptionTimestamp).toBeNull()
  expect((await members(made.sid).fetch()).toJSON()).toEqual(made.toJSON())
  await service.channels(channel.sid).messages.create({ body: 'one' })
  const read = await members(made.sid).update({ lastConsumedMessageIndex: 0 })
  expect(read).toMatchObject({ sid: made.sid, lastConsumedMessageIndex: 0 })
  expect(read.lastConsumptionTimestamp).toBeInstanceOf(Date)
  await members.create({ identity: uniqueName('member') })
  expect((await members.list({ identity: [identity, 'nobody'] })).map(({ sid }) => sid)).toEqual([made.sid])
  expect(await members.list()).toHaveLength(2)
  expect(await members(made.sid).remove()).toBe(true)
  await expect(members(made.sid).fetch()).rejects.toMatchObject(missing)
  expect(await members.list()).toHaveLength(1)
})

test('the helper library sends, reads, edits, lists and deletes a message', async () => {
  const channel = await service.channels.create()
  const { messages } = service.channels(channel.sid)
  const made = await messages.create({ body: 'Draw the 🦉!', from: 'alice', attributes: '{"mood":"good"}' })
  expect(made).toMatchObject({
    channelSid: channel.sid,
    to: channel.sid,
    from: 'alice',
    body: 'Draw the 🦉!',
    attributes: '{"mood":"good"}',
    index: 0,
    wasEdited: false,
  })
  expect((await messages(made.sid).fetch()).toJSON()).toEqual(made.toJSON())
  const edited = await messages(made.sid).update({ body: '' })
  expect(edited).toMatchObject({ sid: made.sid, body: '', attributes: '{"mood":"good"}', wasEdited: true })
  await messages.create({ body: '' })
  const bodies = async (order: 'asc' | 'desc') => (await messages.list({ order })).map(({ index }) => index)
  expect(await bodies('asc')).toEqual([0, 1])
  expect(await bodies('desc')).toEqual([1, 0])
  expect((await service.channels(channel.sid).fetch()).links['last_message']).toMatch(/\/Messages\/IM/)
  expect(await messages(made.sid).remove()).toBe(true)
  await expect(messages(made.sid).fetch()).rejects.toMatchObject(missing)
})

test('the helper library makes, reads, changes, lists and deletes a user, by SID and by identity', async () => {
  const identity = uniqueName('Käthe +')
  const made = await service.users.create({ identity, friendlyName: 'K', attributes: '{"a":1}' })
  expect(made).toMatchObject({
    accountSid: kit.server.account.accountId,
    serviceSid: rest.serviceId,
    identity,
    friendlyName: 'K',
    attributes: '{"a":1}',
    isOnline: null,
    isNotifiable: null,
    joinedChannelsCount: 0,
  })
  expect(made.roleSid).toMatch(/^RL/)
  expect((await service.users(identity).fetch()).toJSON()).toEqual(made.toJSON())
  expect((await service.users(made.sid).fetch()).toJSON()).toEqual(made.toJSON())
  const changed = await service.users(identity).update({ friendlyName: 'L' })
  expect(changed).toMatchObject({ sid: made.sid, friendlyName: 'L', attributes: '{"a":1}' })
  expect((await service.users.list()).map(({ sid }) => sid)).toContain(made.sid)
  expect(await service.users(identity).remove()).toBe(true)
  await expect(service.users(made.sid).fetch()).rejects.toMatchObject(missing)
  await expect(service.users(identity).fetch()).rejects.toMatchObject(missing)
  expect((await service.users.list()).map(({ sid }) => sid)).not.toContain(made.sid)
})

test('the helper library lists the channels of a user: those it is in and those it is invited to', async () => {
  const identity = uniqueName('user')
  const { sid: userSid } = await service.users.create({ identity })
  expect(await service.users(userSid).userChannels.list()).toEqual([])
  const [joined, invited] = [await service.channels.create(), await service.channels.create({ type: 'private' })]
  const member = await service.channels(joined.sid).members.create({ identity })
  for (const body of ['one', 'two']) await service.channels(joined.sid).messages.create({ body })
  await service.channels(joined.sid).members(member.sid).update({ lastConsumedMessageIndex: 0 })
  await service.channels(invited.sid).invites.create({ identity })
  const listed = (await service.users(identity).userChannels.list({ pageSize: 1 })).map((one) => one.toJSON())
  expect(listed).toEqual([
    expect.objectContaining({
      channelSid: joined.sid,
      memberSid: member.sid,
      status: 'joined',
      lastConsumedMessageIndex: 0,
      unreadMessagesCount: 1,
      links: { channel: joined.url, member: member.url },
    }),
    expect.objectContaining({
      channelSid: invited.sid,
      memberSid: null,
      status: 'invited',
      lastConsumedMessageIndex: null,
      unreadMessagesCount: null,
      links: { channel: invited.url, member: null },
    }),
  ])
  expect((await service.users(userSid).fetch()).joinedChannelsCount).toBe(1)
})

test('the helper library makes, reads, lists and deletes an invite', async () => {
  const channel = await service.channels.create({ type: 'private', uniqueName: uniqueName('den') })
  const { invites } = service.channels(channel.uniqueName)
  const [identity, other] = [uniqueName('invited'), uniqueName('invited')]
  for (const one of [identity, other]) await service.users.create({ identity: one })
  const made = await invites.create({ identity })
  expect(made).toMatchObject({ channelSid: channel.sid, identity, createdBy: 'system' })
  expect(made.roleSid).toMatch(/^RL/)
  expect((await service.channels(channel.sid).invites(made.sid).fetch()).toJSON()).toEqual({
    ...made.toJSON(),
    channelSid: channel.sid,
  })
  await invites.create({ identity: other })
  expect((await invites.list({ identity: [identity, 'nobody'] })).map(({ sid }) => sid)).toEqual([made.sid])
  expect(await invites.list()).toHaveLength(2)
  expect(await invites(made.sid).remove()).toBe(true)
  await expect(invites(made.sid).fetch()).rejects.toMatchObject(missing)
  expect(await invites.list()).toHaveLength(1)
})

test('the helper library makes, reads, changes, lists and deletes a push credential', async () => {
  const made = await chat.credentials.create({ type: 'apn', friendlyName: 'phones', ...pem.one, sandbox: true })
  expect(made).toMatchObject({
    accountSid: kit.server.account.accountId,
    friendlyName: 'phones',
    type: 'apn',
    sandbox: 'True',
  })
  expect((await chat.credentials(made.sid).fetch()).toJSON()).toEqual(made.toJSON())
  const changed = await chat.credentials(made.sid).update({ sandbox: false, ...pem.other })
  expect(changed).toMatchObject({ sid: made.sid, friendlyName: 'phones', sandbox: 'False' })
  const gcm = await chat.credentials.create({ type: 'gcm', apiKey: 'key' })
  const fcm = await chat.credentials.create({ type: 'fcm', secret: 'secret' })
  expect([gcm, fcm]).toMatchObject([
    { type: 'gcm', sandbox: null, friendlyName: null },
    { type: 'fcm', sandbox: null, friendlyName: null },
  ])
  const listed = (await chat.credentials.list({ pageSize: 2 })).map(({ sid }) => sid)
  expect(listed).toEqual([made.sid, gcm.sid, fcm.sid])
  expect(await chat.credentials(made.sid).remove()).toBe(true)
  await expect(chat.credentials(made.sid).fetch()).rejects.toMatchObject(missing)
})

test('every operation of the description has answered the helper library', () => {
  expect([...rest.description.seen].sort()).toEqual(rest.description.operationIds.sort())
})

test('there are all operations of Programmable Chat v1, with all of their parameters', () => {
  const theirs = Object.entries(original.paths).flatMap(([, item]) =>
    Object.values(item).map(({ operationId, query, form }) => [operationId, ([...query, ...form] as string[]).sort()]),
  )
  expect(theirs).toHaveLength(40)
  expect(rest.description.parameters).toEqual(Object.fromEntries(theirs))
})
