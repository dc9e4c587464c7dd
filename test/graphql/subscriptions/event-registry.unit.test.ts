import { GraphQLObjectType, type GraphQLUnionType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { changeEvents, durableEvents } from '../../../src/domain/realtime/durable-event.ts'
import { toUserEvents, userEvents } from '../../../src/domain/realtime/user-event.ts'
import { schema } from '../../../src/graphql/schema.ts'
import { eventTypeName } from '../../../src/graphql/schema/types/event.ts'
import { viewerEventTypes } from '../../../src/graphql/schema/types/viewer-event.ts'
import { eventsWithoutSubscription } from '../../../src/graphql/subscriptions/channel-fields.ts'
import { userEventsWithoutSubscription } from '../../../src/graphql/subscriptions/user-fields.ts'

const subscriptions = schema.getSubscriptionType()!.getFields()
const union = schema.getType('ChannelEvent') as GraphQLUnionType

/** The field of what an event is about, where it has another name. */
const fieldOf: Readonly<Record<string, string>> = { truncation: 'firstIndex', extras: 'changes' }

describe.each(Object.entries(durableEvents))('%s', (type, { subject, inMessageStream }) => {
  test('has a type with a description, its subject and a cursor, in the union of all events', () => {
    const object = schema.getType(eventTypeName(type)) as GraphQLObjectType
    expect(object).toBeInstanceOf(GraphQLObjectType)
    expect(object.description).toMatch(/\w+ .*\.$/)
    expect(Object.keys(object.getFields())).toEqual(expect.arrayContaining([fieldOf[subject] ?? subject, 'cursor']))
    expect(union.getTypes()).toContain(object)
  })

  test('has a subscription, or a reason for none', () => {
    const field = subscriptions[type]
    const reason = (eventsWithoutSubscription as Readonly<Record<string, string>>)[type]
    expect([field?.description, reason].filter(Boolean)).toHaveLength(1)
    if (!field) return
    expect(field.extensions['stream']).toEqual({
      mode: inMessageStream ? 'messages' : 'live',
      eventTypes: new Set([type]),
    })
  })
})

test('every subscription of one event is of one that can happen', () => {
  const passing = ['typingStarted', 'typingEnded', 'receiptsUpdated']
  const ofChannels = Object.keys(subscriptions).filter((name) => subscriptions[name]!.extensions['stream'])
  const known = [...Object.keys(durableEvents), ...passing, 'events']
  expect(ofChannels.filter((name) => !known.includes(name))).toEqual([])
})

test('a user’s event has a subscription or a reason for none, never both', () => {
  const ofUsers = Object.keys(subscriptions).filter((name) => subscriptions[name]!.extensions['userStream'])
  expect(ofUsers.toSorted()).toEqual(['inviteAdded', 'inviteRemoved', 'userUpdated'])
  expect(Object.keys(userEventsWithoutSubscription).filter((name) => ofUsers.includes(name))).toEqual([])
})

describe.each(Object.keys(userEvents))('%s', (type) => {
  const ends = type === 'userDeleted'
  const { name } = ends ? { name: '' } : viewerEventTypes[type as keyof typeof viewerEventTypes]

  test.skipIf(ends)('has a type with a description and a cursor, in the union of what happens to the caller', () => {
    const object = schema.getType(name) as GraphQLObjectType
    expect(object).toBeInstanceOf(GraphQLObjectType)
    expect(object.description).toMatch(/\w+ .*\.$/)
    expect(Object.keys(object.getFields()).length).toBeGreaterThan(1)
    expect(object.getFields()['cursor']).toBeDefined()
    expect((schema.getType('ViewerEvent') as GraphQLUnionType).getTypes()).toContain(object)
  })

  test('has a subscription, or a reason for none', () => {
    const reason = (userEventsWithoutSubscription as Readonly<Record<string, string>>)[type]
    expect([subscriptions[type]?.description, reason].filter(Boolean)).toHaveLength(1)
  })
})

/** What a row says about itself, with everything that an event may look at. */
const row = {
  id: 'X',
  seq: 9,
  index: 0,
  deletedAt: null,
  leftAt: null,
  addedSeq: null,
  joinedSeq: 1,
  streamEndedSeq: null,
}
const then = new Date(0)

test.each([
  ['message', {}, []],
  ['message', { addedSeq: 4 }, ['messageUpdated']],
  ['message', { addedSeq: 4, streamEndedSeq: 9 }, ['messageFinished']],
  ['message', { addedSeq: 4, streamEndedSeq: 7 }, ['messageUpdated', 'messageFinished']],
  ['message', { addedSeq: 4, streamEndedSeq: 5 }, ['messageUpdated']],
  ['message', { addedSeq: 4, streamEndedSeq: 7, deletedAt: then }, ['messageRemoved']],
  ['message', { addedSeq: 4, deletedAt: then }, ['messageRemoved']],
  ['member', {}, ['memberUpdated']],
  ['member', { joinedSeq: 6 }, ['memberJoined']],
  ['member', { joinedSeq: 6, leftAt: then }, ['memberLeft']],
  ['channel', {}, ['channelUpdated']],
  ['channel', { deletedAt: then }, ['channelRemoved']],
  ['extras', { message: row }, ['messageExtrasUpdated']],
  ['truncation', { channel: row }, ['channelTruncated']],
  ['truncation', { channel: { ...row, deletedAt: then } }, []],
])('P3: after an interruption a %s that changed to %j is reported as %j', (subject, change, expected) => {
  const changed = {
    message: [],
    extras: [],
    member: [],
    channel: [],
    truncation: [],
    [subject]: [{ ...row, ...change }],
  }
  expect(changeEvents({ changed, throughSeq: 9 }, 5).map(({ type }) => type)).toEqual(expected)
})

/** What a row of a user says about itself. */
const unchanged = { user: [], member: [], invite: [], state: [], thread: [], draft: [], scheduled: [], saved: [] }
const ownRow = { id: 'X', seq: 9, userSeq: 9, channelId: 'CH', deletedAt: null, leftAt: null, removedAt: null }

test.each([
  ['user', {}, 'userUpdated'],
  ['user', { deletedAt: then }, 'userDeleted'],
  ['member', {}, 'joined'],
  ['member', { leftAt: then }, 'left'],
  ['invite', {}, 'inviteAdded'],
  ['invite', { removedAt: then }, 'inviteRemoved'],
  ['state', {}, 'channelStateChanged'],
  ['thread', {}, 'threadChanged'],
  ['draft', { isGone: false }, 'draftSaved'],
  ['draft', { isGone: true }, 'draftRemoved'],
  ['scheduled', {}, 'scheduledMessageChanged'],
  ['saved', { remindedAt: null }, 'messageSaved'],
  ['saved', { remindedAt: then }, 'reminderDue'],
  ['saved', { remindedAt: then, removedAt: then }, 'messageUnsaved'],
])('P3: after an interruption a %s of the caller that changed to %j is reported as %s', (subject, change, expected) => {
  const changed = { ...unchanged, [subject]: [{ ...ownRow, ...change }] }
  expect(toUserEvents({ changed } as never)).toMatchObject([{ type: expected, seq: 9 }])
})

test('a deletion comes before what ends with it', () => {
  const changed = {
    ...unchanged,
    user: [{ ...ownRow, deletedAt: then }],
    member: [{ ...ownRow, leftAt: then }],
    invite: [{ ...ownRow, removedAt: then }],
    state: [{ channelId: 'CH', userSeq: 8 }],
    thread: [],
  }
  const types = toUserEvents({ changed } as never).map(({ type }) => type)
  expect(types).toEqual(['channelStateChanged', 'userDeleted', 'left', 'inviteRemoved'])
})
