import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ChannelsDocument,
  HistoryDocument,
  MembersDocument,
  NodesDocument,
  PendingDeliveriesDocument,
} from '../../../schema/generated/graphql.ts'
import { newSid, type ChannelId } from '../../../src/model/sid.ts'
import { openKit, type Caller, type Kit, type User } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'

let kit: Kit
let alice: User
let channelId: ChannelId
beforeAll(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  channelId = (await kit.channel([alice])).id
})
afterAll(() => kit.close())

const bad = { code: 'BAD_USER_INPUT' }

async function refusals(caller: Caller, page: { first?: number; last?: number }) {
  return [
    await refusalOf(caller, ChannelsDocument, page),
    await refusalOf(caller, HistoryDocument, { channelId, ...page }),
    await refusalOf(caller, MembersDocument, { channelId, ...page }),
  ]
}

test('a page size out of range is an error, never a silent cut', async () => {
  for (const size of [0, -1, 101, 2 ** 31 - 1]) {
    expect(await refusals(alice, { first: size })).toEqual([bad, bad, bad])
    expect(await refusals(alice, { last: size })).toEqual([bad, bad, bad])
    expect(await refusalOf(alice, PendingDeliveriesDocument, { first: size })).toEqual(bad)
  }
  for (const size of [0, -1, 1001, 2 ** 31 - 1]) {
    expect(await refusals(kit.backend, { first: size })).toEqual([bad, bad, bad])
    expect(await refusals(kit.backend, { last: size })).toEqual([bad, bad, bad])
  }
})

test('the reason names the range', async () => {
  const { errors } = await alice.ask(ChannelsDocument, { first: 101 })
  expect(errors?.[0]?.message).toBe('a page size must be from 1 to 100')
  const { errors: backendErrors } = await kit.backend.ask(ChannelsDocument, { first: 1001 })
  expect(backendErrors?.[0]?.message).toBe('a page size must be from 1 to 1000')
})

test('first and last are refused together', async () => {
  for (const caller of [alice, kit.backend]) {
    expect(await refusals(caller, { first: 1, last: 1 })).toEqual([bad, bad, bad])
  }
})

test('a page size that is no whole number is refused', async () => {
  for (const first of [1.5, '10', true, 2 ** 31]) {
    expect(await refusals(alice, { first: first as number })).toEqual([bad, bad, bad])
  }
})

test('at most 100 nodes can be read at once', async () => {
  const ids = Array.from({ length: 101 }, () => channelId)
  expect(await refusalOf(alice, NodesDocument, { ids })).toEqual(bad)
  const { nodes } = await alice.request(NodesDocument, { ids: ids.slice(1) })
  expect(nodes).toHaveLength(100)
  expect(await alice.request(NodesDocument, { ids: [] })).toEqual({ nodes: [] })
})

test('ids that name nothing are null, whatever they look like', async () => {
  const prefixes = ['AC', 'SK', 'IS', 'CH', 'MB', 'IM', 'US', 'RL', 'IN', 'CR'] as const
  const ids = [
    ...prefixes.map((prefix) => newSid(prefix)),
    ...prefixes,
    ...prefixes.map((prefix) => `${prefix}${'g'.repeat(32)}`),
    '',
    'channel',
    `${channelId}0`,
    channelId.toLowerCase(),
    '\u0000',
    '\ud83e',
    'x'.repeat(10_000),
  ]
  for (const caller of [alice, kit.backend]) {
    expect((await caller.request(NodesDocument, { ids })).nodes).toEqual(ids.map(() => null))
  }
})
