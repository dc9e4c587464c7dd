import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  AddMemberDocument,
  CancelScheduledMessageDocument,
  CreateInviteDocument,
  DeclineInviteDocument,
  DeleteChannelDocument,
  DeleteDraftDocument,
  DeleteInviteDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  MarkAllReadDocument,
  MarkChannelsReadDocument,
  MarkReadDocument,
  MarkUnreadDocument,
  OpenDirectChannelDocument,
  RemoveMemberDocument,
  FollowThreadDocument,
  MarkThreadReadDocument,
  UnfollowThreadDocument,
  SaveDraftDocument,
  SaveMessageDocument,
  ScheduleMessageDocument,
  UnsaveMessageDocument,
  UpdateChannelPreferencesDocument,
  UpdateMemberDocument,
  UpdateScheduledMessageDocument,
  UpdateUserDocument,
  ViewerDocument,
  ViewerEventsDocument,
  type ViewerEventsSubscription,
} from '../../schema/generated/graphql.ts'
import { userEvents } from '../../src/domain/realtime/user-event.ts'
import { viewerEventTypes } from '../../src/graphql/schema/types/viewer-event.ts'
import { topics } from '../../src/live/bus.ts'
import { toUserCursor } from '../../src/model/cursor.ts'
import type { UserId } from '../../src/model/sid.ts'
import type { Server } from '../../src/server.ts'
import { makeRole } from '../support/authority.ts'
import { subscribeOverEvents } from '../support/event-stream.ts'
import { openKit, openSocket, record, type Kit, type Recording, type User } from '../support/kit.ts'
import { ScriptedBus } from '../support/scripted-bus.ts'
import { stockClients } from '../support/stock-clients.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let other: Server
let bus: ScriptedBus
let roleId: string
beforeAll(async () => {
  kit = await openKit()
  bus = new ScriptedBus(kit.server.app.bus)
  other = await kit.another()
  roleId = await makeRole(kit, 'channel', ['sendMessage'])
})
afterAll(() => kit.close())

type Row = { readonly id: string } & Readonly<Record<string, unknown>>

/** What a user knows of itself. */
interface Reading {
  readonly user: Row
  readonly members: readonly Row[]
  readonly invites: readonly Row[]
  /** Those that it follows. */
  readonly threads: readonly Thread[]
  /** By their channels and threads. */
  readonly drafts: readonly Row[]
  readonly scheduled: readonly Row[]
  readonly saved: readonly Row[]
}

const fields = `
  fragment OwnUser on User { id identity friendlyName attributes role { id } createdAt updatedAt }
  fragment OwnMember on Member {
    id channelId identity role { id } lastReadIndex lastReadAt unreadCount createdAt
    preferences { pinnedOrder muteEndsAt isArchived isHidden notificationLevel attributes } updatedAt channel { id friendlyName }
  }
  fragment OwnThread on ViewerThread { channelId parentIndex isFollowed lastReadIndex unreadCount parent { id body } }
  fragment OwnInvite on Invite { id identity createdBy role { id } channel { id } createdAt }
  fragment OwnDraft on Draft { channelId parentId body attributes clientMessageId version updatedAt channel { id } }
  fragment OwnScheduled on ScheduledMessage {
    id channelId body attributes clientMessageId sendAt state failureCode failureReason messageId version createdAt updatedAt
  }
  fragment OwnSaved on SavedMessage { messageId channelId savedAt remindAt remindedAt message { id body revision } }
`

const readDocument = parse(`
  query ($id: ID!) {
    viewer { threads(first: 20) { nodes { ...OwnThread } } }
    user(id: $id) {
      ...OwnUser
      channels(first: 20) { edges { node { member { ...OwnMember } invite { ...OwnInvite } } } }
    }
    viewer {
      drafts(first: 10) { edges { node { ...OwnDraft } } }
      scheduledMessages(first: 10) { edges { node { ...OwnScheduled } } }
      savedMessages(first: 10) { edges { node { ...OwnSaved } } }
    }
  }
  ${fields}`) as TypedDocumentNode<{ user: UserAnswer; viewer: ViewerAnswer }, { id: string }>

interface Thread {
  readonly channelId: string
  readonly parentIndex: number
  readonly isFollowed: boolean
}

interface UserAnswer extends Row {
  readonly channels: { readonly edges: readonly { readonly node: { readonly member?: Row; readonly invite?: Row } }[] }
}

