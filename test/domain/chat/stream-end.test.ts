import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  AddMemberDocument,
  AppendToMessageDocument,
  CreateKeywordRuleDocument,
  DeleteChannelDocument,
  FinishMessageDocument,
  SearchMessagesDocument,
  StreamStateDocument,
  StreamedTextsDocument,
} from '../../../schema/generated/graphql.ts'
import type { ServiceId } from '../../../src/model/sid.ts'
import { messageStreams } from '../../../src/store/tables/message-stream.ts'
import { makeRole } from '../../support/authority.ts'
import { Gate } from '../../support/gate.ts'
import { openKit, record, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { begin, seenOf } from '../../support/streamed.ts'
import { waitFor } from '../../support/wait.ts'
import { json, ok, openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment, type HookedService } from '../../support/webhooks.ts'

let kit: Kit
let receiver: Receiver
let service: HookedService
let bot: User
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  receiver = await openReceiver()
  service = await hookService(kit, receiver)
  bot = await service.user('bot')
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})

/** A channel in which the bot streams and somebody reads. */
async function openChannel() {
  const reader = await service.user('reader')
  const { id: channelId } = await service.channel([reader])
  const quiet = kit.backend.with({ 'x-twilio-webhook-enabled': 'false' })
  const roleId = await makeRole(kit, 'channel', ['sendMessage', 'streamMessage'], service.id as ServiceId)
  await quiet.request(AddMemberDocument, { input: { channelId, identity: bot.identity, roleId } })
  const client = reader.connect()
  const events = record(client, StreamedTextsDocument, { channelId })
  await events.atLeast(1)
  return { channelId, reader, client, seen: (id: string) => seenOf(events.items).get(id) }
}

const longAgo = () => kit.store.db.orm.update(messageStreams).set({ appendedAt: new Date(Date.now() - 70_000) })

const addRule = (action: 'REFUSE' | 'MASK' | 'FLAG', ...words: string[]) =>
  kit.backend.request(CreateKeywordRuleDocument, { input: { serviceId: service.id, name: action, action, words } })

test('P7: pre-event, post-event and search have a text at its end, with what the pre-event makes of it', async () => {
  const { channelId, reader, client, seen } = await openChannel()
  receiver.received.length = 0
  const writer = await begin(bot, channelId, 'an owl ')
  await writer.append('is drawn')
  await waitFor(() => seen(writer.messageId)?.text === 'an owl is drawn')
  await kit.server.app.streams.writer.write()
  const find = async () => {
    const { searchMessages } = await reader.request(SearchMessagesDocument, {
      query: 'owl',
      filter: { channelIds: [channelId] },
    })
    return searchMessages.edges.map(({ node }) => node.body)
  }
  expect(await find()).toEqual([])
  expect(receiver.received).toEqual([])
  receiver.answer = json({ body: 'an owl is DRAWN' })
  await writer.finish()
  receiver.answer = ok
  const [before] = receiver.of('onMessageSend')
  expect(before!.parameters).toMatchObject({ Body: 'an owl is drawn', ClientIdentity: bot.identity })
  const [after] = await receiver.atLeast(1, 'onMessageSent')
  expect(after!.parameters).toMatchObject({ MessageSid: writer.messageId, Body: 'an owl is DRAWN' })
  await waitFor(() => seen(writer.messageId)?.state === 'COMPLETED')
  expect(seen(writer.messageId)!.text).toBe('an owl is DRAWN')
  expect(await waitFor(async () => (await find()).length > 0 && find())).toEqual(['an owl is DRAWN'])
  await client.dispose()
})

test('a refusal of the pre-event takes the text from everyone', async () => {
  const { channelId, client, seen } = await openChannel()
  const writer = await begin(bot, channelId)
  await writer.append('what nobody may say')
  await waitFor(() => seen(writer.messageId)?.text !== '')
  receiver.answer = json({}, 403)
  const input = { messageId: writer.messageId }
  expect(await refusalOf(bot, FinishMessageDocument, { input })).toEqual({ code: 'FORBIDDEN', chatCode: 50056 })
  receiver.answer = ok
  await waitFor(() => seen(writer.messageId)?.state === 'CANCELLED')
  expect(seen(writer.messageId)!.text).toBe('')
  expect((await kit.backend.request(StreamStateDocument, { id: writer.messageId })).message!.body).toBe('')
  await client.dispose()
})

