import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  EventsDocument,
  HistoryDocument,
  MessageAddedDocument,
  UpdateChannelDocument,
  UpdateMessageDocument,
  UpdateUserDocument,
  UserUpdatedDocument,
  ViewerDocument,
} from '../../schema/generated/graphql.ts'
import { sidToUuid, type Sid } from '../../src/model/sid.ts'
import { openKit, openSocket, record, type Kit } from '../support/kit.ts'
import { openRest, type Rest } from '../support/rest.ts'
import { waitFor } from '../support/wait.ts'
import { letTimePass, webhookDeliveriesOf } from '../support/webhook-deliveries.ts'
import { json, ok, openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

let kit: Kit
let rest: Rest
let receiver: Receiver
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  rest = await openRest(kit)
  receiver = await openReceiver()
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})

/** Writes what the server would not have written. */
async function damage(table: 'messages' | 'channels' | 'users', sid: string, attributes: string): Promise<void> {
  await kit.store.db.run(`UPDATE ${table} SET attributes = $1 WHERE id = $2`, [attributes, sidToUuid(sid as Sid)])
}

test.each([
  ['null', 'null'],
  ['no JSON', '{"half":'],
  ['nothing', ''],
  ['a number beyond doubles', '1e400'],
  ['nested deeper than any stack', '['.repeat(50_000) + ']'.repeat(50_000)],
])(
  'P3: attributes that are %s are read as {}, and neither page nor subscriber loses what stands beside',
  async (_name, text) => {
    const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
    const { viewer } = await alice.request(ViewerDocument)
    const userId = viewer.user!.id
    const { id: channelId } = await kit.channel([alice, bob])
    const client = alice.connect()
    // What is confirmed to one moves where others begin: the queue is of a member that was away, and the backend has none.
    const away = bob.connect()
    const backend = openSocket(kit.server, { authorization: kit.backend.authorization })
    const events = record(client, EventsDocument, { channelId })
    const profile = record(client, UserUpdatedDocument)
    await events.atLeast(1)
    const sent = []
    for (const n of [0, 1, 2]) sent.push(await alice.send(channelId, `${n}`, { attributes: { n } }))
    await damage('messages', sent[1]!.id, text)
    await damage('channels', channelId, text)
    await damage('users', userId, text)

    const expected = [{ n: 0 }, {}, { n: 2 }]
    const { channel } = await alice.request(HistoryDocument, { channelId, first: 10 })
    expect(channel!.messages.edges.map(({ node }) => node.attributes)).toEqual(expected)
    const pages = await kit.backend.request<
      Record<string, { edges: { node: { id: string; attributes: unknown } }[] }>,
      void
    >(
      '{ channels(last: 1000) { edges { node { id attributes } } } users(last: 1000) { edges { node { id attributes } } } }',
    )
    const found = Object.values(pages).flatMap(({ edges }) => edges.map(({ node }) => node))
    expect(found).toContainEqual({ id: channelId, attributes: {} })
    expect(found).toContainEqual({ id: userId, attributes: {} })
    const list = await rest.get<{ messages: { attributes: string }[] }>(rest.in(`/Channels/${channelId}/Messages`))
    expect(list.body.messages.map(({ attributes }) => JSON.parse(attributes) as unknown)).toEqual(expected)
    for (const path of [`/Channels/${channelId}`, `/Users/${userId}`]) {
      expect((await rest.get(rest.in(path))).body).toMatchObject({ attributes: '{}' })
    }

    const queued = record(away, MessageAddedDocument, { channelId })
    await queued.atLeast(3)
    await alice.request(UpdateMessageDocument, { input: { messageId: sent[1]!.id, body: 'edited' } })
    await kit.backend.request(UpdateChannelDocument, { input: { channelId, friendlyName: 'renamed' } })
    await alice.request(UpdateUserDocument, { input: { userId, friendlyName: 'Alice' } })
    await alice.send(channelId, '3', { attributes: { n: 3 } })
    await queued.atLeast(4)
    await waitFor(() => JSON.stringify(events.items.at(-1)).includes('"n":3') || events.errors.length > 0)
    await profile.atLeast(1)
    expect(queued.items.map(({ messageAdded }) => messageAdded.attributes)).toEqual([...expected, { n: 3 }])
    expect(events.items.slice(-3)).toMatchObject([
      { events: { __typename: 'MessageUpdated', message: { body: 'edited', attributes: {} } } },
      { events: { __typename: 'ChannelUpdated' } },
      { events: { __typename: 'MessageAdded', message: { body: '3', attributes: { n: 3 } } } },
    ])
    const again = record(
      backend,
      parse(
        `subscription($channelId: ID) { events(channelId: $channelId, after: "${sent[0]!.cursor}") { ... on ChannelUpdated { channel { attributes } } ... on MessageAdded { message { attributes author { attributes } } } } }`,
      ) as TypedDocumentNode<object, { channelId: string }>,
      { channelId },
    )
    await again.atLeast(5)
    expect(again.items.slice(1)).toEqual([
      { events: { message: { attributes: {}, author: { attributes: {} } } } },
      { events: { message: { attributes: { n: 2 }, author: { attributes: {} } } } },
      { events: { message: { attributes: { n: 3 }, author: { attributes: {} } } } },
      { events: { channel: { attributes: {} } } },
    ])
    expect([events, profile, queued, again].flatMap(({ errors }) => errors)).toEqual([])
    for (const socket of [client, away, backend]) await socket.dispose()
  },
)