type Own = Readonly<Record<string, unknown>>
type Nodes = { readonly edges: readonly { readonly node: Own }[] }

interface ViewerAnswer {
  readonly threads: { readonly nodes: readonly Thread[] } | null
  readonly drafts: Nodes
  readonly scheduledMessages: Nodes
  readonly savedMessages: Nodes
}

const eventsDocument = parse(`
  subscription ($after: String) {
    viewerEvents(after: $after) {
      __typename
      ... on Ready { cursor cursors { cursor } }
      ... on ViewerGap { cursor }
      ... on ViewerChannelJoined { cursor member { ...OwnMember } }
      ... on ViewerChannelLeft { cursor channelId memberId }
      ... on ViewerChannelUpdated { cursor member { ...OwnMember } }
      ... on ViewerThreadUpdated { cursor thread { ...OwnThread } }
      ... on ViewerInviteAdded { cursor invite { ...OwnInvite } }
      ... on ViewerInviteRemoved { cursor invite { ...OwnInvite } }
      ... on ViewerUserUpdated { cursor user { ...OwnUser } }
      ... on ViewerDraftSaved { cursor draft { ...OwnDraft } }
      ... on ViewerDraftRemoved { cursor channelId parentId }
      ... on ViewerScheduledMessageUpdated { cursor scheduledMessage { ...OwnScheduled } }
      ... on ViewerMessageSaved { cursor savedMessage { ...OwnSaved } }
      ... on ViewerMessageUnsaved { cursor messageId }
      ... on ViewerReminderDue { cursor savedMessage { ...OwnSaved } }
    }
  }
  ${fields}`) as TypedDocumentNode<{ viewerEvents: Event }, { after?: string }>

interface Event {
  readonly __typename: string
  readonly cursor: string
  readonly member?: Row
  readonly memberId?: string
  readonly channelId?: string
  readonly parentId?: string | null
  readonly messageId?: string
  readonly draft?: Own
  readonly scheduledMessage?: Own
  readonly savedMessage?: Own
  readonly invite?: Row
  readonly user?: Row
  readonly thread?: Thread
}

const byId = (one: Row, two: Row): number => (one.id < two.id ? -1 : 1)

const draftId = ({ channelId, parentId }: Own): string => `${String(channelId)}${String(parentId)}`

async function read(user: User): Promise<Reading> {
  const { user: answer, viewer } = await user.request(readDocument, { id: user.identity })
  const rows = ({ edges }: Nodes, idOf: (node: Own) => unknown): Row[] =>
    edges.map(({ node }) => ({ ...node, id: String(idOf(node)) })).toSorted(byId)
  const { channels, ...own } = answer
  const nodes = channels.edges.map(({ node }) => node)
  return {
    user: own,
    members: nodes.flatMap(({ member }) => member ?? []).toSorted(byId),
    invites: nodes.flatMap(({ invite }) => invite ?? []).toSorted(byId),
    threads: viewer.threads!.nodes,
    drafts: rows(viewer.drafts, draftId),
    scheduled: rows(viewer.scheduledMessages, ({ id }) => id),
    saved: rows(viewer.savedMessages, ({ messageId }) => messageId),
  }
}

