import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AddReactionDocument,
  AppendToMessageDocument,
  CancelMessageDocument,
  FinishMessageDocument,
  RemoveReactionDocument,
  AddMemberDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  DeleteUserDocument,
  FreezeChannelDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MarkAllReadDocument,
  MarkChannelsReadDocument,
  MarkReadDocument,
  MarkUnreadDocument,
  OpenDirectChannelDocument,
  PinMessageDocument,
  RemoveMemberDocument,
  TruncateChannelDocument,
  UnfreezeChannelDocument,
  UnpinMessageDocument,
  UpdateChannelDocument,
  UpdateChannelPreferencesDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
} from '../../schema/generated/graphql.ts'
import { durableEvents } from '../../src/domain/realtime/durable-event.ts'
import { schema } from '../../src/graphql/schema.ts'
import { eventTypeName } from '../../src/graphql/schema/types/event.ts'
import type { Server } from '../../src/server.ts'
import { deleteTruncatedMessages } from '../../src/store/message.ts'
import { makeRole } from '../support/authority.ts'
import { openKit, record, uniqueName, type Kit, type Recording, type User } from '../support/kit.ts'
import { subscribersAt } from '../support/subscribers.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let other: Server
let roleId: string
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
  roleId = await makeRole(kit, 'channel', ['sendMessage'])
})
afterAll(() => kit.close())

type Row = { readonly id: string } & Readonly<Record<string, unknown>>
type MessageRow = Row & { readonly index: number }

/** What someone knows of a channel: its own fields, its messages and its members. */
interface Reading {
  readonly channel: Row
  readonly messages: readonly MessageRow[]
  readonly members: readonly Row[]
}

const fields = `
  fragment OwnFields on Channel { id uniqueName friendlyName type attributes createdBy createdAt updatedAt isFrozen firstIndex }
  fragment AllOfMessage on Message {
    id index cursor body authorIdentity author { id } attributes channelId wasEdited lastUpdatedBy createdAt updatedAt
    revision pinnedAt pinnedBy reactions { reaction count users(first: 5) { nodes { identity } } }
    mentions { identities channel } streamState
    parentIndex isShownInChannel isSilent quote { messageId } replyCount lastReplyAt repliers(first: 5) { id }
  }
  fragment AllOfMember on Member {
    id identity user { id } role { id } channelId lastReadIndex lastReadAt createdAt updatedAt
  }
`

const readDocument = parse(`
  query ($id: ID!) {
    channel(id: $id) {
      ...OwnFields membersCount messagesCount lastMessage { id }
      messages(first: 10, includeReplies: true) { edges { node { ...AllOfMessage } } }
      members(first: 100) { edges { node { ...AllOfMember } } }
    }
  }
  ${fields}`) as TypedDocumentNode<{ channel: ChannelAnswer | null }, { id: string }>

interface ChannelAnswer extends Row {
  readonly membersCount: number
  readonly messagesCount: number
  readonly lastMessage: { readonly id: string } | null
  readonly messages: { readonly edges: readonly { readonly node: MessageRow }[] }
  readonly members: { readonly edges: readonly { readonly node: Row }[] }
}

const eventsDocument = parse(`
  subscription ($channelId: ID!, $after: String) {
    events(channelId: $channelId, after: $after) {
      __typename
      ... on Ready { cursor }
      ... on MessageAdded { cursor message { ...AllOfMessage parent { ...AllOfMessage } } }
      ... on MessageUpdated { cursor message { ...AllOfMessage } }
      ... on ReactionsUpdated { cursor message { ...AllOfMessage } }
      ... on MessageFinished { cursor message { ...AllOfMessage } }
      ... on MessageRemoved { cursor message { ...AllOfMessage parent { ...AllOfMessage } } }
      ... on MemberJoined { cursor member { ...AllOfMember } }
      ... on MemberUpdated { cursor member { ...AllOfMember } }
      ... on MemberLeft { cursor member { ...AllOfMember } }
      ... on ChannelUpdated { cursor channel { ...OwnFields } }
      ... on ChannelRemoved { cursor channel { ...OwnFields } }
      ... on ChannelTruncated { cursor firstIndex channel { ...OwnFields } }
    }
  }
  ${fields}`) as TypedDocumentNode<{ events: Event }, { channelId: string; after?: string }>

