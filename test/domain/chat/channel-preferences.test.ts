import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ChannelPreferencesDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  UpdateChannelPreferencesDocument,
  ViewerDocument,
  type UpdateChannelPreferencesInput,
} from '../../../schema/generated/graphql.ts'
import type { UserHint } from '../../../src/model/event.ts'
import type { UserId } from '../../../src/model/sid.ts'
import { readChannels } from '../../../src/store/channel.ts'
import { openKit, type Caller, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { openRest } from '../../support/rest.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const nothingSet = {
  pinnedOrder: null,
  muteEndsAt: null,
  isArchived: false,
  isHidden: false,
  notificationLevel: null,
  attributes: {},
}

const update = async (user: User, input: UpdateChannelPreferencesInput) => {
  const { updateChannelPreferences } = await user.request(UpdateChannelPreferencesDocument, { input })
  return updateChannelPreferences.member.preferences
}

const read = async (caller: Caller, channelId: string, { identity }: User) =>
  (await caller.request(ChannelPreferencesDocument, { channelId, identity })).member!.preferences

test('preferences are null for other users, and the member itself and the backend see them', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  expect(await read(alice, channelId, alice)).toEqual(nothingSet)
  const muteEndsAt = '9999-12-31T23:59:59.000Z'
  const set = { pinnedOrder: 0, muteEndsAt, notificationLevel: 'MENTIONS' as const, attributes: { color: 'red' } }
  expect(await update(alice, { channelId, ...set })).toEqual({ ...nothingSet, ...set })
  expect(await read(alice, channelId, alice)).toEqual({ ...nothingSet, ...set })
  expect(await read(kit.backend, channelId, alice)).toEqual({ ...nothingSet, ...set })
  expect(await read(bob, channelId, alice)).toBeNull()
  expect(await read(bob, channelId, bob)).toEqual(nothingSet)
})

test('what is left out stays, null takes back, and a mute that has passed is none', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  await update(alice, { channelId, pinnedOrder: 3, notificationLevel: 'NONE', attributes: [1], isArchived: true })
  const muted = await update(alice, { channelId, muteEndsAt: '2001-01-01T00:00:00.000Z', isHidden: null })
  expect(muted).toEqual({
    ...nothingSet,
    pinnedOrder: 3,
    notificationLevel: 'NONE',
    attributes: [1],
    isArchived: true,
  })
  const cleared = { pinnedOrder: null, muteEndsAt: null, notificationLevel: null, attributes: null, isArchived: false }
  expect(await update(alice, { channelId, ...cleared })).toEqual(nothingSet)
})

test('a channel is hidden until its next message', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  expect((await update(alice, { channelId, isHidden: true }))!.isHidden).toBe(true)
  await bob.send(channelId, 'first')
  expect((await read(alice, channelId, alice))!.isHidden).toBe(false)
  expect((await update(alice, { channelId, isHidden: true }))!.isHidden).toBe(true)
  expect((await update(alice, { channelId, isHidden: false }))!.isHidden).toBe(false)
})

test('who joins again begins with nothing set', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  await update(alice, { channelId, isArchived: true, pinnedOrder: 1 })
  await alice.request(LeaveChannelDocument, { input: { channelId } })
  expect(await refusalOf(alice, UpdateChannelPreferencesDocument, { input: { channelId, pinnedOrder: 1 } })).toEqual({
    code: 'FORBIDDEN',
    chatCode: 50400,
  })
  await alice.request(JoinChannelDocument, { input: { channelId } })
  expect(await read(alice, channelId, alice)).toEqual(nothingSet)
})

test('each change is one event of the user alone', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const { viewer } = await alice.request(ViewerDocument)
  const feed = await kit.server.app.userFeeds.hold(viewer.user!.id as UserId)
  await feed.listening
  const events: UserHint[] = []
  feed.addListener({ onUserEvent: (event) => events.push(event) })
  const after = feed.counter.lastSeq
  const [before] = await readChannels(kit.store.db, [channelId])
  await update(alice, { channelId, pinnedOrder: 1 })
  await update(alice, { channelId, isHidden: true })
  await waitFor(() => events.some((event) => event.seq === after + 2))
  expect(events.at(-1)).toEqual({ type: 'channelStateChanged', seq: after + 2, channelId })
  expect(await readChannels(kit.store.db, [channelId])).toEqual([before])
  kit.server.app.userFeeds.release(feed)
})

test('what is wrong is refused, and names its argument', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const fieldOf = async (input: object) => {
    const { errors } = await alice.ask(UpdateChannelPreferencesDocument, { input: { channelId, ...input } } as never)
    return [errors?.[0]?.extensions.code, errors?.[0]?.extensions.field]
  }
  expect(await fieldOf({ pinnedOrder: -1 })).toEqual(['BAD_USER_INPUT', 'input.pinnedOrder'])
  expect(await fieldOf({ attributes: '\0' })).toEqual(['BAD_USER_INPUT', 'input.attributes'])
  expect(await fieldOf({ attributes: '\ud83e' })).toEqual(['BAD_USER_INPUT', 'input.attributes'])
  expect(await fieldOf({ attributes: 'x'.repeat(4 * 1024) })).toEqual(['BAD_USER_INPUT', 'input.attributes'])
  expect(await fieldOf({})).toEqual(['BAD_USER_INPUT', undefined])
  expect(await fieldOf({ isHidden: null })).toEqual(['BAD_USER_INPUT', undefined])
  expect(await fieldOf({ muteEndsAt: '2026-02-30T00:00:00Z' })).toEqual(['BAD_USER_INPUT', undefined])
  const input = { channelId, pinnedOrder: 1 }
  expect(await refusalOf(kit.backend, UpdateChannelPreferencesDocument, { input })).toEqual({
    code: 'FORBIDDEN',
    chatCode: 50107,
  })
})

test('REST shows no preferences', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const rest = await openRest(kit)
  const path = rest.in(`/Channels/${channelId}`)
  const all = async () => [
    (await rest.get<{ members: object[] }>(`${path}/Members`)).body.members,
    (await rest.get<object>(path)).body,
  ]
  const before = await all()
  await update(alice, { channelId, pinnedOrder: 1, attributes: { secret: 'kept' }, isArchived: true })
  expect(await all()).toEqual(before)
})
