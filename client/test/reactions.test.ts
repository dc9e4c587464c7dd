import { afterAll, beforeAll, expect, test } from 'vitest'
import { AddReactionDocument, FreezeChannelDocument, RemoveReactionDocument } from '../../schema/generated/graphql.ts'
import { openKit, type Kit } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import type { MessageList } from '../src/handles/message-list.ts'
import { clientOf, live } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const shown = (list: MessageList, at = 0): string[] =>
  (list.getSnapshot().rows[at]?.reactions ?? []).map(
    ({ reaction, count, viewerHasReacted }) => `${reaction} ${count}${viewerHasReacted ? ' own' : ''}`,
  )

async function open() {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const { id: messageId } = await bob.send(id, 'hello')
  const [hers, his] = [clientOf(alice), clientOf(bob)]
  await live(hers, his)
  const lists = [hers, his].map((client) => client.channel(id).messageList())
  const stops = lists.map((list) => list.subscribe(() => {}))
  for (const list of lists) await list.loadNewest()
  return {
    alice,
    bob,
    id,
    messageId,
    hers,
    his,
    list: lists[0]!,
    hisList: lists[1]!,
    async [Symbol.asyncDispose]() {
      for (const stop of stops) stop()
      await hers.close()
      await his.close()
    },
  }
}

test('a reaction shows at once, comes to the others, and says who', async () => {
  await using room = await open()
  const { hers, his, id, messageId, list, hisList } = room
  const adding = hers.channel(id).addReaction(messageId, '❤')
  await waitFor(() => shown(list).join() === '❤️ 1 own')
  await adding
  await waitFor(() => shown(hisList).join() === '❤️ 1')
  const [message] = await his.channel(id).getMessages(1)
  await message!.addReaction('❤️')
  await message!.addReaction('🎉')
  await waitFor(() => shown(list).join() === '❤️ 2 own,🎉 1')
  expect(shown(hisList)).toEqual(['❤️ 2 own', '🎉 1 own'])
  const reactors = await hers.channel(id).getReactors(messageId)
  expect(reactors.get('❤️')!.map(({ identity }) => identity)).toEqual([room.alice.identity, room.bob.identity])
  await hers.channel(id).removeReaction(messageId, '❤')
  await waitFor(() => shown(hisList).join() === '❤️ 1 own,🎉 1 own')
  expect(shown(list)).toEqual(['❤️ 1', '🎉 1'])
})

test('what was done offline waits, and what happened meanwhile is known after it, one’s own from elsewhere too', async () => {
  await using room = await open()
  const { alice, bob, hers, id, messageId, list } = room
  await hers.channel(id).addReaction(messageId, '👍')
  hers.disconnect()
  await waitFor(() => hers.getSnapshot().connection.status === 'offline')
  const waiting = hers.channel(id).addReaction(messageId, '👀')
  await waitFor(() => shown(list).join() === '👍 1 own,👀 1 own')
  // On another device of hers.
  await alice.request(RemoveReactionDocument, { input: { messageId, reaction: '👍' } })
  await alice.request(AddReactionDocument, { input: { messageId, reaction: '🎉' } })
  await bob.request(AddReactionDocument, { input: { messageId, reaction: '👍' } })
  hers.connect()
  await waiting
  const wanted = ['🎉 1 own', '👍 1', '👀 1 own'].toSorted()
  await waitFor(() => shown(list).toSorted().join() === wanted.join()).catch(() => {})
  expect(shown(list).toSorted()).toEqual(wanted)
})

test('a reaction that is refused is taken back', async () => {
  await using room = await open()
  const { hers, id, messageId, list } = room
  await kit.backend.request(FreezeChannelDocument, { input: { channelId: id } })
  await expect(hers.channel(id).addReaction(messageId, '👍')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  expect(shown(list)).toEqual([])
  expect(hers.channel(id).state!.pending).toEqual([])
})
