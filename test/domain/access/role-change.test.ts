import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateChannelDocument,
  SendMessageDocument,
  UpdateRoleDocument,
  ViewerDocument,
} from '../../../schema/generated/graphql.ts'
import type { RoleId } from '../../../src/model/sid.ts'
import type { Server } from '../../../src/server.ts'
import { users } from '../../../src/store/tables/user.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, requestOver, uniqueName, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let other: Server
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
})
afterAll(() => kit.close())

const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }

/** Shorter than any cache keeps its entries: what is known by then came by a hint. */
const timeout = 3000

const permit = (roleId: string, permissions: string[]) =>
  kit.backend.request(UpdateRoleDocument, { input: { roleId, permissions } })

async function isRefused(user: User, channelId: string): Promise<boolean> {
  const { errors } = await user.ask(SendMessageDocument, { input: { channelId, body: 'hello' } })
  return errors?.[0]?.extensions.chatCode === forbidden.chatCode
}

test('a permission that a channel role loses or gets is lost or had by its members at every server', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id: channelId } = await kit.channel([bob])
  const roleId = await makeRole(kit, 'channel', ['sendMessage'])
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: alice.identity, roleId } })
  const faces = [alice, alice.at(other)]
  for (const face of faces) await face.send(channelId, 'allowed')
  await permit(roleId, ['leaveChannel'])
  const input = { channelId, body: 'no longer' }
  expect(await refusalOf(alice, SendMessageDocument, { input })).toEqual(forbidden)
  await waitFor(() => isRefused(faces[1]!, channelId), { timeout })
  expect((await bob.at(other).send(channelId, 'still')).body).toBe('still')
  await permit(roleId, ['sendMessage'])
  await alice.send(channelId, 'again')
  await waitFor(async () => !(await isRefused(faces[1]!, channelId)), { timeout })
})

test('a permission that a service role loses is lost on sockets that are open, at every server', async () => {
  const roleId = await makeRole(kit, 'deployment', ['createChannel'])
  const alice = await kit.user(uniqueName('alice'))
  await alice.request(ViewerDocument)
  await kit.store.db.orm
    .update(users)
    .set({ roleId: roleId as RoleId })
    .where(eq(users.identity, alice.identity))
  kit.server.app.caches.users.clear()
  other.app.caches.users.clear()
  const sockets = [alice, alice.at(other)].map((user) => user.connect({ lazy: false }))
  for (const socket of sockets) await requestOver(socket, CreateChannelDocument, { input: {} })
  await permit(roleId, [])
  expect(await refusalOf(alice, CreateChannelDocument, { input: {} })).toEqual(forbidden)
  for (const socket of sockets) {
    const make = () => requestOver(socket, CreateChannelDocument, { input: {} })
    await waitFor(
      () =>
        expect(make())
          .rejects.toThrow('50107')
          .then(() => true),
      { timeout },
    )
    await socket.dispose()
  }
})

test('a permission is lost within its time when the hint is lost', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel()
  const roleId = await makeRole(kit, 'channel', ['sendMessage'])
  await kit.backend.request(AddMemberDocument, { input: { channelId, identity: alice.identity, roleId } })
  await alice.at(other).send(channelId, 'allowed')
  const { bus } = kit.server.app
  const publish = bus.publish.bind(bus)
  bus.publish = (topic, payload) => {
    if (topic !== 'authority') publish(topic, payload)
  }
  await permit(roleId, []).finally(() => {
    bus.publish = publish
  })
  expect(await waitFor(() => isRefused(alice.at(other), channelId), { timeout })).toBe(true)
})