/** What a client makes of an event: it puts in, replaces or takes out what the event carries, and knows no more. */
function apply(reading: Reading, event: Event): Reading {
  const { __typename, member, memberId, invite, user, thread, draft, scheduledMessage, savedMessage } = event
  switch (__typename) {
    case 'ViewerChannelJoined':
    case 'ViewerChannelUpdated':
      return { ...reading, members: [...without(reading.members, member!.id), member!].toSorted(byId) }
    case 'ViewerChannelLeft': {
      const isElsewhere = (one: Row | Thread): boolean => one.channelId !== event.channelId
      return {
        ...reading,
        members: without(reading.members, memberId!),
        threads: reading.threads.filter(isElsewhere),
        drafts: reading.drafts.filter(isElsewhere),
        saved: reading.saved.filter(isElsewhere),
      }
    }
    case 'ViewerThreadUpdated': {
      const others = reading.threads.filter(({ parentIndex }) => parentIndex !== thread!.parentIndex)
      return { ...reading, threads: thread!.isFollowed ? [...others, thread!] : others }
    }
    case 'ViewerInviteAdded':
      return { ...reading, invites: [...without(reading.invites, invite!.id), invite!].toSorted(byId) }
    case 'ViewerInviteRemoved':
      return { ...reading, invites: without(reading.invites, invite!.id) }
    case 'ViewerUserUpdated':
      return { ...reading, user: user! }
    case 'ViewerDraftSaved': {
      const id = draftId(draft!)
      return { ...reading, drafts: [...without(reading.drafts, id), { ...draft, id }].toSorted(byId) }
    }
    case 'ViewerDraftRemoved':
      return { ...reading, drafts: without(reading.drafts, draftId(event as unknown as Own)) }
    case 'ViewerScheduledMessageUpdated': {
      const id = String(scheduledMessage!['id'])
      const isListed = ['WAITING', 'FAILED'].includes(String(scheduledMessage!['state']))
      const row = isListed ? [{ ...scheduledMessage, id }] : []
      return { ...reading, scheduled: [...without(reading.scheduled, id), ...row].toSorted(byId) }
    }
    case 'ViewerMessageSaved':
    case 'ViewerReminderDue': {
      const id = String(savedMessage!['messageId'])
      return { ...reading, saved: [...without(reading.saved, id), { ...savedMessage, id }].toSorted(byId) }
    }
    case 'ViewerMessageUnsaved':
      return { ...reading, saved: without(reading.saved, event.messageId!) }
    default:
      throw new Error(`nobody knows what ${__typename} changes`)
  }
}

const without = (rows: readonly Row[], id: string): Row[] => rows.filter((row) => row.id !== id)

/** A user in one channel with messages, and invited to another. */
interface Scene {
  readonly user: User
  readonly channelId: string
  readonly otherId: string
  readonly invitedTo: string
  readonly inviteId: string
  /** The second of three in the channel, all by another. */
  readonly messageId: string
  /** The first of them, to which it has replied, and another after it. */
  readonly threadId: string
  /** One in the channel that it has saved. */
  readonly savedId: string
  /** Another channel that it is in, with a draft. */
  readonly drafted: string
  readonly scheduledMessageId: string
}

async function openScene(): Promise<Scene> {
  const [user, author] = [await kit.user('viewer'), await kit.user('author')]
  const { id: channelId } = await kit.channel([user, author], { friendlyName: 'joined' })
  const messageIds: string[] = []
  for (const body of ['one', 'two', 'three']) messageIds.push((await author.send(channelId, body)).id)
  await author.send(channelId, 'parent', { parentId: messageIds[1]! })
  await user.send(channelId, 'own reply', { parentId: messageIds[0]! })
  await author.send(channelId, 'reply', { parentId: messageIds[0]! })
  const { id: otherId } = await kit.channel([], { friendlyName: 'open' })
  const { id: invitedTo } = await kit.channel([], { type: 'PRIVATE' })
  const { createInvite } = await kit.backend.request(CreateInviteDocument, {
    input: { channelId: invitedTo, identity: user.identity },
  })
  const { id: drafted } = await kit.channel([user], { friendlyName: 'drafted' })
  const draft = { channelId: drafted, body: 'draft', clientMessageId: 'drafted' }
  await user.request(SaveDraftDocument, { input: draft })
  const scheduled = { channelId: drafted, body: 'scheduled', sendAt: ahead() }
  const { scheduleMessage } = await user.request(ScheduleMessageDocument, { input: scheduled })
  const [savedId, messageId] = messageIds as [string, string]
  await user.request(SaveMessageDocument, { input: { messageId: savedId } })
  return {
    user,
    channelId,
    otherId,
    invitedTo,
    inviteId: createInvite.invite.id,
    threadId: messageIds[0]!,
    messageId,
    savedId,
    drafted,
    scheduledMessageId: scheduleMessage.scheduledMessage.id,
  }
}

interface Operation {
  readonly how: string
  readonly emits: readonly string[]
  act(scene: Scene): Promise<unknown>
}

const backend = () => kit.backend

const ahead = () => new Date(Date.now() + 3_600_000).toISOString()