interface Event {
  readonly __typename: string
  readonly cursor: string
  /** A reply has the message that it answers with it. */
  readonly message?: MessageRow & { readonly parent?: MessageRow | null }
  readonly member?: Row
  readonly channel?: Row
  readonly firstIndex?: number
}

/** The whole channel as the user reads it. Its counters must agree with its lists. */
async function read(user: User, id: string): Promise<Reading | null> {
  const { channel: answer } = await user.request(readDocument, { id })
  if (!answer) return null
  const { membersCount, messagesCount, lastMessage, messages, members, ...channel } = answer
  const reading = {
    channel,
    messages: messages.edges.map(({ node }) => node),
    members: members.edges.map(({ node }) => node),
  }
  expect({ membersCount, messagesCount, lastMessage }).toEqual({
    membersCount: reading.members.length,
    messagesCount: reading.messages.length,
    lastMessage: reading.messages.length > 0 ? { id: reading.messages.at(-1)!.id } : null,
  })
  return reading
}

/** What a client makes of an event: it puts in, replaces or takes out what the event carries, and knows no more. */
function apply(reading: Reading | null, { message: sent, ...event }: Event): Reading | null {
  if (!reading) return null
  const { parent, ...message } = { parent: undefined, ...sent! }
  const after = applyOwn(reading, { ...event, message })
  return after && parent ? { ...after, messages: put(after.messages, parent) } : after
}

function applyOwn(reading: Reading, { __typename, message, member, channel, firstIndex }: Event): Reading | null {
  switch (__typename) {
    case 'MessageAdded':
    case 'MessageUpdated':
    case 'ReactionsUpdated':
    case 'MessageFinished':
      return { ...reading, messages: put(reading.messages, message!).toSorted((one, two) => one.index - two.index) }
    case 'MessageRemoved':
      return { ...reading, messages: without(reading.messages, message!) }
    case 'MemberJoined':
    case 'MemberUpdated':
      return { ...reading, members: put(reading.members, member!) }
    case 'MemberLeft':
      return { ...reading, members: without(reading.members, member!) }
    case 'ChannelUpdated':
      return { ...reading, channel: channel! }
    case 'ChannelTruncated':
      return { ...reading, channel: channel!, messages: reading.messages.filter(({ index }) => index >= firstIndex!) }
    case 'ChannelRemoved':
      return null
    default:
      throw new Error(`nobody knows what ${__typename} changes`)
  }
}

function put<Kind extends Row>(rows: readonly Kind[], row: Kind): Kind[] {
  return rows.some(({ id }) => id === row.id) ? rows.map((old) => (old.id === row.id ? row : old)) : [...rows, row]
}

function without<Kind extends Row>(rows: readonly Kind[], row: Kind): Kind[] {
  return rows.filter(({ id }) => id !== row.id)
}

/** A channel with a history, in which alice and bob act. */
interface Scene {
  readonly alice: User
  readonly bob: User
  readonly stranger: User
  readonly channelId: string
  /** Two by alice, the first of which is pinned and has a reaction of hers, and the second the channel's last. */
  readonly messageIds: readonly [string, string]
  readonly bobsMembership: string
}

interface Operation {
  readonly mutation: string
  readonly how: string
  readonly emits: readonly string[]
  /** What it is after an interruption, where that is something else. */
  readonly reports?: readonly string[]
  act(scene: Scene): Promise<unknown>
}

const backend = () => kit.backend

