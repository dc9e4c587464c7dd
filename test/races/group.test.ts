import { extendSchema, parse, type DocumentNode, type GraphQLSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  LeaveChannelDocument,
  MessageAddedDocument,
  MessageBodiesDocument,
  StartTypingDocument,
  TypingEndedDocument,
  TypingStartedDocument,
} from '../../schema/generated/graphql.ts'
import { authenticate } from '../../src/domain/chat/sign-in.ts'
import { Stream } from '../../src/domain/realtime/stream.ts'
import { schema } from '../../src/graphql/schema.ts'
import { Context } from '../../src/graphql/schema/context.ts'
import type { FormattedResult, Frame } from '../../src/graphql/subscriptions/frame.ts'
import { openSubscription } from '../../src/graphql/subscriptions/open-subscription.ts'
import type { ChatError } from '../../src/model/error.ts'
import type { Message } from '../../src/model/message.ts'
import type { ChannelId } from '../../src/model/sid.ts'
import { Gate } from '../support/gate.ts'
import { openKit, openSocket, record, type Caller, type Kit } from '../support/kit.ts'
import { Reader, type Line } from '../support/reader.ts'
import { subscribersAt } from '../support/subscribers.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

interface ExtraField {
  readonly isPerViewer?: boolean
  /** Without it nothing is left of the message. */
  readonly isRequired?: boolean
  resolve(message: Message, context: Context): unknown
}

/** The schema with one more field on messages, which shows what executions do. */
function schemaWith({ isPerViewer = false, isRequired = false, resolve }: ExtraField): GraphQLSchema {
  const extended = extendSchema(schema, parse(`extend type Message { extra: String${isRequired ? '!' : ''} }`))
  const type = extended.getType('Message')
  if (!type || !('getFields' in type)) throw new Error('there is no type Message')
  const field = type.getFields()['extra']
  if (!field || !('resolve' in field)) throw new Error('the field was not added')
  field.extensions = { perViewer: isPerViewer }
  field.resolve = (message, _args, context) => resolve(message as Message, context as Context)
  return extended
}

/** Subscribes without a transport, and answers the results as they come. */
async function subscribe(
  caller: Caller,
  channelId: string,
  document: DocumentNode,
  extended: GraphQLSchema,
  variables: Record<string, unknown> = {},
  onEnd: (reason: ChatError) => void = () => {},
): Promise<FormattedResult[]> {
  const { app } = kit.server
  const results: FormattedResult[] = []
  const opened = await openSubscription(
    { schema: extended, document, variableValues: { channelId, ...variables } },
    new Context(app, await authenticate(app, caller.authorization, '127.0.0.1')),
    { write: (frame: Frame) => results.push(frame.result), drained: () => undefined },
    onEnd,
    new AbortController().signal,
  )
  if (!(opened instanceof Stream)) throw new Error(`refused: ${JSON.stringify(opened)}`)
  onTestFinished(() => opened.close())
  return results
}

function groupsOf(channelId: string): number {
  return kit.server.app.feeds.get(channelId as ChannelId)?.groups.size ?? 0
}

const subscribersOf = (channelId: string): number => subscribersAt(kit.server, channelId)

const document = (text: string): DocumentNode => parse(text)

