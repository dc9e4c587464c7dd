import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AddMemberDocument,
  ChannelDocument,
  ChannelsDocument,
  CreateAccessTokenDocument,
  CreateApiKeyDocument,
  CreateChannelDocument,
  HistoryDocument,
  MembersDocument,
  MessageBodiesDocument,
  NodeDocument,
  NodesDocument,
  SendMessageDocument,
  ViewerDocument,
  type ChannelFieldsFragment,
} from '../../schema/generated/graphql.ts'
import { Caller, openKit, record, uniqueName, type Kit, type User } from '../support/kit.ts'

let kit: Kit
let alice: User
let stranger: User
let channel: ChannelFieldsFragment
let secret: ChannelFieldsFragment
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  stranger = await kit.user('stranger')
  channel = await kit.channel([alice], { uniqueName: uniqueName('lobby') })
  secret = await kit.channel([alice], { type: 'PRIVATE', uniqueName: uniqueName('secret') })
})
afterAll(() => kit.close())

/** Everything of the channel that a refused request could have changed. */
async function reading() {
  const [{ channel: fields }, { channel: messages }, { channel: members }] = await Promise.all([
    kit.backend.request(ChannelDocument, { id: channel.id }),
    kit.backend.request(HistoryDocument, { channelId: channel.id, first: 1000 }),
    kit.backend.request(MembersDocument, { channelId: channel.id, first: 1000 }),
  ])
  return { fields, messages, members }
}

async function changesNothing(act: () => Promise<unknown>): Promise<void> {
  const before = await reading()
  await act()
  expect(await reading()).toEqual(before)
}

const send = (input: object) => ({ input: { channelId: channel.id, body: 'hello', ...input } })

describe('a message is refused', () => {
  test.for([
    ['whose body is over 32 KiB', { body: 'x'.repeat(32 * 1024 + 1) }, 50504],
    ['whose body is over 32 KiB in bytes, though not in characters', { body: '🦉'.repeat(8 * 1024 + 1) }, 50504],
    ['whose body has a character that Postgres cannot hold', { body: 'Draw the 🦉! \0' }, undefined],
    ['whose body has half of a surrogate pair', { body: '\ud83e' }, undefined],
    ['whose attributes are over 4 KiB', { attributes: { text: 'x'.repeat(4 * 1024) } }, 20001],
    ['whose attributes have a NUL', { attributes: { text: '\0' } }, 20001],
    ['whose clientMessageId is empty', { clientMessageId: '' }, undefined],
    ['whose clientMessageId is too long', { clientMessageId: 'x'.repeat(129) }, undefined],
  ] as const)('%s', async ([, input, chatCode]) => {
    await changesNothing(() =>
      alice.expectRefusal(SendMessageDocument, send(input) as never, 'BAD_USER_INPUT', chatCode),
    )
  })

  test('whose attributes are not JSON', () =>
    changesNothing(() =>
      alice.expectRefusal(
        `mutation { sendMessage(input: { channelId: "${channel.id}", body: "x", attributes: NOT_JSON }) { message { id } } }`,
        undefined,
        'BAD_USER_INPUT',
      ),
    ))

  test('that a user sends in the name of another', () =>
    changesNothing(() => alice.expectRefusal(SendMessageDocument, send({ author: 'bob' }), 'FORBIDDEN', 50107)))

  test('from someone who is not a member', () =>
    changesNothing(() => stranger.expectRefusal(SendMessageDocument, send({}), 'FORBIDDEN', 50400)))

  test('to a channel that does not exist, or not for the caller', async () => {
    for (const channelId of ['CH00000000000000000000000000000000', 'nowhere', secret.id, secret.uniqueName!]) {
      await stranger.expectRefusal(SendMessageDocument, send({ channelId }), 'NOT_FOUND', 50300)
    }
  })
})

test('a body of exactly 32 KiB, an owl, and text that looks like an escape come back as they were sent', async () => {
  const bodies = ['🦉'.repeat(8 * 1024), 'Draw the 🦉!', '\\u0000 \\ud83e', '']
  for (const body of bodies) {
    const sent = await alice.send(channel.id, body, { attributes: { text: body.slice(0, 1000) } })
    expect([sent.body, sent.attributes]).toEqual([body, { text: body.slice(0, 1000) }])
  }
})

