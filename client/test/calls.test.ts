import { afterAll, beforeAll, expect, test } from 'vitest'
import { UpdateServiceDocument } from '../../schema/generated/graphql.ts'
import { openKit, uniqueName, type Kit } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import { invites } from '../src/modules/invites.ts'
import { people } from '../src/modules/people.ts'
import { search } from '../src/modules/search.ts'
import { clientOf, live } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('the calls of the reference: a channel by its name, a message, its history page by page', async () => {
  const alice = await kit.user('alice')
  await using client = clientOf(alice)
  await live(client)
  const uniqueNameOf = uniqueName('general')
  const created = await client.createChannel({ uniqueName: uniqueNameOf, friendlyName: 'General' })
  const channel = await client.getChannel(uniqueNameOf)
  expect([channel.id, channel.name]).toEqual([created.id, 'General'])
  for (const body of ['one', 'two', 'three', 'Draw the owl!']) await channel.sendMessage(body)
  const messages = await channel.getMessages(2)
  expect(messages.map(({ author, body }) => `${author} said: ${body}`)).toEqual([
    `${alice.identity} said: three`,
    `${alice.identity} said: Draw the owl!`,
  ])
  const older = await messages.prev()
  expect([older.map(({ body }) => body), older.hasPrev, older.hasNext]).toEqual([['one', 'two'], false, true])
  expect((await older.next()).map(({ body }) => body)).toEqual(['three', 'Draw the owl!'])
  expect(await older.prev()).toHaveLength(0)
  await expect(client.getChannel('nowhere')).rejects.toMatchObject({ name: 'ChatError', code: 'NOT_FOUND' })
})

test('listeners hear of each thing once and in order, also of what happened while the client was away', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using hers = clientOf(alice)
  await using his = clientOf(bob)
  await live(hers, his)
  const heard: string[] = []
  const channel = await hers.getChannel(id)
  channel.on('messageAdded', ({ author, body }) => heard.push(`${author === bob.identity ? 'bob' : 'alice'}: ${body}`))
  channel.on('messageUpdated', ({ body }) => heard.push(`edited: ${body}`))
  channel.on('messageRemoved', ({ index, message }) => heard.push(`removed: ${index} ${message?.body}`))
  channel.on('typingStarted', (member) => heard.push(`typing: ${member.identity === bob.identity}`))
  channel.on('updated', ({ friendlyName: name }) => heard.push(`named: ${name}`))
  const theirs = his.channel(id)
  const first = await theirs.sendMessage('first')
  await waitFor(() => heard.length === 1)
  await channel.sendMessage('answer')
  await waitFor(() => heard.length === 2)
  await theirs.typing()
  await theirs.typing({ parentId: first.id })
  await waitFor(() => heard.length === 3 && channel.state!.threadTyping.length > 0)
  const { typing, threadTyping } = channel.state!
  expect([...typing, ...threadTyping]).toMatchObject([
    { identity: bob.identity, parentId: undefined },
    { identity: bob.identity, parentId: first.id },
  ])
  hers.disconnect()
  await waitFor(() => channel.state!.typing.length + channel.state!.threadTyping.length === 0)
  await first.update('first, mended')
  const gone = await theirs.sendMessage('gone')
  await theirs.sendMessage('stays')
  await gone.delete()
  hers.connect()
  const missed = ['bob: stays', 'edited: first, mended', 'removed: 2 undefined']
  await waitFor(() => missed.every((one) => heard.includes(one)))
  await live(hers)
  expect(heard.slice(0, 3)).toEqual(['bob: first', 'alice: answer', 'typing: true'])
  for (const once of missed) {
    expect(heard.filter((one) => one === once)).toHaveLength(1)
  }
  expect(heard.filter((one) => one === 'bob: gone')).toHaveLength(0)
  // What is heard again after one more reconnect is nothing.
  const count = heard.length
  hers.disconnect()
  hers.connect()
  await live(hers)
  await theirs.sendMessage('last')
  await waitFor(() => heard.includes('bob: last'))
  expect(heard.slice(count)).toEqual(['bob: last'])
})

test('unread counts follow reading here and elsewhere, and own messages; notifications leave out what is muted', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  await using hers = clientOf(alice)
  await using phone = clientOf(alice)
  await using his = clientOf(bob)
  await live(hers, phone, his)
  const [channel, there] = [hers.channel(id), phone.channel(id)]
  const notified: string[] = []
  hers.on('notification', ({ body }) => notified.push(body))
  const sent = []
  for (const body of ['1', '2', '3']) sent.push(await his.channel(id).sendMessage(body))
  await waitFor(() => channel.unreadCount === 3 && there.unreadCount === 3)
  await there.advanceLastReadIndex(1)
  await waitFor(() => channel.unreadCount === 1 && there.unreadCount === 1)
  await sent[2]!.delete()
  await waitFor(() => channel.unreadCount === 0 && there.unreadCount === 0)
  await his.channel(id).sendMessage('4')
  await waitFor(() => channel.unreadCount === 1)
  await there.sendMessage('mine')
  await waitFor(() => channel.unreadCount === 0 && there.unreadCount === 0)
  const [firstMessage] = await channel.getMessages(100)
  await firstMessage!.markUnread()
  await waitFor(() => channel.unreadCount === 3 && there.unreadCount === 3)
  await channel.setAllMessagesRead()
  await waitFor(() => channel.unreadCount === 0 && there.unreadCount === 0)
  expect(notified).toEqual(['1', '2', '3', '4'])
  await channel.mute()
  await waitFor(() => channel.state?.membership.preferences?.muteEndsAt != null)
  await his.channel(id).sendMessage('quietly')
  await waitFor(() => channel.unreadCount === 1)
  expect(notified).toEqual(['1', '2', '3', '4'])
  expect(hers.channels.getSnapshot().unread).toEqual({ messages: 0, channels: 0, directChannels: 0 })
})

