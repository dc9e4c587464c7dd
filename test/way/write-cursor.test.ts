import { readFile } from 'node:fs/promises'
import { buildSchema, isObjectType } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  AddReactionDocument,
  CancelMessageDocument,
  FinishMessageDocument,
  CreateChannelDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  EventsDocument,
  FreezeChannelDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  OpenDirectChannelDocument,
  PinMessageDocument,
  RemoveMemberDocument,
  RemoveReactionDocument,
  SendMessageDocument,
  TruncateChannelDocument,
  UnfreezeChannelDocument,
  UnpinMessageDocument,
  UpdateChannelDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
  type EventsSubscription,
} from '../../schema/generated/graphql.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import { makeRole } from '../support/authority.ts'
import { openKit, openSocket, record, type Kit } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

/** The mutations of the schema whose payload names the position of what they have written. */
async function mutationsWithCursor(): Promise<string[]> {
  const schema = buildSchema(await readFile('schema/schema.graphql', 'utf8'))
  const mutations = Object.values(schema.getMutationType()!.getFields())
  return mutations.flatMap(({ name, type }) => (isObjectType(type) && 'cursor' in type.getFields() ? name : []))
}

/** Waits until so many readers of a channel have caught up, and share what is rendered. */
async function isLive(channelId: string, readers: number): Promise<void> {
  await waitFor(() => {
    const groups = [...(kit.server.app.feeds.get(channelId as ChannelId)?.groups.values() ?? [])]
    return groups.length === 1 && groups[0]!.subscribers.size === readers
  })
}

/** Receipts come only to documents that have a fragment on them, which this one has not. */
function cursorOf(event: EventsSubscription['events']): string {
  if (event.__typename === 'ReceiptsUpdated') throw new Error('received receipts')
  return event.cursor
}