const operations: readonly Operation[] = [
  {
    mutation: 'sendMessage',
    how: 'by a member',
    emits: ['MessageAdded'],
    act: ({ alice, channelId }) => alice.send(channelId, 'hello 🦉', { attributes: { mood: ['good'] } }),
  },
  {
    mutation: 'sendMessage',
    how: 'by the backend in the name of another, twice the same',
    emits: ['MessageAdded'],
    act: async ({ bob, channelId }) => {
      for (let time = 0; time < 2; time++) {
        await backend().send(channelId, 'once', { authorIdentity: bob.identity, clientMessageId: 'same' })
      }
    },
  },
  {
    mutation: 'sendMessage',
    how: 'two replies and a silent one that quotes',
    emits: ['MessageAdded', 'MessageAdded', 'MessageAdded'],
    reports: ['MessageAdded', 'MessageAdded', 'MessageAdded', 'MessageUpdated'],
    act: async ({ alice, bob, channelId, messageIds: [parentId] }) => {
      await bob.send(channelId, 'hidden', { parentId })
      await alice.send(channelId, 'quiet', { quotedMessageId: parentId, silent: true })
      await alice.send(channelId, 'shown', { parentId, showInChannel: true })
    },
  },
  {
    mutation: 'sendMessage',
    how: 'that names a member and the channel',
    emits: ['MessageAdded'],
    act: ({ bob, channelId }) =>
      backend().send(channelId, 'hello all', { mentions: { identities: [bob.identity], channel: true } }),
  },
  ...(
    [
      ['appendToMessage', 'of a text that is finished', FinishMessageDocument],
      ['finishMessage', 'twice', FinishMessageDocument, FinishMessageDocument],
      ['cancelMessage', 'twice', CancelMessageDocument, CancelMessageDocument],
    ] as const
  ).map(([mutation, how, ...ends]): Operation => ({
    mutation,
    how,
    emits: ['MessageAdded', 'MessageFinished'],
    reports: ['MessageAdded'],
    act: async ({ channelId }) => {
      const { id: messageId } = await backend().send(channelId, 'to be ', { isStreaming: true })
      await backend().request(AppendToMessageDocument, { input: { messageId, offset: 6, text: 'continued' } })
      for (const end of ends) await backend().request(end as typeof FinishMessageDocument, { input: { messageId } })
    },
  })),
  {
    mutation: 'updateMessage',
    how: 'whom it names',
    emits: ['MessageUpdated'],
    act: ({ alice, bob, messageIds }) =>
      alice.request(UpdateMessageDocument, {
        input: { messageId: messageIds[0], mentions: { identities: [bob.identity] } },
      }),
  },
  {
    mutation: 'deleteMessage',
    how: 'a reply',
    emits: ['MessageAdded', 'MessageAdded', 'MessageRemoved'],
    reports: ['MessageAdded', 'MessageRemoved', 'MessageUpdated'],
    act: async ({ alice, bob, channelId, messageIds: [parentId] }) => {
      await alice.send(channelId, 'kept', { parentId, showInChannel: true })
      const { id: messageId } = await bob.send(channelId, 'deleted', { parentId })
      await backend().request(DeleteMessageDocument, { input: { messageId } })
    },
  },
  {
    mutation: 'updateMessage',
    how: 'its body',
    emits: ['MessageUpdated'],
    act: ({ alice, messageIds }) =>
      alice.request(UpdateMessageDocument, { input: { messageId: messageIds[0], body: 'edited' } }),
  },
  {
    mutation: 'updateMessage',
    how: 'the attributes of the last, by the backend',
    emits: ['MessageUpdated'],
    act: ({ messageIds }) =>
      backend().request(UpdateMessageDocument, { input: { messageId: messageIds[1], attributes: { pinned: true } } }),
  },
  {
    mutation: 'deleteMessage',
    how: 'the last',
    emits: ['MessageRemoved'],
    act: ({ alice, messageIds }) => alice.request(DeleteMessageDocument, { input: { messageId: messageIds[1] } }),
  },
  {
    mutation: 'pinMessage',
    how: 'twice',
    emits: ['MessageUpdated'],
    act: async ({ messageIds: [, messageId] }) => {
      for (let time = 0; time < 2; time++) await backend().request(PinMessageDocument, { input: { messageId } })
    },
  },
  {
    mutation: 'unpinMessage',
    how: 'of one that is pinned, and of one that is not',
    emits: ['MessageUpdated'],
    act: async ({ messageIds }) => {
      for (const messageId of messageIds) await backend().request(UnpinMessageDocument, { input: { messageId } })
    },
  },
  {
    mutation: 'addReaction',
    how: 'twice',
    emits: ['ReactionsUpdated'],
    reports: ['MessageUpdated'],
    act: async ({ bob, messageIds: [messageId] }) => {
      for (let time = 0; time < 2; time++) {
        await bob.request(AddReactionDocument, { input: { messageId, reaction: '🦉' } })
      }
    },
  },
  {
    mutation: 'removeReaction',
    how: 'one that there is, and one that there is not',
    emits: ['ReactionsUpdated'],
    reports: ['MessageUpdated'],
    act: async ({ alice, messageIds: [messageId] }) => {
      for (const reaction of ['🦉', '👍'])
        await alice.request(RemoveReactionDocument, { input: { messageId, reaction } })
    },
  },
  {
    mutation: 'addMember',
    how: 'with a role',
    emits: ['MemberJoined'],
    act: ({ stranger: { identity }, channelId }) =>
      backend().request(AddMemberDocument, { input: { channelId, identity, roleId } }),
  },
  {
    mutation: 'joinChannel',
    how: 'by a stranger',
    emits: ['MemberJoined'],
    act: ({ stranger, channelId }) => stranger.request(JoinChannelDocument, { input: { channelId } }),
  },
  {
    mutation: 'leaveChannel',
    how: 'by a member',
    emits: ['MemberLeft'],
    act: ({ bob, channelId }) => bob.request(LeaveChannelDocument, { input: { channelId } }),
  },
  {
    mutation: 'removeMember',
    how: 'by the backend',
    emits: ['MemberLeft'],
    act: ({ bobsMembership }) => backend().request(RemoveMemberDocument, { input: { memberId: bobsMembership } }),
  },
  {
    mutation: 'deleteUser',
    how: 'of a member',
    emits: ['MemberLeft'],
    act: ({ bob }) => backend().request(DeleteUserDocument, { input: { userId: bob.identity } }),
  },
  {
    mutation: 'updateMember',
    how: 'its role',
    emits: ['MemberUpdated'],
    act: ({ bobsMembership }) =>
      backend().request(UpdateMemberDocument, { input: { memberId: bobsMembership, roleId } }),
  },
  {
    mutation: 'updateChannel',
    how: 'its names',
    emits: ['ChannelUpdated'],
    act: ({ channelId }) =>
      backend().request(UpdateChannelDocument, {
        input: { channelId, friendlyName: 'Owls', uniqueName: uniqueName('owls') },
      }),
  },
  {
    mutation: 'updateChannel',
    how: 'its attributes',
    emits: ['ChannelUpdated'],
    act: ({ channelId }) =>
      backend().request(UpdateChannelDocument, { input: { channelId, attributes: { topic: 'owls' } } }),
  },
  {
    mutation: 'freezeChannel',
    how: 'by the backend',
    emits: ['ChannelUpdated'],
    act: ({ channelId }) => backend().request(FreezeChannelDocument, { input: { channelId } }),
  },
  {
    mutation: 'unfreezeChannel',
    how: 'where nothing is frozen',
    emits: [],
    act: ({ channelId }) => backend().request(UnfreezeChannelDocument, { input: { channelId } }),
  },
  {
    mutation: 'truncateChannel',
    how: 'up to the last',
    emits: ['ChannelTruncated'],
    act: ({ channelId }) => backend().request(TruncateChannelDocument, { input: { channelId, beforeIndex: 1 } }),
  },
  {
    mutation: 'truncateChannel',
    how: 'all of it, and its rows are gone',
    emits: ['ChannelTruncated'],
    act: async ({ channelId }) => {
      await backend().request(TruncateChannelDocument, { input: { channelId } })
      await deleteTruncatedMessages(kit.store.maintenance)
    },
  },
  {
    mutation: 'updateChannelPreferences',
    how: 'by a member, which nobody else is told of',
    emits: [],
    act: ({ bob, channelId }) =>
      bob.request(UpdateChannelPreferencesDocument, { input: { channelId, pinnedOrder: 1, isHidden: true } }),
  },
  {
    mutation: 'openDirectChannel',
    how: 'beside it, by two of its members',
    emits: [],
    act: ({ alice, bob }) => alice.request(OpenDirectChannelDocument, { input: { identities: [bob.identity] } }),
  },
  {
    mutation: 'deleteChannel',
    how: 'by the backend',
    emits: ['ChannelRemoved'],
    act: ({ channelId }) => backend().request(DeleteChannelDocument, { input: { channelId } }),
  },
]

