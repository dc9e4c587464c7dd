import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { OpenDirectChannelDocument, ViewerChannelsDocument, ViewerDocument } from '../../../schema/generated/graphql.ts'
import { isPreEvent, type WebhookEvent } from '../../../src/model/webhook.ts'
import { openKit, uniqueName, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { json, ok, openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment, type HookedService } from '../../support/webhooks.ts'

let kit: Kit
let receiver: Receiver
let service: HookedService
let alice: User
let bob: User
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  receiver = await openReceiver()
  service = await hookService(kit, receiver)
  ;[alice, bob] = [await service.user('alice'), await service.user('bob')]
  for (const user of [alice, bob]) await user.request(ViewerDocument)
  await receiver.atLeast(2, 'onUserAdded')
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = ok
})

const open = async (identities: string[]) =>
  (await alice.request(OpenDirectChannelDocument, { input: { identities } })).openDirectChannel.channel

const lines = (isPre: boolean): string[] =>
  receiver.received.flatMap(({ parameters: { EventType, Identity, Reason } }) =>
    isPreEvent(EventType as WebhookEvent) === isPre ? [EventType, Identity, Reason].filter(Boolean).join(' ') : [],
  )

test('a direct channel is asked for and reported as a channel with members, and finding it as nothing', async () => {
  const newcomer = uniqueName('newcomer')
  const { id } = await open([bob.identity, newcomer])
  expect(lines(true)).toEqual(['onChannelAdd', `onMemberAdd ${bob.identity} ADDED`, `onMemberAdd ${newcomer} ADDED`])
  await receiver.atLeast(3, 'onMemberAdded')
  await receiver.atLeast(1, 'onUserAdded')
  const ofChannel = receiver.received
    .map(({ parameters }) => parameters)
    .filter(({ EventType, ChannelSid }) => ChannelSid === id && !isPreEvent(EventType as WebhookEvent))
  expect(ofChannel.map(({ EventType }) => EventType)).toEqual(['onChannelAdded', ...Array(3).fill('onMemberAdded')])
  expect(ofChannel[0]).toMatchObject({ ChannelType: 'private', CreatedBy: alice.identity })
  const added = ofChannel.slice(1).map(({ Identity, Reason }) => `${Identity} ${Reason}`)
  expect(added.toSorted()).toEqual(
    [`${alice.identity} JOINED`, `${bob.identity} ADDED`, `${newcomer} ADDED`].toSorted(),
  )
  expect(receiver.of('onUserAdded').map(({ parameters }) => parameters['Identity'])).toEqual([newcomer])
  const calls = receiver.received.length
  expect((await open([newcomer, bob.identity])).id).toBe(id)
  // What comes after in the order of the channel comes last, and nothing has come in between.
  await alice.send(id, 'hello')
  await receiver.atLeast(1, 'onMessageSent')
  const later = receiver.received.slice(calls).map(({ parameters }) => parameters['EventType'])
  expect(later).toEqual(['onMessageSend', 'onMessageSent'])
})

test.each(['onChannelAdd', 'onMemberAdd'])('%s refuses it, and then nothing is made', async (event) => {
  const newcomer = uniqueName('newcomer')
  const identities = [bob.identity, newcomer]
  receiver.answer = (received, response) =>
    (received.parameters['EventType'] === event ? json({}, 403) : ok)(received, response)
  const refused = { code: 'FORBIDDEN', chatCode: 50056 }
  expect(await refusalOf(alice, OpenDirectChannelDocument, { input: { identities } })).toEqual(refused)
  const users = await kit.store.db.run('SELECT id FROM users WHERE identity = $1', [newcomer])
  const { viewer } = await alice.request(ViewerChannelsDocument, { filter: { isDirect: true } })
  const people = viewer.channels!.edges.map(({ node }) => node.channel.members.nodes.map(({ identity }) => identity))
  expect([users, people.flat().includes(newcomer)]).toEqual([[], false])
  receiver.answer = ok
  expect((await open(identities)).membersCount).toBe(3)
})

test('the answer of onChannelAdd gives it a name, and no unique one', async () => {
  receiver.answer = (received, response) =>
    (received.parameters['EventType'] === 'onChannelAdd' ? json({ friendly_name: 'Us', unique_name: 'us' }) : ok)(
      received,
      response,
    )
  expect(await open([uniqueName('newcomer')])).toMatchObject({ friendlyName: 'Us', uniqueName: null })
})