test('the cursor of every write in a channel is the one with which a stream delivers it', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const client = alice.connect()
  const events = record(client, EventsDocument)
  await events.atLeast(1)
  const walked: [string, string | null][] = []
  const { createChannel } = await alice.request(CreateChannelDocument, { input: { friendlyName: 'walked' } })
  const { id: channelId } = createChannel.channel
  walked.push(['createChannel', createChannel.cursor])
  // While it catches up, a stream's cursor is behind the messages that it delivers.
  await isLive(channelId, 1)
  const roleId = await makeRole(kit, 'channel', ['sendMessage', 'leaveChannel'])

  const { sendMessage } = await alice.request(SendMessageDocument, { input: { channelId, body: 'one' } })
  walked.push(['sendMessage', sendMessage.cursor])
  await kit.backend.send(channelId, 'another')
  const messageId = sendMessage.message.id
  const { updateMessage } = await alice.request(UpdateMessageDocument, { input: { messageId, body: 'two' } })
  walked.push(['updateMessage', updateMessage.cursor])
  const { pinMessage } = await kit.backend.request(PinMessageDocument, { input: { messageId } })
  walked.push(['pinMessage', pinMessage.cursor])
  const { unpinMessage } = await kit.backend.request(UnpinMessageDocument, { input: { messageId } })
  walked.push(['unpinMessage', unpinMessage.cursor])
  const reaction = { messageId, reaction: '🦉' }
  const { addReaction } = await alice.request(AddReactionDocument, { input: reaction })
  walked.push(['addReaction', addReaction.cursor])
  const { removeReaction } = await alice.request(RemoveReactionDocument, { input: reaction })
  walked.push(['removeReaction', removeReaction.cursor])
  const streaming = { channelId, body: '', isStreaming: true }
  const finished = await kit.backend.request(SendMessageDocument, { input: streaming })
  const { finishMessage } = await kit.backend.request(FinishMessageDocument, {
    input: { messageId: finished.sendMessage.message.id },
  })
  walked.push(['finishMessage', finishMessage.cursor])
  const cancelled = await kit.backend.request(SendMessageDocument, { input: streaming })
  const { cancelMessage } = await kit.backend.request(CancelMessageDocument, {
    input: { messageId: cancelled.sendMessage.message.id },
  })
  walked.push(['cancelMessage', cancelMessage.cursor])
  const { joinChannel } = await bob.request(JoinChannelDocument, { input: { channelId } })
  walked.push(['joinChannel', joinChannel.cursor])
  const { leaveChannel } = await bob.request(LeaveChannelDocument, { input: { channelId } })
  walked.push(['leaveChannel', leaveChannel.cursor])
  const { addMember } = await kit.backend.request(AddMemberDocument, { input: { channelId, identity: bob.identity } })
  walked.push(['addMember', addMember.cursor])
  const memberId = addMember.member.id
  const { updateMember } = await kit.backend.request(UpdateMemberDocument, { input: { memberId, roleId } })
  walked.push(['updateMember', updateMember.cursor])
  const horizon = await bob.request(UpdateMemberDocument, { input: { memberId, lastReadIndex: 1 } })
  expect(horizon.updateMember.cursor).toBeNull()
  const { deleteMessage } = await alice.request(DeleteMessageDocument, { input: { messageId } })
  walked.push(['deleteMessage', deleteMessage.cursor])
  const { removeMember } = await kit.backend.request(RemoveMemberDocument, { input: { memberId } })
  walked.push(['removeMember', removeMember.cursor])
  const renamed = { channelId, friendlyName: 'renamed' }
  const { updateChannel } = await kit.backend.request(UpdateChannelDocument, { input: renamed })
  walked.push(['updateChannel', updateChannel.cursor])
  const { freezeChannel } = await kit.backend.request(FreezeChannelDocument, { input: { channelId } })
  walked.push(['freezeChannel', freezeChannel.cursor])
  const { unfreezeChannel } = await kit.backend.request(UnfreezeChannelDocument, { input: { channelId } })
  walked.push(['unfreezeChannel', unfreezeChannel.cursor])
  const { truncateChannel } = await kit.backend.request(TruncateChannelDocument, { input: { channelId } })
  walked.push(['truncateChannel', truncateChannel.cursor])
  const direct = { identities: [bob.identity] }
  const { openDirectChannel } = await alice.request(OpenDirectChannelDocument, { input: direct })
  walked.push(['openDirectChannel', openDirectChannel.cursor])
  const { deleteChannel } = await kit.backend.request(DeleteChannelDocument, { input: { channelId } })
  walked.push(['deleteChannel', deleteChannel.cursor])

  expect(walked.map(([name]) => name).sort()).toEqual((await mutationsWithCursor()).sort())
  // The order of events is each channel's own.
  const isDelivered = (cursor: string) => events.items.some(({ events: event }) => cursorOf(event) === cursor)
  await waitFor(() => [deleteChannel.cursor, openDirectChannel.cursor].every(isDelivered))
  const emitted = events.items.map(({ events: event }) => [event.__typename, cursorOf(event)])
  const typeOf: Record<string, string> = {
    createChannel: 'MemberJoined',
    sendMessage: 'MessageAdded',
    updateMessage: 'MessageUpdated',
    pinMessage: 'MessageUpdated',
    unpinMessage: 'MessageUpdated',
    addReaction: 'ReactionsUpdated',
    removeReaction: 'ReactionsUpdated',
    finishMessage: 'MessageFinished',
    cancelMessage: 'MessageFinished',
    joinChannel: 'MemberJoined',
    leaveChannel: 'MemberLeft',
    addMember: 'MemberJoined',
    updateMember: 'MemberUpdated',
    deleteMessage: 'MessageRemoved',
    removeMember: 'MemberLeft',
    updateChannel: 'ChannelUpdated',
    freezeChannel: 'ChannelUpdated',
    unfreezeChannel: 'ChannelUpdated',
    truncateChannel: 'ChannelTruncated',
    openDirectChannel: 'MemberJoined',
    deleteChannel: 'ChannelRemoved',
  }
  for (const [name, cursor] of walked) expect(emitted).toContainEqual([typeOf[name], cursor])
  await client.dispose()
})