const operations: readonly Operation[] = [
  {
    how: 'joinChannel',
    emits: ['ViewerChannelJoined'],
    act: ({ user, otherId }) => user.request(JoinChannelDocument, { input: { channelId: otherId } }),
  },
  {
    how: 'joinChannel with an invite',
    emits: ['ViewerInviteRemoved', 'ViewerChannelJoined'],
    act: ({ user, invitedTo }) => user.request(JoinChannelDocument, { input: { channelId: invitedTo } }),
  },
  {
    how: 'addMember',
    emits: ['ViewerChannelJoined'],
    act: ({ user: { identity }, otherId }) =>
      backend().request(AddMemberDocument, { input: { channelId: otherId, identity, roleId } }),
  },
  {
    how: 'saveDraft',
    emits: ['ViewerDraftSaved'],
    act: ({ user, channelId }) =>
      user.request(SaveDraftDocument, { input: { channelId, body: 'hel', clientMessageId: 'draft' } }),
  },
  {
    how: 'deleteDraft',
    emits: ['ViewerDraftRemoved'],
    act: ({ user, drafted }) => user.request(DeleteDraftDocument, { input: { channelId: drafted } }),
  },
  {
    how: 'scheduleMessage',
    emits: ['ViewerScheduledMessageUpdated'],
    act: ({ user, channelId }) =>
      user.request(ScheduleMessageDocument, { input: { channelId, body: 'later', sendAt: ahead() } }),
  },
  {
    how: 'updateScheduledMessage',
    emits: ['ViewerScheduledMessageUpdated'],
    act: ({ user, scheduledMessageId }) =>
      user.request(UpdateScheduledMessageDocument, { input: { scheduledMessageId, body: 'much later' } }),
  },
  {
    how: 'cancelScheduledMessage',
    emits: ['ViewerScheduledMessageUpdated'],
    act: ({ user, scheduledMessageId }) =>
      user.request(CancelScheduledMessageDocument, { input: { scheduledMessageId } }),
  },
  {
    how: 'saveMessage',
    emits: ['ViewerMessageSaved'],
    act: ({ user, messageId }) => user.request(SaveMessageDocument, { input: { messageId, remindAt: ahead() } }),
  },
  {
    how: 'unsaveMessage',
    emits: ['ViewerMessageUnsaved'],
    act: ({ user, savedId }) => user.request(UnsaveMessageDocument, { input: { messageId: savedId } }),
  },
  {
    how: 'a reminder',
    emits: ['ViewerReminderDue'],
    act: async ({ user, savedId }) => {
      await kit.store.db.run('UPDATE saved_messages SET remind_at = now() WHERE message_id = $1::uuid', [
        savedId.slice(2),
      ])
      kit.server.app.expectDue(new Date())
      await waitFor(async () => (await read(user)).saved.some(({ remindedAt }) => remindedAt !== null))
    },
  },
  {
    how: 'leaveChannel',
    emits: ['ViewerChannelLeft'],
    act: ({ user, channelId }) => user.request(LeaveChannelDocument, { input: { channelId } }),
  },
  {
    how: 'removeMember',
    emits: ['ViewerChannelLeft'],
    act: ({ user: { identity }, channelId }) =>
      backend().request(RemoveMemberDocument, { input: { channelId, identity } }),
  },
  {
    how: 'updateMember, its role',
    emits: ['ViewerChannelUpdated'],
    act: ({ user: { identity }, channelId }) =>
      backend().request(UpdateMemberDocument, { input: { channelId, identity, roleId } }),
  },
  {
    how: 'updateMember, what it has read',
    emits: ['ViewerChannelUpdated'],
    act: ({ user: { identity }, channelId }) =>
      backend().request(UpdateMemberDocument, { input: { channelId, identity, lastReadIndex: 1 } }),
  },
  {
    how: 'markRead',
    emits: ['ViewerChannelUpdated'],
    act: ({ user, channelId }) => user.request(MarkReadDocument, { input: { channelId, throughIndex: 2 } }),
  },
  {
    how: 'markChannelsRead',
    emits: ['ViewerChannelUpdated'],
    act: ({ user, channelId }) =>
      user.request(MarkChannelsReadDocument, { input: { reads: [{ channelId, throughIndex: 2 }] } }),
  },
  {
    how: 'markAllRead',
    emits: ['ViewerChannelUpdated', 'ViewerThreadUpdated'],
    act: ({ user }) => user.request(MarkAllReadDocument, {}),
  },
  {
    how: 'markUnread',
    emits: ['ViewerChannelUpdated'],
    act: ({ user, messageId }) => user.request(MarkUnreadDocument, { input: { messageId } }),
  },
  {
    how: 'followThread',
    emits: ['ViewerThreadUpdated'],
    act: ({ user, messageId: parentId }) => user.request(FollowThreadDocument, { input: { parentId } }),
  },
  {
    how: 'unfollowThread, and markThreadRead of it',
    emits: ['ViewerThreadUpdated'],
    act: async ({ user, threadId: parentId }) => {
      await user.request(UnfollowThreadDocument, { input: { parentId } })
      await user.request(MarkThreadReadDocument, { input: { parentId, throughIndex: 3 } })
    },
  },
  {
    how: 'markThreadRead, twice',
    emits: ['ViewerThreadUpdated'],
    act: async ({ user, threadId: parentId }) => {
      for (const throughIndex of [5, 4])
        await user.request(MarkThreadReadDocument, { input: { parentId, throughIndex } })
    },
  },
  {
    how: 'updateChannelPreferences',
    emits: ['ViewerChannelUpdated'],
    act: ({ user, channelId }) =>
      user.request(UpdateChannelPreferencesDocument, {
        input: { channelId, pinnedOrder: 1, isArchived: true, notificationLevel: 'NONE' },
      }),
  },
  {
    how: 'createInvite',
    emits: ['ViewerInviteAdded'],
    act: async ({ user: { identity } }) => {
      const { id: channelId } = await kit.channel([], { type: 'PRIVATE' })
      await backend().request(CreateInviteDocument, { input: { channelId, identity } })
    },
  },
  {
    how: 'declineInvite',
    emits: ['ViewerInviteRemoved'],
    act: ({ user, invitedTo }) => user.request(DeclineInviteDocument, { input: { channelId: invitedTo } }),
  },
  {
    how: 'deleteInvite',
    emits: ['ViewerInviteRemoved'],
    act: ({ inviteId }) => backend().request(DeleteInviteDocument, { input: { inviteId } }),
  },
  {
    how: 'deleteChannel, to which it is invited',
    emits: ['ViewerInviteRemoved'],
    act: ({ invitedTo }) => backend().request(DeleteChannelDocument, { input: { channelId: invitedTo } }),
  },
  {
    how: 'updateUser',
    emits: ['ViewerUserUpdated'],
    act: ({ user }) =>
      user.request(UpdateUserDocument, {
        input: { userId: user.identity, friendlyName: 'New', attributes: { mood: '🦉' } },
      }),
  },
]