describe('a channel is refused', () => {
  test.for([
    ['whose unique name is too long', { uniqueName: 'x'.repeat(65) }, 50004],
    ['whose unique name looks like a SID', { uniqueName: 'CH00000000000000000000000000000000' }, 50306],
    ['whose friendly name is too long', { friendlyName: 'x'.repeat(65) }, 50003],
    ['whose unique name looks like a SID in other letters', { uniqueName: `cH${'aB'.repeat(16)}` }, 50306],
    ['whose unique name stands for a folder in URLs', { uniqueName: '.' }, undefined],
    ['whose unique name stands for the folder above', { uniqueName: '..' }, undefined],
    ['whose attributes are over 16 KiB', { attributes: 'x'.repeat(16 * 1024) }, 50303],
  ] as const)('%s', async ([, input, chatCode]) => {
    const before = await kit.backend.request(ChannelsDocument, { last: 1 })
    await alice.expectRefusal(CreateChannelDocument, { input }, 'BAD_USER_INPUT', chatCode)
    expect(await kit.backend.request(ChannelsDocument, { last: 1 })).toEqual(before)
  })

  test('whose unique name is taken', async () => {
    const before = await kit.backend.request(ChannelsDocument, { last: 1 })
    const input = { uniqueName: channel.uniqueName }
    await alice.expectRefusal(CreateChannelDocument, { input }, 'CONFLICT', 50307)
    expect(await kit.backend.request(ChannelsDocument, { last: 1 })).toEqual(before)
  })
})

describe('a member is refused', () => {
  test.for([
    ['whose identity is empty', '', 50204],
    ['whose identity is too long', 'x'.repeat(257), 50207],
    ['whose identity looks like a user SID', 'US00000000000000000000000000000000', 50206],
    ['whose identity looks like a user SID in other letters', `us${'aB'.repeat(16)}`, 50206],
    ['whose identity stands for a folder in URLs', '.', undefined],
    ['whose identity stands for the folder above', '..', undefined],
    ['whose identity is reserved', 'system', 50203],
  ] as const)('%s', ([, identity, chatCode]) =>
    changesNothing(() =>
      kit.backend.expectRefusal(
        AddMemberDocument,
        { input: { channelId: channel.id, identity } },
        'BAD_USER_INPUT',
        chatCode,
      ),
    ),
  )

  test('that is one already', () =>
    changesNothing(() =>
      kit.backend.expectRefusal(
        AddMemberDocument,
        { input: { channelId: channel.id, identity: alice.identity } },
        'CONFLICT',
        50404,
      ),
    ))

  test('whose role is no channel role', () =>
    changesNothing(() =>
      kit.backend.expectRefusal(
        AddMemberDocument,
        { input: { channelId: channel.id, identity: 'carol', roleId: 'RL00000000000000000000000000000000' } },
        'NOT_FOUND',
        50101,
      ),
    ))

  test('that a member without the permission adds', () =>
    changesNothing(() =>
      alice.expectRefusal(
        AddMemberDocument,
        { input: { channelId: channel.id, identity: 'carol' } },
        'FORBIDDEN',
        50107,
      ),
    ))
})

describe('a page is refused', () => {
  test.for([
    ['of no size', { first: 0 }],
    ['of a negative size', { last: -1 }],
    ['of more than a user may ask for', { first: 101 }],
    ['from both ends', { first: 1, last: 1 }],
    ['after a cursor that is none', { after: 'forged' }],
    ['after a cursor with a number beyond all numbers', { after: `00000000.zzzzzzzzzzz.0` }],
    ['after the cursor of another channel', { after: '00000000.0.0' }],
  ] as const)('%s', async ([, page]) => {
    await alice.expectRefusal(HistoryDocument, { channelId: channel.id, ...page }, 'BAD_USER_INPUT')
  })

  test('of more than the backend may ask for', async () => {
    await kit.backend.expectRefusal(HistoryDocument, { channelId: channel.id, first: 1001 }, 'BAD_USER_INPUT')
    const { channel: page } = await kit.backend.request(HistoryDocument, { channelId: channel.id, first: 1000 })
    expect(page!.id).toBe(channel.id)
  })
})

