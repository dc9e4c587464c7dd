import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  CloseConnectionDocument,
  ConnectionsDocument,
  CreateApiKeyDocument,
  MessageBodiesDocument,
  RateRefusalsDocument,
  type ConnectionsQueryVariables,
} from '../../schema/generated/graphql.ts'
import { ProcessCalls } from '../../src/domain/process-calls.ts'
import { topics } from '../../src/live/bus.ts'
import type { Server } from '../../src/server.ts'
import { makeAccount } from '../support/authority.ts'
import { engineName } from '../support/engine.ts'
import { subscribeOverEvents } from '../support/event-stream.ts'
import { Caller, openKit, openSocket, record, type Kit, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { refusalOf } from '../support/refusal.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
/** Another process; on the embedded engine it is the same. */
let other: Server
beforeAll(async () => {
  kit = await openKit({ TRUST_PROXY: '1' })
  other = await kit.another()
})
afterAll(() => kit.close())

const list = async (variables: ConnectionsQueryVariables = {}) =>
  (await kit.backend.request(ConnectionsDocument, variables)).connections

async function open(user: User, server: Server, channelId: string, deviceId?: string) {
  const client = user.at(server).connect({ deviceId: deviceId as string })
  onTestFinished(() => client.dispose() as Promise<void>)
  const received = record(client, MessageBodiesDocument, { channelId })
  await waitFor(async () => (await list({ identity: user.identity })).nodes.some((node) => node.subscriptionCount > 0))
  return received
}

test('who is connected to which process, from where, with which device, and what waits for it', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const before = Date.now()
  await open(alice, kit.server, channelId, 'phone')
  await open(bob, other, channelId)
  const { nodes, totalCount, silentProcesses } = await list({ serviceId: kit.server.account.serviceId })
  expect(silentProcesses).toEqual([])
  expect(totalCount).toBe(nodes.length)
  const [ofAlice, ofBob] = [alice, bob].map(({ identity }) => nodes.find((node) => node.identity === identity)!)
  expect(ofAlice).toMatchObject({
    processId: kit.server.app.process.id,
    protocol: 'WEBSOCKET',
    isSignedIn: true,
    serviceId: kit.server.account.serviceId,
    userId: expect.stringMatching(/^US/) as string,
    deviceId: 'phone',
    address: expect.stringMatching(/127\.0\.0\.1$/) as string,
    subscriptionCount: 1,
    bufferedBytes: 0,
    queuedEvents: null,
  })
  expect(ofBob).toMatchObject({ processId: other.app.process.id, deviceId: null })
  const connectedAt = Date.parse(ofAlice!.connectedAt)
  expect([connectedAt >= before - 1, connectedAt <= Date.now()]).toEqual([true, true])
  expect(connectedAt).toBeLessThanOrEqual(Date.parse(ofBob!.connectedAt))
  const { nodes: ofProcess } = await list({ processId: other.app.process.id, identity: bob.identity })
  expect(ofProcess.map(({ id }) => id)).toEqual([ofBob!.id])
  const { nodes: ofId, totalCount: countOfId } = await list({ connectionId: ofBob!.id })
  expect([ofId, countOfId]).toMatchObject([[{ identity: bob.identity }], 1])
})

