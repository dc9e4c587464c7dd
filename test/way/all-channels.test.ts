import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  EventsDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MessageAddedDocument,
  RemoveMemberDocument,
  ViewerDocument,
  type EventsSubscription,
  type MessageAddedSubscription,
} from '../../schema/generated/graphql.ts'
import type { UserActor } from '../../src/model/actor.ts'
import { fillChannels } from '../support/filling.ts'
import { openKit, openSocket, record, type Kit, type Recording } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

function bodiesOf({ items }: Recording<MessageAddedSubscription>, channelId: string): string[] {
  return items.flatMap(({ messageAdded: { channel, body } }) => (channel.id === channelId ? body : []))
}

function bodies({ items }: Recording<EventsSubscription>): string[] {
  return items.flatMap(({ events }) =>
    events.__typename === 'MessageAdded' ? `${events.message.channel.id} ${events.message.body}` : [],
  )
}

/** The channels with which a stream begins. */
function startsOf({ items }: Recording<EventsSubscription>) {
  const [ready] = items.map(({ events }) => events)
  if (ready?.__typename !== 'Ready') throw new Error('the stream did not begin with Ready')
  return ready.cursors
}

test('P4: without a channelId the queues of all channels come first, then what is sent in any of them', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const channels = [await kit.channel([alice, bob]), await kit.channel([alice, bob])]
  for (const { id } of channels) for (const body of ['queued', 'queued too']) await alice.send(id, body)
  const client = bob.connect({ deviceId: 'phone' })
  const recording = record(client, MessageAddedDocument)
  await recording.atLeast(4)
  for (const { id } of channels) await alice.send(id, 'live')
  await recording.atLeast(6)
  for (const { id } of channels) expect(bodiesOf(recording, id)).toEqual(['queued', 'queued too', 'live'])
  await client.dispose()
})

test('P3: a channel that is joined later is delivered from its joining, one that is left until its leaving', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const [stays, joined, left, removed] = [
    (await kit.channel([alice, bob])).id,
    (await kit.channel([alice])).id,
    (await kit.channel([alice, bob])).id,
    (await kit.channel([alice])).id,
  ]
  const { addMember } = await kit.backend.request(AddMemberDocument, {
    input: { channelId: removed, identity: bob.identity },
  })
  const client = bob.connect({ deviceId: 'phone' })
  const recording = record(client, MessageAddedDocument)
  for (const id of [joined, left, removed]) await alice.send(id, 'before')
  await recording.atLeast(2)

  await bob.request(JoinChannelDocument, { input: { channelId: joined } })
  await bob.request(LeaveChannelDocument, { input: { channelId: left } })
  await kit.backend.request(RemoveMemberDocument, { input: { memberId: addMember.member.id } })
  for (const id of [joined, left, removed]) await alice.send(id, 'after')
  await recording.atLeast(3)
  await bob.request(JoinChannelDocument, { input: { channelId: left } })
  await alice.send(left, 'again a member')
  await recording.atLeast(4)
  for (const id of [stays, joined]) await alice.send(id, 'last')
  await recording.atLeast(6)

  expect(bodiesOf(recording, stays)).toEqual(['last'])
  expect(bodiesOf(recording, joined)).toEqual(['after', 'last'])
  expect(bodiesOf(recording, left)).toEqual(['before', 'again a member'])
  expect(bodiesOf(recording, removed)).toEqual(['before'])
  expect(recording.errors).toEqual([])
  await client.dispose()
})

test('P3: a subscription to one channel ends with FORBIDDEN when its member is removed', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice])
  const { addMember } = await kit.backend.request(AddMemberDocument, {
    input: { channelId: id, identity: bob.identity },
  })
  const client = bob.connect()
  const recording = record(client, MessageAddedDocument, { channelId: id })
  await alice.send(id, 'before')
  await recording.atLeast(1)
  await kit.backend.request(RemoveMemberDocument, { input: { memberId: addMember.member.id } })
  await alice.send(id, 'after')
  await recording.ended()
  expect(bodiesOf(recording, id)).toEqual(['before'])
  expect(recording.errors.flat()).toMatchObject([{ extensions: { code: 'FORBIDDEN', chatCode: 50400 } }])
  await client.dispose()
})

test('P4: events of all channels go on at the positions that a client brings', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const [one, other] = [(await kit.channel([alice, bob])).id, (await kit.channel([alice, bob])).id]
  // What it receives is not confirmed, however long this takes.
  const client = bob.connect({ disablePong: true })
  const first = record(client, EventsDocument)
  for (const body of ['seen', 'seen too']) await alice.send(one, body)
  await waitFor(() => bodies(first).length === 2)
  first.stop()
  const [ready] = first.items.map(({ events }) => events)
  const seen = first.items.map(({ events }) => events).find(({ __typename }) => __typename === 'MessageAdded')
  if (seen?.__typename !== 'MessageAdded') throw new Error('the stream delivered no message')
  if (ready?.__typename !== 'Ready') throw new Error('the stream did not begin with Ready')
  expect(ready.cursor).toBe('')
  expect(ready.cursors.map(({ channel }) => channel.id).toSorted()).toEqual([one, other].toSorted())

  for (const id of [one, other]) await alice.send(id, 'missed')
  const positions = [
    { channelId: one, after: seen.cursor },
    { channelId: other, after: ready.cursors.find(({ channel }) => channel.id === other)!.cursor },
  ]
  const second = record(client, EventsDocument, { positions })
  await waitFor(() => bodies(second).length >= 3)
  expect(bodies(second).toSorted()).toEqual([`${one} seen too`, `${one} missed`, `${other} missed`].toSorted())
  expect(bodies(second).indexOf(`${one} seen too`)).toBeLessThan(bodies(second).indexOf(`${one} missed`))
  await client.dispose()
})

test('P11: of many channels those come first whose positions a client brings first, before the last are read', async () => {
  const bob = await kit.user('bob')
  const { viewer } = await bob.request(ViewerDocument)
  await fillChannels(kit.store.db, [bob.identity], 200)
  const share = kit.server.app.shares.of({ kind: 'user', userId: viewer!.user!.id } as UserActor)!
  const { statements } = kit.store
  statements.length = 0
  // The burst is used up: what is read of a channel waits.
  share.add(300)
  const [client, other] = [bob.connect({ deviceId: 'one' }), bob.connect({ deviceId: 'other' })]
  const first = record(client, EventsDocument)
  await first.atLeast(2)
  const reads = statements.filter((statement) => statement.includes('AS channel_index')).length
  expect(reads).toBeLessThan(150)
  first.stop()
  share.add(-10_000)
  const named = startsOf(first).slice(-3).toReversed()
  const positions = named.map(({ channel, cursor }) => ({ channelId: channel.id, after: cursor }))
  const second = record(other, EventsDocument, { positions })
  await second.atLeast(1)
  expect(
    startsOf(second)
      .slice(0, 3)
      .map(({ channel }) => channel.id),
  ).toEqual(named.map(({ channel }) => channel.id))
  expect(startsOf(second)).toHaveLength(200)
  await client.dispose()
  await other.dispose()
})

test('a subscription of the backend names a channel', async () => {
  const client = openSocket(kit.server, { authorization: kit.backend.authorization })
  const recording = record(client, MessageAddedDocument)
  await recording.ended()
  await client.dispose()
  expect(recording.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})
