import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateChannelDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  HistoryDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  RemoveMemberDocument,
  SendMessageDocument,
  UpdateChannelDocument,
  UpdateMessageDocument,
  UpdateUserDocument,
} from '../../../schema/generated/graphql.ts'
import { isPreEvent, type WebhookEvent } from '../../../src/model/webhook.ts'
import { freePort } from '../../support/free-port.ts'
import { Caller, openKit, requestOver, type Kit, type User } from '../../support/kit.ts'
import { draftsOf, saveDraft } from '../../support/later.ts'
import { refusalOf } from '../../support/refusal.ts'
import { json, ok, openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment, type HookedService } from '../../support/webhooks.ts'

let kit: Kit
let receiver: Receiver
let service: HookedService
let alice: User
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  receiver = await openReceiver()
  service = await hookService(kit, receiver)
  alice = await service.user('alice')
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = ok
})

const refused = { code: 'FORBIDDEN', chatCode: 50056 }

/** What there is in the channel, as the backend reads it. */
async function bodies(channelId: string): Promise<string[]> {
  const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 100 })
  return channel!.messages.edges.map(({ node }) => node.body)
}

/** The pre-events, without the post-events. */
function preEvents(event: string): Readonly<Record<string, string>>[] {
  return receiver.of(event).map(({ parameters }) => parameters)
}

test('a pre-event has everything of a message, which is sent where the answer does not refuse it', async () => {
  const channel = await service.channel([alice])
  await alice.send(channel.id, 'Draw the owl!', { attributes: { colour: 'red' } })
  expect(preEvents('onMessageSend')).toEqual([
    {
      EventType: 'onMessageSend',
      AccountSid: kit.server.account.accountId,
      InstanceSid: service.id,
      ClientIdentity: alice.identity,
      Source: 'SDK',
      RetryCount: '0',
      ChannelSid: channel.id,
      Body: 'Draw the owl!',
      Attributes: '{"colour":"red"}',
      From: alice.identity,
    },
  ])
  expect(await bodies(channel.id)).toEqual(['Draw the owl!'])
})

test('a pre-event has a JSON body where the service says so, by POST alone, and its answer counts the same', async () => {
  const own = await hookService(kit, receiver, { bodyFormat: 'JSON' })
  const bob = await own.user('bob')
  const channel = await own.channel([bob])
  receiver.answer = ({ body }, response) => {
    const { Body } = JSON.parse(body) as { Body: string }
    response.end(JSON.stringify({ body: Body.toUpperCase() }))
  }
  await bob.send(channel.id, 'draw the owl?', { attributes: { colour: 'red', size: 2 } })
  const [question] = receiver.of('onMessageSend')
  expect(question!.headers['content-type']).toBe('application/json')
  expect(JSON.parse(question!.body)).toEqual({
    EventType: 'onMessageSend',
    AccountSid: kit.server.account.accountId,
    InstanceSid: own.id,
    ClientIdentity: bob.identity,
    Source: 'SDK',
    RetryCount: '0',
    ChannelSid: channel.id,
    Body: 'draw the owl?',
    Attributes: '{"colour":"red","size":2}',
    From: bob.identity,
  })
  receiver.answer = json({}, 403)
  expect(await refusalOf(bob, SendMessageDocument, { input: { channelId: channel.id, body: 'no' } })).toEqual(refused)
  receiver.answer = ok
  await own.set({ method: 'GET' })
  await bob.send(channel.id, 'by GET')
  const last = receiver.of('onMessageSend').at(-1)!
  expect([last.method, last.body, last.parameters['Body']]).toEqual(['GET', '', 'by GET'])
  expect(await bodies(channel.id)).toEqual(['DRAW THE OWL?', 'by GET'])
})

test.each([
  ['nothing', ''],
  ['an empty object', '{}'],
  ['a text', 'received message'],
  ['a list', '[]'],
  ['half an object', '{"body":'],
])('an answer of %s changes nothing', async (_name, answer) => {
  receiver.answer = (_received, response) => response.end(answer)
  const channel = await service.channel([alice])
  await alice.send(channel.id, 'as it was')
  expect(await bodies(channel.id)).toEqual(['as it was'])
})