describe('an operation is refused', () => {
  test('that is nested too deep', () => {
    const query = `{ channel(id: "x") { ${'lastMessage { channel { '.repeat(8)} id ${'} }'.repeat(8)} } }`
    return changesNothing(() => alice.expectRefusal(query, undefined, 'BAD_USER_INPUT'))
  })

  test('that costs too much, as a query and as a subscription', async () => {
    const members =
      'members(first: 100) { edges { node { identity channel { members(first: 100) { edges { node { id } } } } } } }'
    await alice.expectRefusal(`{ channels(first: 100) { edges { node { ${members} } } } }`, undefined, 'BAD_USER_INPUT')
    const client = alice.connect()
    const received = record(
      client,
      parse(`subscription { messageAdded { channel { ${members} } } }`) as TypedDocumentNode,
    )
    await received.ended()
    expect(received.errors.flat()).toEqual([expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })])
    await client.dispose()
  })

  test('that asks for too many nodes', async () => {
    await alice.expectRefusal(NodesDocument, { ids: Array<string>(101).fill(channel.id) }, 'BAD_USER_INPUT')
    const { nodes } = await alice.request(NodesDocument, { ids: Array<string>(100).fill(channel.id) })
    expect(nodes).toHaveLength(100)
  })

  test('that a user may not do', async () => {
    await alice.expectRefusal(CreateAccessTokenDocument, { input: { identity: 'bob' } }, 'FORBIDDEN', 50107)
    await alice.expectRefusal(CreateApiKeyDocument, { input: {} }, 'FORBIDDEN', 50107)
  })

  test('that is not GraphQL, not JSON, or has no credentials', async () => {
    const post = (body: string) =>
      fetch(`${kit.server.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    for (const body of ['{', '{"query":"{"}', '{"query":"{ nothing }"}', '[]', '{"query":3}']) {
      const { errors } = (await (await post(body)).json()) as { errors: { extensions: { code: string } }[] }
      expect(errors[0]!.extensions.code).toBe('BAD_USER_INPUT')
    }
    const anonymous = new Caller(kit.server, '')
    await anonymous.expectRefusal(ViewerDocument, undefined, 'UNAUTHENTICATED', 20003)
  })

  test('whose body is larger than any message', async () => {
    const response = await fetch(`${kit.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: alice.authorization },
      body: 'x'.repeat(1024 * 1024 + 1),
    })
    expect(response.status).toBe(413)
  })
})

test('what is unknown, malformed or private does not exist', async () => {
  const ids = [secret.id, 'CH00000000000000000000000000000000', 'nonsense', '', 'IM', `XX${'0'.repeat(32)}`]
  for (const id of ids) expect(await stranger.request(NodeDocument, { id })).toEqual({ node: null })
  expect(await stranger.request(ChannelDocument, { id: secret.id })).toEqual({ channel: null })
  expect(await stranger.request(ChannelDocument, { id: secret.uniqueName! })).toEqual({ channel: null })
  expect(await alice.request(NodeDocument, { id: secret.id })).toMatchObject({ node: { id: secret.id } })
  const { channels } = await stranger.request(ChannelsDocument, { first: 100 })
  const seen = channels.edges.map(({ node }) => node.id)
  expect(seen).toContain(channel.id)
  expect(seen).not.toContain(secret.id)
  const message = await alice.send(secret.id, 'between us')
  expect(await stranger.request(NodeDocument, { id: message.id })).toEqual({ node: null })
})

test('a subscription to a channel that is not the caller’s ends with the reason', async () => {
  for (const [channelId, code] of [
    [secret.id, 'NOT_FOUND'],
    [channel.id, 'FORBIDDEN'],
  ] as const) {
    const client = stranger.connect()
    const received = record(client, MessageBodiesDocument, { channelId })
    await received.ended()
    expect(received.errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code }) })])
    await client.dispose()
  }
})
