import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CreateAccessTokenDocument,
  MessageBodiesDocument,
  RenewTokenDocument,
  ViewerDocument,
} from '../../schema/generated/graphql.ts'
import { openKit, record, requestOver, type Kit, type User } from '../support/kit.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

async function createToken({ identity }: User, ttlSeconds: number): Promise<string> {
  const { createAccessToken } = await kit.backend.request(CreateAccessTokenDocument, {
    input: { identity, ttlSeconds },
  })
  return createAccessToken.token
}

test('a socket whose token expires is warned and closed with 4411', async () => {
  const bob = await kit.user('bob', { ttlSeconds: 2 })
  const socket = await RawSocket.open(kit.server, { token: bob.token })
  await waitFor(() => socket.closed)
  expect(socket.closed).toEqual({ code: 4411, reason: 'Token expired' })
  const { viewer } = await (await freshUser(bob)).request(ViewerDocument)
  expect(viewer.identity).toBe(bob.identity)
  const warning = socket.messages.find(({ type }) => type === 'ping')
  expect(warning?.payload).toEqual({ tokenExpiresAt: expect.stringMatching(/^\d{4}-.*Z$/) })
})

async function freshUser(user: User): Promise<User> {
  return kit.user(user.identity, { exactly: true })
}

test('P4: a client that brings a fresh token on each connection goes on after its token has expired', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([alice, bob])
  const codes: number[] = []
  const tokens = [await createToken(bob, 2)]
  const client = bob.connect({
    connectionParams: () => ({ token: tokens.shift() ?? bob.token, deviceId: 'phone' }),
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: async () => {},
    on: { closed: (event) => codes.push((event as CloseEvent).code) },
  })
  const received = record(client, MessageBodiesDocument, { channelId })
  await alice.send(channelId, 'before')
  await received.atLeast(1)
  await waitFor(() => codes.length === 1)
  await alice.send(channelId, 'after')
  await waitFor(() => received.items.some(({ messageAdded }) => messageAdded.body === 'after'))
  expect(received.items.map(({ messageAdded }) => messageAdded.index)).toEqual([0, 1])
  expect(codes).toEqual([4411])
  await client.dispose()
})

test('renewToken on the live socket keeps it open past the end of the first token', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob', { ttlSeconds: 2 })]
  const { id: channelId } = await kit.channel([alice, bob])
  const expired = await RawSocket.open(kit.server, { token: bob.token })
  const closings: unknown[] = []
  const client = bob.connect({ on: { closed: (event) => closings.push(event) } })
  const received = record(client, MessageBodiesDocument, { channelId })
  const token = await createToken(bob, 600)
  const { renewToken } = await requestOver(client, RenewTokenDocument, { input: { token } })
  expect(Date.parse(renewToken.expiresAt) - Date.now()).toBeGreaterThan(500_000)
  await waitFor(() => expired.closed)
  await alice.send(channelId, 'after the end of the first token')
  await received.atLeast(1)
  expect(closings).toEqual([])
  await client.dispose()
})

test('a token of another user, or none at all, is refused and leaves the socket as it was', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const client = bob.connect()
  for (const token of [alice.token, 'nonsense', '']) {
    await expect(requestOver(client, RenewTokenDocument, { input: { token } })).rejects.toThrow('"UNAUTHENTICATED"')
  }
  const { viewer } = await requestOver(client, ViewerDocument)
  expect(viewer.identity).toBe(bob.identity)
  await client.dispose()
})

test('renewToken is refused where there is no socket to renew', async () => {
  const bob = await kit.user('bob')
  const { errors } = await bob.ask(RenewTokenDocument, { input: { token: bob.token } })
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})
