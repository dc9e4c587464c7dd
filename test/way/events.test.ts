import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  DeleteMessageDocument,
  EventsDocument,
  MessageBodiesDocument,
  RemoveMemberDocument,
  UpdateChannelDocument,
  UpdateMessageDocument,
  type EventsSubscription,
} from '../../schema/generated/graphql.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import { confirmed } from '../support/deliveries.ts'
import { openKit, openSocket, record, type Kit, type Recording, type User } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let alice: User
let bob: User
let carol: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  bob = await kit.user('bob')
  carol = await kit.user('carol')
})
afterAll(() => kit.close())

type Event = EventsSubscription['events']

/** Event and what it is about, short enough to compare. */
function brief(event: Event): string {
  switch (event.__typename) {
    case 'MessageAdded':
    case 'MessageUpdated':
    case 'ReactionsUpdated':
    case 'MessageFinished':
    case 'MessageRemoved':
      return `${event.__typename} ${event.message.index} ${event.message.body}`
    case 'MemberJoined':
    case 'MemberUpdated':
    case 'MemberLeft':
      return `${event.__typename} ${event.member.identity}`
    case 'ChannelUpdated':
      return `${event.__typename} ${event.channel.friendlyName}`
    case 'Ready':
    case 'ChannelTruncated':
    case 'Gap':
    case 'ChannelRemoved':
    case 'TypingStarted':
    case 'TypingEnded':
    case 'ThreadTypingStarted':
    case 'ThreadTypingEnded':
    case 'ReceiptsUpdated':
    case 'MessageAppended':
      return event.__typename
  }
}

/** What was delivered up to the marker, a message that was sent when everything else had happened. */
async function until(recording: Recording<EventsSubscription>, marker: string): Promise<Event[]> {
  const isMarker = (event: Event): boolean => event.__typename === 'MessageAdded' && event.message.body === marker
  await waitFor(() => recording.items.some(({ events }) => isMarker(events)) || recording.errors.length > 0)
  expect(recording.errors).toEqual([])
  return recording.items.map(({ events }) => events)
}

async function join(channelId: string, { identity }: User): Promise<string> {
  const { addMember } = await kit.backend.request(AddMemberDocument, { input: { channelId, identity } })
  return addMember.member.id
}

async function edit(messageId: string, body: string): Promise<void> {
  await alice.request(UpdateMessageDocument, { input: { messageId, body } })
}

/** Until they have caught up, which they do after `Ready`, readers get each thing in its latest state. */
const areLive = (channelId: ChannelId, selections = 1) =>
  waitFor(() => kit.server.app.feeds.get(channelId)!.groups.size >= selections, { interval: 5 })

test('P3: events begin with Ready and deliver everything in the order in which it happens', async () => {
  const { id: channelId } = await kit.channel([alice])
  const socket = alice.connect()
  const recording = record(socket, EventsDocument, { channelId })
  await recording.atLeast(1)
  await areLive(channelId)
  const first = await alice.send(channelId, 'a')
  await edit(first.id, 'b')
  const memberId = await join(channelId, carol)
  await kit.backend.request(UpdateChannelDocument, { input: { channelId, friendlyName: 'Owls' } })
  await kit.backend.request(RemoveMemberDocument, { input: { memberId } })
  await alice.request(DeleteMessageDocument, { input: { messageId: first.id } })
  await alice.send(channelId, 'marker')
  const received = (await until(recording, 'marker')).map(brief)
  expect(received.filter((line) => line !== `MemberJoined ${alice.identity}`)).toEqual([
    'Ready',
    'MessageAdded 0 a',
    'MessageUpdated 0 b',
    `MemberJoined ${carol.identity}`,
    'ChannelUpdated Owls',
    `MemberLeft ${carol.identity}`,
    'MessageRemoved 0 ',
    'MessageAdded 1 marker',
  ])
  await socket.dispose()
})

