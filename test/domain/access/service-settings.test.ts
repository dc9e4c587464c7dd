import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AddMemberDocument,
  CreateServiceDocument,
  DeleteChannelDocument,
  JoinChannelDocument,
  MembersDocument,
  MessageAddedDocument,
  StartTypingDocument,
  UpdateMemberDocument,
  UpdateServiceDocument,
  ViewerDocument,
  type UpdateServiceInput,
} from '../../../schema/generated/graphql.ts'
import type { Server } from '../../../src/server.ts'
import { makeRole } from '../../support/authority.ts'
import { Caller, openKit, record, requestOver, uniqueName, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'

/** Settings of the default service, each looked at where it was changed and at another server. */
let kit: Kit
let other: Server
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another()
})
afterAll(() => kit.close())

/** Shorter than any cache keeps its entries: what is known by then came by a hint. */
const timeout = 3000

const set = (settings: Omit<UpdateServiceInput, 'serviceId'>) =>
  kit.backend.request(UpdateServiceDocument, { input: { serviceId: kit.server.account.serviceId, ...settings } })

test('typing lasts as long as the service says', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const secondsAt = async (server: Server): Promise<number> => {
    const { startTyping } = await alice.at(server).request(StartTypingDocument, { input: { channelId } })
    return (Date.parse(startTyping.expiresAt) - Date.now()) / 1000
  }
  expect(await secondsAt(other)).toBeLessThanOrEqual(5)
  await set({ typingIndicatorTimeout: 300 })
  expect(await secondsAt(kit.server)).toBeGreaterThan(200)
  await waitFor(async () => (await secondsAt(other)) > 200, { timeout })
})

test('members and channels are counted against the limits of the service', async () => {
  const [first, second] = [await kit.channel(), await kit.channel()]
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  await set({ limits: { channelMembers: 1, userChannels: 1 } })
  await alice.request(JoinChannelDocument, { input: { channelId: first.id } })
  const full = { code: 'FORBIDDEN', chatCode: 50403 }
  const tooMany = { code: 'FORBIDDEN', chatCode: 50208 }
  const add = (channelId: string, identity: string) => ({ input: { channelId, identity } })
  expect(await refusalOf(kit.backend, AddMemberDocument, add(first.id, bob.identity))).toEqual(full)
  expect(await refusalOf(bob, JoinChannelDocument, { input: { channelId: first.id } })).toEqual(full)
  expect(await refusalOf(kit.backend, AddMemberDocument, add(second.id, alice.identity))).toEqual(tooMany)
  expect(await refusalOf(alice, JoinChannelDocument, { input: { channelId: second.id } })).toEqual(tooMany)
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: first.id } })
  await alice.request(JoinChannelDocument, { input: { channelId: second.id } })
  await set({ limits: { channelMembers: 1000, userChannels: 1000 } })
  await kit.backend.request(AddMemberDocument, add(second.id, bob.identity))
})

test('without read status no horizon is set or reported', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  await kit.backend.send(channelId, 'hello')
  await kit.backend.send(channelId, 'there')
  const horizonAt = async (server: Server) => {
    const { channel } = await alice.at(server).request(MembersDocument, { channelId })
    const { id, lastReadIndex, unreadCount } = channel!.members.edges[0]!.node
    return { id, lastReadIndex, unreadCount }
  }
  const { id: memberId } = await horizonAt(other)
  const input = { memberId, lastReadIndex: 0 }
  await alice.request(UpdateMemberDocument, { input })
  const known = { id: memberId, lastReadIndex: 0, unreadCount: 1 }
  expect(await horizonAt(other)).toEqual(known)

  await set({ readStatusEnabled: false })
  expect(await horizonAt(kit.server)).toEqual({ id: memberId, lastReadIndex: null, unreadCount: null })
  await waitFor(async () => (await horizonAt(other)).unreadCount === null, { timeout })
  for (const caller of [alice, kit.backend]) {
    expect(await refusalOf(caller, UpdateMemberDocument, { input: { memberId, lastReadIndex: 1 } })).toEqual({
      code: 'CONFLICT',
    })
  }
  await set({ readStatusEnabled: true })
  expect(await horizonAt(kit.server)).toEqual(known)
})

test('isOnline is reported only where the service has reachability on', async () => {
  const alice = await kit.user('alice')
  const { id } = (await alice.request(ViewerDocument)).viewer.user!
  const onlineAt = async (server: Server): Promise<boolean | null> => {
    const caller = new Caller(server, kit.backend.authorization)
    const { node } = await caller.request<{ node: { isOnline: boolean | null } }, object>(
      'query($id: ID!) { node(id: $id) { ... on User { isOnline } } }',
      { id },
    )
    return node.isOnline
  }
  const client = alice.connect()
  record(client, MessageAddedDocument)
  await requestOver(client, ViewerDocument)
  expect([await onlineAt(kit.server), await onlineAt(other)]).toEqual([null, null])
  await set({ reachabilityEnabled: true })
  for (const server of [kit.server, other]) {
    await waitFor(async () => (await onlineAt(server)) === true, { timeout })
  }
  await client.dispose()
  await waitFor(async () => (await onlineAt(other)) === false)
  await set({ reachabilityEnabled: false })
  expect(await onlineAt(kit.server)).toBeNull()
})

test('new users and members get the default roles there are now', async () => {
  const [serviceRole, channelRole] = [await makeRole(kit, 'deployment', []), await makeRole(kit, 'channel', [])]
  await set({ defaultServiceRoleId: serviceRole, defaultChannelRoleId: channelRole })
  const { id: channelId } = await kit.channel()
  const identity = uniqueName('newcomer')
  const { addMember } = await kit.backend.request<
    { addMember: { member: { role: { id: string }; user: { role: { id: string } } } } },
    object
  >('mutation($input: AddMemberInput!) { addMember(input: $input) { member { role { id } user { role { id } } } } }', {
    input: { channelId, identity },
  })
  expect(addMember.member).toEqual({ role: { id: channelRole }, user: { role: { id: serviceRole } } })
  const { createService } = await kit.backend.request(CreateServiceDocument, { input: { friendlyName: 'untouched' } })
  expect(createService.service.defaultChannelRole.id).not.toBe(channelRole)
})
