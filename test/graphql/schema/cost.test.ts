import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { getIntrospectionQuery, parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChannelsDocument } from '../../../schema/generated/graphql.ts'
import { Caller, openKit, openSocket, record, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let alice: User
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
})
afterAll(() => kit.close())

const bad = { code: 'BAD_USER_INPUT' }

/** A selection on a channel that is so many levels deep. */
function nest(levels: number): string {
  return levels <= 1 ? 'id' : `lastMessage { channel { ${nest(levels - 2)} } }`
}

const costly =
  'messages(first: 100) { edges { node { author { id } channel { members(first: 100) { edges { node { id } } } } } } }'

const tooMuch: Record<string, string> = {
  'nested too deep': `channel(id: "x") { ${nest(13)} }`,
  'nested far too deep': `channel(id: "x") { ${nest(151)} }`,
  'too costly': `channel(id: "x") { ${costly} }`,
  'too costly through a list': `channels(first: 100) { edges { node { messages(first: 100) { edges { node { id } } } } } }`,
  'too many texts under other names': `channel(id: "x") { messages(first: 100) { edges { node { a: body b: body c: body d: body e: body } } } }`,
  'too many attributes under other names': `channels(first: 100) { edges { node { a: attributes b: attributes c: attributes d: attributes e: attributes } } }`,
  'too many messages, whatever is selected of them': `channel(id: "x") { ${Array.from({ length: 14 }, (_, at) => `m${at}: messages(first: 100) { __typename }`).join(' ')} }`,
  'too much of the schema': `viewer { kind } __schema { types { ${Array.from({ length: 60 }, (_, at) => `f${at}: fields { type { fields { name } } }`).join(' ')} } }`,
  'too broad': Array.from({ length: 301 }, (_, at) => `n${at}: viewer { kind }`).join(' '),
}

const anyDocument = (text: string): TypedDocumentNode<unknown, Record<string, never>> => parse(text) as never

test('a query that is nested too deep, too broad or too costly is refused over HTTP and WebSocket', async () => {
  const client = alice.connect()
  for (const [what, selection] of Object.entries(tooMuch)) {
    expect([what, await refusalOf(alice, `{ ${selection} }`)]).toEqual([what, bad])
    const recording = record(client, anyDocument(`{ ${selection} }`))
    await recording.ended()
    expect([what, recording.errors.flat()]).toMatchObject([what, [{ extensions: bad }]])
  }
  await client.dispose()
})

test('a subscription that would cost too much at every event is refused', async () => {
  const { id } = await kit.channel([alice])
  const client = alice.connect()
  for (const selection of [nest(13), costly, costly.replaceAll('100', '99')]) {
    const recording = record(
      client,
      anyDocument(`subscription { messageAdded(channelId: "${id}") { channel { ${selection} } } }`),
    )
    await recording.ended()
    expect(recording.errors.flat()).toMatchObject([{ extensions: bad }])
    expect(recording.items).toEqual([])
  }
  await client.dispose()
})

test('a mutation that selects too much is not executed', async () => {
  const input = '{ uniqueName: "too-much" }'
  expect(await refusalOf(alice, `mutation { createChannel(input: ${input}) { channel { ${costly} } } }`)).toEqual(bad)
  expect(await kit.backend.request<object, object>('{ channel(id: "too-much") { id } }')).toEqual({ channel: null })
})

test('fragments and variables do not hide what a query costs', async () => {
  const fragments = `
    query ($size: Int!) { channel(id: "x") { ...Page } }
    fragment Page on Channel { messages(first: $size) { edges { node { channel { ...Members } } } } }
    fragment Members on Channel { members(first: $size) { edges { node { id } } } }`
  expect(await refusalOf(alice, fragments, { size: 100 } as never)).toEqual(bad)
  expect(await alice.request(fragments, { size: 5 } as never)).toEqual({ channel: null })
})

test('what clients usually select stays within the limits', async () => {
  const message = 'id index body attributes author { identity friendlyName attributes } createdAt'
  for (const usual of [
    `channels(first: 100) { edges { cursor node { id uniqueName attributes lastMessage { ${message} } } } }`,
    `channels(first: 25) { edges { cursor node { id messages(last: 3) { edges { node { ${message} } } } } } }`,
  ]) {
    expect(await alice.request(`{ ${usual} }`)).toMatchObject({ channels: { edges: expect.any(Array) as unknown } })
  }
  const history = `channel(id: "x") { membersCount messages(first: 100) { edges { cursor node { ${message} } } pageInfo { endCursor } } }`
  expect(await alice.request(`{ ${history} }`)).toEqual({ channel: null })
  expect(await kit.backend.request(`{ ${history.replace('100', '1000')} }`)).toEqual({ channel: null })
  const { channels } = await kit.backend.request(ChannelsDocument, { first: 1000 })
  expect(channels.pageInfo.hasNextPage).toBe(false)
  const nobody = new Caller(kit.server, '')
  expect(await nobody.request(getIntrospectionQuery())).toHaveProperty('__schema.queryType.name', 'Query')
})

test('a query of the schema cannot multiply itself', async () => {
  const nobody = new Caller(kit.server, '')
  const grow = (levels: number): string => (levels === 0 ? 'name' : `name fields { type { ${grow(levels - 1)} } }`)
  expect(await refusalOf(nobody, `{ __schema { types { ${grow(8)} } } }`)).toEqual(bad)
})

test('a document of any depth or length is answered, not failed on', async () => {
  const client = openSocket(kit.server, { authorization: kit.backend.authorization })
  for (const levels of [100, 198, 1000, 2400, 4900, 50_000]) {
    for (const document of [
      `{ channel(id: "x") ${'{ lastMessage { channel '.repeat(levels / 2)}{ id }${' } }'.repeat(levels / 2)} }`,
      `{ nodes(ids: ${'['.repeat(levels)}${']'.repeat(levels)}) { id } }`,
      `query ($ids: ${'['.repeat(levels)}ID${']'.repeat(levels)}) { nodes(ids: $ids) { id } }`,
    ]) {
      const { errors } = await kit.backend.ask(document)
      expect([levels, errors?.[0]?.extensions.code]).toEqual([levels, 'BAD_USER_INPUT'])
    }
  }
  for (const levels of [100, 198, 2400, 4900]) {
    const query = `{ channel(id: "x") ${'{ lastMessage { channel '.repeat(levels / 2)}{ id }${' } }'.repeat(levels / 2)} }`
    const errors = await new Promise<unknown>((resolve) =>
      client.subscribe(
        { query },
        { next: ({ errors: refused }) => resolve(refused), error: resolve, complete: () => {} },
      ),
    )
    expect(errors).toMatchObject([{ extensions: bad }])
  }
  await client.dispose()
  expect(await refusalOf(kit.backend, `{ ${'viewer { kind } '.repeat(4000)} }`)).toEqual(bad)
})
