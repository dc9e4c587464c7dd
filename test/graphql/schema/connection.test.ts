import { readFile } from 'node:fs/promises'
import { buildSchema, getNamedType, isObjectType } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteMessageDocument,
  HistoryDocument,
  MembersDocument,
  RemoveMemberDocument,
} from '../../../schema/generated/graphql.ts'
import { openKit, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('every connection has nodes beside its edges, and they are the same', async () => {
  const schema = buildSchema(await readFile('schema/schema.graphql', 'utf8'))
  const connections = Object.values(schema.getTypeMap()).filter(
    // A live connection is none of them.
    (type) => isObjectType(type) && type.name.endsWith('Connection') && 'pageInfo' in type.getFields(),
  )
  expect(connections.length).toBeGreaterThan(10)
  for (const type of connections) {
    const { nodes, edges } = isObjectType(type) ? type.getFields() : {}
    const edge = edges && getNamedType(edges.type)
    const { node } = isObjectType(edge) ? edge.getFields() : {}
    expect([type.name, String(nodes?.type)]).toEqual([type.name, `[${String(node?.type)}]!`])
  }
  const alice = await kit.user()
  const { id } = await kit.channel([alice])
  for (const body of ['a', 'b', 'c']) await alice.send(id, body)
  const { channel } = await alice.request<
    { channel: { messages: { edges: { node: object }[]; nodes: object[] } } },
    object
  >(`{ channel(id: "${id}") { messages(last: 2) { edges { node { index body } } nodes { index body } } } }`)
  expect(channel.messages.nodes).toEqual([
    { index: 1, body: 'b' },
    { index: 2, body: 'c' },
  ])
  expect(channel.messages.edges.map(({ node }) => node)).toEqual(channel.messages.nodes)
})

test('the total counts what is in the list whatever the page, and some identities alone have none', async () => {
  const [alice, bob, eve] = [await kit.user('alice'), await kit.user('bob'), await kit.user('eve')]
  const { id: channelId } = await kit.channel([alice, bob, eve])
  const [first] = [await alice.send(channelId, '0'), await bob.send(channelId, '1'), await bob.send(channelId, '2')]
  await alice.request(DeleteMessageDocument, { input: { messageId: first!.id } })
  const read = await alice.request(MembersDocument, { channelId, first: 1 })
  expect(read.channel!.members.totalCount).toBe(3)
  const { edges } = (await alice.request(MembersDocument, { channelId })).channel!.members
  await kit.backend.request(RemoveMemberDocument, { input: { memberId: edges[2]!.node.id } })
  expect((await alice.request(MembersDocument, { channelId, first: 1 })).channel!.members.totalCount).toBe(2)
  expect((await alice.request(HistoryDocument, { channelId, first: 1 })).channel!.messages.totalCount).toBe(2)
  const some = await alice.request<{ channel: { members: { totalCount: number | null } } }, object>(
    `{ channel(id: "${channelId}") { members(identities: ["${bob.identity}"]) { totalCount } } }`,
  )
  expect(some.channel.members.totalCount).toBeNull()
})

test('what is selected of nodes costs what it costs of edges', async () => {
  const alice = await kit.user()
  const texts = 'a: body b: body c: body d: body e: body'
  for (const selection of [`edges { node { ${texts} } }`, `nodes { ${texts} }`]) {
    const query = `{ channel(id: "x") { messages(first: 100) { ${selection} } } }`
    expect([selection, (await refusalOf(alice, query)).code]).toEqual([selection, 'BAD_USER_INPUT'])
  }
  expect(await alice.request(`{ channel(id: "x") { messages(first: 100) { nodes { body } } } }`)).toEqual({
    channel: null,
  })
})
