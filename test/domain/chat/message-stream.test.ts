import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  AppendToMessageDocument,
  CancelMessageDocument,
  DeleteMessageDocument,
  FinishMessageDocument,
  SendMessageDocument,
  StreamStateDocument,
  StreamedTextsDocument,
  TruncateChannelDocument,
  UpdateMessageDocument,
} from '../../../schema/generated/graphql.ts'
import { limits } from '../../../src/model/limits.ts'
import { makeRole } from '../../support/authority.ts'
import { isOfBackground } from '../../support/engine.ts'
import { openKit, record, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { begin, seenOf } from '../../support/streamed.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const pieces = ['To be, ', 'or not 🦉', '🦉 to be: n', 'a\u0308her, ', 'not a\u0308her.']

test('P14: what is appended comes to who is there, who joins and who comes back, and is the final text at the end', async () => {
  const [reader, late, last] = [await kit.user('reader'), await kit.user('late'), await kit.user('last')]
  const { id: channelId } = await kit.channel([reader, late, last])
  const [client, lateClient, lastClient] = [reader.connect(), late.connect(), last.connect()]
  const here = record(client, StreamedTextsDocument, { channelId })
  await here.atLeast(1)
  const writer = await begin(kit.backend, channelId, pieces[0])
  await here.atLeast(2)
  const { sendMessage } = await kit.backend.request(SendMessageDocument, { input: { channelId, body: 'beside it' } })
  await writer.append(pieces[1]!)
  await waitFor(() => seenOf(here.items).get(writer.messageId)?.text === pieces[0]! + pieces[1]!)
  const joined = record(lateClient, StreamedTextsDocument, { channelId, after: sendMessage.cursor })
  await waitFor(() => joined.items.some(({ events }) => events.__typename === 'MessageAppended'))
  await writer.append(pieces[2]!)
  await writer.append(pieces[3]!)
  await writer.append(pieces[4]!)
  const message = await writer.finish(writer.length)
  expect(message).toMatchObject({ body: pieces.join(''), streamState: 'COMPLETED' })
  // Called again it answers the same.
  expect(await writer.finish()).toEqual(message)
  const isFinished = ({ events }: (typeof here.items)[number]): boolean => events.__typename === 'MessageFinished'
  await waitFor(() => here.items.some(isFinished) && joined.items.some(isFinished))
  expect(seenOf(here.items).get(writer.messageId)).toMatchObject({ text: pieces.join(''), state: 'COMPLETED' })
  const known = new Map([[writer.messageId, { text: 'whatever it had', state: 'STREAMING', pieces: [] }]])
  const seen = seenOf(joined.items, known).get(writer.messageId)!
  expect(seen).toMatchObject({ text: pieces.join(''), state: 'COMPLETED' })
  expect(seen.pieces[0]).toBe(`0 ${pieces[0]! + pieces[1]!}`)
  // Who has seen the beginning alone gets the whole, and then that it has ended.
  const back = record(lastClient, StreamedTextsDocument, { channelId, after: sendMessage.cursor })
  await waitFor(() => back.items.some(isFinished))
  expect(back.items.slice(1).map(({ events }) => events)).toEqual([
    { __typename: 'MessageAppended', messageId: writer.messageId, offset: 0, text: pieces.join('') },
    expect.objectContaining({ __typename: 'MessageFinished' }),
  ])
  await client.dispose()
  await lateClient.dispose()
  await lastClient.dispose()
})

test('an append costs no statement, and what was appended is stored after two seconds', async () => {
  const { id: channelId } = await kit.channel()
  const writer = await begin(kit.backend, channelId)
  await writer.append('a')
  const sent = await kit.store.statementsOf(async () => {
    for (let time = 0; time < 100; time++) await writer.append('b')
  })
  const isStoring = (statement: string): boolean => statement.includes('AS is_stored')
  const own = sent.map(({ statement }) => statement).filter((one) => !isOfBackground(one) && !isStoring(one))
  // Who may do what is read again every three seconds.
  expect(own.filter((statement) => /\bmessages\b|message_streams/.test(statement))).toEqual([])
  expect(own.length).toBeLessThan(10)
  await kit.server.app.streams.writer.write()
  const { durableOffset } = await writer.append('c')
  expect(durableOffset).toBe(101)
  const read = await kit.backend.request(StreamStateDocument, { id: writer.messageId })
  expect(read.message).toEqual({ id: writer.messageId, body: `a${'b'.repeat(100)}`, streamState: 'STREAMING' })
  await writer.cancel()
})

test('a wrong offset is CONFLICT with the right one, and wrong pieces are refused', async () => {
  const { id: channelId } = await kit.channel()
  const writer = await begin(kit.backend, channelId, 'one 🦉')
  const { messageId } = writer
  const refusal = (document: unknown, input: object) =>
    refusalOf(kit.backend, document as typeof AppendToMessageDocument, { input: { messageId, ...input } as never })
  for (const offset of [0, 5, 7]) {
    expect(await refusal(AppendToMessageDocument, { offset, text: 'x' })).toEqual({
      code: 'CONFLICT',
      currentOffset: 6,
    })
  }
  expect(await refusal(FinishMessageDocument, { offset: 5 })).toEqual({ code: 'CONFLICT', currentOffset: 6 })
  const wrong = { code: 'BAD_USER_INPUT' }
  expect(await refusal(AppendToMessageDocument, { offset: 6, text: '' })).toEqual(wrong)
  expect(await refusal(AppendToMessageDocument, { offset: -1, text: 'x' })).toEqual(wrong)
  expect(await refusal(AppendToMessageDocument, { offset: 6, text: 'a\u0000' })).toEqual(wrong)
  expect(await refusal(AppendToMessageDocument, { offset: 6, text: '\udd89' })).toEqual(wrong)
  expect(await refusal(FinishMessageDocument, { offset: -1 })).toEqual(wrong)
  const tooLong = await refusal(AppendToMessageDocument, { offset: 6, text: 'x'.repeat(limits.bodyBytes) })
  expect(tooLong).toEqual({ ...wrong, chatCode: 50504 })
  expect(await refusal(UpdateMessageDocument, { body: 'edited' })).toEqual({
    code: 'CONFLICT',
    streamState: 'STREAMING',
  })
  expect(await writer.cancel()).toMatchObject({ body: 'one 🦉', streamState: 'CANCELLED' })
  const ended = { code: 'CONFLICT', streamState: 'CANCELLED' }
  expect(await refusal(AppendToMessageDocument, { offset: 6, text: 'x' })).toEqual(ended)
  expect(await refusal(FinishMessageDocument, {})).toEqual(ended)
  const { updateMessage } = await kit.backend.request(UpdateMessageDocument, { input: { messageId, body: 'edited' } })
  expect(updateMessage.message).toMatchObject({ body: 'edited', version: 2 })
  const { id } = await kit.backend.send(channelId, 'whole')
  expect(await refusalOf(kit.backend, CancelMessageDocument, { input: { messageId: id } })).toEqual({
    code: 'CONFLICT',
  })
})

test('deleting and truncating end a text', async () => {
  const { id: channelId } = await kit.channel()
  const [deleted, truncated] = [await begin(kit.backend, channelId, 'one'), await begin(kit.backend, channelId, 'two')]
  await kit.backend.request(DeleteMessageDocument, { input: { messageId: deleted.messageId } })
  await kit.backend.request(TruncateChannelDocument, { input: { channelId } })
  for (const { messageId } of [deleted, truncated]) {
    const input = { messageId, offset: 3, text: 'x' }
    const gone = { code: 'NOT_FOUND', chatCode: 50500 }
    expect(await refusalOf(kit.backend, AppendToMessageDocument, { input })).toEqual(gone)
    expect(await refusalOf(kit.backend, FinishMessageDocument, { input: { messageId } })).toEqual(gone)
  }
  await waitFor(() => !kit.server.app.streams.get(truncated.messageId))
})

test('its author and the backend write a text, with the permission to', async () => {
  const [bot, other] = [await kit.user('bot'), await kit.user('other')]
  const { id: channelId } = await kit.channel()
  const roleId = await makeRole(kit, 'channel', ['sendMessage', 'streamMessage'])
  for (const { identity } of [bot, other]) {
    await kit.backend.request(AddMemberDocument, { input: { channelId, identity, roleId } })
  }
  const writer = await begin(bot, channelId)
  await writer.append('one')
  const input = { messageId: writer.messageId, offset: 3, text: 'x' }
  expect(await refusalOf(other, AppendToMessageDocument, { input })).toEqual({ code: 'FORBIDDEN', chatCode: 50107 })
  await kit.backend.request(AppendToMessageDocument, { input })
  expect(await writer.finish()).toMatchObject({ body: 'onex' })
  const stranger = await kit.user('stranger')
  const hidden = { code: 'NOT_FOUND', chatCode: 50500 }
  expect(await refusalOf(stranger, AppendToMessageDocument, { input })).toEqual(hidden)
  const member = await kit.user('member')
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: member.identity } })
  const asked = { channelId, body: '', isStreaming: true }
  const missing = { code: 'FORBIDDEN', chatCode: 50107 }
  expect(await refusalOf(member, SendMessageDocument, { input: asked })).toEqual(missing)
})

