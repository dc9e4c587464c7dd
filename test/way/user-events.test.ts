import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateInviteDocument,
  DeclineInviteDocument,
  DeleteChannelDocument,
  DeleteInviteDocument,
  DeleteUserDocument,
  InviteAddedDocument,
  InviteRemovedDocument,
  JoinChannelDocument,
  UpdateUserDocument,
  UserChannelsDocument,
  UserUpdatedDocument,
  ViewerDocument,
} from '../../schema/generated/graphql.ts'
import { topics } from '../../src/live/bus.ts'
import type { UserId } from '../../src/model/sid.ts'
import { openKit, openSocket, record, type Kit, type Recording, type User } from '../support/kit.ts'
import { ScriptedBus } from '../support/scripted-bus.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let bus: ScriptedBus
beforeAll(async () => {
  kit = await openKit()
  bus = new ScriptedBus(kit.server.app.bus)
})
afterAll(() => kit.close())

async function known(name: string): Promise<User & { readonly id: string }> {
  const user = await kit.user(name)
  const { viewer } = await user.request(ViewerDocument)
  return Object.assign(user, { id: viewer.user!.id })
}

async function invite({ identity }: User, channelId?: string): Promise<{ id: string; channelId: string }> {
  const to = channelId ?? (await kit.channel([], { type: 'PRIVATE' })).id
  const { createInvite } = await kit.backend.request(CreateInviteDocument, { input: { channelId: to, identity } })
  return { id: createInvite.invite.id, channelId: to }
}

const added = ({ items }: Recording<{ inviteAdded: { id: string } }>) => items.map((item) => item.inviteAdded.id)
const removed = ({ items }: Recording<{ inviteRemoved: { id: string } }>) => items.map((item) => item.inviteRemoved.id)

/** The user's feed is listened to: what is published from now on arrives. */
async function isFollowed({ id }: { readonly id: string }, listeners: number): Promise<void> {
  await waitFor(() => kit.server.app.userFeeds.get(id as UserId)?.listenerCount === listeners)
  await waitFor(() => bus.topics.has(topics.user(id)))
}

test('the invited user receives the invites that stand and those that come, each once, in order', async () => {
  const guest = await known('guest')
  const standing = [await invite(guest), await invite(guest)]
  const client = guest.connect()
  const received = record(client, InviteAddedDocument)
  await received.atLeast(2)
  const later = [await invite(guest), await invite(guest)]
  await received.atLeast(4)
  const all = [...standing, ...later]
  expect(added(received)).toEqual(all.map(({ id }) => id))
  expect(received.items.map(({ inviteAdded }) => inviteAdded.channel.id)).toEqual(all.map(({ channelId }) => channelId))
  await client.dispose()
})

test('the end of an invite is delivered, whichever it is', async () => {
  const guest = await known('guest')
  const client = guest.connect()
  const received = record(client, InviteRemovedDocument)
  // One of the socket, one of the subscription.
  await isFollowed(guest, 2)
  const gone = []
  for (const end of ['joined', 'added', 'declined', 'withdrawn', 'deleted'] as const) {
    const { id, channelId } = await invite(guest)
    gone.push(id)
    const input = { channelId }
    if (end === 'joined') await guest.request(JoinChannelDocument, { input })
    if (end === 'added')
      await kit.backend.request(AddMemberDocument, { input: { channelId, identity: guest.identity } })
    if (end === 'declined') await guest.request(DeclineInviteDocument, { input })
    if (end === 'withdrawn') await kit.backend.request(DeleteInviteDocument, { input: { inviteId: id } })
    if (end === 'deleted') await kit.backend.request(DeleteChannelDocument, { input })
  }
  await received.atLeast(gone.length)
  expect(removed(received)).toEqual(gone)
  await client.dispose()
})

