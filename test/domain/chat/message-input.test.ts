import { afterAll, beforeAll, expect, test } from 'vitest'
import { HistoryDocument, SendMessageDocument, UpdateMessageDocument } from '../../../schema/generated/graphql.ts'
import { newSid, type ChannelId } from '../../../src/model/sid.ts'
import { openKit, type Kit, type User } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let alice: User
let channelId: ChannelId
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  channelId = (await kit.channel([alice])).id
})
afterAll(() => kit.close())

const kibibyte = 1024
const bad = (chatCode?: number) => ({ code: 'BAD_USER_INPUT', ...(chatCode !== undefined && { chatCode }) })

/** The refusal of a send, and of the same as an edit. Neither may have changed anything. */
async function refused(input: { body?: string; attributes?: unknown; clientMessageId?: string; channelId?: string }) {
  const { id: messageId } = await alice.send(channelId, 'before')
  const before = await readingOf(kit, channelId)
  const sending = await refusalOf(alice, SendMessageDocument, { input: { channelId, body: 'hello', ...input } })
  const isEdit = 'body' in input || 'attributes' in input
  const edit = isEdit ? await refusalOf(alice, UpdateMessageDocument, { input: { messageId, ...input } }) : sending
  expect(edit).toEqual(sending)
  expect(await readingOf(kit, channelId)).toEqual(before)
  return sending
}

async function stored(body: string, attributes?: unknown) {
  const { id } = await alice.send(channelId, body, { attributes })
  const { channel } = await alice.request(HistoryDocument, { channelId, last: 1 })
  const { node } = channel!.messages.edges[0]!
  expect(node.id).toBe(id)
  return node
}

test('a body has at most 32 KiB, counted in UTF-8 bytes', async () => {
  const longest = ['x'.repeat(32 * kibibyte), '🦉'.repeat(8 * kibibyte), `${'é'.repeat(16 * kibibyte - 1)}ab`]
  for (const body of longest) {
    expect((await stored(body)).body).toBe(body)
    expect(await refused({ body: `${body}x` })).toEqual(bad(50504))
  }
})

test('a body is returned as it was sent, and refused where Postgres could not hold it', async () => {
  const bodies = [
    'Draw the 🦉!',
    '',
    ' \n\t ',
    '\u0001\u001f\u007f\ufffe\uffff',
    'e\u0301 is not \u00e9',
    '\u202eright to left',
    String.raw`\u0000 is six characters`,
    `'; DROP TABLE messages; --`,
    '{"type":"complete"}',
  ]
  for (const body of bodies) expect((await stored(body)).body).toBe(body)
  expect(await refused({ body: 'Draw the 🦉! \u0000' })).toEqual(bad())
  for (const body of ['\ud83e', 'half \udd89 an owl', '\udd89\ud83e']) expect(await refused({ body })).toEqual(bad())
})

test('the message says what to do', async () => {
  const messageOf = async (body: string) => {
    const { errors } = await alice.ask(SendMessageDocument, { input: { channelId, body } })
    return errors![0]!.message
  }
  expect(await messageOf('\u0000')).toBe('body must not contain the character U+0000')
  expect(await messageOf('\ud83e')).toBe('body must be well-formed Unicode')
  expect(await messageOf('x'.repeat(33 * kibibyte))).toBe('body must not be longer than 32768 bytes')
})

test('attributes are any JSON of at most 4 KiB, and kept as they are', async () => {
  const values: unknown[] = [
    { nested: { list: [1, 2.5, -0.001, true, false, null, ''], owl: '🦉' } },
    [],
    'text',
    0,
    false,
    String.raw`\u0000`,
    { [String.raw`a \u0000 key`]: String.raw`\\u0000 and \ud83e` },
    JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'),
    'x'.repeat(4 * kibibyte - 2),
  ]
  for (const attributes of values) expect((await stored('with attributes', attributes)).attributes).toEqual(attributes)
  expect((await stored('without')).attributes).toEqual({})
  expect(await refused({ attributes: 'x'.repeat(4 * kibibyte - 1) })).toEqual(bad(20001))
  expect(await refused({ attributes: { owls: '🦉'.repeat(kibibyte) } })).toEqual(bad(20001))
})

test('attributes with text that Postgres or a client could not hold are refused', async () => {
  const texts = ['\u0000', 'a\u0000b', '\\\u0000', '\ud83e', '\udd89 alone']
  for (const text of texts) {
    for (const attributes of [text, { key: text }, { [text]: 1 }, [[text]]]) {
      expect(await refused({ attributes })).toEqual(bad(20001))
    }
  }
})

test('attributes are nested at most 100 levels deep, however they are sent', async () => {
  const nest = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
  expect((await stored('deep', nest(100))).attributes).toEqual(nest(100))
  for (const levels of [101, 2000]) expect(await refused({ attributes: nest(levels) })).toEqual(bad(20001))
  const literal = (levels: number): string =>
    `mutation { sendMessage(input: { channelId: "${channelId}", body: "x", attributes: ${'['.repeat(levels)}${']'.repeat(levels)} }) { message { id } } }`
  const before = await readingOf(kit, channelId)
  for (const levels of [101, 3000]) expect(await refusalOf(alice, literal(levels))).toMatchObject(bad())
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('attributes that are not JSON are refused', async () => {
  const before = await readingOf(kit, channelId)
  const send = (attributes: string) =>
    refusalOf(
      alice,
      `mutation { sendMessage(input: { channelId: "${channelId}", body: "x", attributes: ${attributes} }) { message { id } } }`,
    )
  for (const attributes of ['undefined', '{ key: NaN }', '[ENUM]', '{', 'function() {}', "'text'"]) {
    expect(await send(attributes)).toEqual(bad())
  }
  expect(await readingOf(kit, channelId)).toEqual(before)
})

test('a clientMessageId has from 1 to 128 characters', async () => {
  const clientMessageId = 'x'.repeat(128)
  expect((await alice.send(channelId, 'named', { clientMessageId })).body).toBe('named')
  for (const wrong of ['', 'x'.repeat(129), 'a\u0000b', '\ud83e']) {
    expect(await refused({ clientMessageId: wrong })).toEqual(bad())
  }
})

test('a channel that is unknown, malformed or not named is refused', async () => {
  const noChannel = { code: 'NOT_FOUND', chatCode: 50300 }
  for (const id of [
    newSid('CH'),
    newSid('IM'),
    'CH',
    'nowhere',
    '☃',
    '\ud83e',
    `${channelId} `,
    channelId.toUpperCase(),
  ]) {
    expect([id, await refused({ channelId: id })]).toEqual([id, noChannel])
  }
  for (const id of ['', 'a\u0000b']) expect(await refused({ channelId: id })).toEqual(bad(50301))
})

test('the backend sends as system or in the name of an identity that could be one', async () => {
  const send = (author?: string) =>
    kit.backend.send(channelId, 'hello', author === undefined ? {} : { authorIdentity: author })
  expect((await send()).authorIdentity).toBe('system')
  expect((await send('system')).authorIdentity).toBe('system')
  expect((await send('nobody-yet')).authorIdentity).toBe('nobody-yet')
  const before = await readingOf(kit, channelId)
  const wrong: [string, number][] = [
    ['', 50204],
    ['x'.repeat(257), 50207],
    [newSid('US'), 50206],
  ]
  for (const [author, chatCode] of wrong) {
    const input = { channelId, body: 'hello', authorIdentity: author }
    expect(await refusalOf(kit.backend, SendMessageDocument, { input })).toEqual(bad(chatCode))
  }
  expect(await readingOf(kit, channelId)).toEqual(before)
})