const marker = 'the end'

/** What was delivered until the marker, without the beginning. */
async function eventsUntilMarker({ items, errors }: Recording<{ viewerEvents: Event }>): Promise<Event[]> {
  const isMarker = ({ user }: Event): boolean => user?.['friendlyName'] === marker
  await waitFor(() => errors.length > 0 || items.some(({ viewerEvents }) => isMarker(viewerEvents)))
  expect(errors).toEqual([])
  const [ready, ...received] = items.map(({ viewerEvents }) => viewerEvents)
  expect(ready).toMatchObject({ __typename: 'Ready', cursors: [] })
  const at = received.findIndex(isMarker)
  expect(received).toHaveLength(at + 1)
  return received.slice(0, at)
}

const mark = ({ identity }: User) =>
  kit.backend.request(UpdateUserDocument, { input: { userId: identity, friendlyName: marker } })

/** A stream over a socket of its own that has begun. */
async function follow(user: User, after?: string): Promise<Recording<{ viewerEvents: Event }>> {
  const client = user.connect()
  onTestFinished(async () => client.dispose())
  const recording = record(client, eventsDocument, after === undefined ? {} : { after })
  await recording.atLeast(1)
  return recording
}

async function idOf(user: User): Promise<UserId> {
  return (await user.request(ViewerDocument)).viewer.user!.id as UserId
}

describe.for(operations)('P3: $how', ({ emits, act }) => {
  test('events and reads agree, for who is there and for who comes back', async () => {
    const scene = await openScene()
    const { user } = scene
    const here = await follow(user.at(other))
    const { cursor } = here.items[0]!.viewerEvents
    const before = await read(user)

    await act(scene)
    const after = await read(user)
    const away = await follow(user, cursor)
    // The own fields of the user are one thing, of which a late reader would get the latest state alone.
    for (const recording of [here, away]) await recording.atLeast(1 + emits.length)
    await mark(user)
    for (const recording of [here, away]) {
      const events = await eventsUntilMarker(recording)
      expect(events.map(({ __typename }) => __typename)).toEqual(emits)
      expect(events.reduce(apply, before)).toEqual(after)
    }
  })
})

