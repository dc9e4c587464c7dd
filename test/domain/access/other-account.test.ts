import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  ChannelDocument,
  ChannelsDocument,
  CreateChannelDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  HistoryDocument,
  MembersDocument,
  MessageAddedDocument,
  NodesDocument,
  RemoveMemberDocument,
  SendMessageDocument,
  UpdateChannelDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
  ViewerDocument,
} from '../../../schema/generated/graphql.ts'
import type { ServiceId } from '../../../src/model/sid.ts'
import { makeAccount, makeRole } from '../../support/authority.ts'
import { openKit, openSocket, record, type Caller, type Kit } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let stranger: Caller
let strangerServiceId: string
beforeAll(async () => {
  kit = await openKit()
  const account = await makeAccount(kit)
  stranger = account.backend
  strangerServiceId = account.service.id
})
afterAll(() => kit.close())

test('the backend of one account does not know the ids of another', async () => {
  const alice = await kit.user('alice')
  const channel = await kit.channel([alice], { uniqueName: 'shared-name' })
  const { id: channelId } = channel
  const { id: messageId } = await alice.send(channelId, 'ours')
  const { channel: read } = await kit.backend.request(MembersDocument, { channelId })
  const memberId = read!.members.edges[0]!.node.id
  const { viewer } = await alice.request(ViewerDocument)
  const roleId = await makeRole(kit, 'channel', ['sendMessage'])
  const before = await readingOf(kit, channelId)

  const ids = [channelId, messageId, memberId, roleId, viewer.user!.id, viewer.service.id]
  expect((await kit.backend.request(NodesDocument, { ids })).nodes.map((node) => node?.id)).toEqual(ids)
  expect((await stranger.request(NodesDocument, { ids })).nodes).toEqual(ids.map(() => null))
  expect(await stranger.request(ChannelDocument, { id: channelId })).toEqual({ channel: null })
  expect(await stranger.request(ChannelDocument, { id: 'shared-name' })).toEqual({ channel: null })
  expect(await stranger.request(HistoryDocument, { channelId })).toEqual({ channel: null })
  const { channels } = await stranger.request(ChannelsDocument, { first: 1000 })
  expect(channels.edges).toEqual([])

  const noChannel = { code: 'NOT_FOUND', chatCode: 50300 }
  const noMessage = { code: 'NOT_FOUND', chatCode: 50500 }
  const noMember = { code: 'NOT_FOUND', chatCode: 50402 }
  const noService = { code: 'NOT_FOUND', chatCode: 50050 }
  const { serviceId } = kit.server.account
  const tried = [
    await refusalOf(stranger, SendMessageDocument, { input: { channelId, body: 'mine' } }),
    await refusalOf(stranger, AddMemberDocument, { input: { channelId, identity: 'eve' } }),
    await refusalOf(stranger, UpdateChannelDocument, { input: { channelId, friendlyName: 'mine' } }),
    await refusalOf(stranger, DeleteChannelDocument, { input: { channelId } }),
    await refusalOf(stranger, UpdateMessageDocument, { input: { messageId, body: 'mine' } }),
    await refusalOf(stranger, DeleteMessageDocument, { input: { messageId } }),
    await refusalOf(stranger, UpdateMemberDocument, { input: { memberId, lastReadIndex: 0 } }),
    await refusalOf(stranger, RemoveMemberDocument, { input: { memberId } }),
    await refusalOf(stranger, CreateChannelDocument, { input: { serviceId } }),
    await refusalOf(stranger, `{ channels(serviceId: "${serviceId}") { edges { node { id } } } }`),
  ]
  expect(tried).toEqual([
    ...Array<object>(4).fill(noChannel),
    ...Array<object>(2).fill(noMessage),
    ...Array<object>(2).fill(noMember),
    ...Array<object>(2).fill(noService),
  ])
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('the backend of one account receives no messages of another', async () => {
  const channel = await kit.channel()
  const client = openSocket(kit.server, { authorization: stranger.authorization })
  const recording = record(client, MessageAddedDocument, { channelId: channel.id })
  await recording.ended()
  await client.dispose()
  expect(recording.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND', chatCode: 50300 } }])
  expect(recording.items).toEqual([])
})

test('a role of another account is given to nobody', async () => {
  const alice = await kit.user('alice')
  const channel = await kit.channel([alice])
  const roleId = await makeRole(kit, 'channel', ['sendMessage'], strangerServiceId as ServiceId)
  const { channel: read } = await kit.backend.request(MembersDocument, { channelId: channel.id })
  const memberId = read!.members.edges[0]!.node.id
  const before = await readingOf(kit, channel.id)
  const noRole = { code: 'NOT_FOUND', chatCode: 50101 }
  const input = { channelId: channel.id, identity: 'bob', roleId }
  expect(await refusalOf(kit.backend, AddMemberDocument, { input })).toEqual(noRole)
  expect(await refusalOf(kit.backend, UpdateMemberDocument, { input: { memberId, roleId } })).toEqual(noRole)
  expect(await readingOf(kit, channel.id)).toEqual(before)
})

test('two accounts may use the same unique name, each for its own channel', async () => {
  const input = { uniqueName: 'lobby' }
  const ours = await kit.backend.request(CreateChannelDocument, { input })
  const theirs = await stranger.request(CreateChannelDocument, { input })
  expect(theirs.createChannel.channel.id).not.toBe(ours.createChannel.channel.id)
  for (const [caller, made] of [
    [kit.backend, ours],
    [stranger, theirs],
  ] as const) {
    const { channel } = await caller.request(ChannelDocument, { id: 'lobby' })
    expect(channel?.id).toBe(made.createChannel.channel.id)
  }
})