test('what the answer gives replaces what was sent, and is checked like it', async () => {
  const channel = await service.channel([alice])
  receiver.answer = json({ body: '****', from: 'moderated', attributes: '{"masked":true}' })
  const sent = await alice.send(channel.id, 'rude')
  expect(sent).toMatchObject({ body: '****', authorIdentity: 'moderated', attributes: { masked: true } })
  receiver.answer = json({ attributes: { masked: 1 }, author: 'system', unknown: 1 })
  expect(await alice.send(channel.id, 'polite')).toMatchObject({
    body: 'polite',
    authorIdentity: 'system',
    attributes: { masked: 1 },
  })
  for (const [answer, chatCode] of [
    [{ body: 'x'.repeat(32 * 1024 + 1) }, 50504],
    [{ author: 'x'.repeat(257) }, 50207],
    [{ body: 5 }, undefined],
    [{ attributes: 'no JSON' }, 20001],
    [{ attributes: 5 }, undefined],
  ] as const) {
    receiver.answer = json(answer)
    const refusal = await refusalOf(
      alice,
      'mutation($c: ID!) { sendMessage(input: {channelId: $c, body: "b"}) { message { id } } }',
      {
        c: channel.id,
      },
    )
    expect(refusal).toEqual({ code: 'BAD_USER_INPUT', ...(chatCode !== undefined && { chatCode }) })
  }
  expect(await bodies(channel.id)).toHaveLength(2)
})

test('a send whose author is replaced is still its sender’s: tried again it is the first message, whatever is answered then, and its draft is gone', async () => {
  const channel = await service.channel([alice])
  const channelId = channel.id
  const answers = { bot: json({ from: 'bot' }), none: ok }
  for (const [at, order] of (
    [
      ['bot', 'none'],
      ['none', 'bot'],
      ['bot', 'bot'],
    ] as const
  ).entries()) {
    const clientMessageId = `later ${at}`
    await saveDraft(alice, { channelId, body: 'draft', clientMessageId })
    receiver.answer = answers[order[0]]
    const first = await alice.send(channelId, 'first', { clientMessageId })
    expect(first).toMatchObject({ authorIdentity: order[0] === 'bot' ? 'bot' : alice.identity, clientMessageId })
    receiver.answer = answers[order[1]]
    receiver.received.length = 0
    expect((await alice.send(channelId, 'again', { clientMessageId })).id).toBe(first.id)
    expect(preEvents('onMessageSend')).toEqual([])
    expect((await draftsOf(alice)).map(({ body }) => body)).toEqual([])
  }
  for (const [at, order] of (
    [
      ['bot', 'none'],
      ['none', 'bot'],
    ] as const
  ).entries()) {
    receiver.received.length = 0
    const held: (() => void)[] = []
    receiver.answer = (received, response) => {
      const answer = answers[order[held.length]!]
      held.push(() => answer(received, response))
    }
    const clientMessageId = `at once ${at}`
    const sends = [0, 1].map(() => alice.send(channelId, 'at once', { clientMessageId }))
    await receiver.atLeast(2, 'onMessageSend')
    for (const release of held) release()
    const [one, other] = await Promise.all(sends)
    expect(one!.id).toBe(other!.id)
  }
  // Whose name it is sent in has names of its own.
  receiver.answer = ok
  const bot = await service.user('bot')
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: bot.identity } })
  receiver.answer = json({ from: bot.identity })
  await alice.send(channelId, 'alice’s', { clientMessageId: 'shared' })
  receiver.answer = ok
  await bot.send(channelId, 'bot’s', { clientMessageId: 'shared' })
  expect(await bodies(channelId)).toEqual(['first', 'first', 'first', 'at once', 'at once', 'alice’s', 'bot’s'])
})

test('a reply names its parent in each of its events', async () => {
  const channel = await service.channel([alice])
  const parent = await alice.send(channel.id, 'parent')
  const reply = { channelId: channel.id, body: 'reply', parentId: parent.id }
  const { message } = (await alice.request(SendMessageDocument, { input: reply })).sendMessage
  await alice.request(UpdateMessageDocument, { input: { messageId: message.id, body: 'edited' } })
  await alice.request(DeleteMessageDocument, { input: { messageId: message.id } })
  await receiver.atLeast(1, 'onMessageRemoved')
  const named = receiver.received
    .filter(({ parameters }) => parameters['EventType']!.startsWith('onMessage'))
    .map(({ parameters }) => `${parameters['EventType']} ${parameters['ParentMessageSid']}`)
  const unnamed = ['onMessageSend', 'onMessageSent'].map((event) => `${event} undefined`)
  const replied = ['Send', 'Sent', 'Update', 'Updated', 'Remove', 'Removed'].map(
    (event) => `onMessage${event} ${parent.id}`,
  )
  // Each is different, and a post-event may come twice.
  expect([...new Set(named)].toSorted()).toEqual([...unnamed, ...replied].toSorted())
})