describe('subscribers that read the same', () => {
  test('share one execution for each event, whatever cursor they began with', async () => {
    let executions = 0
    const extended = schemaWith({ resolve: () => String(++executions) })
    const users = [await kit.user(), await kit.user(), await kit.user()]
    const { id: channelId } = await kit.channel(users)
    const { cursor } = await kit.backend.send(channelId, 'missed')
    const selection = document(
      'subscription ($channelId: ID, $after: String) { messageAdded(channelId: $channelId, after: $after) { body extra } }',
    )
    const all: FormattedResult[][] = []
    for (const [at, user] of users.entries()) {
      all.push(await subscribe(user, channelId, selection, extended, at === 0 ? { after: cursor } : {}))
    }
    await waitFor(() => subscribersOf(channelId) === 3)
    expect(groupsOf(channelId)).toBe(1)
    executions = 0
    await kit.backend.send(channelId, 'shared')
    await waitFor(() => all.every((results) => JSON.stringify(results.at(-1)).includes('shared')))
    expect(executions).toBe(1)
    expect(all.map((results) => results.at(-1)!.data)).toEqual(
      users.map(() => ({ messageAdded: { body: 'shared', extra: '1' } })),
    )
  })

  test('share nothing with those that select or filter otherwise, nor with the backend', async () => {
    const extended = schemaWith({ resolve: () => 'extra' })
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    const bodies = document('subscription ($channelId: ID) { messageAdded(channelId: $channelId) { body } }')
    const aliased = document(
      'subscription ($channelId: ID, $with: Boolean!) { messageAdded(channelId: $channelId) { body extra @include(if: $with) } }',
    )
    const plain = await subscribe(user, channelId, bodies, extended)
    const backend = await subscribe(kit.backend, channelId, bodies, extended)
    const included = await subscribe(user, channelId, aliased, extended, { with: true })
    const skipped = await subscribe(user, channelId, aliased, extended, { with: false })
    await waitFor(() => subscribersOf(channelId) === 4)
    expect(groupsOf(channelId)).toBe(4)
    await kit.backend.send(channelId, 'a')
    await waitFor(() => [plain, backend, included, skipped].every((results) => results.length === 1))
    expect([plain, backend, included, skipped].map(([result]) => result!.data)).toEqual([
      { messageAdded: { body: 'a' } },
      { messageAdded: { body: 'a' } },
      { messageAdded: { body: 'a', extra: 'extra' } },
      { messageAdded: { body: 'a' } },
    ])
  })

  test('have each a group of their own when a field depends on its viewer', async () => {
    const extended = schemaWith({
      isPerViewer: true,
      resolve: (message, { viewer }) => `${message.body} for ${viewer.kind === 'user' ? viewer.identity : 'nobody'}`,
    })
    const users = [await kit.user(), await kit.user()] as const
    const { id: channelId } = await kit.channel(users)
    const selection = document('subscription ($channelId: ID) { messageAdded(channelId: $channelId) { extra } }')
    const [one, other] = [
      await subscribe(users[0], channelId, selection, extended),
      await subscribe(users[1], channelId, selection, extended),
    ]
    const second = await subscribe(users[1], channelId, selection, extended)
    await waitFor(() => subscribersOf(channelId) === 3)
    expect(groupsOf(channelId)).toBe(2)
    await kit.backend.send(channelId, 'a')
    await waitFor(() => [one, other, second].every((results) => results.length === 1))
    expect(one[0]!.data).toEqual({ messageAdded: { extra: `a for ${users[0].identity}` } })
    expect(other[0]!.data).toEqual({ messageAdded: { extra: `a for ${users[1].identity}` } })
    expect(second[0]!.data).toEqual(other[0]!.data)
  })

  test('get an error, and nobody else’s data, from a field that depends on its viewer and does not say so', async () => {
    const extended = schemaWith({ resolve: (_message, { viewer }) => viewer.kind })
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    const selection = document('subscription ($channelId: ID) { messageAdded(channelId: $channelId) { body extra } }')
    const results = await subscribe(user, channelId, selection, extended)
    await kit.backend.send(channelId, 'a')
    await waitFor(() => results.length === 1)
    expect(results[0]!.data).toEqual({ messageAdded: { body: 'a', extra: null } })
    expect(results[0]!.errors).toHaveLength(1)
    expect(JSON.stringify(results[0]!.errors)).not.toContain('perViewer')
  })

  test.each([
    ['at once', (body: string) => (body === 'broken' ? null : body)],
    ['later', async (body: string) => (body === 'broken' ? null : body)],
  ])(
    'P3: end with the reason when it turns out %s that nothing of an event can be rendered',
    async (_when, resolve) => {
      const extended = schemaWith({ isRequired: true, resolve: ({ body }) => resolve(body) })
      const user = await kit.user()
      const { id: channelId } = await kit.channel([user])
      const selection = document(
        'subscription ($channelId: ID, $after: String) { messageAdded(channelId: $channelId, after: $after) { extra } }',
      )
      const reasons: ChatError[] = []
      const onEnd = (reason: ChatError): void => void reasons.push(reason)
      const follow = (variables = {}) => subscribe(user, channelId, selection, extended, variables, onEnd)
      const live = [await follow(), await follow()]
      await waitFor(() => subscribersOf(channelId) === 2)
      expect(groupsOf(channelId)).toBe(1)
      const { cursor } = await kit.backend.send(channelId, 'a')
      for (const body of ['broken', 'c']) await kit.backend.send(channelId, body)
      await waitFor(() => reasons.length === 2)
      for (const results of live) expect(results).toEqual([{ data: { messageAdded: { extra: 'a' } } }])
      const caughtUp = await follow({ after: cursor })
      await waitFor(() => reasons.length === 3)
      expect(caughtUp).toEqual([])
      expect(reasons.map(({ code }) => code)).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'])
      const client = user.connect()
      const others = record(client, MessageBodiesDocument, { channelId, after: cursor })
      await others.atLeast(2)
      expect(others.items.map(({ messageAdded }) => messageAdded.body)).toEqual(['broken', 'c'])
      await client.dispose()
    },
  )

  test('P3: are distinct when one of them is removed: it receives nothing more, the other goes on', async () => {
    const [removed, kept] = [await kit.user(), await kit.user()]
    const { id: channelId } = await kit.channel([removed, kept], { type: 'PRIVATE' })
    const clients = [removed.connect(), kept.connect()]
    const [ending, going] = clients.map((client) => record(client, MessageBodiesDocument, { channelId }))
    await waitFor(() => subscribersOf(channelId) === 2)
    expect(groupsOf(channelId)).toBe(1)
    await kit.backend.send(channelId, 'below')
    await removed.request(LeaveChannelDocument, { input: { channelId } })
    await kit.backend.send(channelId, 'above')
    await going!.atLeast(2)
    await ending!.ended()
    expect(ending!.items).toEqual([{ messageAdded: { index: 0, body: 'below' } }])
    expect(ending!.errors).toMatchObject([[{ extensions: { code: 'FORBIDDEN', chatCode: 50400 } }]])
    for (const client of clients) await client.dispose()
  })

  test('are never joined by who may not read the channel', async () => {
    const [member, stranger] = [await kit.user(), await kit.user()]
    const open = await kit.channel([member])
    const closed = await kit.channel([member], { type: 'PRIVATE' })
    const clients = [member.connect(), stranger.connect()] as const
    for (const { id: channelId } of [open, closed]) {
      record(clients[0], MessageBodiesDocument, { channelId })
      await waitFor(() => subscribersOf(channelId) === 1)
      const refused = record(clients[1], MessageBodiesDocument, { channelId })
      await refused.ended()
      await kit.backend.send(channelId, 'secret')
      expect(subscribersOf(channelId)).toBe(1)
      expect(refused.items).toEqual([])
    }
    const elsewhere = record(clients[1], MessageAddedDocument, {})
    await kit.backend.send(open.id, 'secret')
    const own = await kit.channel([stranger])
    await kit.backend.send(own.id, 'own')
    await elsewhere.atLeast(1)
    expect(elsewhere.items.map((item) => item.messageAdded.body)).toEqual(['own'])
    for (const client of clients) await client.dispose()
  })
})