test('an event stream, a backend, and one that has not signed in yet; the address is the one that the proxy names', async () => {
  const [alice] = [await kit.user('alice')]
  const { id: channelId } = await kit.channel([alice])
  const stream = await subscribeOverEvents(alice.with({ 'x-forwarded-for': '203.0.113.7' }), MessageBodiesDocument, {
    channelId,
  })
  onTestFinished(() => stream.stop())
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  const authorization = `Basic ${btoa(`${createApiKey.apiKey.id}:${createApiKey.secret}`)}`
  const backend = openSocket(kit.server, { authorization })
  onTestFinished(() => backend.dispose() as Promise<void>)
  record(backend, MessageBodiesDocument, { channelId })
  const ofBackend = async () => (await list({})).nodes.find(({ apiKeyId }) => apiKeyId === createApiKey.apiKey.id)
  await waitFor(async () => (await ofBackend())?.subscriptionCount === 1)
  expect(await ofBackend()).toMatchObject({ identity: null, userId: null, serviceId: null, isSignedIn: true })
  const [ofStream] = (await list({ identity: alice.identity })).nodes
  expect(ofStream).toMatchObject({
    protocol: 'SERVER_SENT_EVENTS',
    address: '203.0.113.7',
    subscriptionCount: 1,
    bufferedBytes: null,
    queuedEvents: 0,
    unansweredMs: null,
  })
  const silent = new WebSocket(`${kit.server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  onTestFinished(() => silent.terminate())
  await waitFor(async () => (await list({})).nodes.some(({ isSignedIn }) => !isSignedIn))
  stream.stop()
  await waitFor(async () => (await list({ identity: alice.identity })).totalCount === 0)
})

test('one who does not confirm what it was sent, and for how long', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const socket = await RawSocket.open(kit.server, { token: alice.token }, { answersPings: false })
  onTestFinished(() => socket.terminate())
  socket.subscribe('1', MessageBodiesDocument, { channelId })
  await waitFor(async () => (await list({ identity: alice.identity })).nodes[0]?.subscriptionCount === 1)
  await kit.backend.send(channelId, 'hello')
  const unanswered = async () => (await list({ identity: alice.identity })).nodes[0]!.unansweredMs ?? 0
  await waitFor(async () => (await unanswered()) > 50)
  const before = await unanswered()
  expect(await unanswered()).toBeGreaterThanOrEqual(before)
})

test('pages over all processes, in both directions', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  for (const server of [kit.server, other, kit.server, other, kit.server]) await open(alice, server, channelId)
  const { identity } = alice
  await waitFor(async () => (await list({ identity })).totalCount === 5)
  const all = (await list({ identity })).nodes.map(({ id }) => id)
  expect(all.toSorted()).toEqual(all)
  const forwards: string[] = []
  for (let after: string | null = null; ;) {
    const { nodes, pageInfo, totalCount } = await list({ identity, first: 2, after })
    expect(totalCount).toBe(5)
    forwards.push(...nodes.map(({ id }) => id))
    expect(pageInfo.hasPreviousPage).toBe(after !== null)
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  expect(forwards).toEqual(all)
  const { nodes, pageInfo } = await list({ identity, last: 2, before: all[3]! })
  expect(nodes.map(({ id }) => id)).toEqual(all.slice(1, 3))
  expect(pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true })
})

test('one is closed in whichever process it is, and its client comes back', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const socket = await RawSocket.open(other, { token: alice.token })
  const stream = await subscribeOverEvents(alice.at(other), MessageBodiesDocument, { channelId })
  onTestFinished(() => stream.stop())
  await waitFor(async () => (await list({ identity: alice.identity })).totalCount === 2)
  for (const { id } of (await list({ identity: alice.identity })).nodes) {
    const { closeConnection } = await kit.backend.request(CloseConnectionDocument, { input: { connectionId: id } })
    expect(closeConnection).toEqual({ wasFound: true, silentProcesses: [] })
  }
  await waitFor(() => socket.closed !== undefined && stream.errors.length > 0)
  expect(socket.closed).toMatchObject({ code: 4413, reason: 'Closed by the operator' })
  expect(stream.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  await waitFor(async () => (await list({ identity: alice.identity })).totalCount === 0)
  const input = { connectionId: kit.server.app.process.id }
  const { closeConnection: again } = await kit.backend.request(CloseConnectionDocument, { input })
  expect(again.wasFound).toBe(false)
})

test('a process that does not answer is named within a second, and the others are listed', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  await open(alice, other, channelId)
  const hung = { type: 'here', id: 'a-process-that-hangs', host: 'far away', isNew: false }
  kit.server.app.bus.publish(topics.processes, hung)
  await waitFor(() => kit.server.app.processCalls.knows(hung.id))
  const begun = performance.now()
  const { nodes, silentProcesses } = await list({ identity: alice.identity })
  expect(performance.now() - begun).toBeLessThan(2000)
  const named = [{ id: hung.id, host: hung.host, lastHeardAt: expect.any(String) as string }]
  expect({ silentProcesses, count: nodes.length }).toEqual({ silentProcesses: named, count: 1 })
  const { closeConnection } = await kit.backend.request(CloseConnectionDocument, { input: { connectionId: v7() } })
  expect(closeConnection).toEqual({ wasFound: false, silentProcesses: named })
  expect((await list({ processId: hung.id })).silentProcesses).toEqual(named)
  kit.server.app.bus.publish(topics.processes, { type: 'gone', id: hung.id })
  await waitFor(() => !kit.server.app.processCalls.knows(hung.id))
  expect(await refusalOf(kit.backend, ConnectionsDocument, { processId: hung.id })).toEqual({
    code: 'NOT_FOUND',
  })
})

test('what only a newer process knows is null, or left out, and fails nothing', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  await open(alice, other, channelId)
  const newer = { id: v7(), host: 'newer' }
  const calls = await ProcessCalls.open(kit.server.app.bus, newer, () => {})
  onTestFinished(() => calls.close())
  const [known] = (await list({ identity: alice.identity })).nodes
  const nobody = { serviceId: null, userId: null, identity: null, apiKeyId: null }
  const row = { ...known, ...nobody, id: v7(), protocol: 'carrierPigeon', isSignedIn: false }
  calls.onQuestion(
    'connections',
    () => true,
    () => ({ connections: [row], count: 1 }),
  )
  const refusal = { ...nobody, count: 1, lastAt: 0, limit: null, seconds: null }
  const refusals = [
    { ...refusal, kind: 'feathers' },
    { ...refusal, kind: 'time', apiKeyId: 'SKnewer' },
  ]
  calls.onQuestion(
    'refusals',
    () => true,
    () => ({ refusals }),
  )
  await waitFor(() => kit.server.app.processCalls.knows(newer.id))
  const { nodes, silentProcesses } = await list({ identity: alice.identity })
  expect(silentProcesses).toEqual([])
  expect(nodes.map(({ protocol }) => protocol)).toEqual(['WEBSOCKET', null])
  const { rateRefusals } = await kit.backend.request(RateRefusalsDocument, {})
  expect(rateRefusals.silentProcesses).toEqual([])
  expect(rateRefusals.nodes.filter(({ apiKeyId }) => apiKeyId === 'SKnewer')).toHaveLength(1)
})

test('bad pages and cursors are refused', async () => {
  const bad = { code: 'BAD_USER_INPUT' }
  for (const page of [{ first: 0 }, { first: 101 }, { last: 101 }, { first: 1, last: 1 }]) {
    expect(await refusalOf(kit.backend, ConnectionsDocument, page)).toMatchObject(bad)
  }
  for (const cursor of ['', 'x', 'IM00000000000000000000000000000000', '00000000-0000-4000-8000-000000000000']) {
    expect(await refusalOf(kit.backend, ConnectionsDocument, { after: cursor })).toEqual(bad)
    expect(await refusalOf(kit.backend, ConnectionsDocument, { before: cursor })).toEqual(bad)
  }
  expect(await refusalOf(kit.backend, RateRefusalsDocument, { first: 101 })).toEqual(bad)
  for (const connectionId of ['', 'x', '00000000-0000-4000-8000-000000000000']) {
    expect(await refusalOf(kit.backend, CloseConnectionDocument, { input: { connectionId } })).toEqual(bad)
    expect(await refusalOf(kit.backend, ConnectionsDocument, { connectionId })).toEqual(bad)
  }
})

test('they are for the backend of the server’s own account alone', async () => {
  const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
  const { backend: stranger } = await makeAccount(kit)
  for (const caller of [await kit.user('alice'), stranger]) {
    expect([
      await refusalOf(caller, ConnectionsDocument, {}),
      await refusalOf(caller, CloseConnectionDocument, { input: { connectionId: 'x' } }),
      await refusalOf(caller, RateRefusalsDocument, {}),
    ]).toEqual([forbidden, forbidden, forbidden])
  }
  const nobody = new Caller(kit.server, 'Basic eDp5')
  expect(await refusalOf(nobody, ConnectionsDocument, {})).toMatchObject({ code: 'UNAUTHENTICATED' })
})

test('the processes are two where the engine allows it', () => {
  expect(other === kit.server).toBe(engineName === 'embedded')
})
