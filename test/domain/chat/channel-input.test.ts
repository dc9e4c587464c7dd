import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ChannelDocument,
  ChannelsDocument,
  CreateChannelDocument,
  DeleteChannelDocument,
  UpdateChannelDocument,
  type CreateChannelInput,
} from '../../../schema/generated/graphql.ts'
import { newSid } from '../../../src/model/sid.ts'
import { openKit, uniqueName, type Kit } from '../../support/kit.ts'
import { readingOf } from '../../support/reading.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const kibibyte = 1024
const bad = (chatCode?: number) => ({ code: 'BAD_USER_INPUT', ...(chatCode !== undefined && { chatCode }) })

async function allChannels() {
  const { channels } = await kit.backend.request(ChannelsDocument, { first: 1000 })
  return channels.edges
}

/** The refusal of a new channel, and of the same as a change of another. Neither may have changed anything. */
async function refused(input: CreateChannelInput) {
  const { id: channelId } = await kit.channel([], { uniqueName: uniqueName('before') })
  const before = await allChannels()
  const creation = await refusalOf(kit.backend, CreateChannelDocument, { input })
  expect(await refusalOf(kit.backend, UpdateChannelDocument, { input: { channelId, ...input } })).toEqual(creation)
  expect(await allChannels()).toEqual(before)
  return creation
}

test('a channel is what its creator says, and what nobody says is empty', async () => {
  const attributes = { topic: { owl: '🦉' }, list: [1, null] }
  const input = { uniqueName: 'Ünique näme 🦉', friendlyName: 'For people', type: 'PRIVATE', attributes } as const
  const channel = await kit.channel([], input)
  expect(channel).toMatchObject({ ...input, createdBy: 'system', membersCount: 0, messagesCount: 0 })
  expect((await kit.backend.request(ChannelDocument, { id: 'Ünique näme 🦉' })).channel).toEqual({
    ...channel,
    lastMessage: null,
  })
  expect(await kit.channel()).toMatchObject({ uniqueName: null, friendlyName: null, type: 'PUBLIC', attributes: {} })
})

test('a unique name has at most 64 characters and is not shaped like a channel SID', async () => {
  for (const name of ['x'.repeat(64), `CH${'g'.repeat(32)}`, newSid('IM'), 'CH', '../../etc']) {
    expect(await kit.channel([], { uniqueName: name })).toMatchObject({ uniqueName: name })
  }
  expect(await refused({ uniqueName: 'x'.repeat(65) })).toEqual(bad(50004))
  for (const sid of [newSid('CH'), `cH${'aB'.repeat(16)}`])
    expect(await refused({ uniqueName: sid })).toEqual(bad(50306))
  // In URLs they stand for folders.
  for (const name of ['.', '..']) expect(await refused({ uniqueName: name })).toEqual(bad())
  expect(await refused({ uniqueName: 'a\u0000b' })).toEqual(bad())
  expect(await refused({ uniqueName: '\ud83e' })).toEqual(bad())
})

test('a unique name that is taken is refused, in a change too', async () => {
  const name = uniqueName('taken')
  const { id } = await kit.channel([], { uniqueName: name })
  const taken = { code: 'CONFLICT', chatCode: 50307 }
  expect(await refused({ uniqueName: name })).toEqual(taken)
  const alice = await kit.user('alice')
  expect(await refusalOf(alice, CreateChannelDocument, { input: { uniqueName: name } })).toEqual(taken)
  const { updateChannel } = await kit.backend.request(UpdateChannelDocument, {
    input: { channelId: id, uniqueName: name, friendlyName: 'its own name is not taken' },
  })
  expect(updateChannel.channel).toMatchObject({ id, uniqueName: name })
})

test('of many that take one unique name at once, one gets it', async () => {
  const input = { uniqueName: uniqueName('wanted') }
  const answers = await Promise.all(Array.from({ length: 10 }, () => kit.backend.ask(CreateChannelDocument, { input })))
  const refusals = answers.flatMap(({ errors }) => errors ?? [])
  expect(refusals.map(({ extensions }) => extensions)).toEqual(
    Array(9).fill({ code: 'CONFLICT', chatCode: 50307, field: 'input.uniqueName' }),
  )
  expect((await allChannels()).filter(({ node }) => node.uniqueName === input.uniqueName)).toHaveLength(1)
})