describe('P3: frames of a group', () => {
  test('leave in the order of the channel, whichever was ready first, and hold up no other group', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    const gates: Gate[] = []
    const options = {
      key: 'slow to render',
      render: async (line: Line) => {
        const gate = new Gate()
        gates.push(gate)
        await gate.pass()
        return line
      },
    }
    const quick = await Reader.open(kit.server.app, user, { channelId, mode: 'messages' })
    const slow = await Reader.open(kit.server.app, user, { channelId, mode: 'messages' }, options)
    const sharing = await Reader.open(kit.server.app, user, { channelId, mode: 'messages' }, options)
    onTestFinished(() => [quick, slow, sharing].forEach((reader) => reader.close()))
    await waitFor(() => subscribersOf(channelId) === 3)
    for (const body of ['a', 'b', 'c']) await kit.backend.send(channelId, body)
    await quick.receives('2 c')
    expect(gates).toHaveLength(3)
    for (const gate of gates.slice(1).toReversed()) gate.open()
    await kit.backend.send(channelId, 'd')
    await quick.receives('3 d')
    expect(slow.texts).toEqual([])
    gates[3]!.open()
    gates[0]!.open()
    for (const reader of [slow, sharing]) {
      await reader.receives('3 d')
      expect(reader.texts).toEqual(['0 a', '1 b', '2 c', '3 d'])
    }
  })

  test('that are still being made reach a joiner once, by its own reading', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    const gate = new Gate()
    let isFirst = true
    const options = {
      key: 'slow at first',
      render: (line: Line): Line | Promise<Line> => {
        if (!isFirst) return line
        isFirst = false
        return gate.pass().then(() => line)
      },
    }
    const first = await Reader.open(kit.server.app, user, { channelId, mode: 'messages' }, options)
    await first.isLive(channelId)
    await kit.backend.send(channelId, 'a')
    await gate.reached
    const joiner = await Reader.open(kit.server.app, user, { channelId, mode: 'messages' }, options)
    onTestFinished(() => [first, joiner].forEach((reader) => reader.close()))
    await joiner.receives('0 a')
    await waitFor(() => subscribersOf(channelId) === 2)
    gate.open()
    await kit.backend.send(channelId, 'b')
    for (const reader of [first, joiner]) {
      await reader.receives('1 b')
      expect(reader.texts).toEqual(['0 a', '1 b'])
    }
  })

  test('that cannot be made end the group with an error, and no other', async () => {
    const user = await kit.user()
    const { id: channelId } = await kit.channel([user])
    const render = (): Promise<Line> => Promise.reject(new Error('a fault'))
    const broken = await Reader.open(kit.server.app, user, { channelId, mode: 'messages' }, { render })
    const sound = await Reader.open(kit.server.app, user, { channelId, mode: 'messages' })
    onTestFinished(() => sound.close())
    await waitFor(() => subscribersOf(channelId) === 2)
    await kit.backend.send(channelId, 'a')
    expect(await broken.ended()).toEqual({ code: 'UNAVAILABLE', chatCode: undefined })
    await kit.backend.send(channelId, 'b')
    await sound.receives('1 b')
    expect(sound.texts).toEqual(['0 a', '1 b'])
    expect(broken.texts).toEqual([])
    await waitFor(() => subscribersOf(channelId) === 1)
  })

  test('of a selection that reads the database come in order, too', async () => {
    const users = [await kit.user('one'), await kit.user('other')]
    const { id: channelId } = await kit.channel(users)
    const client = openSocket(kit.server, { authorization: kit.backend.authorization })
    const withAuthors = document(
      'subscription ($channelId: ID) { messageAdded(channelId: $channelId) { index author { identity } } }',
    )
    const received: unknown[] = []
    const results = await subscribe(users[0]!, channelId, withAuthors, schema)
    const bodies = record(client, MessageBodiesDocument, { channelId })
    await waitFor(() => subscribersOf(channelId) === 2)
    await Promise.all(Array.from({ length: 30 }, (_, at) => users[at % 2]!.send(channelId, `${at}`)))
    await bodies.atLeast(30)
    await waitFor(() => results.length === 30)
    received.push(...results.map(({ data }) => (data!['messageAdded'] as { index: number }).index))
    expect(received).toEqual(Array.from({ length: 30 }, (_, index) => index))
    expect(bodies.items.map((item) => item.messageAdded.index)).toEqual(received)
    await client.dispose()
  })
})

describe('typing', () => {
  test('reaches the others in the group, never the typist', async () => {
    const [typist, other] = [await kit.user(), await kit.user()]
    const { id: channelId } = await kit.channel([typist, other])
    const clients = [typist.connect(), other.connect()] as const
    const [own, others] = clients.map((client) => record(client, TypingStartedDocument, { channelId }))
    const [ownEnd, othersEnd] = clients.map((client) => record(client, TypingEndedDocument, { channelId }))
    await waitFor(() => subscribersOf(channelId) === 4)
    expect(groupsOf(channelId)).toBe(2)
    await typist.request(StartTypingDocument, { input: { channelId } })
    await typist.request(StartTypingDocument, { input: { channelId } })
    await others!.atLeast(1)
    await typist.send(channelId, 'typed')
    await othersEnd!.atLeast(1)
    expect(others!.items).toMatchObject([{ typingStarted: { member: { identity: typist.identity } } }])
    expect(othersEnd!.items).toMatchObject([{ typingEnded: { member: { identity: typist.identity } } }])
    expect([...own!.items, ...ownEnd!.items]).toEqual([])
    for (const client of clients) await client.dispose()
  })
})
