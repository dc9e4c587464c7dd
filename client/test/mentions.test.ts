import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  MentionCountsDocument,
  TruncateChannelDocument,
  UpdateMentionsDocument,
  UpdateChannelPreferencesDocument,
} from '../../schema/generated/graphql.ts'
import { openKit, type Kit, type User } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import type { MessageHandle } from '../src/index.ts'
import { mentions, type MentionList } from '../src/modules/mentions.ts'
import { clientOf, live } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const mentioning = (user: User) => clientOf(user, [mentions()])
type Mentioning = ReturnType<typeof mentioning>

/** The counts of a channel and of all, as the server has them. */
async function countsOf(user: User, channelId: string) {
  const { viewer, channel } = await user.request(MentionCountsDocument, { channelId, identities: [user.identity] })
  return [channel!.members.nodes[0]!.unreadMentionsCount, viewer!.unreadCounts!.mentions]
}

const shown = ({ mentions: known }: Mentioning, channelId: string) => {
  const { channels, total } = known.getSnapshot()
  return [channels.get(channelId) ?? 0, total]
}

/** Waits until these devices show what the server counts. */
async function agree(user: User, channelId: string, ...clients: readonly Mentioning[]): Promise<(number | null)[]> {
  const expected = await countsOf(user, channelId)
  await waitFor(() => clients.every((client) => String(shown(client, channelId)) === String(expected)))
  return expected
}

const bodies = (list: MentionList) => list.getSnapshot().messages.map(({ body }) => body)

test('unread mentions are counted as the server counts them, whatever becomes of messages and horizons, also while away', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const { id: other } = await kit.channel([alice, bob])
  await using hers = clientOf(alice)
  await using phone = mentioning(bob)
  await using desk = mentioning(bob)
  await live(hers, phone, desk)
  const channel = await hers.getChannel(id)
  const both = () => agree(bob, id, phone, desk)
  const named = { mentions: { identities: [bob.identity] } }
  await channel.sendMessage('for nobody')
  const first = await channel.sendMessage('for you', named)
  expect(first).toMatchObject({ mentions: { identities: [bob.identity], channel: false }, droppedMentions: [] })
  await channel.sendMessage('for you, too', named)
  await alice.send(other, 'elsewhere', { mentions: { identities: [bob.identity] } })
  await kit.backend.send(id, 'for all', { mentions: { channel: true } })
  await alice.send(id, 'by the way', { mentions: { identities: [bob.identity] }, silent: true })
  expect(await both()).toEqual([3, 4])
  // Edits name and take back; a removed message names nobody.
  const edited = await channel.sendMessage('perhaps', { mentions: { identities: [bob.identity, 'nobody'] } })
  expect(edited.droppedMentions).toEqual(['nobody'])
  await edited.update({ body: 'not you', mentions: { identities: [] } })
  expect(await both()).toEqual([3, 4])
  expect((await edited.update({ mentions: { identities: [bob.identity, 'dana'] } })).droppedMentions).toEqual(['dana'])
  expect(await both()).toEqual([4, 5])
  await first.delete()
  expect(await both()).toEqual([3, 4])
  // Reading on one device, and marking as unread.
  await phone.channel(id).advanceLastReadIndex(2)
  expect(await both()).toEqual([2, 3])
  await phone.channel(id).setAllMessagesRead()
  expect(await both()).toEqual([0, 1])
  const [stood] = await waitFor(async () => (await phone.channel(id).getMessages(6)).slice(1))
  await stood!.markUnread()
  expect((await both())[0]).toBeGreaterThan(1)
  // Who writes has read.
  await desk.channel(id).sendMessage('I am here')
  expect(await both()).toEqual([0, 1])
  // A reply that the channel does not show counts until the channel was read.
  const { id: parentId } = await alice.send(id, 'what do you think?')
  const reply = await channel.sendMessage('you, above all', { ...named, parentId })
  expect(await both()).toEqual([1, 2])
  await reply.delete()
  expect(await both()).toEqual([0, 1])
  await channel.sendMessage('so?', { ...named, parentId })
  expect(await both()).toEqual([1, 2])
  await phone.channel(id).setAllMessagesRead()
  await phone.channel(id).advanceLastReadIndex(phone.channel(id).state!.head)
  expect(await both()).toEqual([0, 1])
  // What happens while a device is away.
  desk.disconnect()
  const late = await channel.sendMessage('while you were away', named)
  await channel.sendMessage('and again', named)
  expect(await agree(bob, id, phone)).toEqual([2, 3])
  await late.delete()
  await phone.channel(other).setAllMessagesRead()
  desk.connect()
  await live(desk)
  expect(await both()).toEqual([1, 1])
  // What is archived is in no total; what is truncated is nowhere.
  await bob.request(UpdateChannelPreferencesDocument, { input: { channelId: id, isArchived: true } })
  expect(await both()).toEqual([1, 0])
  await bob.request(UpdateChannelPreferencesDocument, { input: { channelId: id, isArchived: false } })
  await kit.backend.request(TruncateChannelDocument, { input: { channelId: id } })
  expect(await both()).toEqual([0, 0])
})

