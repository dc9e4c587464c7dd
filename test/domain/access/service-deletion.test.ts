import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  ChannelDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  CreateServiceDocument,
  DeleteServiceDocument,
  MessageAddedDocument,
  NodesDocument,
  SendMessageDocument,
  ServiceDocument,
  ServicesDocument,
  ViewerDocument,
} from '../../../schema/generated/graphql.ts'
import type { ServiceId } from '../../../src/model/sid.ts'
import type { Server } from '../../../src/server.ts'
import { services } from '../../../src/store/tables/service.ts'
import { User, openKit, openSocket, record, requestOver, uniqueName, type Kit } from '../../support/kit.ts'
import { refusalOf, shutOut, unauthenticated } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let other: Server
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
})
afterAll(() => kit.close())

const noService = { code: 'NOT_FOUND', chatCode: 50050 }
const noChannel = { code: 'NOT_FOUND', chatCode: 50300 }

/** A service with a user in a channel. */
async function furnish() {
  const { createService } = await kit.backend.request(CreateServiceDocument, { input: { friendlyName: 'doomed' } })
  const serviceId = createService.service.id
  const identity = uniqueName('alice')
  const { createAccessToken } = await kit.backend.request(CreateAccessTokenDocument, { input: { identity, serviceId } })
  const { createChannel } = await kit.backend.request(CreateChannelDocument, { input: { serviceId } })
  const channelId = createChannel.channel.id
  const { addMember } = await kit.backend.request(AddMemberDocument, { input: { channelId, identity } })
  const alice = new User(kit.server, identity, createAccessToken.token)
  const { viewer } = await alice.request(ViewerDocument)
  const roleId = createService.service.defaultChannelRole.id
  const ids = [serviceId, channelId, addMember.member.id, viewer.user!.id, roleId]
  return { serviceId, channelId, alice, ids }
}

const remove = (serviceId: string) => kit.backend.request(DeleteServiceDocument, { input: { serviceId } })

test('nothing in a deleted service exists any more, at once where it was deleted', async () => {
  const { serviceId, channelId, alice, ids } = await furnish()
  const { id: messageId } = await alice.send(channelId, 'hello')
  const all = [...ids, messageId]
  expect((await kit.backend.request(NodesDocument, { ids: all })).nodes.map((node) => node?.id)).toEqual(all)
  expect((await remove(serviceId)).deleteService.service.id).toBe(serviceId)
  expect((await kit.backend.request(NodesDocument, { ids: all })).nodes).toEqual(all.map(() => null))
  expect(await kit.backend.request(ServiceDocument, { id: serviceId })).toEqual({ service: null })
  expect(await kit.backend.request(ChannelDocument, { id: channelId })).toEqual({ channel: null })
  const { services: left } = await kit.backend.request(ServicesDocument, { first: 1000 })
  expect(left.edges.map(({ node }) => node.id)).not.toContain(serviceId)
  const send = { input: { channelId, body: 'too late' } }
  expect(await refusalOf(kit.backend, SendMessageDocument, send)).toEqual(noChannel)
  expect(await refusalOf(kit.backend, CreateChannelDocument, { input: { serviceId } })).toEqual(noService)
  expect(await refusalOf(kit.backend, CreateAccessTokenDocument, { input: { identity: 'a', serviceId } })).toEqual(
    noService,
  )
  expect(await shutOut(kit.server, { token: alice.token })).toEqual(unauthenticated(20106))
  expect(await refusalOf(kit.backend, DeleteServiceDocument, { input: { serviceId } })).toEqual(noService)
})

test('open subscriptions in a deleted service end on every server, of users and of the backend', async () => {
  const { serviceId, channelId, alice } = await furnish()
  const neighbour = await kit.user('neighbour')
  const elsewhere = await kit.channel([neighbour])
  const clients = [kit.server, other].flatMap((server) => [
    alice.at(server).connect(),
    openSocket(server, { authorization: kit.backend.authorization }),
  ])
  const recordings = clients.flatMap((client, at) => [
    record(client, MessageAddedDocument, { channelId }),
    ...(at % 2 === 0 ? [record(client, MessageAddedDocument)] : []),
  ])
  const unharmed = neighbour.at(other).connect()
  const goesOn = record(unharmed, MessageAddedDocument)
  await kit.backend.send(elsewhere.id, 'before')
  await goesOn.atLeast(1)
  // The backend's subscriptions begin when they are there, not with what is queued.
  await waitFor(async () => {
    await kit.backend.send(channelId, 'listening?')
    return recordings.every(({ items }) => items.length > 0)
  })
  await remove(serviceId)
  await Promise.all(recordings.map((recording) => recording.ended()))
  for (const { errors } of recordings) expect(errors).toMatchObject([[{ extensions: noService }]])
  await kit.backend.send(elsewhere.id, 'after')
  await goesOn.atLeast(2)
  for (const client of [...clients, unharmed]) await client.dispose()
})

test('a socket that was open goes on with nothing in a deleted service, on every server', async () => {
  const { serviceId, channelId, alice } = await furnish()
  const sockets = [alice, alice.at(other)].map((user) => user.connect({ lazy: false }))
  for (const socket of sockets) {
    await requestOver(socket, SendMessageDocument, { input: { channelId, body: 'hello' } })
  }
  await remove(serviceId)
  for (const socket of sockets) {
    const send = () => requestOver(socket, SendMessageDocument, { input: { channelId, body: 'too late' } })
    const refusal = [{ extensions: noService }]
    await waitFor(
      () =>
        expect(send())
          .rejects.toMatchObject(refusal)
          .then(() => true),
      { timeout: 3000 },
    )
    await expect(requestOver(socket, ViewerDocument)).rejects.toMatchObject(refusal)
    await socket.dispose()
  }
})

test('a subscription ends after the deletion even when the hint is lost', async () => {
  const { serviceId, channelId, alice } = await furnish()
  const client = alice.connect()
  const recording = record(client, MessageAddedDocument, { channelId })
  await kit.backend.send(channelId, 'listening')
  await recording.atLeast(1)
  await kit.store.db.orm
    .update(services)
    .set({ deletedAt: new Date() })
    .where(eq(services.id, serviceId as ServiceId))
  await recording.ended()
  expect(recording.errors).toMatchObject([[{ extensions: noService }]])
  await client.dispose()
})

test('the default service is not deleted', async () => {
  const { serviceId } = kit.server.account
  expect(await refusalOf(kit.backend, DeleteServiceDocument, { input: { serviceId } })).toEqual({ code: 'CONFLICT' })
  expect((await kit.backend.request(ServiceDocument, {})).service).toMatchObject({ id: serviceId, isDefault: true })
})

test('deleting a service takes the same statements whatever is in it', async () => {
  const counts = []
  for (const channels of [0, 30]) {
    const { serviceId } = await furnish()
    for (let at = 0; at < channels; at++) await kit.backend.request(CreateChannelDocument, { input: { serviceId } })
    const { statements } = kit.store
    // What is remembered of it for seconds is, however long the making took.
    await kit.backend.request(ServiceDocument, { id: serviceId })
    statements.length = 0
    await remove(serviceId)
    counts.push(statements.filter((statement) => /"services"|"channels"/.test(statement)).length)
  }
  expect(counts[0]).toBeGreaterThan(0)
  expect(counts[1]).toBe(counts[0])
})