test('P4: events deliver what changed while a member was away, each thing once and in its latest state', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const [edited, removed, kept] = [
    await alice.send(channelId, 'edited'),
    await alice.send(channelId, 'removed'),
    await alice.send(channelId, 'kept'),
  ]
  const here = bob.connect({ deviceId: 'phone' })
  const before = await until(record(here, EventsDocument, { channelId }), 'kept')
  expect(before[0]!.__typename).toBe('Ready')
  await confirmed(kit.store, channelId, bob.identity, kept.index, 'phone')
  await here.dispose()

  for (const body of ['edited once', 'edited twice']) await edit(edited.id, body)
  await edit(removed.id, 'edited first')
  await alice.request(DeleteMessageDocument, { input: { messageId: removed.id } })
  const both = await alice.send(channelId, 'sent')
  await edit(both.id, 'sent and edited')
  const gone = await alice.send(channelId, 'sent and removed')
  await alice.request(DeleteMessageDocument, { input: { messageId: gone.id } })
  await kit.backend.request(RemoveMemberDocument, { input: { memberId: await join(channelId, carol) } })
  await join(channelId, carol)
  for (const friendlyName of ['Owls', 'Birds']) {
    await kit.backend.request(UpdateChannelDocument, { input: { channelId, friendlyName } })
  }

  const back = bob.connect({ deviceId: 'phone' })
  const recording = record(back, EventsDocument, { channelId })
  await waitFor(() => recording.items.some(({ events }) => events.__typename === 'ChannelUpdated'))
  await alice.send(channelId, 'marker')
  const received = (await until(recording, 'marker')).map(brief)
  expect(received).toEqual([
    'Ready',
    'MessageAdded 3 sent and edited',
    'MessageRemoved 4 ',
    'MessageUpdated 0 edited twice',
    'MessageRemoved 1 ',
    `MemberLeft ${carol.identity}`,
    `MemberJoined ${carol.identity}`,
    'ChannelUpdated Birds',
    'MessageAdded 5 marker',
  ])
  await back.dispose()
})

test('P3: from the cursor of any event the stream goes on with all that followed, and nothing before it', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const socket = alice.connect({ deviceId: 'desk' })
  const live = record(socket, EventsDocument, { channelId })
  await live.atLeast(1)
  await areLive(channelId)
  const messages = [await alice.send(channelId, 'm0'), await alice.send(channelId, 'm1')]
  await edit(messages[0]!.id, 'm0 edited')
  await join(channelId, carol)
  await edit(messages[1]!.id, 'm1 edited')
  await kit.backend.request(UpdateChannelDocument, { input: { channelId, friendlyName: 'Owls' } })
  await alice.send(channelId, 'marker')
  const events = await until(live, 'marker')
  expect(events.map(({ __typename }) => __typename)).toContain('MemberJoined')
  await socket.dispose()

  // The backend has no delivery position, so that only the cursor says where it begins.
  const backend = openSocket(kit.server, { authorization: kit.backend.authorization })
  for (const [at, event] of [...events].entries()) {
    const { cursor } = event as { readonly cursor: string }
    const resumed = record(backend, EventsDocument, { channelId, after: cursor })
    const expected = latestOf(events.slice(at + 1))
    await resumed.atLeast(1 + expected.length)
    await alice.send(channelId, `end ${at}`)
    const [ready, ...received] = await until(resumed, `end ${at}`)
    expect(ready).toMatchObject({ __typename: 'Ready', cursor })
    expect(received.slice(0, -1).map(brief)).toEqual(expected)
    events.push(received.at(-1)!)
    resumed.stop()
  }
  await backend.dispose()
})

test('P4: a device that was cut off receives the deletion of a message that it received without confirming it', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const here = bob.connect({ deviceId: 'phone', disablePong: true })
  const recording = record(here, EventsDocument, { channelId })
  await alice.send(channelId, 'a')
  const removed = await alice.send(channelId, 'b')
  await until(recording, 'b')
  here.terminate()
  await alice.request(DeleteMessageDocument, { input: { messageId: removed.id } })

  const back = bob.connect({ deviceId: 'phone' })
  const resumed = record(back, EventsDocument, { channelId })
  await resumed.atLeast(1)
  await alice.send(channelId, 'marker')
  const received = (await until(resumed, 'marker')).map(brief)
  expect(received.filter((line) => !line.startsWith('Member'))).toEqual([
    'Ready',
    'MessageAdded 0 a',
    'MessageRemoved 1 ',
    'MessageAdded 2 marker',
  ])
  await back.dispose()

  // A stream of messages has no word for it, and goes on after it.
  const tablet = bob.connect({ deviceId: 'tablet' })
  const messages = record(tablet, MessageBodiesDocument, { channelId })
  await alice.send(channelId, 'end')
  await waitFor(() => messages.items.some(({ messageAdded }) => messageAdded.body === 'end'))
  expect(messages.errors).toEqual([])
  await tablet.dispose()
})

