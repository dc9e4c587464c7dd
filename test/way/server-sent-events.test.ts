import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AcknowledgeDeliveriesDocument,
  MessageAddedDocument,
  MessageBodiesDocument,
  RemoveMemberDocument,
  AddMemberDocument,
} from '../../schema/generated/graphql.ts'
import { subscribeOverEvents as subscribe } from '../support/event-stream.ts'
import { openKit, type Kit } from '../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('P4: over Server-Sent Events the queue comes first, then what is sent', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  for (const body of ['queued', 'queued too']) await alice.send(channelId, body)
  const recording = await subscribe(bob, MessageBodiesDocument, { channelId })
  await recording.atLeast(2)
  for (const body of ['live', 'live too']) await alice.send(channelId, body)
  expect((await recording.atLeast(4)).map(({ messageAdded: { index, body } }) => `${index} ${body}`)).toEqual([
    '0 queued',
    '1 queued too',
    '2 live',
    '3 live too',
  ])
  recording.stop()
})

test('P4: over Server-Sent Events an acknowledgement by hand is what confirms', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  for (const body of ['a', 'b', 'c']) await alice.send(channelId, body)
  const first = await subscribe(bob, MessageBodiesDocument, { channelId })
  await first.atLeast(3)
  first.stop()
  await bob.request(AcknowledgeDeliveriesDocument, { input: { channelId, throughIndex: 1 } })
  const second = await subscribe(bob, MessageBodiesDocument, { channelId })
  expect(await second.atLeast(1)).toEqual([{ messageAdded: { index: 2, body: 'c' } }])
  second.stop()
})

test('P3: over Server-Sent Events a subscription to all channels follows those that are joined', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const [one, other] = [await kit.channel([alice, bob]), await kit.channel([alice])]
  const recording = await subscribe(bob, MessageAddedDocument, {})
  await alice.send(one.id, 'here')
  await recording.atLeast(1)
  await kit.backend.request(AddMemberDocument, { input: { channelId: other.id, identity: bob.identity } })
  await alice.send(other.id, 'there')
  const received = (await recording.atLeast(2)).map(({ messageAdded }) => [messageAdded.channel.id, messageAdded.body])
  expect(received).toEqual([
    [one.id, 'here'],
    [other.id, 'there'],
  ])
  recording.stop()
})

test('P3: over Server-Sent Events the end of a membership ends the subscription with an error', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice])
  const { addMember } = await kit.backend.request(AddMemberDocument, { input: { channelId, identity: bob.identity } })
  const recording = await subscribe(bob, MessageBodiesDocument, { channelId })
  await alice.send(channelId, 'before')
  await recording.atLeast(1)
  await kit.backend.request(RemoveMemberDocument, { input: { memberId: addMember.member.id } })
  await alice.send(channelId, 'after')
  await recording.ended()
  expect(recording.items).toHaveLength(1)
  expect(recording.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', chatCode: 50400 } }])
})
