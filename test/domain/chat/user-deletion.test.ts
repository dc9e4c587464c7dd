import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateApiKeyDocument,
  CreateChannelDocument,
  CreateInviteDocument,
  CreateUserDocument,
  DeleteUserDocument,
  HistoryWithAuthorsDocument,
  InvitesDocument,
  JoinChannelDocument,
  MessageBodiesDocument,
  UserDocument,
  ViewerDocument,
} from '../../../schema/generated/graphql.ts'
import { openKit, record, requestOver, User, type Kit } from '../../support/kit.ts'
import { RawSocket } from '../../support/raw-socket.ts'
import { Reader } from '../../support/reader.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf, shutOut, unauthenticated } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const remove = (userId: string) => kit.backend.request(DeleteUserDocument, { input: { userId } })

test('a deleted user has left its channels, each of which emits that, and its messages stay', async () => {
  const [bob, carol] = [await kit.user('bob'), await kit.user('carol')]
  const channels = [await kit.channel([bob, carol]), await kit.channel([carol, bob])]
  const readers = await Promise.all(
    channels.map(({ id }) => Reader.open(kit.server.app, carol, { channelId: id, mode: 'live' })),
  )
  for (const [at, { id }] of channels.entries()) {
    await readers[at]!.isLive(id)
    await bob.send(id, 'said')
  }
  await remove(bob.identity)
  for (const [at, { id }] of channels.entries()) {
    await carol.send(id, 'after')
    await readers[at]!.receives('1 after')
    expect(readers[at]!.texts).toEqual(['0 said', `-${bob.identity}`, '1 after'])
    const { channel, members, messages } = await readingOf(kit, id)
    expect(members!.map(({ node }) => node.identity)).toEqual([carol.identity])
    expect(channel!.membersCount).toBe(1)
    expect(messages).toHaveLength(2)
    const { channel: read } = await kit.backend.request(HistoryWithAuthorsDocument, { channelId: id, first: 1 })
    expect(read!.messages.edges[0]!.node).toMatchObject({ author: null, member: null })
    readers[at]!.close()
  }
})

test('what happened while a client was away includes the leaving of a deleted user', async () => {
  const [bob, carol] = [await kit.user('bob'), await kit.user('carol')]
  const { id: channelId } = await kit.channel([bob, carol])
  const before = await carol.send(channelId, 'before')
  await remove(bob.identity)
  const reader = await Reader.open(kit.server.app, carol, { channelId, after: before.cursor })
  await waitFor(() => reader.texts.length > 0)
  expect(reader.texts).toEqual([`-${bob.identity}`])
  reader.close()
})

test('a deleted user does not exist, its details are gone, and its invites with it', async () => {
  const bob = await kit.user('bob')
  const { createUser } = await kit.backend.request(CreateUserDocument, {
    input: { identity: bob.identity, friendlyName: 'Bob', attributes: { phone: 1 } },
  })
  const { id: channelId } = await kit.channel()
  await kit.backend.request(CreateInviteDocument, { input: { channelId, identity: bob.identity } })
  const { deleteUser } = await remove(createUser.user.id)
  expect(deleteUser.user).toMatchObject({ identity: bob.identity, friendlyName: null, attributes: {} })
  for (const id of [createUser.user.id, bob.identity]) {
    expect((await kit.backend.request(UserDocument, { id })).user).toBeNull()
    const missing = { code: 'NOT_FOUND', chatCode: 50200 }
    expect(await refusalOf(kit.backend, DeleteUserDocument, { input: { userId: id } })).toEqual(missing)
  }
  expect((await kit.backend.request(InvitesDocument, { channelId })).channel!.invites.edges).toEqual([])
})

test('the tokens of a deleted user are refused, and new ones make a new user', async () => {
  const bob = await kit.user('bob')
  const { viewer: before } = await bob.request(ViewerDocument)
  await remove(bob.identity)
  expect(await shutOut(kit.server, { token: bob.token })).toEqual(unauthenticated(20101))
  const again = await kit.user(bob.identity, { exactly: true })
  const { viewer } = await again.request(ViewerDocument)
  expect(viewer.user!.id).not.toBe(before.user!.id)
  expect(await shutOut(kit.server, { token: bob.token })).toEqual(unauthenticated(20101))
  await remove(bob.identity)
  expect(await shutOut(kit.server, { token: again.token })).toEqual(unauthenticated(20101))
})

