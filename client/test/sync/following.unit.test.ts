import { expect, test } from 'vitest'
import { bodiesOf, open, statusOf } from '../support/clients.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { settle } from '../support/scripted.ts'

/** A client that is live, in one channel of which it has shown all messages. */
async function shown() {
  const server = new ScriptedServer()
  const channel = { id: 'CHone', head: 2, unreadCount: 3 }
  server.channels.push(channel)
  const client = open({ url: 'http://127.0.0.1', identity: 'bob', token: () => 'token', env: server.env })
  await server.accept()
  const reading = client.channel(channel.id).messageList().loadNewest()
  await server.answer()
  await reading
  expect(statusOf(client)).toBe('live')
  expect(bodiesOf(client, channel.id)).toEqual(['0', '1', '2'])
  server.asked.length = 0
  const { env } = server
  const timesAsked = (name: string): number => server.asked.filter((each) => each.name === name).length
  const channelOf = () => client.getSnapshot().channels.get(channel.id)!
  return { server, env, client, channel, channelOf, timesAsked, [Symbol.asyncDispose]: () => client.close() }
}

test.each(['ChannelList', 'ChannelHeads'])(
  'the stream of a channel that is known begins there, so that what %s has already is heard',
  async (reading) => {
    const server = new ScriptedServer()
    const channel = { id: 'CHone', head: 2, unreadCount: 0 }
    server.channels.push(channel)
    const position = { channelId: channel.id, after: server.cursorOf(channel) }
    const pageInfo = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null }
    server.answers.set('ViewerMember', () => ({ data: { member: server.memberOf({ ...channel, head: 2 }) } }))
    server.answers.set(reading, () => {
      channel.head = 4
      return { data: { viewer: { id: 'US1', channels: { nodes: [server.memberOf(channel)], pageInfo } } } }
    })
    await using client = open({ url: 'http://127.0.0.1', identity: 'bob', token: () => 'token', env: server.env })
    const opening = client.getChannel(channel.id)
    await server.accept()
    await opening
    const events = server.asked.find(({ name }) => name === 'Events')
    expect(events?.variables).toEqual({ positions: [position] })
  },
)

test('a stream that ends begins again after a back-off, from where it was', async () => {
  await using all = await shown()
  const { server, env, client, channel, timesAsked } = all
  await server.end('Events', { code: 'CONFLICT' })
  expect(statusOf(client)).toBe('catchingUp')
  expect(timesAsked('Events')).toBe(0)
  await server.pass(500)
  expect(statusOf(client)).toBe('live')
  expect(env.sockets).toHaveLength(1)
  expect(server.asked.at(-1)).toEqual({
    name: 'Events',
    variables: { positions: [{ channelId: channel.id, after: server.cursorOf(channel) }] },
  })
  expect(bodiesOf(client, channel.id)).toEqual(['0', '1', '2'])
})

test('a stream that the server wants to rest begins no sooner', async () => {
  await using all = await shown()
  const { server, client, timesAsked } = all
  await server.end('Events', { code: 'RATE_LIMITED', retryAfterMs: 9000 })
  await server.pass(8999)
  expect(timesAsked('Events')).toBe(0)
  await server.pass(1)
  expect(timesAsked('Events')).toBe(1)
  expect(statusOf(client)).toBe('live')
})

test('after three failures the connection rests for as long as the server wants', async () => {
  await using all = await shown()
  const { server, env, client } = all
  server.answers.set('Events', () => ({
    error: { message: 'too much', extensions: { code: 'RATE_LIMITED', retryAfterMs: 9000 } },
  }))
  await server.end('Events', { code: 'RATE_LIMITED', retryAfterMs: 9000 })
  await server.pass(9000)
  await server.pass(9000)
  expect(client.getSnapshot().connection).toMatchObject({ status: 'offline', retryAt: env.clock.now() + 9000 })
  server.answers.clear()
  env.clock.pass(9000)
  await server.accept()
  expect(statusOf(client)).toBe('live')
})

test('a stream that is refused three times is refused for good', async () => {
  await using all = await shown()
  const { server, client } = all
  server.answers.set('Events', () => ({ error: { message: 'no', extensions: { code: 'FORBIDDEN' } } }))
  await server.end('Events', { code: 'FORBIDDEN' })
  await server.pass(5000)
  expect(client.getSnapshot().connection).toMatchObject({ status: 'refused', reason: 'protocol' })
})

test('a gap of a channel is read again where it was shown', async () => {
  await using all = await shown()
  const { server, client, channel, channelOf } = all
  // The database has lost the newest message.
  channel.head = 1
  channel.unreadCount = 2
  await server.emit('Events', { __typename: 'Gap', cursor: server.cursorOf(channel) })
  expect(bodiesOf(client, channel.id)).toEqual(['0', '1'])
  expect(channelOf()).toMatchObject({ head: 1, unreadCount: 2, position: server.cursorOf(channel) })
})

