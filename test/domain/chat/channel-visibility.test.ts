import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  ChannelDocument,
  ChannelsDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  EventsDocument,
  HistoryDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MembersDocument,
  MessageAddedDocument,
  NodesDocument,
  RemoveMemberDocument,
  SendMessageDocument,
  StartTypingDocument,
  UpdateChannelDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
  type ChannelFieldsFragment,
  type CreateChannelInput,
} from '../../../schema/generated/graphql.ts'
import { openKit, record, uniqueName, type Kit, type User } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let member: User
let stranger: User
beforeAll(async () => {
  kit = await openKit()
  member = await kit.user('member')
  stranger = await kit.user('stranger')
})
afterAll(() => kit.close())

/** A channel of `member` with one message, and the SIDs of what is in it. */
async function furnish(input: CreateChannelInput) {
  const channel = await kit.channel([member], { uniqueName: uniqueName('room'), ...input })
  const message = await member.send(channel.id, 'between us')
  const { channel: read } = await kit.backend.request(MembersDocument, { channelId: channel.id })
  return { channel, messageId: message.id, memberId: read!.members.edges[0]!.node.id }
}

async function channelsOf(user: User): Promise<string[]> {
  const { channels } = await user.request(ChannelsDocument, { first: 100 })
  return channels.edges.map(({ node }) => node.id)
}

/** Everything that one can do to a channel or to what is in it, and what a stranger is answered. */
async function attempts(user: User, { channel, messageId, memberId }: Awaited<ReturnType<typeof furnish>>) {
  const { id: channelId } = channel
  return {
    send: await refusalOf(user, SendMessageDocument, { input: { channelId, body: 'hello' } }),
    sendByName: await refusalOf(user, SendMessageDocument, {
      input: { channelId: channel.uniqueName!, body: 'hello' },
    }),
    add: await refusalOf(user, AddMemberDocument, { input: { channelId, identity: user.identity } }),
    leave: await refusalOf(user, LeaveChannelDocument, { input: { channelId } }),
    type: await refusalOf(user, StartTypingDocument, { input: { channelId } }),
    rename: await refusalOf(user, UpdateChannelDocument, { input: { channelId, friendlyName: 'mine' } }),
    destroy: await refusalOf(user, DeleteChannelDocument, { input: { channelId } }),
    edit: await refusalOf(user, UpdateMessageDocument, { input: { messageId, body: 'changed' } }),
    erase: await refusalOf(user, DeleteMessageDocument, { input: { messageId } }),
    read: await refusalOf(user, UpdateMemberDocument, { input: { memberId, lastReadIndex: 0 } }),
    expel: await refusalOf(user, RemoveMemberDocument, { input: { memberId } }),
    subscribe: await subscriptionRefusal(user, channel),
  }
}

async function subscriptionRefusal(user: User, { id: channelId }: ChannelFieldsFragment) {
  const client = user.connect()
  const recordings = [
    record(client, MessageAddedDocument, { channelId }),
    record(client, EventsDocument, { channelId }),
  ]
  await Promise.all(recordings.map((recording) => recording.ended()))
  await client.dispose()
  expect(recordings.map(({ items }) => items.length)).toEqual([0, 0])
  const refusals = recordings.map(({ errors }) => (errors[0] as { extensions: object }).extensions)
  expect(refusals[0]).toEqual(refusals[1])
  return refusals[0]
}