test('a channel has a bound of texts, also for those that begin at the same moment', async () => {
  const { id: channelId } = await kit.channel()
  const asked = Array.from({ length: limits.channelStreams + 3 }, (_, at) =>
    kit.backend.ask(SendMessageDocument, {
      input: { channelId, body: '', isStreaming: true, clientMessageId: String(at) },
    }),
  )
  const answers = await Promise.all(asked)
  const refused = answers.flatMap(({ errors }) => errors ?? [])
  expect(refused.map(({ extensions }) => extensions.code)).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT'])
  // A repetition is answered all the same.
  const first = answers.findIndex(({ data }) => data?.sendMessage)
  const again = await kit.backend.send(channelId, '', { isStreaming: true, clientMessageId: String(first) })
  expect(again.id).toBe(answers[first]!.data!.sendMessage!.message.id)
  await kit.backend.request(FinishMessageDocument, { input: { messageId: again.id } })
  await begin(kit.backend, channelId)
})

test('a user has a bound of texts, and others have room beside', async () => {
  const bot = await kit.user('author')
  const roleId = await makeRole(kit, 'channel', ['sendMessage', 'streamMessage'])
  const openChannel = async (): Promise<string> => {
    const { id: channelId } = await kit.channel()
    await kit.backend.request(AddMemberDocument, { input: { channelId, identity: bot.identity, roleId } })
    return channelId
  }
  for (let count = 0; count < limits.userStreams; count += limits.channelStreams) {
    const channelId = await openChannel()
    const input = { channelId, body: '', isStreaming: true }
    await Promise.all(Array.from({ length: limits.channelStreams }, () => bot.request(SendMessageDocument, { input })))
  }
  const input = { channelId: await openChannel(), body: '', isStreaming: true }
  expect(await refusalOf(bot, SendMessageDocument, { input })).toMatchObject({ code: 'RATE_LIMITED' })
  await kit.backend.request(SendMessageDocument, { input })
})