test('a gap of the user takes what is read for newer, though the numbers of its events went back', async () => {
  await using all = await shown()
  const { server, channel, channelOf } = all
  server.viewerSeq = 9
  channel.unreadCount = 1
  const updated = () => ({
    __typename: 'ViewerChannelUpdated',
    cursor: server.viewerCursor,
    member: server.memberOf(channel),
  })
  await server.emit('ViewerEvents', updated())
  expect(channelOf().unreadCount).toBe(1)
  server.viewerSeq = 5
  channel.unreadCount = 2
  await server.emit('ViewerEvents', { __typename: 'ViewerGap', cursor: server.viewerCursor })
  expect(channelOf().unreadCount).toBe(2)
  server.viewerSeq = 6
  channel.unreadCount = 3
  await server.emit('ViewerEvents', updated())
  expect(channelOf().unreadCount).toBe(3)
})

test('a channel that is no longer there after a gap of the user goes', async () => {
  await using all = await shown()
  const { server, client } = all
  server.channels.length = 0
  await server.emit('ViewerEvents', { __typename: 'ViewerGap', cursor: server.viewerCursor })
  expect(client.getSnapshot().channels.size).toBe(0)
})

test('a channel that the server is too busy to show is read once it is not', async () => {
  await using all = await shown()
  const { server, client, timesAsked } = all
  server.answers.set('ViewerMember', () => ({
    data: null,
    errors: [{ message: 'too much', extensions: { code: 'RATE_LIMITED', retryAfterMs: 2000 } }],
  }))
  const unlisted = { id: 'CHtwo', head: 0, unreadCount: 1 }
  server.channels.push(unlisted)
  const message = server.messageOf(unlisted)
  await server.emit('Events', { __typename: 'MessageAdded', cursor: message.cursor, message })
  expect(timesAsked('ViewerMember')).toBe(1)
  server.answers.clear()
  await server.pass(1999)
  expect(timesAsked('ViewerMember')).toBe(1)
  await server.pass(1)
  expect(timesAsked('ViewerMember')).toBe(2)
  expect(bodiesOf(client, unlisted.id)).toEqual(['0'])
})

test('a tab alone whose device another socket has becomes another device, and keeps what is known', async () => {
  await using all = await shown()
  const { server, env, client, channel, channelOf } = all
  const deviceOf = (): unknown => env.socket.sentOf('connection_init')[0]!.payload!['deviceId']
  const before = deviceOf()
  env.socket.onclose!({ code: 4409, reason: '' })
  env.clock.pass(1000)
  await settle()
  await server.accept()
  expect(deviceOf()).not.toBe(before)
  expect(statusOf(client)).toBe('live')
  expect(bodiesOf(client, channel.id)).toEqual(['0', '1', '2'])
  expect(channelOf().intervals).toEqual([[0, 2]])
})

test('a user that was deleted and made anew under its identity has nothing of the former one', async () => {
  await using all = await shown()
  const { server, env, client } = all
  server.userId = 'US2'
  server.viewerSeq = 1
  server.channels[0] = { id: 'CHtwo', head: -1, unreadCount: 0 }
  env.socket.onclose!({ code: 1012, reason: '' })
  env.clock.pass(10_000)
  await server.accept()
  expect(statusOf(client)).toBe('live')
  expect(client.getSnapshot().session).toMatchObject({ userId: 'US2' })
  expect([...client.getSnapshot().channels.keys()]).toEqual(['CHtwo'])
  // Asked from the beginning.
  expect(server.asked.find(({ name }) => name === 'ViewerEvents')!.variables).toEqual({})
})

test('after the end of the client every request is refused at once', async () => {
  await using all = await shown()
  const { client } = all
  await client.close()
  await expect(client.request('{ viewer { id } }' as never, {})).rejects.toMatchObject({ code: 'CLOSED' })
})

test('asking for a channel ends after 15 seconds without a connection', async () => {
  const server = new ScriptedServer()
  await using client = open({ url: 'http://127.0.0.1', identity: 'bob', token: () => 'token', env: server.env })
  const opening = client.getChannel('general')
  await settle()
  server.env.clock.pass(15_000)
  await expect(opening).rejects.toMatchObject({ code: 'OFFLINE' })
})

test('marking all as read goes to the newest message that there was, though it is deleted', async () => {
  await using all = await shown()
  const { server, client, channel } = all
  const { id } = channel
  const message = { id: `${id}-2`, channelId: id, index: 2, revision: 9 }
  await server.emit('Events', { __typename: 'MessageRemoved', cursor: `${id.slice(2)}.2.9.h`, message })
  server.answers.set('MarkRead', () => ({ data: { markRead: { member: server.memberOf(channel) } } }))
  const marking = client.channel(id).setAllMessagesRead()
  await server.answer()
  await marking
  expect(server.asked.at(-1)).toEqual({ name: 'MarkRead', variables: { input: { channelId: id, throughIndex: 2 } } })
})