test('the unique name of a deleted channel is free, and the SID is never used again', async () => {
  const name = uniqueName('reused')
  const first = await kit.channel([], { uniqueName: name })
  await kit.backend.request(DeleteChannelDocument, { input: { channelId: name } })
  expect(await refusalOf(kit.backend, DeleteChannelDocument, { input: { channelId: name } })).toEqual({
    code: 'NOT_FOUND',
    chatCode: 50300,
  })
  const second = await kit.channel([], { uniqueName: name })
  expect((await kit.backend.request(ChannelDocument, { id: name })).channel?.id).toBe(second.id)
  expect(await kit.backend.request(ChannelDocument, { id: first.id })).toEqual({ channel: null })
})

test('a friendly name has at most 64 characters', async () => {
  expect(await kit.channel([], { friendlyName: '🦉'.repeat(32) })).toMatchObject({ friendlyName: '🦉'.repeat(32) })
  expect(await refused({ friendlyName: 'x'.repeat(65) })).toEqual(bad(50003))
  expect(await refused({ friendlyName: 'a\u0000b' })).toEqual(bad())
})

test('attributes have at most 16 KiB', async () => {
  const attributes = 'x'.repeat(16 * kibibyte - 2)
  expect(await kit.channel([], { attributes })).toMatchObject({ attributes })
  expect(await refused({ attributes: `${attributes}x` })).toEqual(bad(50303))
  expect(await refused({ attributes: { owls: '🦉'.repeat(4 * kibibyte) } })).toEqual(bad(50303))
  expect(await refused({ attributes: 'a\u0000b' })).toEqual(bad(50304))
})

test('a change leaves what it does not name, and null takes a name away', async () => {
  const channel = await kit.channel([], {
    uniqueName: uniqueName('named'),
    friendlyName: 'old',
    attributes: { kept: 1 },
  })
  const change = async (input: object) => {
    const { updateChannel } = await kit.backend.request(UpdateChannelDocument, {
      input: { channelId: channel.id, ...input },
    })
    return updateChannel.channel
  }
  expect(await change({ friendlyName: 'new' })).toMatchObject({
    ...channel,
    friendlyName: 'new',
    updatedAt: expect.anything(),
  })
  expect(await change({ uniqueName: null })).toMatchObject({
    uniqueName: null,
    friendlyName: 'new',
    attributes: { kept: 1 },
  })
  expect(await change({ attributes: null })).toMatchObject({ friendlyName: 'new', attributes: {} })
  const before = await readingOf(kit, channel.id)
  expect(await refusalOf(kit.backend, UpdateChannelDocument, { input: { channelId: channel.id } })).toEqual(bad(50347))
  expect(await readingOf(kit, channel.id)).toEqual(before)
})

test('a user becomes the first member of the channel it makes, as its admin', async () => {
  const alice = await kit.user('alice')
  const { createChannel } = await alice.request(CreateChannelDocument, { input: { type: 'PRIVATE' } })
  expect(createChannel.channel).toMatchObject({ createdBy: alice.identity, membersCount: 1 })
  const { members } = await readingOf(kit, createChannel.channel.id)
  expect(members?.map(({ node }) => [node.identity, node.role.friendlyName])).toEqual([
    [alice.identity, 'channel admin'],
  ])
  expect((await alice.send(createChannel.channel.id, 'first')).index).toBe(0)
})

test('a service that is unknown, or not the user’s own, is refused', async () => {
  const alice = await kit.user('alice')
  const before = await allChannels()
  const noService = { code: 'NOT_FOUND', chatCode: 50050 }
  for (const caller of [kit.backend, alice]) {
    for (const serviceId of [newSid('IS'), 'IS', newSid('CH'), '']) {
      expect(await refusalOf(caller, CreateChannelDocument, { input: { serviceId } })).toEqual(noService)
    }
  }
  expect(await allChannels()).toEqual(before)
})