test('the lists have what names the user in all channels, the newest first, live and through a cut; the unread one ends with reading', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const [{ id: one }, { id: other }] = [await kit.channel([alice, bob]), await kit.channel([alice, bob])]
  const name = (channelId: string, body: string) =>
    alice.send(channelId, body, { mentions: { identities: [bob.identity] } })
  for (let at = 0; at < 30; at++) await name(at % 2 === 0 ? one : other, `${at}`)
  await using his = mentioning(bob)
  await live(his)
  const [all, unread] = [his.mentions.list(), his.mentions.list({ unread: true })]
  const stops = [all, unread].map((list) => list.subscribe(() => {}))
  const counting = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, at) => `${from - at}`)
  await waitFor(() => bodies(unread).length === 25 && bodies(all).length === 25)
  expect(bodies(all)).toEqual(counting(29, 5))
  expect(all.getSnapshot()).toMatchObject({ hasMore: true, isLoaded: true })
  await all.loadMore()
  expect([bodies(all), all.getSnapshot().hasMore]).toEqual([counting(29, 0), false])
  const added = await name(one, 'live')
  await waitFor(() => bodies(all)[0] === 'live' && bodies(unread)[0] === 'live')
  await alice.request(UpdateMentionsDocument, { input: { messageId: added.id, mentions: { identities: [] } } })
  await waitFor(() => bodies(all)[0] === '29')
  await his.channel(one).setAllMessagesRead()
  const isOther = (body: string) => Number(body) % 2 === 1
  await waitFor(() => bodies(unread).every(isOther))
  expect(bodies(unread)).toEqual(counting(29, 5).filter(isOther))
  his.disconnect()
  await name(other, 'missed')
  his.connect()
  await waitFor(() => bodies(all)[0] === 'missed' && bodies(unread)[0] === 'missed')
  await his.channel(other).leave()
  await waitFor(() => bodies(unread).length === 0 && bodies(all).every((body) => !isOther(body)))
  for (const stop of stops) stop()
})

test('who wants mentions alone is notified of them alone; a silent one notifies nobody', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using his = clientOf(bob)
  await live(his)
  await his.channel(id).updatePreferences({ notificationLevel: 'MENTIONS' })
  await waitFor(() => his.channel(id).state?.membership.preferences?.notificationLevel === 'MENTIONS')
  const notified: string[] = []
  const heard: string[] = []
  his.on('notification', ({ body }: MessageHandle) => notified.push(body))
  his.channel(id).on('messageAdded', ({ body }) => heard.push(body))
  await alice.send(id, 'plain')
  await alice.send(id, 'silent', { mentions: { identities: [bob.identity] }, silent: true })
  await alice.send(id, 'named', { mentions: { identities: [bob.identity] } })
  await kit.backend.send(id, 'all', { mentions: { channel: true } })
  await waitFor(() => heard.length === 4)
  expect(notified).toEqual(['named', 'all'])
})
