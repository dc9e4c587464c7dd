import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  AddMemberDocument,
  ChannelsDocument,
  CreateChannelDocument,
  CreateCredentialDocument,
  CreateInviteDocument,
  CreateUserDocument,
  CredentialsDocument,
  InvitesDocument,
  MembersDocument,
  UserChannelsDocument,
  UsersDocument,
} from '../../schema/generated/graphql.ts'
import { uuidToSid, type ChannelId } from '../../src/model/sid.ts'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { json, openReceiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
})
afterAll(() => kit.close())

/** How far the clock is ahead by which SIDs are made; what makes them in one process never goes back. */
const clock = vi.hoisted(() => ({ aheadMilliseconds: 0 }))

vi.mock(import('../../src/model/sid.ts'), async (importOriginal) => ({
  ...(await importOriginal()),
  newSid: (prefix) => uuidToSid(prefix, v7({ msecs: Date.now() + clock.aheadMilliseconds })),
}))

/** Makes three things, each by a process whose clock is a minute behind that of the one before. */
async function makeByOtherClocks<Made>(make: () => Promise<Made>): Promise<Made[]> {
  const made: Made[] = []
  for (const ahead of [60_000, 0, -60_000]) {
    clock.aheadMilliseconds = ahead
    made.push(await make())
  }
  clock.aheadMilliseconds = 0
  return made
}

const first = 1000

test('channels', async () => {
  const made = await makeByOtherClocks(async () => (await kit.channel()).id)
  const { channels } = await kit.backend.request(ChannelsDocument, { first })
  const ids = channels.edges.map(({ node }) => node.id)
  expect(ids.filter((id) => made.includes(id as ChannelId))).toEqual(made)
  // Page by page, with the cursors of what was made in this order.
  const { channels: rest } = await kit.backend.request(ChannelsDocument, { first, after: made[0]! })
  expect(rest.edges.map(({ node }) => node.id)).toEqual(ids.slice(ids.indexOf(made[0]!) + 1))
})

test('channels, where the pre-event of the first took longer', async () => {
  await using receiver = await openReceiver()
  const service = await hookService(kit, receiver, { postUrl: null })
  const asked = Promise.withResolvers<void>()
  const other = Promise.withResolvers<void>()
  receiver.answer = async (call, response) => {
    asked.resolve()
    await other.promise
    json({})(call, response)
  }
  const user = await service.user()
  const create = async (caller: Pick<typeof user, 'request'>) =>
    (await caller.request(CreateChannelDocument, { input: { serviceId: service.id } })).createChannel.channel.id
  const slow = create(user)
  await asked.promise
  const quick = await create(kit.backend.with({ 'x-twilio-webhook-enabled': 'false' }))
  other.resolve()
  const made = [quick, await slow]
  const { channels } = await user.request(ChannelsDocument, { first: 100 })
  expect(channels.edges.map(({ node }) => node.id)).toEqual(made)
})

test('channels of a user', async () => {
  const user = await kit.user()
  const made = await makeByOtherClocks(async () => (await kit.channel([user])).id)
  const { user: read } = await kit.backend.request(UserChannelsDocument, { id: user.identity, first })
  expect(read!.channels.edges.map(({ node }) => node.channel.id)).toEqual(made)
})

test('members', async () => {
  const { id: channelId } = await kit.channel()
  const made = await makeByOtherClocks(async () => {
    const input = { channelId, identity: uniqueName('member') }
    return (await kit.backend.request(AddMemberDocument, { input })).addMember.member.id
  })
  const { channel } = await kit.backend.request(MembersDocument, { channelId, first })
  expect(channel!.members.edges.map(({ node }) => node.id)).toEqual(made)
})

test.each([
  ['that are made', async (identity: string) => kit.backend.request(CreateUserDocument, { input: { identity } })],
  [
    'that come with a membership',
    async (identity: string) => {
      const { id: channelId } = await kit.channel()
      await kit.backend.request(AddMemberDocument, { input: { channelId, identity } })
    },
  ],
])('users %s', async (_how, make) => {
  const made = await makeByOtherClocks(async () => {
    const identity = uniqueName('new')
    await make(identity)
    return identity
  })
  const { users } = await kit.backend.request(UsersDocument, { first })
  const identities = users.edges.map(({ node }) => node.identity)
  expect(identities.filter((identity) => made.includes(identity))).toEqual(made)
})

test('invites', async () => {
  const { id: channelId } = await kit.channel()
  const made = await makeByOtherClocks(async () => {
    const identity = uniqueName('invited')
    await kit.backend.request(CreateUserDocument, { input: { identity } })
    const input = { channelId, identity }
    return (await kit.backend.request(CreateInviteDocument, { input })).createInvite.invite.id
  })
  const { channel } = await kit.backend.request(InvitesDocument, { channelId, first })
  expect(channel!.invites.edges.map(({ node }) => node.id)).toEqual(made)
})

test('credentials', async () => {
  const made = await makeByOtherClocks(async () => {
    const input = { type: 'FCM', secret: 'a secret' } as const
    return (await kit.backend.request(CreateCredentialDocument, { input })).createCredential.credential.id
  })
  const { credentials } = await kit.backend.request(CredentialsDocument, { first })
  expect(credentials.edges.map(({ node }) => node.id)).toEqual(made)
})