test('a delivery that cannot be read is listed, and is no worse than one that does not arrive', async () => {
  const service = await hookService(kit, receiver, { preUrl: null, filters: ['ON_MESSAGE_SENT'] })
  const { id: channelId } = await service.channel()
  receiver.answer = json({}, 500)
  await kit.backend.send(channelId, 'damaged')
  await kit.backend.send(channelId, 'behind it')
  await receiver.atLeast(1, 'onMessageSent')
  const [first] = await webhookDeliveriesOf(kit.store.db, service.id)
  await kit.store.db.run(`UPDATE webhook_notices SET parameters = '{' WHERE id = $1`, [sidToUuid(first!.id)])
  receiver.answer = ok
  await waitFor(async () => {
    await letTimePass(kit.server)
    return (await webhookDeliveriesOf(kit.store.db, service.id))[0]!.answer === 'its parameters cannot be read'
  })
  const { webhookDeliveries } = await kit.backend.request<
    { webhookDeliveries: { edges: { node: { parameters: object } }[] } },
    object
  >('query($id: ID!) { webhookDeliveries(serviceId: $id) { edges { node { parameters status } } } }', {
    id: service.id,
  })
  expect(webhookDeliveries.edges.map(({ node }) => node)).toMatchObject([
    { parameters: {}, status: 'PENDING' },
    { parameters: { Body: 'behind it' }, status: 'PENDING' },
  ])
  // As if the time for attempts were over.
  await kit.store.db.run(`UPDATE webhook_notices SET queued_at = 'epoch' WHERE id = $1`, [sidToUuid(first!.id)])
  await waitFor(async () => {
    await letTimePass(kit.server)
    return (await webhookDeliveriesOf(kit.store.db, service.id))[1]!.status === 'delivered'
  })
  expect((await webhookDeliveriesOf(kit.store.db, service.id)).map(({ status }) => status)).toEqual([
    'dead',
    'delivered',
  ])
})

test('a service with events of a newer version is listed with those that are known', async () => {
  const service = await hookService(kit, receiver, { preUrl: null, filters: ['ON_MESSAGE_SENT'] })
  await kit.store.db.run(
    `UPDATE services SET webhook_filters = '{onReactionAdded,onMessageSent}', webhook_targets = '{"onReactionAdded": {"url": null}}',
      notifications = '{"newReaction": {"enabled": true}}' WHERE id = $1`,
    [sidToUuid(service.id as Sid)],
  )
  const { services } = await kit.backend.request<{ services: { edges: { node: object }[] } }, void>(
    '{ services(last: 1) { edges { node { id webhooks { filters targets { event } } notifications { newMessage { enabled } } } } } }',
  )
  expect(services.edges.map(({ node }) => node)).toEqual([
    {
      id: service.id,
      webhooks: { filters: ['ON_MESSAGE_SENT'], targets: [] },
      notifications: { newMessage: { enabled: false } },
    },
  ])
  expect((await rest.get('/Services')).status).toBe(200)
})