/** Mutations after which a channel that someone has read is what it was. */
const changeNoChannel = [
  'acknowledgeDeliveries',
  'cancelJob',
  'closeConnection',
  'createAccessToken',
  'createApiKey',
  // Nobody can have read it before.
  'createChannel',
  'createCredential',
  'createInvite',
  'createKeywordRule',
  'createRole',
  'createService',
  'createUser',
  'declineInvite',
  'endConsoleSession',
  'followThread',
  'markThreadRead',
  'unfollowThread',
  'deleteApiKey',
  'endConsoleSession',
  'deleteCredential',
  'deleteInvite',
  'deleteKeywordRule',
  'updateKeywordRule',
  'deleteRole',
  // Ends all there is in it, which has specs of its own.
  'deleteService',
  // A job does what the mutations of its task do, one thing after the other.
  'startJob',
  'cancelJob',
  'closeConnection',
  'cancelScheduledMessage',
  'deleteDraft',
  'renewToken',
  'replayWebhookDelivery',
  'replayWebhookDeliveries',
  'rotateSigningKey',
  'saveDraft',
  'saveMessage',
  // Its sending is a send.
  'scheduleMessage',
  'sendTestWebhook',
  // What it does later are changes of this table.
  'startJob',
  'startTyping',
  'updateApiKey',
  'updateCredential',
  'unsaveMessage',
  'updateRole',
  'updateScheduledMessage',
  'updateService',
  'updateUser',
]