const send = 'mutation($c: ID!) { sendMessage(input: {channelId: $c, body: "refused"}) { message { id } } }'

test.each([400, 403, 404, 500, 503, 302])('an answer of %i refuses, and nothing is there', async (status) => {
  const channel = await service.channel([alice])
  receiver.answer = json({ body: 'other' }, status)
  expect(await refusalOf(alice, send, { c: channel.id })).toEqual(refused)
  expect(await bodies(channel.id)).toEqual([])
})

test('each action of users and of the backend has a pre-event, and can be refused', async () => {
  const channel = await service.channel([alice])
  const bob = await service.user('bob')
  const message = await alice.send(channel.id, 'first')
  const open = await service.channel()
  const { addMember } = await kit.backend.request(AddMemberDocument, {
    input: { channelId: channel.id, identity: bob.identity },
  })
  receiver.received.length = 0
  receiver.answer = json({}, 403)
  const channelId = channel.id
  const messageId = message.id
  const attempts = [
    await refusalOf(alice, UpdateMessageDocument, { input: { messageId, body: 'second' } }),
    await refusalOf(alice, DeleteMessageDocument, { input: { messageId } }),
    await refusalOf(alice, CreateChannelDocument, { input: { friendlyName: 'Mine' } }),
    await refusalOf(kit.backend, UpdateChannelDocument, { input: { channelId, friendlyName: 'Other' } }),
    await refusalOf(kit.backend, DeleteChannelDocument, { input: { channelId } }),
    await refusalOf(kit.backend, AddMemberDocument, { input: { channelId, identity: 'carol' } }),
    await refusalOf(alice, JoinChannelDocument, { input: { channelId: open.id } }),
    await refusalOf(kit.backend, RemoveMemberDocument, { input: { memberId: addMember.member.id } }),
    await refusalOf(alice, LeaveChannelDocument, { input: { channelId } }),
    await refusalOf(alice, UpdateUserDocument, { input: { userId: alice.identity, friendlyName: 'Alice' } }),
  ]
  expect(attempts).toEqual(attempts.map(() => refused))
  const asked = receiver.received.map(({ parameters }) => parameters)
  expect(asked.filter(({ EventType }) => isPreEvent(EventType as WebhookEvent))).toMatchObject([
    {
      EventType: 'onMessageUpdate',
      ChannelSid: channelId,
      MessageSid: messageId,
      Body: 'second',
      From: alice.identity,
      DateCreated: message.createdAt,
      ModifiedBy: alice.identity,
    },
    { EventType: 'onMessageRemove', MessageSid: messageId, Body: 'first', RemovedBy: alice.identity },
    { EventType: 'onChannelAdd', FriendlyName: 'Mine', CreatedBy: alice.identity, ChannelType: 'public' },
    { EventType: 'onChannelUpdate', ChannelSid: channelId, FriendlyName: 'Other', CreatedBy: 'system', Source: 'API' },
    { EventType: 'onChannelDestroy', ChannelSid: channelId, ChannelType: 'public', Source: 'API' },
    { EventType: 'onMemberAdd', ChannelSid: channelId, Identity: 'carol', Reason: 'ADDED', Source: 'API' },
    { EventType: 'onMemberAdd', ChannelSid: open.id, Identity: alice.identity, Reason: 'JOINED', Source: 'SDK' },
    { EventType: 'onMemberRemove', MemberSid: addMember.member.id, Identity: bob.identity, Reason: 'REMOVED' },
    { EventType: 'onMemberRemove', Identity: alice.identity, Reason: 'LEFT', ClientIdentity: alice.identity },
    { EventType: 'onUserUpdate', Identity: alice.identity, FriendlyName: 'Alice' },
  ])
  expect(receiver.of('onChannelAdd')[0]!.parameters).not.toHaveProperty('ChannelSid')
  expect(await bodies(channelId)).toEqual(['first'])
})

