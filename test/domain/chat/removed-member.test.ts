import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import {
  AddMemberDocument,
  DeleteChannelDocument,
  DeleteMessageDocument,
  DeleteUserDocument,
  HistoryDocument,
  InvitesDocument,
  MembersDocument,
  NodeDocument,
  RemoveMemberDocument,
  StartTypingDocument,
  UpdateChannelDocument,
  UpdateMemberDocument,
  UpdateMessageDocument,
} from '../../../schema/generated/graphql.ts'
import { defaultRoles } from '../../../src/model/permission.ts'
import type { ServiceId } from '../../../src/model/sid.ts'
import type { Server } from '../../../src/server.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, type Caller, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'
import { ok, openReceiver, type Receiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment, type HookedService } from '../../support/webhooks.ts'

let kit: Kit
/** Receives no hints of the first: on the embedded engine because it is a server of its own, else because none are published. */
let other: Server
beforeAll(async () => {
  kit = await openKit()
  other = await kit.another({ DEVICE_DAYS: '31' })
})
afterAll(() => kit.close())

function withoutHints(): void {
  const { bus } = kit.server.app
  const { publish } = bus
  bus.publish = () => {}
  onTestFinished(() => {
    bus.publish = publish
  })
}

/** A member of a channel in which there is a message. */
async function membership(user: User, more: { roleId?: string } = {}) {
  const { id: channelId } = await kit.channel()
  const { id: messageId } = await kit.backend.send(channelId, 'to be read')
  const { addMember } = await kit.backend.request(AddMemberDocument, {
    input: { channelId, identity: user.identity, ...more },
  })
  return { channelId, messageId, memberId: addMember.member.id }
}

/** Every way to read what is in a channel, as far as this caller gets. */
async function readsOf(caller: Caller, { channelId, messageId }: Channel): Promise<boolean[]> {
  const reads: readonly TypedDocumentNode<{ channel: object | null }, { channelId: string }>[] = [
    HistoryDocument,
    MembersDocument,
    InvitesDocument,
  ]
  const answers = await Promise.all(reads.map((document) => caller.ask(document, { channelId })))
  const { data } = await caller.ask(NodeDocument, { id: messageId })
  return [...answers.map((answer) => !answer.errors && answer.data?.channel != null), data?.node != null]
}

interface Channel {
  readonly channelId: string
  readonly messageId: string
}

const none = [false, false, false, false]
const all = [true, true, true, true]

describe('where no hint arrives, a member that was removed elsewhere', () => {
  test('writes nothing from that moment on', async () => {
    const bob = await kit.user('bob')
    const { channelId, memberId } = await membership(bob)
    const here = bob.at(other)
    const { id: messageId } = await here.send(channelId, 'mine')
    withoutHints()
    await kit.backend.request(RemoveMemberDocument, { input: { memberId } })
    const hidden = { code: 'NOT_FOUND', chatCode: 50500 }
    const edit = { messageId, body: 'mine still' }
    expect(await refusalOf(here, UpdateMessageDocument, { input: edit })).toEqual(hidden)
    expect(await refusalOf(here, DeleteMessageDocument, { input: { messageId } })).toEqual(hidden)
    const typing = await refusalOf(here, StartTypingDocument, { input: { channelId } })
    expect(typing).toEqual({ code: 'FORBIDDEN', chatCode: 50400 })
    const { channel } = await kit.backend.request(HistoryDocument, { channelId, first: 10 })
    expect(channel!.messages.edges.map(({ node }) => node.body)).toEqual(['to be read', 'mine'])
  })

  test.each([
    ['removed', (memberId: string) => kit.backend.request(RemoveMemberDocument, { input: { memberId } })],
    [
      'deleted with its user',
      (_memberId: string, { identity }: User) =>
        kit.backend.request(DeleteUserDocument, { input: { userId: identity } }),
    ],
    [
      'left without its channel',
      (_memberId: string, _user: User, channelId: string) =>
        kit.backend.request(DeleteChannelDocument, { input: { channelId } }),
    ],
  ])('reads nothing after 3 seconds, once it was %s', async (_name, end) => {
    const bob = await kit.user('bob')
    const { memberId, ...channel } = await membership(bob)
    const here = bob.at(other)
    expect(await readsOf(here, channel)).toEqual(all)
    withoutHints()
    await end(memberId, bob, channel.channelId)
    const isGone = async () => (await here.ask(NodeDocument, { id: channel.messageId })).data?.node == null
    await waitFor(isGone, { timeout: 3500 })
    expect(await readsOf(here, channel)).toEqual(none)
  })
})