async function openScene(watchers: readonly User[]): Promise<Scene> {
  const [alice, bob, stranger] = [await kit.user('alice'), await kit.user('bob'), await kit.user('stranger')]
  const { id: channelId } = await kit.channel([alice, ...watchers], { attributes: { made: 'for reading' } })
  const { addMember } = await kit.backend.request(AddMemberDocument, { input: { channelId, identity: bob.identity } })
  const { id: messageId } = await alice.send(channelId, 'first')
  await kit.backend.request(PinMessageDocument, { input: { messageId } })
  await alice.request(AddReactionDocument, { input: { messageId, reaction: '🦉' } })
  const messageIds = [messageId, (await alice.send(channelId, 'second')).id] as const
  return { alice, bob, stranger, channelId, messageIds, bobsMembership: addMember.member.id }
}

/** What was delivered until the message that was sent last, or until the end of the channel. */
async function eventsUntil({ items, errors }: Recording<{ events: Event }>, marker: string): Promise<Event[]> {
  const isMarker = ({ message }: Event): boolean => message?.['body'] === marker
  await waitFor(() => errors.length > 0 || items.some(({ events }) => isMarker(events)))
  const [ready, ...received] = items.map(({ events }) => events)
  expect(ready?.__typename).toBe('Ready')
  return isMarker(received.at(-1)!) ? received.slice(0, -1) : received
}