test('P14: a process that is asked to end a text waits while its owner ends it, and loses nothing of it', async () => {
  const { channelId, client } = await openChannel()
  const other = await kit.another()
  const handOver = vi.spyOn(other.app.streamCalls, 'handOver')
  const writer = await begin(bot, channelId)
  await writer.append('not stored yet')
  receiver.received.length = 0
  const gate = new Gate()
  receiver.answer = async (received, response) => {
    await gate.pass()
    ok(received, response)
  }
  const first = writer.finish()
  await gate.reached
  const input = { messageId: writer.messageId }
  const second = bot.at(other).request(FinishMessageDocument, { input })
  if (other !== kit.server) await waitFor(() => handOver.mock.calls.length > 1)
  gate.open()
  receiver.answer = ok
  const ended = { body: 'not stored yet', streamState: 'COMPLETED' }
  expect((await second).finishMessage.message).toMatchObject(ended)
  expect(await first).toMatchObject(ended)
  expect(receiver.of('onMessageSend')).toHaveLength(1)
  handOver.mockRestore()
  await client.dispose()
})

test('P14: what is appended while a text is being ended waits, and learns how it has ended', async () => {
  const { channelId, client } = await openChannel()
  const other = await kit.another()
  const append = vi.spyOn(kit.server.app.streams, 'append')
  const writer = await begin(bot, channelId, 'so far')
  const gate = new Gate()
  receiver.answer = async (received, response) => {
    await gate.pass()
    ok(received, response)
  }
  const finished = writer.finish()
  await gate.reached
  const input = { messageId: writer.messageId, offset: writer.length, text: ', and on' }
  const appended = [bot, bot.at(other)].map((caller) => refusalOf(caller, AppendToMessageDocument, { input }))
  await waitFor(() => append.mock.calls.length >= appended.length)
  gate.open()
  receiver.answer = ok
  expect(await finished).toMatchObject({ body: 'so far', streamState: 'COMPLETED' })
  const hasEnded = { code: 'CONFLICT', streamState: 'COMPLETED' }
  expect(await Promise.all(appended)).toEqual([hasEnded, hasEnded])
  append.mockRestore()
  await client.dispose()
})

test('what keyword rules let through is stored, also where nothing is appended after it', async () => {
  await addRule('MASK', 'gosh')
  const { channelId, client } = await openChannel()
  const writer = await begin(bot, channelId, 'gosh, an owl. ')
  const stored = async () => (await kit.backend.request(StreamStateDocument, { id: writer.messageId })).message!.body
  await waitFor(async () => (await stored()) !== '')
  expect(await stored()).toBe('****, an owl. ')
  await writer.cancel()
  await client.dispose()
})

test('keyword rules decide before a piece is published, and what may become a word waits', async () => {
  await addRule('MASK', 'darn owl', '🦉x', '猫头鹰')
  await addRule('REFUSE', 'forbidden')
  const { channelId, client, seen } = await openChannel()
  const writer = await begin(bot, channelId, 'the ')
  for (const [piece, visible] of [
    ['quick dar', 'the quick '],
    ['n owl is 猫', 'the quick ******** is '],
    // What is there may go on: `darn` with `it` in the making.
    ['头鹰 darn it', 'the quick ******** is *** '],
  ] as const) {
    await writer.append(piece)
    await waitFor(() => seen(writer.messageId)?.text === visible)
  }
  expect(seen(writer.messageId)!.pieces.join('|')).not.toMatch(/dar|owl|猫/)
  await kit.server.app.streams.writer.write()
  const { message } = await kit.backend.request(StreamStateDocument, { id: writer.messageId })
  expect(message!.body).toBe('the quick ******** is *** ')
  expect(await writer.finish(writer.length)).toMatchObject({ body: 'the quick ******** is *** darn it' })
  const refused = await begin(bot, channelId, 'it is ')
  await refused.append('forbidden, and so on')
  await waitFor(() => seen(refused.messageId)?.state === 'CANCELLED')
  expect(seen(refused.messageId)!.text).toBe('')
  expect(seen(refused.messageId)!.pieces.join()).not.toContain('forb')
  const input = { messageId: refused.messageId, offset: refused.length, text: ' on' }
  const ended = { code: 'CONFLICT', streamState: 'CANCELLED' }
  expect(await refusalOf(bot, AppendToMessageDocument, { input })).toEqual(ended)
  await client.dispose()
})