test('every event of a user is emitted by an operation of the table', () => {
  const emitted = new Set(operations.flatMap((operation) => operation.emits))
  const types = Object.keys(userEvents).flatMap((type) =>
    type === 'userDeleted' ? [] : viewerEventTypes[type as keyof typeof viewerEventTypes].name,
  )
  expect([...emitted].toSorted()).toEqual(types.toSorted())
})

test('P3: each thing that changed while away is delivered once, in its latest state, however often it changed', async () => {
  const { user, channelId, otherId } = await openScene()
  const before = await follow(user)
  const { cursor } = before.items[0]!.viewerEvents
  before.stop()
  const { identity } = user
  for (let time = 0; time < 3; time++) {
    await user.request(JoinChannelDocument, { input: { channelId: otherId } })
    await kit.backend.request(UpdateMemberDocument, { input: { channelId: otherId, identity, roleId } })
    if (time < 2) await kit.backend.request(RemoveMemberDocument, { input: { channelId: otherId, identity } })
    await user.request(UpdateUserDocument, { input: { userId: identity, friendlyName: `${time}` } })
  }
  await kit.backend.request(UpdateMemberDocument, { input: { channelId, identity, roleId } })
  const away = await follow(user, cursor)
  await away.atLeast(7)
  const received = away.items.map(({ viewerEvents: { __typename, member, user: own } }) =>
    [__typename, member?.['channelId'] ?? own?.['friendlyName']].filter(Boolean).join(' '),
  )
  expect(received).toEqual([
    'Ready',
    // Memberships that have ended since are two.
    'ViewerChannelLeft',
    'ViewerChannelLeft',
    `ViewerChannelJoined ${otherId}`,
    `ViewerChannelUpdated ${otherId}`,
    'ViewerUserUpdated 2',
    `ViewerChannelUpdated ${channelId}`,
  ])
  expect(new Set(away.items.map(({ viewerEvents }) => viewerEvents.cursor)).size).toBe(7)
})

test('P3: a stream that is cut anywhere goes on from its last cursor, and skips nothing', async () => {
  const { user, channelId, otherId } = await openScene()
  const start = await follow(user)
  const { cursor } = start.items[0]!.viewerEvents
  const { identity } = user
  await user.request(JoinChannelDocument, { input: { channelId: otherId } })
  for (const id of [channelId, otherId]) {
    await kit.backend.request(UpdateMemberDocument, { input: { channelId: id, identity, roleId } })
  }
  const { id: invitedTo } = await kit.channel([], { type: 'PRIVATE' })
  await kit.backend.request(CreateInviteDocument, { input: { channelId: invitedTo, identity } })
  await start.atLeast(5)
  const live = start.items.map(({ viewerEvents }) => viewerEvents)
  for (let cut = 0; cut < live.length; cut++) {
    const again = await follow(user, cut === 0 ? cursor : live[cut]!.cursor)
    const rest = live.slice(cut + 1)
    await again.atLeast(1 + rest.length)
    const positions = again.items.slice(1).map(({ viewerEvents: { __typename, cursor: at } }) => [__typename, at])
    expect(positions).toEqual(rest.map(({ __typename, cursor: at }) => [__typename, at]))
    again.stop()
  }
})

test('P5: what no hint reports is delivered, once, in order', async () => {
  const { user, channelId, otherId } = await openScene()
  const userId = await idOf(user)
  const stream = await follow(user)
  await waitFor(() => bus.topics.has(topics.user(userId)))
  bus.hold()
  onTestFinished(() => bus.release(() => []))
  await user.request(JoinChannelDocument, { input: { channelId: otherId } })
  await kit.backend.request(UpdateMemberDocument, { input: { channelId, identity: user.identity, roleId } })
  await mark(user)
  const events = await eventsUntilMarker(stream)
  expect(events.map(({ __typename, member }) => [__typename, member?.['channelId']])).toEqual([
    ['ViewerChannelJoined', otherId],
    ['ViewerChannelUpdated', channelId],
  ])
})