test('the names of a channel and of a user, and an edited message, can be replaced', async () => {
  const channel = await service.channel([alice])
  const message = await alice.send(channel.id, 'first')
  receiver.answer = json({ friendly_name: 'Replaced', body: 'replaced', attributes: { by: 'webhook' } })
  const edited = await alice.request(UpdateMessageDocument, { input: { messageId: message.id, body: 'second' } })
  expect(edited.updateMessage.message).toMatchObject({ body: 'replaced', attributes: { by: 'webhook' } })
  const made = await alice.request(CreateChannelDocument, { input: { friendlyName: 'Mine' } })
  expect(made.createChannel.channel.friendlyName).toBe('Replaced')
  const updated = await kit.backend.request(UpdateChannelDocument, {
    input: { channelId: channel.id, attributes: { by: 'backend' } },
  })
  expect(updated.updateChannel.channel).toMatchObject({ friendlyName: 'Replaced', attributes: { by: 'webhook' } })
  const user = await alice.request(UpdateUserDocument, { input: { userId: alice.identity, friendlyName: 'A' } })
  expect(user.updateUser.user).toMatchObject({ friendlyName: 'Replaced', attributes: { by: 'webhook' } })
})

test('a wrong replacement is refused as the webhook’s fault, and names no argument of the caller', async () => {
  const channel = await service.channel([alice])
  const message = await alice.send(channel.id, 'first')
  const long = 'x'.repeat(32 * 1024 + 1)
  const changes: [object, () => Promise<{ errors?: unknown }>][] = [
    [{ body: long }, () => alice.ask(SendMessageDocument, { input: { channelId: channel.id, body: 'b' } })],
    [
      { author: long },
      () => kit.backend.ask(SendMessageDocument, { input: { channelId: channel.id, body: 'b', authorIdentity: 'a' } }),
    ],
    [{ body: long }, () => alice.ask(UpdateMessageDocument, { input: { messageId: message.id, body: 'b' } })],
    [{ friendly_name: long }, () => alice.ask(CreateChannelDocument, { input: { friendlyName: 'Mine' } })],
    [
      { attributes: 'no JSON' },
      () => kit.backend.ask(UpdateChannelDocument, { input: { channelId: channel.id, attributes: {} } }),
    ],
    [
      { friendly_name: long },
      () => alice.ask(UpdateUserDocument, { input: { userId: alice.identity, friendlyName: 'A' } }),
    ],
  ]
  for (const [answer, change] of changes) {
    receiver.answer = json(answer)
    const { errors } = await change()
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('the answer of the webhook is wrong: '),
        extensions: { code: 'BAD_USER_INPUT', chatCode: expect.any(Number) },
      },
    ])
    expect(errors).not.toMatchObject([{ extensions: { field: expect.anything() } }])
  }
})

test('callers without the permission are refused without a pre-event', async () => {
  const channel = await service.channel([alice])
  const stranger = await service.user('stranger')
  expect(await refusalOf(stranger, send, { c: channel.id })).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
  expect(preEvents('onMessageSend')).toEqual([])
})

test('a repetition is answered with the message it repeats, without another pre-event', async () => {
  const channel = await service.channel([alice])
  const first = await alice.send(channel.id, 'once', { clientMessageId: 'one' })
  receiver.answer = json({}, 403)
  expect(await alice.send(channel.id, 'once', { clientMessageId: 'one' })).toEqual(first)
  expect(preEvents('onMessageSend')).toHaveLength(1)
})

test('without an answer in time the action passes, or is refused where the service requires one', async () => {
  const strict = await hookService(kit, receiver, { preTimeoutMilliseconds: 50, preRequired: true })
  const lenient = await hookService(kit, receiver, { preTimeoutMilliseconds: 50 })
  const [one, other] = [await strict.channel(), await lenient.channel()]
  receiver.answer = () => {}
  expect(await refusalOf(kit.backend, send, { c: one.id })).toEqual(refused)
  await kit.backend.send(other.id, 'passes')
  receiver.answer = (_received, response) => response.destroy()
  expect(await refusalOf(kit.backend, send, { c: one.id })).toEqual(refused)
  await kit.backend.send(other.id, 'passes, too')
  const nobody = `http://127.0.0.1:${await freePort()}/`
  await strict.set({ preUrl: nobody })
  await lenient.set({ preUrl: nobody })
  expect(await refusalOf(kit.backend, send, { c: one.id })).toEqual(refused)
  await kit.backend.send(other.id, 'passes as well')
  expect(await bodies(one.id)).toEqual([])
  expect(await bodies(other.id)).toEqual(['passes', 'passes, too', 'passes as well'])
})

