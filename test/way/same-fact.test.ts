import { afterAll, beforeAll, expect, test } from 'vitest'
import { UpdateMemberDocument, UpdateServiceDocument } from '../../schema/generated/graphql.ts'
import type { ServiceId } from '../../src/model/sid.ts'
import { makeRole } from '../support/authority.ts'
import { openKit, type Kit, type User } from '../support/kit.ts'
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment, type HookedService } from '../support/webhooks.ts'

/** A fact that several types, REST and webhooks have is the same in all of them, whatever the settings of the service. */

let kit: Kit
let receiver: Receiver
let service: HookedService
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  receiver = await openReceiver()
  service = await hookService(kit, receiver)
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})

const member = 'id lastReadIndex lastReadAt unreadCount user { id }'

interface MemberFacts {
  readonly id: string
  readonly lastReadIndex: number | null
  readonly lastReadAt: string | null
  readonly unreadCount: number | null
  readonly user: { readonly id: string }
}

async function readRest(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${kit.server.url}/v1/Services/${service.id}${path}`, {
    headers: { authorization: kit.backend.authorization },
  })
  return (await response.json()) as Record<string, unknown>
}

/** Everything that says how far bob has read, by where it stands. */
async function horizonsOf(channelId: string) {
  const { channel } = await kit.backend.request<{ channel: { members: { edges: { node: MemberFacts }[] } } }, unknown>(
    `query ($channelId: ID!) { channel(id: $channelId) { members(first: 1) { edges { node { ${member} } } } } }`,
    { channelId },
  )
  const listed = channel.members.edges[0]!.node
  const { node, user } = await kit.backend.request<
    {
      node: MemberFacts
      user: { channels: { edges: { node: { lastReadIndex: number; unreadCount: number; member: MemberFacts } }[] } }
    },
    unknown
  >(
    `query ($id: ID!, $userId: ID!) {
      node(id: $id) { ... on Member { ${member} } }
      user(id: $userId) { channels(first: 1) { edges { node { lastReadIndex unreadCount member { ${member} } } } } }
    }`,
    { id: listed.id, userId: listed.user.id },
  )
  const ofUser = user.channels.edges[0]!.node
  const restMember = await readRest(`/Channels/${channelId}/Members/${listed.id}`)
  const { channels } = (await readRest(`/Users/${listed.user.id}/Channels`)) as { channels: Record<string, unknown>[] }
  receiver.received.length = 0
  const roleId = await makeRole(kit, 'channel', [], service.id as ServiceId)
  await kit.backend.request(UpdateMemberDocument, { input: { memberId: listed.id, roleId } })
  const [delivery] = await receiver.atLeast(1, 'onMemberUpdated')
  const index = delivery!.parameters['LastConsumedMessageIndex']
  return {
    lastReadIndex: [
      listed.lastReadIndex,
      node.lastReadIndex,
      ofUser.lastReadIndex,
      ofUser.member.lastReadIndex,
      restMember['last_consumed_message_index'],
      channels[0]!['last_consumed_message_index'],
      index === undefined ? null : Number(index),
    ],
    lastReadAt: [listed.lastReadAt, node.lastReadAt, ofUser.member.lastReadAt],
    lastConsumption: restMember['last_consumption_timestamp'],
    unreadCount: [
      listed.unreadCount,
      node.unreadCount,
      ofUser.unreadCount,
      ofUser.member.unreadCount,
      channels[0]!['unread_messages_count'],
    ],
  }
}

async function furnish(): Promise<{ channelId: string; bob: User }> {
  const bob = await service.user('bob')
  const { id: channelId } = await service.channel([bob])
  for (const body of ['one', 'two', 'three']) await kit.backend.send(channelId, body)
  const { channel } = await bob.request<{ channel: { members: { edges: { node: MemberFacts }[] } } }, unknown>(
    `query ($channelId: ID!) { channel(id: $channelId) { members(first: 1) { edges { node { id } } } } }`,
    { channelId },
  )
  const memberId = channel.members.edges[0]!.node.id
  await bob.request(UpdateMemberDocument, { input: { memberId, lastReadIndex: 0 } })
  return { channelId, bob }
}

async function setReadStatus(readStatusEnabled: boolean): Promise<void> {
  await kit.backend.request(UpdateServiceDocument, { input: { serviceId: service.id, readStatusEnabled } })
}

test('how far a member has read, where the service keeps it', async () => {
  await setReadStatus(true)
  const { channelId } = await furnish()
  const { lastReadIndex, lastReadAt, lastConsumption, unreadCount } = await horizonsOf(channelId)
  expect(lastReadIndex).toEqual(lastReadIndex.map(() => 0))
  expect(lastReadAt).toEqual(lastReadAt.map(() => expect.any(String)))
  expect(new Set(lastReadAt).size).toBe(1)
  expect(lastConsumption).not.toBeNull()
  expect(unreadCount).toEqual(unreadCount.map(() => 2))
})

test('how far a member has read, where the service no longer keeps it', async () => {
  await setReadStatus(true)
  const { channelId } = await furnish()
  await setReadStatus(false)
  const { lastReadIndex, lastReadAt, lastConsumption, unreadCount } = await horizonsOf(channelId)
  expect(lastReadIndex).toEqual(lastReadIndex.map(() => null))
  expect(lastReadAt).toEqual(lastReadAt.map(() => null))
  expect(lastConsumption).toBeNull()
  expect(unreadCount).toEqual(unreadCount.map(() => null))
})

test.each([true, false])('whether a user is online, where reachabilityEnabled is %s', async (reachabilityEnabled) => {
  await kit.backend.request(UpdateServiceDocument, { input: { serviceId: service.id, reachabilityEnabled } })
  const bob = await service.user('bob')
  const facts = 'id isOnline isNotifiable'
  const { viewer } = await bob.request<{ viewer: { user: Record<string, unknown> } }, unknown>(
    `{ viewer { user { ${facts} } } }`,
  )
  const { user } = await kit.backend.request<{ user: Record<string, unknown> }, unknown>(
    `query ($id: ID!) { user(id: $id) { ${facts} } }`,
    { id: viewer.user['id'] },
  )
  const rest = await readRest(`/Users/${viewer.user['id'] as string}`)
  receiver.received.length = 0
  await kit.backend.request('mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }', {
    input: { userId: viewer.user['id'], friendlyName: 'changed' },
  })
  const [{ parameters }] = (await receiver.atLeast(1, 'onUserUpdated')) as unknown as [Receiver['received'][0]]
  const toFlag = (text: string | undefined) => (text === undefined ? null : text === 'true')
  const expected = reachabilityEnabled ? false : null
  expect([viewer.user['isOnline'], user['isOnline'], rest['is_online'], toFlag(parameters['IsOnline'])]).toEqual(
    [0, 1, 2, 3].map(() => expected),
  )
  const notifiable = [
    viewer.user['isNotifiable'],
    user['isNotifiable'],
    rest['is_notifiable'],
    toFlag(parameters['IsNotifiable']),
  ]
  expect(notifiable).toEqual([0, 1, 2, 3].map(() => expected))
})