describe('P8: a cursor', () => {
  const gapOf = async (user: User, after: string) => {
    const stream = await follow(user, after)
    const [ready, gap] = (await stream.atLeast(2)).map(({ viewerEvents }) => viewerEvents)
    // A client that goes away between the two gets the gap the next time.
    expect(ready).toMatchObject({ __typename: 'Ready', cursor: after })
    return { stream, gap: gap! }
  }

  test('of an older history is answered with a gap, and then what happens', async () => {
    const { user } = await openScene()
    const userId = await idOf(user)
    const { stream, gap } = await gapOf(
      user,
      toUserCursor(userId, { seq: 1, history: kit.server.app.history.present - 1 }),
    )
    expect(gap).toMatchObject({ __typename: 'ViewerGap' })
    await user.request(UpdateUserDocument, { input: { userId: user.identity, friendlyName: 'after' } })
    const [, , event] = await stream.atLeast(3)
    expect(event!.viewerEvents).toMatchObject({ __typename: 'ViewerUserUpdated', user: { friendlyName: 'after' } })
    const again = await follow(user, gap.cursor)
    await again.atLeast(2)
    expect(again.items[1]).toEqual(event)
  })

  test('of an older history that certainly has it is like any other', async () => {
    const { user, channelId } = await openScene()
    const userId = await idOf(user)
    const { cursor } = (await follow(user)).items[0]!.viewerEvents
    const seq = Number.parseInt(cursor.split('.')[1]!, 36)
    for (const table of ['members', 'invites', 'drafts', 'scheduled_messages', 'saved_messages']) {
      await kit.store.db.run(
        `UPDATE ${table} SET updated_at = '2020-01-01'
         WHERE user_id = (SELECT id FROM users WHERE identity = $1)`,
        [user.identity],
      )
    }
    await kit.backend.request(UpdateMemberDocument, { input: { channelId, identity: user.identity, roleId } })
    const history = kit.server.app.history.present - 1
    const stream = await follow(user, toUserCursor(userId, { seq, history }))
    const [, event] = await stream.atLeast(2)
    expect(event!.viewerEvents).toMatchObject({ __typename: 'ViewerChannelUpdated', member: { channelId } })
  })

  test('that is ahead of the user is answered with a gap, since the database may have gone back', async () => {
    const { user } = await openScene()
    const history = kit.server.app.history.present
    const { gap } = await gapOf(user, toUserCursor(await idOf(user), { seq: 1_000_000, history }))
    expect(gap).toMatchObject({ __typename: 'ViewerGap' })
  })

  test('of another user, of a channel, or of nothing is refused', async () => {
    const { user, channelId } = await openScene()
    const stranger = await follow(await kit.user('stranger'))
    const message = await kit.backend.send(channelId, 'hello')
    const own = (await follow(user)).items[0]!.viewerEvents.cursor
    const [tail, , history] = own.split('.')
    const wrong = [
      stranger.items[0]!.viewerEvents.cursor,
      message.cursor,
      '',
      'x',
      '\0',
      '\ud83e',
      `${tail}.-1.${history}`,
      `${tail}.zzzzzzzzzzz.${history}`,
      `${tail}.1`,
      `${own} `,
      'a'.repeat(100_000),
    ]
    for (const after of wrong) {
      const client = user.connect()
      const recording = record(client, eventsDocument, { after })
      await recording.ended()
      expect([after.slice(0, 50), recording.errors.flat()]).toMatchObject([
        after.slice(0, 50),
        [{ extensions: { code: 'BAD_USER_INPUT', field: 'after' } }],
      ])
      await client.dispose()
    }
  })
})

test('the backend has no events of its own', async () => {
  const client = openSocket(kit.server, { authorization: kit.backend.authorization })
  const recording = record(client, ViewerEventsDocument)
  await recording.ended()
  expect(recording.errors.flat()).toMatchObject([{ extensions: { code: 'FORBIDDEN', chatCode: 50107 } }])
  await client.dispose()
})

test('over Server-Sent Events it is the same', async () => {
  const { user, otherId } = await openScene()
  const stream = await subscribeOverEvents(user, ViewerEventsDocument, {})
  onTestFinished(() => stream.stop())
  await stream.atLeast(1)
  await user.request(JoinChannelDocument, { input: { channelId: otherId } })
  const [, joined] = await stream.atLeast(2)
  expect(joined!.viewerEvents).toMatchObject({
    __typename: 'ViewerChannelJoined',
    member: { channel: { id: otherId } },
  })
})

