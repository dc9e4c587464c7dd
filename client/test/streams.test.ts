import { afterAll, beforeAll, expect, test } from 'vitest'
import { AddMemberDocument } from '../../schema/generated/graphql.ts'
import { makeRole } from '../../test/support/authority.ts'
import { openKit, type Kit } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import { streams } from '../src/modules/streams.ts'
import { clientOf, isLive, live } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

/** A user that may stream texts to a channel, and one that reads it. */
async function open() {
  const [bot, reader] = [await kit.user('bot'), await kit.user('reader')]
  const { id } = await kit.channel([reader])
  const roleId = await makeRole(kit, 'channel', ['sendMessage', 'streamMessage', 'editOwnMessage', 'deleteOwnMessage'])
  await kit.backend.request(AddMemberDocument, { input: { channelId: id, identity: bot.identity, roleId } })
  const [writing, reading] = [clientOf(bot, [streams()]), clientOf(reader)]
  await live(writing, reading)
  const rowsIn = (client: Pick<typeof reading, 'channel'>) => {
    const list = client.channel(id).messageList()
    return { list, stop: list.subscribe(() => {}), rows: () => list.getSnapshot().rows }
  }
  return { id, reader, writing, reading, rowsIn }
}

const words = ['To be, ', 'or not 🦉', ' to be: n', 'a\u0308her, ', '👩🏽‍🚀', ' and so on.']

test('P14: a text is read while it is written, through a cut, and told of when it has ended', async () => {
  const { id, writing, reading, rowsIn } = await open()
  await using _writing = writing
  await using _reading = reading
  const { list, stop, rows } = rowsIn(reading)
  await list.loadNewest()
  const heard: string[] = []
  const channel = reading.channel(id)
  channel.on('messageAdded', ({ body, streamState }) => heard.push(`added ${body} ${streamState}`))
  channel.on('messageUpdated', () => heard.push('updated'))
  channel.on('messageFinished', ({ body, streamState }) => heard.push(`finished ${body} ${streamState}`))
  reading.on('notification', ({ body }) => heard.push(`notified of ${body}`))
  // Once nobody looks at it any more, it is notified of.
  stop()
  await waitFor(async () => {
    await kit.backend.send(id, 'before it')
    return heard.includes('notified of before it')
  })
  const stream = await writing.streams.open(id)
  await stream.append(words[0]!)
  const shown = () => rows().at(-1)
  await waitFor(() => shown()?.body === words[0])
  const [first] = rows()
  expect(shown()).toMatchObject({ message: { streamState: 'STREAMING' } })
  await expect(writing.channel(id).updateMessage(stream.message.id, 'edited')).rejects.toMatchObject({
    code: 'CONFLICT',
    streamState: 'STREAMING',
  })
  await stream.append(words[1]!)
  await waitFor(() => shown()?.body === words[0]! + words[1]!)
  reading.disconnect()
  await waitFor(() => !isLive(reading))
  await stream.append(words[2]!)
  expect(shown()?.body).toBe(words[0]! + words[1]!)
  reading.connect()
  await waitFor(() => shown()?.body === words.slice(0, 3).join(''))
  for (const word of words.slice(3)) void stream.append(word)
  const whole = words.join('')
  expect(await stream.finish()).toMatchObject({ body: whole, streamState: 'COMPLETED' })
  await waitFor(() => heard.includes(`notified of ${whole}`))
  expect(heard.filter((what) => !what.includes('before it'))).toEqual([
    'added  STREAMING',
    `finished ${whole} COMPLETED`,
    `notified of ${whole}`,
  ])
  expect(shown()?.body).toBe(whole)
  expect(rows()[0]).toBe(first)
})

test('who did not hear a text from its beginning reads the middle, and follows it then', async () => {
  const { id, reader, writing, reading, rowsIn } = await open()
  await using _writing = writing
  await using _reading = reading
  const stream = await writing.streams.open(id, { body: 'It ' })
  await stream.append('began before. ')
  // Of the channel it knows the newest message alone.
  await kit.backend.send(id, 'after it')
  await using late = clientOf(reader)
  await live(late)
  const { list, stop, rows } = rowsIn(late)
  const position = late.channel(id).state!.position
  await list.loadNewest()
  expect(late.channel(id).state!.position).toBe(position)
  await stream.append('It goes on. ')
  await waitFor(() => rows()[0]?.body === 'It began before. It goes on. ')
  expect(rows()[0]).toMatchObject({ message: { streamState: 'STREAMING' } })
  await stream.append('And ends')
  await waitFor(() => rows()[0]?.body.endsWith('And ends') === true)
  expect(await stream.cancel()).toMatchObject({
    body: 'It began before. It goes on. And ends',
    streamState: 'CANCELLED',
  })
  await waitFor(() => rows()[0]?.message?.streamState === 'CANCELLED')
  stop()
})

test('an answer is sent as it comes, and cancelled where it fails; a deleted message takes nothing more', async () => {
  const { id, writing, reading } = await open()
  await using _writing = writing
  await using _reading = reading
  async function* answer() {
    for (const word of words) {
      await Promise.resolve()
      yield word
    }
  }
  const sent = await writing.streams.send(id, answer(), { attributes: { model: 'owl' } })
  expect(sent).toMatchObject({ body: words.join(''), streamState: 'COMPLETED', attributes: { model: 'owl' } })
  const pieces = new ReadableStream<string>({
    start(controller) {
      controller.enqueue('It breaks ')
    },
    pull() {
      throw new Error('out of owls')
    },
  })
  await expect(writing.streams.send(id, pieces)).rejects.toThrow('out of owls')
  const [broken] = await reading.channel(id).getMessages(1)
  expect(broken).toMatchObject({ body: 'It breaks ', streamState: 'CANCELLED' })
  const stream = await writing.streams.open(id)
  await stream.message.delete()
  await stream.append('word')
  await expect(stream.finish()).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