test('a token that does not say when it was issued is refused once its identity was deleted', async () => {
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  const { accountId, serviceId } = kit.server.account
  const identity = `timeless-${randomUUID()}`
  const token = await new SignJWT({ grants: { identity, chat: { service_sid: serviceId } } })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(createApiKey.apiKey.id)
    .setSubject(accountId)
    .setExpirationTime('1h')
    .sign(Buffer.from(createApiKey.secret))
  await new User(kit.server, identity, token).request(ViewerDocument)
  await remove(identity)
  expect(await shutOut(kit.server, { token })).toEqual(unauthenticated(20101))
})

test('the open sockets of a deleted user are closed at once, on every process, whatever they do', async () => {
  const bob = await kit.user('bob')
  const [here, there] = [
    await RawSocket.open(kit.server, { token: bob.token }),
    await RawSocket.open(await kit.another(), { token: bob.token }),
  ]
  await remove(bob.identity)
  await waitFor(() => here.closed && there.closed, { timeout: 1500 })
  expect([here.closed, there.closed]).toEqual(Array(2).fill({ code: 4403, reason: 'User deleted' }))
})

test('subscriptions of a deleted user end, and deliver nothing that comes after', async () => {
  const bob = await kit.user('bob')
  const channel = await kit.channel([bob])
  const everything = await Reader.open(kit.server.app, bob, { mode: 'messages' })
  const client = bob.connect()
  const received = record(client, MessageBodiesDocument, { channelId: channel.id })
  await kit.backend.send(channel.id, 'before')
  await received.atLeast(1)
  await remove(bob.identity)
  await kit.backend.send(channel.id, 'after')
  await received.ended()
  expect(await everything.ended()).toEqual({ code: 'UNAUTHENTICATED', chatCode: 20101 })
  expect(received.items).toHaveLength(1)
  await client.dispose()
})

test('a user that is being deleted while it joins, is added and speaks is in no channel after it', async () => {
  const other = await kit.another()
  for (let round = 0; round < 5; round++) {
    const bob = await kit.user('bob')
    const channels = await Promise.all(Array.from({ length: 6 }, () => kit.channel()))
    await Promise.all(
      channels.slice(0, 3).map(({ id }) => bob.request(JoinChannelDocument, { input: { channelId: id } })),
    )
    const work = channels.flatMap(({ id: channelId }, at) => [
      bob.ask(JoinChannelDocument, { input: { channelId } }),
      bob.at(other).ask(CreateChannelDocument, { input: {} }),
      ...(at < 3 ? [bob.send(channelId, 'hello').catch(() => undefined)] : []),
    ])
    const [{ deleteUser }] = await Promise.all([remove(bob.identity), ...work])
    for (const { id } of channels) {
      const { channel, members } = await readingOf(kit, id)
      expect([channel!.membersCount, members]).toEqual([0, []])
    }
    expect((await kit.backend.request(UserDocument, { id: deleteUser.user.id })).user).toBeNull()
    expect((await kit.backend.request(UserDocument, { id: bob.identity })).user).toBeNull()
  }
})

test('a member that is added by identity after its user was deleted is a new user', async () => {
  const bob = await kit.user('bob')
  const { id: channelId } = await kit.channel([bob])
  const { deleteUser } = await remove(bob.identity)
  const input = { channelId, identity: bob.identity }
  await kit.backend.request(AddMemberDocument, { input })
  const { user } = await kit.backend.request(UserDocument, { id: bob.identity })
  expect(user!.id).not.toBe(deleteUser.user.id)
  expect(user!.joinedChannelsCount).toBe(1)
  const again = await kit.user(bob.identity, { exactly: true })
  const client = again.connect()
  expect((await requestOver(client, ViewerDocument)).viewer.user!.id).toBe(user!.id)
  await client.dispose()
})