test('the channel list is in the order of activity; pinned ones stand apart, a hidden one comes back, who leaves is out', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.push((await kit.channel([alice, bob])).id)
  await using hers = clientOf(alice)
  await using his = clientOf(bob)
  await live(hers, his)
  const list = (): (string | undefined)[] => hers.channels.getSnapshot().rows.map((row) => row.id)
  for (const id of [ids[1]!, ids[0]!, ids[2]!]) await his.channel(id).sendMessage(`in ${id}`)
  await waitFor(() => list().join() === [ids[2], ids[0], ids[1]].join())
  expect(hers.channels.getSnapshot()).toMatchObject({ hasMore: false, unread: { messages: 3, channels: 3 } })
  expect(hers.channels.getSnapshot().rows[0]!.lastMessage?.body).toBe(`in ${ids[2]}`)
  await hers.channel(ids[1]!).pin()
  await hers.channel(ids[0]!).hide()
  await waitFor(() => list().join() === ids[2])
  expect(hers.channels.getSnapshot().pinned.map(({ id }) => id)).toEqual([ids[1]])
  await his.channel(ids[0]!).sendMessage('back')
  await waitFor(() => list().join() === [ids[0], ids[2]].join())
  // Of a channel that nobody has opened, the newest message is all that is known.
  await using phone = clientOf(alice)
  await live(phone)
  const preview = () => phone.channels.getSnapshot().rows[0]?.lastMessage?.body
  expect(preview()).toBe('back')
  const [, back] = await his.channel(ids[0]!).getMessages()
  await back!.delete()
  await waitFor(() => preview() === `in ${ids[0]}`)
  const left: string[] = []
  hers.on('channelLeft', ({ id }) => left.push(id))
  await hers.channel(ids[2]!).leave()
  await waitFor(() => list().join() === ids[0])
  expect(left).toEqual([ids[2]])
})

test('who is invited hears of it, and joins', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  await using hers = clientOf(alice)
  await using phone = clientOf(bob)
  await live(hers, phone)
  const channel = await hers.createChannel({ type: 'PRIVATE', friendlyName: 'Two' })
  await channel.invite(bob.identity)
  // The invite stood before his client began.
  await using his = clientOf(bob, [invites()])
  const invited: string[] = []
  his.on('invite', (invite) => invited.push(invite.channel.id))
  await waitFor(() => his.invites.getSnapshot().length === 1)
  expect(invited).toEqual([channel.id])
  const joined: string[] = []
  his.on('channelJoined', ({ id }) => joined.push(id))
  const theirs = await his.invites.accept(his.invites.getSnapshot()[0]!)
  await waitFor(() => his.invites.getSnapshot().length === 0 && joined.length === 1)
  await theirs.sendMessage('here')
  await waitFor(() => channel.unreadCount === 1)
  expect(joined).toEqual([channel.id])
})

test('modules: search, people with presence, direct channels by the names of the others', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  await kit.backend.request(UpdateServiceDocument, {
    input: { serviceId: kit.server.account.serviceId, reachabilityEnabled: true, userDirectory: 'ALL' },
  })
  await using hers = clientOf(alice, [search(), people()])
  await live(hers)
  const direct = await hers.people.openDirectChannel([bob.identity])
  expect(direct.name).toBe(bob.identity)
  await direct.sendMessage('an uncommon word: quokka')
  await waitFor(async () => (await hers.search.messages('quokka')).items.length === 1)
  const { items } = await hers.search.messages('quokka')
  expect(items[0]).toMatchObject({ highlights: [{ start: 18, end: 24 }] })
  expect((await hers.people.find(bob.identity))[0]?.identity).toBe(bob.identity)
  let changes = 0
  const stop = hers.people.follow([bob.identity], () => (changes += 1))
  await waitFor(() => hers.people.presence(bob.identity)?.isOnline === false)
  await using his = clientOf(bob)
  await live(his)
  await waitFor(() => hers.people.presence(bob.identity)?.isOnline === true)
  expect(changes).toBeGreaterThanOrEqual(2)
  stop()
})

test('what is asked can be given up, and nothing is done after the end', async () => {
  const alice = await kit.user('alice')
  const { id } = await kit.channel([alice])
  await using client = clientOf(alice)
  await live(client)
  const channel = client.channel(id)
  await expect(channel.getMessages(25, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  let changes = 0
  client.subscribe(() => (changes += 1))
  await client.close()
  expect(client.getSnapshot().connection.status).toBe('closed')
  const before = changes
  await expect(channel.getMessages()).rejects.toMatchObject({ name: 'ChatError', code: 'CLOSED' })
  await expect(channel.sendMessage('too late')).rejects.toMatchObject({ name: 'ChatError', code: 'CLOSED' })
  await expect(client.getChannel('nowhere')).rejects.toMatchObject({ name: 'ChatError', code: 'CLOSED' })
  expect(changes).toBe(before)
})