test('a silent text is interrupted, by its own process or, when that is gone, by another', async () => {
  const { channelId, client, seen } = await openChannel()
  const own = await begin(bot, channelId, 'own')
  const lost = await begin(bot, channelId, 'lost')
  await own.append(' and more')
  const { streams } = kit.server.app
  await streams.writer.write()
  // As if the process of one had died more than a minute ago, and nothing had come to the other since.
  streams.drop(streams.get(lost.messageId)!)
  streams.get(own.messageId)!.appendedAt -= 60_000
  await longAgo()
  await waitFor(() => [own, lost].every(({ messageId }) => seen(messageId)?.state === 'INTERRUPTED'))
  expect(seen(own.messageId)!.text).toBe('own and more')
  expect(seen(lost.messageId)!.text).toBe('lost')
  const gone = await begin(bot, channelId, 'gone')
  await kit.backend.request(DeleteChannelDocument, { input: { channelId } })
  await waitFor(() => !streams.get(gone.messageId))
  await longAgo()
  await waitFor(
    async () => (await kit.store.db.orm.$count(messageStreams, eq(messageStreams.channelId, channelId))) === 0,
  )
  await client.dispose()
})

test('P14: a text whose owner is there is ended by nobody else, however old what is stored of it is', async () => {
  const { channelId, client, seen } = await openChannel()
  const other = await kit.another()
  const owns = vi.spyOn(other.app.streamCalls, 'owns')
  const writer = await begin(bot, channelId, 'on')
  const gone = await begin(bot, channelId, 'gone')
  kit.server.app.streams.drop(kit.server.app.streams.get(gone.messageId)!)
  await longAgo()
  await waitFor(() => seen(gone.messageId)?.state === 'INTERRUPTED')
  await waitFor(() => owns.mock.calls.some(([, messageId]) => messageId === writer.messageId))
  await Promise.all(owns.mock.results.map(({ value }) => value as Promise<boolean>))
  await writer.append(' and on')
  expect(await writer.finish()).toMatchObject({ body: 'on and on', streamState: 'COMPLETED' })
  owns.mockRestore()
  await client.dispose()
})

test('texts that fall silent together are ended a few at a time, but for one that goes on meanwhile', async () => {
  const { channelId, client, seen } = await openChannel()
  const { streams } = kit.server.app
  const gate = new Gate()
  receiver.received.length = 0
  receiver.answer = async (received, response) => {
    await gate.pass()
    ok(received, response)
  }
  const writers = await Promise.all(Array.from({ length: 10 }, () => begin(bot, channelId, 'on')))
  const owned = writers.map(({ messageId }) => streams.get(messageId)!)
  for (const stream of owned) stream.appendedAt -= 60_000
  await waitFor(() => receiver.of('onMessageSend').length === 4)
  const waiting = writers.filter((_, at) => !owned[at]!.ending)
  expect(waiting).toHaveLength(6)
  await waiting[0]!.append(' and on')
  gate.open()
  receiver.answer = ok
  const ended = writers.filter((writer) => writer !== waiting[0])
  await waitFor(() => ended.every(({ messageId }) => seen(messageId)?.state === 'INTERRUPTED'))
  expect(await waiting[0]!.finish()).toMatchObject({ body: 'on and on', streamState: 'COMPLETED' })
  await client.dispose()
})
