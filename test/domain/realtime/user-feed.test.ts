import { afterAll, beforeAll, expect, test } from 'vitest'
import { UpdateMemberDocument, ViewerDocument } from '../../../schema/generated/graphql.ts'
import { topics } from '../../../src/live/bus.ts'
import type { UserHint } from '../../../src/model/event.ts'
import type { UserId } from '../../../src/model/sid.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, type Kit } from '../../support/kit.ts'
import { ScriptedBus } from '../../support/scripted-bus.ts'
import { sweepByHand } from '../../support/sweep.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
let bus: ScriptedBus
let sweep: () => Promise<void>
beforeAll(async () => {
  kit = await openKit()
  bus = new ScriptedBus(kit.server.app.bus)
  sweep = sweepByHand(kit.server.app)
})
afterAll(() => kit.close())

test('P5: a change of its role in a channel reaches the user, with a hint and without one', async () => {
  const { app } = kit.server
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const { viewer } = await alice.request(ViewerDocument)
  const userId = viewer.user!.id as UserId
  const feed = await app.userFeeds.hold(userId)
  await feed.listening
  const events: UserHint[] = []
  feed.addListener({ onUserEvent: (event) => events.push(event) })
  const giveRole = async (permissions: readonly 'sendMessage'[]) => {
    const roleId = await makeRole(kit, 'channel', permissions)
    await kit.backend.request(UpdateMemberDocument, { input: { channelId, identity: alice.identity, roleId } })
  }
  const after = feed.counter.lastSeq
  await giveRole(['sendMessage'])
  await waitFor(() => events.length === 1)
  bus.hold()
  await giveRole([])
  await giveRole(['sendMessage'])
  await waitFor(() => bus.held.filter(({ topic }) => topic === topics.user(userId)).length === 2)
  bus.release(() => [])
  await sweep()
  // Two changes of one thing are one, in its latest state.
  await waitFor(() => events.length === 2)
  expect(events).toEqual([1, 3].map((more) => ({ type: 'channelStateChanged', seq: after + more, channelId })))
  app.userFeeds.release(feed)
})
