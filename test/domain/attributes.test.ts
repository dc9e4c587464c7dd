import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openKit, uniqueName, type Kit, type User } from '../support/kit.ts'
import { readingOf } from '../support/reading.ts'
import { openRest, openTwilio, type Rest } from '../support/rest.ts'
import { ok, openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment, type HookedService } from '../support/webhooks.ts'

let kit: Kit
let rest: Rest
let receiver: Receiver
let hooked: HookedService
let alice: User
/** What is updated. Of a service without webhooks, and of one that asks. */
let plain: Ids
let asking: Ids
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  rest = await openRest(kit)
  receiver = await openReceiver()
  hooked = await hookService(kit, receiver)
  alice = await hooked.user('alice')
  const user = await kit.user()
  plain = await makeIds((await kit.channel([user])).id, user.identity)
  asking = await makeIds((await hooked.channel([alice])).id, alice.identity)
})
beforeEach(() => {
  receiver.answer = ok
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})

interface Ids {
  readonly channel: string
  readonly message: string
  readonly user: string
}

const before = { before: [1.5] }

async function makeIds(channel: string, identity: string): Promise<Ids> {
  const { id: message } = await kit.backend.send(channel, 'hello', { attributes: before })
  await kit.backend.request(
    `mutation($a: JSON) { updateChannel(input: {channelId: "${channel}", attributes: $a}) { __typename } }`,
    { a: before },
  )
  const caller = identity === alice.identity ? alice : kit.backend
  const { updateUser } = await caller.request<{ updateUser: { user: { id: string } } }, object>(
    `mutation($a: JSON) { updateUser(input: {userId: "${identity}", attributes: $a}) { user { id } } }`,
    { a: before },
  )
  return { channel, message, user: updateUser.user.id }
}

/** Everything that attributes can be written to: the GraphQL field with what else it takes, and the same over REST. */
const writes = [
  {
    field: 'sendMessage',
    invalid: 20001,
    tooLong: 20001,
    most: 4096,
    input: ({ channel }: Ids) => `channelId: "${channel}", body: "x"`,
    path: ({ channel }: Ids) => `/Channels/${channel}/Messages`,
    form: () => ({ Body: 'x' }),
    of: 'message',
  },
  {
    field: 'updateMessage',
    invalid: 20001,
    tooLong: 20001,
    most: 4096,
    input: ({ message }: Ids) => `messageId: "${message}"`,
    path: ({ channel, message }: Ids) => `/Channels/${channel}/Messages/${message}`,
    form: () => ({}),
    of: 'message',
  },
  {
    field: 'createChannel',
    invalid: 50304,
    tooLong: 50303,
    most: 16_384,
    input: () => '',
    path: () => '/Channels',
    form: () => ({}),
    of: 'channel',
  },
  {
    field: 'updateChannel',
    invalid: 50304,
    tooLong: 50303,
    most: 16_384,
    input: ({ channel }: Ids) => `channelId: "${channel}"`,
    path: ({ channel }: Ids) => `/Channels/${channel}`,
    form: () => ({}),
    of: 'channel',
  },
  {
    field: 'createUser',
    invalid: 20001,
    tooLong: 20001,
    most: 4096,
    input: () => `identity: "${uniqueName('created')}"`,
    path: () => '/Users',
    form: () => ({ Identity: uniqueName('created') }),
    of: 'user',
  },
  {
    field: 'updateUser',
    invalid: 20001,
    tooLong: 20001,
    most: 4096,
    input: ({ user }: Ids) => `userId: "${user}"`,
    path: ({ user }: Ids) => `/Users/${user}`,
    form: () => ({}),
    of: 'user',
  },
] as const

type Write = (typeof writes)[number]

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

