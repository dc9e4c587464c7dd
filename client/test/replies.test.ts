import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeleteMessageDocument } from '../../schema/generated/graphql.ts'
import { openKit, type Kit } from '../../test/support/kit.ts'
import { waitFor } from '../../test/support/wait.ts'
import { clientOf, live } from './support/client-of.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test('replies that the channel does not show are in no list and no count, silent messages in no count, live and after a cut', async () => {
  const [alice, bob] = [await kit.user('alice'), await kit.user('bob')]
  const { id } = await kit.channel([alice, bob])
  const { id: parentId } = await bob.send(id, 'parent')
  await using hers = clientOf(alice, [])
  await live(hers)
  const known = () => hers.getSnapshot().channels.get(id)!
  const shown = () => known().messages.map(({ body }) => body)
  await waitFor(() => known().unreadCount === 1)
  const hidden = await bob.send(id, 'hidden', { parentId })
  await bob.send(id, 'shown', { parentId, showInChannel: true })
  await bob.send(id, 'silent', { silent: true })
  await waitFor(() => shown().includes('silent'))
  expect(shown()).not.toContain('hidden')
  expect(known().unreadCount).toBe(2)
  hers.disconnect()
  await bob.send(id, 'hidden too', { parentId })
  await kit.backend.request(DeleteMessageDocument, { input: { messageId: hidden.id } })
  await kit.backend.request(DeleteMessageDocument, { input: { messageId: parentId } })
  await bob.send(id, 'last')
  hers.connect()
  await live(hers)
  await waitFor(() => shown().includes('last'))
  // Messages come before the removals. One with replies stays as a deleted one.
  await waitFor(() => !shown().includes('parent'))
  expect(shown()).toEqual(['', 'shown', 'silent', 'last'])
  expect(known().messages[0]).toMatchObject({ id: parentId, replyCount: 2, deletedAt: expect.any(String) as string })
  await waitFor(() => known().unreadCount === 2)
  // What a user writes in a thread reads nothing of the channel.
  await alice.send(id, 'hidden', { parentId })
  await waitFor(() => known().messages[0]?.replyCount === 3)
  await using late = clientOf(alice, [])
  await live(late)
  expect([known().unreadCount, late.getSnapshot().channels.get(id)?.unreadCount]).toEqual([2, 2])
})