test('a stream from the cursor of a write delivers nothing of it, and all that follows', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const sent = await alice.request(SendMessageDocument, { input: { channelId, body: 'one' } })
  const messageId = sent.sendMessage.message.id
  const { updateMessage } = await alice.request(UpdateMessageDocument, { input: { messageId, body: 'two' } })
  await alice.send(channelId, 'three')
  const client = openSocket(kit.server, { authorization: kit.backend.authorization })
  const events = record(client, EventsDocument, { channelId, after: updateMessage.cursor })
  const [ready, next] = (await events.atLeast(2)).map(({ events: event }) => event)
  expect(ready).toMatchObject({ __typename: 'Ready', cursor: updateMessage.cursor })
  expect(next).toMatchObject({ __typename: 'MessageAdded', message: { body: 'three' } })
  await client.dispose()
})

test('of messages that are edited before a reader comes, the message itself names the edit', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const { id: messageId } = await alice.send(channelId, 'one')
  const { updateMessage } = await alice.request(UpdateMessageDocument, { input: { messageId, body: 'two' } })
  const client = bob.connect()
  const events = record(client, EventsDocument, { channelId })
  await waitFor(() => events.items.some(({ events: event }) => event.__typename === 'MessageAdded'))
  const added = events.items.flatMap(({ events: event }) => ('message' in event ? event.message : []))
  expect(added).toMatchObject([{ body: 'two', cursor: updateMessage.cursor }])
  await client.dispose()
})

/** The index and the seq of a cursor. */
function placeIn(cursor: string): readonly [number, number] {
  const [, index, seq] = cursor.split('.')
  return [Number.parseInt(index!, 36), Number.parseInt(seq!, 36)]
}

test('while a stream catches up, a message says by its seq that a write of it is there, and nothing of other writes', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice])
  const { id: messageId } = await alice.send(channelId, 'one')
  const { addMember } = await kit.backend.request(AddMemberDocument, { input: { channelId, identity: bob.identity } })
  const last = await alice.send(channelId, 'last')
  const { updateMessage } = await alice.request(UpdateMessageDocument, { input: { messageId, body: 'edited' } })
  const client = alice.connect()
  const events = record(client, EventsDocument, { channelId })
  const isJoining = ({ events: event }: (typeof events.items)[number]) =>
    event.__typename === 'MemberJoined' && event.member.identity === bob.identity
  await waitFor(() => events.items.some(isJoining))
  const before = events.items.slice(0, events.items.findIndex(isJoining))
  const messages = before.flatMap(({ events: event }) => (event.__typename === 'MessageAdded' ? [event.message] : []))
  expect(messages.map(({ body }) => body)).toEqual(['edited', 'last'])
  const [written, seq] = placeIn(updateMessage.cursor)
  // By its index the message would never reach the edit, and no event of the edit follows.
  expect(placeIn(messages[0]!.cursor)).toEqual([written - 1, seq])
  // Of the membership, written before it, this message says nothing: it is yet to come.
  const [index, joined] = placeIn(addMember.cursor)
  expect(placeIn(last.cursor)).toEqual([index + 1, joined + 1])
  for (const { events: event } of before) expect(placeIn(cursorOf(event))[1]).toBeLessThan(joined)
  await client.dispose()
})

test('what is read from the history is a replay, and what is sent now is not', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  await alice.send(channelId, 'before')
  const [here, there] = [bob.connect(), alice.connect()]
  const recordings = [record(here, EventsDocument, { channelId }), record(there, EventsDocument, { channelId })]
  const replaysOf = ({ items }: (typeof recordings)[number]) =>
    items.flatMap(({ events: event }) =>
      event.__typename === 'MessageAdded' ? [[event.message.body, event.isReplay]] : [],
    )
  await waitFor(() => recordings.every((recording) => replaysOf(recording).length === 1))
  await isLive(channelId, 2)
  await alice.send(channelId, 'now')
  await waitFor(() => recordings.every((recording) => replaysOf(recording).length === 2))
  for (const recording of recordings) {
    expect(replaysOf(recording)).toEqual([
      ['before', true],
      ['now', false],
    ])
  }
  for (const client of [here, there]) await client.dispose()
})