/** What a reader receives that has missed these: added messages by index, then other changes, each thing once and as it is now. */
function latestOf(events: readonly Event[]): string[] {
  const added = new Map<string, string>()
  const changed = new Map<string, string>()
  for (const event of events) {
    const [type, subject = ''] = brief(event).split(' ')
    if (type === 'MessageAdded') added.set(subject, brief(event))
    else if (type === 'MessageUpdated' && added.has(subject)) {
      added.set(subject, brief(event).replace('MessageUpdated', 'MessageAdded'))
    } else {
      const key = type === 'ChannelUpdated' ? 'channel' : subject
      changed.delete(key)
      changed.set(key, brief(event))
    }
  }
  return [...added.values(), ...changed.values()]
}

test('P4: what messageAdded has delivered is no event any more, but its edits are', async () => {
  const { id: channelId } = await kit.channel([alice, bob])
  const messages = [await alice.send(channelId, 'm0'), await alice.send(channelId, 'm1')]
  const first = bob.connect({ deviceId: 'phone' })
  await record(first, MessageBodiesDocument, { channelId }).atLeast(2)
  await confirmed(kit.store, channelId, bob.identity, 1, 'phone')
  await first.dispose()
  await edit(messages[1]!.id, 'm1 edited')
  const second = bob.connect({ deviceId: 'phone' })
  const recording = record(second, EventsDocument, { channelId })
  await waitFor(() => recording.items.some(({ events }) => events.__typename === 'MessageUpdated'))
  await alice.send(channelId, 'marker')
  const received = (await until(recording, 'marker')).map(brief)
  expect(received.filter((line) => line.startsWith('Message'))).toEqual([
    'MessageUpdated 1 m1 edited',
    'MessageAdded 2 marker',
  ])
  await second.dispose()
})

test.each([
  ['without any fragment all', '', ['Ready', 'MessageAdded', 'MessageUpdated', 'MessageRemoved', 'MessageAdded']],
  [
    'with a fragment on the union all',
    '... on ChannelEvent { __typename }',
    ['Ready', 'MessageAdded', 'MessageUpdated', 'MessageRemoved', 'MessageAdded'],
  ],
  ['otherwise those with a fragment', '... on MessageRemoved { cursor }', ['Ready', 'MessageRemoved']],
  [
    'also with a fragment that has a name',
    '...Added } } fragment Added on ChannelEvent { ... on MessageAdded { cursor',
    ['Ready', 'MessageAdded', 'MessageUpdated', 'MessageRemoved', 'MessageAdded'],
  ],
])('a stream of all events delivers what its document asks for: %s', async (_how, selection, expected) => {
  const { id: channelId } = await kit.channel([alice])
  const socket = alice.connect()
  const document = parse(`subscription ($id: ID!) { events(channelId: $id) { __typename ${selection} } }`)
  const recording = record<{ events: { __typename: string } }, { id: string }>(socket, document, { id: channelId })
  const everything = record(socket, EventsDocument, { channelId })
  await waitFor(() => recording.items.length > 0 && everything.items.length > 0)
  await areLive(channelId, 2)
  const { id: messageId } = await alice.send(channelId, 'first')
  await edit(messageId, 'edited')
  await alice.request(DeleteMessageDocument, { input: { messageId } })
  await alice.send(channelId, 'marker')
  await until(everything, 'marker')
  await recording.atLeast(expected.length)
  const types = recording.items.map(({ events }) => events.__typename)
  expect(types.filter((type) => type !== 'MemberJoined')).toEqual(expected)
  await socket.dispose()
})