test('a stream that ends leaves nothing of its user behind', async () => {
  const { user } = await openScene()
  const userId = await idOf(user)
  const client = user.connect()
  const recording = record(client, ViewerEventsDocument)
  await recording.atLeast(1)
  recording.stop()
  await client.dispose()
  await waitFor(() => kit.server.app.userFeeds.get(userId) === undefined)
  expect(recording.errors).toEqual([])
})

describe.each(stockClients)('with %s', (_name, open) => {
  test('the second tab loses its badge when the first reads, and shows what else happens there', async () => {
    const { user, channelId, otherId, messageId } = await openScene()
    const tabs = [open(user, 'first'), open(user.at(other), 'second')] as const
    onTestFinished(async () => {
      for (const tab of tabs) await tab.close()
    })
    const [first, second] = [
      tabs[0].subscribe(ViewerEventsDocument, {}),
      tabs[1].subscribe(ViewerEventsDocument, {}),
    ] as const
    const expected = ['Ready']
    const both = async (text: string) => {
      expected.push(text)
      for (const tab of [first, second]) {
        const items = await tab.atLeast(expected.length)
        expect(items.map(({ viewerEvents }) => toText(viewerEvents))).toEqual(expected)
      }
    }
    for (const tab of [first, second]) await tab.atLeast(1)
    await tabs[0].request(MarkReadDocument, { input: { channelId, throughIndex: 2 } })
    await both(`ViewerChannelUpdated ${channelId} 0`)
    await tabs[1].request(MarkUnreadDocument, { input: { messageId } })
    await both(`ViewerChannelUpdated ${channelId} 2`)
    await tabs[0].request(JoinChannelDocument, { input: { channelId: otherId } })
    await both(`ViewerChannelJoined ${otherId} 0`)
  })

  test('the second tab learns of pins, mutes and direct channels of the first', async () => {
    const { user, channelId } = await openScene()
    const another = await kit.user('another')
    const tabs = [open(user, 'first'), open(user.at(other), 'second')] as const
    onTestFinished(async () => {
      for (const tab of tabs) await tab.close()
    })
    const [first, second] = [
      tabs[0].subscribe(ViewerEventsDocument, {}),
      tabs[1].subscribe(ViewerEventsDocument, {}),
    ] as const
    for (const tab of [first, second]) await tab.atLeast(1)
    const muteEndsAt = '9999-12-31T23:59:59.000Z'
    await tabs[0].request(UpdateChannelPreferencesDocument, { input: { channelId, pinnedOrder: 2 } })
    for (const tab of [first, second]) await tab.atLeast(2)
    await tabs[1].request(UpdateChannelPreferencesDocument, { input: { channelId, muteEndsAt } })
    for (const tab of [first, second]) await tab.atLeast(3)
    const { openDirectChannel } = await tabs[0].request(OpenDirectChannelDocument, {
      input: { identities: [another.identity] },
    })
    const directId = openDirectChannel.channel.id
    for (const tab of [first, second]) await tab.atLeast(4)
    await tabs[1].request(UpdateChannelPreferencesDocument, { input: { channelId: directId, isHidden: true } })
    for (const tab of [first, second]) await tab.atLeast(5)
    // Opening it shows it again.
    await tabs[0].request(OpenDirectChannelDocument, { input: { identities: [another.identity] } })
    for (const tab of [first, second]) {
      const items = await tab.atLeast(6)
      const told = items.slice(1).map(({ viewerEvents }) => {
        if (!('member' in viewerEvents)) return viewerEvents.__typename
        const { pinnedOrder, muteEndsAt: until, isHidden } = viewerEvents.member.preferences!
        return [viewerEvents.__typename, viewerEvents.member.channelId, pinnedOrder, until, isHidden]
      })
      expect(told).toEqual([
        ['ViewerChannelUpdated', channelId, 2, null, false],
        ['ViewerChannelUpdated', channelId, 2, muteEndsAt, false],
        ['ViewerChannelJoined', directId, null, null, false],
        ['ViewerChannelUpdated', directId, null, null, true],
        ['ViewerChannelUpdated', directId, null, null, false],
      ])
    }
  })
})

/** With the badge that a client shows. */
function toText(event: ViewerEventsSubscription['viewerEvents']): string {
  if (!('member' in event)) return event.__typename!
  return `${event.__typename} ${event.member.channelId} ${event.member.unreadCount}`
}