describe('where hints arrive, what another process remembers is forgotten at once', () => {
  let listener: Server
  beforeAll(async () => {
    listener = await kit.another()
  })

  test.each([
    [
      'a membership that has ended',
      (memberId: string) => kit.backend.request(RemoveMemberDocument, { input: { memberId } }),
    ],
    [
      'a user that was deleted',
      (_memberId: string, { identity }: User) =>
        kit.backend.request(DeleteUserDocument, { input: { userId: identity } }),
    ],
    [
      'a channel that was deleted',
      (_memberId: string, _user: User, channelId: string) =>
        kit.backend.request(DeleteChannelDocument, { input: { channelId } }),
    ],
  ])('%s', async (_name, end) => {
    const bob = await kit.user('bob')
    const { memberId, ...channel } = await membership(bob)
    const here = bob.at(listener)
    expect(await readsOf(here, channel)).toEqual(all)
    await end(memberId, bob, channel.channelId)
    // By the message alone: who asks for the channel has the membership read anew.
    const isGone = async () => (await here.ask(NodeDocument, { id: channel.messageId })).data?.node == null
    await waitFor(isGone, { timeout: 1000 })
    expect(await readsOf(here, channel)).toEqual(none)
  })

  test('the role that a member had', async () => {
    const bob = await kit.user('bob')
    const roleId = await makeRole(kit, 'channel', ['sendMessage', 'editOwnMessage'])
    const { channelId, memberId } = await membership(bob, { roleId })
    const here = bob.at(listener)
    const { id: messageId } = await here.send(channelId, 'mine')
    const reduced = await makeRole(kit, 'channel', [])
    await kit.backend.request(UpdateMemberDocument, { input: { memberId, roleId: reduced } })
    const edit = () => here.ask(UpdateMessageDocument, { input: { messageId, body: 'changed' } })
    const errors = await waitFor(async () => (await edit()).errors, { timeout: 1000 })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('a member that is removed while a pre-event waits for its answer', () => {
  let hooked: Kit
  let receiver: Receiver
  let service: HookedService
  beforeAll(async () => {
    hooked = await openKit(webhookEnvironment)
    receiver = await openReceiver()
    service = await hookService(hooked, receiver)
  })
  afterAll(async () => {
    await hooked.close()
    await receiver.close()
  })
  beforeEach(() => {
    receiver.answer = ok
  })

  test.each([
    ['onMessageUpdate', UpdateMessageDocument, ({ messageId }: Ids) => ({ messageId, body: 'late' })],
    ['onMessageRemove', DeleteMessageDocument, ({ messageId }: Ids) => ({ messageId })],
    ['onChannelUpdate', UpdateChannelDocument, ({ channelId }: Ids) => ({ channelId, friendlyName: 'late' })],
    ['onChannelDestroy', DeleteChannelDocument, ({ channelId }: Ids) => ({ channelId })],
    ['onMemberAdd', AddMemberDocument, ({ channelId }: Ids) => ({ channelId, identity: 'late' })],
    ['onMemberRemove', RemoveMemberDocument, ({ otherId }: Ids) => ({ memberId: otherId })],
  ])('%s: does not do it', async (event, document, inputOf) => {
    const [bob, carol] = [await service.user('bob'), await service.user('carol')]
    const channel = await service.channel([carol])
    const roleId = await makeRole(hooked, 'channel', defaultRoles.channelAdmin.permissions, service.id as ServiceId)
    const { addMember } = await hooked.backend.request(AddMemberDocument, {
      input: { channelId: channel.id, identity: bob.identity, roleId },
    })
    const { id: messageId } = await bob.send(channel.id, 'in time')
    const { channel: read } = await hooked.backend.request(MembersDocument, { channelId: channel.id, first: 10 })
    const otherId = read!.members.edges.find(({ node }) => node.identity === carol.identity)!.node.id
    const quiet = hooked.backend.with({ 'x-twilio-webhook-enabled': 'false' })
    receiver.answer = async ({ parameters }, response) => {
      if (parameters['EventType'] === event && parameters['Source'] === 'SDK') {
        await quiet.request(RemoveMemberDocument, { input: { memberId: addMember.member.id } })
      }
      response.end()
    }
    const input = inputOf({ channelId: channel.id, messageId, otherId })
    const { code } = await refusalOf(bob, document as never, { input })
    expect(['FORBIDDEN', 'NOT_FOUND']).toContain(code)
    receiver.answer = ok
    const { channel: after } = await hooked.backend.request(HistoryDocument, { channelId: channel.id, first: 10 })
    expect(after!.messages.edges.map(({ node }) => node.body)).toEqual(['in time'])
    const { channel: members } = await hooked.backend.request(MembersDocument, { channelId: channel.id, first: 10 })
    expect(members!.members.edges.map(({ node }) => node.identity)).toEqual([carol.identity])
  })
})

interface Ids {
  readonly channelId: string
  readonly messageId: string
  readonly otherId: string
}