test('P5: invites are delivered, and deleted users shut out, when no hint of them arrives', async () => {
  const guest = await known('guest')
  const client = guest.connect()
  const [come, gone] = [record(client, InviteAddedDocument), record(client, InviteRemovedDocument)]
  await isFollowed(guest, 3)
  bus.hold()
  const [first, second] = [await invite(guest), await invite(guest)]
  await kit.backend.request(DeleteInviteDocument, { input: { inviteId: first.id } })
  // A sweep may come before the deletion, and bring the first one too.
  await waitFor(() => added(come).includes(second.id))
  await gone.atLeast(1)
  expect([added(come).filter((id) => id !== first.id), removed(gone)]).toEqual([[second.id], [first.id]])
  await kit.backend.request(DeleteUserDocument, { input: { userId: guest.identity } })
  await come.ended()
  bus.release(() => [])
  await client.dispose()
})

test('applying the received invites to a reading gives what is read again', async () => {
  const guest = await known('guest')
  const stays = await invite(guest)
  const client = guest.connect()
  const [come, gone] = [record(client, InviteAddedDocument), record(client, InviteRemovedDocument)]
  await isFollowed(guest, 3)
  const [declined, joined] = [await invite(guest), await invite(guest)]
  await guest.request(DeclineInviteDocument, { input: { channelId: declined.channelId } })
  await guest.request(JoinChannelDocument, { input: { channelId: joined.channelId } })
  await invite(guest, declined.channelId)
  await come.atLeast(4)
  await gone.atLeast(2)
  const received = new Set(added(come))
  for (const id of removed(gone)) received.delete(id)
  const { user } = await guest.request(UserChannelsDocument, { id: guest.identity })
  const read = user!.channels.edges.flatMap(({ node }) => node.invite?.id ?? [])
  expect([...received].toSorted()).toEqual(read.toSorted())
  expect(received.has(stays.id)).toBe(true)
  await client.dispose()
})

test('a user’s change reaches itself and every subscriber to it', async () => {
  const [bob, carol] = [await known('bob'), await known('carol')]
  const clients = [bob.connect(), carol.connect()]
  const own = record(clients[0]!, UserUpdatedDocument)
  const others = record(clients[1]!, UserUpdatedDocument, { userId: bob.identity })
  await isFollowed(bob, 3)
  for (const friendlyName of ['one', 'two']) {
    await bob.request(UpdateUserDocument, { input: { userId: bob.id, friendlyName } })
  }
  for (const recording of [own, others]) {
    await recording.atLeast(2)
    expect(recording.items.map(({ userUpdated }) => userUpdated.friendlyName)).toEqual(['one', 'two'])
  }
  await kit.backend.request(DeleteUserDocument, { input: { userId: bob.id } })
  await others.ended()
  expect(others.errors.flat()).toMatchObject([{ extensions: { code: 'NOT_FOUND', chatCode: 50200 } }])
  for (const client of clients) await client.dispose()
})

test('the backend has no invites, and nobody follows a user that does not exist for it', async () => {
  const client = openSocket(kit.server, { authorization: kit.backend.authorization })
  const refused = [
    record(client, InviteAddedDocument),
    record(client, InviteRemovedDocument),
    record(client, UserUpdatedDocument),
    record(client, UserUpdatedDocument, { userId: 'nobody' }),
  ]
  for (const recording of refused) await recording.ended()
  expect(refused.map(({ errors }) => (errors.flat()[0] as { extensions: object }).extensions)).toEqual([
    ...Array<object>(3).fill({ code: 'FORBIDDEN', chatCode: 50107 }),
    { code: 'NOT_FOUND', chatCode: 50200 },
  ])
  await client.dispose()
})

test('a subscription that ends leaves nothing of a user behind', async () => {
  const guest = await known('guest')
  const client = guest.connect()
  const recording = record(client, InviteAddedDocument)
  await isFollowed(guest, 2)
  recording.stop()
  await client.dispose()
  await waitFor(() => kit.server.app.userFeeds.get(guest.id as UserId) === undefined)
  expect(recording.errors).toEqual([])
})