test('a private channel, and whatever is in it, does not exist for others', async () => {
  const room = await furnish({ type: 'PRIVATE' })
  const { channel, messageId, memberId } = room
  const before = await readingOf(kit, channel.id)
  for (const id of [channel.id, channel.uniqueName!]) {
    expect(await stranger.request(ChannelDocument, { id })).toEqual({ channel: null })
    expect((await member.request(ChannelDocument, { id })).channel).toMatchObject({ id: channel.id })
  }
  const ids = [channel.id, messageId, memberId]
  expect(await stranger.request(NodesDocument, { ids })).toEqual({ nodes: [null, null, null] })
  expect((await member.request(NodesDocument, { ids })).nodes.map((node) => node?.id)).toEqual(ids)
  expect(await channelsOf(stranger)).not.toContain(channel.id)
  expect(await channelsOf(member)).toContain(channel.id)
  const noChannel = { code: 'NOT_FOUND', chatCode: 50300 }
  const noMessage = { code: 'NOT_FOUND', chatCode: 50500 }
  const noMember = { code: 'NOT_FOUND', chatCode: 50402 }
  expect(await attempts(stranger, room)).toEqual({
    send: noChannel,
    sendByName: noChannel,
    add: noChannel,
    leave: noChannel,
    type: noChannel,
    rename: noChannel,
    destroy: noChannel,
    edit: noMessage,
    erase: noMessage,
    read: noMember,
    expel: noMember,
    subscribe: noChannel,
  })
  expect(await refusalOf(stranger, JoinChannelDocument, { input: { channelId: channel.id } })).toEqual(noChannel)
  expect(await readingOf(kit, channel.id)).toEqual(before)
})

test('a public channel is seen by all, but only its members reach what is in it', async () => {
  const room = await furnish({ type: 'PUBLIC' })
  const { channel, messageId, memberId } = room
  const before = await readingOf(kit, channel.id)
  const { channel: seen } = await stranger.request(ChannelDocument, { id: channel.uniqueName! })
  expect(seen).toMatchObject({ id: channel.id, membersCount: 1, messagesCount: 1 })
  expect(await channelsOf(stranger)).toContain(channel.id)
  expect(await stranger.request(NodesDocument, { ids: [channel.id, messageId, memberId] })).toEqual({
    nodes: [{ __typename: 'Channel', id: channel.id }, null, null],
  })
  const notMember = { code: 'FORBIDDEN', chatCode: 50400 }
  const channelId = channel.id
  expect(await refusalOf(stranger, HistoryDocument, { channelId })).toEqual(notMember)
  expect(await refusalOf(stranger, MembersDocument, { channelId })).toEqual(notMember)
  const noMessage = { code: 'NOT_FOUND', chatCode: 50500 }
  const noMember = { code: 'NOT_FOUND', chatCode: 50402 }
  expect(await attempts(stranger, room)).toEqual({
    send: notMember,
    sendByName: notMember,
    add: notMember,
    leave: notMember,
    type: notMember,
    rename: notMember,
    destroy: notMember,
    edit: noMessage,
    erase: noMessage,
    read: noMember,
    expel: noMember,
    subscribe: notMember,
  })
  expect(await readingOf(kit, channel.id)).toEqual(before)
})

test('the newest message of a public channel is shown to its members alone', async () => {
  const { channel } = await furnish({ type: 'PUBLIC' })
  const lastMessageOf = async (caller: Pick<User, 'request'>) =>
    (await caller.request(ChannelDocument, { id: channel.id })).channel?.lastMessage
  expect(await lastMessageOf(stranger)).toBeNull()
  expect(await lastMessageOf(member)).toEqual({ index: 0 })
  expect(await lastMessageOf(kit.backend)).toEqual({ index: 0 })
  await stranger.request(JoinChannelDocument, { input: { channelId: channel.id } })
  expect(await lastMessageOf(stranger)).toEqual({ index: 0 })
  await stranger.request(LeaveChannelDocument, { input: { channelId: channel.id } })
  expect(await lastMessageOf(stranger)).toBeNull()
})

test('who has left a private channel no longer knows of it', async () => {
  const { channel, messageId } = await furnish({ type: 'PRIVATE' })
  const guest = await kit.user('guest')
  await kit.backend.request(AddMemberDocument, { input: { channelId: channel.id, identity: guest.identity } })
  expect((await guest.request(HistoryDocument, { channelId: channel.id })).channel?.messages.edges).toHaveLength(1)
  await guest.request(LeaveChannelDocument, { input: { channelId: channel.id } })
  expect(await guest.request(ChannelDocument, { id: channel.id })).toEqual({ channel: null })
  expect(await guest.request(NodesDocument, { ids: [channel.id, messageId] })).toEqual({ nodes: [null, null] })
  expect(await channelsOf(guest)).not.toContain(channel.id)
  const input = { channelId: channel.id, body: 'still here?' }
  expect(await refusalOf(guest, SendMessageDocument, { input })).toEqual({ code: 'NOT_FOUND', chatCode: 50300 })
})
