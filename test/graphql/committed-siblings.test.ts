import type { FormattedExecutionResult } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChannelDocument } from '../../schema/generated/graphql.ts'
import { schema } from '../../src/graphql/schema.ts'
import { openKit, type Kit, type User } from '../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const twoSends = `mutation ($good: SendMessageInput!, $bad: SendMessageInput!) {
  before: sendMessage(input: $good) { message { index } }
  failed: sendMessage(input: $bad) { message { index } }
  after: sendMessage(input: $good) { message { index } }
}`

const twoReads = `query ($id: ID!) {
  before: channel(id: $id) { id }
  failed: apiKeys { edges { cursor } }
  after: channel(id: $id) { id }
}`

interface Request {
  readonly query: string
  readonly variables: Record<string, unknown>
}

const ways: Readonly<Record<string, (user: User, request: Request) => Promise<FormattedExecutionResult>>> = {
  POST: async (user, { query, variables }) => (await user.ask(query, variables)) as FormattedExecutionResult,
  WebSocket: async (user, request) => {
    const client = user.connect()
    const answers = client.iterate(request)
    const { value } = await answers.next()
    await client.dispose()
    return value as FormattedExecutionResult
  },
  'Server-Sent Events': async ({ server, authorization }, request) => {
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization },
      body: JSON.stringify(request),
    })
    const [, data] = /^event: next\ndata: (.*)$/m.exec(await answer.text())!
    return JSON.parse(data!) as FormattedExecutionResult
  },
  GET: async ({ server, authorization }, { query, variables }) => {
    const search = new URLSearchParams({ query, variables: JSON.stringify(variables) })
    const answer = await fetch(`${server.url}/graphql?${search}`, { headers: { authorization } })
    return (await answer.json()) as FormattedExecutionResult
  },
}

test.each(['POST', 'WebSocket', 'Server-Sent Events'])(
  'a mutation that fails takes nothing from those that are committed beside it, over %s',
  async (way) => {
    const alice = await kit.user('alice')
    const { id: channelId } = await kit.channel([alice])
    const variables = { good: { channelId, body: 'said' }, bad: { channelId, body: 'x'.repeat(32 * 1024 + 1) } }
    const { data, errors } = await ways[way]!(alice, { query: twoSends, variables })
    expect(data).toEqual({ before: { message: { index: 0 } }, failed: null, after: { message: { index: 1 } } })
    expect(errors).toHaveLength(1)
    expect(errors![0]).toMatchObject({ path: ['failed'], extensions: { code: 'BAD_USER_INPUT', chatCode: 50504 } })
    const { channel } = await alice.request(ChannelDocument, { id: channelId })
    expect(channel!.messagesCount).toBe(2)
  },
)

test.each(Object.keys(ways))('a query that fails takes nothing from those beside it, over %s', async (way) => {
  const alice = await kit.user('alice')
  const { id } = await kit.channel([alice])
  const { data, errors } = await ways[way]!(alice, { query: twoReads, variables: { id } })
  expect(data).toEqual({ before: { id }, failed: null, after: { id } })
  expect(errors).toHaveLength(1)
  expect(errors![0]).toMatchObject({ path: ['failed'], extensions: { code: 'FORBIDDEN' } })
})

test('every field of Query and Mutation is nullable', () => {
  const fields = [schema.getQueryType()!, schema.getMutationType()!].flatMap((type) => Object.values(type.getFields()))
  expect(fields.filter(({ type }) => String(type).endsWith('!')).map(({ name }) => name)).toEqual([])
})