describe.for(operations)('P3: $mutation, $how', ({ emits, reports = emits, act }) => {
  test('events and reads agree, for who is there and for who comes back', async () => {
    const [here, away] = [(await kit.user('here')).at(other), await kit.user('away')]
    const scene = await openScene([here, away])
    const { channelId } = scene
    const [hereClient, awayClient] = [here.connect(), away.connect()]
    const before = await read(away, channelId)
    const variables = { channelId, after: String(before!.messages.at(-1)!['cursor']) }
    const live = record(hereClient, eventsDocument, variables)
    await waitFor(() => subscribersAt(other, channelId) === 1 || live.errors.length > 0)
    expect(live.errors).toEqual([])

    await act(scene)
    const after = await read(away, channelId)
    const later = record(awayClient, eventsDocument, variables)
    if (after) {
      await waitFor(() => subscribersAt(kit.server, channelId) === (other === kit.server ? 2 : 1))
      await kit.backend.send(channelId, 'end')
    } else await later.ended()
    const liveEvents = await eventsUntil(live, 'end')
    // The sweep may have met a change before its hint.
    expect([emits, reports]).toContainEqual(liveEvents.map(({ __typename }) => __typename))
    expect(liveEvents.reduce(apply, before)).toEqual(after)
    expect(later.errors.flat()).toMatchObject(after ? [] : [{ extensions: { code: 'NOT_FOUND', chatCode: 50300 } }])
    const laterEvents = after ? await eventsUntil(later, 'end') : liveEvents
    expect(laterEvents.map(({ __typename }) => __typename)).toEqual(after ? reports : emits)
    expect(laterEvents.reduce(apply, before)).toEqual(after)
    await hereClient.dispose()
    await awayClient.dispose()
  })
})

interface Reader {
  readonly mutation: string
  readonly lastReadIndex: number | null
  act(scene: Scene): Promise<unknown>
}

/** Mutations that move nothing in a channel but a read horizon. */
const readings: readonly Reader[] = [
  {
    mutation: 'updateMember',
    lastReadIndex: 1,
    act: ({ bob, bobsMembership }) =>
      bob.request(UpdateMemberDocument, { input: { memberId: bobsMembership, lastReadIndex: 1 } }),
  },
  {
    mutation: 'markRead',
    lastReadIndex: 1,
    act: ({ bob, channelId }) => bob.request(MarkReadDocument, { input: { channelId, throughIndex: 1 } }),
  },
  {
    mutation: 'markChannelsRead',
    lastReadIndex: 1,
    act: ({ bob, channelId }) =>
      bob.request(MarkChannelsReadDocument, { input: { reads: [{ channelId, throughIndex: 1 }] } }),
  },
  {
    mutation: 'markAllRead',
    lastReadIndex: 1,
    act: ({ bob }) => bob.request(MarkAllReadDocument),
  },
  {
    mutation: 'markUnread',
    lastReadIndex: null,
    act: ({ bob, messageIds }) => bob.request(MarkUnreadDocument, { input: { messageId: messageIds[0] } }),
  },
]

test.for(readings)(
  'a read horizon is in no event, and nothing but it and its time differs: $mutation',
  async (reader) => {
    const here = (await kit.user('here')).at(other)
    const scene = await openScene([here])
    const { channelId } = scene
    const client = here.connect()
    const before = await read(here, channelId)
    const live = record(client, eventsDocument, { channelId, after: String(before!.messages.at(-1)!['cursor']) })
    await waitFor(() => subscribersAt(other, channelId) === 1)
    await reader.act(scene)
    const after = await read(here, channelId)
    await kit.backend.send(channelId, 'end')
    expect(await eventsUntil(live, 'end')).toEqual([])
    const timeless = (reading: Reading | null) => ({
      ...reading,
      members: reading!.members.map((member) => ({
        ...member,
        lastReadAt: null,
        lastReadIndex: null,
        updatedAt: null,
      })),
    })
    expect(timeless(after)).toEqual(timeless(before))
    expect(after!.members.map(({ lastReadIndex }) => lastReadIndex)).toEqual([null, null, reader.lastReadIndex])
    await client.dispose()
  },
)

test('every durable event is emitted by an operation of the table', () => {
  const emitted = new Set(operations.flatMap(({ emits }) => emits))
  const types = new Set(Object.keys(durableEvents).map(eventTypeName))
  expect([...emitted].toSorted()).toEqual([...types].toSorted())
})

test('every mutation is in the table, or among those that change no channel', () => {
  const mutations = Object.keys(schema.getMutationType()!.getFields())
  const known = [...[...operations, ...readings].map(({ mutation }) => mutation), ...changeNoChannel]
  expect(mutations.toSorted()).toEqual([...new Set(known)].toSorted())
})