test('an address that is not public is refused, and not called where it was allowed before', async () => {
  const metadata = { url: 'http://169.254.169.254/latest/meta-data' }
  await expect(hookService(kit, metadata)).rejects.toThrow(
    /preUrl can't be called: 169.254.169.254 is no public address/,
  )
  const local = await hookService(kit, receiver, { preRequired: true })
  const { id } = await local.channel()
  const stricter = await kit.another({ WEBHOOK_NETWORKS: '10.0.0.0/8' })
  expect(await refusalOf(new Caller(stricter, kit.backend.authorization), send, { c: id })).toEqual(refused)
  expect(preEvents('onMessageSend')).toEqual([])
})

test('an event that is not in the filters has no pre-event, and one with an address of its own needs no filter', async () => {
  const quiet = await hookService(kit, receiver, {
    filters: ['ON_CHANNEL_ADD', 'ON_MESSAGE_SENT'],
    targets: [{ event: 'ON_MESSAGE_UPDATE', url: `${receiver.url}/own`, method: 'GET' }],
  })
  const { id } = await quiet.channel()
  const message = await kit.backend.send(id, 'not asked')
  expect(preEvents('onMessageSend')).toEqual([])
  await kit.backend.request(UpdateMessageDocument, { input: { messageId: message.id, body: 'asked' } })
  const [received] = receiver.of('onMessageUpdate')
  expect(received).toMatchObject({ method: 'GET', parameters: { Body: 'asked' } })
  expect(received!.url).toContain('/ip-msg-webhook/own?')
})

test('the backend’s actions have webhooks unless its header or the service says otherwise; a user’s always have', async () => {
  const { id } = await service.channel([alice])
  const quiet = { 'X-Twilio-Webhook-Enabled': 'false' }
  await kit.backend.with(quiet).send(id, 'without')
  expect(preEvents('onMessageSend')).toEqual([])
  await kit.backend.with({ 'X-Twilio-Webhook-Enabled': 'true' }).send(id, 'with')
  await alice.with(quiet).send(id, 'with anyway')
  const post = async (text: string, headers: Record<string, string>): Promise<void> => {
    const answer = await fetch(`${kit.server.url}/v1/Services/${service.id}/Channels/${id}/Messages`, {
      method: 'POST',
      headers: { authorization: kit.backend.authorization, ...headers },
      body: new URLSearchParams({ Body: text }),
    })
    expect(answer.status).toBe(201)
  }
  await post('without over REST', quiet)
  await post('with over REST', {})
  const expected = ['with', 'with anyway', 'with over REST']
  expect(preEvents('onMessageSend').map(({ Body }) => Body)).toEqual(expected)
  await service.set({ apiEnabled: false })
  await kit.backend.send(id, 'without')
  await alice.send(id, 'still with')
  await service.set({ enabled: false })
  await alice.send(id, 'without')
  await kit.backend.with({ 'X-Twilio-Webhook-Enabled': 'true' }).send(id, 'without')
  await service.set({ enabled: true, apiEnabled: true })
  expect(preEvents('onMessageSend').map(({ Body }) => Body)).toEqual([...expected, 'still with'])
})

test('what one author sends keeps its order, whichever is answered first', async () => {
  const channel = await service.channel([alice])
  const client = alice.connect()
  const held: (() => void)[] = []
  receiver.answer = ({ parameters }, response) => {
    if (parameters['Body'] === 'first') held.push(() => response.end())
    else response.end()
  }
  const sendOver = (body: string) =>
    requestOver(client, SendMessageDocument, { input: { channelId: channel.id, body } })
  const sends = [sendOver('first')]
  await receiver.atLeast(1, 'onMessageSend')
  sends.push(sendOver('second'))
  await receiver.atLeast(2, 'onMessageSend')
  expect(await bodies(channel.id)).toEqual([])
  held[0]!()
  await Promise.all(sends)
  await client.dispose()
  expect(await bodies(channel.id)).toEqual(['first', 'second'])
})

test('one service waiting for its webhook keeps no other waiting', async () => {
  const slow = await hookService(kit, receiver, { preTimeoutMilliseconds: 5000 })
  const { id } = await slow.channel()
  const held: (() => void)[] = []
  receiver.answer = (_received, response) => void held.push(() => response.end())
  const waiting = Array.from({ length: 25 }, (_, at) => kit.backend.send(id, `slow ${at}`))
  await receiver.atLeast(20, 'onMessageSend')
  const plain = await kit.channel()
  await kit.backend.send(plain.id, 'fast')
  // The others wait for their turn: an endpoint gets no more than so many at once.
  expect(receiver.of('onMessageSend')).toHaveLength(20)
  receiver.answer = ok
  for (const release of held) release()
  await Promise.all(waiting)
  expect(await bodies(id)).toHaveLength(25)
})
