import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { openRest, openTwilio, type Rest } from '../support/rest.ts'

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

test('every operation of the description has answered the helper library', () => {
  expect([...rest.description.seen].sort()).toEqual(rest.description.operationIds.sort())
})