/** JSON texts whose values would not be read as they were sent. */
const hostile = {
  'a number beyond doubles': '1e400',
  'one below them': '-1e400',
  'one in an object': '{"a": 1e400}',
  'one in a list': '[0, [1e400]]',
  'a number of 400 digits': '9'.repeat(400),
  'a NUL': String.raw`{"a": "\u0000"}`,
  'a NUL in a key': String.raw`{"a\u0000": 1}`,
  'half a surrogate pair': String.raw`["\ud83e"]`,
  'half a pair in a key': String.raw`{"\udd89": 1}`,
  'a hundred and one levels': nested(101),
  'ten thousand levels': nested(10_000),
} as const

/** The answer to a body that no JSON library of ours has written. */
async function post(text: string, authorization = kit.backend.authorization) {
  const response = await fetch(`${kit.server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: text,
  })
  return (await response.json()) as {
    data?: Record<string, Record<string, { attributes: unknown }>> | null
    errors?: { extensions: { code: string; chatCode?: number }; message: string }[]
  }
}

/** The value in the variables, as the text that is sent. */
function asVariable(write: Write, ids: Ids, attributes: string, authorization?: string) {
  const input = `{${write.input(ids)}, attributes: $a}`
  const query = `mutation($a: JSON) { ${write.field}(input: ${input}) { ${write.of} { attributes } } }`
  return post(`{"query": ${JSON.stringify(query)}, "variables": {"a": ${attributes}}}`, authorization)
}

/** The value in the variables, within a literal. */
function withinLiteral(write: Write, ids: Ids, attributes: string) {
  const input = `{${write.input(ids)}, attributes: {inner: [$a]}}`
  const query = `mutation($a: JSON) { ${write.field}(input: ${input}) { ${write.of} { attributes } } }`
  return post(`{"query": ${JSON.stringify(query)}, "variables": {"a": ${attributes}}}`)
}

/** The value as a literal of the document, whose keys are names. */
function asLiteral(write: Write, ids: Ids, attributes: string) {
  const literal = attributes.replace(/"(\w+)":/g, '$1:')
  const query = `mutation { ${write.field}(input: {${write.input(ids)}, attributes: ${literal}}) { ${write.of} { attributes } } }`
  return post(JSON.stringify({ query }))
}

async function rowCounts(): Promise<unknown> {
  return kit.store.db.orm.execute(
    'SELECT (SELECT count(*) FROM messages) AS m, (SELECT count(*) FROM channels) AS c, (SELECT count(*) FROM users) AS u',
  )
}

/** All that a refused write could have changed. */
async function state(ids: Ids) {
  const { nodes } = await kit.backend.request<{ nodes: object[] }, object>(
    'query($ids: [ID!]!) { nodes(ids: $ids) { ... on Channel { attributes } ... on Message { attributes } ... on User { attributes } } }',
    { ids: [ids.channel, ids.message, ids.user] },
  )
  expect(nodes).toEqual([{ attributes: before }, { attributes: before }, { attributes: before }])
  return { rows: await rowCounts(), reading: await readingOf(kit, ids.channel) }
}

describe.each(writes.map((write) => [write.field, write] as const))('%s refuses', (_name, write) => {
  const refused = [{ extensions: { code: 'BAD_USER_INPUT', chatCode: write.invalid } }]

  test.each(Object.entries(hostile))('%s, in variables and over REST', async (_name, text) => {
    const earlier = await state(plain)
    expect((await asVariable(write, plain, text)).errors).toMatchObject(refused)
    expect((await withinLiteral(write, plain, text)).errors).toMatchObject(refused)
    const overRest = await rest.post(rest.in(write.path(plain)), { ...write.form(), Attributes: text })
    expect(overRest).toMatchObject({ status: 400, body: { code: write.invalid } })
    expect(await state(plain)).toEqual(earlier)
  })

  test.each(Object.entries(hostile).filter(([name]) => !name.includes('key')))(
    '%s as a literal',
    async (name, text) => {
      const earlier = await state(plain)
      // Of some of these GraphQL's own parser speaks first, and has no code of ours.
      const isOfParser = /surrogate|ten thousand/.test(name)
      const { errors } = await asLiteral(write, plain, text)
      expect(errors).toMatchObject(isOfParser ? [{ extensions: { code: 'BAD_USER_INPUT' } }] : refused)
      expect(await state(plain)).toEqual(earlier)
    },
  )

  test('what is longer than it may be as the text that is stored', async () => {
    const earlier = await state(plain)
    const tooLong = `"${'x'.repeat(write.most - 1)}"`
    const expected = [{ extensions: { code: 'BAD_USER_INPUT', chatCode: write.tooLong } }]
    expect((await asVariable(write, plain, tooLong)).errors).toMatchObject(expected)
    for (const text of [tooLong, `[1${' '.repeat(write.most)}]`, `[${'1.0,'.repeat(write.most / 4)}1]`]) {
      const overRest = await rest.post(rest.in(write.path(plain)), { ...write.form(), Attributes: text })
      expect(overRest).toMatchObject({ status: 400, body: { code: write.tooLong } })
    }
    expect(await state(plain)).toEqual(earlier)
  })
})

describe.each([
  ['onMessageSend', writes[0]],
  ['onMessageUpdate', writes[1]],
  ['onChannelAdd', writes[2]],
  ['onChannelUpdate', writes[3]],
  ['onUserUpdate', writes[5]],
] as const)('an answer to %s cannot replace attributes by', (event, write) => {
  test.each(Object.entries(hostile))('%s', async (_name, text) => {
    const earlier = await state(asking)
    const answers = [
      `{"attributes": ${JSON.stringify(text)}}`,
      ...(text.startsWith('{') ? [`{"attributes": ${text}}`] : []),
    ]
    for (const answer of answers) {
      receiver.answer = (_received, response) => response.end(answer)
      const asked = receiver.of(event).length
      // The backend would make it in the default service.
      const by = write.field === 'createChannel' ? alice : kit.backend
      const { errors } = await asVariable(write, asking, '{"ours": 1}', by.authorization)
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', chatCode: write.invalid } }])
      expect(receiver.of(event)).toHaveLength(asked + 1)
    }
    expect(await state(asking)).toEqual(earlier)
  })
})

/** Values that are kept, and what GraphQL reads where that is not what was sent. */
const kept: { readonly text: string; readonly value?: unknown }[] = [
  { text: '{"n":9007199254740993}', value: { n: 9007199254740992 } },
  { text: '[1.0, 1e2, -0, 0.1000000000000000055511151231257827]', value: [1, 100, 0, 0.1] },
  { text: '1e-400', value: 0 },
  { text: `[${Number.MAX_VALUE}]` },
  { text: '{"b":1,"a":2,"b":3}', value: { b: 3, a: 2 } },
  { text: '{"2":"b","1":"a"}' },
  { text: '  { "spaced" : [ ] }\n', value: { spaced: [] } },
  { text: String.raw`"\ud83e\udd89 \u0041 \/ \\u0000"`, value: '🦉 A / \\u0000' },
  { text: '{"__proto__":{"polluted":true},"constructor":null,"toJSON":1}' },
  { text: nested(100) },
  { text: '[null]' },
  { text: 'false' },
  { text: '""' },
]

test.each(kept)('$text is kept: REST has the text, GraphQL the value', async ({ text, ...expected }) => {
  const value = 'value' in expected ? expected.value : (JSON.parse(text) as unknown)
  const twilio = openTwilio(rest).chat.v1.services(rest.serviceId)
  const sent = { attributes: text }
  const channel = await twilio.channels.create(sent)
  const messages = twilio.channels(channel.sid).messages
  const message = await messages.create({ body: 'x', ...sent })
  const user = await twilio.users.create({ identity: uniqueName('kept'), ...sent })
  const edited = await messages.create({ body: 'x' })
  const reads = [
    channel,
    message,
    user,
    await twilio.channels(channel.sid).update(sent),
    await twilio.channels(channel.sid).messages(edited.sid).update(sent),
    await twilio.users(user.sid).update(sent),
    await twilio.channels(channel.sid).fetch(),
    await twilio.users(user.sid).fetch(),
    ...(await messages.list()),
  ]
  expect(reads.map(({ attributes }) => attributes)).toEqual(reads.map(() => text))
  for (const { sid } of [channel, message, user]) {
    const { node } = await kit.backend.request<{ node: { attributes: unknown } }, object>(
      'query($id: ID!) { node(id: $id) { ... on Channel { attributes } ... on Message { attributes } ... on User { attributes } } }',
      { id: sid },
    )
    expect(node.attributes).toEqual(value)
  }
})

test.each(kept)('$text in variables is the same value when it is read', async ({ text, ...expected }) => {
  const value = 'value' in expected ? expected.value : (JSON.parse(text) as unknown)
  for (const write of writes) {
    const { data } = await asVariable(write, plain, text)
    expect(data![write.field]![write.of]!.attributes).toEqual(value)
    // The updated ones are what the others are compared with.
    if (write.field.startsWith('update')) await asVariable(write, plain, JSON.stringify(before))
  }
})

test('null and the empty text take attributes away, whichever way they come', async () => {
  const { sid } = (await rest.post<{ sid: string }>(rest.in('/Channels'), { Attributes: '[1]' })).body
  const path = rest.in(`/Channels/${sid}`)
  for (const Attributes of ['null', ' null ', '']) {
    await rest.post(path, { Attributes: '[1]' })
    expect((await rest.post(path, { Attributes })).body).toMatchObject({ attributes: '{}' })
  }
  const { data } = await asVariable(writes[3], { ...plain, channel: sid }, 'null')
  expect(data!['updateChannel']!['channel']!.attributes).toEqual({})
})

test('a variable without a value is left out of an object and null in a list; one that is no JSON is refused', async () => {
  const send = (declared: string, attributes: string, variables: object) =>
    post(
      JSON.stringify({
        query: `mutation(${declared}) { sendMessage(input: {channelId: "${plain.channel}", body: "x", attributes: ${attributes}}) { message { attributes } } }`,
        variables,
      }),
    )
  const { data } = await send('$a: JSON, $__proto__: JSON', '{kept: 1, a: $a, p: $__proto__, list: [$a, 2]}', {})
  expect(data!['sendMessage']!['message']!.attributes).toEqual({ kept: 1, list: [null, 2] })
  const { errors } = await send('$at: DateTime', '{at: $at}', { at: '2026-03-24T21:05:19.123Z' })
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', chatCode: 20001 } }])
})

test('webhooks receive the text; an answer’s text is kept, and an answer’s object is what it was parsed to', async () => {
  const path = `/Services/${hooked.id}/Channels/${asking.channel}/Messages`
  const text = '{"n":9007199254740993, "m":1.0}'
  receiver.received.length = 0
  await rest.post(path, { Body: 'x', Attributes: text })
  await receiver.atLeast(1, 'onMessageSent')
  for (const event of ['onMessageSend', 'onMessageSent']) {
    expect(receiver.of(event)[0]!.parameters['Attributes']).toBe(text)
  }
  receiver.answer = (_received, response) => response.end(JSON.stringify({ attributes: text }))
  expect((await rest.post(path, { Body: 'x' })).body).toMatchObject({ attributes: text })
  receiver.answer = (_received, response) => response.end(`{"attributes": ${text}}`)
  expect((await rest.post(path, { Body: 'x' })).body).toMatchObject({ attributes: '{"n":9007199254740992,"m":1}' })
  receiver.answer = (_received, response) => response.end('{"attributes": {"__proto__": {"kept": 1}}}')
  expect((await rest.post(path, { Body: 'x' })).body).toMatchObject({ attributes: '{"__proto__":{"kept":1}}' })
  for (const none of ['""', '"null"']) {
    receiver.answer = (_received, response) => response.end(`{"attributes": ${none}}`)
    expect((await rest.post(path, { Body: 'x', Attributes: text })).body).toMatchObject({ attributes: '{}' })
  }
})
